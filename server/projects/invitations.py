"""Invitations: how an account that others gave a way in comes into a further project.

Whoever made an account, or a link to set its password, may know the password: no mail is sent, so
nobody proves whose address it is. If such an account were simply put into another project, they
would be in it too. So the manager of the new project is told a link once, and hands it to the
person; it opens nothing without the password in use, and whoever accepts sets another. The first
maker lacks the link, the second manager lacks the password. Nobody knows the new one but its owner.

Locks are taken as in `projects.people`: the project, the person, then what hangs on them.
"""

from __future__ import annotations

import secrets

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from server.projects import accounts, audit, own_account, passwords
from server.projects.access import digest
from server.projects.account_problems import InvitationVoid, PasswordUnchanged
from server.projects.audit import Actor, Object
from server.projects.models import Invitation, Membership, Project, Role, User
from server.projects.passwords import LINK_LIFE, NewLink

_RANDOM_BYTES = 32
# What commands say, which ask nobody.
KNOWN_TO_OTHERS = (
    "Tài khoản {email} do một người quản lý cấp, nên người đó có thể biết mật khẩu. Nếu không "
    "chắc, chạy: manage.py reset_password {email}"
)


def is_trusted(user: User, project: Project) -> bool:
    """Tell whether nobody beyond a project's managers may know how to come in as somebody.

    An account that only whoever runs the server gave a way in, or that chose a password when it
    accepted an invitation, is known to nobody.
    """
    managers = Membership.objects.filter(project=project, role=Role.MANAGER)
    return user.let_in_by_id is None or managers.filter(user=user.let_in_by_id).exists()


def is_of_nobody(user: User) -> bool:
    """Tell whether an account opens nothing at all, so that it can begin anew."""
    return not user.is_auditor and not Membership.objects.filter(user=user).exists()


def give(by: Membership, user: User, role: Role, commune_uids: list[str]) -> NewLink:
    """Invite a locked person into a project, in place of what they were invited to there before.

    It ends after 72 hours, when whoever gave it manages the project no more, or once accepted.
    Within the caller's transaction.
    """
    token, now = secrets.token_urlsafe(_RANDOM_BYTES), timezone.now()
    given = {
        "role": role,
        "commune_uids": commune_uids,
        "given_by": by.user,
        "token_sha256": digest(token),
        "expires_at": now + LINK_LIFE,
    }
    Invitation.objects.update_or_create(user=user, project_id=by.project_id, defaults=given)
    told = Object("user", user.pk, by.project_id)
    said = {"role": role, "commune_uids": commune_uids}
    audit.record(Actor.person(by.user), "user.invitation.create", told, said)
    return NewLink(user, token, now + LINK_LIFE)


def open_of(project_id: int) -> QuerySet[Invitation]:
    """Return those of a project that can be accepted still, by address."""
    good = Invitation.objects.filter(project=project_id, expires_at__gt=timezone.now())
    return good.select_related("user").order_by("user__email")


def holder(token: str) -> Invitation:
    """Return what a link invites to. Raises InvitationVoid."""
    found = Invitation.objects.filter(token_sha256=digest(token))
    invitation = found.select_related("user", "project").first()
    if invitation is None or not _is_good(invitation):
        raise InvitationVoid
    return invitation


def accept(token: str, old: str, new: str) -> User:
    """Come into a project with the password in use, and another from then on; sessions end.

    Raises InvitationVoid, PasswordWrong, PasswordUnchanged, TooManyTries, and as
    `passwords.refuse_weak`; after all but the first the link is good still.
    """
    user = holder(token).user
    own_account.prove(user, old)
    passwords.refuse_weak(new, user)
    if passwords.fits(user, new):
        raise PasswordUnchanged
    return _accepted(token, user, new)


@transaction.atomic(durable=True)
def _accepted(token: str, proven: User, new: str) -> User:
    project_id = holder(token).project_id
    project = Project.objects.select_for_update(no_key=True).get(pk=project_id)
    user = User.objects.select_for_update(no_key=True).get(pk=proven.pk)
    invitation = holder(token)  # as it stands now that nobody changes it
    if user.password != proven.password:  # it was made void in this moment
        raise InvitationVoid
    passwords.replace(user, new)
    user.let_in_by = None
    user.save(update_fields=["let_in_by"])
    invitation.delete()
    uids, role = invitation.commune_uids, Role(invitation.role)
    accounts.join(user, project, role, commune_uids=uids, by=Actor.person(user))
    return user


def _is_good(invitation: Invitation) -> bool:
    in_project = Membership.objects.filter(project=invitation.project_id)
    return (
        invitation.expires_at > timezone.now()
        and invitation.user.is_active
        and in_project.filter(user=invitation.given_by_id, role=Role.MANAGER).exists()
        and not in_project.filter(user=invitation.user_id).exists()
    )
