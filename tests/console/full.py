"""One project with something at every address of the pages, typed by phones and by people.

Forms, answers and decisions go the way that they go in life: through compiling, the intake and the
pages' own forms. What is typed passes through `Say`, so that it can be anything.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import openpyxl
import pytest
from django.test import Client

from server import blobs
from server.entities.acts import Author, Base, change
from server.entities.models import Entity, EntityVersion
from server.errors import Problem
from server.forms import drafts, schema
from server.forms.compile import compile_workbook
from server.forms.models import Draft, DraftAttachment, FormVersion
from server.inspections import derive
from server.inspections.expected import local_day
from server.plans.models import Agency, Plan
from server.projects import accounts
from server.projects.audit import SERVER
from server.projects.models import ApiKey, AppUser, Role, User
from server.reports.models import Export, SavedView
from server.submissions.drafts import receive as try_draft
from server.submissions.intake import Sender, SentFile, receive
from server.submissions.models import Quarantined
from tests import builders
from tests.console.conftest import reader
from tests.console.world import World, sent
from tests.photos import picture

LONGEST = 2000  # characters of most texts
_TEXTS = {"label::Tiếng Việt (vi)", "label::(vi)", "hint::Tiếng Việt (vi)", "legal_basis"}


class Say(Protocol):
    """What somebody types at a field."""

    def __call__(self, text: str, longest: int, without: str = "") -> str:
        """Return it. text: what is typed there in life. without: characters that it cannot hold."""


def plain(text: str, longest: int, without: str = "") -> str:
    """Type what one types in life."""
    return text


@dataclass(frozen=True, slots=True)
class _Desk:
    """A manager at a desk, who types."""

    world: World
    say: Say
    client: Client

    def post(self, path: str, **typed: object) -> None:
        """Send a form of a page, which must be taken."""
        answer = self.client.post(f"/du-an/{self.world.project.pk}{path}", typed)
        assert answer.status_code == 303, (path, answer.status_code)


def fill(world: World, say: Say = plain) -> dict[str, object]:
    """Put something at every address; return what stands in addresses, by parameter."""
    year = local_day().year
    desk = _Desk(world, say, reader(world.people[Role.MANAGER]))
    world.project.name = say("Bình đẳng giới Thái Nguyên", 200)
    world.project.save()
    User.objects.filter(membership__project=world.project).update(display_name=say("Lan", 200))
    # The point of what is sent below lies in the ward, 15 km from the commune that it names.
    builders.coverage({world.dong_hy: (105.7, 21.6), world.phan_dinh_phung: (105.9, 21.6)})
    phone = _phone(desk)
    _publish(desk)
    _send(desk, phone, "uuid:full")
    _send(desk, phone, "uuid:full-2", "uuid:full")
    _review(desk)
    return {
        "project_id": world.project.pk,
        "form_id": "kt_thu",
        "version": "2",
        "instance_id": "uuid:full",
        "app_user_id": phone.pk,
        "code": "gps_far",
        "uid": world.dong_hy.uid,
        "year": year,
        "period": f"{year}-h1",
        **_apart(desk),
        **_advised(desk),
        **_planned(desk, year),
        **_leaving(desk, year),
        **_people(desk),
    }


def _phone(desk: _Desk) -> AppUser:
    name, team = desk.say("Máy của anh Tú", 80), desk.say("Đoàn số 3", 80)
    phone = accounts.create_app_user(desk.world.project, name, team=team).app_user
    client = desk.say("org.odk.collect.android/v2026.3.4 Dalvik/2.1.0", 300)
    AppUser.objects.filter(pk=phone.pk).update(client=client)
    return phone


def _people(desk: _Desk) -> Mapping[str, object]:
    """Have somebody added who answers for one commune, and a key for a script."""
    path = f"/du-an/{desk.world.project.pk}"
    new = {"name": desk.say("Lý Thị Mới", 120), "email": "moi@example.org"}
    where = {"role": "supervisor", "scope": "some", "commune": desk.world.dong_hy.uid}
    added = desk.client.post(f"{path}/tai-khoan/moi", {**new, **where})
    key = {"key_name": desk.say("Power BI", 120), "role": "viewer"}
    day = f"{local_day() + dt.timedelta(days=90):%d/%m/%Y}"
    made = desk.client.post(f"{path}/tai-khoan-cua-toi/khoa-api", {**key, "expires": day})
    assert (added.status_code, made.status_code) == (200, 200)
    return {
        "user_id": User.objects.get(email=new["email"]).pk,
        "api_key_id": ApiKey.objects.latest("pk").pk,
    }


def workbook(say: Say) -> bytes:
    """Return the form of the tests with other labels, hints and choices."""
    book = openpyxl.load_workbook(io.BytesIO(builders.workbook(builders.FORM)))
    survey = book["survey"]
    hint = survey.max_column + 1
    survey.cell(1, hint, "hint::Tiếng Việt (vi)")
    for row in range(2, survey.max_row + 1):
        if survey.cell(row, 1).value in ("text", "integer", "date"):
            survey.cell(row, hint, "Xem biên bản.")
    for sheet in book.worksheets:
        for column in sheet.iter_cols():
            if column[0].value in _TEXTS:
                for cell in column[1:]:
                    cell.value = say(str(cell.value), 400) if cell.value else None
    settings = book["settings"]
    settings["B2"], settings["C2"] = say("Kiểm tra thử", 200), "2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _publish(desk: _Desk) -> None:
    """Publish a second version, and keep a draft of a third."""
    content = workbook(desk.say)
    compiled = compile_workbook(content)
    version = builders.published(
        desk.world.project, compiled, schema.read(compiled.xform, compiled.extras)
    )
    blob = blobs.put(io.BytesIO(content), is_served=True)
    first = blobs.put(io.BytesIO(builders.workbook(builders.FORM)), is_served=True)
    FormVersion.objects.filter(pk=version.pk).update(
        workbook_sha256=blob.sha256, note=desk.say("Thêm gợi ý cho người hỏi.", LONGEST)
    )
    drafts.copy(desk.world.project.pk, "kt_thu", SERVER)
    draft = Draft.objects.get(form=version.form)
    Draft.objects.filter(pk=draft.pk).update(workbook_sha256=first.sha256)
    DraftAttachment.objects.create(draft=draft, name=desk.say("anh.png", 80), kind="image")
    answers = {**builders.GOOD, "h/h_unit_type": desk.say("xa", 100)}
    xml = builders.instance(answers, version="2", instance_id="uuid:trial", photos=["a.jpg"])
    try_draft(xml, [], draft, Sender(desk.world.project.pk, None, "", ""))


def _send(desk: _Desk, phone: AppUser, instance_id: str, old: str = "", version: str = "2") -> None:
    world, say = desk.world, desk.say
    names = ["anh.jpg", say("bien-ban.jpg", 100, without="/")]
    today = local_day()
    answers = {
        **builders.GOOD,
        "h/h_date": f"{today}",
        "h/h_year": f"{today.year}",
        "h/h_commune": world.dong_hy.uid,
        "h/h_unit_type": say(f"Trụ sở {instance_id}", LONGEST),
        "h/h_gps": "21.65 105.95 0 5",
        "a/a1_ev": say("seen", 60),
        "a/a5_child": "0",
    }
    xml = builders.instance(
        answers, version=version, instance_id=instance_id, deprecated_id=old, photos=names
    )
    files = [SentFile(name, io.BytesIO(picture()), "image/jpeg") for name in names]
    sender = Sender(
        world.project.pk,
        phone,
        say("collect:abc", 60),
        say("org.odk.collect.android/v2026.3.4", 90),
    )
    derive.arrived(receive(xml, files, sender))


def _review(desk: _Desk) -> None:
    say = desk.say
    record = "/ho-so/kt_thu/uuid:"
    reason = say("Thiếu biên bản họp.", LONGEST)
    desk.post(f"{record}full/nhan-xet", cau="a/a1_plan", reason=reason, confirmed="1")
    desk.post(f"{record}full/nhan-xet", cau="", reason=reason, confirmed="1")
    desk.post(f"{record}full/mo-xem", cau="a/a5_child", reason=reason)
    desk.post(f"{record}full/canh-bao/gps_far", reason=reason)
    desk.post(f"{record}full/quyet-dinh", to="hasIssues", reason=reason, confirmed="1")
    desk.post(f"{record}waiting/quyet-dinh", to="approved", reason=reason, confirmed="1")


def _apart(desk: _Desk) -> Mapping[str, object]:
    """Have two posts put apart, and one of them decided."""
    for instance_id in ("uuid:waiting", "uuid:unplaced"):
        with pytest.raises(Problem):
            _send(desk, desk.world.phone, instance_id)
    first, second = Quarantined.objects.order_by("pk")
    desk.post(f"/cach-ly/{first.pk}", decision="reject", reason=desk.say("Gửi trùng.", LONGEST))
    return {"quarantined_id": second.pk}


def _advised(desk: _Desk) -> Mapping[str, object]:
    """Have recommendations, one of them changed at a desk, one in conflict."""
    say = desk.say
    entities: list[Entity] = []
    for label in ("A4. Tập huấn cho cán bộ", "A3. Bố trí nữ lãnh đạo"):
        entity = builders.recommendation(
            desk.world.project,
            desk.world.dong_hy.uid,
            say(label, 200),
            noi_dung=say("Mở một lớp tập huấn.", LONGEST),
            chu_the="so_nganh",
            loai=say("tap_huan", 60),
        )
        entities.append(entity)
    reason, evidence = say("Đã xem báo cáo.", LONGEST), say("30/BC-UBND", 200)
    desk.post(
        f"/kien-nghi/{entities[0].uuid}",
        state="dang_thuc_hien",
        reason=reason,
        evidence=evidence,
        seen="1",
    )
    for number, words in enumerate(("Mở hai lớp.", "Mở ba lớp.")):
        entity = Entity.objects.get(pk=entities[1].pk)
        base = Base(1) if number else None
        said = {"noi_dung": f"{number} {say(words, LONGEST)}"}
        change(entity, entity.entity_list, said, Author(f"u{number}"), base=base)
    conflict = EntityVersion.objects.exclude(conflict="").get(entity=entities[1])
    return {"uuid": entities[0].uuid, "conflict_id": conflict.pk}


def _planned(desk: _Desk, year: int) -> Mapping[str, object]:
    say = desk.say
    agency, _ = Agency.objects.get_or_create(code="so_noi_vu", defaults={"name_vi": "Sở Nội vụ"})
    desk.post(
        "/ke-hoach/moi",
        number=say("59/KH-UBND", 100),
        title=say("Kế hoạch kiểm tra bình đẳng giới", 500),
        signed_on=f"04/02/{year}",
        year=str(year),
        lead_agency=agency.code,
    )
    plan = Plan.objects.latest("pk")
    for team in ("Đoàn số 1", "Đoàn số 2"):
        desk.post(
            f"/ke-hoach/{plan.pk}/them",
            communes="dong hy\n05443",
            team=say(team, 200),
            form="kt_thu",
            starts_on=f"1/3/{year}",
            ends_on=f"15/3/{year}",
            reason="ke_hoach",
        )
    item = plan.items.order_by("pk")[0]
    return {"plan_id": plan.pk, "item_id": item.pk}


def _leaving(desk: _Desk, year: int) -> Mapping[str, object]:
    """Freeze a period twice, and ask for files."""
    desk.post(f"/ky-bao-cao/{year}-h1/khoa", confirmed="on")
    desk.post(f"/ky-bao-cao/{year}-h1/dinh-chinh", reason=desk.say("Xã bổ sung số.", LONGEST))
    desk.post(
        "/tep/moi",
        form="kt_thu",
        format="xlsx",
        profile="full",
        purpose=desk.say("Báo cáo quý 2", 200),
    )
    sent(desk.world.project, "uuid:later", desk.world.phan_dinh_phung)
    desk.post("/bo-loc?state=received", name=desk.say("Chờ duyệt", 60), shared="on")
    view = SavedView.objects.latest("pk")
    return {"export_id": Export.objects.latest("pk").pk, "number": 1, "view_id": view.pk}
