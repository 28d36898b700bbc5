"""Recommendations from one phone to another and back, with the workbooks that inspectors use.

Forms are filled by the phone's own engine from the files that the phone fetched; what is sent, is
sent over HTTP. Two phones that work without a network cross in every order that matters.
"""

from __future__ import annotations

import base64
import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any
from uuid import uuid4

import pytest
from lxml import etree

from server.communes.seed import load_units
from server.entities import conflicts
from server.entities.models import ConflictKind, Entity, EntitySource, SourceState
from server.forms import attachments, criteria_sets, expected, schema
from server.projects import accounts
from server.projects.models import Project
from sync.addresses import Addresses
from tests import builders
from tests.device import Device, Outgoing
from tests.javarosa.filler import FilledInstance, Job, Manner, fill_all
from tests.sync.conftest import base_url as base_url
from tests.workbooks import books
from tests.workbooks.books import MEDIA, PHUONG, XA
from tests.workbooks.tables import path_by_name

pytestmark = pytest.mark.needs_java

FORMS = ("kt_18_5", "theo_doi")
VISIT = {"h_date": "2026-11-20", "h_area": "dai_tu", "h_commune": XA}
RECOMMENDING = {**VISIT, "h_year": "2026", "h_period": "fy", "z_has_rec": "yes"}
COPIED = {"t_ev": "copied", "t_doc": "30/BC-UBND", "t_state": "hoan_thanh"}
OF_LAN, OF_HOA = str(uuid4()), str(uuid4())  # branches: what each phone changed without a network

# Two phones without a network: Lan gives more time; Hoa does so too, then sees the document.
MORE_TIME = {"t_ev": "verbal", "t_state": "dang_thuc_hien", "t_extend": "yes"}
UPDATES: Mapping[str, Mapping[str, str]] = {
    "Lan": {**MORE_TIME, "t_due": "2027-02-28"},
    "Hoa, first": {**MORE_TIME, "t_due": "2027-03-31"},
    "Hoa, second": {**COPIED, "t_ev": "seen", "t_due": ""},
}


@pytest.fixture
def project(transactional_db: None) -> Project:
    load_units()
    criteria_sets.load(criteria_sets.seeded())
    made = builders.project()
    for name in FORMS:
        compiled = books.form(name)
        version = builders.published(made, compiled, schema.read(compiled.xform, compiled.extras))
        attachments.attach(version, expected.read(compiled.xform), {})
        attachments.link_lists(version)
    return made


@pytest.fixture
def lan(base_url: str, project: Project) -> Iterator[Device]:
    yield from phone(base_url, project, "Lan", XA)


@pytest.fixture
def hoa(base_url: str, project: Project) -> Iterator[Device]:
    yield from phone(base_url, project, "Hoa", XA)


@pytest.fixture
def of_another_commune(base_url: str, project: Project) -> Iterator[Device]:
    yield from phone(base_url, project, "Mai", PHUONG)


def phone(base_url: str, project: Project, name: str, commune: str) -> Iterator[Device]:
    token = accounts.create_app_user(project, name, commune_uids=[commune]).token
    made = Device(Addresses(base_url, token, project.pk).server)
    yield made
    made.close()


def files(device: Device, form_id: str) -> dict[str, bytes]:
    """Return the files that a phone holds with a form, after it has asked for what is new."""
    device.match_exactly()
    (held,) = [form for form in device.held.values() if form.form_id == form_id]
    return dict(held.files)


def recommendations(device: Device) -> list[dict[str, str]]:
    return rows(files(device, "theo_doi")["kien_nghi.csv"])


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode())))


def in_hand(content: bytes, branch: str, changed: Mapping[str, Mapping[str, str]]) -> bytes:
    """Return an entity list as Collect gives it to a form: with its own count of versions.

    changed: what the phone itself has made of entities since it got the list, by their id. Each
    is one version more than the list has, and the list's version is where its branch began.
    """
    out = io.StringIO()
    found = rows(content)
    own = ["__trunkVersion", "__branchId"]
    writer = csv.DictWriter(out, [*found[0], *own], lineterminator="\n")
    writer.writeheader()
    for row in found:
        mine = changed.get(row["name"])
        version = str(int(row["__version"]) + 1) if mine else row["__version"]
        trunk = {"__trunkVersion": row["__version"], "__branchId": branch}
        writer.writerow({**row, **(mine or {}), **trunk, "__version": version})
    return out.getvalue().encode()


def send(device: Device, filled: FilledInstance) -> None:
    assert device.send(filled.xml, [Outgoing(*file) for file in filled.files.items()]).status == 201


def root_of(filled: FilledInstance) -> etree._Element:
    return etree.fromstring(filled.xml)


def with_two(filled: Sequence[FilledInstance]) -> FilledInstance:
    """Return the first inspection with two recommendations."""
    return next(one for one in filled if len(root_of(one).findall("z_rec")) == 2)


def filled(form_id: str, media: Mapping[str, bytes], sets: Mapping[str, str]) -> Job:
    return Job(books.form(form_id).xform, media, 6, 1, Manner(sets=sets))


@cache
def inspection() -> FilledInstance:
    (made,) = fill_all([filled("kt_18_5", MEDIA, RECOMMENDING)])
    return with_two(made)


@cache
def updates(kien_nghi: bytes) -> Mapping[str, FilledInstance]:
    """Fill what both phones do to the first recommendation, each from the same list."""
    uuid = rows(kien_nghi)[0]["name"]
    first = {"trang_thai": "dang_thuc_hien", "han": UPDATES["Hoa, first"]["t_due"]}
    lists = {
        "Lan": in_hand(kien_nghi, OF_LAN, {}),
        "Hoa, first": in_hand(kien_nghi, OF_HOA, {}),
        "Hoa, second": in_hand(kien_nghi, OF_HOA, {uuid: first}),
    }
    viec = b"name,label,__version,app_user,bieu,han,ho_so,ly_do,trang_thai,tu_ngay,xa\n"
    paths = path_by_name("theo_doi")
    jobs = []
    for seed, (who, kept) in enumerate(lists.items()):  # a seed each, for an instanceID each
        answers = {**VISIT, "t_rec": uuid, "t_done": "Đã rà soát.", "t_doc": "", **UPDATES[who]}
        ordered = sorted(answers, key=list(paths).index)
        row = {paths[question]: answers[question] for question in ordered}
        media = {**MEDIA, "viec.csv": viec, "kien_nghi.csv": kept}
        jobs.append(Job(books.form("theo_doi").xform, media, seed=seed, rows=[row]))
    return {who: made for who, (made,) in zip(lists, fill_all(jobs), strict=True)}


def integrity(device: Device, uuids: Sequence[str]) -> dict[str, str]:
    manifest = device.fetch(f"forms/theo_doi/versions/{version()}/manifest").body.decode()
    url = re.search("<integrityUrl>([^<]*/kien_nghi/integrity)<", manifest)
    assert url is not None
    answer = device.fetch(f"{url[1]}?id={','.join(uuids)}").body.decode()
    return dict(re.findall(r'id="(.*?)"><deleted>(.*?)<', answer))


def version() -> str:
    return books.form("theo_doi").version


def commune_row(device: Device, project: Project) -> dict[str, Any]:
    """Return what the summary says of the commune, as a supervisor asks for it."""
    member = builders.member(project)
    pair = base64.b64encode(f"{member.email}:{builders.PASSWORD}".encode()).decode()
    server = device.server_url.partition("/v1/")[0]
    address = f"{server}/v1/projects/{project.pk}/summary?form=kt_18_5&year=2026"
    program = Device(server, device_id="")  # else it says which phone it is, which no table takes
    answer = program.ask("GET", address, headers={"Authorization": f"Basic {pair}"})
    program.close()
    (found,) = [row for row in json.loads(answer.body)["communes"] if row["uid"] == XA]
    return dict(found)


def test_a_recommendation_is_made_on_one_phone_and_closed_on_another(
    lan: Device, hoa: Device, of_another_commune: Device, project: Project
) -> None:
    files_of_lan = files(lan, "kt_18_5")
    made = with_two(fill_all([filled("kt_18_5", files_of_lan, RECOMMENDING)])[0])
    send(lan, made)

    open_ones = recommendations(hoa)
    followed_up = fill_all([filled("theo_doi", held_by(hoa, OF_HOA), {**VISIT, **COPIED})])[0]
    chosen = {root_of(one).findtext("t/t_rec") for one in followed_up}
    closing = followed_up[0]
    closed = root_of(closing).findtext("t/t_rec") or ""
    send(hoa, closing)

    written = [row.findtext("zr_text") for row in root_of(made).findall("z_rec")]
    assert [row["noi_dung"] for row in open_ones] == written
    assert [(row["trang_thai"], row["__version"]) for row in open_ones] == [("moi", "1")] * 2
    assert recommendations(of_another_commune) == []
    uuids = [row["name"] for row in open_ones]
    assert chosen == set(uuids)  # the form offers both
    now = {row["name"]: row for row in recommendations(lan)}
    (other,) = set(uuids) - {closed}
    assert (now[closed]["trang_thai"], now[closed]["__version"]) == ("hoan_thanh", "2")
    assert now[closed]["bang_chung"] == "Có bản chụp: 30/BC-UBND"
    assert now[other] == next(row for row in open_ones if row["name"] == other)
    assert recommendations(hoa) == list(now.values())
    assert integrity(lan, [*uuids, str(uuid4())]) == dict.fromkeys(uuids, "false")
    assert integrity(of_another_commune, uuids) == dict.fromkeys(uuids, "false")
    told = commune_row(lan, project)
    assert told["latest"]["instance_id"] == root_of(made).findtext("meta/instanceID")
    assert told["status"] == root_of(made).findtext("z/z_result")
    assert told["recommendations"]["open"] == 1
    assert history(closed) == [("moi", "", None), ("hoan_thanh", "", 1)]
    assert history(other) == [("moi", "", None)]


def held_by(device: Device, branch: str) -> dict[str, bytes]:
    held = files(device, "theo_doi")
    return {**held, "kien_nghi.csv": in_hand(held["kien_nghi.csv"], branch, {})}


def history(uuid: str) -> list[tuple[str, str, int | None]]:
    """Return the state, the conflict and the base of every version of an entity."""
    found = Entity.objects.get(uuid=uuid).versions.order_by("number")
    return [(one.data["trang_thai"], one.conflict, one.base) for one in found]


# What came in this order, the versions after the first, and what the list says at last.
CROSSINGS = [
    pytest.param(
        ("Lan", "Hoa, first", "Hoa, second"),
        [
            ("dang_thuc_hien", ConflictKind.NONE, 1),
            ("dang_thuc_hien", ConflictKind.HARD, 1),
            ("hoan_thanh", ConflictKind.NONE, 3),
        ],
        ("hoan_thanh", "2027-03-31"),
        id="Lan, then Hoa",
    ),
    pytest.param(
        ("Hoa, first", "Hoa, second", "Lan"),
        [
            ("dang_thuc_hien", ConflictKind.NONE, 1),
            ("hoan_thanh", ConflictKind.NONE, 2),
            ("hoan_thanh", ConflictKind.RULE, 1),  # what is done no phone opens again
        ],
        ("hoan_thanh", "2027-03-31"),
        id="Hoa, then Lan",
    ),
    pytest.param(
        ("Hoa, second", "Lan", "Hoa, first"),
        [
            ("dang_thuc_hien", ConflictKind.NONE, 1),
            ("dang_thuc_hien", ConflictKind.HARD, 1),
            ("hoan_thanh", ConflictKind.NONE, 3),
        ],
        ("hoan_thanh", "2027-03-31"),
        id="Hoa's later one before her earlier one",
    ),
]


@pytest.mark.parametrize(("order", "versions", "last"), CROSSINGS)
def test_what_two_phones_do_without_a_network_is_kept_whatever_comes_first(
    lan: Device,
    hoa: Device,
    project: Project,
    order: tuple[str, ...],
    versions: list[tuple[str, str, int]],
    last: tuple[str, str],
) -> None:
    send(lan, inspection())
    kien_nghi = files(hoa, "theo_doi")["kien_nghi.csv"]

    for who in order:
        send(lan if who == "Lan" else hoa, updates(kien_nghi)[who])

    (changed, untouched) = recommendations(lan)
    assert history(changed["name"])[1:] == versions
    assert history(untouched["name"]) == [("moi", "", None)]
    assert (changed["trang_thai"], changed["han"]) == last
    assert recommendations(hoa) == [changed, untouched]
    assert set(EntitySource.objects.values_list("state", flat=True)) == {SourceState.DONE}
    (shown,) = conflicts.found(project.pk)
    deadline = next(one for one in conflicts.differences(shown) if one.name == "han")
    assert {deadline.ours, deadline.theirs} == {"2027-02-28", "2027-03-31"}
