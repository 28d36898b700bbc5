"""Entity lists as ODK Central's clients see and change them, within what a person may."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Sum

from server.communes.succession import with_predecessors
from server.communes.vietnamese import sort_key
from server.entities import desk
from server.entities.acts import Author, NewEntity
from server.entities.desk import Correction
from server.entities.lists import add_property, create, set_up
from server.entities.models import ConflictKind, Entity, EntityList, EntityListLength, EntityVersion
from server.entities.problems import (
    EntityCommuneRefused,
    EntityListKept,
    EntityListUnknown,
    EntityMissing,
)
from server.entities.recommendation_states import LIST as RECOMMENDATIONS
from server.entities.rendering import COMMUNE
from server.forms import entity_lists
from server.forms.attachments import OWN_ENTITY_LISTS
from server.forms.models import AttachmentSource, Form
from server.inspections import recommendation_due
from server.inspections.entity_review import (
    refuse_personal,
    sees_all_communes,
    with_deleted,
    within_scope,
)
from server.inspections.lists import open_declared, properties
from server.inspections.review import REVIEWERS
from server.projects.audit import Actor
from server.projects.models import AppUser, Membership, Role, User

_POINT = r"-?\d+\.\d+ -?\d+\.\d+( [-.\d]+)*"
# Of one point, or of a line of them; their digits would look like a number of somebody.
_PLACE = re.compile(rf"{_POINT}( *; *{_POINT})*[ ;]*")


@dataclass(frozen=True, slots=True)
class Related:
    """The forms that have to do with a list, by their current versions."""

    sources: tuple[Form, ...]  # make or change its entities
    linked: tuple[Form, ...]  # ask from it


@dataclass(frozen=True, slots=True)
class Told:
    """One entity with the versions that Central's answer is made of."""

    entity: Entity
    first: EntityVersion
    current: EntityVersion


@dataclass(frozen=True, slots=True)
class ListSum:
    """What one list holds."""

    entities: int = 0
    last_at: dt.datetime | None = None  # when the newest was made
    conflicts: int = 0  # entities of which two versions wait for a decision


def lists(membership: Membership) -> QuerySet[EntityList]:
    """Return the entity lists of a project that a person may see, by name."""
    found = EntityList.objects.filter(project=membership.project_id)
    if membership.role not in REVIEWERS:
        found = found.filter(owner_property="")
    return found.order_by("name")


def sums(membership: Membership) -> dict[int, ListSum]:
    """Return what the lists of a project hold of what a person may see, by their numbers.

    Three questions, and no more entities are read than a block of each list has.
    """
    seen = lists(membership).order_by()
    notes = EntityListLength.objects.filter(list_id__in=seen.values("pk"))
    is_all = sees_all_communes(membership)
    communes = {""} if is_all else with_predecessors(membership.commune_uids)
    shift = EntityListLength.OF_ALL if is_all else EntityListLength.OF_ONE
    held: dict[int, dict[int, int]] = {}
    by_block = notes.filter(commune__in=communes).values_list("list_id", "block")
    for number, block, many in by_block.annotate(many=Sum("rows")):
        if many:
            held.setdefault(number, {})[block] = many
    newest = Q(pk__in=())
    for number, blocks in held.items():
        newest |= Q(entity_list=number, pk__gte=max(blocks) << shift)
    visible = within_scope(membership).order_by()
    made = dict(visible.filter(newest).values_list("entity_list").annotate(at=Max("created_at")))
    undecided = EntityVersion.objects.filter(decided_at=None).exclude(conflict=ConflictKind.NONE)
    disputed = visible.filter(pk__in=undecided.values("entity"))
    conflicts = dict(disputed.values_list("entity_list").annotate(many=Count("pk")))
    return {
        number: ListSum(sum(blocks.values()), made.get(number), conflicts.get(number, 0))
        for number, blocks in held.items()
    }


def standing_lists(membership: Membership) -> QuerySet[EntityList]:
    """Return `lists`, with those that published forms have declared and nobody has used yet."""
    open_declared(membership.project_id)
    return lists(membership)


def find_list(membership: Membership, name: str) -> EntityList:
    """Return one of the `standing_lists`. Raises EntityListUnknown."""
    found = lists(membership).filter(name=name).first()
    if found is None:
        found = standing_lists(membership).filter(name=name).first()
    if found is None:
        raise EntityListUnknown(list=name[:64])
    return found


def related(entity_list: EntityList) -> Related:
    """Return the forms that make, change or ask from a list: two questions."""
    forms = Form.objects.living().filter(project=entity_list.project_id)
    standing = forms.exclude(current_version=None).select_related("current_version")
    sources = [
        form
        for form in standing.order_by("form_id")
        if form.current_version is not None
        and any(
            declared.name == entity_list.name
            for declared in entity_lists.load(form.current_version.entity_lists)
        )
    ]
    linked = standing.filter(
        current_version__attachments__source=AttachmentSource.ENTITIES,
        current_version__attachments__list_name=entity_list.name,
    )
    return Related(tuple(sources), tuple(linked.order_by("form_id").distinct()))


def within(membership: Membership, entity_list: EntityList) -> QuerySet[Entity]:
    """Return the entities of a list that a person may see, newest first."""
    return within_scope(membership).filter(entity_list=entity_list).order_by("-pk")


def in_trash(membership: Membership, entity_list: EntityList) -> QuerySet[Entity]:
    """Return the deleted entities of a list that can still be brought back, newest first."""
    says = EntityVersion.objects.filter(entity=OuterRef("pk"))  # until it is purged
    found = with_deleted(membership).filter(Exists(says), entity_list=entity_list)
    return found.exclude(deleted_at=None).order_by("-pk")


def find(membership: Membership, entity_list: EntityList, uuid: UUID) -> Entity:
    """Return one entity. Raises EntityMissing."""
    found = within(membership, entity_list).filter(uuid=uuid).first()
    if found is None:
        raise EntityMissing
    return found


def told(entities: Iterable[Entity]) -> list[Told]:
    """Return entities with their first and last versions: one question for any number."""
    page = list(entities)
    ends = Q(number=1) | Q(number=F("entity__version"))
    by_entity: dict[int, list[EntityVersion]] = {}
    for version in EntityVersion.objects.filter(ends, entity__in=page).order_by("number"):
        by_entity.setdefault(version.entity_id, []).append(version)
    return [Told(one, by_entity[one.pk][0], by_entity[one.pk][-1]) for one in page]


def conflicts_of(entity_ids: Collection[int]) -> dict[int, str]:
    """Return which entities are in conflict, and how; to Central a broken rule is a hard one."""
    undecided = EntityVersion.objects.filter(entity__in=entity_ids, decided_at=None)
    rows = undecided.exclude(conflict=ConflictKind.NONE).order_by("number")
    hard, rule = str(ConflictKind.HARD), str(ConflictKind.RULE)
    return {
        pk: hard if kind == rule else kind for pk, kind in rows.values_list("entity", "conflict")
    }


def make(
    membership: Membership, entity_list: EntityList, wanted: Sequence[NewEntity], reason: str = ""
) -> list[Entity]:
    """Make entities, all or none. Raises as desk.make, and as `correct`."""
    may = _permitted(membership, entity_list)
    refuse_personal(reason)
    for one in wanted:
        may.refuse(one.label, one.data, one.data)
        if entity_list.name == RECOMMENDATIONS:
            recommendation_due.refuse(one.data)
    return desk.make(entity_list.pk, wanted, _author(membership, reason))


def correct(
    membership: Membership, entity_list: EntityList, entity: Entity, asked: Correction
) -> Entity:
    """Change an entity that a person may see.

    Raises as desk.correct, EntityListKept, EntityPropertyUnknown, EntityCommuneRefused,
    RecommendationPersonal, RecommendationDueOutOfBounds.
    """
    after = {**entity.data, **asked.data}
    _permitted(membership, entity_list).refuse(asked.label, asked.data, after)
    if entity_list.name == RECOMMENDATIONS:
        recommendation_due.refuse(asked.data, entity)
    return desk.correct(entity.pk, asked, _author(membership, ""))


def delete(membership: Membership, entity_list: EntityList, entity: Entity) -> None:
    """Delete an entity. Raises EntityListKept, EntityMissing."""
    _refuse_kept(entity_list)
    desk.delete(entity.pk, _author(membership, ""))


def restore(membership: Membership, entity_list: EntityList, uuid: UUID) -> None:
    """Bring an entity back. Raises EntityListKept, EntityMissing."""
    _refuse_kept(entity_list)
    found = with_deleted(membership).filter(entity_list=entity_list, uuid=uuid).first()
    if found is None:
        raise EntityMissing
    desk.restore(found.pk, _author(membership, ""))


def delete_all(membership: Membership, entity_list: EntityList, uuids: Collection[UUID]) -> int:
    """Delete entities, all or none; repeatable. Raises EntityListKept, EntityMissing."""
    _refuse_kept(entity_list)
    ids = _all(with_deleted(membership).filter(entity_list=entity_list), uuids)
    return desk.delete_all(entity_list.pk, ids, _author(membership, ""))


def restore_all(membership: Membership, entity_list: EntityList, uuids: Collection[UUID]) -> int:
    """Bring entities back, all or none; repeatable. Raises EntityListKept, EntityMissing."""
    _refuse_kept(entity_list)
    says = EntityVersion.objects.filter(entity=OuterRef("pk"))  # until it is purged
    found = with_deleted(membership).filter(Exists(says), entity_list=entity_list)
    return desk.restore_all(entity_list.pk, _all(found, uuids), _author(membership, ""))


def _all(found: QuerySet[Entity], uuids: Collection[UUID]) -> list[int]:
    ids = list(found.filter(uuid__in=uuids).values_list("pk", flat=True))
    if len(ids) != len(set(uuids)):
        raise EntityMissing
    return ids


def makers(project_id: int, versions: Iterable[EntityVersion]) -> dict[int, AppUser | User]:
    """Return the person or device that made each of some versions, by the version's key."""
    of_people, of_devices = dict[int, int](), dict[int, int]()
    for version in versions:
        if version.person_id is not None:
            of_people[version.pk] = version.person_id
        elif (number := _device_number(version.by)) is not None:
            of_devices[version.pk] = number
    people = User.objects.in_bulk(set(of_people.values()))
    devices = AppUser.objects.filter(project=project_id).in_bulk(set(of_devices.values()))
    found: dict[int, AppUser | User] = {pk: people[one] for pk, one in of_people.items()}
    return found | {pk: devices[one] for pk, one in of_devices.items() if one in devices}


def maker_names(membership: Membership, told: Iterable[Told]) -> dict[int, str]:
    """Return what whoever made entities is called, by the entity's key, for who reviews.

    Who only sees totals is told of nobody.
    """
    if membership.role not in REVIEWERS:
        return {}
    firsts = [one.first for one in told]
    known = makers(membership.project_id, firsts)
    return {
        first.entity_id: known[first.pk].display_name if first.pk in known else first.by
        for first in firsts
    }


def maker_id(version: EntityVersion) -> int:
    """Return the number of the person or device that made a version; 0 for the system."""
    return version.person_id or _device_number(version.by) or 0


def _device_number(by: str) -> int | None:
    # A device is told by its user name, u12 (AppUser.username).
    return int(by[1:]) if by[:1] == "u" and by[1:].isdecimal() else None


def creators(membership: Membership, entity_list: EntityList) -> list[AppUser | User]:
    """Return the devices and people that made entities a person may see, by name."""
    firsts = EntityVersion.objects.filter(number=1, entity__in=within(membership, entity_list))
    made_by = firsts.filter(person=None).order_by().values_list("by", flat=True).distinct()
    numbers = filter(None, map(_device_number, made_by))
    devices = AppUser.objects.filter(pk__in=numbers, project=entity_list.project_id)
    people = User.objects.filter(pk__in=firsts.values("person"))
    return sorted([*devices, *people], key=lambda one: (sort_key(one.display_name), one.pk))


def create_list(project_id: int, name: str, by: Actor, *, approval_required: bool) -> EntityList:
    """Make a list that no form speaks of yet. Raises EntityNameInvalid, EntityListExists."""
    entity_lists.check_list_name(name)
    return create(project_id, name, approval_required=approval_required, by=by)


def give_property(entity_list: EntityList, name: str, by: Actor) -> None:
    """Give a list a property.

    Raises EntityListKept, EntityNameInvalid, EntityPropertyExists.
    """
    _refuse_kept(entity_list)
    entity_lists.check_property_name(name)
    add_property(entity_list.pk, name, columns(entity_list), by)


def configure(
    entity_list: EntityList, by: Actor, *, approval_required: bool | None, owner: str | None
) -> EntityList:
    """Set what a list asks for. Raises EntityListKept, EntityPropertyUnknown."""
    _refuse_kept(entity_list)
    if owner:
        desk.refuse_unknown(entity_list.name, columns(entity_list), [owner])
    return set_up(
        entity_list.project_id,
        entity_list.name,
        approval_required=approval_required,
        owner_property=owner,
        by=by,
    )


@dataclass(frozen=True, slots=True)
class _Permitted:
    """What a person may write into a list."""

    list_name: str
    properties: tuple[str, ...]
    communes: frozenset[str] | None  # by uid; None: all

    def refuse(self, label: str, said: Mapping[str, str], after: Mapping[str, str]) -> None:
        """Refuse what is beyond it; after: the properties as they would be."""
        desk.refuse_unknown(self.list_name, self.properties, said)
        refuse_personal(label, *(text for text in said.values() if not _PLACE.fullmatch(text)))
        if self.communes is not None and after.get(COMMUNE) not in self.communes:
            raise EntityCommuneRefused


def _permitted(membership: Membership, entity_list: EntityList) -> _Permitted:
    _refuse_kept(entity_list)
    is_limited = membership.role != Role.MANAGER and membership.commune_uids
    communes = with_predecessors(membership.commune_uids) if is_limited else None
    return _Permitted(entity_list.name, columns(entity_list), communes)


def _refuse_kept(entity_list: EntityList) -> None:
    if entity_list.name in OWN_ENTITY_LISTS:
        raise EntityListKept(list=entity_list.name)


def columns(entity_list: EntityList) -> tuple[str, ...]:
    """Return the properties of a list, in order."""
    return properties(entity_list.project_id, entity_list.name, entity_list)


def _author(membership: Membership, reason: str) -> Author:
    user = membership.user
    return Author(user.display_name, person=user, reason=reason.strip())
