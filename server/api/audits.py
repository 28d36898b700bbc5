"""The audit log, as ODK Central tells it: `audits` (openrosa.md §7, RS47)."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpResponseBase, StreamingHttpResponse
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from server.api import people, problems
from server.api.endpoint import Endpoint, asked_of
from server.api.moments import written
from server.api.projects import EXTENDED, is_extended
from server.api.schema import refusals
from server.api.submissions_shapes import ActorShape, actor
from server.projects import audit_reading
from server.projects.audit_reading import ToldEntry, Wanted

_WHOLE = 1000  # entries that are read before the first is told; more of them as they are read
# With or without a zone, as Central's documentation writes them: 2019-08-01Z, 2000-01-01+08 (whose
# plus sign is a blank where nobody has encoded it).
_DAY = re.compile(r"(\d{4}-\d\d-\d\d)(z|[+-]\d\d(?::?\d\d)?| \d\d)?", re.IGNORECASE)


class MomentOrDay(serializers.DateTimeField):
    """A time, or a day for its beginning where the inspections are made."""

    def to_internal_value(self, value: Any) -> dt.datetime:
        """Return the moment."""
        day = _DAY.fullmatch(value) if isinstance(value, str) else None
        if day:
            value = f"{day[1]}T00:00:00{(day[2] or '').upper().replace(' ', '+')}"
        try:
            moment: dt.datetime = super().to_internal_value(value)
            return moment.astimezone(dt.UTC)
        except OverflowError:  # of the first or the last day that there is
            self.fail("overflow")

    def default_timezone(self) -> dt.tzinfo | None:
        """Return where a time is meant that names no zone."""
        return ZoneInfo(settings.LOCAL_TIME_ZONE)


class AuditsQuery(serializers.Serializer[Any]):
    """Which entries."""

    action = serializers.RegexField(
        r"^[a-zA-Z_.]{1,100}\Z",
        required=False,
        default="",
        help_text="một việc (form.create), một nhóm (form, submission, user …) hoặc nonverbose",
    )
    start = MomentOrDay(required=False, help_text="từ lúc này, kể cả lúc này")
    end = MomentOrDay(required=False, help_text="đến trước lúc này")
    limit = serializers.IntegerField(
        min_value=1,
        max_value=2**31 - 1,
        required=False,
        help_text="nhiều nhất bao nhiêu; bỏ: tất cả",
    )
    offset = serializers.IntegerField(
        min_value=0, max_value=2**31 - 1, default=0, help_text="bỏ qua bao nhiêu dòng mới nhất"
    )


class AuditEntryShape(serializers.Serializer[Any]):
    """One entry."""

    id = serializers.IntegerField(help_text="số thứ tự, không có khoảng trống")
    actorId = serializers.IntegerField(allow_null=True)
    actorType = serializers.ChoiceField(
        choices=[
            ("user", "người"),
            ("app_user", "máy"),
            ("server", "lệnh hoặc việc nền trên máy chủ"),
            ("nobody", "chưa đăng nhập"),
        ],
        help_text="user: người; app_user: máy; server: lệnh, việc nền; nobody: chưa đăng nhập",
    )
    action = serializers.CharField()
    acteeId = serializers.CharField(allow_null=True, help_text="mã của cái bị tác động")
    acteeType = serializers.CharField(help_text="form, submission, user …")
    projectId = serializers.IntegerField(allow_null=True)
    details = serializers.DictField()
    loggedAt = serializers.CharField()
    notes = serializers.CharField(allow_null=True, help_text="luôn null: lý do ở chính hồ sơ")
    hash = serializers.CharField(help_text="SHA-256 của dòng này và dòng trước nó")
    actor = ActorShape(
        required=False, allow_null=True, help_text="khi hỏi với X-Extended-Metadata: true"
    )


_ENTRY = OpenApiExample(
    "ai đã phát hành biểu",
    response_only=True,
    status_codes=["200"],
    value={
        "id": 418,
        "actorId": 3,
        "actorType": "user",
        "action": "form.update.publish",
        "acteeId": "kt_18_5",
        "acteeType": "form",
        "projectId": 1,
        "details": {"version": "2026052001"},
        "loggedAt": "2026-06-12T01:31:00.000Z",
        "notes": None,
        "hash": "9f2c…",
    },
)


class Audits(Endpoint):
    """What was done, and what was denied."""

    @extend_schema(
        operation_id="audits",
        summary="Nhật ký: ai đã làm gì, khi nào",
        parameters=[AuditsQuery, EXTENDED],
        responses={
            200: AuditEntryShape(many=True),
            **refusals(
                problems.Unauthenticated,
                problems.NotFound,
                problems.ParameterInvalid(field="start", reason="Không phải thời điểm."),
            ),
        },
        examples=[_ENTRY],
    )
    def get(self, request: Request) -> HttpResponseBase:
        """Return entries, the newest first: of one's projects for managers, all for auditors."""
        caller = people.caller(request)
        if not audit_reading.may_read(caller):
            raise problems.NotFound
        asked = asked_of(AuditsQuery, request.query_params)
        wanted = Wanted(asked["action"], asked.get("start"), asked.get("end"))
        found, extended = audit_reading.entries(caller, wanted), is_extended(request)
        begin = audit_reading.skipped(caller, wanted, found, asked["offset"])
        limit = asked.get("limit")
        if limit is None or limit > _WHOLE:
            entries = islice(chain.from_iterable(audit_reading.pages(found, begin)), limit)
            return StreamingHttpResponse(
                _as_json(entries, extended=extended), content_type="application/json"
            )
        page = audit_reading.told(begin[:limit])
        return Response([_shape(told, extended=extended) for told in page])


def _as_json(entries: Iterable[ToldEntry], *, extended: bool) -> Iterator[str]:
    before = "["
    for told in entries:
        yield before + json.dumps(_shape(told, extended=extended), ensure_ascii=False)
        before = ","
    yield "[]" if before == "[" else "]"


def _shape(told: ToldEntry, *, extended: bool) -> dict[str, Any]:
    entry = told.entry
    shape = {
        "id": entry.pk,
        "actorId": entry.actor_id,
        "actorType": entry.actor_kind,
        "action": entry.action,
        "acteeId": entry.object_name or None,
        "acteeType": entry.object_kind,
        "projectId": entry.project_id,
        "details": entry.details,
        "loggedAt": written(entry.logged_at),
        "notes": None,
        "hash": entry.hash,
    }
    if extended:
        shape["actor"] = actor(told.by) if told.by is not None else None
    return shape
