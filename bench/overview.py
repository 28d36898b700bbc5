"""How long the matrix of 92 communes, 4 forms and 12 periods takes out of 100,000 inspections.

    python -m bench.overview

The rows are copies of inspections of the demonstration, as long as those are, spread over today's
communes, four forms and the two periods of six years; each tenth is received, hasIssues or
rejected. Recommendations are one for each inspection. Prints Markdown: the function, and JSON
and CSV over HTTP (in this process, without a socket), with the most memory that Python took.
The number of queries is held by tests/inspections/test_overview.py.
"""

from __future__ import annotations

import argparse
import datetime as dt
import tracemalloc
from collections.abc import Callable
from pathlib import Path

from django.db import connection
from django.test import Client

from bench import alone as alone  # first: it sets the settings up
from bench.clock import milliseconds
from bench.province import WORKBOOK, filled_forms, of_the_year, prepare, store
from server.entities.models import EntityList
from server.forms.models import FormVersion
from server.forms.publish import publish
from server.inspections import sweep
from server.inspections.overview import Asked, overview, published_forms
from server.plans.expected import expected
from server.projects import accounts
from server.projects.models import Role
from server.submissions.models import Submission

SAMPLE = 92
YEARS = range(2021, 2027)
TIMES = 9
# Of each sample and each copy: any of the forms, years and periods, and another commune.
_SUBMISSIONS = """
INSERT INTO submissions_submission
  (form_id, instance_id, review_state, created_at, derive_attempts,
   derive_failure, look_attempts)
SELECT (ARRAY[%(forms)s::bigint[]])[1][1 + n %% 4], 'uuid:copy-' || n,
       (ARRAY['received', 'hasIssues', 'rejected', 'approved', 'approved', 'approved',
              'approved', 'approved', 'approved', 'approved'])[1 + (n / 7) %% 10],
       now() - n * interval '1 minute', 0, '', 0
FROM generate_series(1, %(count)s) AS n
"""
_INSPECTIONS = """
WITH sample AS (
  SELECT row_number() OVER (ORDER BY id) - 1 AS number, * FROM inspections_inspection
  WHERE unit_id LIKE '%%@2025-07-01'
), unit AS (
  SELECT row_number() OVER (ORDER BY uid) - 1 AS number, uid FROM communes_adminunit
  WHERE level = 'commune' AND valid_to IS NULL
), copy AS (
  SELECT id, form_id, substr(instance_id, 11)::int AS n FROM submissions_submission
  WHERE instance_id LIKE 'uuid:copy-%%'
)
INSERT INTO inspections_inspection
  (submission_id, form_id, form_version_id, rule_version_id, visit_date, year, period, unit_id,
   gps_status, gps_is_schematic, result, device_result, evidence_share, answers, repeats,
   indicators, derived_at)
SELECT copy.id, copy.form_id, form.current_version_id, NULL,
       make_date(2021 + copy.n / 8 %% 6, 1, 1) + copy.n %% 300, 2021 + copy.n / 8 %% 6,
       (ARRAY['h1', 'fy'])[1 + copy.n / 4 %% 2], unit.uid, sample.gps_status, true, sample.result,
       sample.device_result, sample.evidence_share, sample.answers, sample.repeats,
       sample.indicators, now()
FROM copy
JOIN forms_form form ON form.id = copy.form_id
JOIN sample ON sample.number = copy.n %% (SELECT count(*) FROM sample)
JOIN unit ON unit.number = copy.n / 48 %% (SELECT count(*) FROM unit)
"""
_RECOMMENDATIONS = """
INSERT INTO entities_entity (entity_list_id, uuid, version, label, data, created_at, updated_at)
SELECT list.id, gen_random_uuid(), 1, 'A3. Cử cán bộ nữ tham gia cấp ủy',
       jsonb_build_object('xa', inspection.unit_id, 'bieu', form.form_id, 'loai', 'khac_phuc',
         'trang_thai', (ARRAY['moi', 'hoan_thanh'])[1 + inspection.id %% 2],
         'han', inspection.visit_date + 90, 'noi_dung', repeat('Cử cán bộ nữ. ', 8)),
       now(), now()
FROM inspections_inspection inspection JOIN forms_form form ON form.id = inspection.form_id,
     entities_entitylist list
WHERE list.name = 'kien_nghi'
"""


def main() -> None:
    """Fill, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--inspections", type=int, default=100_000)
    version = prepare()
    _fill(version, parser.parse_args().inspections)
    print("| overview | median ms | slowest ms | Python's most, MB |\n|---|---|---|---|")
    for name, act in _scenes(version).items():
        median, slowest = milliseconds(act, TIMES)
        print(f"| {name} | {median:.0f} | {slowest:.0f} | {_megabytes(act):.1f} |")


def _fill(version: FormVersion, count: int) -> None:
    forms: Path = WORKBOOK.parents[1]
    project = version.form.project
    names = ("kt_bdg", "kt_da8", "kt_ldn")
    others = [publish(project, (forms / n / f"{n}.xlsx").read_bytes()) for n in names]
    store(version, of_the_year(filled_forms(version), 2026, SAMPLE))
    for _ in sweep.rederive(Submission.objects.all()):
        pass
    ids = [version.form_id, *(other.form_id for other in others)]
    EntityList.objects.get_or_create(project=project, name="kien_nghi")
    with connection.cursor() as cursor:
        cursor.execute(
            _SUBMISSIONS.replace("(ARRAY[%(forms)s::bigint[]])[1][", "(%(forms)s::bigint[])["),
            {"forms": ids, "count": count},
        )
        cursor.execute(_INSPECTIONS, {})
        cursor.execute(_RECOMMENDATIONS, {})
        cursor.execute("VACUUM ANALYZE")
        cursor.execute(
            "SELECT count(*), count(DISTINCT (form_id, year, period, unit_id)),"
            " pg_size_pretty(pg_total_relation_size('inspections_inspection'))"
            " FROM inspections_inspection"
        )
        print("{} inspections, {} cells, table of {}\n".format(*cursor.fetchone()))


def _scenes(version: FormVersion) -> dict[str, Callable[[], object]]:
    project = version.form.project
    user = accounts.create_user("bench@example.org", "Bench", "bench")
    accounts.join(user, project, Role.VIEWER)
    opened = accounts.open_session(user.email, "bench")
    assert opened is not None
    client = Client(headers={"Authorization": f"Bearer {opened.token}", "Host": "localhost"})
    today = dt.date(2026, 11, 25)

    def call(years: range = YEARS) -> object:
        forms = published_forms(project.pk)
        asked = Asked(project.pk, forms, years, today, only_approved=True)
        return overview(asked, expected(project.pk, years, today))

    def ask(path: str) -> object:
        response = client.get(f"/v1/projects/{project.pk}/{path}")
        assert response.status_code == 200, response.content
        return response.content

    return {
        "function, 4 forms, 12 periods": call,
        "function, 4 forms, 2 periods": lambda: call(range(2026, 2027)),
        "JSON, 4 forms, 12 periods": lambda: ask("overview?years=2021-2026"),
        "CSV, 4 forms, 12 periods": lambda: ask("overview.csv?years=2021-2026"),
    }


def _megabytes(act: Callable[[], object]) -> float:
    tracemalloc.start()
    act()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most / 1e6


if __name__ == "__main__":
    main()
