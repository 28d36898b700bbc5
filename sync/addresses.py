"""The addresses that a device is given: absolute, percent-encoded, with its own key in them.

List and manifest name one version of a form, never "the current one": a version published
between two requests of a phone would otherwise give it the form of one and the files of the
other (openrosa.md SY13).
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from server.projects.device_setup import draft_address, server_address

# How an empty version is written in a path, as in Central's (FD09).
NO_VERSION = "___"


@dataclass(frozen=True, slots=True)
class Addresses:
    """The addresses of one project for one device."""

    base: str  # "https://so-xa.example.vn", no slash at its end
    token: str  # "" for a device that has a user name and password
    project_id: int

    @property
    def server(self) -> str:
        """Return what the device has as its server address."""
        return server_address(self.base, self.token, self.project_id)

    def xform(self, form_id: str, version: str) -> str:
        """Return where the XForm of a version is."""
        return f"{self._version(form_id, version)}.xml"

    def manifest(self, form_id: str, version: str) -> str:
        """Return where the list of a version's files is."""
        return f"{self._version(form_id, version)}/manifest"

    def attachment(self, form_id: str, version: str, name: str) -> str:
        """Return where one file of a version is."""
        return f"{self._version(form_id, version)}/attachments/{_segment(name)}"

    def integrity(self, form_id: str, version: str, list_name: str) -> str:
        """Return where to ask which entities of a list are deleted."""
        return f"{self._version(form_id, version)}/lists/{_segment(list_name)}/integrity"

    def _version(self, form_id: str, version: str) -> str:
        part = _segment(version) if version else NO_VERSION
        return f"{self.server}/forms/{_segment(form_id)}/versions/{part}"


@dataclass(frozen=True, slots=True)
class DraftAddresses:
    """The addresses of a draft. All of them die with its token, so none names a version."""

    base: str
    token: str
    project_id: int
    form_id: str

    @property
    def server(self) -> str:
        """Return what a device has as its server address while it tries the draft."""
        return draft_address(self.base, self.token, self.project_id, self.form_id)

    def xform(self) -> str:
        """Return where the draft's XForm is."""
        return f"{self.server}.xml"

    def manifest(self) -> str:
        """Return where the list of its files is."""
        return f"{self.server}/manifest"

    def attachment(self, name: str) -> str:
        """Return where one of its files is."""
        return f"{self.server}/attachments/{_segment(name)}"


def _segment(text: str) -> str:
    """Encode one path segment, slashes included: ids and versions are the designer's own text."""
    return quote(text, safe="")
