"""Returned inspections: what a supervisor sent back is a task on the phone that sent it.

The task is an entity of the list `viec`, one for each submission for ever: there while the review
says hasIssues, deleted once the correction has come or the decision is another, brought back when
the submission is returned again. Only the device that sent the version under review gets it, or the
one that it was given to instead (`returned_acts`).
What it says follows from the submission and its review, so it can be settled again at any time;
kept is which entity it is (ReturnedTask).
"""

from __future__ import annotations

import datetime as dt
import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import Error as DatabaseFailure
from django.db.models import Count, OuterRef, Q, Subquery
from django.utils import timezone

from server.entities.acts import Author, change, create, remove, restore
from server.entities.apply import lists_of
from server.entities.models import SYSTEM, Entity, EntityList
from server.forms.models import AttachmentSource, FormState
from server.inspections.failures import whereabouts
from server.inspections.models import ReturnedTask
from server.projects import access
from server.projects.models import AppUser
from server.statements import all_rows
from server.submissions.models import ReviewEvent, ReviewState, Submission

log = logging.getLogger(__name__)

LIST = "viec"
OPEN, DONE = "moi", "hoan_thanh"  # of the property `trang_thai`


@dataclass(frozen=True, slots=True)
class Task:
    """What an inspector is asked to complete: one submission of theirs."""

    submission_id: int
    project_id: int
    app_user_id: int
    label: str
    data: Mapping[str, str]  # the properties of the list


@dataclass(frozen=True, slots=True)
class Notice:
    """What the holder of a phone is told of all that is returned: no reasons, no answers."""

    counts: Mapping[str, int]  # submissions by title of their form
    shown_in: str  # title of the form that says why; "" where the device may have none


def settle(submissions: Collection[Submission]) -> None:
    """Open, change and close the tasks of some submissions, as their review stands now.

    Repeating it changes nothing. The caller holds the locks of the submissions; those of the
    lists come after them, then those of the devices.
    """
    rows = ReturnedTask.objects.filter(submission__in=[one.pk for one in submissions])
    kept = {row.submission_id: row for row in rows.select_related("entity__entity_list")}
    wanted = {task.submission_id: task for task in _wanted(submissions)}
    opening = defaultdict(list)
    for pk, task in sorted(wanted.items()):
        if pk not in kept or not _says(kept[pk], task):
            opening[task.project_id].append(task)
    closing = defaultdict(list)
    for pk, row in sorted(kept.items()):
        if row.closed_at is None and pk not in wanted:
            closing[row.entity.entity_list.project_id].append(row)
    for project_id in sorted({*opening, *closing}):
        viec = lists_of(project_id, {LIST})[LIST]
        touched = {_close(row, viec) for row in closing[project_id]}
        for task in opening[project_id]:
            touched |= _open(task, kept.get(task.submission_id), viec)
        _count(touched)


def _wanted(submissions: Iterable[Submission]) -> Iterable[Task]:
    """Give the tasks that there should be; what no device of one person sent has nobody to ask."""
    returned = [
        one.pk
        for one in submissions
        if one.review_state == ReviewState.HAS_ISSUES and one.deleted_at is None
    ]
    if not returned:
        return
    decisions = ReviewEvent.objects.filter(
        submission=OuterRef("pk"), to_state=ReviewState.HAS_ISSUES
    ).order_by("-pk")
    facts = Submission.objects.filter(pk__in=returned, current_version__app_user__is_public=False)
    for fact in facts.values(
        "pk",
        "form__project_id",
        "form__form_id",
        "current_version__instance_id",
        "current_version_id",
        "current_version__app_user_id",
        "returned_task__given_to_id",
        "returned_task__given_version_id",
        "current_version__form_version__title",
        "inspection__visit_date",
        "inspection__unit__uid",
        "inspection__unit__name",
        reason=Subquery(decisions.values("reason")[:1]),
        at=Subquery(decisions.values("at")[:1]),
    ):
        yield _task(fact)


def _task(fact: Mapping[str, Any]) -> Task:  # columns of every type
    app_user_id = fact["current_version__app_user_id"]
    if fact["returned_task__given_version_id"] == fact["current_version_id"]:
        app_user_id = fact["returned_task__given_to_id"]
    since = fact["at"].astimezone(ZoneInfo(settings.LOCAL_TIME_ZONE)).date()
    days = settings.RETURN_DAYS
    return Task(
        submission_id=fact["pk"],
        project_id=fact["form__project_id"],
        app_user_id=app_user_id,
        label=_label(
            fact["current_version__form_version__title"],
            fact["inspection__unit__name"],
            fact["inspection__visit_date"],
        ),
        data={
            "app_user": AppUser(pk=app_user_id).username,
            "bieu": fact["form__form_id"],
            "ho_so": fact["current_version__instance_id"],  # as the phone knows it
            "xa": fact["inspection__unit__uid"] or "",
            "ly_do": fact["reason"],
            "tu_ngay": since.isoformat(),
            "han": (since + dt.timedelta(days)).isoformat() if days else "",
            "trang_thai": OPEN,
        },
    )


def _label(title: str, commune: str | None, visited_on: dt.date | None) -> str:
    day = f"{visited_on:%d/%m/%Y}" if visited_on else ""
    which = ", ".join(part for part in (commune, day) if part)
    return " – ".join(part for part in (f"Cần bổ sung: {title}", which) if part)


def _says(row: ReturnedTask, task: Task) -> bool:
    entity = row.entity
    stands = (row.app_user_id, row.closed_at, entity.deleted_at, entity.label, entity.data)
    return stands == (task.app_user_id, None, None, task.label, task.data)


def _open(task: Task, row: ReturnedTask | None, viec: EntityList) -> set[int]:
    """Make a task, or bring it back, or say it anew; return the devices that it concerns."""
    if row is None:
        entity = create(viec, uuid4(), task.label, task.data, Author(SYSTEM))
        ReturnedTask.objects.create(
            submission_id=task.submission_id, entity=entity, app_user_id=task.app_user_id
        )
        return {task.app_user_id}
    entity, before = Entity.objects.get(pk=row.entity_id), row.app_user_id
    restore(entity, viec)
    change(entity, viec, task.data, Author(SYSTEM), label=task.label)
    row.app_user_id, row.closed_at = task.app_user_id, None
    row.save(update_fields=["app_user", "closed_at"])
    return {before, task.app_user_id}


def _close(row: ReturnedTask, viec: EntityList) -> int:
    """Say that a task is done, and take it off the phone; return the device that it was on."""
    entity = Entity.objects.get(pk=row.entity_id)
    change(entity, viec, {"trang_thai": DONE}, Author(SYSTEM))
    remove(entity, viec)
    row.closed_at = timezone.now()
    row.save(update_fields=["closed_at"])
    return row.app_user_id


def _count(app_user_ids: Iterable[int]) -> None:
    """Write into the rows of devices how much is open; the list is locked, so nobody else does."""
    counted = AppUser.objects.annotate(
        found=Count("returned_tasks", filter=Q(returned_tasks__closed_at=None))
    )
    for pk, found in counted.filter(pk__in=app_user_ids).order_by("pk").values_list("pk", "found"):
        AppUser.objects.filter(pk=pk).update(open_tasks=found)


# By title and not by form: two versions may be called differently, and a phone shows that.
_NOTICE = """
SELECT '', version.title, count(*)
FROM inspections_returnedtask task
JOIN submissions_submission submission ON submission.id = task.submission_id
JOIN submissions_submissionversion current ON current.id = submission.current_version_id
JOIN forms_formversion version ON version.id = current.form_version_id
WHERE task.app_user_id = %s AND task.closed_at IS NULL
GROUP BY version.title
UNION ALL
SELECT form.form_id, version.title, 0
FROM forms_form form
JOIN forms_formversion version ON version.id = form.current_version_id
JOIN forms_formattachment needed ON needed.form_version_id = version.id
WHERE form.project_id = %s AND form.state = %s AND form.deleted_at IS NULL
AND needed.source = %s AND needed.list_name = %s
ORDER BY 1, 2
"""


def notice(app_user: AppUser) -> Notice | None:
    """Return what to tell the holder of a phone; None, without a question, where nothing is open.

    The row of the device says whether something is; what, is asked for now, because a correction
    that has just come may have closed it. A database that cannot say leaves the line out: what was
    sent is stored by now, and its 201 may not depend on what else there is to tell.
    """
    if not app_user.open_tasks:
        return None
    of_device = [app_user.pk, app_user.project_id]
    try:
        said = all_rows(_NOTICE, [*of_device, FormState.OPEN, AttachmentSource.ENTITIES, LIST])
    except DatabaseFailure as error:
        log.warning("app user %s: not told what came back: %s", app_user.pk, whereabouts(error))
        return None
    counts = {title: count for _, title, count in said if count}
    shown = (title for form_id, title, _ in said if form_id and access.may_open(app_user, form_id))
    return Notice(counts, next(shown, "")) if counts else None
