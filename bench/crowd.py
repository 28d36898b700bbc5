"""A project after years of work, made by SQL: everything that pages list, in large numbers.

What single pages show is real: one record that a device sent with photos, recommendations and a
later version that came apart, one plan, one locked period, one file, all through HTTP.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, replace
from urllib.request import Request, urlopen

from bench.device import Connection, Target
from bench.growth import fill
from bench.own_server import Database, database, device_url, wait_for_debts
from bench.parcels import FORM, parcel
from sync.demo.host import Host

EMAIL, PASSWORD = "giamsat@soxa.local", "bench-password"
COMMUNE = "02155@2025-07-01"
YEAR = 2026
_MAKING_S = 120.0
_SPREAD = """
WITH commune AS (
  SELECT uid, row_number() OVER (ORDER BY uid) - 1 AS place, count(*) OVER () AS of
  FROM communes_adminunit WHERE valid_to IS NULL AND level = 'commune' AND province_code = '19'
)
UPDATE inspections_inspection i SET unit_id = commune.uid,
  result = (ARRAY['dat', 'khong_dat', 'chua_du_can_cu'])[1 + i.id % 3]
FROM commune WHERE commune.place = i.id % commune.of AND i.answers = '{}'
"""
_STATES = """
UPDATE submissions_submission SET
  review_state = CASE id % 40 WHEN 0 THEN 'received' WHEN 1 THEN 'edited' WHEN 2 THEN 'hasIssues'
    WHEN 3 THEN 'rejected' ELSE 'approved' END,
  created_at = now() - id * interval '1 minute'
WHERE current_version_id IN (
  SELECT id FROM submissions_submissionversion WHERE xml_sha256 = repeat('0', 64))
"""
_FLAGS = """
INSERT INTO inspections_flag (inspection_id, code, details)
SELECT id, code, '{}' FROM inspections_inspection,
  (VALUES ('gps_far', 10), ('photo_missing', 5)) AS raised (code, every)
WHERE id % every = 0 ON CONFLICT DO NOTHING
"""
_RECOMMENDATIONS = """
WITH chosen AS (
  SELECT i.id, i.submission_id, i.unit_id FROM inspections_inspection i
  WHERE i.answers = '{}' ORDER BY i.id LIMIT %(count)s
), made AS (
  INSERT INTO entities_entity (entity_list_id, uuid, version, label, data, created_at, updated_at)
  SELECT list.id, md5(chosen.id::text)::uuid, 1, 'A3. Cử cán bộ nữ tham gia cấp ủy',
    jsonb_build_object('xa', unit_id, 'bieu', %(form)s::text, 'loai', 'khac_phuc',
      'trang_thai', (ARRAY['moi', 'hoan_thanh', 'dang_thuc_hien'])[1 + chosen.id %% 3],
      'han', to_char(date '2026-06-01' + (chosen.id %% 400)::int, 'YYYY-MM-DD'),
      'noi_dung', repeat('Cử cán bộ nữ. ', 8)),
    now(), now()
  FROM chosen, entities_entitylist list WHERE list.name = 'kien_nghi' AND list.project_id = 1
  ON CONFLICT DO NOTHING RETURNING id, uuid, label, data
)
INSERT INTO entities_entityversion
  (entity_id, number, label, data, submission_id, by, at, reason, conflict, held, rule)
SELECT made.id, 1, made.label, made.data, chosen.submission_id, 'u1', now(), '', '', '{}', ''
FROM made JOIN chosen ON md5(chosen.id::text)::uuid = made.uuid
"""
_CONFLICT = """
INSERT INTO entities_entityversion
  (entity_id, number, label, data, base, by, at, reason, conflict, held, rule)
SELECT entity_id, 2, label, data || '{"trang_thai": "hoan_thanh"}', 1, 'u1', now(), '', 'hard',
  '{}', ''
FROM entities_entityversion WHERE number = 1 ORDER BY id LIMIT 1
ON CONFLICT DO NOTHING
"""
_AUDIT = """
INSERT INTO projects_auditentry
  (actor_kind, actor_id, action, project_id, object_kind, object_name, details)
SELECT 'user', 1, (ARRAY['submission.read', 'submission.review', 'export.download'])[1 + n %% 3],
  1, 'submission', 'uuid:' || n, '{"form": "kt_18_5"}'
FROM generate_series((SELECT count(*) FROM projects_auditentry) + 1, %(count)s) AS n
"""
_DEVICES = """
INSERT INTO projects_appuser
  (project_id, display_name, team, token_sha256, issue, created_at, opens_all_forms, form_ids,
   commune_uids, is_public, takes_once, last_seen_at, client, resends, refusals, last_refusal,
   open_tasks)
SELECT 1, 'Máy ' || n, 'Đoàn ' || n %% 12, md5(n::text) || md5(n::text), 1,
  now() - interval '90 days', true, '{}', '{}', false, false, now() - n * interval '1 hour',
  'org.odk.collect.android/v2026.1.0', 0, 0, '', 0
FROM generate_series((SELECT count(*) FROM projects_appuser) + 1, %(count)s) AS n
"""
_QUARANTINE = """
INSERT INTO submissions_quarantined
  (project_id, reason, form_id, version, instance_id, deprecated_id, xml, xml_sha256, files, size,
   app_user_id, device_id, user_agent, received_at, decision, decision_reason)
SELECT project_id, reason, form_id, version, 'uuid:' || gen_random_uuid(), deprecated_id, xml,
  md5(n::text) || md5(n::text), files, size, app_user_id, device_id, user_agent,
  now() - n * interval '1 hour', '', ''
FROM (SELECT * FROM submissions_quarantined ORDER BY id LIMIT 1) AS one,
  generate_series((SELECT count(*) FROM submissions_quarantined) + 1, %(count)s) AS n
"""
_PLANS = """
WITH plan AS (
  INSERT INTO plans_plan
    (project_id, number, title, signed_on, year, lead_agency_id, state, created_by_id, created_at)
  SELECT 1, n || '/KH-UBND', 'Kế hoạch kiểm tra', date '2026-01-15', 2026, agency.code, 'active',
    1, now()
  FROM (SELECT code FROM plans_agency ORDER BY code LIMIT 1) AS agency,
    generate_series((SELECT count(*) FROM plans_plan) + 1, %(count)s) AS n
  RETURNING id
)
INSERT INTO plans_planitem (plan_id, unit_id, form_ids, team, starts_on, ends_on, reasons)
SELECT plan.id, unit.uid, ARRAY[%(form)s], 'Đoàn 1', date '2026-03-01', date '2026-03-10',
  ARRAY['ke_hoach']
FROM plan, (
  SELECT uid FROM communes_adminunit
  WHERE valid_to IS NULL AND level = 'commune' AND province_code = '19'
) AS unit
"""
_EXPORTS = """
INSERT INTO reports_export
  (project_id, asked_by_id, asked_at, role, format, profile, asked, purpose, commune_uids, state,
   owed_at, attempts, percent, ended_at, failure, name, content_type, rows, report, size, sha256,
   expires_at)
SELECT project_id, asked_by_id, now() - n * interval '1 hour', role, format, profile, asked,
  purpose, commune_uids, 'expired', owed_at, attempts, percent, ended_at, failure, name,
  content_type, rows, report, size, '', expires_at
FROM (SELECT * FROM reports_export ORDER BY id LIMIT 1) AS one,
  generate_series((SELECT count(*) FROM reports_export) + 1, %(count)s) AS n
"""


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is to be of everything."""

    records: int = 100_000
    recommendations: int = 30_000
    audit_entries: int = 300_000
    devices: int = 500
    quarantined: int = 200
    plans: int = 20
    exports: int = 300


FEW = Size(120, 120, 120, 60, 60, 2, 60)  # more than a page of each list


@dataclass(frozen=True, slots=True)
class Real:
    """What single pages are asked of."""

    instance_id: str
    photo: str
    export_id: int


def crowd(rows_of: Database, size: Size) -> None:
    """Make what is missing of everything; `begin` comes first."""
    fill(rows_of, size.records)
    for statement in (_SPREAD, _STATES, _FLAGS):
        rows_of.execute(statement)
    for statement, count in (
        (_RECOMMENDATIONS, size.recommendations),
        (_AUDIT, size.audit_entries),
        (_DEVICES, size.devices),
        (_QUARANTINE, size.quarantined),
        (_PLANS, size.plans),
        (_EXPORTS, size.exports),
    ):
        rows_of.execute(statement, {"count": count, "form": FORM})
    rows_of.execute(_CONFLICT)
    rows_of.execute("VACUUM ANALYZE")


def begin(host: Host) -> Real:
    """Do by HTTP what single pages are about; return what they are called in addresses."""
    target = Target.of(device_url(host, "Máy đo"))
    kind = parcel(target, photos=3, recommends=True)
    sent, apart = kind.new(), replace(kind, xml=_of_no_version(kind.xml)).new()
    connection = Connection(target)
    for post in (sent, apart):
        connection.ask(post)
    token = _api(host, "sessions", {"email": EMAIL, "password": PASSWORD})["token"]
    made = _api(host, "projects/1/exports", _EXPORT, token)
    with database(host) as rows_of:
        wait_for_debts(rows_of)
        _wait_for_export(rows_of)
        instance_id, photo = _one(rows_of, _RECORD)
    return Real(instance_id, photo, int(made["id"]))


def lock(host: Host) -> None:
    """Lock the period of all the records, as they are now."""
    token = _api(host, "sessions", {"email": EMAIL, "password": PASSWORD})["token"]
    _api(host, f"projects/1/periods/{YEAR}-fy", {}, token)


_EXPORT = {"format": "people_csv", "profile": "full", "form": FORM, "purpose": "Đo tốc độ"}
_RECORD = """
SELECT s.instance_id, a.name FROM submissions_submission s
JOIN submissions_submissionattachment a ON a.version_id = s.current_version_id
ORDER BY s.id, a.name LIMIT 1
"""


def _of_no_version(xml: bytes) -> bytes:
    head, _, rest = xml.partition(b'version="')
    return head + b'version="1' + rest


def _api(host: Host, path: str, body: dict[str, str], token: str = "") -> dict[str, str]:
    asked = Request(
        f"{host.base}/v1/{path}", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    if token:
        asked.add_header("Authorization", f"Bearer {token}")
    with urlopen(asked) as answer:
        return dict(json.load(answer))


def _one(rows_of: Database, statement: str) -> tuple[str, str]:
    found = rows_of.execute(statement).fetchone()
    if found is None:
        raise LookupError(statement)
    first, second = found  # type: ignore[misc]  # rows are told to mypy as one number
    return str(first), str(second)


def _wait_for_export(rows_of: Database) -> None:
    deadline = time.monotonic() + _MAKING_S
    waiting = "SELECT count(*) FROM reports_export WHERE state IN ('queued', 'running')"
    while (row := rows_of.execute(waiting).fetchone()) is not None and row[0]:
        if time.monotonic() > deadline:
            raise TimeoutError("The export is not made.")
        time.sleep(0.2)
