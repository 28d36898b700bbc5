"""Every device of a project and how it fares, from what it has asked for and sent."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import Count, F, Max, Sum, Value
from django.db.models.fields import TextField
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from server.projects.models import AppUser, AppUserQuerySet
from server.submissions.models import SubmissionAttachment, SubmissionVersion

# As Collect names itself: org.odk.collect.android/v2025.3.2 Dalvik/2.1.0 (Linux; …)
_COLLECT = re.compile(r"org\.odk\.collect\.android/v?(\S+)")


@dataclass(frozen=True, slots=True)
class Device:
    """One line of the roster."""

    app_user: AppUser
    state: str  # active, expired, revoked
    collect: str  # the version of Collect; "" for another program, or when it never came
    sent: int  # forms received from it, edits counted for themselves
    last_sent_at: dt.datetime | None
    missing_files: int  # named in what it sent, and not here yet: its queue is not empty

    @property
    def is_stuck(self) -> bool:
        """Tell whether the last thing that it sent was refused: that is on the phone still."""
        refused_at = self.app_user.last_refused_at
        return refused_at is not None and (
            self.last_sent_at is None or self.last_sent_at < refused_at
        )


class _Sent(NamedTuple):
    forms: int = 0
    last_at: dt.datetime | None = None
    named_files: int = 0


def roster(project_id: int) -> list[Device]:
    """Return the devices of a project by number, those that were shut out at the end (AU07)."""
    return _faring(project_id, AppUser.objects.inspectors())


def public_links(project_id: int) -> list[Device]:
    """Return the public links of a project by number, those that were taken back at the end."""
    return _faring(project_id, AppUser.objects.filter(is_public=True))


def _faring(project_id: int, among: AppUserQuerySet) -> list[Device]:
    app_users = among.filter(project=project_id).order_by(
        F("revoked_at").asc(nulls_first=True), "pk"
    )
    versions = SubmissionVersion.objects.filter(app_user__project=project_id).order_by()
    counted = versions.values_list("app_user").annotate(
        Count("pk"), Max("received_at"), Sum("expected_files__len")
    )
    sent = {app_user: _Sent(*row) for app_user, *row in counted}
    here = _files_here(project_id)
    return [
        Device(
            app_user=app_user,
            state=_state(app_user),
            collect=_collect(app_user.client),
            sent=found.forms,
            last_sent_at=found.last_at,
            missing_files=found.named_files - here.get(app_user.pk, 0),
        )
        for app_user in app_users
        for found in [sent.get(app_user.pk, _Sent())]
    ]


def _files_here(project_id: int) -> dict[int, int]:
    """Return for each device how many of the files that its forms name have come."""
    name = Concat(Cast("version", TextField()), Value("/"), "name", output_field=TextField())
    found = SubmissionAttachment.objects.filter(
        version__app_user__project=project_id, is_expected=True
    ).order_by()
    counted = found.values("version__app_user").annotate(names=Count(name, distinct=True))
    return {row["version__app_user"]: row["names"] for row in counted}


def _state(app_user: AppUser) -> str:
    if app_user.revoked_at is not None:
        return "revoked"
    is_over = app_user.expires_at is not None and app_user.expires_at <= timezone.now()
    return "expired" if is_over else "active"


def _collect(client: str) -> str:
    match = _COLLECT.search(client)
    return match[1] if match else ""
