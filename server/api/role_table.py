"""What roles are called, by number and by name, and what each may do, in Central's words.

Clients keep numbers (ruODK reads `roleId` as one); addresses take either, as Central's do. The
numbers of managers, viewers and devices are Central's (openrosa.md §7, Roles); it has no
supervisors, whose number is above all of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

from server.projects.models import Role

APP_USER = 2  # pyodk's scripts have it written into them (openrosa.md §6.1)
DEVICE = "app-user"

_SEES = ("project.read", "form.list", "form.read", "dataset.list", "dataset.read", "entity.list")
_REVIEWS = (*_SEES, "submission.list", "submission.read", "submission.update", "entity.read")
_MANAGES = (
    *_REVIEWS,
    *("project.update", "assignment.list", "assignment.create", "assignment.delete"),
    *("field_key.list", "field_key.create", "field_key.delete", "public_link.list"),
    *("public_link.create", "public_link.delete", "form.create", "form.update", "form.delete"),
    *("form.restore", "submission.create", "submission.delete", "submission.restore"),
    *("dataset.create", "dataset.update", "entity.create", "entity.update", "entity.delete"),
    *("entity.restore", "audit.read", "user.list", "user.read", "user.create", "user.update"),
)


@dataclass(frozen=True, slots=True)
class Described:
    """One role."""

    id: int
    system: str
    name: str  # in Vietnamese
    verbs: tuple[str, ...]


TABLE = (
    Described(5, str(Role.MANAGER), "Quản lý", _MANAGES),
    Described(100, str(Role.SUPERVISOR), "Giám sát", _REVIEWS),
    Described(6, str(Role.VIEWER), "Chỉ xem", _SEES),
    Described(APP_USER, DEVICE, "Thiết bị", ("form.list", "form.read", "submission.create")),
)


def described(role: str) -> Described | None:
    """Return the role of a number or a name; None for one that is not known here."""
    return next((one for one in TABLE if role in (str(one.id), one.system)), None)


def role_of(text: str) -> Role | None:
    """Return what people may be, by number or name."""
    found = described(text)
    return Role(found.system) if found is not None and found.system in Role.values else None


def number_of(role: str) -> int:
    """Return the number of a role that people have."""
    return next(one.id for one in TABLE if one.system == role)


def verbs_of(role: str) -> tuple[str, ...]:
    """Return what a role may do."""
    return next(one.verbs for one in TABLE if one.system == role)
