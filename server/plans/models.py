"""WHAT WE SET OUT TO DO: plans of inspections, the periods they report on, and the agencies."""

from __future__ import annotations

import datetime as dt
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from server.communes.models import AdminUnit
from server.projects.models import Project, User


class Duty(models.TextChoices):
    """What an agency receives or does (plan 59/KH-UBND, II.9)."""

    UNIT_REPORTS = "bao_cao_don_vi", "nhận báo cáo của các đơn vị"
    PROVINCE_REPORTS = "bao_cao_tinh", "nhận báo cáo tổng hợp của tỉnh"
    INSPECTS = "kiem_tra", "kiểm tra"


class AgencyQuerySet(models.QuerySet["Agency"]):
    """Agencies, in the words of the field."""

    def in_force(self, on_date: dt.date) -> Self:
        """Those that bore this name on a day."""
        return self.filter(
            Q(valid_from=None) | Q(valid_from__lte=on_date),
            Q(valid_to=None) | Q(valid_to__gt=on_date),
        )

    def with_duty(self, duty: str) -> Self:
        """Those that receive or do something."""
        return self.filter(duties__contains=[duty])


class Agency(models.Model):
    """A body of the state or of society, as it was named in its time (domain.md §4.3)."""

    code = models.CharField(max_length=64, primary_key=True)  # as in the forms' list `agency`
    name_vi = models.TextField()
    name_en = models.TextField()
    valid_from = models.DateField(null=True)  # None: as long as we look back
    valid_to = models.DateField(null=True)  # the first day it was no more; None: still
    successor = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    duties = ArrayField(models.TextField(choices=Duty.choices), default=list)
    is_verified = models.BooleanField(default=False)  # the dates were compared with the decision

    objects = AgencyQuerySet.as_manager()

    def __str__(self) -> str:
        return self.code


class PlanState(models.TextChoices):
    """Where a plan stands."""

    DRAFT = "draft", "dự thảo"  # being written; phones know nothing of it
    ACTIVE = "active", "đang thực hiện"
    CLOSED = "closed", "đã kết thúc"


class Plan(models.Model):
    """One plan of inspections: who inspects what, when and why."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE)
    number = models.CharField(max_length=100)  # e.g. 59/KH-UBND
    title = models.TextField()
    signed_on = models.DateField()
    year = models.PositiveSmallIntegerField()  # of the inspections
    lead_agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    state = models.TextField(choices=PlanState.choices, default=PlanState.DRAFT)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["project", "number", "year"], name="one_plan_per_number"
            ),
            models.CheckConstraint(
                condition=Q(state__in=PlanState.values), name="plan_state_is_known"
            ),
        )

    def __str__(self) -> str:
        return self.number


class SelectionReason(models.TextChoices):
    """Why a unit is chosen (domain.md, the forms' list `sel_reason`; plan 59/KH-UBND, II.6)."""

    PLANNED = "ke_hoach", "Theo kế hoạch"
    PRESSING = "noi_com", "Có vấn đề nổi cộm đối với phụ nữ, trẻ em gái"
    FEW_WOMEN_LEAD = "nu_thap", "Tỷ lệ nữ cấp ủy, lãnh đạo thấp"
    MANY_WOMEN_WORK = "nhieu_ld_nu", "Nhiều lao động nữ"
    AGAIN = "kiem_tra_lai", "Kiểm tra lại"


class PlanItem(models.Model):
    """One unit that a team is to inspect, with which forms, and why it was chosen."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="items")
    unit = models.ForeignKey(AdminUnit, on_delete=models.PROTECT, related_name="+")
    form_ids = ArrayField(models.TextField())  # of the project's forms
    team = models.TextField()  # as AppUser.team
    starts_on = models.DateField()
    ends_on = models.DateField()  # the last day
    reasons = ArrayField(models.TextField(), default=list)  # SelectionReason

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(ends_on__gte=models.F("starts_on")), name="plan_item_ends_after_start"
            ),
        )

    def __str__(self) -> str:
        return f"{self.unit_id} {self.team}"


class PlanItemChange(models.Model):
    """What somebody did to a unit of a plan. It is kept, also of one that was taken out."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="changes")
    item_id = models.BigIntegerField()  # of PlanItem, which may be no more
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    # As `history.told` writes an item; NULL: it was not there before, or is not any more.
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        indexes = (models.Index(fields=["plan", "-at", "-id"], name="plan_item_changes"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(before__isnull=False) | Q(after__isnull=False),
                name="plan_item_change_of_something",
            ),
        )

    def __str__(self) -> str:
        return f"{self.plan_id} {self.item_id}"


class PeriodCode(models.TextChoices):
    """The reports of a year (plan 59/KH-UBND, II.9)."""

    H1 = "h1", "6 tháng đầu năm"
    FY = "fy", "cả năm"


class Period(models.Model):
    """One reporting period of a project. Without a row it is open, with the usual due date."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE)
    year = models.PositiveSmallIntegerField()
    code = models.TextField(choices=PeriodCode.choices)
    due_on = models.DateField(null=True)  # reports before this day; None: the usual one
    locked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["project", "year", "code"], name="one_period"),
            models.CheckConstraint(
                condition=Q(code__in=PeriodCode.values), name="period_code_is_known"
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.year}"


class Snapshot(models.Model):
    """The figures of a locked period, byte for byte; never changed afterwards."""

    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="snapshots")
    number = models.PositiveSmallIntegerField()  # 1, and one more for each correction
    content = models.BinaryField()  # JSON, see snapshot.figures
    sha256 = models.CharField(max_length=64)  # of `content`; printed under every table made of it
    reason = models.TextField(blank=True)  # of a correction
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["period", "number"], name="one_snapshot_per_number"),
            models.CheckConstraint(
                condition=Q(number=1) | ~Q(reason=""), name="correction_has_a_reason"
            ),
        )

    def __str__(self) -> str:
        return f"{self.period} {self.number}"
