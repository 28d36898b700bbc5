"""Which visits have to do with which: found by index, never by comparing all with all.

Each question is asked for many visits at once and answers with pairs. A pair says no more than
that one may raise a flag at the other; `comparing` looks closer. It holds both ways, also where one
of the two does not count, so that whoever changes knows whose flags may change with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from server.statements import all_rows
from server.submissions.photos import SAME_BITS

MOST = 20  # neighbours of one visit by one question, the earliest received first
LEAST_ANSWERS = 10  # with fewer two visits are alike by chance
ALIKE = 0.95  # of the answers of either. Not verified: «tạm tính – chưa đối chiếu»

_JOIN = "FROM inspections_visit a CROSS JOIN LATERAL"
_OF = "a.submission_id = ANY(%s)"
_OTHER = "b.submission_id <> a.submission_id AND b.project_id = a.project_id"
_ORDER = f"ORDER BY b.submission_id LIMIT {MOST}"

_SAME_VISIT = f"""
SELECT a.submission_id, other.submission_id {_JOIN} (
  SELECT b.submission_id FROM inspections_visit b
  WHERE {_OTHER} AND b.form_id = a.form_id AND b.unit_id = a.unit_id
    AND b.visit_date = a.visit_date AND b.team = a.team AND b.subject = a.subject {_ORDER}
) other WHERE {_OF} AND a.team <> ''
"""  # noqa: S608  (our own words, here and below)

# Two of which the shorter has less than so much of the longer cannot be alike.
_ALIKE = f"""
SELECT a.submission_id, other.submission_id {_JOIN} (
  SELECT b.submission_id FROM inspections_visit b
  WHERE {_OTHER} AND b.form_id = a.form_id AND b.team = a.team AND b.bands && a.bands
    AND (b.unit_id, b.visit_date, b.subject) IS DISTINCT FROM (a.unit_id, a.visit_date, a.subject)
    AND least(a.answered, b.answered) >= {ALIKE} * greatest(a.answered, b.answered) {_ORDER}
) other WHERE {_OF} AND a.team <> '' AND a.answered >= {LEAST_ANSWERS}
"""  # noqa: S608

# A thousandth of a degree of latitude is 111 m.
_SAME_POINT = f"""
SELECT a.submission_id, other.submission_id {_JOIN} (
  SELECT b.submission_id FROM inspections_visit b
  WHERE {_OTHER} AND b.team = a.team AND b.year = a.year AND b.period = a.period
    AND b.lat BETWEEN a.lat - 0.001 AND a.lat + 0.001 {_ORDER}
) other WHERE {_OF} AND a.team <> ''
"""  # noqa: S608

_TIMED = "{0}.hand = a.hand AND {0}.begun_at IS NOT NULL AND {0}.lat IS NOT NULL"
_NEAREST = f"""
  SELECT c.begun_at FROM inspections_visit c
  WHERE c.project_id = a.project_id AND {_TIMED.format("c")} AND c.counts
    AND (c.begun_at, c.submission_id) {{}} (a.begun_at, a.submission_id)
"""  # noqa: S608
# The one that counts before and the one after, and between them those that do not count.
_IN_A_ROW = f"""
SELECT a.submission_id, other.submission_id {_JOIN} (
  SELECT b.submission_id FROM inspections_visit b
  WHERE {_OTHER} AND {_TIMED.format("b")}
    AND b.begun_at >= coalesce(({_NEAREST.format("<")}
      ORDER BY c.begun_at DESC, c.submission_id DESC LIMIT 1), '-infinity')
    AND b.begun_at <= coalesce(({_NEAREST.format(">")}
      ORDER BY c.begun_at, c.submission_id LIMIT 1), 'infinity') {_ORDER}
) other WHERE {_OF} AND a.hand <> '' AND a.begun_at IS NOT NULL AND a.lat IS NOT NULL
"""  # noqa: S608

# One photo may show in several forms about the same visit.
_SAME_PHOTO = f"""
SELECT a.submission_id, other.submission_id, min(other.bits) {_JOIN} LATERAL (
  SELECT fa.blob, fa.dhash, fa.bands FROM inspections_visitphoto pa
  JOIN submissions_photofacts fa ON fa.blob = pa.blob WHERE pa.visit_id = a.submission_id
) mine CROSS JOIN LATERAL (
  SELECT b.submission_id, near.bits FROM (
    SELECT mine.blob, 0 AS bits
    UNION SELECT fb.blob,
      bit_count(('x' || fb.dhash)::bit(256) # ('x' || mine.dhash)::bit(256))
    FROM submissions_photofacts fb WHERE fb.bands && mine.bands AND fb.blob <> mine.blob
  ) near
  JOIN inspections_visitphoto pb ON pb.blob = near.blob
  JOIN inspections_visit b ON b.submission_id = pb.visit_id
  WHERE near.bits <= {SAME_BITS} AND {_OTHER}
    AND (b.unit_id, b.visit_date, b.team) IS DISTINCT FROM (a.unit_id, a.visit_date, a.team)
  {_ORDER}
) other WHERE {_OF} GROUP BY 1, 2
""".replace("LATERAL LATERAL", "LATERAL")  # noqa: S608

Pair = tuple[int, int]  # submissions; the first is one that was asked about


@dataclass(frozen=True, slots=True)
class Pairs:
    """What some visits have to do with others, by question."""

    same_visit: Sequence[Pair]
    alike: Sequence[Pair]
    same_point: Sequence[Pair]
    in_a_row: Sequence[Pair]
    same_photo: dict[Pair, int]  # in how many bits the most similar photos differ

    def others(self) -> set[int]:
        """Return all those that the visits have to do with."""
        return {other for _, other in self.alike} | self.but_alike()

    def but_alike(self) -> set[int]:
        """Return them without those that may only answer alike, which are many."""
        questions = (self.same_visit, self.same_point, self.in_a_row, self.same_photo)
        return {other for pairs in questions for _, other in pairs}


def pairs(submission_ids: Sequence[int]) -> Pairs:
    """Return what some visits have to do with others, as the tables stand."""
    ids = [list(submission_ids)]
    return Pairs(
        same_visit=_pairs(_SAME_VISIT, ids),
        alike=_pairs(_ALIKE, ids),
        same_point=_pairs(_SAME_POINT, ids),
        in_a_row=_pairs(_IN_A_ROW, ids),
        same_photo={(one, other): bits for one, other, bits in all_rows(_SAME_PHOTO, ids)},
    )


def _pairs(sql: str, parameters: Sequence[list[int]]) -> list[Pair]:
    return [(one, other) for one, other in all_rows(sql, parameters)]
