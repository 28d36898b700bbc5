"""WHERE: administrative units as of a date, their polygons, and what became of them.

A unit is (code, valid_from), never a code or a name alone: 46 of today's 92 commune codes named
another commune before 1 July 2025 (domain.md §4.1).
"""

from __future__ import annotations

import datetime as dt
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q


class AdminUnitQuerySet(models.QuerySet["AdminUnit"]):
    """Units, in the words of the field."""

    def communes(self) -> Self:
        """Xã, phường, thị trấn."""
        return self.filter(level=Level.COMMUNE)

    def in_force(self, on_date: dt.date) -> Self:
        """Those that existed on a day: valid_from <= day < valid_to."""
        return self.filter(
            Q(valid_from=None) | Q(valid_from__lte=on_date),
            Q(valid_to=None) | Q(valid_to__gt=on_date),
        )

    def in_vietnamese_order(self) -> Self:
        """By name as a Vietnamese reader expects (Đ after D), then code."""
        return self.order_by("sort_key", "code", "uid")


class Level(models.TextChoices):
    """Rank of a unit. Districts ended on 30 June 2025."""

    PROVINCE = "province"
    DISTRICT = "district"
    COMMUNE = "commune"


class AdminUnit(models.Model):
    """One version of one unit: from when its name, type, parent or extent was this."""

    uid = models.CharField(primary_key=True, max_length=24)  # "05443@2025-07-01", "05443@start"
    code = models.CharField(max_length=8)  # text: 01840 keeps its zero
    name = models.TextField()  # with its type: "Phường Phan Đình Phùng"
    level = models.TextField(choices=Level.choices)
    type = models.TextField()  # tinh, thanh_pho, thi_xa, huyen, xa, phuong, thi_tran
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT)
    valid_from = models.DateField(null=True)  # null: already so at the first snapshot, 2019-09-11
    valid_to = models.DateField(null=True)  # null: in force
    province_code = models.CharField(max_length=8)
    area_km2 = models.FloatField(null=True)  # as published; only units of 2025 have one
    legal_from = models.TextField(blank=True)  # the act that made it
    legal_to = models.TextField(blank=True)  # the act that ended it
    lon = models.FloatField(null=True)  # a point inside, about 100 m; not for locating
    lat = models.FloatField(null=True)
    sort_key = models.TextField()  # communes.vietnamese.sort_key(name without type)
    search_key = models.TextField()  # lower case, no diacritics: "dong hy"

    objects = AdminUnitQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["code", "valid_from"], name="one_unit_version", nulls_distinct=False
            ),
            models.CheckConstraint(condition=Q(level__in=Level.values), name="level_is_known"),
            models.CheckConstraint(
                condition=Q(valid_from=None)
                | Q(valid_to=None)
                | Q(valid_from__lt=models.F("valid_to")),
                name="unit_ends_after_it_starts",
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} ({self.uid})"


class Succession(models.Model):
    """What one unit version became: wholly (`all`) or in part."""

    old = models.ForeignKey(AdminUnit, on_delete=models.CASCADE, related_name="successions")
    new = models.ForeignKey(AdminUnit, on_delete=models.CASCADE, related_name="predecessions")
    part = models.TextField(choices=(("all", "all"), ("partial", "partial")))
    effective_date = models.DateField()
    area_share = models.FloatField(null=True)  # 0..1, a rough overlay; never split counts by it
    legal_basis = models.TextField(blank=True)
    confidence = models.TextField(blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["old", "new"], name="one_link_per_pair"),)

    def __str__(self) -> str:
        return f"{self.old_id} -> {self.new_id}"


class CoverageQuerySet(models.QuerySet["Coverage"]):
    """Coverages, in the words of the field."""

    def best_first(self, on_date: dt.date) -> Self:
        """Those of a day: real lines before a schematic map, and of those the newest first."""
        covering = self.filter(valid_from__lte=on_date).exclude(valid_to__lte=on_date)
        return covering.order_by("is_schematic", "-valid_from")


class Coverage(models.Model):
    """The polygons of all communes over some days, from one source."""

    valid_from = models.DateField()
    valid_to = models.DateField(null=True)  # half-open; null: still
    is_schematic = models.BooleanField()  # drawn by us from points: «sơ đồ, không phải ranh giới»
    source = models.TextField()  # the line shown with every use
    crs = models.TextField()  # of the file it came from, e.g. "EPSG:9213"; ours are WGS 84
    file_sha256 = models.CharField(max_length=64, blank=True)
    loaded_at = models.DateTimeField(auto_now_add=True)

    objects = CoverageQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["valid_from", "is_schematic"], name="one_coverage_per_start"
            ),
        )
        ordering: ClassVar = ["valid_from"]

    def __str__(self) -> str:
        return f"{self.valid_from}–{self.valid_to or ''} {self.source}"


class Boundary(models.Model):
    """The polygon of one unit in one coverage."""

    coverage = models.ForeignKey(Coverage, on_delete=models.CASCADE, related_name="boundaries")
    unit = models.ForeignKey(AdminUnit, on_delete=models.PROTECT)
    wkb = models.BinaryField()  # Polygon or MultiPolygon, lon lat degrees WGS 84

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["coverage", "unit"], name="one_boundary_per_unit"),
        )

    def __str__(self) -> str:
        return f"{self.unit_id} in {self.coverage_id}"


class LastChange(models.Model):
    """When any table of this app last changed: one row, or none before the first change.

    Written by triggers (0001_initial), so that no way of changing a table can pass it by. Whoever
    keeps something made of these tables compares this, which costs less than looking at them.
    """

    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.changed_at.isoformat()
