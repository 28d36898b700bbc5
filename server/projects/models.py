"""WHO: projects, people at desks, and the keys of devices."""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q


class Project(models.Model):
    """A survey programme: its forms, its people, its devices."""

    name = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    archived_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class User(AbstractBaseUser):
    """A person at a desk. Devices are AppUsers and never log in here."""

    email = models.EmailField(unique=True)  # stored in lower case
    display_name = models.TextField()
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = BaseUserManager["User"]()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["display_name"]

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

    def __str__(self) -> str:
        return f"{self.user} until {self.expires_at:%Y-%m-%d %H:%M}"


class AppUser(models.Model):
    """One device's key to one project.

    The key itself is shown once, when it is made; here is only its SHA-256, so that neither a
    dump of the database nor a backup opens the server.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE)
    display_name = models.TextField()
    token_sha256 = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.display_name

    @property
    def username(self) -> str:
        """Return what the device calls itself in its forms (`username`), e.g. `u12`."""
        return f"u{self.pk}"
