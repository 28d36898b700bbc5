"""The JSON that programs get: one serializer a shape, also the source of the OpenAPI schema."""

from __future__ import annotations

import datetime as dt
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from server.api.moments import Moment
from server.forms.eras import UNVERIFIED_NOTE
from server.forms.findings import Condition
from server.inspections import outstanding, summary
from server.inspections.commune_rows import LABELS, CommuneRow
from server.inspections.expected import COVERED, COVERED_WORDS, REPORTED, reported_word
from server.inspections.groups import COMMUNE_GROUPS
from server.inspections.summary import Summary

MOST_ROWS = 250


class PageQuery(serializers.Serializer[Any]):
    """Which part of a list is asked for."""

    limit = serializers.IntegerField(min_value=1, max_value=MOST_ROWS, default=100)
    offset = serializers.IntegerField(min_value=0, max_value=1_000_000, default=0)


class Credentials(serializers.Serializer[Any]):
    """What opens a session."""

    email = serializers.CharField()
    password = serializers.CharField(trim_whitespace=False)


class Session(serializers.Serializer[Any]):
    """An open session (Central: POST /v1/sessions)."""

    token = serializers.CharField()
    csrf = serializers.CharField()
    expiresAt = Moment(source="expires_at")
    createdAt = Moment(source="created_at")


class Done(serializers.Serializer[Any]):
    """Central's answer where there is nothing else to say."""

    success = serializers.BooleanField()


class ErrorDetails(serializers.Serializer[Any]):
    """What is wrong, for a program; further keys depend on the problem."""

    nature = serializers.CharField(help_text="mã ổn định, ví dụ summary.form_unknown")


class ErrorShape(serializers.Serializer[Any]):
    """Any failure."""

    message = serializers.CharField(help_text="một câu cho người đọc, theo Accept-Language")
    code = serializers.FloatField(help_text="mã của ODK Central; phần nguyên là trạng thái HTTP")
    details = ErrorDetails()


class SummaryQuery(serializers.Serializer[Any]):
    """What a summary is asked by."""

    form = serializers.CharField(max_length=249, help_text="Mã biểu, ví dụ kt_18_5.")
    year = serializers.IntegerField(min_value=2000, max_value=2100, help_text="Năm số liệu.")
    period = serializers.ChoiceField(
        choices=summary.PERIODS,
        required=False,
        help_text="h1 (6 tháng đầu năm) hoặc fy (cả năm); bỏ trống: mọi kỳ trong năm.",
    )
    on_date = serializers.DateField(
        required=False, help_text="Các xã của ngày này là các dòng; bỏ trống: hôm nay."
    )
    # The name hides an attribute of serializers that nothing here uses.
    data = serializers.ChoiceField(  # type: ignore[assignment]
        choices=("approved", "all"),
        required=False,
        help_text="approved: chỉ hồ sơ đã duyệt; all hoặc bỏ trống: mọi hồ sơ không bị từ chối.",
    )
    group = serializers.ChoiceField(
        choices=COMMUNE_GROUPS,
        required=False,
        help_text="Thêm số xã theo nhóm: tỉnh cũ, loại đơn vị, khu vực, mức nông thôn mới, "
        "có xóm đặc biệt khó khăn hay không, dân tộc ở các xóm đã kiểm tra.",
    )


class ConditionShape(serializers.Serializer[Condition]):
    """One condition, as the columns of the table need it."""

    code = serializers.CharField()
    # The name hides an attribute of serializers that nothing here uses.
    label = serializers.DictField(  # type: ignore[assignment]
        child=serializers.CharField(), help_text="{ngôn ngữ: nhãn}"
    )
    core = serializers.BooleanField(source="is_core")
    verified = serializers.BooleanField(source="is_verified")
    note = serializers.SerializerMethodField(help_text="«tạm tính – chưa đối chiếu» or empty")
    legal_basis = serializers.CharField()

    def get_note(self, condition: Condition) -> str:
        """Say that a rule was not compared with the law yet."""
        return "" if condition.is_verified else UNVERIFIED_NOTE


class LatestShape(serializers.Serializer[Any]):
    """The inspection that a row shows."""

    instance_id = serializers.CharField()
    status = serializers.CharField(
        help_text="kết luận của riêng lần này; của dòng: xấu nhất trong các nơi đã kiểm tra"
    )
    visit_date = serializers.DateField(allow_null=True)
    period = serializers.CharField()
    review_state = serializers.CharField()
    evidence_share = serializers.FloatField(allow_null=True, help_text="0..1")
    gps_status = serializers.CharField()
    gps_is_schematic = serializers.BooleanField(help_text="sơ đồ, không phải ranh giới")
    flags = serializers.ListField(child=serializers.CharField())
    criteria_set = serializers.CharField(help_text="bộ tiêu chí đã chấm")
    note = serializers.CharField(help_text="vì sao kết quả chỉ là tạm thời; trống: không phải tạm")


class ShareShape(serializers.Serializer[Any]):
    """How many of how many."""

    count = serializers.IntegerField()
    of = serializers.IntegerField()
    share = serializers.FloatField(allow_null=True, help_text="0..1; null: không có gì để tính")


class OutstandingShape(serializers.Serializer[Any]):
    """Recommendations that are not carried out yet, as they stand now."""

    open = serializers.IntegerField()
    overdue = serializers.IntegerField(help_text="trong đó quá hạn")


class ReportShape(serializers.Serializer[Any]):
    """Whether the first inspection of a period came in time."""

    state = serializers.ChoiceField(
        choices=REPORTED, allow_null=True, help_text="null: kỳ chưa có hạn báo cáo"
    )
    label = serializers.CharField()  # type: ignore[assignment]  # as above


class FormerUnitShape(serializers.Serializer[Any]):
    """An inspected unit of before a reform."""

    uid = serializers.CharField()
    name = serializers.CharField()
    status = serializers.CharField()
    visit_date = serializers.DateField(allow_null=True)
    certain = serializers.BooleanField(source="is_certain")
    note = serializers.CharField(help_text="như ở latest")


class SubjectsShape(serializers.Serializer[Any]):
    """Workplaces or bodies that were inspected, each once."""

    inspected = serializers.IntegerField()
    by_status = serializers.DictField(
        child=serializers.IntegerField(),
        allow_null=True,
        help_text="theo kết quả của lần kiểm tra mới nhất; null: kết quả phụ thuộc số vụ việc",
    )


class WithSubjects(serializers.Serializer[Any]):
    """What counts subjects only where the form is about some."""

    subjects = SubjectsShape(
        required=False, help_text="chỉ có ở biểu kiểm tra cơ quan, doanh nghiệp trong xã"
    )

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """Leave out what a form about communes has not."""
        shown = super().to_representation(instance)
        subjects = shown.pop("subjects")
        return shown if subjects is None else {**shown, "subjects": subjects}


class CommuneShape(WithSubjects):
    """One row: one commune."""

    code = serializers.CharField()
    uid = serializers.CharField(help_text="mã@ngày hiệu lực")
    name = serializers.CharField()
    type = serializers.CharField()
    status = serializers.ChoiceField(
        choices=list(LABELS), allow_blank=True, help_text="trống: biểu không có điều kiện cốt lõi"
    )
    label = serializers.SerializerMethodField()  # type: ignore[assignment]  # as above
    inspections = serializers.IntegerField()
    latest = LatestShape(allow_null=True)
    conditions = serializers.DictField(child=serializers.CharField())
    documented = serializers.DictField(
        child=serializers.BooleanField(),
        help_text="{điều kiện: đã xem hoặc có bản chụp}; chỉ điều kiện áp dụng, có hỏi căn cứ",
    )
    gps = ShareShape(help_text="lượt kiểm tra có tọa độ hợp lệ")
    recommendations = OutstandingShape(allow_null=True)
    recommendations_note = serializers.SerializerMethodField(help_text="vì sao không có số")
    reports = serializers.SerializerMethodField(help_text="{kỳ: đã gửi trước hạn hay chưa}")
    coverage = serializers.ChoiceField(choices=COVERED)
    coverage_label = serializers.SerializerMethodField()
    former_units = FormerUnitShape(many=True)

    def get_recommendations_note(self, row: CommuneRow) -> str:
        """Say why there is no number."""
        return outstanding.note(row.recommendations, is_inspected=row.inspections > 0)

    @extend_schema_field(serializers.DictField(child=ReportShape()))
    def get_reports(self, row: CommuneRow) -> dict[str, dict[str, str | None]]:
        """Give each period's, with its word."""
        return {
            period: {"state": state, "label": reported_word(state)}
            for period, state in row.reports.items()
        }

    def get_coverage_label(self, row: CommuneRow) -> str:
        """Give how far it has come in Vietnamese."""
        return COVERED_WORDS[row.coverage]

    def get_label(self, row: CommuneRow) -> str:
        """Give the status in Vietnamese."""
        return LABELS.get(row.status, row.status)


class CountsShape(WithSubjects):
    """Some communes, counted."""

    communes = serializers.IntegerField()
    inspected = serializers.IntegerField()
    by_status = serializers.DictField(child=serializers.IntegerField())
    by_condition = serializers.DictField(
        child=serializers.DictField(child=serializers.IntegerField())
    )
    documented = serializers.DictField(
        child=ShareShape(), help_text="{điều kiện: số xã có văn bản / số xã áp dụng}"
    )
    with_valid_gps = serializers.IntegerField()
    gps = ShareShape(help_text="lượt kiểm tra có tọa độ hợp lệ")
    inspections = serializers.IntegerField()
    recommendations = OutstandingShape(allow_null=True)
    by_report = serializers.DictField(
        child=serializers.DictField(child=serializers.IntegerField()),
        help_text="{kỳ: {đúng hạn hay chưa: số xã}}",
    )
    by_coverage = serializers.DictField(child=serializers.IntegerField())


class GroupTotalsShape(serializers.Serializer[Any]):
    """One group of communes."""

    code = serializers.CharField(allow_blank=True, help_text="trống: chưa rõ thuộc nhóm nào")
    label = serializers.CharField()  # type: ignore[assignment]  # as above
    counts = CountsShape()


class GroupsShape(serializers.Serializer[Any]):
    """The communes in groups."""

    by = serializers.CharField()
    source = serializers.CharField(help_text="căn cứ xếp nhóm")  # type: ignore[assignment]
    groups = GroupTotalsShape(many=True)


class TotalsShape(CountsShape):
    """The province: counts of communes."""

    of_former_units = serializers.IntegerField()
    without_unit = serializers.IntegerField()
    recommendations_elsewhere = OutstandingShape(
        allow_null=True, help_text="kiến nghị của đơn vị đã tách hoặc không rõ xã"
    )


class ReviewedShape(serializers.Serializer[Any]):
    """Which inspections a table is of."""

    included = serializers.ListField(child=serializers.CharField(), help_text="trạng thái duyệt")
    approved = serializers.IntegerField()
    not_reviewed = serializers.IntegerField()
    left_out = serializers.IntegerField(help_text="bị từ chối, hoặc chưa duyệt khi data=approved")
    note = serializers.CharField()


class SummaryShape(serializers.Serializer[Summary]):
    """The table of one form over one year, or one period of it."""

    form = serializers.CharField(source="form_id")
    title = serializers.CharField()
    criteria_set = serializers.CharField()
    year = serializers.IntegerField()
    period = serializers.CharField(allow_null=True)
    boundary_date = serializers.DateField()
    boundary_note = serializers.SerializerMethodField()
    sources = serializers.ListField(child=serializers.CharField())
    conditions = ConditionShape(many=True)
    communes = CommuneShape(source="rows", many=True)
    totals = TotalsShape()
    groups = GroupsShape(allow_null=True, help_text="null khi không có group")
    data = ReviewedShape()  # type: ignore[assignment]  # as above

    def get_boundary_note(self, table: Summary) -> str:
        """Say whose communes the rows are."""
        return boundary_note(table.boundary_date)


def boundary_note(on_date: dt.date) -> str:
    """Return the note that every table of communes carries (domain.md §4.4.6)."""
    reform = dt.date(2025, 7, 1)
    if on_date >= reform:
        return "theo địa giới từ 01/7/2025"
    return f"theo địa giới ngày {on_date:%d/%m/%Y}"
