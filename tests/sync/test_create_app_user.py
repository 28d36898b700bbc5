"""The command that gives an inspector's phone its key."""

from __future__ import annotations

import base64
import io
import json
import zlib

import pytest
from django.core.management import CommandError, call_command

from server.projects.models import AppUser, Project
from tests.device import Device


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("create_app_user", *arguments, stdout=out)
    return out.getvalue()


def test_a_phone_set_up_with_its_code_can_ask_for_forms(base_url: str, project: Project) -> None:
    made = json.loads(
        run("Chị Lan", "--project", f"{project.pk}", "--json", "--base-url", base_url)
    )

    settings = json.loads(zlib.decompress(base64.b64decode(made["qr"])))
    assert settings["general"]["server_url"] == made["url"]
    assert settings["general"]["metadata_username"] == made["username"] == f"u{made['id']}"
    assert Device(made["url"]).forms() == []


def test_a_person_is_shown_the_address_and_the_code(project: Project) -> None:
    shown = run("Chị Lan", "--project", f"{project.pk}", "--base-url", "https://x.vn/")

    assert "https://x.vn/v1/key/" in shown
    assert "█" in shown


def test_the_key_itself_is_not_kept(project: Project) -> None:
    made = json.loads(run("Chị Lan", "--project", f"{project.pk}", "--json"))

    token = made["url"].split("/key/")[1].split("/")[0]
    kept = AppUser.objects.values().get()
    assert token not in str(kept)


def test_a_project_that_is_not_there_is_named(project: Project) -> None:
    with pytest.raises(CommandError, match="Không có chương trình số 999"):
        run("Chị Lan", "--project", "999")


def test_nobody_is_made_twice_by_a_name(project: Project) -> None:
    """Two inspectors may have the same name; each phone has its own key."""
    first, second = (
        json.loads(run("Chị Lan", "--project", f"{project.pk}", "--json")) for _ in range(2)
    )

    assert first["url"] != second["url"]
    assert AppUser.objects.count() == 2
