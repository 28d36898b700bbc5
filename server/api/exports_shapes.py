"""What an export is asked by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from server.communes.models import AdminUnit
from server.inspections import personal
from server.inspections.flag_kinds import KINDS
from server.inspections.models import Status
from server.inspections.summary import PERIODS
from server.reports import people_csv
from server.reports.models import Profile
from server.reports.selection import Selection
from server.submissions.models import ReviewState


class SelectionQuery(serializers.Serializer[Any]):
    """The vocabulary of filters; what is left out restricts nothing."""

    version = serializers.CharField(
        required=False, allow_blank=True, help_text="Phiên bản biểu mà hồ sơ được điền."
    )
    year = serializers.IntegerField(
        required=False, min_value=2000, max_value=2100, help_text="Năm số liệu."
    )
    period = serializers.CharField(required=False, help_text="Kỳ số liệu: h1 hoặc fy.")
    commune = serializers.CharField(
        required=False,
        help_text="Mã xã kèm ngày hiệu lực, ví dụ 05665@2025-07-01; gồm cả các đơn vị cũ của xã.",
    )
    team = serializers.CharField(required=False, help_text="Đoàn kiểm tra.")
    state = serializers.CharField(
        required=False,
        help_text="Trạng thái duyệt, cách nhau bằng dấu phẩy: "
        "received, edited, hasIssues, approved, rejected; all: mọi trạng thái.",
    )
    finding = serializers.CharField(
        required=False,
        help_text="Mã điều kiện, có thể kèm kết quả: A5 hoặc A5:khong_dat.",
    )
    flag = serializers.CharField(required=False, help_text="Mã dấu hiệu cần xem lại.")
    visited_from = serializers.DateField(required=False, help_text="Kiểm tra từ ngày.")
    visited_to = serializers.DateField(required=False, help_text="Kiểm tra đến hết ngày.")
    received_from = serializers.DateField(required=False, help_text="Máy chủ nhận từ ngày.")
    received_to = serializers.DateField(required=False, help_text="Máy chủ nhận đến hết ngày.")
    profile = serializers.CharField(
        default=Profile.FULL,
        help_text="full: như đã nhận; deidentified: đã khử nhận dạng (bắt buộc với người chỉ xem).",
    )
    purpose = serializers.CharField(
        default="",
        allow_blank=True,
        max_length=200,
        help_text="Dùng để làm gì; ghi vào nhật ký. Không ghi tên, số điện thoại của ai.",
    )

    def validate_profile(self, profile: str) -> str:
        """Refuse a profile that is none."""
        return _one_of(profile, Profile.values)

    def validate_purpose(self, purpose: str) -> str:
        """Refuse what may say who somebody is: the log is read by others."""
        if personal.traces(purpose):
            raise serializers.ValidationError(
                "Có thể chứa tên hoặc số của một người. Chỉ ghi mục đích, ví dụ: báo cáo quý 2."
            )
        return purpose.strip()

    def validate_period(self, period: str) -> str:
        """Refuse a period that is none."""
        return _one_of(period, PERIODS)

    def validate_state(self, states: str) -> tuple[str, ...]:
        """Return the states of the list, none for all of them."""
        if states == "all":
            return ()
        return tuple(_one_of(state.strip(), ReviewState.values) for state in states.split(","))

    def validate_finding(self, finding: str) -> str:
        """Refuse an outcome that is none."""
        _, colon, status = finding.partition(":")
        if colon:
            _one_of(status, Status.values)
        return finding

    def validate_flag(self, code: str) -> str:
        """Refuse a flag that is none: a misspelt one would give a file without rows."""
        return _one_of(code, KINDS)

    def validate_commune(self, uid: str) -> str:
        """Refuse a commune that is none."""
        if not AdminUnit.objects.filter(uid=uid).exists():
            raise serializers.ValidationError(
                "Không có đơn vị này. Dùng mã kèm ngày, ví dụ 05665@2025-07-01."
            )
        return uid

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse days that end before they begin."""
        for kind in ("visited", "received"):
            first, last = attrs.get(f"{kind}_from"), attrs.get(f"{kind}_to")
            if first and last and last < first:
                raise serializers.ValidationError(
                    {f"{kind}_to": "Ngày kết thúc trước ngày bắt đầu. Đổi lại hai ngày."}
                )
        return attrs


class ArchiveQuery(SelectionQuery):
    """What `submissions.csv.zip` is asked by: Central's options, and ours."""

    splitSelectMultiples = serializers.BooleanField(
        required=False, default=False, help_text="Thêm một cột 1/0 cho mỗi lựa chọn."
    )
    groupPaths = serializers.BooleanField(
        required=False, default=True, help_text="false: tên cột không kèm tên nhóm."
    )
    deletedFields = serializers.BooleanField(
        required=False, default=False, help_text="Thêm các câu hỏi chỉ có ở phiên bản trước."
    )
    attachments = serializers.BooleanField(
        required=False, default=True, help_text="false: không kèm ảnh và tệp."
    )

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Add what no attribute can be called."""
        wanted = serializers.CharField(
            required=False,
            help_text="như OData, ví dụ: __system/submissionDate ge 2026-05-04; không dùng với "
            "tệp khử nhận dạng",
        )
        return {**super().get_fields(), "$filter": wanted}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse questions of earlier versions in a de-identified file: nobody tags them now."""
        if attrs["deletedFields"] and attrs["profile"] == Profile.DEIDENTIFIED:
            raise serializers.ValidationError(
                {"deletedFields": "Tệp khử nhận dạng chỉ có câu hỏi của phiên bản hiện hành."}
            )
        return super().validate(attrs)


class PeopleQuery(SelectionQuery):
    """What a file for people is asked by: approved records, unless others are asked for."""

    state = serializers.CharField(
        default="approved",
        help_text="Trạng thái duyệt, cách nhau bằng dấu phẩy; bỏ trống: approved; all: mọi trạng "
        "thái.",
    )


class PeopleCsvQuery(PeopleQuery):
    """The same, and how cells are parted."""

    separator = serializers.CharField(
        default=";",
        help_text="; (mặc định, số thập phân có dấu phẩy, ngày 20/05/2026) hoặc , (số thập phân có "
        "dấu chấm, ngày 2026-05-20).",
    )

    def validate_separator(self, separator: str) -> str:
        """Refuse what Excel does not part by."""
        return _one_of(separator, people_csv.SEPARATORS)


class MediaQuery(PeopleQuery):
    """The same for files that came with the records."""

    stripped = serializers.BooleanField(
        required=False,
        default=False,
        help_text="true: chỉ ảnh của câu hỏi không phải restricted, bỏ EXIF (nơi, lúc chụp, máy).",
    )


def central_options(given: Mapping[str, Any]) -> dict[str, bool]:
    """Return the options of central_csv.Options of a query that was checked."""
    return {
        "splits_multiples": given["splitSelectMultiples"],
        "has_group_paths": given["groupPaths"],
        "has_deleted_fields": given["deletedFields"],
        "has_attachments": given["attachments"],
    }


def selection(form_id: str, given: Mapping[str, Any]) -> Selection:
    """Return the filters of a query that was checked."""
    finding, _, status = given.get("finding", "").partition(":")
    return Selection(
        form_id=form_id,
        version=given.get("version"),
        year=given.get("year"),
        period=given.get("period", ""),
        commune=given.get("commune", ""),
        team=given.get("team", ""),
        odata=given.get("$filter", ""),
        states=given.get("state", ()),
        finding=finding,
        finding_status=status,
        flag=given.get("flag", ""),
        visited_from=given.get("visited_from"),
        visited_to=given.get("visited_to"),
        received_from=given.get("received_from"),
        received_to=given.get("received_to"),
    )


def _one_of(word: str, known: Any) -> str:
    if word not in known:
        raise serializers.ValidationError(f"Không có «{word}». Dùng: {', '.join(known)}.")
    return word
