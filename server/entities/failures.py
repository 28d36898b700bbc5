"""Why what a submission says about entities could not be carried out, as a sentence for people."""

from __future__ import annotations

from server.entities.models import EntitySource, SourceState
from server.entities.problems import (
    EntityBaseInvalid,
    EntityBranchMissing,
    EntityExists,
    EntityIdInvalid,
    EntityLabelMissing,
    EntityListMissing,
    EntityNotDeclared,
    EntityUnknown,
)
from server.errors import Problem

_LONGEST = 255  # characters: a list's name comes from the phone
_KNOWN: dict[str, type[Problem]] = {
    problem.code: problem
    for problem in (
        EntityBaseInvalid,
        EntityBranchMissing,
        EntityExists,
        EntityIdInvalid,
        EntityLabelMissing,
        EntityListMissing,
        EntityNotDeclared,
        EntityUnknown,
    )
}


def details_of(problem: Problem) -> dict[str, str]:
    """Return what must be kept of a problem to say it again; nothing of one that we do not know."""
    if problem.code not in _KNOWN:
        return {}
    return {name: str(value)[:_LONGEST] for name, value in problem.details.items()}


def sentence(source: EntitySource, language: str = "vi") -> str:
    """Return what is wrong and what to do; "" for one that has not failed, or not as we know it.

    What failed before its details were kept says where a name is missing with three dots.
    """
    known = _KNOWN.get(source.failure)
    if source.state != SourceState.FAILED or known is None:
        return ""
    template = known.en if language == "en" else known.vi
    return template.format_map(_Dots(source.details))


class _Dots(dict[str, str]):
    """Names of things, three dots for one that is not known."""

    def __missing__(self, _name: str) -> str:
        return "…"
