"""Accounts that others let in, and how they come into a further project."""

from __future__ import annotations

import io

import pytest
from django.core.management import call_command
from django.utils import timezone

from server.projects import accounts, invitations, passwords, people
from server.projects.account_problems import (
    InvitationVoid,
    NotManagerNow,
    PasswordLinkVoid,
    PasswordUnchanged,
    PasswordWrong,
    PersonNeedsLink,
    PersonOfOthers,
)
from server.projects.audit import Actor
from server.projects.models import Invitation, Membership, Project, Role, User
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_passwords")]

KNOWN = "người tạo biết câu này"
OWN = "bốn từ chẳng liên quan"
HOA = "hoa@example.org"


def manager_of(project: Project, email: str) -> Membership:
    user = builders.member(project, email, Role.MANAGER)
    return Membership.objects.get(project=project, user=user)


@pytest.fixture
def first() -> Membership:
    return manager_of(builders.project(), "m@example.org")


@pytest.fixture
def second() -> Membership:
    return manager_of(builders.project("Chương trình khác"), "n@example.org")


def known(first: Membership, *, is_in: bool) -> User:
    """Make an account whose maker knows the password."""
    user = people.invite(first, people.NewAccount(HOA, "Hoa", KNOWN)).user
    if is_in:
        people.assign(first, user.pk, Role.VIEWER, [])
    return user


def add(by: Membership) -> people.Added:
    return people.add(by, people.Wanted(HOA, "Hoa", Role.SUPERVISOR))


def is_in(by: Membership, user: User) -> bool:
    return Membership.objects.filter(project=by.project, user=user).exists()


def test_whoever_made_an_account_comes_into_no_other_project_with_it(
    first: Membership, second: Membership
) -> None:
    user = known(first, is_in=True)
    added = add(second)
    assert added.link is not None
    outside = [added.is_invited, is_in(second, user)]
    with pytest.raises(PasswordWrong):
        invitations.accept(added.link.token, "không biết câu nào", OWN)
    with pytest.raises(PasswordUnchanged):
        invitations.accept(added.link.token, KNOWN, KNOWN)
    invitations.accept(added.link.token, KNOWN, OWN)

    assert outside == [True, False]
    assert is_in(second, user)
    assert accounts.authenticated(HOA, KNOWN) is None
    assert accounts.authenticated(HOA, OWN) == user
    for by in (first, second):
        with pytest.raises(PersonOfOthers):
            people.reset_password(by, user.pk)
    with pytest.raises(InvitationVoid):
        invitations.accept(added.link.token, OWN, KNOWN)


def test_a_link_that_the_first_maker_kept_ends_when_its_holder_accepts(
    first: Membership, second: Membership
) -> None:
    user = known(first, is_in=True)
    kept = passwords.give_link(user, Actor.person(first.user), first.project_id)
    added = add(second)
    assert added.link is not None
    invitations.accept(added.link.token, KNOWN, OWN)

    with pytest.raises(PasswordLinkVoid):
        passwords.use_link(kept.token, KNOWN)


def test_an_account_of_no_project_begins_anew(first: Membership, second: Membership) -> None:
    user = known(first, is_in=False)
    session = accounts.open_session(HOA, KNOWN)
    with pytest.raises(PersonNeedsLink):
        people.assign(second, user.pk, Role.VIEWER, [], email=HOA)
    still = accounts.authenticated(HOA, KNOWN)
    added = add(second)

    assert still == user
    assert session is not None
    assert added.link is not None
    assert (added.is_invited, is_in(second, user)) == (False, True)
    assert accounts.person(session.token) is None
    assert accounts.authenticated(HOA, KNOWN) is None
    assert passwords.use_link(added.link.token, OWN) == user


def test_managers_of_both_projects_put_their_people_into_either(
    first: Membership, second: Membership
) -> None:
    user = known(first, is_in=True)
    accounts.join(first.user, second.project, Role.MANAGER)

    assert add(second) == people.Added(user, None)
    assert is_in(second, user)


def test_a_password_that_whoever_runs_the_server_gave_is_known_to_no_manager(
    first: Membership, second: Membership
) -> None:
    user = known(first, is_in=True)
    accounts.reset_password(HOA)

    assert add(second) == people.Added(user, None)


@pytest.mark.parametrize("end", ["replaced", "late", "giver gone", "locked"])
def test_an_invitation_ends(first: Membership, second: Membership, end: str) -> None:
    user = known(first, is_in=True)
    link = add(second).link
    assert link is not None
    if end == "replaced":
        add(second)
    elif end == "late":
        Invitation.objects.update(expires_at=timezone.now())
    elif end == "giver gone":
        accounts.join(second.user, second.project, Role.VIEWER)
    else:
        people.lock(first, user.pk)

    with pytest.raises(InvitationVoid):
        invitations.accept(link.token, KNOWN, OWN)
    assert not is_in(second, user)


def test_commands_say_that_a_manager_may_know_the_password(first: Membership) -> None:
    known(first, is_in=False)
    builders.member(first.project, "own@example.org")
    said = [io.StringIO() for _ in range(4)]
    for command, email, err in (
        ("auditor", HOA, said[0]),
        ("auditor", "own@example.org", said[1]),
    ):
        call_command(command, email, stdout=io.StringIO(), stderr=err)
    for email, err in ((HOA, said[2]), ("own@example.org", said[3])):
        call_command("create_project", "Dự án", manager=email, stdout=io.StringIO(), stderr=err)

    assert ["reset_password" in one.getvalue() for one in said] == [True, False] * 2


def test_who_was_demoted_meanwhile_gives_nobody_anything(first: Membership) -> None:
    lan = builders.member(first.project, "lan@example.org")
    manager_of(first.project, "other@example.org")
    accounts.join(first.user, first.project, Role.VIEWER)  # `first` was read before
    acts = (
        lambda: people.add(first, people.Wanted(HOA, "Hoa", Role.MANAGER)),
        lambda: people.assign(first, lan.pk, Role.MANAGER, []),
        lambda: people.set_role(first, lan.pk, Role.MANAGER, []),
        lambda: people.invite(first, people.NewAccount(HOA, "Hoa", KNOWN)),
        lambda: people.remove(first, lan.pk),
        lambda: people.reset_password(first, lan.pk),
        lambda: people.reset_codes(first, lan.pk),
    )
    for act in acts:
        with pytest.raises(NotManagerNow):
            act()

    assert Membership.objects.get(user=lan).role == Role.VIEWER
    assert not User.objects.filter(email=HOA).exists()
