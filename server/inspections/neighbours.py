"""Which visits have to do with which: found by index, never by comparing all with all.

Each question is asked for many visits at once and answers with pairs. A pair says no more than
that one may raise a flag at the other; `comparing` looks closer. It holds both ways, also where one
of the two does not count, so that whoever changes knows whose flags may change with it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from server.statements import all_rows
from server.submissions.photos import SAME_BITS

MOST = 20  # neighbours of one visit by one question, the earliest received first
LEAST_ANSWERS = 10  # with fewer two visits are alike by chance
ALIKE = 0.95  # of the answers of either. Not verified: «tạm tính – chưa đối chiếu»

_OTHER = "b.submission_id <> a.submission_id AND b.project_id = a.project_id"
_ORDER = f"ORDER BY b.submission_id LIMIT {MOST}"


def _asked_once(key: str, asks: str, sql: str) -> str:
    """Return a statement that asks once for all visits of which the same is asked.

    Hundreds that arrive together may have one day, commune and team. One more than are wanted are
    found, because a visit is none of its own neighbours.
    """
    columns = [column.strip() for column in key.split(",")]
    return f"""
WITH asked AS MATERIALIZED (
  SELECT {key}, array_agg(submission_id) AS ones FROM inspections_visit
  WHERE submission_id = ANY(%s) AND {asks} GROUP BY {", ".join(columns)}
)
SELECT a.ones, ARRAY(
  SELECT b.submission_id FROM inspections_visit b WHERE {sql}
  ORDER BY b.submission_id LIMIT {MOST + 1}
) FROM asked a
"""  # noqa: S608  (our own words, here and below)


_SAME_VISIT = _asked_once(
    "form_id, unit_id, visit_date, team, subject",
    "team <> '' AND unit_id IS NOT NULL AND visit_date IS NOT NULL",
    """b.form_id = a.form_id AND b.unit_id = a.unit_id AND b.visit_date = a.visit_date
    AND b.team = a.team AND b.subject = a.subject""",
)

# Two of which the shorter has less than so much of the longer cannot be alike.
_ALIKE = _asked_once(
    "project_id, form_id, team, bands, answered, unit_id, visit_date, subject",
    f"team <> '' AND answered >= {LEAST_ANSWERS}",
    f"""b.project_id = a.project_id AND b.form_id = a.form_id AND b.team = a.team
    AND b.bands && a.bands
    AND (b.unit_id, b.visit_date, b.subject) IS DISTINCT FROM (a.unit_id, a.visit_date, a.subject)
    AND least(a.answered, b.answered) >= {ALIKE} * greatest(a.answered, b.answered)""",
)

# A thousandth of a degree of latitude is 111 m.
_SAME_POINT = _asked_once(
    "project_id, team, year, period, lat",
    "team <> '' AND lat IS NOT NULL",
    """b.project_id = a.project_id AND b.team = a.team AND b.year = a.year AND b.period = a.period
    AND b.lat BETWEEN a.lat - 0.001 AND a.lat + 0.001""",
)

_TIMED = "{0}.hand = a.hand AND {0}.begun_at IS NOT NULL AND {0}.lat IS NOT NULL"
_NEAREST = f"""
  SELECT c.begun_at, c.submission_id FROM inspections_visit c
  WHERE c.project_id = a.project_id AND {_TIMED.format("c")} AND c.counts
    AND (c.begun_at, c.submission_id) {{}} (a.begun_at, a.submission_id)
"""  # noqa: S608
# The one that counts before and the one after, and between them those that do not count.
_IN_A_ROW = f"""
SELECT a.submission_id, other.submission_id FROM inspections_visit a
LEFT JOIN LATERAL (
  {_NEAREST.format("<")} ORDER BY c.begun_at DESC, c.submission_id DESC LIMIT 1
) before ON true
LEFT JOIN LATERAL (
  {_NEAREST.format(">")} ORDER BY c.begun_at, c.submission_id LIMIT 1
) after ON true
CROSS JOIN LATERAL (
  SELECT b.submission_id FROM inspections_visit b
  WHERE {_OTHER} AND {_TIMED.format("b")}
    AND (b.begun_at, b.submission_id) >=
      (coalesce(before.begun_at, '-infinity'), coalesce(before.submission_id, 0))
    AND (b.begun_at, b.submission_id) <=
      (coalesce(after.begun_at, 'infinity'), coalesce(after.submission_id, {2**63 - 1}))
  ORDER BY b.counts DESC, b.submission_id LIMIT {MOST}
) other
WHERE a.submission_id = ANY(%s) AND a.hand <> '' AND a.begun_at IS NOT NULL AND a.lat IS NOT NULL
"""  # noqa: S608

# One photo may show in several forms about the same visit. Who shows a similar one is looked up in
# this order, photo by photo and by key (OFFSET 0 keeps it): where hundreds have just come and
# PostgreSQL knows nothing of the tables yet, it would walk all visits for each photo.
SAME_PHOTO = f"""
SELECT a.submission_id, other.submission_id, min(other.bits)
FROM inspections_visit a CROSS JOIN LATERAL (
  SELECT fa.blob, fa.dhash, fa.bands FROM inspections_visitphoto pa
  JOIN submissions_photofacts fa ON fa.blob = pa.blob WHERE pa.visit_id = a.submission_id
) mine CROSS JOIN LATERAL (
  SELECT b.submission_id, near.bits FROM (
    SELECT mine.blob, 0 AS bits
    UNION SELECT fb.blob,
      bit_count(('x' || fb.dhash)::bit(256) # ('x' || mine.dhash)::bit(256))
    FROM submissions_photofacts fb WHERE fb.bands && mine.bands AND fb.blob <> mine.blob
  ) near
  CROSS JOIN LATERAL (
    SELECT visit_id FROM inspections_visitphoto pb WHERE pb.blob = near.blob OFFSET 0
  ) shown
  CROSS JOIN LATERAL (
    SELECT submission_id, project_id, unit_id, visit_date, team FROM inspections_visit
    WHERE submission_id = shown.visit_id OFFSET 0
  ) b
  WHERE near.bits <= {SAME_BITS} AND {_OTHER}
    AND (b.unit_id, b.visit_date, b.team) IS DISTINCT FROM (a.unit_id, a.visit_date, a.team)
  {_ORDER}
) other WHERE a.submission_id = ANY(%s) GROUP BY 1, 2
"""  # noqa: S608

Pair = tuple[int, int]  # submissions; the first is one that was asked about
Others = Mapping[int, Sequence[int]]  # by one that was asked about


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What some visits have to do with others, by question."""

    same_visit: Others
    alike: Others
    same_point: Others
    in_a_row: Others
    same_photo: Mapping[int, Mapping[int, int]]  # in how many bits the most similar photos differ

    def all(self) -> set[int]:
        """Return all those that the visits have to do with."""
        return self.but_alike().union(*self.alike.values())

    def but_alike(self) -> set[int]:
        """Return them without those that may only answer alike, which are many."""
        questions = (self.same_visit, self.same_point, self.in_a_row, self.same_photo)
        return {other for found in questions for others in found.values() for other in others}

    def may_be_alike(self) -> list[Pair]:
        """Return those of which the answers are to be compared."""
        return [(one, other) for one, others in self.alike.items() for other in others]

    def __or__(self, more: Neighbours) -> Neighbours:
        return Neighbours(
            {**self.same_visit, **more.same_visit},
            {**self.alike, **more.alike},
            {**self.same_point, **more.same_point},
            {**self.in_a_row, **more.in_a_row},
            {**self.same_photo, **more.same_photo},
        )


def neighbours(submission_ids: Sequence[int]) -> Neighbours:
    """Return what some visits have to do with others, as the tables stand."""
    if not submission_ids:
        return Neighbours({}, {}, {}, {}, {})
    ids = [list(submission_ids)]
    in_a_row: dict[int, list[int]] = defaultdict(list)
    for one, other in all_rows(_IN_A_ROW, ids):
        in_a_row[one].append(other)
    same_photo: dict[int, dict[int, int]] = defaultdict(dict)
    for one, other, bits in all_rows(SAME_PHOTO, ids):
        same_photo[one][other] = bits
    return Neighbours(
        same_visit=_others(_SAME_VISIT, ids),
        alike=_others(_ALIKE, ids),
        same_point=_others(_SAME_POINT, ids),
        in_a_row=in_a_row,
        same_photo=same_photo,
    )


def _others(sql: str, parameters: Sequence[list[int]]) -> dict[int, list[int]]:
    return {
        one: [other for other in found if other != one][:MOST]
        for ones, found in all_rows(sql, parameters)
        for one in ones
    }
