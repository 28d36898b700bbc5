"""The filler itself: what it answers is what a phone would let an inspector answer."""

from __future__ import annotations

from datetime import date

import pytest
from lxml import etree
from pyxform.xls2xform import convert

from tests.javarosa import engine
from tests.javarosa.filler import TODAY, FilledInstance, FillingFailed, Manner, fill, fill_rows

pytestmark = pytest.mark.needs_java


def row(kind: str, name: str, **cells: str) -> dict[str, str]:
    """Return one row of a survey sheet."""
    return {"type": kind, "name": name, "label": name, **cells}


IN_FORCE = (
    "area=${h_area} and number(valid_from) <= ${h_ymd}"
    " and (valid_to = '' or number(valid_to) > ${h_ymd})"
)
WITHIN_A_YEAR = ". > ${h_date} and . <= date(decimal-date-time(${h_date}) + 365)"
TYPE_OF_COMMUNE = "instance('communes')/root/item[name=${h_commune}]/type"
SURVEY = [
    *({"type": kind, "name": kind} for kind in ("start", "end", "today", "username", "deviceid")),
    {"type": "audit", "name": "audit"},
    row("calculate", "record", calculation="once(uuid())"),
    row("begin_group", "h"),
    row("date", "h_date", required="yes", constraint=". <= today() and . >= date('2023-01-01')"),
    row("calculate", "h_ymd", calculation="number(format-date(${h_date}, '%Y%m%d'))"),
    row(
        "integer",
        "h_year",
        required="yes",
        constraint=". >= 2021 and . <= number(format-date(${h_date},'%Y'))",
    ),
    row("select_one area", "h_area", required="yes"),
    row("select_one_from_file communes.csv", "h_commune", required="yes", choice_filter=IN_FORCE),
    row("calculate", "h_type", calculation=TYPE_OF_COMMUNE),
    row(
        "select_one_from_file inspectors.csv",
        "h_who",
        required="yes",
        choice_filter="username=${username} or ${username}=''",
    ),
    row("geopoint", "h_gps"),
    row("text", "h_gps_why", required="yes", relevant="${h_gps} = ''"),
    row("end_group", "h"),
    row("integer", "women", required="yes", constraint=". >= 0"),
    row("integer", "loans", required="yes", constraint=". >= 0 and . <= ${women}"),
    row("decimal", "money"),
    row(
        "text",
        "words",
        required="yes",
        constraint="string-length(.) >= 20 and string-length(.) <= 60",
    ),
    row("select_multiple area", "areas", constraint="not(selected(., ${h_area}))"),
    row("begin_repeat", "advice"),
    row("date", "due", required="yes", constraint=WITHIN_A_YEAR),
    row("end_repeat", "advice"),
    row("integer", "villages", required="yes", constraint=". >= 0 and . <= 4"),
    # At a count of 0 JavaRosa keeps the first row (getodk/collect#6945), hence the relevance.
    row("begin_repeat", "village", repeat_count="${villages}", relevant="${villages} > 0"),
    row("image", "picture", required="yes"),
    row("end_repeat", "village"),
    row("acknowledge", "promise", required="yes"),
]
AREAS = [
    {"list_name": "area", "name": name, "label": name} for name in ("dong_hy", "vo_nhai", "dai_tu")
]
SETTINGS = [{"form_title": "Thử", "form_id": "thu", "version": "1"}]
MEDIA = {
    "communes.csv": (
        "name,label,type,area,valid_from,valid_to\n"
        "05443,Trưng Vương,phuong,dong_hy,20200101,20250701\n"
        "05444,Phan Đình Phùng,phuong,dong_hy,20250701,\n"
        "05500,Dân Tiến,xa,vo_nhai,20200101,\n"
        "05600,La Bằng,xa,dai_tu,20250701,\n"
    ).encode(),
    "inspectors.csv": (
        "name,label,username\n1,Một,can_bo\n2,Hai,can_bo\n3,Ba,nguoi_khac\n"
    ).encode(),
}


@pytest.fixture(scope="module")
def xform() -> bytes:
    sheets = {"survey": SURVEY, "choices": AREAS, "settings": SETTINGS}
    return str(convert(sheets).xform).encode()


@pytest.fixture(scope="module")
def filled(xform: bytes) -> list[FilledInstance]:
    return fill(xform, MEDIA, count=200, seed=1)


@pytest.fixture(scope="module")
def roots(filled: list[FilledInstance]) -> list[etree._Element]:
    return [etree.fromstring(instance.xml) for instance in filled]


def text(root: etree._Element, path: str) -> str:
    """Return an answer, "" for a blank or an absent one."""
    return root.findtext(path) or ""


def test_two_hundred_instances_have_two_hundred_instance_ids(roots: list[etree._Element]) -> None:
    ids = {text(root, "meta/instanceID") for root in roots}

    assert len(ids) == 200
    assert all(name.startswith("uuid:") for name in ids)


def test_the_same_seed_gives_the_same_bytes(xform: bytes, filled: list[FilledInstance]) -> None:
    engine.stop()

    in_another_engine = fill(xform, MEDIA, count=20, seed=1)
    once_more = fill(xform, MEDIA, count=20, seed=1)

    assert in_another_engine == once_more == filled[:20]


def test_another_seed_gives_other_answers(xform: bytes, filled: list[FilledInstance]) -> None:
    other = fill(xform, MEDIA, count=1, seed=2)

    assert other[0].xml != filled[0].xml


def test_every_required_and_relevant_question_is_answered(roots: list[etree._Element]) -> None:
    required = ["h/h_date", "h/h_year", "h/h_area", "h/h_commune", "h/h_who", "women", "loans"]
    required += ["words", "villages", "promise", "record", "today", "start", "end", "deviceid"]

    assert [path for root in roots for path in required if not text(root, path)] == []
    assert all(text(row, "due") for root in roots for row in root.findall("advice"))


def test_constraints_hold(roots: list[etree._Element]) -> None:
    for root in roots:
        day = date.fromisoformat(text(root, "h/h_date"))

        assert date(2023, 1, 1) <= day <= TODAY
        assert 2021 <= int(text(root, "h/h_year")) <= day.year
        assert 0 <= int(text(root, "loans")) <= int(text(root, "women"))
        assert 20 <= len(text(root, "words")) <= 60
        assert text(root, "h/h_area") not in text(root, "areas").split()
        assert all(
            0 < (date.fromisoformat(due.text or "") - day).days <= 365
            for due in root.iterfind("advice/due")
        )


def test_boundaries_are_met_often(roots: list[etree._Element]) -> None:
    shares = [(int(text(root, "loans")), int(text(root, "women"))) for root in roots]

    assert sum(whole == 0 for _, whole in shares) >= 10
    assert sum(part == whole > 0 for part, whole in shares) >= 10
    assert sum(0 < part < whole for part, whole in shares) >= 10


def test_choice_filters_hold_on_every_column(roots: list[etree._Element]) -> None:
    in_force = {
        "05443": ("dong_hy", "phuong", range(20200101, 20250701)),
        "05444": ("dong_hy", "phuong", range(20250701, 99999999)),
        "05500": ("vo_nhai", "xa", range(20200101, 99999999)),
        "05600": ("dai_tu", "xa", range(20250701, 99999999)),
    }

    for root in roots:
        area, kind, days = in_force[text(root, "h/h_commune")]
        assert area == text(root, "h/h_area")
        assert kind == text(root, "h/h_type")
        assert int(text(root, "h/h_ymd")) in days
        assert text(root, "h/h_who") in ("1", "2")
    assert {text(root, "h/h_commune") for root in roots} == set(in_force)


def test_an_irrelevant_question_is_absent_from_the_xml(roots: list[etree._Element]) -> None:
    located = [root for root in roots if text(root, "h/h_gps")]
    lost = [root for root in roots if not text(root, "h/h_gps")]

    assert located and all(root.find("h/h_gps_why") is None for root in located)
    assert lost and all(text(root, "h/h_gps_why") for root in lost)


def test_an_open_repeat_has_none_to_three_rows(roots: list[etree._Element]) -> None:
    assert {len(root.findall("advice")) for root in roots} == {0, 1, 2, 3}


def test_a_counted_repeat_has_as_many_rows_as_was_answered(roots: list[etree._Element]) -> None:
    assert all(len(root.findall("village")) == int(text(root, "villages")) for root in roots)
    assert {text(root, "villages") for root in roots} == {"0", "1", "2", "3", "4"}


def test_every_file_named_in_the_xml_is_there_and_no_other(filled: list[FilledInstance]) -> None:
    for instance in filled:
        root = etree.fromstring(instance.xml)
        named = {node.text for node in root.iterfind("village/picture")}

        assert set(instance.files) == named | {text(root, "meta/audit")}
        assert all(content for content in instance.files.values())


def test_a_set_answer_is_given_everywhere(xform: bytes) -> None:
    manner = Manner(sets={"h/h_area": "vo_nhai", "women": "7"})

    roots = [etree.fromstring(i.xml) for i in fill(xform, MEDIA, count=5, seed=3, manner=manner)]

    assert {text(root, "h/h_area") for root in roots} == {"vo_nhai"}
    assert {text(root, "women") for root in roots} == {"7"}


def test_with_blank_one_nothing_optional_is_answered(xform: bytes) -> None:
    filled = fill(xform, MEDIA, count=5, seed=4, manner=Manner(blank=1.0))

    roots = [etree.fromstring(instance.xml) for instance in filled]

    assert [text(root, path) for root in roots for path in ("money", "areas", "h/h_gps")] == [
        ""
    ] * 15


def test_the_phone_believes_that_today_is_the_day_it_is_told(xform: bytes) -> None:
    manner = Manner(today=date(2024, 2, 29), blank=0.0)

    roots = [etree.fromstring(i.xml) for i in fill(xform, MEDIA, count=10, seed=5, manner=manner)]

    assert {text(root, "today") for root in roots} == {"2024-02-29"}
    assert max(text(root, "h/h_date") for root in roots) <= "2024-02-29"


def test_rows_are_taken_as_they_are(xform: bytes) -> None:
    rows = [{"women": "2", "loans": "9"}, {"women": "", "loans": "0"}]

    roots = [etree.fromstring(instance.xml) for instance in fill_rows(xform, MEDIA, rows)]

    assert [(text(r, "women"), text(r, "loans")) for r in roots] == [("2", "9"), ("", "0")]


def test_a_question_that_nothing_fits_is_named(xform: bytes) -> None:
    impossible = xform.replace(b"&lt;= 60", b"&lt;= 19")

    with pytest.raises(FillingFailed, match="no valid answer found for /data/words"):
        fill(impossible, MEDIA, count=1, seed=1)


def test_a_missing_media_file_is_named(xform: bytes) -> None:
    with pytest.raises(FillingFailed, match=r"communes\.csv"):
        fill(xform, {"inspectors.csv": MEDIA["inspectors.csv"]}, count=1, seed=1)
