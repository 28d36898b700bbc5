"""Which phones hold which version of a form, as far as the server can know.

A phone tells the version only with what it sends. Of one that has been in contact since a version
was published it is likely that it has fetched it, as codes set phones up to do by themselves.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils import timezone

from server.forms.models import Form
from server.projects.models import AppUser
from server.submissions.models import SubmissionVersion


@dataclass(frozen=True, slots=True)
class Holder:
    """One phone that may have a form."""

    app_user: AppUser
    version: str | None  # of what it sent last; None: it has sent nothing of this form
    sent_at: dt.datetime | None
    is_current: bool  # what it sent last was made with the version that phones get
    is_likely_current: bool  # it has been in contact since that version was published


def holders(form: Form) -> list[Holder]:
    """Return the phones that the form is offered to, those on an old version first.

    form: with its `current_version`.
    """
    current = form.current_version
    sent = {version.app_user_id: version for version in _last_sent(form)}
    found = []
    for app_user in _offered(form):
        last = sent.get(app_user.pk)
        is_current = bool(last and current and last.form_version_id == current.pk)
        seen = app_user.last_seen_at
        found.append(
            Holder(
                app_user,
                last.form_version.version if last else None,
                last.received_at if last else None,
                is_current,
                is_current or bool(seen and current and seen >= current.published_at),
            )
        )
    return sorted(found, key=lambda one: (one.is_likely_current, one.is_current, one.app_user.pk))


def _offered(form: Form) -> QuerySet[AppUser]:
    living = AppUser.objects.inspectors().alive(timezone.now()).filter(project=form.project_id)
    return living.filter(Q(opens_all_forms=True) | Q(form_ids__contains=[form.form_id]))


def _last_sent(form: Form) -> QuerySet[SubmissionVersion]:
    """Return what each phone sent last, without its answers."""
    return (
        SubmissionVersion.objects.filter(form=form, app_user__isnull=False)
        .order_by("app_user", "-received_at")
        .distinct("app_user")
        .select_related("form_version")
        .only("app_user", "received_at", "form_version__version")
    )
