"""Two projects that must not see each other, and two communes in one of them."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from django.db import transaction
from django.utils import timezone

from server import blobs
from server.communes.models import AdminUnit
from server.entities import acts
from server.entities.blocks import Block
from server.entities.models import Entity, EntityList, EntityVersion
from server.errors import Problem
from server.forms import drafts
from server.forms.models import FormAttachment
from server.hooks import desk as hooks
from server.hooks.desk import Wish
from server.plans import plan
from server.plans.agencies import load_agencies
from server.plans.models import PeriodCode
from server.plans.period import Name, lock
from server.plans.plan import Heading, Item
from server.projects import accounts, api_keys, public_links
from server.projects.api_keys import Wanted
from server.projects.audit import SERVER, Actor
from server.projects.models import Membership, Project, Role, User
from server.reports import jobs, saved_views
from server.reports.models import Profile
from server.submissions import review
from server.submissions.drafts import receive as try_draft
from server.submissions.models import Quarantined, ReviewState, Submission
from server.submissions.record import Sender
from tests import builders


@dataclass(frozen=True, slots=True)
class Place:
    """What is of one commune in one project."""

    # Stands in everything that only its people may read, with «-hs» behind it in what is of
    # records: all viewers of a project see its recommendations.
    tag: str
    ids: Mapping[str, object]  # by parameter of an address


@dataclass(frozen=True, slots=True)
class World:
    """Two projects: A with two communes, and B."""

    a: Project
    here: Place  # in A
    neighbour: Place  # in A as well, another commune
    b: Project
    there: Place  # in B


def world() -> World:
    """Make them, with something at every address."""
    load_agencies()
    for code in ("05665", "05692"):
        builders.commune(code, f"Xã {code}")
    a, b = builders.project("Chương trình A"), builders.project("Chương trình B-kinmat")
    boss_a = builders.member(a, "a@example.org", Role.MANAGER)
    boss_b = builders.member(b, "b@example.org", Role.MANAGER)
    things_a, things_b = _of_project(a, boss_a, "amat"), _of_project(b, boss_b, "bmat")
    here = _of_commune(a, boss_a, "05665", "xmat", things_a)
    neighbour = _of_commune(a, boss_a, "05692", "ymat", things_a)
    there = _of_commune(b, boss_b, "05665", "bmat", things_b)
    Submission.objects.update(review_state=ReviewState.APPROVED)
    lock(b.pk, Name(2026, PeriodCode.H1), boss_b)
    return World(a, here, neighbour, b, there)


def _of_project(project: Project, boss: User, tag: str) -> dict[str, object]:
    form_id = f"kt_{tag[0]}"
    User.objects.filter(pk=boss.pk).update(display_name=f"Lan {tag}")
    device = accounts.create_app_user(project, f"Máy {tag}").app_user
    membership = Membership.objects.get(project=project, user=boss)
    wanted = Wanted(f"Khóa {tag}", Role.VIEWER, True, timezone.now() + dt.timedelta(days=1))
    return {
        "project_id": project.pk,
        "form_id": form_id,
        "version": _published(project, form_id, tag),
        "app_user_id": device.pk,
        "actor_id": device.pk,
        "user_id": boss.pk,
        "role": str(Role.VIEWER),
        "role_id": 2,
        "link_id": public_links.create(project, form_id, name=f"Liên kết {tag}").app_user.pk,
        "api_key_id": api_keys.create(membership, wanted).api_key.pk,
        **_planned(project, boss, form_id, tag),
        **_leaving(membership, form_id, tag),
        "number": 1,
        "code": "gps_far",
        "document": "$metadata",
        "resource": "Submissions",
        "feed_set": "Recommendations",
    }


def _published(project: Project, form_id: str, tag: str) -> str:
    """Publish a form with a file and a draft; return its version."""
    table = builders.FORM.replace("kt_thu ", form_id + " ").replace("Kiểm tra thử", f"Biểu {tag}")
    number = str(90 + project.pk)  # it stands in addresses, so it is no secret
    version = builders.form(project, table.replace("| 1       |", f"| {number} |"))
    blob = blobs.put(io.BytesIO(f"{tag} trong tệp".encode()), is_served=True)
    version.workbook_sha256 = blob.sha256
    version.save()
    FormAttachment.objects.create(
        form_version=version, name="kem.csv", kind="file", sha256=blob.sha256, size=blob.size
    )
    draft = drafts.copy(project.pk, form_id, SERVER).draft
    said = {**builders.GOOD, "h/h_unit_type": f"loại {tag}"}
    xml = builders.instance(said, form_id=form_id, version=number, instance_id="uuid:trial")
    try_draft(xml, [], draft, Sender(project.pk, None, "", ""))
    return number


def _planned(project: Project, boss: User, form_id: str, tag: str) -> dict[str, object]:
    heading = Heading(f"{tag}/KH", f"Kế hoạch {tag}", dt.date(2026, 2, 13), 2026, "so_noi_vu")
    made = plan.create(project.pk, heading, boss)
    days = (dt.date(2026, 5, 1), dt.date(2026, 5, 20))
    unit = AdminUnit.objects.get(code="05665").pk
    items = [Item(unit, (form_id,), f"Đoàn {tag}", *days, ("ke_hoach",))]
    (item,) = plan.add(made.pk, items, Actor.person(boss))
    return {"plan_id": made.pk, "item_id": item.pk}


def _leaving(membership: Membership, form_id: str, tag: str) -> dict[str, object]:
    """Ask for a file, and have another server told of something."""
    wish = Wish(f"https://{tag}.example.org/", is_active=True)
    hook = hooks.make(membership.project_id, wish, SERVER).webhook
    asked = {"selection": {"form_id": form_id}, "options": {}}
    wanted = jobs.Wanted("xlsx", Profile.FULL, asked, f"báo cáo {tag}")
    return {
        "export_id": jobs.ask(membership, wanted, Actor.person(membership.user)).pk,
        "view_id": saved_views.save(membership, f"Lọc {tag}-hs", "state=received").pk,
        "webhook_id": hook.pk,
        "delivery_id": hooks.ping(membership.project_id, hook.pk, SERVER).pk,
    }


def _of_commune(
    project: Project, boss: User, code: str, tag: str, things: Mapping[str, object]
) -> Place:
    first = f"uuid:{project.pk}-{code}"
    _send(project, things, code, f"{tag}-hs", first)
    submission = _send(project, things, code, f"{tag}-hs sửa", f"{first}-2", first)
    with pytest.raises(Problem):  # of quarantine: the id is taken
        _send(project, things, code, f"{tag}-hs khác", first)
    review.comment(submission, boss, f"Nhận xét {tag}-hs")
    entity = _recommended(project, f"{code}@2025-07-01", tag)
    return Place(
        tag,
        {
            **things,
            "instance_id": first,
            "version_id": f"{first}-2",
            "quarantined_id": Quarantined.objects.get(project=project, instance_id=first).pk,
            "uuid": entity.uuid,
            "conflict_id": EntityVersion.objects.exclude(conflict="").get(entity=entity).pk,
        },
    )


def _send(
    project: Project,
    things: Mapping[str, object],
    code: str,
    tag: str,
    instance_id: str,
    deprecated_id: str = "",
) -> Submission:
    xml = builders.instance(
        {**builders.GOOD, "h/h_commune": code, "h/h_unit_type": f"loại {tag}"},
        form_id=str(things["form_id"]),
        version=str(things["version"]),
        instance_id=instance_id,
        deprecated_id=deprecated_id,
        photos=["anh.jpg"],
    )
    return builders.send(project, xml, {"anh.jpg": f"ảnh {tag}".encode()})


def _recommended(project: Project, unit: str, tag: str) -> Entity:
    entity = builders.recommendation(project, unit, f"Kiến nghị {tag}")
    for device, said in (("u1", "một"), ("u2", "hai")):
        block = Block(
            "", "kien_nghi", str(entity.uuid), False, True, "", {"noi_dung": f"{tag} {said}"},
            1, None, "",
        )  # fmt: skip
        with transaction.atomic():
            lists = EntityList.objects.select_for_update()
            acts.act(block, lists.get(project=project), 1, device, False)
    return Entity.objects.get(pk=entity.pk)
