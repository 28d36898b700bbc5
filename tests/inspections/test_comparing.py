"""What comparing inspections with each other finds: each flag, on both sides of its boundary."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from server.communes.models import AdminUnit
from server.inspections import visits
from server.inspections.neighbours import MOST
from server.projects.models import Project
from server.submissions.models import PhotoFacts
from tests.inspections.visits import compared, copied, flags, inspector, point, trip, visit
from tests.photos import picture

# impossible_speed: 0.2 degrees are 22.15 km, which takes 11 min 4 s at 120 km/h.


@pytest.mark.parametrize(("begun", "is_flagged"), [("09:11", True), ("09:12", False)])
def test_two_visits_are_too_far_apart_for_the_time_between_them(
    project: Project, communes: list[AdminUnit], begun: str, is_flagged: bool
) -> None:
    one = visit(project, "uuid:1", communes[0], trip("08:00", "09:00", 0))
    other = visit(project, "uuid:2", communes[1], trip(begun, "10:00", 0.2))
    compared()

    assert ("impossible_speed" in flags(one)) is is_flagged
    assert ("impossible_speed" in flags(other)) is is_flagged


def test_the_evidence_of_speed_are_both_ids_kilometres_and_minutes(
    project: Project, communes: list[AdminUnit]
) -> None:
    one = visit(project, "uuid:1", communes[0], trip("08:00", "09:00", 0))
    visit(project, "uuid:2", communes[1], trip("09:10", "10:00", 0.2))
    compared()

    assert flags(one)["impossible_speed"] == {
        "instance_id": "uuid:1",
        "legs": [{"instance_id": "uuid:2", "km": 22.1, "minutes": 10}],
    }


@pytest.mark.parametrize(("north", "is_flagged"), [(0.0179, False), (0.0182, True)])
def test_less_than_two_kilometres_are_no_journey(
    project: Project, communes: list[AdminUnit], north: float, is_flagged: bool
) -> None:
    one = visit(project, "uuid:1", communes[0], trip("08:00", "09:00", 0))
    visit(project, "uuid:2", communes[1], trip("09:00", "10:00", north))
    compared()

    assert ("impossible_speed" in flags(one)) is is_flagged


def test_a_form_saved_again_in_the_evening_did_not_end_there(
    project: Project, communes: list[AdminUnit]
) -> None:
    one = visit(project, "uuid:1", communes[0], trip("08:00", "20:00", 0))
    visit(project, "uuid:2", communes[1], trip("09:00", "20:05", 0.2))
    compared()

    assert flags(one) == {}


def test_two_phones_may_be_anywhere(project: Project, communes: list[AdminUnit]) -> None:
    lan, hoa = inspector(project, "Lan", "Đoàn 1"), inspector(project, "Hoa", "Đoàn 1")
    one = visit(project, "uuid:1", communes[0], trip("08:00", "09:00", 0), by=lan)
    visit(project, "uuid:2", communes[1], trip("09:10", "10:00", 0.2), by=hoa)
    compared()

    assert flags(one) == {}


def test_only_visits_in_a_row_are_compared(project: Project, communes: list[AdminUnit]) -> None:
    one = visit(project, "uuid:1", communes[0], trip("08:00", "08:10", 0))
    last = visit(project, "uuid:3", communes[2], trip("08:30", "08:40", 0.5))
    compared()
    between = visit(project, "uuid:2", communes[1], trip("08:15", "08:20", 0.01))
    compared()

    assert flags(one) == {}
    assert flags(last)["impossible_speed"]["legs"][0]["instance_id"] == "uuid:2"
    assert flags(between)["impossible_speed"]["legs"][0]["instance_id"] == "uuid:3"


def test_however_many_were_begun_at_once_the_last_of_them_is_compared(
    project: Project, communes: list[AdminUnit]
) -> None:
    for number in range(MOST + 2):
        visit(project, f"uuid:{number:02}", communes[0], trip("08:00", "08:10", 0))
    after = visit(project, "uuid:after", communes[2], trip("08:20", "08:40", 0.5))
    compared()

    (leg,) = flags(after)["impossible_speed"]["legs"]
    assert leg["instance_id"] == f"uuid:{MOST + 1:02}"


# many_at_one_point: 0.0009 degrees are 99.7 m.


@pytest.mark.parametrize(("north", "is_flagged"), [(0.0009, True), (0.00091, False)])
def test_three_communes_at_one_point(
    project: Project, communes: list[AdminUnit], north: float, is_flagged: bool
) -> None:
    lan, hoa = inspector(project, "Lan", "Đoàn 1"), inspector(project, "Hoa", "Đoàn 1")
    one = visit(project, "uuid:1", communes[0], {"h/h_gps": point()}, by=lan)
    visit(project, "uuid:2", communes[1], {"h/h_gps": point()}, by=hoa)
    visit(project, "uuid:3", communes[2], {"h/h_gps": point(north)}, by=hoa)
    compared()

    assert ("many_at_one_point" in flags(one)) is is_flagged


def test_the_evidence_of_one_point_are_ids_and_metres(
    project: Project, communes: list[AdminUnit]
) -> None:
    one = visit(project, "uuid:1", communes[0], {"h/h_gps": point()})
    visit(project, "uuid:2", communes[1], {"h/h_gps": point()})
    visit(project, "uuid:3", communes[2], {"h/h_gps": point(0.0005)})
    compared()

    assert flags(one)["many_at_one_point"] == {
        "communes": 3,
        "count": 2,
        "others": ["uuid:2", "uuid:3"],
        "metres": 55,
    }


@pytest.mark.parametrize(
    ("commune", "answers"),
    [
        (1, {}),  # only two communes
        (2, {"h/h_period": "fy"}),
        (2, {"h/h_year": "2025"}),
    ],
)
def test_two_communes_or_other_periods_are_not_many(
    project: Project, communes: list[AdminUnit], commune: int, answers: Mapping[str, str]
) -> None:
    here = {"h/h_gps": point()}
    one = visit(project, "uuid:1", communes[0], here)
    visit(project, "uuid:2", communes[1], here)
    visit(project, "uuid:3", communes[commune], {**here, **answers, "h/h_date": "2026-05-21"})
    compared()

    assert "many_at_one_point" not in flags(one)


# duplicate_visit


def test_two_of_a_team_report_the_same_visit(project: Project, communes: list[AdminUnit]) -> None:
    lan, hoa = inspector(project, "Lan", "Đoàn 1"), inspector(project, "Hoa", "Đoàn 1")
    one = visit(project, "uuid:1", communes[0], by=lan)
    other = visit(project, "uuid:2", communes[0], by=hoa)
    compared()

    assert flags(one) == {"duplicate_visit": {"same_visit": ["uuid:2"], "same_visit_count": 1}}
    assert flags(other) == {"duplicate_visit": {"same_visit": ["uuid:1"], "same_visit_count": 1}}


@pytest.mark.parametrize(
    ("commune", "team", "answers"),
    [
        (1, "Đoàn 1", {}),
        (0, "Đoàn 2", {}),
        (0, "Đoàn 1", {"h/h_date": "2026-05-21"}),
        (0, "Đoàn 1", {"d_name": "Công ty May"}),
    ],
)
def test_another_commune_team_day_or_workplace_is_another_visit(
    project: Project,
    communes: list[AdminUnit],
    commune: int,
    team: str,
    answers: Mapping[str, str],
) -> None:
    one = visit(project, "uuid:1", communes[0], by=inspector(project, "Lan", "Đoàn 1"))
    visit(project, "uuid:2", communes[commune], answers, by=inspector(project, "Hoa", team))
    compared()

    assert flags(one) == {}


# Of 26 compared answers 25 are 96 %, 24 are 92 %.
@pytest.mark.parametrize(("but", "is_flagged"), [(1, True), (2, False)])
def test_answers_that_are_nearly_those_of_another_commune(
    project: Project, communes: list[AdminUnit], but: int, is_flagged: bool
) -> None:
    one = visit(project, "uuid:1", communes[0], copied(but=0))
    visit(project, "uuid:2", communes[1], {**copied(but), "h/h_date": "2026-05-22"})
    compared()

    alike = {"alike": [{"instance_id": "uuid:2", "percent": 96}], "alike_count": 1}
    assert flags(one) == ({"duplicate_visit": alike} if is_flagged else {})


def test_another_team_may_answer_alike(project: Project, communes: list[AdminUnit]) -> None:
    lan, hoa = inspector(project, "Lan", "Đoàn 1"), inspector(project, "Hoa", "Đoàn 2")
    one = visit(project, "uuid:1", communes[0], copied(but=0), by=lan)
    visit(project, "uuid:2", communes[1], copied(but=0), by=hoa)
    compared()

    assert flags(one) == {}


# same_photo, photo_far


def test_a_photo_used_again_is_known_after_scaling(
    project: Project, communes: list[AdminUnit]
) -> None:
    one = visit(project, "uuid:1", communes[0], photo=picture())
    other = visit(project, "uuid:2", communes[1], photo=picture(quality=40, size=(320, 240)))
    compared()

    assert flags(one)["same_photo"]["others"][0]["instance_id"] == "uuid:2"
    assert flags(other)["same_photo"]["count"] == 1


def test_another_photo_is_not_the_same(project: Project, communes: list[AdminUnit]) -> None:
    one = visit(project, "uuid:1", communes[0], photo=picture())
    visit(project, "uuid:2", communes[1], photo=picture(2))
    compared()

    assert flags(one) == {}


@pytest.mark.parametrize(("bits", "is_flagged"), [(40, True), (41, False)])
def test_photos_are_the_same_up_to_forty_bits(
    project: Project, communes: list[AdminUnit], bits: int, is_flagged: bool
) -> None:
    one = visit(project, "uuid:1", communes[0], photo=picture())
    compared()
    (facts,) = PhotoFacts.objects.all()
    other = visit(project, "uuid:2", communes[1], photo=picture(quality=40))
    (blob,) = visits.photos([other.pk])[other.pk]
    dhash = f"{int(facts.dhash, 16) ^ ((1 << bits) - 1):064x}"
    PhotoFacts.objects.create(blob=blob, dhash=dhash, bands=facts.bands)
    compared()

    assert ("same_photo" in flags(one)) is is_flagged


def test_one_photo_may_show_in_two_forms_about_one_visit(
    project: Project, communes: list[AdminUnit]
) -> None:
    one = visit(project, "uuid:1", communes[0], photo=picture())
    visit(project, "uuid:2", communes[0], {"d_name": "Công ty May"}, photo=picture())
    compared()

    assert flags(one) == {}


# 0.0045 degrees are 498 m, 0.0046 are 509 m.
@pytest.mark.parametrize(
    ("north", "accuracy", "is_flagged"),
    [(0.0045, "10", False), (0.0046, "10", True), (0.0046, "520", False)],
)
def test_a_photo_taken_far_from_the_visit(
    project: Project, communes: list[AdminUnit], north: float, accuracy: str, is_flagged: bool
) -> None:
    photo = picture(place=(105.95, 21.65 + north))
    one = visit(project, "uuid:1", communes[0], {"h/h_gps": point(0, accuracy)}, photo=photo)
    compared()

    far = {"photo_far": {"far": 1, "far_m": 509, "allowed_m": 500}}
    assert flags(one) == (far if is_flagged else {})


# The visit's day, 20 May, ends at midnight in Vietnam, which is what a camera without a zone says.
@pytest.mark.parametrize(
    ("taken", "is_flagged"),
    [
        ("2026:05:22 00:00:00", False),
        ("2026:05:22 00:00:01", True),
        ("2026:05:19 00:00:00", False),
        ("2026:05:18 23:59:59", True),
    ],
)
def test_a_photo_taken_another_day(
    project: Project, communes: list[AdminUnit], taken: str, is_flagged: bool
) -> None:
    one = visit(project, "uuid:1", communes[0], photo=picture(taken=taken))
    compared()

    assert flags(one) == ({"photo_far": {"other_day": 1, "hours": 24}} if is_flagged else {})
