"""What a form version asks, as pages show it: kept in memory, because no version ever changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from server.forms import outline, schema
from server.forms.models import Definition, FormVersion
from server.forms.outline import Outline
from server.forms.schema import Field, Schema

RESTRICTED = "restricted"


@dataclass(frozen=True, slots=True)
class Asked:
    """The questions of a form version, and how they are laid out."""

    title: str
    version: str
    schema: Schema
    outline: Outline
    fields: Mapping[str, Field]  # by path

    def is_restricted(self, path: str) -> bool:
        """Tell whether an answer is not for every look; nobody tagged what the form does not ask.

        Restricted too is what no question of the form has: it may be anything.
        """
        field = self.fields.get(path)
        return field is None or field.sensitivity == RESTRICTED


@lru_cache(maxsize=64)
def asked_by(form_version_id: int) -> Asked:
    """Return what a form version asks."""
    stored = FormVersion.objects.only("title", "version", "schema", "xform").get(pk=form_version_id)
    return asked_in(stored)


def asked_in(stored: Definition) -> Asked:
    """Return what a form version, or a draft, asks."""
    fields = schema.load(stored.schema)
    laid_out = outline.read(bytes(stored.xform))
    by_path = {field.path: field for field in fields.fields}
    return Asked(stored.title, stored.version, fields, laid_out, by_path)
