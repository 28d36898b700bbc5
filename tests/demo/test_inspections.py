from __future__ import annotations

import io
import itertools
import unicodedata
from collections import Counter
from dataclasses import replace

import pytest
from lxml import etree
from PIL import Image

from server.forms.compiled import CompiledForm
from server.submissions import instance
from sync.demo.inspections import AUDIT, Desk, Inspection, inspections
from sync.demo.photos import photo
from sync.demo.rounds import Visit
from tests.javarosa.filler import fill_rows

REPEATS = frozenset({"z_rec", "z_photo"})
COMMUNES_HEADER = "name,label,type,area,valid_from,valid_to"


@pytest.fixture
def sent(planned: list[Visit], desk: Desk) -> list[Inspection]:
    return [inspection for visit in planned for inspection in inspections(visit, desk)]


@pytest.fixture
def answered(sent: list[Inspection]) -> list[instance.Answers]:
    return [instance.answers(instance.parse(each.xml).root, REPEATS) for each in sent]


def test_the_same_visit_gives_the_same_bytes(planned: list[Visit], desk: Desk) -> None:
    visit = next(visit for visit in planned if visit.is_edited)

    assert inspections(visit, desk) == inspections(visit, desk)
    assert inspections(visit, desk)[0].files() == inspections(visit, desk)[0].files()


def test_every_inspection_has_an_id_of_its_own(sent: list[Inspection]) -> None:
    assert len({each.instance_id for each in sent}) == len(sent)


def test_a_correction_names_the_inspection_it_replaces(planned: list[Visit], desk: Desk) -> None:
    visit = next(visit for visit in planned if visit.is_edited)

    first, edit = (instance.parse(each.xml) for each in inspections(visit, desk))

    assert edit.deprecated_id == first.instance_id
    assert edit.instance_id != first.instance_id


def test_every_question_of_the_form_is_answered_by_somebody(
    desk: Desk, answered: list[instance.Answers]
) -> None:
    given = {path for each in answered for path, text in each.flat.items() if text}

    blank = {path for path in desk.form.paths.values() if path not in given}

    notes = {path for path in blank if path.endswith("_note") or "/z_is_" in path}
    assert blank - notes == {"h_notice", "h/h_not_xa"}


def test_all_four_results_occur(answered: list[instance.Answers]) -> None:
    results = Counter(each.flat["z/z_result"] for each in answered)

    assert set(results) == {"dat", "khong_dat", "chua_du_can_cu", "khong_ap_dung"}
    assert min(results.values()) > 30


def test_a_phuong_is_asked_for_nothing_but_where_and_when(planned: list[Visit], desk: Desk) -> None:
    visit = next(visit for visit in planned if visit.unit.type == "phuong")

    inspection = inspections(visit, desk)[0]

    flat = instance.answers(instance.parse(inspection.xml).root, REPEATS).flat
    assert flat["z/z_result"] == "khong_ap_dung"
    assert not any(path.startswith("a") for path in flat)
    assert inspection.photos == {}


def test_text_is_composed_as_phones_write_it(sent: list[Inspection]) -> None:
    texts = [each.xml.decode() for each in sent]

    assert [text for text in texts if unicodedata.normalize("NFC", text) != text] == []


def test_a_missing_photo_is_named_and_not_sent(planned: list[Visit], desk: Desk) -> None:
    visit = next(v for v in planned if v.is_photo_missing and v.is_in_scope)

    inspection = inspections(visit, desk)[0]

    expected = instance.expected_files(
        instance.parse(inspection.xml), frozenset({"z_photo/zp_img", "meta/audit"})
    )
    assert len(set(expected) - {file.name for file in inspection.files()}) == 1


def test_every_other_photo_and_the_log_are_sent(planned: list[Visit], desk: Desk) -> None:
    visit = next(v for v in planned if not v.is_photo_missing and v.photos == 3 and v.is_in_scope)

    inspection = inspections(visit, desk)[0]

    names = [file.name for file in inspection.files()]
    assert len(names) == 4
    assert names[-1] == AUDIT
    assert all(name.encode() in inspection.xml for name in names)


def test_a_photo_is_a_picture_of_a_realistic_size() -> None:
    picture = photo("one")

    image = Image.open(io.BytesIO(picture))
    image.load()
    assert image.format == "PNG"
    assert 30_000 < len(picture) < 80_000


def test_no_two_photos_are_the_same() -> None:
    pictures = [photo(seed) for seed in ("one", "two", "three")]

    assert all(a != b for a, b in itertools.combinations(pictures, 2))
    assert photo("one") == pictures[0]


@pytest.mark.needs_java
def test_the_phones_own_engine_fills_in_the_same(
    compiled: CompiledForm, desk: Desk, planned: list[Visit]
) -> None:
    some = planned[::8]  # the engine takes a tenth of a second for each
    honest = [replace(visit, is_miscalculated=False, is_edited=False) for visit in some]
    sent = [inspections(visit, desk)[0] for visit in honest]
    ours = [instance.answers(instance.parse(each.xml).root, REPEATS).flat for each in sent]
    asked = sorted({path for flat in ours for path in flat} - _calculated(compiled))

    theirs = fill_rows(
        compiled.xform,
        {"communes.csv": _communes(honest), "inspectors.csv": _inspectors(desk)},
        [{path: flat.get(path, "") for path in asked} for flat in ours],
    )

    engine = [instance.answers(instance.parse(each.xml).root, REPEATS).flat for each in theirs]
    assert [_comparable(flat) for flat in ours] == [_comparable(flat) for flat in engine]


def _calculated(compiled: CompiledForm) -> set[str]:
    """Return the paths of every question that the phone calculates."""
    binds = etree.fromstring(compiled.xform).iter("{*}bind")
    paths = [bind.get("nodeset", "") for bind in binds if bind.get("calculate")]
    return {path.removeprefix("/data/") for path in paths}


def _communes(visits: list[Visit]) -> bytes:
    rows = {
        f"{u.uid},{u.label},{u.type},{u.area},{u.valid_from},{u.valid_to}"
        for u in (visit.unit for visit in visits)
    }
    return "\n".join([COMMUNES_HEADER, *sorted(rows), ""]).encode()


def _inspectors(desk: Desk) -> bytes:
    rows = [f"{name},{name},{name}" for name in desk.inspectors]
    return "\n".join(["name,label,username", *rows, ""]).encode()


def _comparable(flat: object) -> dict[str, str]:
    """Return the answers that depend on the inspection, blanks and what a phone adds left out."""
    assert isinstance(flat, dict)
    phones_own = ("start", "end", "today", "deviceid", "username", "h_team/h_inspector_known")
    return {
        path: text
        for path, text in flat.items()
        if text and path not in phones_own and not path.startswith("meta/")
    }
