"""Words of a filter that nothing goes by: misspelt, they would give an empty list or file.

Only what a project itself names is looked up here; what everybody calls the same (states, flags)
is refused where a request is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from server.forms.models import Form, FormVersion, RuleVersion
from server.projects.models import AppUser, Membership
from server.reports.problems import FilterUnknown
from server.reports.selection import Selection

_MOST_NAMED = 60


def unknown(membership: Membership, asked: Selection) -> Iterator[FilterUnknown]:
    """Give the filters that nothing goes by, with what there is; a query for each that is set."""
    set_ = {
        "form": asked.form_id,
        "version": asked.version,
        "finding": asked.finding,
        "team": asked.team,
    }
    for field, word in set_.items():
        if word is None or (word == "" and field != "version"):
            continue
        known = list(dict.fromkeys(_KNOWN[field](membership, asked)))
        if word not in known:
            named = ", ".join(known[:_MOST_NAMED]) or "—"
            yield FilterUnknown(field=field, value=word, known=named)


def refuse_unknown(membership: Membership, asked: Selection) -> None:
    """Refuse such a filter. Raises FilterUnknown."""
    for problem in unknown(membership, asked):
        raise problem


def _forms(membership: Membership, _: Selection) -> Iterable[str]:
    found = Form.objects.living().filter(project=membership.project_id)
    shown = found.filter(current_version__isnull=False).order_by("form_id")
    return shown.values_list("form_id", flat=True)


def _versions(membership: Membership, asked: Selection) -> Iterable[str]:
    found = FormVersion.objects.filter(form__project=membership.project_id)
    if asked.form_id:
        found = found.filter(form__form_id=asked.form_id)
    return found.order_by("-pk").values_list("version", flat=True)


def _conditions(membership: Membership, asked: Selection) -> Iterator[str]:
    """Give the codes of conditions as sheets order them, those that only earlier rules have too."""
    found = RuleVersion.objects.filter(form__project=membership.project_id)
    if asked.form_id:
        found = found.filter(form__form_id=asked.form_id)
    for conditions in found.order_by("-pk").values_list("conditions", flat=True):
        yield from (condition["code"] for condition in conditions["conditions"])


def _teams(membership: Membership, _: Selection) -> Iterable[str]:
    found = AppUser.objects.filter(project=membership.project_id).exclude(team="")
    return found.order_by("team").values_list("team", flat=True)


_KNOWN: Mapping[str, Callable[[Membership, Selection], Iterable[str]]] = {
    "form": _forms,
    "version": _versions,
    "finding": _conditions,
    "team": _teams,
}
