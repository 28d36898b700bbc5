"""How long an entity list of 5,000 rows takes, rendered and kept.

    python -m bench.entities

Recommendations as kt_18_5 makes them, the same number in each of 92 communes. Prints Markdown: the
list by the function (for a phone that may see all, and for one of one commune), and the manifest
that names it over HTTP (in this process, without a socket), each when the list has just changed and
when it has not. CPU is of this process, without PostgreSQL's.
"""

from __future__ import annotations

import hashlib
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from django.core.management import call_command
from django.db import connection
from django.db.models import F
from django.test import Client
from django.utils import timezone

from bench import alone as alone  # first: it sets the settings up
from server.entities.models import Entity, EntityList
from server.entities.rendering import Scope
from server.forms import attachments, entity_lists, expected, findings, indicators, schema
from server.forms.compile import compile_workbook
from server.forms.models import Form, FormVersion
from server.inspections import lists
from server.projects import accounts
from server.projects.models import AppUser, Project

ROWS = 5_000
COMMUNES = 92
TIMES = 15
WORKBOOKS = Path(__file__).parents[1] / "forms"


def main() -> None:
    """Measure and print."""
    call_command("migrate", verbosity=0)
    project = accounts.create_project("Bench")
    for form_id in ("kt_18_5", "theo_doi"):
        _publish(project, form_id)
    _fill(project)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    print("| list | rows | bytes | median ms | slowest ms | CPU ms |\n|---|---|---|---|---|---|")
    phones = {
        "all communes": accounts.create_app_user(project, "All").app_user,
        "one commune": accounts.create_app_user(project, "One", commune_uids=[_uid(0)]).app_user,
    }
    for whose, app_user in phones.items():
        for name, act in _scenes(project, app_user).items():
            for state, prepare in {"just changed": _change, "as before": _nothing}.items():
                _show(f"{name}, {whose}, {state}", act, prepare)


def _publish(project: Project, form_id: str) -> None:
    compiled = compile_workbook((WORKBOOKS / form_id / f"{form_id}.xlsx").read_bytes())
    form = Form.objects.create(project=project, form_id=form_id)
    form.current_version = FormVersion.objects.create(
        form=form,
        version=compiled.version,
        title=compiled.title,
        xform=compiled.xform,
        md5=hashlib.md5(compiled.xform, usedforsecurity=False).hexdigest(),
        schema=schema.dump(schema.read(compiled.xform, compiled.extras)),
        conditions=findings.dump(compiled.conditions),
        indicators=indicators.dump(compiled.indicators),
        entity_lists=entity_lists.dump(entity_lists.read(compiled.xform)),
    )
    form.save()
    attachments.attach(form.current_version, expected.read(compiled.xform), {})


def _fill(project: Project) -> None:
    entity_list = EntityList.objects.create(project=project, name="kien_nghi")
    now = timezone.now()
    Entity.objects.bulk_create(
        Entity(
            entity_list=entity_list,
            uuid=uuid4(),
            label=f"A3. Bổ sung nữ lãnh đạo chủ chốt, lần {number}",
            data={
                "xa": _uid(number % COMMUNES),
                "bieu": "kt_18_5",
                "dieu_kien": "A3",
                "loai": "to_chuc",
                "noi_dung": f"Rà soát, quy hoạch và bổ sung cán bộ nữ trong nhiệm kỳ ({number}).",
                "chu_the": "ubnd_xa",
                "muc_do": "cao",
                "han": "2026-12-31",
                "trang_thai": "moi",
                "ngay_kiem_tra": "2026-05-20",
            },
            created_at=now,
            updated_at=now,
        )
        for number in range(ROWS)
    )


def _uid(number: int) -> str:
    return f"{5400 + number:05}@2025-07-01"


def _scenes(project: Project, app_user: AppUser) -> dict[str, Callable[[], bytes]]:
    scope = Scope(frozenset(app_user.commune_uids), app_user.username)
    client = Client(headers={"Host": "localhost", "X-OpenRosa-Version": "1.0"})
    token = accounts.create_app_user(project, "", commune_uids=app_user.commune_uids).token
    address = f"/v1/key/{token}/projects/{project.pk}/forms/theo_doi/manifest"

    def manifest() -> bytes:
        response = client.get(address)
        assert response.status_code == 200, response.content
        return response.content

    return {
        "function": lambda: lists.entities_csv(project.pk, "kien_nghi", scope).content,
        "manifest": manifest,
    }


def _change() -> None:
    EntityList.objects.update(changes=F("changes") + 1)


def _nothing() -> None:
    pass


def _show(name: str, act: Callable[[], bytes], prepare: Callable[[], None]) -> None:
    content = act()
    times, busy = [], []
    for _ in range(TIMES):
        prepare()
        begun, used = time.perf_counter(), time.process_time()
        act()
        times.append((time.perf_counter() - begun) * 1000)
        busy.append((time.process_time() - used) * 1000)
    rows = content.count(b"\n") - 1 if content.startswith(b"name,") else "–"
    median, cpu = statistics.median(times), statistics.median(busy)
    print(f"| {name} | {rows} | {len(content)} | {median:.1f} | {max(times):.1f} | {cpu:.1f} |")


if __name__ == "__main__":
    main()
