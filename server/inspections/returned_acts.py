"""Give what a phone is asked to complete to another phone: the first was lost, or shut out."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet

from server.errors import Problem
from server.inspections import returned
from server.inspections.models import ReturnedTask
from server.inspections.review import within_scope
from server.projects import access, audit
from server.projects.audit import Actor
from server.projects.models import AppUser, Membership
from server.submissions.models import Submission
from server.submissions.review import audited


class TaskUnknown(Problem):
    """A submission that nobody is asked to complete."""

    code = "returned.task_unknown"
    status = 404
    vi = (
        "Hồ sơ này không có việc cần bổ sung đang mở trên máy nào. "
        "Chuyển hồ sơ sang «cần bổ sung» rồi thử lại."
    )
    en = "Nobody is asked to complete this submission. Send it back first, then try again."
    central = 404.1


class DeviceUnfit(Problem):
    """A device that cannot answer for what another one sent."""

    code = "returned.device_unfit"
    status = 409
    vi = "Không giao việc này cho máy số {id} được: {why}. Chọn một máy khác của cùng tổ."
    en = "This task cannot be given to device {id}: {why_en}. Choose another one of the same team."


def waiting(membership: Membership) -> QuerySet[ReturnedTask]:
    """Return the open tasks that a reviewer answers for, the oldest first, with their devices."""
    return (
        ReturnedTask.objects.filter(closed_at=None, submission__in=within_scope(membership))
        .select_related("submission__form", "app_user", "entity")
        .order_by("pk")
    )


@transaction.atomic(durable=True)
def give(submission: Submission, app_user_id: int, by: Actor) -> ReturnedTask:
    """Give the task of a submission that `review.find` returned to another device; return it.

    Who answers for it is the same person, or a device of the same team. The same again changes
    nothing. It stays there until the correction has come. Raises TaskUnknown, DeviceUnfit.
    """
    locked = (
        Submission.objects.select_for_update(no_key=True, of=("self",))
        .select_related("form", "current_version")
        .get(pk=submission.pk)
    )
    task = _open_task(locked.pk)
    to = AppUser.objects.filter(project=locked.form.project_id, pk=app_user_id).first()
    if to is None:
        raise _unfit(app_user_id, "không có máy này", "there is no such device")
    if task.app_user_id == to.pk:
        return task
    _refuse_unfit(task.app_user, to, locked.form.form_id)
    before = task.app_user_id
    task.given_to, task.given_version = to, locked.current_version
    task.save(update_fields=["given_to", "given_version"])
    returned.settle([locked])
    said = {"from": before, "to": to.pk}
    audit.record(by, "submission.task.give", audited(locked), said)
    return _open_task(locked.pk)


def _open_task(submission_id: int) -> ReturnedTask:
    found = (
        ReturnedTask.objects.filter(submission=submission_id, closed_at=None)
        .select_related("submission__form", "app_user", "entity")
        .first()
    )
    if found is None:
        raise TaskUnknown
    return found


def _refuse_unfit(had: AppUser, to: AppUser, form_id: str) -> None:
    if not access.is_alive(to):
        raise _unfit(to.pk, "khóa đã thu hồi hoặc hết hạn", "its key was revoked or has expired")
    if to.is_public:
        raise _unfit(to.pk, "đây là đường dẫn công khai", "it is a public link")
    if not access.may_open(to, form_id):
        raise _unfit(to.pk, f"máy không được giao biểu {form_id}", f"it may not open {form_id}")
    is_same_person = had.person_id is not None and had.person_id == to.person_id
    is_same_team = bool(had.team) and had.team == to.team
    if not (is_same_person or is_same_team):
        raise _unfit(to.pk, "máy thuộc tổ khác", "it belongs to another team")


def _unfit(app_user_id: int, why: str, why_en: str) -> DeviceUnfit:
    return DeviceUnfit(id=app_user_id, why=why, why_en=why_en)
