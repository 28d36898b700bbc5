"""What became of recommendations: follow-ups (theo_doi) of the demonstration, sent by phones.

Some are done, and a document shows it; some are under way or carried over; nobody has looked after
the others, and those whose day is past are overdue.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from dataclasses import dataclass

from sync.demo.calculating import answered
from sync.demo.conclusions import Recommended
from sync.demo.conditions import Answered
from sync.demo.filling import BlankForm, Entity, Filled
from sync.demo.rounds import Visit

FORM_ID = "theo_doi"
SHARES: Sequence[tuple[str, int]] = (
    ("hoan_thanh", 26),
    ("dang_thuc_hien", 7),
    ("chuyen_ky", 4),
    ("", 63),
)
LAST_DAY = dt.date(2026, 11, 27)  # of the story
_DONE = (
    "Đơn vị đã ban hành văn bản, phân công người thực hiện và gửi bản chụp cho đoàn.",
    "Đã bổ sung đủ hồ sơ, số liệu theo biên bản; đoàn đã đối chiếu với sổ gốc.",
    "Đã khắc phục xong, có báo cáo kết quả kèm theo danh mục tài liệu.",
)
_UNDER_WAY = (
    "Đơn vị đã giao nhiệm vụ cho bộ phận chuyên môn, đang trình ký văn bản.",
    "Đã họp thống nhất nội dung, chờ bố trí kinh phí trong dự toán điều chỉnh.",
)
_CARRIED_OVER = ("Việc cần kinh phí của năm sau, đơn vị đề nghị chuyển sang kỳ tới.",)


@dataclass(frozen=True, slots=True)
class FollowUp:
    """One follow-up, without its id."""

    filled: Filled
    day: dt.date
    photo: str  # name of the file; "" without one


def follow_up(visit: Visit, one: Recommended, form: BlankForm, header: Answered) -> FollowUp | None:
    """Return what was seen of a recommendation; None where nobody has looked.

    header: of the inspection; the same phone follows up, while the commune is still there.
    """
    rng = random.Random(f"follow-up {one.entity.uuid}")  # noqa: S311  (no secret)
    states, weights = [each[0] for each in SHARES], [each[1] for each in SHARES]
    state = rng.choices(states, weights)[0]
    due = dt.date.fromisoformat(one.row["zr_due"])
    day = visit.day + (due - visit.day) * rng.randint(40, 110) // 100
    day -= dt.timedelta(days=max(0, day.weekday() - 4))
    if not state or day > LAST_DAY or day <= visit.day or not visit.unit.is_in_force(day):
        return None
    taken = int(dt.datetime.combine(day, dt.time(3), dt.UTC).timestamp()) * 1000
    photo = f"{taken + rng.randrange(3_600_000)}.png"  # as Collect names it
    given = {
        **_header(visit, header, day),
        **_chosen(one),
        **_seen(state, day, due, photo, rng),
        "z_ok": "OK",
    }
    answers = answered(form, given).answers
    filled = Filled(
        instance_id="",
        answers=answers,
        instance_name=f"Theo dõi: {visit.unit.label}, {day:%d/%m/%Y}",
        # Sent right after the inspection, so that it starts from the first version.
        entity=Entity(one.entity.uuid, base_version=1),
    )
    return FollowUp(filled, day, photo if "t_img" in answers else "")


def _header(visit: Visit, header: Answered, day: dt.date) -> Answered:
    return {
        **header,
        "start": f"{day}T09:05:10.000+07:00",
        "end": f"{day}T09:32:41.000+07:00",
        "today": f"{day}",
        "v_n": "0",
        "h_date": f"{day}",
        "h_commune": visit.unit.uid,
    }


def _chosen(one: Recommended) -> Answered:
    """Return what the phone looks up in its list about the recommendation."""
    return {
        "t_n": "1",
        "t_rec": one.entity.uuid,
        "t_text": one.row["zr_text"],
        "t_owner": one.row["zr_owner"],
        "t_due_was": one.row["zr_due"],
        "t_state_was": "moi",
    }


def _seen(state: str, day: dt.date, due: dt.date, photo: str, rng: random.Random) -> Answered:
    if state == "hoan_thanh":
        number, kind = rng.randint(12, 190), rng.choice(("BC-UBND", "QĐ-UBND", "CV-UBND"))
        written = day - dt.timedelta(days=rng.randint(1, 12))
        return {
            "t_done": rng.choice(_DONE),
            "t_ev": rng.choice(("seen", "copied")),
            "t_doc": f"{number}/{kind} ngày {written:%d/%m/%Y}",
            "t_img": photo,
            "t_img_ok": "OK",
            "t_state": state,
        }
    later = max(due, day) + dt.timedelta(days=rng.choice((45, 60, 90)))
    words = _UNDER_WAY if state == "dang_thuc_hien" else _CARRIED_OVER
    is_extended = state == "dang_thuc_hien" and rng.random() < 0.5
    return {
        "t_done": rng.choice(words),
        "t_ev": "verbal",
        "t_state": state,
        "t_extend": "yes" if is_extended else "no",
        "t_due": f"{later}",
    }
