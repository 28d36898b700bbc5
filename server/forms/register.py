"""Which forms a project has, published or still drafts, as the people at desks see them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from server.forms.desk_problems import DraftNotThere
from server.forms.models import Definition, Draft, Form, FormVersion
from server.forms.problems import FormUnknown, FormVersionUnknown

# What a list does not show, and which can be megabytes.
_HEAVY = ("xform", "schema", "conditions", "indicators", "entity_lists", "warnings")


@dataclass(frozen=True, slots=True)
class FormEntry:
    """One form, by its current version, or by its draft where nothing was published yet."""

    form: Form
    definition: Definition  # without what is heavy
    published_at: dt.datetime | None  # of the current version; None: a draft only
    drafted_at: dt.datetime | None  # of the draft there is


def entries(project_id: int, *, with_drafts: bool) -> list[FormEntry]:
    """Return a project's forms by their ids; with_drafts: those never published as well."""
    forms = _forms(project_id).order_by("form_id")
    drafts = _drafts(Draft.objects.filter(form__project=project_id)) if with_drafts else {}
    found = (_entry(form, drafts.get(form.pk)) for form in forms)
    return [entry for entry in found if entry is not None]


def in_trash(project_id: int) -> list[FormEntry]:
    """Return a project's deleted forms, that can still be restored, by their ids."""
    forms = _with_version(Form.objects.filter(project=project_id).exclude(deleted_at=None))
    of_project = Draft.objects.filter(form__project=project_id)
    drafts = _drafts(of_project.exclude(form__deleted_at=None))
    found = (_entry(form, drafts.get(form.pk)) for form in forms.order_by("form_id"))
    return [entry for entry in found if entry is not None]


def find(project_id: int, form_id: str, *, with_drafts: bool) -> FormEntry:
    """Return one of them. Raises FormUnknown."""
    form = _forms(project_id).filter(form_id=form_id).first()
    drafts = _drafts(form.drafts.all()) if form is not None and with_drafts else {}
    entry = _entry(form, drafts.get(form.pk)) if form is not None else None
    if entry is None:
        raise FormUnknown(form_id=form_id, project_id=project_id)
    return entry


def version(project_id: int, form_id: str, name: str | None = None) -> FormVersion:
    """Return a whole published version, the current one for None.

    Raises FormUnknown, FormVersionUnknown.
    """
    form = Form.objects.living().filter(project=project_id, form_id=form_id).first()
    current = form.current_version if form else None
    if form is None or current is None:
        raise FormUnknown(form_id=form_id, project_id=project_id)
    found = current if name is None else form.versions.filter(version=name).first()
    if found is None:
        raise FormVersionUnknown(form_id=form_id, version=name, current=current.version)
    return found


def shown(project_id: int, form_id: str, *, with_drafts: bool) -> FormVersion | Draft:
    """Return the whole current version; with_drafts: the draft where nothing was published yet.

    Raises FormUnknown.
    """
    drafts = Draft.objects.living().filter(form__project=project_id, form__form_id=form_id)
    only = drafts.filter(form__current_version=None).select_related("form") if with_drafts else ()
    return next(iter(only), None) or version(project_id, form_id)


def draft(project_id: int, form_id: str) -> Draft:
    """Return the whole draft of a form. Raises FormUnknown, DraftNotThere."""
    if not Form.objects.living().filter(project=project_id, form_id=form_id).exists():
        raise FormUnknown(form_id=form_id, project_id=project_id)
    found = (
        Draft.objects.living()
        .filter(form__project=project_id, form__form_id=form_id)
        .select_related("form")
        .first()
    )
    if found is None:
        raise DraftNotThere(form_id=form_id)
    return found


def versions(project_id: int, form_id: str, *, with_drafts: bool = False) -> list[FormVersion]:
    """Return a form's published versions, the newest first. Raises FormUnknown.

    with_drafts: none are told, and nothing raised, of a form that has only a draft.
    """
    form = shown(project_id, form_id, with_drafts=with_drafts).form
    return list(form.versions.defer(*_HEAVY).select_related("form").order_by("-pk"))


def version_counts(project_id: int) -> dict[int, int]:
    """Return how many versions each form of a project has, by the forms' keys."""
    versions = FormVersion.objects.filter(form__project=project_id).values_list("form")
    return dict(versions.annotate(number=Count("pk")))


def _forms(project_id: int) -> QuerySet[Form]:
    return _with_version(Form.objects.living().filter(project=project_id))


def _with_version(forms: QuerySet[Form]) -> QuerySet[Form]:
    heavy = (f"current_version__{column}" for column in _HEAVY)
    return forms.select_related("current_version").defer(*heavy)


def _drafts(drafts: QuerySet[Draft]) -> dict[int, Draft]:
    """Return the drafts that can be tried, by their forms' keys."""
    return {draft.form_id: draft for draft in drafts.filter(ended_at=None).defer(*_HEAVY)}


def _entry(form: Form, draft: Draft | None) -> FormEntry | None:
    current = form.current_version
    definition = current or draft
    if definition is None:
        return None
    return FormEntry(
        form,
        definition,
        current.published_at if current else None,
        draft.made_at if draft else None,
    )
