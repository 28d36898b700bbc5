"""What a submission means, from the bytes that arrived to the rows that stand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.forms.models import model_to_dict
from django.test.utils import CaptureQueriesContext

from server.communes.models import AdminUnit
from server.forms.models import FormVersion
from server.inspections import derive
from server.inspections.models import Inspection
from server.projects.models import Project
from server.submissions.models import Submission
from tests import builders
from tests.builders import GOOD

IN_DONG = "21.65 105.95 0 10"  # lat lon altitude accuracy, in the middle of the square
JPEG = b"\xff\xd8\xff\xe0 a photo"


def meaning(submission: Submission) -> Inspection:
    return Inspection.objects.get(submission=submission)


def flags(submission: Submission) -> dict[str, Any]:
    return dict(meaning(submission).flags.values_list("code", "details"))


def statuses(submission: Submission) -> dict[str, str]:
    return dict(meaning(submission).findings.values_list("condition", "status"))


def test_what_was_answered_stands_by_path_and_repeats_apart(
    project: Project, dong: AdminUnit
) -> None:
    xml = builders.instance({**GOOD, "h/h_commune": "05665"}, photos=["1.jpg", "2.jpg"])

    inspection = meaning(builders.send(project, xml, {"1.jpg": JPEG, "2.jpg": JPEG}))

    assert inspection.answers["a/a3_key_f"] == "1"
    assert [row["z_photo/zp_img"] for row in inspection.repeats["z_photo"]] == ["1.jpg", "2.jpg"]
    assert "z_photo/zp_img" not in inspection.answers


def test_who_what_and_when_are_known(project: Project, dong: AdminUnit, squares: None) -> None:
    xml = builders.instance({**GOOD, "h/h_commune": "05665", "h/h_gps": IN_DONG})

    inspection = meaning(builders.send(project, xml))

    assert inspection.visit_date == dt.date(2026, 5, 20)
    assert (inspection.year, inspection.period) == (2026, "h1")
    assert inspection.unit == inspection.declared_unit == inspection.located_unit == dong
    assert (inspection.lon, inspection.lat, inspection.accuracy_m) == (105.95, 21.65, 10)
    assert (inspection.gps_status, inspection.gps_is_schematic) == ("inside", False)
    assert inspection.gps_distance_m == pytest.approx(5_170, abs=30)  # half a square, eastwards


def test_conditions_are_scored_with_what_they_rest_on(project: Project, dong: AdminUnit) -> None:
    answers = {**GOOD, "h/h_commune": "05665", "a/a5_child": "2", "a/a1_ev": "none"}

    submission = builders.send(project, builders.instance(answers))

    assert statuses(submission) == {"A1": "chua_du_can_cu", "A3": "dat", "A5": "khong_dat"}
    assert meaning(submission).result == "khong_dat"
    assert meaning(submission).evidence_share == pytest.approx(2 / 3)
    a5 = meaning(submission).findings.get(condition="A5")
    assert (a5.position, a5.value, a5.is_core, a5.is_verified) == (2, 2.0, True, True)
    assert a5.evidence == {"a/a5_child": "2", "a/a5_ev": "seen"}


def test_nothing_known_is_neither_met_nor_failed(project: Project, form: FormVersion) -> None:
    submission = builders.send(project, builders.instance({}))

    assert set(statuses(submission).values()) == {"chua_du_can_cu"}
    assert meaning(submission).result == "chua_du_can_cu"
    assert (meaning(submission).visit_date, meaning(submission).period) == (None, "")


def test_the_visit_date_decides_which_commune_a_code_and_a_point_mean(
    project: Project, form: FormVersion
) -> None:
    old = builders.commune("05443", "Phường Trưng Vương", since=None, until=builders.REFORM)
    new = builders.commune("05443", "Phường Phan Đình Phùng")
    builders.coverage({old: (105.8, 21.5)}, since=dt.date(2024, 12, 1), until=builders.REFORM)
    builders.coverage({new: (105.8, 21.5)})
    place = {"h/h_commune": "05443", "h/h_gps": "21.55 105.85 0 5"}

    before = builders.instance({**place, "h/h_date": "2025-06-30"}, instance_id="uuid:30")
    after = builders.instance({**place, "h/h_date": "2025-07-01"}, instance_id="uuid:01")
    located = [meaning(builders.send(project, xml)) for xml in (before, after)]

    assert [(one.declared_unit, one.located_unit) for one in located] == [(old, old), (new, new)]


def test_a_day_without_map_has_no_located_commune(
    project: Project, dong: AdminUnit, squares: None
) -> None:
    answers = {"h/h_date": "2024-03-01", "h/h_gps": IN_DONG}

    inspection = meaning(builders.send(project, builders.instance(answers)))

    assert (inspection.gps_status, inspection.located_unit) == ("no_coverage", None)


def test_where_nothing_is_declared_the_point_decides(
    project: Project, dong: AdminUnit, squares: None
) -> None:
    xml = builders.instance({**GOOD, "h/h_gps": IN_DONG})

    inspection = meaning(builders.send(project, xml))

    assert (inspection.unit, inspection.declared_unit) == (dong, None)


def test_a_code_that_no_commune_had_that_day_counts_nowhere_and_is_flagged(
    project: Project, dong: AdminUnit, squares: None
) -> None:
    answers = {**GOOD, "h/h_commune": "05665@2025-07-01", "h/h_gps": IN_DONG}

    of_the_day = builders.instance(answers, instance_id="uuid:1")
    too_early = builders.instance({**answers, "h/h_date": "2025-06-30"}, instance_id="uuid:2")
    unknown = builders.instance({**answers, "h/h_commune": "99999"}, instance_id="uuid:3")
    first, second, third = (builders.send(project, x) for x in (of_the_day, too_early, unknown))

    assert (meaning(first).unit, "unit_unknown" in flags(first)) == (dong, False)
    assert (meaning(second).unit, "unit_unknown" in flags(second)) == (None, True)
    assert (meaning(third).unit, "unit_unknown" in flags(third)) == (None, True)
    assert meaning(third).located_unit == dong


@pytest.mark.parametrize(
    ("gps", "is_far"),
    [
        ("21.65 105.8957 0 10", False),  # 445 m beyond the line
        ("21.65 105.8945 0 10", True),  # 569 m
        ("21.65 105.8945 0 600", False),  # 569 m, but the fix is no better than 600 m
        ("21.65 105.85 0 600", True),  # in the middle of the neighbour
        ("10.77 106.69 0 5", True),  # in another province
    ],
)
def test_far_is_farther_outside_than_the_fix_is_good_and_500_m(
    project: Project, dong: AdminUnit, squares: None, gps: str, is_far: bool
) -> None:
    xml = builders.instance({**GOOD, "h/h_commune": "05665", "h/h_gps": gps})

    submission = builders.send(project, xml)

    assert ("gps_far" in flags(submission)) is is_far
    assert meaning(submission).unit == dong


def test_a_far_point_is_told_with_figures(project: Project, dong: AdminUnit, squares: None) -> None:
    xml = builders.instance({**GOOD, "h/h_commune": "05665", "h/h_gps": "21.65 105.8945 0 10"})

    assert flags(builders.send(project, xml))["gps_far"] == {
        "outside_m": 569,
        "allowed_m": 500,
        "located": "05500@2025-07-01",
        "is_schematic": False,
    }


def test_a_form_without_a_point_is_flagged(project: Project, dong: AdminUnit) -> None:
    submission = builders.send(project, builders.instance({**GOOD, "h/h_commune": "05665"}))

    assert flags(submission) == {"gps_missing": {}}
    assert meaning(submission).gps_status == "missing"


def test_a_phone_that_calculates_otherwise_is_flagged(
    project: Project, dong: AdminUnit, squares: None
) -> None:
    place = {"h/h_commune": "05665", "h/h_gps": IN_DONG}
    told = {**GOOD, **place, "a/f_a1": "dat", "a/f_a5": "khong_dat", "z_result": "khong_dat"}

    submission = builders.send(project, builders.instance(told))

    assert flags(submission) == {"result_differs": {"conditions": ["A5"], "result": True}}
    assert meaning(submission).result == "dat"  # ours counts
    assert meaning(submission).device_result == "khong_dat"


def test_a_phone_that_calculates_the_same_is_not(
    project: Project, dong: AdminUnit, squares: None
) -> None:
    place = {"h/h_commune": "05665", "h/h_gps": IN_DONG}
    told = {**GOOD, **place, "a/f_a1": "dat", "a/f_a5": "dat", "z_result": "dat"}

    assert flags(builders.send(project, builders.instance(told))) == {}


def test_a_missing_photo_is_flagged_until_it_comes(project: Project, dong: AdminUnit) -> None:
    xml = builders.instance(GOOD, photos=["nguyen thi a.jpg", "2.jpg"])
    submission = builders.send(project, xml, {"2.jpg": JPEG})
    assert flags(submission)["photo_missing"] == {"count": 1, "questions": ["z_photo/zp_img"]}

    builders.send(project, xml, {"nguyen thi a.jpg": JPEG})

    assert "photo_missing" not in flags(submission)


def test_a_file_that_came_again_with_other_bytes_is_flagged_and_both_are_kept(
    project: Project, dong: AdminUnit
) -> None:
    xml = builders.instance({**GOOD, "h/h_commune": "05665"}, photos=["1.jpg"])
    builders.send(project, xml, {"1.jpg": JPEG})

    submission = builders.send(project, xml, {"1.jpg": JPEG + b"other"})

    assert flags(submission)["file_differs"] == {"count": 1, "questions": ["z_photo/zp_img"]}
    version = submission.current_version
    assert version is not None
    assert [file.size for file in version.attachments.order_by("pk")] == [len(JPEG), len(JPEG) + 5]


def test_a_file_that_came_twice_alike_is_not_flagged(project: Project, dong: AdminUnit) -> None:
    xml = builders.instance({**GOOD, "h/h_commune": "05665"}, photos=["1.jpg"])
    builders.send(project, xml, {"1.jpg": JPEG})

    submission = builders.send(project, xml, {"1.jpg": JPEG})

    assert "file_differs" not in flags(submission)


def test_an_edit_means_what_its_own_answers_mean(project: Project, dong: AdminUnit) -> None:
    first = builders.send(project, builders.instance({**GOOD, "a/a5_child": "1"}))
    assert meaning(first).result == "khong_dat"

    edited = builders.instance(GOOD, instance_id="uuid:2", deprecated_id="uuid:1")
    second = builders.send(project, edited)

    assert second.pk == first.pk
    assert meaning(first).result == "dat"
    assert statuses(first)["A5"] == "dat"
    assert Inspection.objects.count() == 1


def test_an_encrypted_edit_leaves_no_meaning_behind(project: Project, dong: AdminUnit) -> None:
    submission = builders.send(project, builders.instance(GOOD))

    version = submission.current_version
    assert version is not None
    version.is_encrypted = True
    version.save()
    derive.derive([submission.pk])

    assert not Inspection.objects.exists()


@pytest.mark.parametrize(
    ("given", "year", "period"),
    [
        ({"h/h_year": "2026", "h/h_period": "fy", "h/h_date": "2026-05-20"}, 2026, "fy"),
        ({"h/h_year": "2026", "h/h_period": "adhoc", "h/h_date": "2026-06-30"}, 2026, "h1"),
        ({"h/h_year": "2026", "h/h_period": "adhoc", "h/h_date": "2026-07-01"}, 2026, "fy"),
        ({"h/h_year": "2025", "h/h_period": "adhoc", "h/h_date": "2026-02-01"}, 2025, "fy"),
        ({"h/h_date": "2026-02-01"}, 2026, "h1"),
        ({"h/h_year": "x", "h/h_date": "no day"}, None, ""),
    ],
)
def test_the_period_is_the_declared_one_or_that_of_the_visit(
    project: Project, form: FormVersion, given: dict[str, str], year: int | None, period: str
) -> None:
    inspection = meaning(builders.send(project, builders.instance(given)))

    assert (inspection.year, inspection.period) == (year, period)


def test_names_are_compared_in_one_spelling_of_unicode(project: Project, form: FormVersion) -> None:
    decomposed = "Xa\u0303"

    inspection = meaning(builders.send(project, builders.instance({"h/h_unit_type": decomposed})))

    assert inspection.answers["h/h_unit_type"] == "Xã"


def test_deriving_again_writes_nothing(project: Project, dong: AdminUnit, squares: None) -> None:
    xml = builders.instance({**GOOD, "h/h_commune": "05665", "h/h_gps": IN_DONG}, photos=["1.jpg"])
    submission = builders.send(project, xml)
    before = list(Inspection.objects.values()), list(meaning(submission).findings.values())

    outcome = derive.derive([submission.pk])

    assert (outcome.derived, outcome.changed) == (1, 0)
    assert before == (
        list(Inspection.objects.values()),
        list(meaning(submission).findings.values()),
    )


def test_one_arrival_costs_few_questions_to_the_database(
    project: Project, dong: AdminUnit, squares: None
) -> None:
    builders.send(project, builders.instance(GOOD, instance_id="uuid:first"))  # fills the caches
    receipt = builders.arrive(project, builders.instance(GOOD, instance_id="uuid:second"))

    with CaptureQueriesContext(connection) as asked:
        derive.arrived(receipt)

    assert Inspection.objects.count() == 2
    assert len(asked) == 2, "\n".join(query["sql"] for query in asked)


def test_a_re_send_costs_no_question(project: Project, dong: AdminUnit) -> None:
    builders.send(project, builders.instance(GOOD))
    receipt = builders.arrive(project, builders.instance(GOOD))

    with CaptureQueriesContext(connection) as asked:
        derive.arrived(receipt)

    assert len(asked) == 0


def test_what_an_arrival_writes_is_what_derive_writes(
    project: Project, dong: AdminUnit, squares: None
) -> None:
    far_away = builders.instance({**GOOD, "h/h_gps": "22.5 106.4 0 10"}, photos=["1.jpg"])
    submission = builders.send(project, far_away)
    before = rows_of(submission)

    outcome = derive.derive([submission.pk])
    assert (outcome.derived, outcome.changed) == (1, 0)
    Inspection.objects.all().delete()
    derive.derive([submission.pk])

    assert rows_of(submission) == before
    assert [len(rows) for rows in before] > [1, 1, 1]


def rows_of(submission: Submission) -> list[list[dict[str, Any]]]:
    found = meaning(submission)
    own = {"id", "inspection_id", "derived_at"}  # differ whenever a row is written anew
    rows: list[Any] = [[found], found.findings.order_by("pk"), found.flags.order_by("pk")]
    return [
        [
            {f: v for f, v in model_to_dict(row).items() if f not in own | {"inspection"}}
            for row in of
        ]
        for of in rows
    ]


def test_a_file_that_comes_before_the_meaning_is_written_keeps_the_debt(
    project: Project, dong: AdminUnit
) -> None:
    xml = builders.instance(GOOD, photos=["1.jpg"])
    first = builders.arrive(project, xml)
    second = builders.arrive(project, xml, {"1.jpg": JPEG})

    derive.arrived(first)
    assert not Inspection.objects.exists()
    assert Submission.objects.owed().count() == 1

    derive.arrived(second)
    assert flags(Submission.objects.get()).keys() == {"gps_missing", "unit_unknown"}
    assert not Submission.objects.owed().exists()
