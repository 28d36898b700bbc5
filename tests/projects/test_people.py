"""People of a project: added by link, given roles, shut out; and what managers may not do."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone
from pytest_django import Settings

from server.projects import accounts, api_keys, own_account, passwords, people
from server.projects.account_problems import (
    LastManager,
    PasswordCommon,
    PasswordLikeAccount,
    PasswordLinkVoid,
    PasswordNumeric,
    PasswordShort,
    PasswordWrong,
    PersonIsYou,
    PersonKnown,
    PersonOfOthers,
    PersonUnknown,
)
from server.projects.models import (
    AuditEntry,
    Membership,
    PasswordLink,
    Project,
    Role,
    Session,
    User,
)
from server.projects.problems import ApiKeyRevoked, TooManyTries
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_passwords")]

GOOD = "bốn từ chẳng liên quan"


@pytest.fixture
def project() -> Project:
    return builders.project()


@pytest.fixture
def manager(project: Project) -> Membership:
    user = builders.member(project, "quan-ly@example.org", Role.MANAGER)
    return Membership.objects.get(user=user)


@pytest.fixture
def lan(project: Project) -> User:
    return builders.member(project, role=Role.SUPERVISOR)


def wanted(email: str = "moi@example.org", **other: object) -> people.Wanted:
    return people.Wanted(email, "Người mới", **{"role": Role.VIEWER, **other})  # type: ignore[arg-type]


def token(user: User) -> str:
    opened = accounts.open_session(user.email, builders.PASSWORD)
    assert opened is not None
    return opened.token


def test_somebody_new_sets_a_password_by_a_link_that_works_once(manager: Membership) -> None:
    added = people.add(manager, wanted())
    assert added.link is not None
    assert accounts.authenticated("moi@example.org", "") is None
    passwords.use_link(added.link.token, GOOD)

    assert accounts.authenticated("moi@example.org", GOOD) == added.user
    with pytest.raises(PasswordLinkVoid):
        passwords.use_link(added.link.token, "một mật khẩu khác hẳn")
    told = AuditEntry.objects.order_by("pk").values_list("action", flat=True)
    assert list(told)[-4:-1] == [
        "user.assignment.create",
        "user.password_link.create",
        "user.session.fail",
    ]


def test_a_link_is_kept_as_a_digest_and_ends_after_72_hours(manager: Membership) -> None:
    link = people.add(manager, wanted()).link
    assert link is not None
    assert link.token not in str(list(PasswordLink.objects.values()))
    PasswordLink.objects.update(expires_at=timezone.now())

    assert link.expires_at - timezone.now() > dt.timedelta(hours=71, minutes=59)
    with pytest.raises(PasswordLinkVoid):
        passwords.link_holder(link.token)


@pytest.mark.parametrize(
    ("password", "refusal"),
    [
        ("chin ky t", PasswordShort),
        ("password123", PasswordCommon),
        ("4815162342108", PasswordNumeric),
        ("moi@example.org", PasswordLikeAccount),
    ],
)
def test_what_is_soon_guessed_is_refused_and_the_link_stays_good(
    manager: Membership, password: str, refusal: type[Exception]
) -> None:
    link = people.add(manager, wanted()).link
    assert link is not None
    with pytest.raises(refusal):
        passwords.use_link(link.token, password)

    assert passwords.use_link(link.token, GOOD).email == "moi@example.org"


def test_an_account_that_nobody_else_let_in_joins_as_it_is(manager: Membership, lan: User) -> None:
    other = builders.member(builders.project("Khác"), "khac@example.org")
    added = people.add(manager, wanted(" Khac@example.org"))

    assert (added.user, added.link) == (other, None)
    assert User.objects.get(pk=other.pk).display_name == "Lan"
    with pytest.raises(PersonKnown):
        people.add(manager, wanted("lan@example.org"))


def test_only_supervisors_answer_for_some_communes(manager: Membership, lan: User) -> None:
    people.set_role(manager, lan.pk, Role.SUPERVISOR, ["05665@2025-07-01"])
    entries = AuditEntry.objects.count()
    people.set_role(manager, lan.pk, Role.SUPERVISOR, ["05665@2025-07-01"])
    assert AuditEntry.objects.count() == entries  # nothing was changed
    people.set_role(manager, lan.pk, Role.VIEWER, ["05665@2025-07-01"])

    assert Membership.objects.get(user=lan).commune_uids == []
    last = AuditEntry.objects.latest("pk")
    assert (last.actor_id, last.details["role"]) == (manager.user_id, "viewer")


def test_locking_ends_sessions_keys_and_links_for_good(manager: Membership, lan: User) -> None:
    session = token(lan)
    wish = api_keys.Wanted("x", Role.VIEWER, True, timezone.now() + dt.timedelta(days=1))
    key = api_keys.create(Membership.objects.get(user=lan), wish).token
    people.lock(manager, lan.pk)
    people.lock(manager, lan.pk)
    assert accounts.open_session(lan.email, builders.PASSWORD) is None
    people.unlock(manager, lan.pk)

    assert accounts.person(session) is None
    with pytest.raises(ApiKeyRevoked):
        api_keys.holder(key)
    assert accounts.person(token(lan)) == lan
    told = AuditEntry.objects.filter(action__in=["user.lock", "user.unlock"]).order_by("pk")
    assert [(one.action, one.details) for one in told] == [
        ("user.lock", {"apiKeys": 1}),
        ("user.unlock", {}),
    ]


def test_a_new_link_makes_the_password_void_at_once(manager: Membership, lan: User) -> None:
    session = token(lan)
    first = people.reset_password(manager, lan.pk)
    second = people.reset_password(manager, lan.pk)

    assert accounts.person(session) is None
    assert accounts.authenticated(lan.email, builders.PASSWORD) is None
    with pytest.raises(PasswordLinkVoid):
        passwords.use_link(first.token, GOOD)
    assert passwords.use_link(second.token, GOOD) == lan


@pytest.mark.parametrize("act", ["lock", "remove", "demote"])
def test_the_last_manager_who_can_sign_in_stays(
    manager: Membership, project: Project, act: str
) -> None:
    # Another one without a password yet, and one who is shut out, are no managers to rely on.
    people.add(manager, wanted(role=Role.MANAGER))
    locked = builders.member(project, "khoa@example.org", Role.MANAGER)
    people.lock(manager, locked.pk)
    acts = {
        "lock": lambda: people.lock(manager, manager.user_id),
        "remove": lambda: people.remove(manager, manager.user_id),
        "demote": lambda: people.set_role(manager, manager.user_id, Role.VIEWER, []),
    }
    with pytest.raises(LastManager):
        acts[act]()
    people.unlock(manager, locked.pk)
    acts[act]()

    able = Membership.objects.filter(user__is_active=True, user=manager.user, role=Role.MANAGER)
    assert not able.exists()


def test_nobody_takes_over_an_account_that_opens_more_than_they_manage(
    manager: Membership, lan: User
) -> None:
    accounts.join(lan, builders.project("Khác"), Role.VIEWER)
    auditor = builders.member(manager.project, "kiem-toan@example.org")
    accounts.set_auditor(auditor.email, is_auditor=True)
    for user in (lan, auditor):
        for act in (people.lock, people.unlock, people.reset_password, people.reset_codes):
            with pytest.raises(PersonOfOthers):
                act(manager, user.pk)

    people.remove(manager, lan.pk)
    with pytest.raises(PersonUnknown):
        people.set_role(manager, lan.pk, Role.VIEWER, [])


def test_nobody_resets_their_own_password_or_codes_without_the_password(
    manager: Membership,
) -> None:
    for act in (people.reset_password, people.reset_codes):
        with pytest.raises(PersonIsYou):
            act(manager, manager.user_id)


def test_a_password_is_changed_with_the_old_one_and_the_other_sessions_end(lan: User) -> None:
    here, other = token(lan), token(lan)
    with pytest.raises(PasswordWrong):
        own_account.change_password(lan, "sai", GOOD, here)
    own_account.change_password(lan, builders.PASSWORD, GOOD, here)

    assert accounts.person(here) == lan
    assert accounts.person(other) is None
    assert accounts.authenticated(lan.email, GOOD) == lan


def test_the_other_sessions_of_a_person_end_and_no_one_elses(
    manager: Membership, lan: User
) -> None:
    here, _, theirs = token(lan), token(lan), token(manager.user)

    assert own_account.end_others(lan, here) == 1
    assert accounts.person(theirs) == manager.user
    assert Session.objects.count() == 2


def test_whoever_sits_down_at_an_open_session_does_not_guess_its_password(
    lan: User, settings: Settings
) -> None:
    settings.THROTTLE_TRIES = 3
    for _ in range(3):
        with pytest.raises(PasswordWrong):
            own_account.change_password(lan, "sai", GOOD, "")

    with pytest.raises(TooManyTries):
        own_account.change_password(lan, builders.PASSWORD, GOOD, "")
