from __future__ import annotations

import re
from collections import Counter
from functools import cache

import pytest

from server.submissions import instance
from sync.demo.inspections import Inspection, Sending, played
from sync.demo.rounds import Visit
from tests.demo import world
from tests.javarosa.filler import fill_rows

REPEATS = frozenset({"z_rec", "z_photo", "b_village"})
FORMS = ("kt_da8", "kt_bdg", "kt_ldn")
UUID_4 = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
SELDOM = {"z_diff_why", "h_gps_why"}  # seldom does a team think otherwise, or miss a fix
PHONES_OWN = frozenset(
    {"start", "end", "today", "deviceid", "username", "h_team/h_inspector_known"}
)


@cache
def everything() -> tuple[tuple[Visit, Inspection], ...]:
    desks = world.desks()
    return tuple(
        (visit, each) for visit in world.planned_with_other_forms() for each in played(visit, desks)
    )


def answers(sent: Inspection) -> instance.Answers:
    return instance.answers(instance.parse(sent.xml).root, REPEATS)


def inspections_of(form_id: str) -> list[instance.Answers]:
    return [
        answers(each)
        for visit, each in everything()
        if visit.form_id == form_id and each.kind == Sending.INSPECTION
    ]


@cache
def follow_ups() -> list[tuple[Visit, Inspection, dict[str, str]]]:
    return [
        (visit, each, dict(answers(each).flat))
        for visit, each in everything()
        if each.kind == Sending.FOLLOW_UP
    ]


@pytest.mark.parametrize("form_id", FORMS)
def test_every_question_is_answered_by_somebody(form_id: str) -> None:
    found = inspections_of(form_id)

    given = {path for each in found for path, text in each.flat.items() if text}

    form = world.desk(form_id).form
    notes = {bind.name for bind in form.binds if bind.is_readonly and not bind.calculate}
    blank = {name for name, path in form.paths.items() if path not in given}
    assert blank - notes <= SELDOM


@pytest.mark.parametrize("form_id", FORMS)
def test_three_results_occur(form_id: str) -> None:
    results = Counter(each.flat["z/z_result"] for each in inspections_of(form_id))

    assert set(results) == {"dat", "khong_dat", "chua_du_can_cu"}
    assert min(results.values()) >= 4


def test_a_firm_is_the_same_at_every_visit() -> None:
    names: dict[str, set[str]] = {}
    for each in inspections_of("kt_ldn"):
        names.setdefault(each.flat["h/h_commune"], set()).add(each.flat["d/d_name"])

    assert max(len(found) for found in names.values()) == 1


def test_each_recommendation_becomes_an_entity_of_its_own() -> None:
    ids = [
        found
        for _, each in everything()
        if each.kind == Sending.INSPECTION
        for found in re.findall(r'<entity dataset="kien_nghi" id="([^"]+)"', each.xml.decode())
    ]

    assert len(ids) > 50
    assert len(set(ids)) == len(ids)
    assert all(UUID_4.fullmatch(each) for each in ids)


def test_follow_ups_come_after_the_inspection_while_the_commune_is_there() -> None:
    early = [v.key for v, _, flat in follow_ups() if flat["h/h_date"] <= f"{v.day}"]
    gone = [
        v.key
        for v, _, flat in follow_ups()
        if v.unit.valid_to and flat["h/h_date"].replace("-", "") >= v.unit.valid_to
    ]

    assert follow_ups()
    assert (early, gone) == ([], [])


def test_what_is_done_is_proven_by_a_document() -> None:
    done = [flat for _, _, flat in follow_ups() if flat["t_after/t_state"] == "hoan_thanh"]

    assert len(done) > 10
    assert all(flat["t_after/t_proof"] for flat in done)


@pytest.mark.needs_java
@pytest.mark.parametrize("form_id", FORMS)
def test_the_phones_own_engine_calculates_the_same(form_id: str) -> None:
    desk, compiled = world.desk(form_id), world.compiled(form_id)
    honest = [
        (visit, answers(each))
        for visit, each in everything()
        if visit.form_id == form_id
        and each.kind == Sending.INSPECTION
        and not visit.is_miscalculated
    ][::9]
    calculated = {b.path.removeprefix("/data/") for b in desk.form.binds if b.calculate}
    rows = [_by_place(each) for _, each in honest]
    given = (path for row in rows for path in row if _plain(path) not in calculated)
    asked = list(dict.fromkeys(given))  # in the form's order: some open others

    theirs = fill_rows(
        compiled.xform,
        {"communes.csv": _communes([v for v, _ in honest]), "inspectors.csv": _inspectors()},
        [{path: row.get(path, "") for path in asked} for row in rows],
    )

    engine = [
        _by_place(instance.answers(instance.parse(each.xml).root, REPEATS)) for each in theirs
    ]
    assert [_comparable(row) for row in rows] == [_comparable(row) for row in engine]


def _by_place(found: instance.Answers) -> dict[str, str]:
    """Return the answers by path, rows of repeats numbered from 1."""
    placed = dict(found.flat)
    for name, rows in found.repeats.items():
        for number, row in enumerate(rows, 1):
            for path, text in row.items():
                placed[path.replace(f"{name}/", f"{name}[{number}]/", 1)] = text
    return placed


def _plain(path: str) -> str:
    return re.sub(r"\[\d+\]", "", path)


def _comparable(row: dict[str, str]) -> dict[str, str]:
    return {
        path: text
        for path, text in row.items()
        if text and path not in PHONES_OWN and "meta" not in path
    }


def _communes(visits: list[Visit]) -> bytes:
    rows = {
        f"{u.uid},{u.label},{u.type},{u.area},{u.valid_from},{u.valid_to}"
        for u in (visit.unit for visit in visits)
    }
    return "\n".join(["name,label,type,area,valid_from,valid_to", *sorted(rows), ""]).encode()


def _inspectors() -> bytes:
    rows = [f"{name},{name},{name}" for name in world.INSPECTORS]
    return "\n".join(["name,label,username", *rows, ""]).encode()
