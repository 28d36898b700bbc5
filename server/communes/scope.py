"""The communes that somebody is given: each must be one, or it would open nothing."""

from __future__ import annotations

from collections.abc import Iterable

from server.communes.models import AdminUnit
from server.communes.problems import CommunesNotLoaded, CommuneUnknown
from server.communes.vietnamese import search_key

NEAREST = 3  # named at most
_LONGEST = 100  # characters that are looked at of what somebody gives


def known_communes(uids: Iterable[str]) -> list[str]:
    """Return uids of communes as they were given, each once; also of communes that are no more.

    Raises CommuneUnknown, which names the nearest right ones; CommunesNotLoaded.
    """
    given = list(dict.fromkeys(uid.strip().replace("\0", "")[:_LONGEST] for uid in uids))
    communes = AdminUnit.objects.communes()
    known = set(communes.filter(uid__in=given).values_list("uid", flat=True))
    for uid in given:
        if uid not in known:
            nearest = _nearest(uid)
            if not nearest:
                raise CommunesNotLoaded
            raise CommuneUnknown(
                unit=uid, nearest="; ".join(f"{one.uid} – {one.name}" for one in nearest)
            )
    return given


def _nearest(text: str) -> list[AdminUnit]:
    """Return those of the same code, the newest first; else of that name; else of a code like it.

    Of the last two those that are in force.
    """
    code = text.partition("@")[0].strip()
    versions = list(AdminUnit.objects.communes().filter(code=code))
    if versions:
        versions.sort(key=lambda unit: (unit.valid_from is not None, unit.valid_from), reverse=True)
        return versions[:NEAREST]
    present = list(AdminUnit.objects.communes().filter(valid_to=None).in_vietnamese_order())
    named = [unit for unit in present if unit.search_key == search_key(code)]
    return (named or sorted(present, key=lambda unit: _unlike(code, unit.code)))[:NEAREST]


def _unlike(one: str, other: str) -> tuple[int, int]:
    """Return in how many places two codes differ, then by how much."""
    places = sum(a != b for a, b in zip(one, other, strict=False)) + abs(len(one) - len(other))
    apart = abs(int(one) - int(other)) if one.isdecimal() and other.isdecimal() else 0
    return places, apart
