"""What people at desks do with the inspections of the demonstration: review, plan, freeze.

Two supervisors, one for the north of the province and one for the south, work through the functions
that the API calls. Whoever runs the demonstration again adds nothing: what was decided, planned or
frozen stays.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from server.inspections import flag_review, look, recommendations, review, sweep
from server.inspections.flag_review import Justification
from server.plans import late, period, plan
from server.plans.models import Plan, PlanState
from server.plans.plan import Heading, Item
from server.plans.problems import PeriodLocked
from server.projects import accounts
from server.projects.audit import Actor
from server.projects.models import Membership, Project, Role, User
from server.submissions.models import ReviewState, Submission
from server.submissions.review import Judgement
from sync.demo.follow_ups import FORM_ID as FOLLOW_UP_FORM
from sync.demo.places import Unit
from sync.demo.rounds import Visit

NORTH = ("ba_be", "bach_thong", "bac_kan", "cho_don", "cho_moi", "na_ri", "ngan_son", "pac_nam")
SHARES: Sequence[tuple[ReviewState | None, int]] = (
    (ReviewState.APPROVED, 71),
    (ReviewState.HAS_ISSUES, 8),
    (ReviewState.REJECTED, 2),
    (None, 19),  # nobody has come to it yet
)
SHARE_JUSTIFIED = 0.6  # of severe flags; the other inspections go back
PLAN_NUMBER, PLAN_YEAR = "36/KH-SNV", 2026
LOCKED = "2025-h1"
_BACK = (
    "Bổ sung bản chụp văn bản làm căn cứ cho các nội dung đã chọn «Đã xem bản gốc».",
    "Hạn thực hiện kiến nghị chưa phù hợp với biên bản, đề nghị sửa lại.",
)
_BACK_BY_FORM = {
    "kt_18_5": ("Số liệu cán bộ nữ chưa khớp với báo cáo của xã, đề nghị kiểm tra và ghi lại.",),
    "kt_da8": ("Số tổ truyền thông chưa khớp với quyết định thành lập, đề nghị đối chiếu lại.",),
    "kt_bdg": ("Chưa ghi rõ số, ngày của kế hoạch; đề nghị bổ sung.",),
    "kt_ldn": ("Số lao động nữ chưa khớp với sổ quản lý lao động, đề nghị kiểm tra lại.",),
}
_BACK_FOLLOW_UP = (
    "Chưa nêu rõ đơn vị đã làm đến đâu, đề nghị ghi cụ thể kết quả và thời điểm.",
    "Số, ngày của tài liệu đã xem chưa đúng với hồ sơ, đề nghị kiểm tra lại.",
)
_JUSTIFIED = {
    "gps_far": "Buổi làm việc tổ chức tại điểm họp cụm xã; đã đối chiếu biên bản và ảnh chụp.",
    "impossible_speed": "Hai tổ của đoàn làm việc cùng buổi tại hai xã, nhập chung vào một máy.",
}
_SEEN = "Đã đối chiếu phiếu với biên bản làm việc và hồ sơ gốc."
_SEND_BACK = "Phiếu còn cảnh báo nặng về nơi, lúc kiểm tra; đề nghị kiểm tra lại và giải trình."
_REJECTED = "Phiếu gửi thử trong lúc tập huấn, không phải kết quả kiểm tra."


@dataclass(frozen=True, slots=True)
class Supervisor:
    """One supervisor, and what is in reach."""

    user: User
    membership: Membership

    def waiting(self) -> QuerySet[Submission]:
        """Return what nobody has decided about, in the order of arrival."""
        found = review.within_scope(self.membership).filter(review_events=None)
        return found.select_related("form").order_by("pk")


def supervisors(project_id: int, units: Sequence[Unit]) -> tuple[Supervisor, Supervisor]:
    """Return the two, made if they are new. Nobody can log in as them: they have no password."""
    project = Project.objects.get(pk=project_id)
    today = [unit for unit in units if not unit.valid_to]
    north = sorted({unit.uid for unit in today if unit.area in NORTH})
    south = sorted({unit.uid for unit in today} - set(north))
    return (
        _supervisor(project, "giam-sat-bac@trinh-dien.example", "Giám sát khu vực phía Bắc", north),
        _supervisor(project, "giam-sat-nam@trinh-dien.example", "Giám sát khu vực phía Nam", south),
    )


def _supervisor(project: Project, email: str, name: str, uids: Sequence[str]) -> Supervisor:
    user = User.objects.filter(email=email).first()
    user = user or accounts.create_user(email, name, None)
    return Supervisor(user, accounts.join(user, project, Role.SUPERVISOR, commune_uids=uids))


def decide(supervisor: Supervisor, sent: frozenset[str]) -> Iterator[ReviewState | None]:
    """Decide about what the demonstration sent; yield what became of each.

    sent: instanceIDs of first versions; what anybody else has sent is left alone.
    """
    for submission in supervisor.waiting().filter(instance_id__in=sent):
        rng = random.Random(f"review {submission.instance_id}")  # noqa: S311  (no secret)
        states, weights = [each[0] for each in SHARES], [each[1] for each in SHARES]
        wished = rng.choices(states, weights)[0]
        if wished is None:
            yield None
            continue
        state, reason = _with_flags(submission, supervisor.user, wished, rng)
        review.decide(submission, Judgement(state, supervisor.user, reason))
        yield state


def _with_flags(
    submission: Submission, by: User, wished: ReviewState, rng: random.Random
) -> tuple[ReviewState, str]:
    """Return what is decided and why, once severe flags were looked at."""
    if wished == ReviewState.HAS_ISSUES:
        return wished, rng.choice(_reasons(submission.form.form_id))
    if wished == ReviewState.REJECTED:
        return wished, _REJECTED
    severe = [flag.code for flag in flag_review.of(submission) if flag.is_in_the_way]
    if severe and rng.random() > SHARE_JUSTIFIED:
        return ReviewState.HAS_ISSUES, _SEND_BACK
    for code in severe:
        flag_review.justify(submission.pk, code, Justification(by, _JUSTIFIED.get(code, _SEEN)))
    return wished, ""


def _reasons(form_id: str) -> Sequence[str]:
    if form_id == FOLLOW_UP_FORM:
        return _BACK_FOLLOW_UP
    return (*_BACK, *_BACK_BY_FORM[form_id])


def settle() -> None:
    """Do what decisions and time ask for, as the worker would a little later."""
    sweep.pay_debts()
    look.pay_debts(late.flags)
    recommendations.mark_overdue()


def make_plan(project_id: int, visits: Sequence[Visit], units: Sequence[Unit], by: User) -> None:
    """Write down the plan of the year that the inspections of 2026 followed, some not carried out.

    visits: of all forms.
    """
    if Plan.objects.filter(project=project_id, number=PLAN_NUMBER, year=PLAN_YEAR).exists():
        return
    heading = Heading(
        number=PLAN_NUMBER,
        title="Kế hoạch kiểm tra công tác bình đẳng giới và vì sự tiến bộ của phụ nữ năm 2026 "
        "(trình diễn)",
        signed_on=dt.date(2026, 2, 27),
        year=PLAN_YEAR,
        lead_agency="so_noi_vu",
    )
    made = plan.create(project_id, heading, by)
    plan.add(made.pk, list(_items(visits, units)), Actor.person(by))
    plan.set_state(made.pk, PlanState.ACTIVE, Actor.person(by))


def _items(visits: Sequence[Visit], units: Sequence[Unit]) -> Iterator[Item]:
    done: dict[tuple[str, str], set[str]] = {}
    for visit in visits:
        if visit.year == PLAN_YEAR and visit.period in ("h1", "fy"):
            done.setdefault((visit.period, visit.unit.uid), set()).add(visit.form_id)
    missed = {unit.uid for unit in units if not unit.valid_to} - {uid for _, uid in done}
    for uid in sorted(missed)[::2]:  # planned, and not carried out
        done["fy", uid] = {"kt_18_5"}
    teams = {
        uid: f"Đoàn {number % 4 + 1}" for number, uid in enumerate(sorted({u for _, u in done}))
    }
    spans = {
        "h1": (dt.date(2026, 5, 4), dt.date(2026, 6, 30)),
        "fy": (dt.date(2026, 9, 28), dt.date(2026, 11, 27)),
    }
    for half, uid in sorted(done):
        yield Item(
            unit=uid,
            form_ids=tuple(sorted(done[half, uid])),
            team=teams[uid],
            starts_on=spans[half][0],
            ends_on=spans[half][1],
            reasons=("ke_hoach",),
        )


def manager(project_id: int) -> User | None:
    """Return who plans and locks: supervisors of some communes may not."""
    found = Membership.objects.filter(project=project_id, role=Role.MANAGER, user__is_active=True)
    first = found.select_related("user").order_by("pk").first()
    return first.user if first else None


def lock_a_period(project_id: int, by: User) -> None:
    """Freeze the figures of a half-year that is over."""
    try:
        period.lock(project_id, period.named(LOCKED), by)
    except PeriodLocked:
        return
