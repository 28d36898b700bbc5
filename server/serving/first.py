"""What must be there before the first request: tables, units, rules, forms, a supervisor, a key.

Every step can be repeated and changes nothing the second time.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError, OutputWrapper
from django.core.management.color import no_style
from django.db import connection

from server import embedded
from server.console import static_files
from server.projects import accounts, passwords
from server.projects.access import digest
from server.projects.models import AppUser, Membership, Project, Role, User

PROJECT_NAME = "Bình đẳng giới cấp xã"
APP_USER_NAME = "Máy đầu tiên"
_KEY_FILE = "first_app_user"


@dataclass(frozen=True, slots=True)
class Ready:
    """What to tell the person who started the server."""

    project: Project
    supervisor: User
    password: str | None  # readable only on the start that made it up
    app_user: AppUser | None  # None where FIRST_APP_USER says no
    token: str


def prepare(out: OutputWrapper) -> Ready:
    """Bring the database up to this code and this `forms/`; tell `out` what was done."""
    call_command("migrate", verbosity=0, interactive=False)
    call_command("load_units", stdout=out)
    call_command("load_agencies", stdout=out)
    call_command("load_criteria_sets", stdout=out)
    static_files.gather()
    project = _project()
    _publish(out)
    supervisor, password = _supervisor(project)
    app_user, token = _first_app_user(project) if settings.FIRST_APP_USER else (None, "")
    return Ready(project, supervisor, password, app_user, token)


def _project() -> Project:
    """Return the project that comes with the server, which has the number 1."""
    project, _ = Project.objects.get_or_create(pk=1, defaults={"name": PROJECT_NAME})
    # A number that was not drawn would be drawn for the next project.
    (reset,) = connection.ops.sequence_reset_sql(no_style(), [Project])
    with connection.cursor() as cursor:
        cursor.execute(reset)
    return project


def _publish(out: OutputWrapper) -> None:
    """Publish what is in `forms/`.

    A workbook that is refused is said so, and the server starts all the same: phones must go on
    sending what was filled in with the version before it.
    """
    try:
        call_command("publish_forms", stdout=out)
    except CommandError as refused:
        out.write(f"{refused}\nCác phiếu khác vẫn chạy; sửa tệp rồi chạy lại.")


def clear_leftovers(var: Path) -> None:
    """Remove what processes that were killed left half-done; nobody else may be serving.

    Posts, which phones send again, and messages to the worker: a power cut leaves empty ones, each
    of which would end a worker, and the rows say what is owed anyway.
    """
    for folder in (var / "uploads", var / "broker" / "waiting"):
        for left in folder.iterdir() if folder.exists() else ():
            left.unlink(missing_ok=True)


def _supervisor(project: Project) -> tuple[User, str | None]:
    """Return the supervisor, and the password if this call made it up."""
    user = User.objects.filter(email=settings.ADMIN_EMAIL.strip().lower()).first()
    chosen = settings.ADMIN_PASSWORD
    password = None if chosen or user else accounts.new_password()
    managers = Membership.objects.filter(project=project, role=Role.MANAGER)
    is_needed = user is None or not managers.exists()
    if user is None:
        user = accounts.create_user(settings.ADMIN_EMAIL, "Giám sát viên", chosen or password)
    elif chosen and not passwords.fits(user, chosen):
        accounts.set_password(user, chosen)
    if is_needed:  # else managers may have given this account another role, or taken it out
        accounts.join(user, project, Role.MANAGER)
    return user, password


def _first_app_user(project: Project) -> tuple[AppUser, str]:
    """Return the first device's key, kept in var/secrets because it is printed at every start."""
    path = embedded.folder(settings.VAR, "secrets") / _KEY_FILE
    token = path.read_text() if path.exists() else ""
    app_user = AppUser.objects.filter(project=project, token_sha256=digest(token)).first()
    if app_user is None:
        made = accounts.create_app_user(project, APP_USER_NAME)
        app_user, token = made.app_user, made.token
        _keep(path, token)
    return app_user, token


def _keep(path: Path, token: str) -> None:
    draft = path.with_name(f".{path.name}.draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as out:
        out.write(token)
    draft.replace(path)
