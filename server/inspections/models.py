"""WHAT IT MEANS: everything here is derived from submissions and can be computed again."""

from __future__ import annotations

from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from server.communes.models import AdminUnit
from server.entities.models import Entity
from server.forms.models import Form, FormVersion, RuleVersion
from server.inspections.flag_kinds import VISIT_IN_FUTURE
from server.inspections.judged_lengths import JudgedLength as JudgedLength  # a model of this app
from server.projects.models import AppUser, Project, User
from server.submissions.models import ReviewState, Submission, SubmissionVersion


class Status(models.TextChoices):
    """Outcome of a condition, or of a whole form (domain.md §6.0, list `find`)."""

    DAT = "dat", "Đạt"
    KHONG_DAT = "khong_dat", "Không đạt"
    CHUA_DU_CAN_CU = "chua_du_can_cu", "Chưa đủ căn cứ"
    KHONG_AP_DUNG = "khong_ap_dung", "Không áp dụng"


class GpsStatus(models.TextChoices):
    """What the inspection's point says about where it was made."""

    INSIDE = "inside"
    NEAR_BORDER = "near_border"
    OUTSIDE = "outside"  # of every commune
    MISSING = "missing"
    NO_COVERAGE = "no_coverage"  # no polygons for that day


class InspectionQuerySet(models.QuerySet["Inspection"]):
    """Inspections, in the words of the field."""

    def counting(self) -> Self:
        """Those whose submission counts: not deleted, not rejected."""
        return self.filter(submission__in=Submission.objects.countable())

    def approved(self) -> Self:
        """Those that a person has looked at and let stand."""
        approved = Submission.objects.living().filter(review_state=ReviewState.APPROVED)
        return self.filter(submission__in=approved)

    def of_data(self, year: int, period: str | None) -> Self:
        """Those about the data of a year, or of one period of it."""
        return self.filter(year=year, period=period) if period else self.filter(year=year)


class Inspection(models.Model):
    """What the current version of one submission means."""

    submission = models.OneToOneField(Submission, on_delete=models.CASCADE)
    # Without indexes where another begins with the same column, or where nobody looks anything up:
    # every one is written with each submission.
    form = models.ForeignKey(Form, on_delete=models.PROTECT, db_index=False)
    form_version = models.ForeignKey(FormVersion, on_delete=models.PROTECT, db_index=False)
    # What its findings were scored by; NULL where the form judges nothing.
    rule_version = models.ForeignKey(
        RuleVersion, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    # The set that those rules are written for; "" where the form judges nothing.
    criteria_set = models.CharField(max_length=64, blank=True, default="", db_default="")
    # That set was not in force on the day of the visit, and the one that was could not judge.
    is_provisional = models.BooleanField(default=False, db_default=False)
    # The set that was in force; "" where none was, or ours is it.
    awaited_set = models.CharField(max_length=64, blank=True, default="", db_default="")
    visit_date = models.DateField(null=True)
    year = models.PositiveSmallIntegerField(null=True)  # of the data, not of the visit
    period = models.TextField(blank=True)  # h1, fy; "" when it cannot be told
    # The commune it counts for: the declared one, or where none was declared the located one.
    unit = models.ForeignKey(
        AdminUnit, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    declared_unit = models.ForeignKey(
        AdminUnit, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    located_unit = models.ForeignKey(
        AdminUnit, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    # Digest of what in the commune was inspected (Reading.subject_of); "" for the commune itself.
    subject = models.CharField(max_length=32, blank=True, default="", db_default="")
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    accuracy_m = models.FloatField(null=True)
    gps_status = models.TextField(choices=GpsStatus.choices)
    gps_distance_m = models.FloatField(null=True)  # to the nearest commune line
    gps_is_schematic = models.BooleanField(default=False)
    result = models.TextField(blank=True)  # ours, a Status; "" when the form has no conditions
    device_result = models.TextField(blank=True)  # the phone's
    evidence_share = models.FloatField(null=True)  # 0..1 of applicable conditions, seen or copied
    answers = models.JSONField()  # {path: text}, repeats apart
    repeats = models.JSONField()  # {repeat path: [{path: text}]}, see instance.Answers
    indicators = models.JSONField(default=dict)  # figures to aggregate, see indicators.dump
    derived_at = models.DateTimeField()

    objects = InspectionQuerySet.as_manager()

    class Meta:
        indexes = (
            # With all that tables of communes count by, so that they need not read the answers.
            models.Index(
                fields=["form", "year", "period", "unit"],
                include=["id", "submission", "visit_date", "gps_status", "subject"],
                name="inspection_of_cell",
            ),
            # Which are a commune's, in order, without reading anything else (`whole_list`,
            # `judged_list`).
            models.Index(
                fields=["unit", "id"],
                include=["form", "submission", "year"],
                name="inspection_by_commune",
            ),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(result__in=["", *Status.values]), name="result_is_known"
            ),
        )

    def __str__(self) -> str:
        return f"{self.unit_id} {self.visit_date}"


class Finding(models.Model):
    """The outcome of one condition in one inspection, with what it rests on."""

    inspection = models.ForeignKey(
        Inspection, on_delete=models.CASCADE, related_name="findings", db_index=False
    )
    position = models.PositiveSmallIntegerField()  # order in the findings sheet
    condition = models.CharField(max_length=32)  # its code, e.g. "A7b"
    status = models.TextField(choices=Status.choices)
    device_status = models.TextField(blank=True)  # what the phone calculated
    value = models.FloatField(null=True)  # the figure judged: a count, or a percentage
    is_core = models.BooleanField()
    is_verified = models.BooleanField()  # the rule was checked against the law
    has_document = models.BooleanField()  # evidence was seen or copied
    evidence = models.JSONField(default=dict)  # {field name: answer} the rule looked at

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["inspection", "condition"], name="one_finding_per_condition"
            ),
            models.CheckConstraint(
                condition=Q(status__in=Status.values), name="finding_status_is_known"
            ),
        )
        indexes = (
            # What people look for, and a few of seventeen: whoever sends waits for no more.
            models.Index(
                fields=["status", "inspection", "position"],
                name="finding_not_met_by_record",
                condition=Q(status__in=(Status.KHONG_DAT, Status.CHUA_DU_CAN_CU)),
            ),
        )

    def __str__(self) -> str:
        return f"{self.condition} {self.status}"


class FindingHistory(models.Model):
    """What a finding was before other rules scored it otherwise. Not derived: it is kept."""

    inspection = models.ForeignKey(Inspection, on_delete=models.CASCADE, related_name="history")
    condition = models.CharField(max_length=32)
    status = models.TextField(choices=Status.choices)
    value = models.FloatField(null=True)
    rule_version = models.ForeignKey(  # that gave it
        RuleVersion, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    replaced_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["replaced_at", "pk"]

    def __str__(self) -> str:
        return f"{self.condition} {self.status}"


class Flag(models.Model):
    """A reason to look twice. Never a rejection."""

    inspection = models.ForeignKey(
        Inspection, on_delete=models.CASCADE, related_name="flags", db_index=False
    )
    code = models.CharField(max_length=32)  # gps_far, photo_missing, file_differs, result_differs …
    # Figures and paths of questions, never answers but the day of a visit.
    details = models.JSONField(default=dict)

    class Meta:
        indexes = (
            # Every table of communes asks for these few, see `visit_days`.
            models.Index(
                fields=["inspection"],
                condition=Q(code=VISIT_IN_FUTURE),
                name="flag_visit_in_future",
            ),
            models.Index(fields=["code", "inspection"], name="flag_of_a_kind_by_record"),
        )
        constraints = (
            models.UniqueConstraint(fields=["inspection", "code"], name="one_flag_per_code"),
        )

    def __str__(self) -> str:
        return self.code


class Visit(models.Model):
    """What must be known of an inspection to compare it with others; written by `look`.

    Apart from Inspection, so that no arrival waits for what only comparing needs, and so that it
    is still known whose neighbour an inspection was that an edit has made unreadable.
    """

    submission = models.OneToOneField(Submission, primary_key=True, on_delete=models.CASCADE)
    instance_id = models.CharField(max_length=255)  # the submission's, for evidence
    counts = models.BooleanField()  # neither rejected nor deleted: others are compared with it
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+", db_index=False)
    form = models.ForeignKey(Form, on_delete=models.CASCADE, related_name="+", db_index=False)
    unit = models.ForeignKey(
        AdminUnit, null=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    subject = models.CharField(max_length=32)  # as Inspection has it
    visit_date = models.DateField(null=True)
    year = models.PositiveSmallIntegerField(null=True)
    period = models.TextField(blank=True)
    hand = models.TextField()  # the phone that filled it in; "" for none known
    team = models.TextField()  # the team it belongs to, or where it has none the phone itself
    begun_at = models.DateTimeField(null=True)  # by the phone's clock
    ended_at = models.DateTimeField(null=True)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    accuracy_m = models.FloatField(null=True)
    bands = ArrayField(models.BigIntegerField(), default=list)  # of its answers, see visits.bands
    answered = models.PositiveIntegerField()  # questions that the bands are of

    class Meta:
        indexes = (
            # To their last column, so that the first few are found however many there are.
            models.Index(
                fields=["form", "unit", "visit_date", "team", "subject", "submission"],
                name="visit_of_one_day",
            ),
            models.Index(
                fields=["project", "hand", "begun_at", "submission"], name="visit_in_a_row"
            ),
            models.Index(fields=["project", "team", "year", "period"], name="visit_by_team"),
            GinIndex(fields=["bands"], name="visit_by_band"),
        )

    def __str__(self) -> str:
        return self.instance_id


class VisitPhoto(models.Model):
    """A photo that a visit shows."""

    visit = models.ForeignKey(
        Visit, on_delete=models.CASCADE, related_name="photos", db_index=False
    )
    blob = models.CharField(max_length=64, db_index=True)  # SHA-256, see PhotoFacts.blob

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["visit", "blob"], name="one_photo_per_content"),
        )

    def __str__(self) -> str:
        return self.blob


class FlagDecision(models.Model):
    """What a person said about one flag. Not derived: it is kept, and never changed afterwards.

    It stands for the flag as it was seen: with other evidence, the same code is another flag.
    """

    submission = models.ForeignKey(
        Submission, on_delete=models.CASCADE, related_name="flag_decisions"
    )
    # What the person had before them.
    version = models.ForeignKey(
        SubmissionVersion, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    code = models.CharField(max_length=32)
    details = models.JSONField()
    justification = models.TextField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=~Q(justification=""), name="flag_decision_is_justified"
            ),
        )

    def __str__(self) -> str:
        return self.code


class Reveal(models.Model):
    """That a person had restricted answers shown, and why. Not derived: it is kept.

    They are shown for a while (reveals.OPEN_FOR), of the version that the person had before them.
    """

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="reveals")
    version = models.ForeignKey(
        SubmissionVersion, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    questions = ArrayField(models.TextField())  # their paths
    reason = models.TextField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        constraints = (models.CheckConstraint(condition=~Q(reason=""), name="reveal_has_a_reason"),)

    def __str__(self) -> str:
        return f"{len(self.questions)} {self.at:%Y-%m-%d %H:%M}"


class ReturnedTask(models.Model):
    """Which entity of the list `viec` tells an inspector to complete a submission.

    Not derived: a submission that is returned again must be the same row on the phone.
    """

    submission = models.OneToOneField(
        Submission, on_delete=models.CASCADE, related_name="returned_task"
    )
    entity = models.OneToOneField(Entity, on_delete=models.CASCADE, related_name="+")
    # The device that has it, or had it last.
    app_user = models.ForeignKey(
        AppUser, on_delete=models.PROTECT, related_name="returned_tasks", db_index=False
    )
    closed_at = models.DateTimeField(null=True)
    # The device that somebody gave it to, instead of the one that sent the version named; of a
    # later version it is again for whoever sent that.
    given_to = models.ForeignKey(
        AppUser, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    given_version = models.ForeignKey(
        SubmissionVersion, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    class Meta:
        indexes = (
            models.Index(
                fields=["app_user"], name="returned_task_open", condition=Q(closed_at=None)
            ),
        )

    def __str__(self) -> str:
        return f"{self.submission_id} {'closed' if self.closed_at else 'open'}"


class PeriodLeft(models.Model):
    """A record whose data moved out of a period: by an edit, mostly (server.plans.after_lock)."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="+")
    year = models.PositiveSmallIntegerField()
    period = models.TextField()
    at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=["year", "period", "at"], name="period_left"),)

    def __str__(self) -> str:
        return f"{self.submission_id} out of {self.year}-{self.period}"


class HiddenCells(models.Model):
    """Which cells of one table of sensitive counts are hidden, so that nobody waits for the search.

    Derived, and of no count or name: the table is known by a digest, see `patterns`.
    """

    digest = models.CharField(primary_key=True, max_length=64)
    marks = models.TextField()  # one letter for each printed cell; "" of what says a year is done
    made_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.digest
