"""Who may read a sensitive count as it is: those who answer for the unit, nobody else.

| role | sees exactly |
|---|---|
| manager | every unit |
| supervisor of all communes | every unit |
| supervisor of some communes | those, and the units that they came from |
| viewer | none |

The same people see the forms themselves (`review.within_scope`). Everybody else gets what may
leave the units: `publication`.
"""

from __future__ import annotations

from dataclasses import dataclass

from server.communes.succession import with_predecessors
from server.inspections.review import REVIEWERS
from server.projects.models import Membership, Role


@dataclass(frozen=True, slots=True)
class Reader:
    """What somebody may see as it is."""

    sees_all: bool = False
    uids: frozenset[str] = frozenset()  # of units, where not all

    def sees(self, uid: str) -> bool:
        """Tell whether a unit's sensitive counts are for this reader."""
        return self.sees_all or uid in self.uids

    @property
    def sees_any(self) -> bool:
        """Tell whether any are."""
        return self.sees_all or bool(self.uids)


PUBLIC = Reader()  # whoever may hold what has left the units
OPERATOR = Reader(sees_all=True)  # has the database itself


def reader(membership: Membership) -> Reader:
    """Return what a person may see as it is, by their role."""
    if membership.role not in REVIEWERS:
        return PUBLIC
    if membership.role == Role.MANAGER or not membership.commune_uids:
        return Reader(sees_all=True)
    return Reader(uids=with_predecessors(membership.commune_uids))
