"""Correct a rule and let everything that was scored by it be scored again.

The correction and the debts it makes are one transaction: when it is there, so are they, and the
sweep pays them even if whoever asked for it goes away (docs/decisions/rule-versions.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from server.forms import rules
from server.forms.corrections import Correction
from server.forms.models import Form, FormVersion, RuleVersion
from server.inspections import spoken
from server.projects import audit
from server.projects.audit import SERVER, Actor, Object
from server.projects.models import User
from server.submissions.models import Submission


@dataclass(frozen=True, slots=True)
class Corrected:
    """What a correction made."""

    rule_versions: Sequence[RuleVersion]
    submissions: int  # that owe their meaning anew


@transaction.atomic(durable=True)
def correct(
    form: Form,
    correction: Correction,
    *,
    reason: str,
    by: User | None = None,
    is_confirmed: bool = False,
) -> Corrected:
    """Correct one condition of a form; what is stored owes its meaning from now on.

    is_confirmed: whoever corrects has looked at the words of the reason that may be personal data.
    Raises as rules.correct does, WordsPersonal; nothing is changed then.
    """
    spoken.check(reason, is_confirmed=is_confirmed)
    made = rules.correct(form, correction, reason=reason, by=by)
    versions = rules.judged_by(form, made)
    versions.exclude(rule_version__in=made).update(rule_edition=F("rule_edition") + 1)
    owing = _owe(versions)
    said = {"condition": correction.condition, "rules": [rules.number for rules in made]}
    actor = Actor.person(by) if by else SERVER
    audit.record(actor, "form.rules.correct", Object("form", form.form_id, form.project_id), said)
    return Corrected(made, owing)


@transaction.atomic(durable=True)
def pay() -> int:
    """Turn what form versions owe into debts of their submissions; return how many those are.

    A version owes when a set of its series was loaded, or another version was published under
    another set (server.forms.eras.owe).
    """
    owing = FormVersion.objects.filter(rescore_owed_at__isnull=False)
    locked = owing.select_for_update(no_key=True, skip_locked=True).order_by("pk")
    if not (keys := list(locked.values_list("pk", flat=True))):
        return 0
    versions = FormVersion.objects.filter(pk__in=keys)
    submissions = _owe(versions)
    versions.update(rescore_owed_at=None)
    return submissions


def _owe(form_versions: QuerySet[FormVersion]) -> int:
    touched = Submission.objects.filter(current_version__form_version__in=form_versions)
    # A new time, not the one there may be: whoever is deriving under the old rules pays another
    # debt than this one (first_rows.write_first).
    return touched.update(derive_owed_at=timezone.now(), derive_attempts=0)
