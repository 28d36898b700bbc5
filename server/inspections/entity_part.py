"""The living entities of a list that a person may see, the newest first: any part, quickly.

How many there are, and where, is known by notes (`EntityListLength`); of some communes they are
walked in the order of `entity_by_commune`, each commune's by itself, and merged.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet, Sum
from django.db.models.expressions import RawSQL

from server import lengths
from server.communes.succession import with_predecessors
from server.entities.models import Entity, EntityList, EntityListLength
from server.entities.recommendation_lengths import COMMUNE_MOST
from server.inspections.entity_review import sees_all_communes
from server.inspections.judged_list import MOST_MERGED
from server.inspections.review import REVIEWERS
from server.projects.models import Membership

_FOUND = "SELECT id FROM entities_entity WHERE entity_list_id = %s AND deleted_at IS NULL"


@dataclass(frozen=True, slots=True)
class EntityPart:
    """Some entities of a list. communes: uids, none for all. form: what `bieu` says; "": any."""

    list_id: int
    communes: frozenset[str] = frozenset()
    form: str = ""

    def count(self) -> int:
        """Return how many there are."""
        return lengths.total(self._notes())

    def part(self, many: int, *, skip: int = 0, below: int | None = None) -> QuerySet[Entity]:
        """Return so many of them after the first `skip`, of those below a number or of all."""
        if skip and below is None:
            blocks = self._notes().order_by("-block").values_list("block")
            held = blocks.annotate(held=Sum("rows"))
            size = 1 << (EntityListLength.OF_ONE if self.communes else EntityListLength.OF_ALL)
            below, skip = lengths.place(held, skip, size)
        numbers = RawSQL(*self._numbers(many, skip, below))  # noqa: S611  (our own names)
        return Entity.objects.filter(pk__in=numbers).order_by("-pk")

    def _notes(self) -> QuerySet[EntityListLength]:
        found = EntityListLength.objects.filter(list_id=self.list_id)
        found = found.filter(commune__in=sorted(self.communes) or [""])
        return found.filter(form=self.form) if self.form else found

    def _numbers(self, many: int, skip: int, below: int | None) -> tuple[str, list[Any]]:
        found = _FOUND
        asked: list[Any] = [self.list_id]
        if self.form:
            found, asked = f"{found} AND data ->> 'bieu' = %s", [*asked, self.form]
        if below is not None:
            found, asked = f"{found} AND id < %s", [*asked, below]
        communes, of_commune = sorted(self.communes), f"left(data ->> 'xa', {COMMUNE_MOST})"
        if 0 < len(communes) <= MOST_MERGED:
            # No more of each than are told; in order each, or PostgreSQL does not merge them.
            one = f"({found} AND {of_commune} = %s ORDER BY id DESC LIMIT %s)"
            merged = " UNION ALL ".join([one] * len(communes))
            found = f"SELECT id FROM ({merged}) AS merged"  # noqa: S608  (our own names)
            asked = [said for each in communes for said in (*asked, each, many + skip)]
        elif communes:
            found, asked = f"{found} AND {of_commune} = ANY(%s)", [*asked, communes]
        return f"{found} ORDER BY id DESC LIMIT %s OFFSET %s", [*asked, many, skip]


def entity_part(membership: Membership, list_id: int, form: str = "") -> EntityPart:
    """Return what a person may see of a list that they may see.

    form: what `bieu` says; "" for any.
    """
    is_all = sees_all_communes(membership)
    communes = frozenset() if is_all else with_predecessors(membership.commune_uids)
    return EntityPart(list_id, communes, form)


def named_part(membership: Membership, name: str, form: str = "") -> EntityPart | None:
    """Return it by the name of the list; None where there is none, or none that they may see."""
    lists = EntityList.objects.filter(project=membership.project_id, name=name)
    if membership.role not in REVIEWERS:
        lists = lists.filter(owner_property="")
    list_id = lists.values_list("pk", flat=True).first()
    return None if list_id is None else entity_part(membership, list_id, form)
