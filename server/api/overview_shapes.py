"""The JSON of the matrix of forms and periods, with its example."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_field
from rest_framework import serializers

from server.api.shapes import (
    FormerUnitShape,
    OutstandingShape,
    ReviewedShape,
    SubjectsShape,
    WithSubjects,
    boundary_note,
)
from server.inspections import outstanding, summary
from server.inspections.commune_rows import LABELS
from server.inspections.expected import COVERED, COVERED_WORDS, REPORTED, REPORTED_WORDS
from server.inspections.groups import COMMUNE_GROUPS
from server.inspections.overview import Cell, Overview, OverviewRow
from server.inspections.subjects import Subjects

MOST_YEARS = 10
MOST_FORMS = 20
_YEARS = re.compile(r"(20\d\d)(?:-(20\d\d))?", re.ASCII)


class OverviewQuery(serializers.Serializer[Any]):
    """What the matrix is asked by."""

    year = serializers.IntegerField(
        min_value=2000, max_value=2100, required=False, help_text="Năm số liệu."
    )
    years = serializers.CharField(
        max_length=9,
        required=False,
        help_text=f"Nhiều năm, ví dụ 2024-2026, thay cho year; nhiều nhất {MOST_YEARS} năm.",
    )
    forms = serializers.CharField(
        max_length=5_000,
        required=False,
        help_text="Mã biểu, cách nhau bằng dấu phẩy; bỏ trống: mọi biểu có điều kiện.",
    )
    period = serializers.ChoiceField(
        choices=summary.PERIODS, required=False, help_text="bỏ trống: cả hai kỳ"
    )
    on_date = serializers.DateField(
        required=False, help_text="Các xã của ngày này là các dòng; bỏ trống: hôm nay."
    )
    # The name hides an attribute of serializers that nothing here uses.
    data = serializers.ChoiceField(  # type: ignore[assignment]
        choices=("approved", "all"),
        required=False,
        help_text="approved hoặc bỏ trống: chỉ hồ sơ đã duyệt; all: mọi hồ sơ không bị từ chối.",
    )
    group = serializers.ChoiceField(
        choices=COMMUNE_GROUPS, required=False, help_text="như ở summary"
    )

    def validate_years(self, text: str) -> Sequence[int]:
        """Read 2026 or 2024-2026."""
        match = _YEARS.fullmatch(text)
        if match is None:
            raise serializers.ValidationError("Ghi một năm hoặc hai năm, ví dụ 2024-2026.")
        first, last = int(match[1]), int(match[2] or match[1])
        if not first <= last < first + MOST_YEARS:
            raise serializers.ValidationError(
                f"Năm đầu không sau năm cuối, nhiều nhất {MOST_YEARS} năm."
            )
        return range(first, last + 1)

    def validate_forms(self, text: str) -> Sequence[str]:
        """Read names with commas between them."""
        names = [name.strip() for name in text.split(",") if name.strip()]
        if not 0 < len(names) <= MOST_FORMS:
            raise serializers.ValidationError(f"Ghi từ 1 đến {MOST_FORMS} mã biểu.")
        return list(dict.fromkeys(names))

    def validate(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Ask for a year, in one way."""
        if ("year" in asked) == ("years" in asked):
            raise serializers.ValidationError({"year": "Ghi year hoặc years, một trong hai."})
        return asked


class ColumnShape(serializers.Serializer[Any]):
    """One form in one period of a year."""

    form = serializers.CharField(source="form_id")
    title = serializers.CharField()
    year = serializers.IntegerField()
    period = serializers.CharField()
    due_on = serializers.DateField(allow_null=True, help_text="báo cáo gửi trước ngày này")


class CellShape(serializers.Serializer[Cell]):
    """One commune in one column."""

    status = serializers.ChoiceField(choices=list(LABELS), allow_blank=True)
    visit_date = serializers.DateField(allow_null=True)
    inspections = serializers.IntegerField()
    report = serializers.ChoiceField(choices=REPORTED, allow_null=True)
    coverage = serializers.ChoiceField(choices=COVERED)
    former_units = FormerUnitShape(many=True)
    note = serializers.CharField(help_text="vì sao kết quả chỉ là tạm thời; trống: không phải tạm")
    subjects = SubjectsShape(
        required=False,
        help_text="số cơ quan, doanh nghiệp đã kiểm tra; status là kết quả kém nhất trong số đó",
    )


class OverviewRowShape(serializers.Serializer[OverviewRow]):
    """One commune."""

    uid = serializers.CharField()
    code = serializers.CharField()
    name = serializers.CharField()
    type = serializers.CharField()
    recommendations = OutstandingShape(allow_null=True)
    recommendations_note = serializers.SerializerMethodField(help_text="vì sao không có số")
    cells = serializers.SerializerMethodField(help_text="theo thứ tự của columns")

    def get_recommendations_note(self, row: OverviewRow) -> str:
        """Say why there is no number."""
        is_inspected = any(cell.inspections for cell in row.cells)
        return outstanding.note(row.recommendations, is_inspected=is_inspected)

    @extend_schema_field(CellShape(many=True))
    def get_cells(self, row: OverviewRow) -> list[dict[str, Any]]:
        """Give thousands of cells without a serializer for each."""
        return [
            {
                "status": cell.status,
                "visit_date": cell.visit_date,
                "inspections": cell.inspections,
                "report": cell.report,
                "coverage": cell.coverage,
                "former_units": FormerUnitShape(cell.former_units, many=True).data
                if cell.former_units
                else [],
                "note": cell.note,
            }
            | ({"subjects": _subjects(cell.subjects)} if cell.subjects else {})
            for cell in row.cells
        ]


def _subjects(of: Subjects) -> dict[str, Any]:
    """Return what SubjectsShape would: thousands of them take it a second."""
    return {"inspected": of.inspected, "by_status": of.by_status}


class ColumnCountsShape(WithSubjects):
    """Communes in one column, counted."""

    by_status = serializers.DictField(child=serializers.IntegerField())
    by_report = serializers.DictField(child=serializers.IntegerField())
    by_coverage = serializers.DictField(child=serializers.IntegerField())


class OverviewGroupShape(serializers.Serializer[Any]):
    """Some communes, or all of them, counted in each column."""

    code = serializers.CharField(allow_blank=True)
    # The name hides an attribute of serializers that nothing here uses.
    label = serializers.CharField()  # type: ignore[assignment]
    communes = serializers.IntegerField()
    recommendations = OutstandingShape(allow_null=True)
    counts = ColumnCountsShape(many=True, help_text="theo thứ tự của columns")


class OverviewShape(serializers.Serializer[Overview]):
    """The matrix of communes by forms and periods."""

    boundary_date = serializers.DateField()
    boundary_note = serializers.SerializerMethodField()
    sources = serializers.ListField(child=serializers.CharField())
    words = serializers.SerializerMethodField(help_text="{từ vựng: {mã: nhãn tiếng Việt}}")
    columns = ColumnShape(many=True)
    communes = OverviewRowShape(source="rows", many=True)
    province = OverviewGroupShape()
    group_source = serializers.SerializerMethodField(help_text="căn cứ xếp nhóm")
    groups = OverviewGroupShape(many=True)
    of_former_units = serializers.IntegerField()
    without_unit = serializers.IntegerField()
    other_periods = serializers.IntegerField(help_text="lượt ngoài hai kỳ, không ở cột nào")
    recommendations_elsewhere = OutstandingShape(allow_null=True)
    data = ReviewedShape()  # type: ignore[assignment]  # as above

    def get_boundary_note(self, table: Overview) -> str:
        """Say whose communes the rows are."""
        return boundary_note(table.boundary_date)

    @extend_schema_field(
        serializers.DictField(child=serializers.DictField(child=serializers.CharField()))
    )
    def get_words(self, table: Overview) -> dict[str, dict[str, str]]:
        """Give every code in Vietnamese, once."""
        return {
            "status": dict(LABELS),
            "report": {str(k): v for k, v in REPORTED_WORDS.items()},
            "coverage": {str(k): v for k, v in COVERED_WORDS.items()},
        }

    def get_group_source(self, table: Overview) -> str:
        """Say where it comes from which commune is in which group."""
        return table.grouping.source if table.grouping else ""


_COUNTS = {
    "by_status": {"dat": 61, "khong_dat": 18, "chua_kiem_tra": 13},
    "by_report": {"dung_han": 70, "muon": 9, "khong_co": 13},
    "by_coverage": {"da_kiem_tra": 79, "co_ke_hoach": 4, "chua_kiem_tra": 9},
}
OVERVIEW = OpenApiExample(
    "một biểu, một kỳ, một trong 92 xã",
    response_only=True,
    status_codes=["200"],
    value={
        "boundary_date": "2026-06-12",
        "boundary_note": "theo địa giới từ 01/7/2025",
        "sources": [],
        "words": {"status": {"dat": "Đạt"}},
        "columns": [
            {
                "form": "kt_18_5",
                "title": "Kiểm tra Chỉ tiêu 18.5",
                "year": 2026,
                "period": "h1",
                "due_on": "2026-06-10",
            }
        ],
        "communes": [
            {
                "uid": "05443@2025-07-01",
                "code": "05443",
                "name": "Phường Phan Đình Phùng",
                "type": "phuong",
                "recommendations": {"open": 2, "overdue": 1},
                "recommendations_note": "",
                "cells": [
                    {
                        "status": "dat",
                        "visit_date": "2026-05-20",
                        "inspections": 1,
                        "report": "dung_han",
                        "coverage": "da_kiem_tra",
                        "former_units": [],
                        "note": "tạm dùng bộ tiêu chí NTM-2021-2025, chưa có bộ NTM-2026-2030",
                    }
                ],
            }
        ],
        "province": {
            "code": "",
            "label": "Toàn tỉnh",
            "communes": 92,
            "recommendations": {"open": 103, "overdue": 17},
            "counts": [_COUNTS],
        },
        "group_source": "",
        "groups": [],
        "of_former_units": 0,
        "without_unit": 0,
        "other_periods": 2,
        "recommendations_elsewhere": {"open": 0, "overdue": 0},
        "data": {
            "included": ["approved"],
            "approved": 79,
            "not_reviewed": 0,
            "left_out": 12,
            "note": "chỉ hồ sơ đã duyệt",
        },
    },
)
