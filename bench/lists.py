"""Whether lists of the API take longer the more there is.

    python -m bench.lists                    # 10,000 of each, and 1,000,000
    python -m bench.lists --rows 100000
    BENCH_DIR=many python -m bench.lists --save many.json --only counted
    python -m bench.lists --compare few.json many.json

With BENCH_DIR the rows stay for the next time. --save measures with --rows alone and writes figures
down; --compare makes the table of two such files. --only: lists whose names have that in them.

Rows are made by SQL (bench.growth): so many submissions with their inspections in today's communes,
two findings each, a flag for each fourth, a recommendation for each, and as many entries of the
audit log. What is asked is a page of 250 as a manager, and of 50 as the supervisor of one commune,
over HTTP in this process, without a socket. Prints Markdown: p95 with few and with many, processor
time of this process and PostgreSQL's, how many statements are sent and rows are answered. The issue
asks for at most 1.5 times the p95, and constant statements. Where a list has fewer rows than a page
with few, less is asked of both: a fuller page is another answer.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

import psutil
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench import alone as alone  # first: it sets the settings up
from bench.growth import fill
from bench.parcels import FORM
from bench.province import prepare
from server.communes.models import AdminUnit
from server.entities.models import EntityList
from server.forms.models import Form
from server.projects import accounts
from server.projects.models import Membership, Role, User
from server.submissions.tasks import fold_lengths

FEW = 10_000
TIMES = 40
PAGE = 250
PAGE_OF_ONE = 50  # of one commune, which has 107 of 10,000
# What one commune has of 10,000, or half of that where the last page but one is asked for.
SHORT = {"commune": 100, "flags": 12, "overdue": 20, "due": 8}
_FLAGS = """
INSERT INTO inspections_flag (inspection_id, code, details)
SELECT id, 'gps_far', '{"km": 3}' FROM inspections_inspection
WHERE id % 4 = 0 AND id > (SELECT coalesce(max(inspection_id), 0) FROM inspections_flag)
"""
_RECOMMENDATIONS = """
INSERT INTO entities_entity (entity_list_id, uuid, version, label, data, created_at, updated_at)
SELECT list.id, gen_random_uuid(), 1, 'A3. Cử cán bộ nữ tham gia cấp ủy',
       jsonb_build_object('xa', inspection.unit_id, 'bieu', 'kt_18_5', 'loai', 'khac_phuc',
         'trang_thai', (ARRAY['moi', 'hoan_thanh'])[1 + inspection.id % 2],
         'han', DATE '2026-01-01' + (inspection.id % 700)::int,
         'noi_dung', repeat('Cử cán bộ nữ. ', 8)),
       now(), now()
FROM entities_entitylist list, inspections_inspection inspection
WHERE list.name = 'kien_nghi'
ORDER BY inspection.id OFFSET (SELECT count(*) FROM entities_entity)
"""
_ENTITY_VERSIONS = """
INSERT INTO entities_entityversion
  (entity_id, number, label, data, by, at, reason, conflict, held, rule)
SELECT id, 1, label, data, '1/bench', created_at, '', '', '{}', '' FROM entities_entity
WHERE id > (SELECT coalesce(max(entity_id), 0) FROM entities_entityversion)
"""
# Without its triggers, which put one entry behind the other.
_AUDITS = """
INSERT INTO projects_auditentry
  (id, logged_at, actor_kind, actor_id, action, project_id, object_kind, object_name, details,
   previous_hash, hash)
SELECT n, now(), 'user', {user},
       (ARRAY['submission.read', 'submission.update', 'form.update', 'export.create'])[1 + n % 4],
       {project}, 'submission', 'uuid:' || n, '{{}}', repeat('0', 64), repeat('0', 64)
FROM generate_series((SELECT coalesce(max(id), 0) + 1 FROM projects_auditentry), {rows}) AS n
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """How long one list takes."""

    p95_ms: float
    cpu_ms: float  # of this process and of PostgreSQL's
    statements: int
    rows: int  # of the page


def main() -> None:
    """Fill, measure and print, with few rows and with many."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--only", default="", help="lists with that in their names")
    parser.add_argument("--save", type=Path, help="measure with --rows alone; write it here")
    parser.add_argument("--compare", type=Path, nargs=2, help="two such files")
    given = parser.parse_args()
    if given.compare:
        _print(*(_read(path) for path in given.compare), rows=given.rows)
        return
    form = Form.objects.get(form_id=FORM) if _is_filled() else prepare().form
    clients = [_client(form, "manager", Role.MANAGER), _client(form, "supervisor", Role.SUPERVISOR)]
    found = [
        _measured(form, rows, clients, given.only)
        for rows in ([given.rows] if given.save else [FEW, given.rows])
    ]
    if given.save:
        given.save.write_text(json.dumps({name: astuple(each) for name, each in found[0].items()}))
        return
    _print(*found, rows=given.rows)


def _read(path: Path) -> Mapping[str, Asked]:
    return {name: Asked(*each) for name, each in json.loads(path.read_text()).items()}


def _is_filled() -> bool:
    call_command("migrate", verbosity=0)
    return Form.objects.exists()


def _measured(form: Form, rows: int, clients: Sequence[Client], only: str) -> Mapping[str, Asked]:
    _fill(form, rows)
    manager, one = clients
    here = rows // len(_units())
    asked = {
        **{(name, manager): each for name, each in _lists(form, rows, PAGE, manager).items()},
        **{
            (f"{name}, one commune", one): each
            for name, each in _lists(form, here, PAGE_OF_ONE, one).items()
            if not name.startswith("audits")
        },
    }
    return {
        name: _asked(client, path, is_extended=is_extended)
        for (name, client), (path, is_extended) in asked.items()
        if only in name
    }


def _print(few: Mapping[str, Asked], many: Mapping[str, Asked], *, rows: int) -> None:
    print(f"| list | p95 ms, {FEW:,} | {rows:,} | ratio | CPU ms | | ratio | statements | rows |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name, little in few.items():
        much = many[name]
        print(
            f"| {name} | {little.p95_ms:.0f} | {much.p95_ms:.0f}"
            f" | {much.p95_ms / little.p95_ms:.2f}"
            f" | {little.cpu_ms:.0f} | {much.cpu_ms:.0f} | {much.cpu_ms / little.cpu_ms:.2f}"
            f" | {little.statements}, {much.statements}"
            f" | {little.rows}, {much.rows} |"
        )


def _lists(form: Form, rows: int, page: int, client: Client) -> dict[str, tuple[str, bool]]:
    top = f"/v1/projects/{form.project_id}"
    listed = f"{top}/forms/{form.form_id}/submissions?limit={page}"
    audits = f"/v1/audits?limit={page}"
    plain = {
        "submissions": listed,
        "submissions, the last page": f"{listed}&offset={rows - 2 * page}",
        "audits": audits,
        "audits, the last page": f"{audits}&offset={rows - 2 * page}",
        **_judged(top, rows, page),
        **_recommendations(top, rows, page),
        **_feeds(f"{top}/forms/{form.form_id}.svc", f"{top}/datasets/kien_nghi.svc", rows, page),
    }
    submissions = plain["OData, Submissions"]
    return {
        **{name: (path, False) for name, path in plain.items()},
        "forms": (f"{top}/forms", True),
        "submissions, extended": (listed, True),
        "audits, forms": (f"{audits}&action=form", True),
        "datasets": (f"{top}/datasets", True),
        "OData, Submissions, a next page": (
            _next_page(client, submissions, rows // 2 - page),
            False,
        ),
    }


def _judged(top: str, rows: int, page: int) -> dict[str, str]:
    some = min(page, SHORT["flags"]) if page == PAGE_OF_ONE else page
    findings, flags = f"{top}/findings?limit={page}", f"{top}/flags?limit={some}"
    return {
        "findings": findings,
        "findings, not met": f"{findings}&status=khong_dat",
        "findings, of a condition": f"{findings}&condition=A1",
        "findings, the last page": f"{findings}&offset={rows - 2 * page}",
        "flags": flags,
        "flags, of a kind": f"{flags}&code=gps_far",
        "flags, none of a kind": f"{flags}&code=photo_missing",
        "flags, the last page": f"{flags}&offset={rows // 4 - 2 * some}",
    }


def _recommendations(top: str, rows: int, page: int) -> dict[str, str]:
    def of(most: int) -> str:
        return f"{top}/recommendations?limit={min(page, most)}"

    listed, is_of_one = of(page), page == PAGE_OF_ONE
    overdue, due = (of(SHORT[kind] if is_of_one else page) for kind in ("overdue", "due"))
    return {
        "recommendations": listed,
        "recommendations, new": f"{listed}&state=moi",
        "recommendations, none of a state": f"{listed}&state=chuyen_ky",
        "recommendations, overdue": f"{overdue}&overdue=true",
        "recommendations, due before": f"{due}&dueBefore=2026-03-01",
        "recommendations, of a commune": f"{of(SHORT['commune'])}&commune={_units()[0]}",
        "recommendations, the last page": f"{listed}&offset={rows - 2 * page}",
    }


def _feeds(feed: str, entities: str, rows: int, page: int) -> dict[str, str]:
    """Return tables of OData: the first page, counted, far behind; and filters of submissions."""
    tables = {
        "Submissions": f"{feed}/Submissions",
        "Inspections": f"{feed}/Inspections",
        "Findings": f"{feed}/Findings",
        "Recommendations": f"{feed}/Recommendations",
        "Entities": f"{entities}/Entities",
    }
    submissions, date = f"{feed}/Submissions?$top={page}", "__system/submissionDate"
    wanted = {
        "approved": "__system/reviewState eq 'approved'",
        "new since": f"{date} gt 2036-01-01 or __system/updatedAt gt 2036-01-01",
        "long ago": f"{date} lt 2020-01-01",
    }
    found = {
        f"OData, {name}{kind}": f"{table}?$top={page}{option}"
        for name, table in tables.items()
        for kind, option in {
            "": "",
            ", counted": "&$count=true",
            ", the last page": f"&$skip={rows - 2 * page}",
        }.items()
    }
    for name, expression in wanted.items():
        found[f"OData, Submissions, {name}"] = f"{submissions}&$filter={expression}"
    found["OData, Submissions, by date"] = f"{submissions}&$orderby={date} desc"
    return found


def _next_page(client: Client, submissions: str, skip: int) -> str:
    """Return the next page of a feed after some of it."""
    page = client.get(f"{submissions}&$skip={skip}")
    link = str(json.loads(page.getvalue())["@odata.nextLink"])
    return link[link.index("/v1/") :]


def _asked(client: Client, path: str, *, is_extended: bool) -> Asked:
    headers = {"X-Extended-Metadata": "true"} if is_extended else {}

    def ask() -> bytes:
        response = client.get(path, headers=headers)
        content = response.getvalue()
        assert response.status_code == 200, content
        return content

    rows = _rows(json.loads(ask()))
    with CaptureQueriesContext(connection) as sent:
        ask()
    statements, took_ms, before = len(sent), [], _cpu_s()
    for _ in range(TIMES):
        begun = time.perf_counter()
        ask()
        took_ms.append((time.perf_counter() - begun) * 1000)
    cpu_ms = (_cpu_s() - before) * 1000 / TIMES
    return Asked(statistics.quantiles(took_ms, n=20)[-1], cpu_ms, statements, rows)


def _rows(answer: Any) -> int:
    if isinstance(answer, list):
        return len(answer)
    return max((len(each) for each in answer.values() if isinstance(each, list)), default=0)


def _cpu_s() -> float:
    """Return what this process has used, and the one of PostgreSQL that answers it."""
    assert connection.connection is not None
    times = psutil.Process(connection.connection.info.backend_pid).cpu_times()
    return time.process_time() + times.user + times.system


def _client(form: Form, name: str, role: Role) -> Client:
    email = f"{name}@example.org"
    if not User.objects.filter(email=email).exists():
        user = accounts.create_user(email, name, "bench-password")
        accounts.join(user, form.project, role)
        if role == Role.SUPERVISOR:
            Membership.objects.filter(user=user).update(commune_uids=[_units()[0]])
    opened = accounts.open_session(email, "bench-password")
    assert opened is not None
    return Client(headers={"Authorization": f"Bearer {opened.token}", "Host": "localhost"})


def _units() -> list[str]:
    today = AdminUnit.objects.filter(level="commune", valid_to=None)
    return list(today.order_by("pk").values_list("pk", flat=True))


def _fill(form: Form, rows: int) -> None:
    EntityList.objects.get_or_create(project=form.project, name="kien_nghi")
    connection.ensure_connection()
    fill(connection.connection, rows, _units())
    manager = Membership.objects.get(user__email="manager@example.org").user_id
    with connection.cursor() as cursor:
        cursor.execute(_FLAGS)
        cursor.execute(_RECOMMENDATIONS)
        cursor.execute(_ENTITY_VERSIONS)
        cursor.execute("ALTER TABLE projects_auditentry DISABLE TRIGGER USER")
        cursor.execute(_AUDITS.format(user=manager, project=form.project_id, rows=rows))
        cursor.execute("ALTER TABLE projects_auditentry ENABLE TRIGGER USER")
        fold_lengths()  # as the worker does
        cursor.execute("VACUUM ANALYZE")


if __name__ == "__main__":
    main()
