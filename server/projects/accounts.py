"""Projects, the people at desks, and the keys of devices: making, opening, taking back."""

from __future__ import annotations

import base64
import datetime as dt
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone

from server.errors import Problem
from server.projects import audit, device_passwords, passwords, second_factor
from server.projects.access import digest
from server.projects.audit import NOBODY, SERVER, Actor, Object
from server.projects.models import (
    ActorKind,
    AppUser,
    DevicePassword,
    Membership,
    Project,
    Role,
    Session,
    User,
)
from server.projects.problems import (
    AppUserExpired,
    AppUserReissued,
    AppUserUnknown,
    EmailTaken,
    UserUnknown,
)
from server.statements import Columns, one_row

SESSION_LIFE = dt.timedelta(hours=24)
_LONGEST_CLIENT = 255  # characters
# Asked by every request of theirs.
_OF_PERSON = Columns(User)
_PERSON = f"""
SELECT {_OF_PERSON.names} FROM projects_user WHERE is_active AND id =
  (SELECT user_id FROM projects_session WHERE token_sha256 = %s AND expires_at > %s)
"""  # noqa: S608  (our own words)
_DEVICE_PASSWORD_BYTES = 16  # it is kept as an MD5, so it must be beyond all guessing


@dataclass(frozen=True, slots=True)
class NewAppUser:
    """A device's key or password, on the only occasion that it can be read."""

    app_user: AppUser
    token: str  # 64 characters of [A-Za-z0-9!$]; "" for a device that has a password
    password: str = ""  # "" for a device that has a key


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """A person's bearer token, on the only occasion that it can be read."""

    user: User
    token: str
    csrf: str  # Central's clients want one; nothing here uses cookies, so nothing checks it
    created_at: dt.datetime
    expires_at: dt.datetime


def create_project(name: str) -> Project:
    """Make a project."""
    with transaction.atomic():
        project = Project.objects.create(name=name)
        audit.record(SERVER, "project.create", Object("project", project.pk, project.pk))
    return project


@transaction.atomic(durable=True)
def update_project(
    project_id: int, by: Actor, *, name: str | None = None, is_archived: bool | None = None
) -> Project:
    """Call a project otherwise, or say that it is over; None leaves it as it is. Repeatable."""
    project = Project.objects.select_for_update(no_key=True).get(pk=project_id)
    said = dict[str, object]()
    if name not in (None, project.name):
        project.name, said["name"] = str(name), "changed"
    if is_archived not in (None, project.archived_at is not None):
        project.archived_at = timezone.now() if is_archived else None
        said["archived"] = is_archived
    if said:
        project.save(update_fields=["name", "archived_at"])
        audit.record(by, "project.update", Object("project", project.pk, project.pk), said)
    return project


def create_user(email: str, name: str, password: str | None, *, by: Actor = SERVER) -> User:
    """Make a person's account; without a password it cannot be opened until one is set.

    Raises EmailTaken.
    """
    address = _normal(email)
    try:
        # Its own savepoint, so that a caller inside a transaction can go on.
        with transaction.atomic():
            user = User.objects.create(
                email=address,
                display_name=name,
                password=passwords.hashed(password),
                let_in_by_id=by.id if by.kind == ActorKind.PERSON else None,
            )
            is_known = by.kind == ActorKind.PERSON and password is not None
            said = {"password": "given"} if is_known else {}  # its maker may sign in as them
            audit.record(by, "user.create", Object("user", user.pk), said)
            return user
    except IntegrityError as error:
        raise EmailTaken(email=address) from error


def join(
    user: User,
    project: Project,
    role: Role,
    *,
    commune_uids: Sequence[str] = (),
    by: Actor = SERVER,
) -> Membership:
    """Give a person a role in a project, in place of any other they had there.

    commune_uids: the communes a supervisor answers for; empty for all. One that does not exist
    opens nothing: `communes.scope.known_communes` refuses it.
    """
    given = {"role": role, "commune_uids": list(commune_uids)}
    with transaction.atomic():
        membership, _ = Membership.objects.update_or_create(
            user=user, project=project, defaults=given
        )
        audit.record(by, "user.assignment.create", Object("user", user.pk, project.pk), given)
    return membership


def set_password(user: User, password: str) -> None:
    """Replace a person's password; every session opened with the old one ends."""
    with transaction.atomic():
        passwords.replace(user, password)
        user.let_in_by = None
        user.save(update_fields=["let_in_by"])
        audit.record(SERVER, "user.update", Object("user", user.pk), {"password": "changed"})


def reset_password(email: str) -> str:
    """Give a person a new password that nobody chose, and return it. Raises UserUnknown."""
    password = new_password()
    set_password(_known(email), password)
    return password


@transaction.atomic(durable=True)
def reset_codes(email: str) -> User:
    """Ask a person for no codes any more, and end their sessions. Raises UserUnknown."""
    user = _known(email)
    second_factor.remove(user, SERVER, None)  # then sessions, as whoever confirms codes does
    Session.objects.filter(user=user).delete()
    return user


@transaction.atomic(durable=True)
def set_auditor(email: str, *, is_auditor: bool) -> User:
    """Let a person read the whole audit log, or no longer. Raises UserUnknown."""
    user = _known(email)
    if user.is_auditor != is_auditor:
        user.is_auditor = is_auditor
        user.save(update_fields=["is_auditor"])
        audit.record(SERVER, "user.update", Object("user", user.pk), {"isAuditor": is_auditor})
    return user


def new_password(random_bytes: int = 10) -> str:
    """Return a password of 80 random bits, or more, that can be read out on the telephone."""
    # Base32 has no 0, 1, 8 or 9, which are easily mistaken.
    text = base64.b32encode(secrets.token_bytes(random_bytes)).decode().lower().rstrip("=")
    return "-".join(text[i : i + 4] for i in range(0, len(text), 4))


def authenticated(email: str, password: str) -> User | None:
    """Return the person whose password this is, None when there is no such pair.

    A failure is audited, by the number of the account where there is one.
    """
    user = User.objects.filter(email=_normal(email)).first()
    # Of nobody it is as slow, so that addresses cannot be probed.
    if passwords.fits(user, password) and user is not None and user.is_active:
        return user
    audit.record(NOBODY, "user.session.fail", Object("user", user.pk if user else ""))
    return None


def let_in(email: str, password: str) -> User | None:
    """Return the person whose password this is, where it alone is enough; None for a wrong pair.

    Raises CodeNeeded, CodesNeeded for whoever has, or must have, two-step sign-in.
    """
    user = authenticated(email, password)
    if user is not None:
        try:
            second_factor.refuse_password_alone(user)
        except Problem as problem:
            said = {"nature": problem.code}  # a script asks on and on
            audit.record_once_a_minute(NOBODY, "user.session.fail", Object("user", user.pk), said)
            raise
    return user


def open_session(email: str, password: str, *, client: str = "") -> OpenedSession | None:
    """Open a session of 24 hours by a password alone; None when the pair is wrong.

    client: the User-Agent, by which its holder knows it again. Raises as `let_in`.
    """
    user = let_in(email, password)
    return None if user is None else open_for(user, client=client)


def open_for(user: User, *, client: str = "", second: str = "") -> OpenedSession:
    """Open a session of 24 hours for whoever has proved who they are.

    second: with what they took the second step, for the audit log; "" for none.
    """
    token, now = new_token(), timezone.now()
    with transaction.atomic():
        Session.objects.filter(user=user, expires_at__lte=now).delete()
        session = Session.objects.create(
            user=user,
            token_sha256=digest(token),
            expires_at=now + SESSION_LIFE,
            client=client.replace("\0", "")[:_LONGEST_CLIENT],
        )
        User.objects.filter(pk=user.pk).update(last_login=now)
        said = {"second": second} if second else {}
        audit.record(Actor.person(user), "user.session.create", Object("user", user.pk), said)
    return OpenedSession(user, token, new_token(), session.created_at, session.expires_at)


def person(token: str) -> User | None:
    """Return the person whose session this is, None when it is unknown or over."""
    row = one_row(_PERSON, [digest(token), timezone.now()])
    found: User | None = _OF_PERSON.read(row) if row else None
    return found


def close_session(token: str) -> None:
    """End a session; one that is unknown or over already stays so."""
    session = Session.objects.filter(token_sha256=digest(token)).select_related("user").first()
    if session is None:
        return
    user = session.user
    with transaction.atomic():
        if session.delete()[0]:
            audit.record(Actor.person(user), "user.session.end", Object("user", user.pk))


def create_app_user(
    project: Project,
    name: str,
    *,
    team: str = "",
    expires_at: dt.datetime | None = None,
    form_ids: Sequence[str] | None = None,
    commune_uids: Sequence[str] = (),
    has_password: bool = False,
    by: Actor = SERVER,
) -> NewAppUser:
    """Make a device's key to a project; only its SHA-256 is kept.

    form_ids: the forms it opens; None for every form of the project, none for none.
    commune_uids: the communes its forms offer; empty for all.
    has_password: it gets a user name and a password instead, for the fields of that name in
    Collect's settings.
    """
    token = new_token()
    with transaction.atomic():
        app_user = AppUser.objects.create(
            project=project,
            display_name=name,
            team=team,
            token_sha256=digest(token),
            expires_at=expires_at,
            opens_all_forms=form_ids is None,
            form_ids=list(form_ids or ()),
            commune_uids=list(commune_uids),
        )
        made = _handed_out(app_user, token, has_password=has_password)
        audit.record(by, "field_key.create", _device(app_user), {"formIds": form_ids})
        return made


def _device(app_user: AppUser) -> Object:
    return Object("app_user", app_user.pk, app_user.project_id)


def reissue_app_user(
    app_user_id: int,
    *,
    expires_at: dt.datetime | None = None,
    seen_issue: int | None = None,
    by: Actor = SERVER,
) -> NewAppUser:
    """Give a device a new key, or a new password if it had one; the old one is void at once.

    A device that was shut out may come back so, under the same user name.
    seen_issue: how many keys it had when the caller looked; None when they do not say. A form that
    is sent twice must not void the card that was just printed.
    Raises AppUserUnknown; AppUserReissued; AppUserExpired, unless a new day is given.
    """
    token = new_token()
    with transaction.atomic():
        app_user = locked(app_user_id)
        if seen_issue not in (None, app_user.issue):
            raise AppUserReissued(serial=app_user.serial)
        app_user.expires_at = expires_at or app_user.expires_at
        if app_user.expires_at is not None and app_user.expires_at <= timezone.now():
            raise AppUserExpired(id=app_user_id, expires_at=app_user.expires_at)
        app_user.token_sha256, app_user.revoked_at = digest(token), None
        app_user.issue += 1
        app_user.save(update_fields=["token_sha256", "revoked_at", "expires_at", "issue"])
        has_password = DevicePassword.objects.filter(app_user=app_user).exists()
        made = _handed_out(app_user, token, has_password=has_password)
        audit.record(by, "field_key.reissue", _device(app_user), {"issue": app_user.issue})
        return made


def _handed_out(app_user: AppUser, token: str, *, has_password: bool) -> NewAppUser:
    if not has_password:
        return NewAppUser(app_user, token)
    # Its key is told to nobody, and so opens nothing.
    password = new_password(_DEVICE_PASSWORD_BYTES)
    device_passwords.keep(app_user, password)
    return NewAppUser(app_user, "", password)


@transaction.atomic
def revoke_app_user(app_user_id: int, by: Actor = SERVER) -> AppUser:
    """Take a device's key back, now; repeating it changes nothing. Raises AppUserUnknown."""
    app_user = locked(app_user_id)
    if app_user.revoked_at is None:
        app_user.revoked_at = timezone.now()
        app_user.save(update_fields=["revoked_at"])
        audit.record(by, "field_key.session.end", _device(app_user))
    return app_user


@transaction.atomic(durable=True)
def grant(app_user_id: int, form_id: str, by: Actor) -> None:
    """Let a device have a form; repeating it changes nothing. Raises AppUserUnknown."""
    app_user = locked(app_user_id)
    if not (app_user.opens_all_forms or form_id in app_user.form_ids):
        app_user.form_ids = [*app_user.form_ids, form_id]
        app_user.save(update_fields=["form_ids"])
        said = {"formId": form_id}
        audit.record(by, "field_key.assignment.create", _device(app_user), said)


@transaction.atomic(durable=True)
def withdraw(app_user_id: int, form_id: str, others: Sequence[str], by: Actor) -> None:
    """Take a form from a device; repeating it changes nothing.

    others: the forms that it keeps, should it have been given every form. Raises AppUserUnknown.
    """
    app_user = locked(app_user_id)
    if not (app_user.opens_all_forms or form_id in app_user.form_ids):
        return
    kept = others if app_user.opens_all_forms else app_user.form_ids
    app_user.form_ids = [one for one in kept if one != form_id]
    app_user.opens_all_forms = False
    app_user.save(update_fields=["form_ids", "opens_all_forms"])
    audit.record(by, "field_key.assignment.delete", _device(app_user), {"formId": form_id})


def locked(app_user_id: int) -> AppUser:
    """Return a device, locked until the transaction ends. Raises AppUserUnknown."""
    app_user = AppUser.objects.select_for_update(no_key=True).filter(pk=app_user_id).first()
    if app_user is None:
        raise AppUserUnknown(id=app_user_id)
    return app_user


def _known(email: str) -> User:
    """Return whose address this is, locked in a transaction. Raises UserUnknown."""
    address = _normal(email)
    with transaction.atomic():
        rows = User.objects.select_for_update(no_key=True)
        user = rows.filter(email=address).first()
    if user is None:
        raise UserUnknown(email=address)
    return user


def new_token() -> str:
    """Return a bearer token: 64 characters of [A-Za-z0-9!$]."""
    return base64.b64encode(secrets.token_bytes(48), altchars=b"!$").decode()


def _normal(email: str) -> str:
    return email.strip().lower()
