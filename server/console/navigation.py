"""What stands around a page: which pages there are for a person, and in which project."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from django.urls import reverse

from server.inspections.expected import local_day
from server.plans.due import Deadline, next_deadline
from server.projects.models import Membership, Project, Role

_ALL = frozenset(Role)
_REVIEW = frozenset({Role.MANAGER, Role.SUPERVISOR})
_MANAGE = frozenset({Role.MANAGER})


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of the menu."""

    view: str  # its name in urls.py
    label: str
    icon: str
    roles: frozenset[Role]


ITEMS = (
    Item("home", "Bảng việc", "home", _ALL),
    Item("records", "Hồ sơ", "records", _REVIEW),
    Item("communes", "Xã, phường", "commune", _ALL),
    Item("map", "Bản đồ", "map", _ALL),
    Item("summary", "Tổng hợp", "table", _ALL),
    Item("recommendations", "Kiến nghị", "recommendation", _REVIEW),
    Item("plans", "Kế hoạch", "calendar", _REVIEW),
    Item("periods", "Kỳ báo cáo", "lock", _REVIEW),
    Item("exports", "Tệp tải về", "download", _ALL),
    Item("quarantine", "Cách ly", "quarantine", _REVIEW),
    Item("forms", "Biểu mẫu", "form", _MANAGE),
    Item("app_users", "Thiết bị", "phone", _MANAGE),
    Item("people", "Tài khoản", "people", _MANAGE),
    Item("audit", "Nhật ký", "log", _MANAGE),
    Item("health", "Tình trạng hệ thống", "health", _MANAGE),
)


@dataclass(frozen=True, slots=True)
class Link:
    """One entry with where it leads."""

    view: str
    label: str
    icon: str
    address: str


@dataclass(frozen=True, slots=True)
class Navigation:
    """The menu and the header of one project, for one person."""

    membership: Membership
    others: tuple[Project, ...]  # that this person is in as well

    @classmethod
    def of(cls, membership: Membership, mine: Sequence[Membership]) -> Self:
        """Return it for one of a person's memberships."""
        others = [one.project for one in mine if one.pk != membership.pk]
        return cls(membership, tuple(sorted(others, key=lambda project: project.name)))

    def links(self) -> list[Link]:
        """Return the entries that this person has."""
        project_id, role = self.membership.project_id, self.membership.role
        return [
            Link(item.view, item.label, item.icon, reverse(item.view, args=[project_id]))
            for item in ITEMS
            if role in item.roles
        ]

    def deadline(self) -> Deadline:
        """Return the report that is due next."""
        return next_deadline(self.membership.project_id, local_day())
