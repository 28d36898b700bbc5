"""A place far behind in the log is found without reading what lies before it."""

from __future__ import annotations

import pytest

from server import lengths
from server.projects import audit, audit_reading
from server.projects.audit import SERVER, Object
from server.projects.audit_reading import Wanted
from server.projects.models import AuditEntry, AuditLength, Project, Role, User
from tests import builders

BLOCK = 4  # instead of thousands


@pytest.fixture(autouse=True)
def _short_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lengths, "BLOCK", BLOCK)


@pytest.fixture
def reader(request: pytest.FixtureRequest, db: None) -> User:
    """Return who manages the second of three projects, and with `auditor` reads all."""
    projects = [builders.project(name) for name in ("Một", "Hai", "Ba")]
    reader = builders.member(projects[1], role=Role.MANAGER)
    reader.is_auditor = getattr(request, "param", "") == "auditor"
    reader.save()
    return reader


def act(times: int) -> None:
    """Do something in each project and in none, in turn."""
    projects = [*Project.objects.order_by("pk"), None]
    for turn in range(times):
        project = projects[turn % len(projects)]
        audit.record(
            SERVER, "form.create", Object("form", "kt_thu", project.pk if project else None)
        )


@pytest.mark.parametrize("reader", ["auditor", "manager"], indirect=True)
@pytest.mark.parametrize("only", [False, True])
def test_skipping_in_the_log_leaves_what_reading_it_does(reader: User, *, only: bool) -> None:
    act(14)
    audit_reading.note_lengths()
    act(7)  # not noted yet
    second = Project.objects.get(name="Hai").pk
    wanted = Wanted(project_id=second if only else None)
    found = audit_reading.entries(reader, wanted)

    left = [
        list(audit_reading.skipped(reader, wanted, found, many).values_list("pk", flat=True))
        for many in range(24)
    ]

    everything = list(found.values_list("pk", flat=True))
    assert left == [everything[many:] for many in range(24)]
    assert everything


def test_full_blocks_are_noted_once(reader: User) -> None:
    act(2 * BLOCK)
    assert audit_reading.note_lengths() > 0
    before = list(AuditLength.objects.order_by("pk").values())

    assert audit_reading.note_lengths() == 0

    assert list(AuditLength.objects.order_by("pk").values()) == before
    last = AuditEntry.objects.latest("pk").pk
    assert lengths.total(AuditLength.objects.all()) == last // BLOCK * BLOCK - 1  # ids begin at 1


def test_what_is_filtered_is_skipped_row_by_row(reader: User) -> None:
    act(2 * BLOCK)
    audit_reading.note_lengths()
    wanted = Wanted(action="form.create")
    found = audit_reading.entries(reader, wanted)

    left = audit_reading.skipped(reader, wanted, found, 1)

    assert [entry.pk for entry in left] == [entry.pk for entry in found][1:]
