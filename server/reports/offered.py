"""What the filters of a list offer to choose from, for one person."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from server.communes.models import AdminUnit
from server.forms.models import Form
from server.projects.models import AppUser, Membership, Role

_YEARS = 4  # before this one


@dataclass(frozen=True, slots=True)
class Offered:
    """What there is to choose."""

    forms: tuple[tuple[str, str], ...]  # (form id, title)
    communes: tuple[tuple[str, str], ...]  # (uid, name), in Vietnamese order
    teams: tuple[str, ...]
    years: tuple[int, ...]


def offered(membership: Membership, today: dt.date) -> Offered:
    """Return it, at the price of three queries."""
    communes = AdminUnit.objects.communes().in_force(today).in_vietnamese_order()
    if membership.role == Role.SUPERVISOR and membership.commune_uids:
        communes = communes.filter(uid__in=membership.commune_uids)
    forms = (
        Form.objects.living()
        .filter(project=membership.project_id, current_version__isnull=False)
        .order_by("form_id")
        .values_list("form_id", "current_version__title")
    )
    teams = AppUser.objects.filter(project=membership.project_id).exclude(team="")
    return Offered(
        forms=tuple(forms),
        communes=tuple(communes.values_list("uid", "name")),
        teams=tuple(teams.order_by("team").values_list("team", flat=True).distinct()),
        years=tuple(range(today.year + 1, today.year - _YEARS - 1, -1)),
    )
