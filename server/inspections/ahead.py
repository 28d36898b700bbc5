"""Work out ahead of whoever asks which sensitive counts are hidden: see `patterns`."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.db.models import Count, Max, Sum
from django.utils import timezone

from server.communes.models import AdminUnit
from server.forms.models import Form, FormVersion
from server.inspections import patterns
from server.inspections.crosswalk import indicators_of
from server.inspections.derive import MAX_ATTEMPTS
from server.inspections.expected import local_day
from server.inspections.failures import whereabouts
from server.inspections.figures import PERIODS, Asked, figures
from server.inspections.models import HiddenCells, Inspection
from server.inspections.readers import PUBLIC
from server.inspections.sensitive import is_any_sensitive
from server.submissions.lengths import FormLength
from server.submissions.models import ReviewState, Submission

log = logging.getLogger(__name__)

_TURN = dt.timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class _State:
    """What tells that a year's tables may hide other cells than before.

    A nudge, no truth: what it misses is worked out by whoever asks first.
    """

    form: int
    version: int | None
    year: int
    inspections: int  # approved ones
    versions: int  # of those, added up
    rules: int | None  # that they were scored by, added up
    units: int | None  # the last that was loaded
    k: int


@dataclass(frozen=True, slots=True)
class _Glance:
    """What tells, without reading any inspection, that a form has nothing new."""

    form: int
    version: int | None
    approved: int | None  # the last note of what that list gained or lost (`server.lengths`)
    rules: int  # the editions of its versions' rules, added up: a correction makes one more
    units: int | None
    k: int


def work_ahead() -> int:
    """Work out and keep what changed since the last time; return how many years of forms.

    A form to which something comes at each look has its turn every five minutes: while somebody
    approves one record after another, what the tables hid a minute ago is of no use.
    What raises is told in the log, and is left to whoever asks until something changes again.
    """
    patterns.forget_old()
    units = AdminUnit.objects.aggregate(last=Max("pk"))["last"]
    # Before their inspections: what is approved meanwhile comes next.
    forms = dict(_due(list(_changed(units))))
    owing = _owing(forms.values())
    done = 0
    for form, state in list(_states(forms.values(), units)):
        digest = patterns.digest(repr(state))
        if HiddenCells.objects.filter(pk=digest).exists():
            continue
        asked = Asked(state.year, PERIODS[-1], local_day())
        with _going_on(form):
            figures(form, asked, PUBLIC, k=state.k, hide=patterns.keep)
            done += 1
        _remember([digest])
        HiddenCells.objects.update_or_create(
            pk=_worked_on(form), defaults={"marks": "", "made_at": timezone.now()}
        )
    # What is owed will be other than it was read just now, and nothing else would tell.
    _remember(digest for digest, form in forms.items() if form.pk not in owing)
    return done


def _due(changed: Sequence[tuple[str, Form]]) -> Iterator[tuple[str, Form]]:
    """Yield those to which nothing came since the last look, or which had no turn for long."""
    seen = {digest: patterns.digest(f"seen {digest}") for digest, _ in changed}
    rows = HiddenCells.objects.filter(pk__in=[*seen.values(), *(_worked_on(f) for _, f in changed)])
    made = dict(rows.values_list("pk", "made_at"))
    long_ago = timezone.now() - _TURN
    for digest, form in changed:
        if seen[digest] in made or made.get(_worked_on(form), long_ago) <= long_ago:
            yield digest, form
    _remember(seen.values())


def _worked_on(form: Form) -> str:
    return patterns.digest(f"worked on {form.pk}")


def _owing(forms: Iterable[Form]) -> frozenset[int]:
    """Return the forms with records whose meaning is to be worked out again."""
    owed = Submission.objects.owed().filter(form__in=list(forms), derive_attempts__lt=MAX_ATTEMPTS)
    return frozenset(owed.order_by().values_list("form_id", flat=True).distinct())


def _remember(digests: Iterable[str]) -> None:
    HiddenCells.objects.bulk_create(
        [HiddenCells(pk=digest, marks="") for digest in digests], ignore_conflicts=True
    )


@contextmanager
def _going_on(form: Form) -> Iterator[None]:
    """Let one form that raises not hold up those after it."""
    try:
        yield
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, it may not hold up the others
        log.error("form %s: no counts hidden ahead: %s", form.pk, whereabouts(error))


def _changed(units: int | None) -> Iterator[tuple[str, Form]]:
    """Yield the forms that may hide other cells than the last time, by their glances' digests."""
    approved = FormLength.objects.filter(state=ReviewState.APPROVED)
    noted = dict(approved.values_list("list_id").annotate(Max("pk")))
    glances = dict[str, Form]()
    editions = FormVersion.objects.values_list("form").annotate(Sum("rule_edition"))
    rules = dict(editions.order_by())
    for form in _sensitive():
        last, k = noted.get(form.pk), settings.SMALL_CELL_K
        glance = _Glance(form.pk, form.current_version_id, last, rules[form.pk], units, k)
        glances[patterns.digest(repr(glance))] = form
    known = set(HiddenCells.objects.filter(pk__in=glances).values_list("pk", flat=True))
    yield from ((digest, form) for digest, form in glances.items() if digest not in known)


def _sensitive() -> Iterator[Form]:
    published = Form.objects.living().filter(current_version__isnull=False)
    for form in published.select_related("current_version__rule_version"):
        with _going_on(form):
            if is_any_sensitive(indicators_of(form)):
                yield form


def _states(changed: Iterable[Form], units: int | None) -> Iterator[tuple[Form, _State]]:
    forms = {form.pk: form for form in changed}
    told = (
        Inspection.objects.approved()
        .filter(form__in=forms, year__isnull=False)
        .order_by("-year", "form")
        .values_list("form", "year")
        .annotate(Count("pk"), Sum("submission__current_version"), Sum("rule_version"))
    )
    for pk, year, count, versions, rules in told:
        version, k = forms[pk].current_version_id, settings.SMALL_CELL_K
        yield forms[pk], _State(pk, version, year, count, versions, rules, units, k)
