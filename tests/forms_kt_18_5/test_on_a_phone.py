"""What the form lets an inspector do on a phone, played by the phone's own engine."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
from lxml import etree

from server.communes.seed import load_units
from server.forms.compile import compile_workbook
from server.inspections.lists import communes_csv
from tests.forms_kt_18_5.test_workbook import PATH
from tests.javarosa.filler import FillingFailed, Manner, fill, fill_rows

pytestmark = pytest.mark.needs_java

INSPECTORS = b"name,label,username\nan,An,an\nbinh,B\xc3\xacnh,binh\n"
MAP_OF_WARD = {"h_date": "2026-11-20", "h_area": "thai_nguyen", "h_commune": "05443@2025-07-01"}
ASKED_OF_A_XA = ["a", *(f"a{n}" for n in range(1, 15)), "a3_more", "z_notes", "z_next"]


@pytest.fixture(scope="module")
def xform() -> bytes:
    return compile_workbook(PATH.read_bytes()).xform


@pytest.fixture
def media(db: None) -> dict[str, bytes]:
    """Return the lists as the server renders them from its own units."""
    load_units()
    return {"communes.csv": communes_csv(), "inspectors.csv": INSPECTORS}


def filled(
    xform: bytes,
    media: Mapping[str, bytes],
    *,
    count: int = 1,
    sets: Mapping[str, str] | None = None,
    username: str = "an",
) -> list[etree._Element]:
    manner = Manner(sets=sets or {}, username=username)
    return [
        etree.fromstring(one.xml) for one in fill(xform, media, count=count, seed=7, manner=manner)
    ]


def first_day(valid_from: str) -> str:
    """Return the first day that the form takes for a commune: of an old one 1 January 2023."""
    text = max(valid_from, "20230101")
    return f"{text[:4]}-{text[4:6]}-{text[6:]}"


def test_a_ward_is_asked_for_no_condition_and_ends_as_not_applicable(
    xform: bytes, media: dict[str, bytes]
) -> None:
    root = filled(xform, media, sets=MAP_OF_WARD)[0]

    assert root.findtext("h/h_unit_type") == "phuong"
    assert [name for name in ASKED_OF_A_XA if root.find(name) is not None] == []
    assert root.findtext("z/z_result") == "khong_ap_dung"
    assert root.find("z/z_team_view") is None


def test_one_code_is_two_communes_on_two_days(xform: bytes, media: dict[str, bytes]) -> None:
    ward = {"h/h_area": "thai_nguyen"}
    days = {"2025-06-30": "05443@start", "2025-07-01": "05443@2025-07-01"}
    rows = [ward | {"h/h_date": day, "h/h_commune": uid} for day, uid in days.items()]

    roots = [etree.fromstring(one.xml) for one in fill_rows(xform, media, rows)]

    names = [root.findtext("h/h_commune_name") for root in roots]
    assert names == ["Phường Trưng Vương", "Phường Phan Đình Phùng"]
    assert [root.findtext("h/h_commune_fits") for root in roots] == ["1", "1"]


def test_communes_of_every_kind_area_and_time_can_be_chosen_on_their_days(
    xform: bytes, media: dict[str, bytes]
) -> None:
    lines = [line.split(",") for line in media["communes.csv"].decode().splitlines()[1:]]
    rows = [
        {"h/h_date": first_day(start), "h/h_area": area, "h/h_commune": name}
        for name, _, _, area, start, _ in {tuple(line[2:]): line for line in lines}.values()
    ]

    roots = [etree.fromstring(one.xml) for one in fill_rows(xform, media, rows)]

    assert len([line for line in lines if line[5] == ""]) == 92
    unfit = [r.findtext("h/h_commune") for r in roots if r.findtext("h/h_commune_fits") != "1"]
    assert unfit == []


def test_a_commune_that_the_date_rules_out_is_refused_at_the_end(
    xform: bytes, media: dict[str, bytes]
) -> None:
    """As when the date is changed after the commune was chosen."""
    unfiltered = re.sub(rb"(instance\('communes'\)/root/item)\[[^]]*\](?=\">)", rb"\1", xform)
    before_the_reform = MAP_OF_WARD | {"h_commune": "05443@start"}

    assert unfiltered != xform
    with pytest.raises(FillingFailed, match="z_ok"):
        filled(unfiltered, media, sets=before_the_reform)


def test_an_inspector_sees_only_their_own_name(xform: bytes, media: dict[str, bytes]) -> None:
    roots = filled(xform, media, count=6, username="binh")

    assert {root.findtext("h_team/h_inspector") for root in roots} == {"binh"}


def test_a_phone_that_is_not_in_the_list_can_still_choose_an_inspector(
    xform: bytes, media: dict[str, bytes]
) -> None:
    roots = filled(xform, media, count=6, username="moi_den")

    assert {root.findtext("h_team/h_inspector") for root in roots} == {"an", "binh"}


@pytest.mark.parametrize("number", ["0912345678", "gọi 0912 345 678", "cccd\n019.190.001234"])
def test_a_telephone_or_identity_number_is_refused_in_free_text(
    xform: bytes, media: dict[str, bytes], number: str
) -> None:
    with pytest.raises(FillingFailed, match="z_minutes"):
        filled(xform, media, sets=MAP_OF_WARD | {"z_minutes": number})


def test_the_number_and_date_of_a_document_are_no_telephone_number(
    xform: bytes, media: dict[str, bytes]
) -> None:
    document = "125/QĐ-UBND ngày 05.11.2026, đường dây 18008080"

    root = filled(xform, media, sets=MAP_OF_WARD | {"z_minutes": document})[0]

    assert root.findtext("z_end/z_minutes") == document


def test_one_photo_more_than_allowed_is_refused(xform: bytes, media: dict[str, bytes]) -> None:
    """The limit is 10; the filler takes up to 3, so the limit is lowered here."""
    allowed = [len(root.findall("z_photo")) for root in filled(xform, media, count=25)]
    at_most_one = xform.replace(b"position(..) &lt;= 10", b"position(..) &lt;= 1")
    fewer = [len(root.findall("z_photo")) for root in filled(at_most_one, media, count=25)]

    assert max(allowed) > 1
    assert max(fewer) == 1
