"""Lengths of lists are what reading the lists would find, whatever becomes of their rows."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import pytest
from django.db import connection
from django.utils import timezone

from server import lengths
from server.entities.models import Entity, EntityList, EntityListLength
from server.forms.models import Form
from server.projects.models import Project
from server.submissions.lengths import FormLength
from server.submissions.models import ReviewState, Submission
from tests.submissions.builders import publish

B = lengths.BLOCK
# In four blocks, the second of them empty; both ends of a block.
IDS = (1, 2, B - 1, 2 * B, 2 * B + 1, 3 * B - 1, 3 * B)


@pytest.fixture
def form(db: None) -> Form:
    return publish(Project.objects.create(name="Bình đẳng giới")).form


def come(form: Form, ids: Sequence[int]) -> None:
    Submission.objects.bulk_create(
        Submission(pk=pk, form=form, instance_id=f"uuid:{pk}", created_at=timezone.now())
        for pk in ids
    )


def living(form: Form) -> list[int]:
    return list(Submission.objects.living().filter(form=form).values_list("pk", flat=True))


def told(form: Form) -> int:
    return lengths.total(FormLength.objects.filter(list_id=form.pk))


def test_a_form_is_as_long_as_its_living_submissions_are_many(form: Form) -> None:
    other = publish(form.project, form_id="other").form
    come(form, IDS)
    come(other, [4])
    some = Submission.objects.filter(pk__in=(2, 2 * B))

    some.update(deleted_at=timezone.now())
    some.filter(pk=2).update(deleted_at=None)
    some.update(updated_at=timezone.now())
    Submission.objects.filter(pk=1).update(review_state=ReviewState.APPROVED)
    Submission.objects.filter(pk__in=(B - 1, 2 * B)).delete()

    assert (told(form), told(other)) == (5, 1)
    approved = FormLength.objects.filter(list_id=form.pk, state=ReviewState.APPROVED)
    assert lengths.total(approved) == 1
    assert lengths.mend(FormLength) == 0


def test_an_entity_list_is_as_long_as_its_living_entities_are_many(form: Form) -> None:
    entity_list = EntityList.objects.create(project=form.project, name="to")
    now = timezone.now()
    made = [
        Entity.objects.create(
            entity_list=entity_list, uuid=f"{n:032x}", label="", created_at=now, updated_at=now
        )
        for n in range(3)
    ]

    Entity.objects.filter(pk=made[0].pk).update(deleted_at=now)
    made[1].delete()

    assert lengths.total(EntityListLength.objects.filter(list_id=entity_list.pk)) == 1
    assert lengths.mend(EntityListLength) == 0


@pytest.mark.parametrize("is_folded", [False, True])
def test_skipping_by_blocks_leaves_what_skipping_by_rows_does(form: Form, is_folded: bool) -> None:
    come(form, IDS)
    Submission.objects.filter(pk=2 * B + 1).update(deleted_at=timezone.now())
    if is_folded:
        lengths.fold(FormLength)
    found = Submission.objects.living().filter(form=form).order_by("-pk")
    notes = FormLength.objects.filter(list_id=form.pk)

    left = [[row.pk for row in lengths.skipped(found, notes, many)] for many in range(8)]

    in_order = sorted(living(form), reverse=True)
    assert left == [in_order[many:] for many in range(8)]


def test_folding_makes_one_note_of_a_block_and_none_of_an_empty_one(form: Form) -> None:
    for pk in (1, 2, 3, 3 * B):
        come(form, [pk])
    Submission.objects.filter(pk=3 * B).delete()

    folded = lengths.fold(FormLength)

    assert folded == 5
    assert list(FormLength.objects.values_list("block", "rows")) == [(0, 3)]
    assert lengths.fold(FormLength) == 0


def test_what_notes_say_wrongly_is_noted(form: Form) -> None:
    come(form, IDS)
    FormLength.objects.filter(block=2).delete()
    FormLength.objects.create(list_id=form.pk, state="received", block=9, rows=4)

    assert lengths.mend(FormLength) == 2

    assert told(form) == len(IDS)
    assert lengths.mend(FormLength) == 0


@pytest.mark.django_db(transaction=True)
def test_lengths_are_right_while_some_arrive_and_two_fold() -> None:
    form = publish(Project.objects.create(name="Bình đẳng giới")).form
    wrong: list[tuple[int, int]] = []

    def arrive() -> None:
        for pk in range(1, 41):
            come(form, [pk])

    def fold() -> None:
        for _ in range(40):
            lengths.fold(FormLength)
            # In one statement, which sees one moment.
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT (SELECT count(*) FROM submissions_submission),"
                    " (SELECT coalesce(sum(rows), 0) FROM submissions_formlength)"
                )
                found = cursor.fetchone()
            if found[0] != found[1]:
                wrong.append(found)

    at_once([arrive, fold, fold])

    assert wrong == []
    assert told(form) == 40


def at_once(doing: Sequence[Callable[[], None]]) -> None:
    """Do all of it, each in a thread with a connection of its own."""

    def run(act: Callable[[], None]) -> None:
        try:
            act()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in doing]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
