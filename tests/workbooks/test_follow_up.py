"""Recommendations on the phone: an inspection makes them, the follow-up offers and changes them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from uuid import UUID

import pytest
from lxml import etree

from server.forms.attachments import OWN_ENTITY_LISTS
from tests.javarosa.filler import FilledInstance, FillingFailed, Job, Manner, fill, fill_all
from tests.workbooks import books
from tests.workbooks.books import INSPECTIONS, MEDIA, PHUONG, XA
from tests.workbooks.tables import path_by_name

pytestmark = pytest.mark.needs_java

RANDOM = 300


def _cell(text: str) -> str:
    """Return a cell as the server's lists have it."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="").writerow([text])
    return out.getvalue()


NEW, LATE, UNDER_WAY, DONE, ELSEWHERE = (f"{n}0000000-0000-4000-8000-000000000000" for n in "12345")
COLUMNS = "name label __version xa bieu dieu_kien noi_dung chu_the han trang_thai".replace(" ", ",")
RECOMMENDATIONS = f"""{COLUMNS}
{NEW},A3. Kiện toàn,1,{XA},kt_18_5,A3,Bổ sung nữ lãnh đạo,ubnd_xa,2026-12-01,moi
{LATE},B1. Lập tổ,4,{XA},kt_da8,B1,Lập đủ tổ truyền thông,ubnd_xa,2026-06-30,qua_han
{UNDER_WAY},C2. Rà soát,2,{XA},kt_bdg,C2,Rà soát cán bộ nữ,ubnd_xa,2027-01-31,dang_thuc_hien
{DONE},A1. Kế hoạch,3,{XA},kt_18_5,A1,Ban hành kế hoạch,ubnd_xa,2026-05-31,hoan_thanh
{ELSEWHERE},A1. Kế hoạch,1,05443@start,kt_18_5,A1,Ban hành kế hoạch,ubnd_xa,2026-05-31,moi
"""
REASON = 'Câu A3: ghi "01 nữ",\nảnh mờ; chụp lại 📷.'
RETURNED = f"""name,label,__version,app_user,xa,bieu,ho_so,ly_do,han,trang_thai
v1,Chỉ tiêu 18.5,1,can_bo,{XA},kt_18_5,uuid:1,{_cell(REASON)},2026-11-30,moi
v2,Dự án 8,1,nguoi_khac,{XA},kt_da8,uuid:2,Thiếu ảnh,2026-11-30,moi
"""
LISTS = {**MEDIA, "kien_nghi.csv": RECOMMENDATIONS.encode(), "viec.csv": RETURNED.encode()}
IN_A_XA = {"h_date": "2026-11-20", "h_area": "dai_tu", "h_commune": XA}

# What is answered, what the entity is told, and what is left as it was (absent, not blank).
VISITS: list[tuple[str, dict[str, str], dict[str, str]]] = [
    (
        "done, document seen",
        {"t_ev": "seen", "t_doc": "30/BC-UBND", "t_state": "hoan_thanh"},
        {"trang_thai": "hoan_thanh", "bang_chung": "Đã xem bản gốc: 30/BC-UBND"},
    ),
    (
        "under way, only told of: the earlier document stays",
        {"t_ev": "verbal", "t_state": "dang_thuc_hien", "t_extend": "no"},
        {"trang_thai": "dang_thuc_hien"},
    ),
    (
        "under way with a copy and more time",
        {
            "t_ev": "copied",
            "t_doc": "12/KH-UBND",
            "t_state": "dang_thuc_hien",
            "t_extend": "yes",
            "t_due": "2027-02-28",
        },
        {
            "trang_thai": "dang_thuc_hien",
            "bang_chung": "Có bản chụp: 12/KH-UBND",
            "han": "2027-02-28",
        },
    ),
    (
        "carried over",
        {"t_ev": "none", "t_state": "chuyen_ky", "t_due": "2027-06-30"},
        {"trang_thai": "chuyen_ky", "han": "2027-06-30"},
    ),
    (
        "a date that was entered before the state was changed is not sent",
        {"t_ev": "seen", "t_doc": "1/BC", "t_state": "hoan_thanh", "t_due": "2027-02-28"},
        {"trang_thai": "hoan_thanh", "bang_chung": "Đã xem bản gốc: 1/BC"},
    ),
]
VISITED = {"t_rec": LATE, "t_done": "Đã lập thêm tổ."}


def rows() -> list[dict[str, str]]:
    """Return the visits above, one more in a commune without recommendations, by path."""
    visits = [{**IN_A_XA, **VISITED, **answers} for _, answers, _ in VISITS]
    nowhere = {"h_date": "2026-11-20", "h_area": "thai_nguyen", "h_commune": PHUONG}
    asked = dict.fromkeys(question for visit in visits for question in visit)
    paths = path_by_name("theo_doi")
    ordered = sorted(asked, key=list(paths).index)
    return [{paths[q]: visit.get(q, "") for q in ordered} for visit in [*visits, nowhere]]


@pytest.fixture(scope="module")
def filled() -> list[list[FilledInstance]]:
    xform = books.form("theo_doi").xform
    random = Job(xform, LISTS, RANDOM, 7, Manner(sets=IN_A_XA))
    recommending = [
        Job(books.form(name).xform, MEDIA, 6, 3, Manner(sets=_recommending(name)))
        for name in INSPECTIONS
    ]
    return fill_all([Job(xform, LISTS, rows=rows()), random, *recommending])


def _recommending(name: str) -> dict[str, str]:
    sets = {"d_tax": "4600123456"} if name == "kt_ldn" else {}
    return {**IN_A_XA, **sets, "z_has_rec": "yes"}


def saved(name: str, holder: etree._Element, path: str) -> dict[str, str]:
    """Return what an instance tells the entity of `holder`, which stands at `path`, by property."""
    binds = re.findall(rb'<bind nodeset="/data/([^"]+)"[^>]*saveto="(\w+)"', books.form(name).xform)
    found = {}
    for nodeset, key in binds:
        node = holder.find(nodeset.decode().removeprefix(path).lstrip("/"))
        if node is not None:
            found[key.decode()] = node.text or ""
    return found


def root_of(one: FilledInstance) -> etree._Element:
    return etree.fromstring(one.xml)


def block_of(holder: etree._Element) -> Mapping[str, str]:
    block = holder.find("meta/entity")
    assert block is not None
    return {str(key): str(value) for key, value in block.attrib.items()}


@pytest.mark.parametrize("number", range(len(VISITS)), ids=[visit[0] for visit in VISITS])
def test_a_visit_changes_what_it_says_and_nothing_else(
    filled: list[list[FilledInstance]], number: int
) -> None:
    root = root_of(filled[0][number])

    assert saved("theo_doi", root, "") == VISITS[number][2]
    block = block_of(root)
    assert (block["dataset"], block["id"], block["baseVersion"]) == ("kien_nghi", LATE, "4")
    assert block["update"] in ("1", "true")
    assert "create" not in block


def test_where_nothing_is_open_the_form_says_so_and_changes_nothing(
    filled: list[list[FilledInstance]],
) -> None:
    root = root_of(filled[0][-1])

    assert root.findtext("t_n") == "0"
    assert block_of(root)["update"] not in ("1", "true")
    assert [root.find(group) for group in ("t_work", "t_after")] == [None, None]


def test_the_inspector_reads_what_was_recommended(filled: list[list[FilledInstance]]) -> None:
    shown = root_of(filled[0][0]).find("t")

    assert shown is not None
    texts = {str(child.tag): child.text for child in shown}
    assert texts["t_text"] == "Lập đủ tổ truyền thông"
    assert (texts["t_owner_vi"], texts["t_owner_en"]) == ("UBND xã", "Commune People's Committee")
    assert (texts["t_state_vi"], texts["t_state_en"]) == ("Quá hạn", "Overdue")
    assert texts["t_due_day"] == "30/06/2026"


def test_the_open_recommendations_of_the_commune_are_offered_and_no_others(
    filled: list[list[FilledInstance]],
) -> None:
    chosen = {root_of(one).findtext("t/t_rec") for one in filled[1]}

    assert len(filled[1]) == RANDOM
    assert chosen == {NEW, LATE, UNDER_WAY}
    assert {root_of(one).findtext("t_n") for one in filled[1]} == {"3"}


def test_nothing_is_done_without_a_document(filled: list[list[FilledInstance]]) -> None:
    roots = [root_of(one) for one in filled[1]]
    done = [root for root in roots if root.findtext("t_after/t_state") == "hoan_thanh"]

    assert done
    assert {root.findtext("t_work/t_ev") for root in done} == {"seen", "copied"}
    assert all(saved("theo_doi", root, "")["bang_chung"] for root in done)


def test_done_on_hearsay_is_refused() -> None:
    manner = Manner(sets={**IN_A_XA, "t_ev": "verbal", "t_state": "hoan_thanh"})

    with pytest.raises(FillingFailed, match="t_state"):
        fill(books.form("theo_doi").xform, LISTS, count=1, seed=1, manner=manner)


def test_a_copied_document_is_photographed(filled: list[list[FilledInstance]]) -> None:
    for one in filled[1]:
        root = root_of(one)
        wanted = root.findtext("t_work/t_ev") == "copied"
        photo = root.findtext("t_photo/t_img")
        assert bool(photo) == wanted
        assert not photo or photo in one.files


def test_only_their_own_returned_inspections_are_shown(
    filled: list[list[FilledInstance]],
) -> None:
    roots = [root_of(one) for one in filled[1]]

    assert {root.findtext("v_n") for root in roots} == {"1"}
    assert {root.findtext("v/v_task") for root in roots} == {"", "v1"}
    told = {root.findtext("v/v_why") for root in roots if root.findtext("v/v_task")}
    assert told == {REASON}


@pytest.mark.parametrize("name", INSPECTIONS)
def test_every_recommendation_becomes_an_entity(
    filled: list[list[FilledInstance]], name: str
) -> None:
    roots = [root_of(one) for one in filled[2 + INSPECTIONS.index(name)]]
    repeated = [(root, row) for root in roots for row in root.findall("z_rec")]

    assert len(repeated) > 1
    assert len({block_of(row)["id"] for _, row in repeated}) == len(repeated)
    for root, row in repeated:
        block = block_of(row)
        assert (block["dataset"], block["create"]) == ("kien_nghi", "1")
        assert UUID(block["id"]).version == 4
        text, condition = row.findtext("zr_text") or "", row.findtext("zr_cond")
        assert row.findtext("meta/entity/label") == f"{condition}. {text[:60]}"
        assert saved(name, row, "z_rec") == {
            "dieu_kien": condition,
            "loai": row.findtext("zr_kind"),
            "noi_dung": text,
            "chu_the": row.findtext("zr_owner"),
            "muc_do": row.findtext("zr_sev"),
            "han": row.findtext("zr_due"),
            "xa": XA,
            "bieu": name,
            "trang_thai": "moi",
            "ngay_kiem_tra": root.findtext("h/h_date"),
        }


def test_what_the_follow_up_reads_is_what_inspections_write() -> None:
    """Else the phone would show a blank."""
    read = re.findall(rb"instance\('kien_nghi'\)/root/item\[[^]]*\]/(\w+)", _bytes("theo_doi"))
    written = set(re.findall(rb'saveto="(\w+)"', _bytes("kt_da8")))

    assert set(read) - {b"__version", b"__trunkVersion", b"__branchId"} <= written
    assert set(map(_saves, INSPECTIONS)) == {_saves("kt_da8")}


def test_the_follow_up_reads_of_a_returned_inspection_what_the_server_writes() -> None:
    read = re.findall(rb"instance\('viec'\)/root/item\[[^]]*\]/(\w+)", _bytes("theo_doi"))
    header = set(RETURNED.partition("\n")[0].split(","))

    assert {column.decode() for column in read} == {"ly_do", "han"}
    assert header - {"name", "label", "__version"} <= set(OWN_ENTITY_LISTS["viec"])


def test_what_comes_back_can_be_corrected_on_the_phone() -> None:
    """A follow-up cannot: its correction would not change the recommendation again."""
    editable = {name for name in books.EVERY if b'client-editable="true"' in _bytes(name)}

    assert editable == set(INSPECTIONS)


def _bytes(name: str) -> bytes:
    return books.form(name).xform


def _saves(name: str) -> frozenset[bytes]:
    return frozenset(re.findall(rb'saveto="(\w+)"', _bytes(name)))
