"""The records that exports are measured with; in whatever database the settings name.

40 questions with 12 rows of a repeat each, as ODK Central's figure is of; each with its inspection
of a commune and two findings, as every record has them here. No two records say the same.
"""

from __future__ import annotations

from django.core.management import call_command
from django.db import connection

from server.communes.seed import load_units
from server.forms import schema
from server.forms.models import Form, FormVersion
from server.projects import accounts
from server.projects.models import Project
from tests import builders

QUESTIONS, REPEATS = 40, 12
_AT_ONCE = 50_000


def fill(many: int, project_id: int | None = None) -> None:
    """Make the tables, and as many records of the form `do` as are missing to `many`.

    project_id: of a project that is there; None makes one the first time.
    """
    call_command("migrate", verbosity=0)
    version = _version(project_id)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM submissions_submission WHERE form_id = %s", [version.form_id]
        )
        (there,) = cursor.fetchone() or (0,)
        for first in range(there, many, _AT_ONCE):
            last = min(first + _AT_ONCE, many) - 1
            cursor.execute(_make(version), [first, last, version.form_id, version.pk])
        if there < many:
            cursor.execute("VACUUM ANALYZE")
    connection.close()


def _version(project_id: int | None) -> FormVersion:
    form = Form.objects.filter(form_id="do").first()
    if form is not None:
        assert form.current_version is not None
        return form.current_version
    load_units()
    if project_id is None:
        return builders.form(accounts.create_project("Thái Nguyên"), _workbook())
    return builders.form(Project.objects.get(pk=project_id), _workbook())


# Nothing is written twice: keys are drawn first, so that a record names its version from the start.
_MAKE = """
WITH made AS MATERIALIZED (
  SELECT n, nextval('submissions_submission_id_seq') AS id,
    nextval('submissions_submissionversion_id_seq') AS version_id,
    nextval('inspections_inspection_id_seq') AS inspection_id,
    'uuid:' || gen_random_uuid() AS instance_id,
    timestamptz '2026-11-30 UTC' - make_interval(secs => 25 * (1000000 - n)) AS at
  FROM generate_series(%s::int, %s::int) AS n
), asked AS (
  SELECT %s::bigint AS form_id, %s::bigint AS form_version_id
), unit AS (
  SELECT array_agg(uid ORDER BY uid) AS uids FROM communes_adminunit
  WHERE level = 'commune' AND valid_to IS NULL
), submission AS (
  INSERT INTO submissions_submission
    (id, form_id, instance_id, current_version_id, review_state, created_at, derive_attempts,
     derive_failure, look_attempts)
  SELECT id, form_id, instance_id, version_id, 'received', at, 0, '', 0 FROM made, asked
), instance AS (
  INSERT INTO submissions_submissionversion
    (id, submission_id, form_id, form_version_id, instance_id, deprecated_id, instance_name, xml,
     xml_sha256, is_encrypted, expected_files, device_id, user_agent, received_at)
  SELECT version_id, id, form_id, form_version_id, instance_id, '', '', xml,
    encode(sha256(xml), 'hex'), false, '{{}}', '', '', at
  FROM asked, (
    SELECT *, convert_to(array_to_string(ARRAY[{xml}]::text[], ''), 'UTF8') AS xml FROM made
  ) AS filled
), inspection AS (
  INSERT INTO inspections_inspection
    (id, submission_id, form_id, form_version_id, visit_date, year, period, unit_id, lon, lat,
     accuracy_m, gps_status, gps_is_schematic, result, device_result, answers, repeats, indicators,
     derived_at)
  SELECT inspection_id, id, form_id, form_version_id, at, extract(year FROM at), 'fy',
    uids[1 + n %% cardinality(uids)], 105.8 + n %% 1000 * 0.0001, 21.6 + n %% 997 * 0.0001,
    5, 'inside', true, 'dat', 'dat', '{{}}', '{{}}', '{{}}', at
  FROM made, asked, unit
)
INSERT INTO inspections_finding
  (inspection_id, position, condition, status, device_status, is_core, is_verified,
   has_document, evidence)
SELECT inspection_id, number, 'A' || number, 'dat', 'dat', true, true, true, '{{}}'
FROM made, generate_series(1, 2) AS number
"""


def _make(version: FormVersion) -> str:
    return _MAKE.format(xml=", ".join(_pieces(version)))


def _pieces(version: FormVersion) -> list[str]:
    """Return what a filled-in form consists of, as SQL: its number is `n`."""
    fields = [f for f in schema.load(version.schema).fields if f.path.startswith("g/")]
    answers = ("'Đã kiểm tra hồ sơ số ' || n + {at}", "n + {at}", "'2026-05-20'", "'yes'")
    pieces = ['\'<data id="do" version="1"><g>\'']
    for at, field in enumerate(fields):
        answer = answers[at % len(answers)].format(at=at)
        pieces += [f"'<{field.name}>'", f"({answer})::text", f"'</{field.name}>'"]
    pieces.append("'</g>'")
    for row in range(REPEATS):
        pieces += ["'<person><name>Người số '", f"(n * {REPEATS} + {row})::text"]
        pieces.append(f"'</name><age>{20 + row}</age><note>Ổn</note></person>'")
    return [*pieces, "'<meta><instanceID>'", "instance_id", "'</instanceID></meta></data>'"]


def _workbook() -> str:
    kinds = ("text", "integer", "date", "select_one ynu")
    asked = "\n".join(
        f"| | {kinds[n % len(kinds)]} | q_{n} | Câu hỏi {n} | public |" for n in range(QUESTIONS)
    )
    return f"""
| survey | type | name | label::Tiếng Việt (vi) | sensitivity |
| | begin_group | g | Chung | |
{asked}
| | end_group | | | |
| | begin_repeat | person | Người | |
| | text | name | Tên | restricted |
| | integer | age | Tuổi | internal |
| | text | note | Ghi chú | internal |
| | end_repeat | | | |
| choices | list_name | name | label::Tiếng Việt (vi) |
| | ynu | yes | Có |
| | ynu | no | Không |
| settings | form_id | form_title | version | default_language |
| | do | Đo | 1 | Tiếng Việt (vi) |
"""
