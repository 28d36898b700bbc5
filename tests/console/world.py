"""What the pages of these tests show: a project, its people, three communes, some inspections."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone

from server.communes.models import AdminUnit
from server.inspections.expected import local_day
from server.projects import accounts
from server.projects.models import AppUser, Project, Role, User
from server.submissions.models import Submission
from tests import builders

HOSTILE = "<script>document.title='hỏng'</script>"  # as somebody could name a thing


# The next version, whose author took the tag off the question about child marriages.
UNTAGGED = builders.FORM.replace("| restricted  |", "|             |").replace(
    "| 1       | Tiếng Việt", "| 2       | Tiếng Việt"
)


@dataclass(frozen=True, slots=True)
class World:
    """It, committed to the database."""

    project: Project
    people: dict[Role, User]
    scoped: User  # a supervisor of Đồng Hỷ alone
    foreign: Project  # of others
    dong_hy: AdminUnit
    phan_dinh_phung: AdminUnit
    phone: AppUser
    waiting: Submission  # in Đồng Hỷ, meets its conditions
    failing: Submission  # in Phan Đình Phùng, without the photo that it names
    unplaced: Submission  # in no commune


def made() -> World:
    """Return a new one; the year of the data is this one."""
    project = builders.project("Bình đẳng giới Thái Nguyên")
    people = {role: builders.member(project, f"{role}@example.org", role) for role in Role}
    dong_hy = builders.commune("05665", "Xã Đồng Hỷ")
    ward = builders.commune("05443", "Phường Phan Đình Phùng", type="phuong")
    scoped = accounts.create_user("dong-hy@example.org", "Hoa", builders.PASSWORD)
    accounts.join(scoped, project, Role.SUPERVISOR, commune_uids=[dong_hy.uid])
    builders.form(project)
    phone = accounts.create_app_user(project, "Máy của chị Hạnh", team="Đoàn số 1").app_user
    silent = accounts.create_app_user(project, HOSTILE, team="Đoàn số 2").app_user
    AppUser.objects.filter(pk=silent.pk).update(
        created_at=timezone.now() - dt.timedelta(days=30),
        last_seen_at=timezone.now() - dt.timedelta(days=8),
    )
    return World(
        project=project,
        people=people,
        scoped=scoped,
        foreign=builders.project("Chương trình khác"),
        dong_hy=dong_hy,
        phan_dinh_phung=ward,
        phone=phone,
        waiting=sent(project, "uuid:waiting", dong_hy),
        failing=sent(project, "uuid:failing", ward, photo="1.jpg", **{"a/a3_key_f": "0"}),
        unplaced=sent(project, "uuid:unplaced", None),
    )


def sent(
    project: Project, instance_id: str, unit: AdminUnit | None, photo: str = "", **other: str
) -> Submission:
    """Return what one phone sent about a unit, today."""
    today = local_day()
    answers = {
        **builders.GOOD,
        "h/h_date": f"{today}",
        "h/h_year": f"{today.year}",
        "h/h_commune": unit.uid if unit else "",
        **other,
    }
    photos = [photo] if photo else []
    xml = builders.instance(answers, instance_id=instance_id, photos=photos)
    return builders.send(project, xml)
