"""The addresses that a device is given: absolute, percent-encoded, with its own key in them.

List and manifest name one version of a form, never "the current one": a version published
between two requests of a phone would otherwise give it the form of one and the files of the
other (openrosa.md SY13).
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

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
        key = f"/key/{self.token}" if self.token else ""
        return f"{self.base}/v1{key}/projects/{self.project_id}"

    def xform(self, form_id: str, version: str) -> str:
        """Return where the XForm of a version is."""
        return f"{self._version(form_id, version)}.xml"

    def manifest(self, form_id: str, version: str) -> str:
        """Return where the list of a version's files is."""
        return f"{self._version(form_id, version)}/manifest"

    def attachment(self, form_id: str, version: str, name: str) -> str:
        """Return where one file of a version is."""
        return f"{self._version(form_id, version)}/attachments/{_segment(name)}"

    def _version(self, form_id: str, version: str) -> str:
        part = _segment(version) if version else NO_VERSION
        return f"{self.server}/forms/{_segment(form_id)}/versions/{part}"


def _segment(text: str) -> str:
    """Encode one path segment, slashes included: ids and versions are the designer's own text."""
    return quote(text, safe="")
