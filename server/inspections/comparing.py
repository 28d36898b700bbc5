"""The flags that comparing raises: pure functions over what is known of visits and their photos.

Evidence are figures and instanceIDs, in a fixed order, so that computing it again gives the same.
Of many others the first are named and all are counted.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from server.communes.geometry import metres_between
from server.inspections.flags import FAR_M, RaisedFlag
from server.inspections.models import Visit
from server.inspections.neighbours import ALIKE
from server.submissions.models import PhotoFacts

# None of these was verified in the field: «tạm tính – chưa đối chiếu».
FASTEST_KMH = 120.0
FAR_APART_KM = 2.0  # nearer than that, a point's own error makes any speed
SAME_POINT_M = 100.0
MANY_COMMUNES = 3
PHOTO_AGE = dt.timedelta(days=1)  # between a photo and the visit

NAMED = 10  # other inspections that evidence names


@dataclass(frozen=True, slots=True)
class Around:
    """A visit among those it has to do with; all of them count."""

    visit: Visit
    same_visit: Sequence[Visit]
    alike: Mapping[str, float]  # by instanceID: the share of answers that are the same
    same_point: Sequence[Visit]  # within a stripe; the metres are measured here
    in_a_row: Sequence[Visit]
    same_photo: Mapping[str, int]  # by instanceID: bits
    photos: Sequence[PhotoFacts]


def raise_flags(around: Around, zone: ZoneInfo) -> tuple[RaisedFlag, ...]:
    """Return the flags of one visit, in a fixed order. zone: of days without a clock time."""
    return (
        *_speed(around),
        *_photo(around),
        *_duplicate(around),
        *_point(around),
        *_photo_far(around, zone),
    )


def similarity(one: Mapping[str, str], other: Mapping[str, str]) -> float:
    """Return which share of all that either answers both answer alike, 0 to 1."""
    asked = one.keys() | other.keys()
    same = sum(1 for path in one.keys() & other.keys() if one[path] == other[path])
    return same / len(asked) if asked else 0.0


def is_alike(share: float) -> bool:
    """Tell whether two visits answer so much alike that one may be copied."""
    return share >= ALIKE


def _speed(around: Around) -> Iterator[RaisedFlag]:
    here = around.visit
    pairs = [
        (other, *_apart(*sorted((here, other), key=_when)))
        for other in _next_to(here, around.in_a_row)
    ]
    legs = [
        {"instance_id": other.instance_id, "km": round(km, 1), "minutes": round(minutes)}
        for other, km, minutes in pairs
        if km > FAR_APART_KM and km > FASTEST_KMH * minutes / 60
    ]
    if legs:
        yield RaisedFlag("impossible_speed", {"instance_id": here.instance_id, "legs": legs})


def _next_to(here: Visit, others: Sequence[Visit]) -> Iterator[Visit]:
    """Yield the last one before and the first one after."""
    before = [other for other in others if _when(other) < _when(here)]
    after = [other for other in others if _when(other) > _when(here)]
    if before:
        yield max(before, key=_when)
    if after:
        yield min(after, key=_when)


def _when(visit: Visit) -> tuple[dt.datetime, int]:
    return visit.begun_at or dt.datetime.min.replace(tzinfo=dt.UTC), visit.pk


def _apart(first: Visit, second: Visit) -> tuple[float, float]:
    """Return kilometres and minutes between two visits.

    From the end of the first to the start of the second. A form that was saved again in the
    evening ended then: where both were open at once, from start to start.
    """
    left, begun = first.ended_at, second.begun_at
    if begun is None or first.begun_at is None:
        return 0.0, 0.0
    if left is None or not first.begun_at <= left <= begun:
        left = first.begun_at
    return _metres(first, second) / 1000, (begun - left).total_seconds() / 60


def _photo(around: Around) -> Iterator[RaisedFlag]:
    if around.same_photo:
        names = sorted(around.same_photo)
        others = [{"instance_id": name, "bits": around.same_photo[name]} for name in names[:NAMED]]
        yield RaisedFlag("same_photo", {"count": len(names), "others": others})


def _duplicate(around: Around) -> Iterator[RaisedFlag]:
    same = sorted(visit.instance_id for visit in around.same_visit)
    alike = sorted(around.alike)
    details: dict[str, object] = {}
    if same:
        details |= {"same_visit": same[:NAMED], "same_visit_count": len(same)}
    if alike:
        shares = [
            # Down, so that nothing below the whole is called the whole.
            {"instance_id": name, "percent": int(around.alike[name] * 100)}
            for name in alike[:NAMED]
        ]
        details |= {"alike": shares, "alike_count": len(alike)}
    if details:
        yield RaisedFlag("duplicate_visit", details)


def _point(around: Around) -> Iterator[RaisedFlag]:
    here = around.visit
    metres = ((other, _metres(here, other)) for other in around.same_point)
    near = [(other, away) for other, away in metres if away <= SAME_POINT_M]
    communes = {visit.unit_id for visit in (here, *(other for other, _ in near))} - {None}
    if len(communes) >= MANY_COMMUNES:
        names = sorted(other.instance_id for other, _ in near)
        yield RaisedFlag(
            "many_at_one_point",
            {
                "communes": len(communes),
                "count": len(names),
                "others": names[:NAMED],
                "metres": round(max(away for _, away in near)),
            },
        )


def _photo_far(around: Around, zone: ZoneInfo) -> Iterator[RaisedFlag]:
    here, allowed = around.visit, max(around.visit.accuracy_m or 0.0, FAR_M)
    metres = [_metres(here, photo) for photo in around.photos]
    ages = [_age(photo.taken_at, here, zone) for photo in around.photos]
    far = [away for away in metres if away > allowed]
    old = [age for age in ages if age > PHOTO_AGE]
    details: dict[str, object] = {}
    if far:
        details |= {"far": len(far), "far_m": round(max(far)), "allowed_m": round(allowed)}
    if old:
        details |= {"other_day": len(old), "hours": round(max(old).total_seconds() / 3600)}
    if details:
        yield RaisedFlag("photo_far", details)


def _age(taken_at: dt.datetime | None, visit: Visit, zone: ZoneInfo) -> dt.timedelta:
    """Return how long before or after a visit a photo was taken; 0 within it, or unknown."""
    begun, ended = visit.begun_at, visit.ended_at
    if visit.visit_date is not None:
        # The form may have been opened the evening before; the day it names counts as well.
        day = dt.datetime.combine(visit.visit_date, dt.time(), tzinfo=zone)
        begun = min(begun or day, day)
        ended = max(ended or day, day + dt.timedelta(days=1))
    if taken_at is None or begun is None or ended is None:
        return dt.timedelta()
    return max(begun - taken_at, taken_at - ended, dt.timedelta())


def _metres(one: Visit, other: Visit | PhotoFacts) -> float:
    """Return the geodesic distance, 0 where a place is not known."""
    if one.lon is None or one.lat is None or other.lon is None or other.lat is None:
        return 0.0
    return metres_between((one.lon, one.lat), (other.lon, other.lat))


More = Callable[[Sequence[Visit]], Mapping[int, RaisedFlag]]  # flags by submission
