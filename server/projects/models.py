"""WHO: projects, people at desks, and the keys of devices."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from server.lengths import Length


class Project(models.Model):
    """A survey programme: its forms, its people, its devices."""

    name = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    archived_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class Language(models.TextChoices):
    """What people read pages in."""

    VIETNAMESE = "vi"
    ENGLISH = "en"


class User(AbstractBaseUser):
    """A person at a desk. Devices are AppUsers and never log in here."""

    email = models.EmailField(unique=True)  # stored in lower case
    display_name = models.TextField()
    is_active = models.BooleanField(default=True)
    is_auditor = models.BooleanField(default=False)  # reads the audit log of all projects
    created_at = models.DateTimeField(auto_now_add=True)
    # Who last gave them a way in: made the account, or a link to set its password. None: whoever
    # runs the server, or nobody since they chose a password by themselves (`invitations`).
    let_in_by = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+")
    # What they read pages in; "" before they chose.
    language = models.TextField(choices=Language.choices, blank=True, default="", db_default="")

    # The key that a script of theirs calls with. No column: set by who let it in (api_keys).
    api_key: ApiKey | None = None

    objects = BaseUserManager["User"]()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["display_name"]

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(language__in=("", *Language.values)), name="language_is_known"
            ),
        )

    def __str__(self) -> str:
        return self.email


class Role(models.TextChoices):
    """What a person may do in one project."""

    MANAGER = "manager"
    SUPERVISOR = "supervisor"
    VIEWER = "viewer"


class Membership(models.Model):
    """One person's role in one project."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE)
    user = models.ForeignKey(User, on_delete=models.CASCADE)
    role = models.TextField(choices=Role.choices)
    # The communes that a supervisor answers for, by uid; empty: all of them.
    commune_uids = ArrayField(models.TextField(), default=list)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["project", "user"], name="one_role_per_project"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="role_is_known"),
        )

    def __str__(self) -> str:
        return f"{self.user} {self.role}"


class Session(models.Model):
    """A person's bearer token, kept only as its SHA-256."""

    user = models.ForeignKey(User, on_delete=models.CASCADE)
    token_sha256 = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    client = models.TextField(default="")  # the User-Agent that opened it

    def __str__(self) -> str:
        return f"{self.user} until {self.expires_at:%Y-%m-%d %H:%M}"


class PasswordLink(models.Model):
    """A link with which a person sets their password, once; kept only as its SHA-256.

    One a person: another makes the one before void.
    """

    user = models.OneToOneField(
        User, on_delete=models.CASCADE, primary_key=True, related_name="password_link"
    )
    token_sha256 = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.user} until {self.expires_at:%Y-%m-%d %H:%M}"


class Invitation(models.Model):
    """A link with which somebody who has an account comes into a project, once; kept as SHA-256."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    role = models.TextField(choices=Role.choices)
    commune_uids = ArrayField(models.TextField(), default=list)
    given_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    token_sha256 = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["user", "project"], name="one_invitation_a_project"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="invited_role_is_known"),
        )

    def __str__(self) -> str:
        return f"{self.user} to {self.project_id} until {self.expires_at:%Y-%m-%d %H:%M}"


class SecondFactor(models.Model):
    """What the codes of a person's phone are worked out from (server.projects.second_factor)."""

    user = models.OneToOneField(
        User, on_delete=models.CASCADE, primary_key=True, related_name="second_factor"
    )
    sealed_secret = models.BinaryField()
    confirmed_at = models.DateTimeField(null=True)  # asked for at sign-in from then on
    # The 30 seconds, counted from 1970, of the last code that was taken: none is taken twice.
    last_step = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"second factor of {self.user_id}"


class RecoveryCode(models.Model):
    """A code for who has lost their phone, kept only as its SHA-256; gone once it is used."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes")
    code_sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["user", "code_sha256"], name="a_recovery_code_stands_once"
            ),
        )

    def __str__(self) -> str:
        return f"recovery code of {self.user_id}"


class ApiKey(models.Model):
    """A script's bearer token to one project, in a person's name; kept only as its SHA-256."""

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    name = models.TextField()
    role = models.TextField(choices=Role.choices)  # or the owner's, whichever may less
    is_read_only = models.BooleanField()
    token_sha256 = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)  # at most once a minute

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(role__in=Role.values), name="role_of_a_key_is_known"
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} until {self.expires_at:%Y-%m-%d %H:%M}"


class AppUserQuerySet(models.QuerySet["AppUser"]):
    """Keys of devices, in the words of the field."""

    def inspectors(self) -> Self:
        """Those of one person each; not the links that go to anybody."""
        return self.filter(is_public=False)

    def alive(self, now: dt.datetime) -> Self:
        """Those that may still send: neither taken back nor past their day."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=now), revoked_at=None)

    def for_communes(self, uids: Sequence[str]) -> Self:
        """Those that offer some of these communes to choose, or all there are."""
        return self.filter(Q(commune_uids=[]) | Q(commune_uids__overlap=list(uids)))

    def silent_since(self, moment: dt.datetime) -> Self:
        """Those that have asked for nothing since then, though they could have."""
        return self.filter(
            Q(last_seen_at__lte=moment) | Q(last_seen_at=None), created_at__lte=moment
        )


class AppUser(models.Model):
    """One device's key to one project, and what it opens there.

    The key itself is shown once, when it is made; here is only its SHA-256, so that neither a
    dump of the database nor a backup opens the server.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE)
    display_name = models.TextField()
    # Who carries it, where that person works at a desk too: nobody reviews what they sent.
    person = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    team = models.TextField(default="")
    token_sha256 = models.CharField(max_length=64, unique=True)
    issue = models.PositiveIntegerField(default=1)  # how many keys this device has had
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    opens_all_forms = models.BooleanField(default=True)
    # Otherwise these. In the row itself: who asks and what they may have is one question.
    form_ids = ArrayField(models.TextField(), default=list)
    commune_uids = ArrayField(models.TextField(), default=list)  # offered to choose; empty: all
    is_public = models.BooleanField(default=False)  # a link to one form, given to anybody
    takes_once = models.BooleanField(default=False)  # from each browser or phone, one record

    # From what it asks for, at most once a minute (access.seen).
    last_seen_at = models.DateTimeField(null=True)
    client = models.TextField(default="")  # its User-Agent
    # From what it sends (health).
    resends = models.PositiveIntegerField(default=0)  # posts that brought nothing new
    refusals = models.PositiveIntegerField(default=0)
    last_refused_at = models.DateTimeField(null=True)
    last_refusal = models.TextField(default="")  # a Problem's code
    # How many submissions its holder is asked to complete (inspections.returned). In the row
    # itself, so that the answer to a post knows it without another question.
    open_tasks = models.PositiveIntegerField(default=0)

    objects = AppUserQuerySet.as_manager()

    def __str__(self) -> str:
        return self.display_name

    @property
    def username(self) -> str:
        """Return what the device calls itself in its forms (`username`), e.g. `u12`."""
        return f"u{self.pk}"

    @property
    def serial(self) -> str:
        """Return the number on the card of the present key, e.g. `0012-2`: no secret."""
        return f"{self.pk:04d}-{self.issue}"


class DevicePassword(models.Model):
    """What Digest needs of the password of a device that has one in place of a key.

    HA1 = MD5(username:realm:password) answers for the password itself, so it is kept sealed
    (server.projects.device_passwords).
    """

    app_user = models.OneToOneField(
        AppUser, on_delete=models.CASCADE, primary_key=True, related_name="password"
    )
    sealed_ha1 = models.BinaryField()

    def __str__(self) -> str:
        return f"password of {self.app_user_id}"


class NonceCount(models.Model):
    """How often a nonce of Digest has been used: each use must say a higher number."""

    nonce = models.CharField(max_length=64, primary_key=True)
    last_count = models.BigIntegerField()
    first_used_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.nonce[:8]} {self.last_count}"


class FailedTries(models.Model):
    """Failures to prove who one is, since the first of the present window."""

    key = models.CharField(max_length=64, primary_key=True)  # of whom, hashed (throttle)
    began_at = models.DateTimeField(db_index=True)
    failures = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.failures} since {self.began_at:%H:%M}"


class ActorKind(models.TextChoices):
    """Who did something, by what they call with."""

    PERSON = "user"
    DEVICE = "app_user"
    SERVER = "server"  # a command on the machine itself, or a task that pays a debt
    NOBODY = "nobody"  # somebody who has not proved who they are


class AuditEntry(models.Model):
    """One thing that somebody did, or was denied. Never changed, never removed.

    Written by `audit.record` alone. A trigger (0007_audit_entry) numbers the entries without gaps,
    gives the time and links each to the one before it by SHA-256; others refuse to change or
    remove any. No foreign keys: an entry outlives whom and what it names.
    """

    logged_at = models.DateTimeField(editable=False)
    actor_kind = models.TextField(choices=ActorKind.choices)
    actor_id = models.BigIntegerField(null=True)
    action = models.TextField()  # in Central's words where it has one: form.create
    project_id = models.BigIntegerField(null=True)
    object_kind = models.TextField()  # form, submission, app_user, …
    object_name = models.TextField()  # its id; an instanceID, a form_id, a number
    details = models.JSONField()  # codes, counts, filters; neither answers nor who somebody is
    previous_hash = models.CharField(max_length=64, editable=False)
    hash = models.CharField(max_length=64, editable=False)

    class Meta:
        indexes = (
            models.Index(fields=["project_id", "-id"], name="audit_of_a_project"),
            models.Index(fields=["action", "-id"], name="audit_of_an_action"),
            models.Index(fields=["logged_at"], name="audit_by_time"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(actor_kind__in=ActorKind.values), name="actor_kind_is_known"
            ),
        )

    def __str__(self) -> str:
        return f"{self.pk} {self.action}"


class AuditLength(Length):
    """How many entries of a project a full block of the log has, which never changes again."""

    # list_id: of the project; 0: of none
    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["list_id", "block"], name="one_audit_length"),
        )

    def __str__(self) -> str:
        return f"{self.list_id} {self.block} {self.rows}"
