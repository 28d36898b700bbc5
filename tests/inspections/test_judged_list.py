"""What records came to is listed as reading all of it would, whatever became of the records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from server import lengths
from server.inspections.judged_lengths import OF_ALL, OF_ONE, JudgedLength, Kind
from server.inspections.judged_list import ORDERS, JudgedList, judged_list
from server.inspections.models import Finding, Flag, GpsStatus, Inspection, Status
from server.projects.models import Membership, Role
from server.statements import all_rows
from server.submissions.models import ReviewState, Submission
from tests import builders

OURS, FORMERLY, THEIRS = "05665@2025-07-01", "05665@start", "05500@2025-07-01"
ALL, ONE = 1 << OF_ALL, 1 << OF_ONE
# In several blocks of both kinds: units of inspections, by number.
UNITS: Mapping[int, str | None] = {
    1: OURS,
    2: THEIRS,
    ALL - 1: FORMERLY,
    ALL: OURS,
    ALL + 1: None,
    2 * ALL + 5: OURS,
    ONE - 1: THEIRS,
    ONE: OURS,
    ONE + 1: FORMERLY,
    ONE + ALL: OURS,
}
GONE = (2, ALL, ONE + 1)
MODELS = {Kind.INSPECTION: Inspection, Kind.FINDING: Finding, Kind.FLAG: Flag}
ABOVE = {Kind.INSPECTION: "", Kind.FINDING: "inspection__", Kind.FLAG: "inspection__"}


@pytest.fixture
def form_ids(db: None) -> tuple[int, ...]:
    builders.commune("05665", "Xã Một")
    builders.commune("05665", "Xã Một", since=None, until=builders.REFORM)
    builders.commune("05500", "Xã Hai")
    versions = [builders.form(builders.project(name)) for name in ("Thái Nguyên", "Bắc Kạn")]
    for version in versions:
        _fill(version.form_id, version.pk, shift=version.form_id % 2 * 10)
    return (versions[0].form_id,)


def _fill(form_id: int, version_id: int, *, shift: int) -> None:
    now = timezone.now()
    for place, (number, unit) in enumerate(UNITS.items()):
        submission = Submission.objects.create(
            form_id=form_id,
            instance_id=f"uuid:{number}",
            created_at=now,
            deleted_at=now if number in GONE else None,
        )
        inspection = Inspection.objects.create(
            pk=number + shift,
            submission=submission,
            form_id=form_id,
            form_version_id=version_id,
            year=2025 + place % 2,
            unit_id=unit,
            gps_status=GpsStatus.MISSING,
            answers={},
            repeats={},
            derived_at=now,
        )
        Flag.objects.bulk_create(
            Flag(inspection=inspection, code=code) for code in ("late", "gps_far")[: place % 3]
        )
        Finding.objects.bulk_create(
            Finding(
                inspection=inspection,
                position=position,
                condition=f"A{position}",
                status=(Status.DAT, Status.KHONG_DAT)[(place + position) % 2],
                is_core=True,
                is_verified=True,
                has_document=False,
            )
            for position in range(place % 4)
        )


def read(judged: JudgedList) -> list[int]:
    """Return the numbers of all of them, found by reading."""
    above = ABOVE[judged.kind]
    wanted: dict[str, Any] = {
        f"{above}form__in": judged.form_ids,
        f"{above}submission__deleted_at": None,
        **({f"{above}unit__in": judged.communes} if judged.communes else {}),
        **({f"{above}year": judged.year} if judged.year else {}),
        **judged.equal,
    }
    found = MODELS[judged.kind]._default_manager.filter(**wanted).order_by(*ORDERS[judged.kind])
    return list(found.values_list("pk", flat=True))


def part(judged: JudgedList, many: int, **where: Any) -> list[int]:
    return [row.pk for row in judged.part(many, **where)]


# Merged by commune, and of more units than are.
@pytest.mark.parametrize("most_merged", [40, 1])
@pytest.mark.parametrize("communes", [frozenset(), frozenset({OURS, FORMERLY})])
@pytest.mark.parametrize("kind", Kind)
def test_any_part_is_found(
    kind: Kind,
    communes: frozenset[str],
    most_merged: int,
    form_ids: tuple[int, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("server.inspections.judged_list.MOST_MERGED", most_merged)
    judged = JudgedList(kind, form_ids, communes)
    expected = read(judged)
    assert len(expected) > 3

    assert judged.count() == len(expected)
    for skip in range(len(expected) + 2):
        assert part(judged, 2, skip=skip) == expected[skip : skip + 2]
    last = judged.part(2)[1]
    place = (last.pk, 0) if kind is Kind.INSPECTION else (last.inspection_id, _within(last))
    assert part(judged, 99, after=place) == expected[2:]
    assert part(judged, 1, after=place, skip=1) == expected[3:4]


def _within(row: Any) -> int:
    return int(row.position if isinstance(row, Finding) else row.pk)


@pytest.mark.parametrize(
    ("kind", "narrowed"),
    [
        (Kind.FINDING, {"year": 2026, "equal": {"status": "khong_dat"}}),
        (Kind.FINDING, {"equal": {"condition": "A1", "status": "dat"}}),
        (Kind.FLAG, {"equal": {"code": "late"}}),
    ],
)
def test_a_part_of_what_is_narrowed_is_found(
    kind: Kind, narrowed: dict[str, Any], form_ids: tuple[int, ...]
) -> None:
    judged = JudgedList(kind, form_ids, frozenset({OURS, FORMERLY}), **narrowed)
    expected = read(judged)

    found = [part(judged, 2, skip=skip) for skip in range(3)]

    assert expected
    assert found == [expected[skip : skip + 2] for skip in range(3)]
    with pytest.raises(ValueError, match="not known"):
        judged.count()


def test_notes_follow_all_that_becomes_of_findings(form_ids: tuple[int, ...]) -> None:
    inspection = Inspection.objects.get(form__in=form_ids, pk__range=(ONE + ALL, ONE + ALL + 99))
    Inspection.objects.filter(pk=inspection.pk).update(unit=THEIRS)
    inspection.findings.all()[:1].get().delete()
    Inspection.objects.filter(unit=FORMERLY, form__in=form_ids).update(unit=None)
    Flag.objects.filter(inspection=inspection).delete()
    Submission.objects.filter(inspection__unit=OURS).update(review_state=ReviewState.APPROVED)
    Inspection.objects.filter(unit=OURS)[:1].get().delete()

    assert lengths.mend(JudgedLength) == 0
    lengths.fold(JudgedLength)
    assert lengths.mend(JudgedLength) == 0
    judged = JudgedList(Kind.FINDING, form_ids, frozenset({THEIRS}))
    assert judged.count() == len(read(judged)) > 0


def test_what_was_scored_anew_keeps_its_place(form_ids: tuple[int, ...]) -> None:
    judged = JudgedList(Kind.FINDING, form_ids)
    before = [(row.inspection_id, row.condition) for row in judged.part(99)]
    again = judged.part(99)[len(before) - 1]
    Finding.objects.filter(pk=again.pk).delete()
    again.pk = None
    again.save()

    assert [(row.inspection_id, row.condition) for row in judged.part(99)] == before


def test_whoever_reviews_nothing_has_no_such_list() -> None:
    with pytest.raises(ValueError, match="reviews no record"):
        judged_list(Membership(role=Role.VIEWER), Kind.FLAG, (1,))


def test_noting_what_came_reads_no_other_inspection_without_statistics(
    form_ids: tuple[int, ...],
) -> None:
    inspection = Inspection.objects.filter(form__in=form_ids).earliest("pk")
    inspection.findings.all().delete()
    _several_pages_beside(inspection)
    asked = (
        "SELECT seq_tup_read FROM pg_stat_xact_user_tables WHERE relname = 'inspections_inspection'"
    )
    [(before,)] = all_rows(asked, [])
    # As many as an arrival brings, to a connection that has planned nothing yet: for fewer
    # PostgreSQL looks up by key anyhow.
    with connection.cursor() as cursor:
        cursor.execute("DISCARD PLANS")
    Finding.objects.bulk_create(
        Finding(
            inspection=inspection,
            position=place,
            condition=f"c{place}",
            status=Status.DAT,
            is_core=True,
            is_verified=True,
            has_document=False,
        )
        for place in range(17)
    )

    assert all_rows(asked, []) == [(before,)]


def _several_pages_beside(inspection: Inspection) -> None:
    """Fill the table: one page is read through for a key, too, once autovacuum has measured it."""
    submissions = Submission.objects.bulk_create(
        Submission(
            form_id=inspection.form_id,
            instance_id=f"uuid:beside-{number}",
            created_at=inspection.derived_at,
        )
        for number in range(300)
    )
    beside = {
        field.attname: getattr(inspection, field.attname)
        for field in Inspection._meta.concrete_fields
        if field.attname not in {"id", "submission_id"}
    }
    Inspection.objects.bulk_create(
        Inspection(pk=ONE + 2 * ALL + number, submission=submission, **beside)
        for number, submission in enumerate(submissions)
    )
