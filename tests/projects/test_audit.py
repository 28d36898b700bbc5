"""The audit log: it grows, and nothing in it changes unseen."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from server.projects import audit
from server.projects.audit import SERVER, Actor, Object
from server.projects.models import ActorKind, AuditEntry

pytestmark = pytest.mark.django_db

LAN = Actor(ActorKind.PERSON, 3)
FORM = Object("form", "kt_18_5", project_id=1)


def three() -> None:
    audit.record(LAN, "form.create", FORM)
    audit.record(LAN, "form.update.publish", FORM, {"version": "1"})
    audit.record(SERVER, "form.delete", FORM)


def behind_our_back(statement: str) -> None:
    """Change the log as somebody does who owns the database."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE projects_auditentry DISABLE TRIGGER USER")
        cursor.execute(statement)
        cursor.execute("ALTER TABLE projects_auditentry ENABLE TRIGGER USER")


def verified(*noted: str) -> str:
    out = io.StringIO()
    call_command("audit_verify", *noted, stdout=out)
    return out.getvalue()


def test_an_entry_says_who_did_what_to_what() -> None:
    number = audit.record(Actor(ActorKind.PERSON, 3, api_key_id=8), "form.create", FORM, {"n": 2})

    entry = AuditEntry.objects.get()
    assert (entry.pk, entry.actor_kind, entry.actor_id) == (number, "user", 3)
    assert (entry.action, entry.project_id) == ("form.create", 1)
    assert (entry.object_kind, entry.object_name) == ("form", "kt_18_5")
    assert entry.details == {"n": 2, "apiKey": 8}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE projects_auditentry SET actor_id = 4",
        "DELETE FROM projects_auditentry",
        "TRUNCATE projects_auditentry",
    ],
)
def test_the_database_itself_refuses_to_change_what_was_logged(statement: str) -> None:
    three()

    with (
        pytest.raises(DatabaseError, match="can only grow"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)

    assert AuditEntry.objects.count() == 3


def test_numbers_have_no_gaps_though_transactions_fail() -> None:
    audit.record(LAN, "form.create", FORM)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        audit.record(LAN, "form.delete", FORM)
        raise ZeroDivisionError
    audit.record(LAN, "form.restore", FORM)

    assert list(AuditEntry.objects.order_by("pk").values_list("action", flat=True)) == [
        "form.create",
        "form.restore",
    ]
    assert audit.verify().broken == ()


def test_nothing_that_postgresql_cannot_hold_stops_an_entry() -> None:
    audit.record(LAN, "form.create", Object("form", "a\0\ud800"), {"a\\u0000": ["\0b", "\udfff"]})

    entry = AuditEntry.objects.get()
    assert entry.object_name == "a?"
    assert entry.details == {"a\\u0000": ["b", "?"]}


def test_a_whole_chain_is_told_with_what_to_note_down() -> None:
    three()
    last = AuditEntry.objects.order_by("-pk")[0]

    assert f"3 dòng.\nGhi lại ở nơi khác: {last.pk}:{last.hash}" in verified()
    assert "nguyên vẹn" in verified("--noted", f"{last.pk}:{last.hash}")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE projects_auditentry SET actor_id = 4 WHERE id = 2",
        "UPDATE projects_auditentry SET details = '{}' WHERE id = 2",
        "UPDATE projects_auditentry SET logged_at = logged_at - interval '1 day' WHERE id = 2",
        "DELETE FROM projects_auditentry WHERE id = 2",
        "DELETE FROM projects_auditentry WHERE id = 1",
    ],
)
def test_a_change_behind_our_back_is_found(statement: str) -> None:
    three()

    behind_our_back(statement)

    with pytest.raises(CommandError, match="sai từ dòng"):
        verified()


def test_a_log_that_was_cut_off_is_found_by_what_was_noted_down() -> None:
    three()
    last = AuditEntry.objects.order_by("-pk")[0]
    behind_our_back("DELETE FROM projects_auditentry WHERE id = 3")

    assert "2 dòng" in verified()  # what is left fits together
    with pytest.raises(CommandError, match="Dòng 3 không còn"):
        verified("--noted", f"{last.pk}:{last.hash}")


def test_a_hash_that_is_none_is_told() -> None:
    with pytest.raises(CommandError, match="Không đọc được «abc»"):
        verified("--noted", "abc")


@pytest.mark.django_db(transaction=True)
def test_entries_of_many_at_once_form_one_chain() -> None:
    def write(number: int) -> int:
        with transaction.atomic():
            written = audit.record(Actor(ActorKind.PERSON, number), "form.update", FORM)
        connection.close()
        return written

    with ThreadPoolExecutor(4) as people:
        numbers = list(people.map(write, range(12)))

    assert sorted(numbers) == list(range(min(numbers), min(numbers) + 12))
    chain = audit.verify()
    assert (chain.entries, chain.broken) == (12, ())
