"""Forms taken away, and brought back: phones lose them, nothing that was sent is lost."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from server.forms.models import Form
from server.forms.problems import FormUnknown
from server.projects import audit
from server.projects.audit import Actor, Object


@transaction.atomic(durable=True)
def remove(project_id: int, form_id: str, by: Actor) -> None:
    """Take a form from phones and lists. Raises FormUnknown, also when it is away already."""
    forms = Form.objects.living().filter(project=project_id, form_id=form_id)
    if not forms.update(deleted_at=timezone.now()):
        raise FormUnknown(form_id=form_id, project_id=project_id)
    audit.record(by, "form.delete", Object("form", form_id, project_id))


@transaction.atomic(durable=True)
def restore(project_id: int, form_id: str, by: Actor) -> None:
    """Bring it back, as it was; repeating it changes nothing. Raises FormUnknown."""
    forms = Form.objects.filter(project=project_id, form_id=form_id)
    if not forms.exists():
        raise FormUnknown(form_id=form_id, project_id=project_id)
    if forms.exclude(deleted_at=None).update(deleted_at=None):
        audit.record(by, "form.restore", Object("form", form_id, project_id))
