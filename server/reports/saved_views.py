"""Filters of the list of records that people keep under a name, for themselves or for everybody.

A view holds what is asked, never what was found: whoever opens it sees what they may see. What the
address means, and whether it means anything, the edge has read before it comes here.
"""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from server.inspections import personal
from server.projects import audit
from server.projects.audit import Actor, Object
from server.projects.models import Membership, Project, Role
from server.reports.models import SavedView
from server.reports.problems import (
    ViewNameTaken,
    ViewNameWrong,
    ViewNotShared,
    ViewsTooMany,
    ViewTooLong,
    ViewUnknown,
)

MOST = 50  # of one person, and that are shared
LONGEST_NAME = 60  # characters
_LONGEST_QUERY = 2000  # characters, as an address writes them


def seen_by(membership: Membership) -> QuerySet[SavedView]:
    """Return a person's own views and those that are shared, by name."""
    own = Q(owner=membership.user_id, is_shared=False)
    found = SavedView.objects.filter(own | Q(is_shared=True), project=membership.project_id)
    return found.order_by("is_shared", "name", "pk")


def changeable_by(membership: Membership) -> QuerySet[SavedView]:
    """Return the views that a person may rename and delete: own ones, and to managers shared."""
    seen = seen_by(membership)
    return seen if membership.role == Role.MANAGER else seen.filter(is_shared=False)


@transaction.atomic(durable=True)
def save(membership: Membership, name: str, query: str, *, is_shared: bool = False) -> SavedView:
    """Keep a filter under a name; the same again under the same name changes nothing.

    query: as the filters write an address.
    Raises ViewNameWrong, ViewNameTaken, ViewsTooMany, ViewNotShared, ViewTooLong.
    """
    name = _name(name)
    if is_shared and membership.role != Role.MANAGER:
        raise ViewNotShared
    if len(query) > _LONGEST_QUERY:
        raise ViewTooLong
    _lock(membership)
    beside = seen_by(membership).filter(is_shared=is_shared)
    same = beside.filter(name=name).first()
    if same is not None and same.query == query:
        return same
    if same is not None:
        raise ViewNameTaken(name=name)
    if beside.count() >= MOST:
        raise ViewsTooMany(most=MOST)
    made = SavedView.objects.create(
        project_id=membership.project_id,
        owner_id=membership.user_id,
        name=name,
        query=query,
        is_shared=is_shared,
    )
    _tell(membership, "saved_view.create", made.pk, is_shared=is_shared)
    return made


@transaction.atomic(durable=True)
def rename(membership: Membership, view_id: int, name: str) -> SavedView:
    """Give a view another name. Raises ViewUnknown, ViewNameWrong, ViewNameTaken."""
    _lock(membership)
    found = changeable_by(membership).select_for_update().filter(pk=view_id).first()
    if found is None:
        raise ViewUnknown
    given = _name(name)
    if given == found.name:
        return found
    found.name = given
    try:
        with transaction.atomic():
            found.save(update_fields=["name"])
    except IntegrityError as error:
        raise ViewNameTaken(name=found.name) from error
    _tell(membership, "saved_view.update", view_id, is_shared=found.is_shared)
    return found


@transaction.atomic(durable=True)
def remove(membership: Membership, view_id: int) -> None:
    """Forget a view. Raises ViewUnknown."""
    found = changeable_by(membership).select_for_update().filter(pk=view_id).first()
    if found is None:
        raise ViewUnknown
    found.delete()
    _tell(membership, "saved_view.delete", view_id, is_shared=found.is_shared)


def _tell(membership: Membership, action: str, view_id: int, *, is_shared: bool) -> None:
    """Write it into the audit log: not what it is called, nor what it looks for."""
    what = Object("saved_view", view_id, membership.project_id)
    audit.record(Actor.person(membership.user), action, what, {"shared": is_shared})


def _lock(membership: Membership) -> None:
    """Have one at a time: two at once would go past the limit, or take the same name."""
    Project.objects.select_for_update(no_key=True).get(pk=membership.project_id)


def _name(text: str) -> str:
    name = " ".join(text.replace("\0", "").split())
    if not 1 <= len(name) <= LONGEST_NAME or personal.traces(name):
        raise ViewNameWrong(most=LONGEST_NAME)
    return name
