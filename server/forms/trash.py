"""Forms taken away, and brought back: phones lose them, nothing that was sent is lost.

Until they are purged, which `server.inspections.purge` does to what was away for long.
"""

from __future__ import annotations

import datetime as dt
import re

from django.db import transaction
from django.utils import timezone

from server.forms.models import Form, FormVersion
from server.forms.problems import FormUnknown
from server.projects import audit
from server.projects.audit import Actor, Object
from server.statements import all_rows

_NUMBER = re.compile(r"[1-9][0-9]{0,17}")  # what PostgreSQL can look up


@transaction.atomic(durable=True)
def remove(project_id: int, form_id: str, by: Actor) -> None:
    """Take a form from phones and lists. Raises FormUnknown, also when it is away already."""
    forms = Form.objects.living().filter(project=project_id, form_id=form_id)
    if not forms.update(deleted_at=timezone.now()):
        raise FormUnknown(form_id=form_id, project_id=project_id)
    audit.record(by, "form.delete", Object("form", form_id, project_id))


@transaction.atomic(durable=True)
def restore(project_id: int, form_id: str, by: Actor) -> None:
    """Bring it back, as it was; repeating it changes nothing. Raises FormUnknown.

    form_id: its own, or its number in the trash, which is none's own: those begin with a letter.
    """
    named = {"pk": int(form_id)} if _NUMBER.fullmatch(form_id) else {"form_id": form_id}
    form = Form.objects.filter(project=project_id, **named).first()
    if form is None:
        raise FormUnknown(form_id=form_id, project_id=project_id)
    if Form.objects.filter(pk=form.pk).exclude(deleted_at=None).update(deleted_at=None):
        audit.record(by, "form.restore", Object("form", form.form_id, project_id))


# In one statement: corrections of rules name one another, and all of them go.
_RULES = "DELETE FROM forms_ruleversion WHERE form_id = %s RETURNING id"


@transaction.atomic(durable=True)
def purge(form_pk: int, before: dt.datetime, by: Actor) -> None:
    """Remove a form for good, with its versions, drafts and rules, if it is away since long.

    Nothing that was sent to it may be left. Its files go as those that nothing refers to.
    """
    old = Form.objects.filter(pk=form_pk, deleted_at__lt=before)
    form = old.select_for_update().first()
    if form is None:
        return
    old.update(current_version=None)
    FormVersion.objects.filter(form=form).delete()
    all_rows(_RULES, [form.pk])
    old.delete()
    audit.record(by, "form.purge", Object("form", form.form_id, form.project_id))
