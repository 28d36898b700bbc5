"""Entity lists as two phones get them, over HTTP (openrosa.md §2.4, §2.5)."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest

from server.entities import acts, conflicts, desk
from server.entities.acts import Author
from server.entities.conflicts import Choice, Verdict
from server.entities.models import SYSTEM, Entity, EntityList
from server.forms.models import AttachmentSource, FormAttachment, FormState
from server.inspections import recommendation_succession
from server.projects import accounts
from server.projects.models import Project, Role
from sync.addresses import Addresses
from tests import builders
from tests.device import Device

FORM = """
| survey   | type      | name  | label    | save_to    |
|          | select_one_from_file kien_nghi.csv | id | Kiến nghị | |
|          | text      | xa    | Xã | xa |
|          | text      | state | Trạng thái | trang_thai |
|          | text      | proof | Bằng chứng | bang_chung |
| entities | list_name | label | entity_id | create_if | update_if |
|          | kien_nghi | ${xa} | ${id} | true() | true() |
| settings | form_title | form_id | version |
|          | Kiến nghị | kn | 1 |
"""
A = "0b1f5a52-6d1c-4c5e-9d0a-3f2b1c4d5e6f"
B = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
MANIFEST = "forms/kn/versions/1/manifest"


@pytest.fixture
def project(transactional_db: None) -> Project:
    made = accounts.create_project("Bình đẳng giới")
    version = builders.form(made, FORM)
    FormAttachment.objects.create(
        form_version=version,
        name="kien_nghi.csv",
        kind="file",
        source=AttachmentSource.ENTITIES,
        list_name="kien_nghi",
    )
    return made


@pytest.fixture
def lan(base_url: str, project: Project) -> Iterator[Device]:
    yield from phone(base_url, project, "Lan")


@pytest.fixture
def hoa(base_url: str, project: Project) -> Iterator[Device]:
    yield from phone(base_url, project, "Hoa")


@pytest.fixture
def of_dong_hy(base_url: str, project: Project) -> Iterator[Device]:
    yield from phone(base_url, project, "Mai", ["05665@2025-07-01"])


def phone(
    base_url: str, project: Project, name: str, communes: list[str] | None = None
) -> Iterator[Device]:
    token = accounts.create_app_user(project, name, commune_uids=communes or []).token
    made = Device(Addresses(base_url, token, project.pk).server)
    yield made
    made.close()


def give(device: Device, block: str, state: str, xa: str = "05665@2025-07-01") -> int:
    proof = "<proof>Đã xem bản gốc: 30/BC-UBND</proof>" if state == "hoan_thanh" else ""
    return device.give(
        f"<data id='kn' version='1'><xa>{xa}</xa><state>{state}</state>{proof}<meta>"
        f"<instanceID>uuid:{uuid4()}</instanceID><entity dataset='kien_nghi' {block}>"
        "<label>Tập huấn</label></entity></meta></data>".encode()
    ).status


def create(device: Device, uuid: str = A, xa: str = "05665@2025-07-01") -> int:
    return give(device, f"id='{uuid}' create='1'", "moi", xa)


def said(device: Device, element: str) -> str:
    found = re.search(f"<{element}>(.*?)</{element}>", device.fetch(MANIFEST).body.decode())
    return found[1] if found else ""


def held(device: Device) -> list[dict[str, str]]:
    answer = device.fetch(said(device, "downloadUrl"))
    return list(csv.DictReader(answer.body.decode().splitlines()))


def integrity(device: Device, query: str) -> str:
    return device.fetch(said(device, "integrityUrl") + query).body.decode()


def test_a_phone_closes_nothing_of_a_commune_whose_rows_it_never_gets(
    lan: Device, of_dong_hy: Device, project: Project
) -> None:
    create(lan, A, xa="05443@2025-07-01")
    create(lan, B)
    closing = "update='1' baseVersion='1'"

    foreign = give(of_dong_hy, f"id='{A}' {closing}", "hoan_thanh")
    own = give(of_dong_hy, f"id='{B}' {closing}", "hoan_thanh")

    assert (foreign, own) == (201, 201)
    states = {row["name"]: (row["trang_thai"], row["xa"]) for row in held(lan)}
    assert states == {
        A: ("moi", "05443@2025-07-01"),
        B: ("hoan_thanh", "05665@2025-07-01"),
    }
    kept = Entity.objects.get(uuid=A).versions.get(number=2)
    assert (kept.conflict, kept.rule) == ("rule", "entity.commune_refused")
    assert kept.held["trang_thai"] == "hoan_thanh"
    person = builders.member(project, role=Role.SUPERVISOR)
    conflicts.decide(kept.pk, Verdict(Choice.THEIRS, person, "Người cũ của xã.", 2))
    assert {row["name"]: row["trang_thai"] for row in held(lan)}[A] == "hoan_thanh"


def test_a_phone_reports_on_what_a_reform_brought_to_a_commune_that_it_is_not_given(
    of_dong_hy: Device, project: Project
) -> None:
    create(of_dong_hy)
    entity = Entity.objects.get(uuid=A)
    acts.change(entity, entity.entity_list, {"xa": "05443@2025-07-01"}, Author(SYSTEM))

    give(of_dong_hy, f"id='{A}' update='1' baseVersion='1'", "dang_thuc_hien")

    assert Entity.objects.get(uuid=A).data["trang_thai"] == "dang_thuc_hien"


@pytest.mark.row("MF08")
def test_the_manifest_says_what_it_is_and_its_hash_follows_every_change(lan: Device) -> None:
    hashes = [said(lan, "hash")]

    create(lan)
    hashes.append(said(lan, "hash"))
    give(lan, f"id='{A}' update='1' baseVersion='1'", "moi")
    hashes.append(said(lan, "hash"))
    desk.delete(Entity.objects.get().pk, Author(SYSTEM))
    hashes.append(said(lan, "hash"))

    assert 'type="entityList"' in lan.fetch(MANIFEST).body.decode()
    assert said(lan, "integrityUrl").endswith("/forms/kn/versions/1/lists/kien_nghi/integrity")
    assert len(set(hashes[:3])) == 3
    assert hashes[3] != hashes[2]


@pytest.mark.row("MF09", "ET21")
def test_a_list_that_needs_approval_is_called_so(lan: Device, project: Project) -> None:
    EntityList.objects.create(project=project, name="kien_nghi", approval_required=True)

    create(lan)

    assert 'type="approvalEntityList"' in lan.fetch(MANIFEST).body.decode()
    assert held(lan) == []


@pytest.mark.row("MF10", "MF11")
def test_what_one_phone_made_another_gets_and_changes_and_all_agree(
    lan: Device, hoa: Device
) -> None:
    assert create(lan) == 201
    (before,) = held(hoa)

    give(hoa, f"id='{A}' update='1' baseVersion='{before['__version']}'", "hoan_thanh")

    assert list(before) == ["name", "label", "__version", "bang_chung", "trang_thai", "xa"]
    assert held(lan) == held(hoa)
    assert (held(lan)[0]["name"], held(lan)[0]["trang_thai"]) == (A, "hoan_thanh")


@pytest.mark.row("ET14")
def test_the_updates_of_two_phones_that_cross_are_both_kept(lan: Device, hoa: Device) -> None:
    create(lan)
    branch = f"id='{A}' update='1' baseVersion='1' trunkVersion='1' branchId="

    give(lan, f"{branch}'{uuid4()}'", "dang_thuc_hien")
    give(hoa, f"{branch}'{uuid4()}'", "hoan_thanh")

    versions = Entity.objects.get().versions.order_by("number")
    assert [v.data["trang_thai"] for v in versions] == ["moi", "dang_thuc_hien", "hoan_thanh"]
    assert [v.conflict for v in versions] == ["", "", "hard"]
    assert held(lan)[0]["trang_thai"] == "hoan_thanh"


def test_what_a_phone_may_not_say_is_taken_and_no_phone_gets_it(lan: Device, hoa: Device) -> None:
    create(lan)

    status = lan.give(
        f"<data id='kn' version='1'><state>hoan_thanh</state><meta><instanceID>uuid:{uuid4()}"
        f"</instanceID><entity dataset='kien_nghi' id='{A}' update='1' baseVersion='1'><label/>"
        "</entity></meta></data>".encode()
    ).status

    (row,) = held(hoa)
    assert (status, row["trang_thai"], row["__version"]) == (201, "moi", "2")


def test_after_a_merger_phones_of_the_new_commune_get_what_was_the_old_ones(
    lan: Device, of_dong_hy: Device
) -> None:
    old = builders.commune("05600", "Cũ", since=None, until=builders.REFORM)
    builders.became(old, builders.commune("05665", "Xã Đồng Hỷ"))
    create(lan, xa=old.uid)
    before = held(of_dong_hy)

    recommendation_succession.follow()

    assert before == []
    assert [row["xa"] for row in held(of_dong_hy)] == ["05665@2025-07-01"]


@pytest.mark.row("MF13")
def test_a_phone_gets_the_rows_of_its_communes_only(lan: Device, of_dong_hy: Device) -> None:
    create(lan)
    create(lan, B, "05500@2025-07-01")

    assert [row["name"] for row in held(of_dong_hy)] == [A]
    assert [row["name"] for row in held(lan)] == [A, B]


@pytest.mark.row("MF17")
def test_a_deleted_entity_changes_the_tag(lan: Device) -> None:
    create(lan)
    url = said(lan, "downloadUrl")
    tag = lan.fetch(url).headers["etag"]

    desk.delete(Entity.objects.get().pk, Author(SYSTEM))
    answer = lan.fetch(url, {"If-None-Match": tag})

    assert answer.status == 200
    assert answer.headers["etag"] != tag


@pytest.mark.row("MF16")
def test_an_unchanged_list_is_not_fetched_again(lan: Device) -> None:
    create(lan)
    url = said(lan, "downloadUrl")

    answer = lan.fetch(url, {"If-None-Match": lan.fetch(url).headers["etag"]})

    assert answer.status == 304


@pytest.mark.row("MF15")
def test_a_phone_fetches_a_list_again_only_when_it_has_changed(lan: Device) -> None:
    create(lan)

    fetched = [lan.match_exactly(), lan.match_exactly()]
    give(lan, f"id='{A}' update='1' baseVersion='1'", "moi")
    fetched.append(lan.match_exactly())

    assert fetched == [["kn"], [], ["kn"]]


@pytest.mark.row("MF18", "MF19", "MF22", "MF23")
def test_integrity_tells_deleted_from_never_seen(lan: Device) -> None:
    create(lan)
    create(lan, B)
    desk.delete(Entity.objects.get(uuid=UUID(B)).pk, Author(SYSTEM))

    url = f"{said(lan, 'integrityUrl')}?id={A},{B},{uuid4()},x&deviceID=collect:1"
    answer = lan.fetch(url, {"X-OpenRosa-Version": "1.0"})

    assert answer.headers["x-openrosa-version"] == "1.0"
    assert re.findall(r'id="(.*?)"><deleted>(.*?)<', answer.body.decode()) == [
        (A, "false"),
        (B, "true"),
    ]


@pytest.mark.row("MF20")
def test_without_ids_integrity_speaks_of_all_and_with_none_it_knows_of_none(lan: Device) -> None:
    create(lan)

    assert A in integrity(lan, "")
    assert A not in integrity(lan, "?id=x")


@pytest.mark.row("MF21")
def test_a_closed_form_tells_nothing_of_its_list(lan: Device, project: Project) -> None:
    create(lan)
    url = said(lan, "integrityUrl")
    project.form_set.update(state=FormState.CLOSED)

    assert lan.fetch(url).status == 403
