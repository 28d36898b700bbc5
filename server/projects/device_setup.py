"""What a device is set up with: its server address, and the code that its phone scans."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from server.projects import qr
from server.projects.accounts import NewAppUser


@dataclass(frozen=True, slots=True)
class Setup:
    """Everything to hand to the holder of a phone, on the only occasion that it can be read."""

    url: str  # Collect's server address
    username: str
    password: str  # "" where the key stands in the address
    code: str  # what the QR code says


def server_address(base: str, token: str, project_id: int) -> str:
    """Return what a device has as its server address, below `base`; token: "" for none."""
    key = f"/key/{token}" if token else ""
    return f"{base}/v1{key}/projects/{project_id}"


def setup(made: NewAppUser, base_url: str) -> Setup:
    """Return how to set up the phone of a device that was just given its key or password.

    base_url: where devices reach this server, e.g. "https://so-xa.example.vn".
    """
    project, username = made.app_user.project, made.app_user.username
    url = server_address(base_url.rstrip("/"), made.token, project.pk)
    settings = qr.settings_for(url, project.name, username, made.password)
    return Setup(url, username, made.password, qr.text(settings))


def draft_address(base: str, token: str, project_id: int, form_id: str) -> str:
    """Return what a device has as its server address while it tries a draft, below `base`."""
    form = f"projects/{project_id}/forms/{quote(form_id, safe='')}"
    return f"{base}/v1/test/{token}/{form}/draft"
