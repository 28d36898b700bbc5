"""Whether a submission takes longer the more there are.

    python -m bench.growth                 # 1,000 rows and 1,000,000
    python -m bench.growth --rows 100000

A server of its own with fsync on. Rows are made by SQL: submissions with their versions,
inspections and findings, as many as there are to be; the XML is short and an inspection has two
findings instead of seventeen, so that a million fit on a laptop. What is measured is one device
that sends kt_18_5 of 6,000 bytes over HTTP, one after another.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from bench.device import Target, play
from bench.own_server import Database, database, device_url, own_server
from bench.parcels import FORM, parcel

FEW = 1_000
UNIT = "02155@2025-07-01"
_MAKE = """
WITH version AS (
  SELECT version.id, version.form_id
  FROM forms_formversion version JOIN forms_form form ON form.current_version_id = version.id
  WHERE form.form_id = %(form)s
), submission AS (
  INSERT INTO submissions_submission
    (form_id, instance_id, review_state, created_at, derive_attempts, derive_failure,
     look_attempts)
  SELECT form_id, 'uuid:' || gen_random_uuid(), 'received', now(), 0, '', 0
  FROM version, generate_series(1, %(count)s)
  RETURNING id, form_id, instance_id
), instance AS (
  INSERT INTO submissions_submissionversion
    (submission_id, form_id, form_version_id, instance_id, deprecated_id, instance_name, xml,
     xml_sha256, is_encrypted, expected_files, device_id, user_agent, received_at)
  SELECT submission.id, submission.form_id, version.id, instance_id, '', '', '<data/>',
         repeat('0', 64), false, '{}', '', '', now()
  FROM submission, version
), inspection AS (
  INSERT INTO inspections_inspection
    (submission_id, form_id, form_version_id, visit_date, year, period, unit_id, gps_status,
     gps_is_schematic, result, device_result, answers, repeats, indicators, derived_at)
  SELECT submission.id, submission.form_id, version.id, now(), 2026, 'fy',
         (%(units)s::text[])[1 + submission.id %% cardinality(%(units)s::text[])],
         'inside', true, 'dat', 'dat', '{}', '{}', '{}', now()
  FROM submission, version
  RETURNING id
)
INSERT INTO inspections_finding
  (inspection_id, position, condition, status, device_status, is_core, is_verified,
   has_document, evidence)
SELECT id, number, 'A' || number, 'dat', 'dat', true, true, true, '{}'
FROM inspection, generate_series(1, 2) AS number
"""
_SETTLE = """
UPDATE submissions_submission SET current_version_id = version.id
FROM submissions_submissionversion version
WHERE version.submission_id = submissions_submission.id AND current_version_id IS NULL
"""


def fill(database: Database, rows: int, units: Sequence[str] = (UNIT,)) -> None:
    """Make submissions until there are so many. units: the communes that they are of, in turn."""
    found = database.execute("SELECT count(*) FROM submissions_submission").fetchone()
    missing = rows - (found[0] if found else 0)
    for start in range(0, missing, 50_000):
        count = min(50_000, missing - start)
        database.execute(_MAKE, {"form": FORM, "count": count, "units": list(units)})
    database.execute(_SETTLE)
    database.execute("VACUUM ANALYZE")


def median_ms(target: Target, seconds: float) -> float:
    """Send one submission after another; return the median of the time that one takes."""
    kind = parcel(target, photos=0)
    tally = play(target, [iter(kind.new, None)], seconds=seconds, good=201)
    if tally.errors:
        raise RuntimeError(f"{tally.errors} submissions were refused")
    return tally.percentile_ms(50)


def main() -> None:
    """Measure with few rows and with many."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=10.0, help="for each of the two")
    asked = parser.parse_args()
    with own_server() as server:
        target = Target.of(device_url(server, "bench"))
        with database(server) as rows_of:
            medians = []
            for rows in (FEW, asked.rows):
                fill(rows_of, rows)
                median_ms(target, 2.0)  # warm
                medians.append(median_ms(target, asked.seconds))
                print(f"{rows:>9,} submissions stored: median {medians[-1]:.1f} ms", flush=True)
    print(f"ratio {medians[1] / medians[0]:.2f}")


if __name__ == "__main__":
    main()
