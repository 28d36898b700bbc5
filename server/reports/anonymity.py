"""How well the records of a file hide among each other: k-anonymity (Samarati, Sweeney 1998).

Quasi-identifiers are what a reader of a de-identified file may know from elsewhere: the commune,
the month of the visit and the team. Records that share all three are a class; the smallest class
is the k of the file. One inspection of a commune in a month is a class of one, by the nature of
inspections: the report says so, and hides nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from server.reports.records import Keys
from server.statements import all_rows

QUASI_IDENTIFIERS = ("commune", "month", "team")
_MANY = 10_000  # keys to a question: each takes 300 bytes on its way

_CLASSES = """
SELECT coalesce(i.unit_id, ''), coalesce(to_char(i.visit_date, 'YYYY-MM'), ''),
  coalesce(sender.team, ''), count(*)
FROM submissions_submission s
JOIN submissions_submissionversion v ON v.id = s.current_version_id
LEFT JOIN projects_appuser sender ON sender.id = v.app_user_id
LEFT JOIN inspections_inspection i ON i.submission_id = s.id
WHERE s.id = ANY(%s::bigint[])
GROUP BY 1, 2, 3
"""


@dataclass(frozen=True, slots=True)
class Anonymity:
    """What the report says."""

    k: int  # what is wanted (SMALL_CELL_K)
    records: int
    classes: int
    smallest: int  # records of the smallest class; 0 for a file without records
    small_classes: int  # of fewer than k records
    records_in_small_classes: int

    def as_json(self) -> dict[str, object]:
        """Return it for the result of a job, and for the audit log."""
        return {
            "quasiIdentifiers": list(QUASI_IDENTIFIERS),
            "k": self.k,
            "records": self.records,
            "classes": self.classes,
            "smallestClass": self.smallest,
            "classesBelowK": self.small_classes,
            "recordsInClassesBelowK": self.records_in_small_classes,
        }

    def sentence(self) -> str:
        """Return it in words, for the dictionary of a file."""
        if not self.records:
            return "Tệp không có hồ sơ nào."
        return (
            f"{self.records} hồ sơ thuộc {self.classes} nhóm cùng xã, cùng tháng, cùng đoàn; nhóm "
            f"nhỏ nhất có {self.smallest} hồ sơ; {self.small_classes} nhóm có dưới {self.k} hồ sơ "
            f"(tất cả {self.records_in_small_classes} hồ sơ)."
        )


def report(keys: Keys) -> Anonymity:
    """Return the report of a file of some records."""
    sizes: dict[tuple[str, str, str], int] = {}
    for start in range(0, len(keys), _MANY):
        for unit, month, team, count in all_rows(_CLASSES, [keys[start : start + _MANY].tolist()]):
            sizes[unit, month, team] = sizes.get((unit, month, team), 0) + count
    k = settings.SMALL_CELL_K
    small = [size for size in sizes.values() if size < k]
    return Anonymity(
        k=k,
        records=sum(sizes.values()),
        classes=len(sizes),
        smallest=min(sizes.values(), default=0),
        small_classes=len(small),
        records_in_small_classes=sum(small),
    )
