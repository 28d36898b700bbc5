"""The people of a project at a glance: what each may do and where, and who has not come in yet.

However many people there are, the number of queries is the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import QuerySet
from django.utils import timezone

from server.communes.models import AdminUnit
from server.communes.vietnamese import search_key, sort_key
from server.projects.account_problems import PersonUnknown
from server.projects.models import Membership, User


class Standing(StrEnum):
    """How an account stands: the first of these that is so."""

    LOCKED = "locked"
    INVITED = "invited"  # has a link to set a password
    NO_LINK = "no_link"  # has neither a password nor a link that is good still
    IN_USE = "in_use"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of a project."""

    membership: Membership
    standing: Standing
    has_codes: bool  # two-step sign-in
    communes: tuple[str, ...]  # names, in Vietnamese order; empty: all

    @property
    def more(self) -> int:
        """Return how many communes there are beyond the first two."""
        return len(self.communes) - 2

    @property
    def user(self) -> User:
        """Return who it is."""
        return self.membership.user


@dataclass(frozen=True, slots=True)
class Roster:
    """Those who were asked for, and how many of all there are of each kind."""

    shown: tuple[Person, ...]
    in_use: int
    waiting: int  # for a password
    without_codes: int  # of those in use
    locked: int


def roster(project_id: int, only: str = "", words: str = "") -> Roster:
    """Return the people of a project by name; two queries.

    only: `waiting`, `plain` (no two-step sign-in), `locked` or `all`; otherwise all who are not
    locked.
    words: in name or address, without diacritics.
    """
    found = _told(_memberships(project_id))
    kinds: dict[str, list[Person]] = {
        "": [one for one in found if one.standing != Standing.LOCKED],
        "waiting": [one for one in found if one.standing in (Standing.INVITED, Standing.NO_LINK)],
        "plain": [one for one in found if one.standing == Standing.IN_USE and not one.has_codes],
        "locked": [one for one in found if one.standing == Standing.LOCKED],
        "all": found,
    }
    return Roster(
        tuple(_named(kinds.get(only, kinds[""]), words)),
        in_use=sum(one.standing == Standing.IN_USE for one in found),
        waiting=len(kinds["waiting"]),
        without_codes=len(kinds["plain"]),
        locked=len(kinds["locked"]),
    )


def person(project_id: int, user_id: int) -> Person:
    """Return one of a project's people. Raises PersonUnknown."""
    found = _told(_memberships(project_id).filter(user=user_id))
    if not found:
        raise PersonUnknown(id=user_id)
    return found[0]


def by_name(users: Iterable[User], words: str = "") -> list[User]:
    """Return those with some words in name or address, by name."""
    found = [one for one in users if _is_called(one, words)]
    return sorted(found, key=lambda one: (sort_key(one.display_name), one.pk))


def _memberships(project_id: int) -> QuerySet[Membership]:
    return Membership.objects.filter(project=project_id).select_related(
        "user__second_factor", "user__password_link"
    )


def _told(memberships: Iterable[Membership]) -> list[Person]:
    rows = list(memberships)
    uids = {uid for row in rows for uid in row.commune_uids}
    units = AdminUnit.objects.filter(uid__in=uids).in_vietnamese_order() if uids else ()
    names = {unit.uid: unit.name for unit in units}
    found = [
        Person(
            membership=row,
            standing=_standing(row.user),
            has_codes=_has_codes(row.user),
            communes=tuple(name for uid, name in names.items() if uid in row.commune_uids),
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: (sort_key(one.user.display_name), one.user.pk))


def _standing(user: User) -> Standing:
    if not user.is_active:
        return Standing.LOCKED
    if user.has_usable_password():
        return Standing.IN_USE
    link = getattr(user, "password_link", None)
    has_link = link is not None and link.expires_at > timezone.now()
    return Standing.INVITED if has_link else Standing.NO_LINK


def _has_codes(user: User) -> bool:
    row = getattr(user, "second_factor", None)
    return row is not None and row.confirmed_at is not None


def _named(found: Sequence[Person], words: str) -> Iterable[Person]:
    return (one for one in found if _is_called(one.user, words))


def _is_called(user: User, words: str) -> bool:
    said = search_key(f"{user.display_name} {user.email}")
    return all(word in said for word in search_key(words).split())
