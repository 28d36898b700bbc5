"""Versions to try on a phone before they are published (openrosa.md §4.10).

A draft has an address of its own with a token in it, and whoever has the address may try it. It
ends when it is replaced or when a new version of its form is published, and then its address
leads nowhere: a phone that still tries it is told to ask for a new one.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from server.forms import attachments
from server.forms.models import Draft
from server.forms.problems import DraftUnknown
from server.forms.publish import PreparedForm, columns, locked_form, prepare, refuse_incompatible
from server.projects.access import digest
from server.projects.models import Project


@dataclass(frozen=True, slots=True)
class NewDraft:
    """A draft with its token, on the only occasion that it can be read."""

    draft: Draft
    token: str  # 43 characters of [A-Za-z0-9_-]


def create(
    project: Project,
    workbook: bytes,
    *,
    media: Mapping[str, bytes] | None = None,
    form_id: str | None = None,
) -> NewDraft:
    """Make a workbook the draft of its form, in place of the one there was.

    Every time under a new token: Collect compares files by their content alone and would not
    notice some changes at an address that it knows (openrosa.md SY14).

    Raises as publish.publish does, but for VersionUnchanged: a version string counts from its
    publication on.
    """
    return _record(project, prepare(workbook, media or {}, form_id))


def find(token: str, project_id: int, form_id: str) -> Draft:
    """Return the draft that a token opens, which must be of this form. Raises DraftUnknown."""
    found = (
        Draft.objects.living()
        .select_related("form")
        .filter(token_sha256=digest(token), form__project=project_id, form__form_id=form_id)
        .first()
    )
    if found is None:
        raise DraftUnknown
    return found


def was_given_out(token: str) -> bool:
    """Tell whether a token is that of a draft, whatever became of it."""
    return Draft.objects.filter(token_sha256=digest(token)).exists()


@transaction.atomic(durable=True)
def _record(project: Project, prepared: PreparedForm) -> NewDraft:
    compiled = prepared.checked.compiled
    form = locked_form(project, compiled.form_id)
    token = secrets.token_urlsafe(32)
    draft = Draft(form=form, token_sha256=digest(token), **columns(prepared))
    refuse_incompatible(form, draft, compiled.places)
    form.drafts.living().update(ended_at=timezone.now())
    draft.save()
    attachments.attach(draft, prepared.wanted, prepared.files)
    return NewDraft(draft, token)
