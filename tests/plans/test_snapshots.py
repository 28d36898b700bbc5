"""The indicators in the snapshot of a locked period: exact, for ever, and not for everybody."""

from __future__ import annotations

import base64
import hashlib
import io
import json
from typing import Any

import pytest
from django.core.management import call_command
from pytest_django import Settings

from server.plans import period
from server.plans.models import Period, PeriodCode, Snapshot
from server.plans.period import Name
from server.projects import accounts
from server.projects.models import AuditEntry, Membership, Project, Role, User
from tests import builders
from tests.api.conftest import Answer, Program, _quick_passwords
from tests.inspections.test_figures import project, told
from tests.plans.test_plans import signed_in

__all__ = ["_quick_passwords", "project"]

H1 = Name(2026, PeriodCode.H1)


@pytest.fixture
def boss(project: Project) -> User:
    return User.objects.create(email="boss@example.org", display_name="Lan")


@pytest.fixture
def locked(project: Project, boss: User) -> Snapshot:
    told(project, "1", a3_key_f=1, a3_key=3, a5_child=2, a7_recv=10, a7_done=8)
    told(project, "2", a3_key_f=2, a3_key=4, a5_child=3)
    return period.lock(project.pk, H1, boss)


def read(program: Program, project: Project, number: int = 1) -> Answer:
    return program.get(f"/v1/projects/{project.pk}/periods/2026-h1/snapshots/{number}")


def indicators(answer: Answer) -> dict[str, Any]:
    found: dict[str, Any] = answer.json["forms"][0]["indicators"]
    return found


def of_commune(answer: Answer, uid: str) -> dict[str, Any]:
    found: dict[str, Any] = next(r for r in indicators(answer)["rows"] if r["uid"] == uid)
    return found


def digest(content: bytes) -> str:
    return f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode()}:"


def test_sums_are_frozen_with_what_they_rest_on(project: Project, locked: Snapshot) -> None:
    frozen = read(signed_in(project, Role.MANAGER), project)

    province = indicators(frozen)["province"]
    share = province["figures"]["share"]
    assert province["inspections"] == 2
    assert (share["numerator"], share["denominator"], share["inspections"]) == (3, 7, 2)
    assert of_commune(frozen, "1@start")["figures"]["cases"]["numerator"] == 2
    assert of_commune(frozen, "3@start")["figures"]["cases"]["numerator"] is None
    assert frozen.headers["Repr-Digest"] == digest(bytes(locked.content))


def test_neither_another_rule_nor_another_score_changes_a_frozen_figure(
    project: Project, locked: Snapshot, boss: User
) -> None:
    manager = signed_in(project, Role.MANAGER)
    before = read(manager, project)

    call_command(
        *("correct_rule", "kt_thu", "A3", "--threshold", "3", "--reason", "căn cứ mới"),
        *("--by", boss.email, "--project", str(project.pk)),
        stdout=io.StringIO(),
    )
    told(project, "1", edits="uuid:1-h1", a3_key_f=3, a5_child=9)
    call_command("rederive", "--all", stdout=io.StringIO())

    assert read(manager, project).content == before.content == bytes(locked.content)
    fresh = period.correct(project.pk, H1, boss, "xã báo lại")
    assert fresh.sha256 != locked.sha256


def test_a_viewer_gets_no_sensitive_figure_and_the_hash_of_the_whole(
    project: Project, locked: Snapshot
) -> None:
    frozen = read(signed_in(project, Role.VIEWER), project)

    lines = [*indicators(frozen)["rows"], indicators(frozen)["province"]]
    assert {code for line in lines for code in line["figures"]} == {"women", "share"}
    assert indicators(frozen)["withheld"].keys() == {"cases", "tips", "done"}
    assert (frozen.json["sha256"], frozen.json["seal"]) == (locked.sha256, "")
    assert "nhạy cảm" in frozen.json["note"]
    assert frozen.headers["Repr-Digest"] == digest(frozen.content)
    assert not AuditEntry.objects.filter(action="snapshot.read").exists()


def test_a_supervisor_of_some_communes_gets_theirs_and_that_is_logged(
    project: Project, locked: Snapshot
) -> None:
    supervisor = signed_in(project, Role.SUPERVISOR)
    Membership.objects.filter(project=project, role=Role.SUPERVISOR).update(
        commune_uids=["1@start"]
    )

    frozen = read(supervisor, project)

    assert of_commune(frozen, "1@start")["figures"]["cases"]["numerator"] == 2
    assert "cases" not in of_commune(frozen, "2@start")["figures"]
    assert "cases" not in indicators(frozen)["province"]["figures"]
    assert AuditEntry.objects.get(action="snapshot.read").object_name == "2026-h1"


def test_the_hash_gives_nobody_a_small_count_who_has_not_the_key(
    project: Project, boss: User, settings: Settings
) -> None:
    told(project, "1", a5_child=2)
    locked = period.lock(project.pk, H1, boss)
    again = period.correct(project.pk, H1, boss, "in lại")

    settings.SECRET_KEY = "một khóa khác, cũng dài hơn ba mươi hai ký tự"

    assert again.sha256 == locked.sha256
    assert period.correct(project.pk, H1, boss, "in lại").sha256 != locked.sha256


def test_a_snapshot_from_before_there_were_indicators_is_shown_as_it_is(
    project: Project, boss: User
) -> None:
    content = json.dumps({"forms": [{"form_id": "kt_thu"}], "period": "2026-h1"}).encode()
    Snapshot.objects.create(
        period=Period.objects.create(project=project, year=2026, code="h1"),
        number=1,
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
        made_by=boss,
        made_at="2026-06-15T00:00:00Z",
    )

    frozen = read(signed_in(project, Role.VIEWER), project)

    assert (frozen.content, frozen.headers["Repr-Digest"]) == (content, digest(content))


def test_strangers_get_no_snapshot(project: Project, locked: Snapshot) -> None:
    builders.member(builders.project("Khác"), "xa@example.org", Role.MANAGER)
    opened = accounts.open_session("xa@example.org", builders.PASSWORD)
    assert opened is not None

    assert read(Program(), project).status == 401
    assert read(Program(opened.token), project).status == 404
