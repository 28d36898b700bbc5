"""The JSON of indicator tables and of the crosswalk, with its examples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_field
from rest_framework import serializers

from server.api.shapes import boundary_note
from server.communes.models import AdminUnit
from server.forms.indicators import Indicator
from server.inspections.crosswalk import NOT_COMPARABLE
from server.inspections.figures import PERIODS, PROVINCE_NOTE, GroupRow, IndicatorTable, Row
from server.inspections.groups import GROUPS
from server.inspections.printed import Printed
from server.inspections.suppression import Mark


class IndicatorQuery(serializers.Serializer[Any]):
    """What an indicator table is asked by."""

    form = serializers.CharField(max_length=249, help_text="Mã biểu, ví dụ kt_18_5.")
    year = serializers.IntegerField(min_value=2000, max_value=2100, help_text="Năm số liệu.")
    period = serializers.ChoiceField(
        choices=PERIODS, help_text="h1 (6 tháng đầu năm) hoặc fy (cả năm); không cộng hai kỳ."
    )
    units_on = serializers.DateField(
        required=False, help_text="Các xã của ngày này là các dòng; bỏ trống: hôm nay."
    )
    group = serializers.ChoiceField(
        choices=GROUPS,
        required=False,
        help_text="Thêm dòng cộng theo nhóm: tỉnh cũ, loại đơn vị, khu vực, mức nông thôn mới.",
    )
    # The name hides an attribute of serializers that nothing here uses.
    data = serializers.ChoiceField(  # type: ignore[assignment]
        choices=("approved", "all"),
        default="approved",
        help_text="approved hoặc bỏ trống: chỉ hồ sơ đã duyệt; all: mọi hồ sơ không bị từ chối.",
    )


class FigureShape(serializers.Serializer[Printed]):
    """One indicator of one line. Null: nobody said, or it is hidden; `marks` tells which."""

    value = serializers.FloatField(
        source="value.amount", allow_null=True, help_text="tỷ lệ phần trăm: 0..100"
    )
    numerator = serializers.FloatField(source="numerator.amount", allow_null=True)
    denominator = serializers.FloatField(source="denominator.amount", allow_null=True)
    inspections = serializers.IntegerField(
        source="known", help_text="số lượt kiểm tra có số liệu này"
    )
    marks = serializers.SerializerMethodField(
        help_text="shown, small (nhỏ hơn k), hidden (che để không suy ra số nhỏ), missing"
    )
    by = serializers.SerializerMethodField(help_text="{câu trả lời: …}; không có ở số nhạy cảm")

    @extend_schema_field(
        {
            "type": "object",
            "properties": {
                part: {"type": "string", "enum": [mark.value for mark in Mark]}
                for part in ("value", "numerator", "denominator")
            },
        }
    )
    def get_marks(self, printed: Printed) -> dict[str, str]:
        """Say why a number is not there."""
        return {
            "value": printed.value.mark.value,
            "numerator": printed.numerator.mark.value,
            "denominator": printed.denominator.mark.value,
        }

    @extend_schema_field({"type": "object", "additionalProperties": {"type": "object"}})
    def get_by(self, printed: Printed) -> dict[str, dict[str, float | int | None]]:
        """Split a figure by answers."""
        return {
            answer: {
                "value": figure.value,
                "numerator": figure.numerator,
                "denominator": figure.denominator,
                "inspections": figure.known,
            }
            for answer, figure in printed.groups.items()
        }


class IndicatorShape(serializers.Serializer[Any]):
    """One column."""

    code = serializers.CharField()
    # The name hides an attribute of serializers that nothing here uses.
    label = serializers.DictField(  # type: ignore[assignment]
        child=serializers.CharField(), help_text="{ngôn ngữ: nhãn}"
    )
    aggregate = serializers.CharField(help_text="sum, mean, ratio, latest")
    unit = serializers.CharField()
    disaggregate = serializers.CharField(help_text="câu hỏi tách số liệu; trống: không tách")
    sensitive = serializers.SerializerMethodField()
    withheld = serializers.SerializerMethodField(
        help_text="vì sao không công bố ngoài đơn vị; trống: có công bố"
    )

    def get_sensitive(self, indicator: Indicator) -> bool:
        """Tell whether small counts of it are hidden."""
        sensitive: frozenset[str] = self.context["table"].sensitive
        return indicator.code in sensitive

    def get_withheld(self, indicator: Indicator) -> str:
        """Say why nothing of it leaves the units."""
        withheld: Mapping[str, str] = self.context["table"].withheld
        return withheld.get(indicator.code, "")


class PartShape(serializers.Serializer[Any]):
    """An inspected unit on a row's ground."""

    uid = serializers.CharField()
    name = serializers.CharField()
    status = serializers.CharField()
    visit_date = serializers.DateField(allow_null=True)
    whole = serializers.BooleanField(source="is_whole", help_text="nằm trọn trong xã này")
    note = serializers.CharField(help_text="vì sao kết quả chỉ là tạm thời; trống: không phải tạm")


class IndicatorRowShape(serializers.Serializer[Row]):
    """One commune."""

    code = serializers.CharField(source="plot.unit.code")
    uid = serializers.CharField(source="plot.uid", help_text="mã@ngày hiệu lực")
    name = serializers.CharField(source="plot.unit.name")
    type = serializers.CharField(source="plot.unit.type")
    comparable = serializers.BooleanField(source="plot.is_comparable")
    note = serializers.CharField(source="plot.note", help_text=f"trống hoặc «{NOT_COMPARABLE}»")
    components = PartShape(source="plot.components", many=True)
    missing = serializers.ListField(
        source="plot.missing",
        child=serializers.CharField(),
        help_text="đơn vị đầu năm nằm ở đây mà chưa được kiểm tra",
    )
    figures = serializers.DictField(child=FigureShape(), help_text="{mã chỉ số: …}")


class IndicatorGroupShape(serializers.Serializer[GroupRow]):
    """Some communes together."""

    code = serializers.CharField(source="group.code")
    # The name hides an attribute of serializers that nothing here uses.
    label = serializers.CharField(source="group.label")  # type: ignore[assignment]
    communes = serializers.IntegerField()
    not_comparable = serializers.IntegerField(help_text="trong đó không tính, vì tách địa giới")
    figures = serializers.DictField(child=FigureShape())


class ProvinceShape(serializers.Serializer[IndicatorTable]):
    """The province."""

    inspections = serializers.IntegerField()
    note = serializers.CharField(
        source="province_note", help_text="vì sao có số của tỉnh không in; trống: in đủ"
    )
    figures = serializers.DictField(source="province", child=FigureShape())


class IndicatorTableShape(serializers.Serializer[IndicatorTable]):
    """The indicators of one form and period."""

    form = serializers.CharField(source="form_id")
    title = serializers.CharField()
    year = serializers.IntegerField()
    period = serializers.ChoiceField(choices=PERIODS)
    units_on = serializers.DateField()
    boundary_note = serializers.SerializerMethodField()
    # The name hides an attribute of serializers that nothing here uses.
    data = serializers.SerializerMethodField()  # type: ignore[assignment]
    data_note = serializers.CharField()
    k = serializers.IntegerField(help_text="số nhạy cảm từ 1 đến k-1 không in")
    indicators = serializers.SerializerMethodField()
    group = serializers.CharField(source="grouping.by", default=None, allow_null=True)
    group_source = serializers.CharField(source="grouping.source", default=None, allow_null=True)
    communes = IndicatorRowShape(source="rows", many=True)
    groups = IndicatorGroupShape(many=True)
    province = ProvinceShape(source="*")

    def get_boundary_note(self, table: IndicatorTable) -> str:
        """Say whose communes the rows are."""
        return boundary_note(table.units_on)

    def get_data(self, table: IndicatorTable) -> str:
        """Say which inspections it is of."""
        return "approved" if table.only_approved else "all"

    @extend_schema_field(IndicatorShape(many=True))
    def get_indicators(self, table: IndicatorTable) -> Any:  # as rest_framework gives it
        """Describe the columns."""
        return IndicatorShape(table.indicators, many=True, context={"table": table}).data


class CrosswalkQuery(serializers.Serializer[Any]):
    """Which days are compared. `from` is no name in Python: `get_fields` adds it."""

    to = serializers.DateField(help_text="các xã của ngày này là các dòng")
    unit = serializers.CharField(
        required=False, max_length=24, help_text="mã@ngày hiệu lực: chỉ các dòng có đơn vị này"
    )

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Return the fields, `from` among them."""
        source = serializers.DateField(help_text="các xã của ngày này là thành phần")
        return {"from": source, **super().get_fields()}


class ComparedUnitShape(serializers.Serializer[AdminUnit]):
    """A unit."""

    uid = serializers.CharField()
    code = serializers.CharField()
    name = serializers.CharField()


class CrosswalkRowShape(serializers.Serializer[Any]):
    """What one commune's ground consists of."""

    unit = ComparedUnitShape()
    comparable = serializers.BooleanField(source="is_comparable")
    note = serializers.SerializerMethodField(help_text=f"trống hoặc «{NOT_COMPARABLE}»")
    whole = ComparedUnitShape(many=True, help_text="nằm trọn trong xã này")
    partly = ComparedUnitShape(many=True, help_text="chỉ một phần nằm trong xã này")

    def get_note(self, row: Any) -> str:
        """Say what cannot be compared."""
        return NOT_COMPARABLE if row.partly else ""


class CrosswalkShape(serializers.Serializer[Any]):
    """The communes of one day in those of another."""

    to = serializers.DateField(source="on_date")
    boundary_note = serializers.SerializerMethodField()
    communes = CrosswalkRowShape(source="rows", many=True)
    gone = ComparedUnitShape(many=True, help_text="đơn vị không còn, và không rõ nhập vào đâu")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Return the fields, `from` among them."""
        return {"from": serializers.DateField(source="of_day"), **super().get_fields()}

    def get_boundary_note(self, table: Any) -> str:
        """Say whose communes the rows are."""
        return boundary_note(table.on_date)


_FIGURE = {
    "value": None,
    "numerator": None,
    "denominator": 30.0,
    "inspections": 1,
    "marks": {"value": "hidden", "numerator": "small", "denominator": "shown"},
    "by": {},
}
INDICATORS = OpenApiExample(
    "một trong 92 xã",
    response_only=True,
    status_codes=["200"],
    value={
        "form": "kt_18_5",
        "title": "Kiểm tra Chỉ tiêu 18.5",
        "year": 2026,
        "period": "fy",
        "units_on": "2026-11-30",
        "boundary_note": "theo địa giới từ 01/7/2025",
        "data": "approved",
        "data_note": "chỉ hồ sơ đã duyệt",
        "k": 5,
        "indicators": [
            {
                "code": "a7_tin_bao",
                "label": {"vi": "Tỷ lệ tin báo bạo lực gia đình được xử lý, chuyển gửi"},
                "aggregate": "ratio",
                "unit": "%",
                "disaggregate": "",
                "sensitive": True,
                "withheld": "",
            }
        ],
        "group": None,
        "group_source": None,
        "communes": [
            {
                "code": "05443",
                "uid": "05443@2025-07-01",
                "name": "Phường Phan Đình Phùng",
                "type": "phuong",
                "comparable": True,
                "note": "",
                "components": [
                    {
                        "uid": "05443@2025-07-01",
                        "name": "Phường Phan Đình Phùng",
                        "status": "dat",
                        "visit_date": "2026-10-20",
                        "whole": True,
                        "note": "",
                    }
                ],
                "missing": [],
                "figures": {"a7_tin_bao": _FIGURE},
            }
        ],
        "groups": [],
        "province": {
            "inspections": 1,
            "note": PROVINCE_NOTE.format(k=5),
            "figures": {"a7_tin_bao": _FIGURE},
        },
    },
)
CROSSWALK = OpenApiExample(
    "một xã của ngày 01/7/2025 trong các xã của ngày 31/12/2024",
    response_only=True,
    status_codes=["200"],
    value={
        "from": "2024-12-31",
        "to": "2025-07-01",
        "boundary_note": "theo địa giới từ 01/7/2025",
        "communes": [
            {
                "unit": {"uid": "05488@2025-07-01", "code": "05488", "name": "Xã Tân Cương"},
                "comparable": True,
                "note": "",
                "whole": [{"uid": "05488@start", "code": "05488", "name": "Xã Tân Cương"}],
                "partly": [],
            }
        ],
        "gone": [],
    },
)
