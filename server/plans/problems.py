"""What can go wrong with plans and periods."""

from __future__ import annotations

from server.errors import Problem


class PlanUnknown(Problem):
    """No plan of this project has this number."""

    code = "plan.unknown"
    status = 404
    vi = "Chương trình không có kế hoạch số {id}."
    en = "The project has no plan {id}."
    central = 404.1


class PlanNumberTaken(Problem):
    """A plan of this number and year is here already."""

    code = "plan.number_taken"
    status = 409
    vi = "Kế hoạch số «{number}» năm {year} đã có. Sửa kế hoạch đó hoặc ghi số khác."
    en = "Plan {number!r} of {year} exists already. Change that one or give another number."
    central = 409.3


class PlanClosed(Problem):
    """A plan that is over stays as it is."""

    code = "plan.closed"
    status = 409
    vi = "Kế hoạch «{number}» đã kết thúc, không thêm, sửa, bỏ đơn vị được. Lập kế hoạch bổ sung."
    en = "Plan {number!r} is closed, its units stay as they are. Make another plan."


class PlanOnceBegun(Problem):
    """A plan that is over cannot be a draft again: phones have followed it."""

    code = "plan.once_begun"
    status = 409
    vi = (
        "Kế hoạch «{number}» đã kết thúc, không trở lại dự thảo được. "
        "Nếu còn kiểm tra, chuyển về «đang thực hiện»."
    )
    en = "Plan {number!r} is closed and cannot be a draft again. To go on with it, make it active."


class PlanItemUnknown(Problem):
    """The plan holds no unit under this number, or no longer."""

    code = "plan.item_unknown"
    status = 404
    vi = "Kế hoạch không có đơn vị số {id}, hoặc đã bỏ. Xem lại danh sách đơn vị của kế hoạch."
    en = "The plan has no item {id}, or no longer. Look at the list of its items."
    central = 404.1


class AgencyUnknown(Problem):
    """An agency that is not in the list, or did not bear this name on the day of the plan."""

    code = "plan.agency_unknown"
    vi = "Ngày {on_date} không có cơ quan mã «{agency}». Chọn mã khác trong danh sách cơ quan."
    en = "On {on_date} there was no agency {agency!r}. Choose another code from the list."


class PlannedUnitUnknown(Problem):
    """A commune that does not exist on the day that it is to be inspected."""

    code = "plan.unit_unknown"
    vi = (
        "Dòng {line}: ngày {on_date} không có xã, phường «{unit}». "
        "Ghi mã kèm ngày hiệu lực, ví dụ 05443@2025-07-01."
    )
    en = (
        "Line {line}: on {on_date} there is no commune {unit!r}. "
        "Give its code with the day it came into force, e.g. 05443@2025-07-01."
    )


class PlannedFormUnknown(Problem):
    """A form that the project has not published."""

    code = "plan.form_unknown"
    vi = "Dòng {line}: chương trình không có biểu «{form_id}» đã phát hành."
    en = "Line {line}: the project has no published form {form_id!r}."


class PlannedReasonUnknown(Problem):
    """A reason for choosing a unit that is not in the list."""

    code = "plan.reason_unknown"
    vi = "Dòng {line}: không có lý do chọn «{reason}». Ghi trong các mã: {known}."
    en = "Line {line}: there is no reason {reason!r}. Give some of these: {known}."


class PlannedDaysReversed(Problem):
    """An end before the start."""

    code = "plan.days_reversed"
    vi = "Dòng {line}: từ {starts_on} đến {ends_on} không hợp lệ. Ngày cuối phải sau ngày đầu."
    en = "Line {line}: from {starts_on} to {ends_on} cannot be. The last day must follow the first."


class PlannedYearDiffers(Problem):
    """Days of which none lies in the plan's year; coverage would count them in that year."""

    code = "plan.year_differs"
    vi = (
        "Dòng {line}: từ {starts_on} đến {ends_on} không có ngày nào trong năm {year} của "
        "kế hoạch. Sửa ngày, hoặc ghi vào kế hoạch của năm đó."
    )
    en = (
        "Line {line}: no day from {starts_on} to {ends_on} lies in {year}, the plan's year. "
        "Correct the days, or use that year's plan."
    )


class PlannedTwice(Problem):
    """The same team, commune and form on overlapping days."""

    code = "plan.planned_twice"
    status = 409
    vi = "Dòng {line}: tổ «{team}» đã có {unit} với biểu {form_id} trong những ngày này; bỏ bớt."
    en = (
        "Line {line}: team {team!r} has {unit} with {form_id} in these days already. Drop one line."
    )


class PeriodUnknown(Problem):
    """Not a period of a year."""

    code = "period.unknown"
    status = 404
    vi = "Không có kỳ «{period}». Ghi năm và kỳ, ví dụ 2026-h1 (6 tháng đầu năm), 2026-fy (cả năm)."
    en = "There is no period {period!r}. Give year and period, e.g. 2026-h1 or 2026-fy."
    central = 404.1


class PeriodLocked(Problem):
    """Somebody has locked it already; figures that were reported are not reported again."""

    code = "period.locked"
    status = 409
    vi = (
        "Kỳ {period} đã khóa lúc {locked_at}. Số liệu đã chốt không đổi; "
        "nếu cần đính chính, gửi kèm lý do."
    )
    en = "Period {period} was locked on {locked_at}. Its figures stay; to correct, give a reason."


class PeriodOpen(Problem):
    """A correction of a period that nobody has locked."""

    code = "period.open"
    status = 409
    vi = "Kỳ {period} chưa khóa nên chưa có gì để đính chính. Khóa kỳ trước."
    en = "Period {period} is not locked, so there is nothing to correct. Lock it first."


class PeriodEmpty(Problem):
    """A period without a single approved inspection."""

    code = "period.empty"
    status = 409
    vi = "Kỳ {period} chưa có hồ sơ nào được duyệt. Duyệt hồ sơ rồi khóa kỳ."
    en = "Period {period} has no approved inspection. Review them, then lock the period."


class SnapshotUnknown(Problem):
    """The period has no snapshot of this number."""

    code = "period.snapshot_unknown"
    status = 404
    vi = "Kỳ {period} không có bản chốt số {number}."
    en = "Period {period} has no snapshot {number}."
    central = 404.1
