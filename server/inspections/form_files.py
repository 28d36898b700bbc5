"""The files that a form needs, for a person who opens it at a desk.

Lists have what falls into the person's reach; of lists that belong to single inspectors, what
belongs to the one whose record it is, and to nobody where there is none.
"""

from __future__ import annotations

from dataclasses import dataclass

from server.entities.rendering import Scope
from server.forms.models import AttachmentSource, Draft, FormVersion, NeededFile
from server.inspections import lists
from server.projects.models import Membership, Role


@dataclass(frozen=True, slots=True)
class FormFile:
    """A file of a form, with its bytes or the address of them."""

    content_type: str
    content: bytes | None  # of a list, rendered just now
    sha256: str  # blob of an uploaded file; "" for a list


def find(
    definition: FormVersion | Draft, name: str, membership: Membership, owner: str = ""
) -> FormFile | None:
    """Return a file of a version or a draft; None where it needs none such, or nobody gave it.

    owner: the user name of the inspector whose lists they are; "" for nobody.
    """
    needed = definition.attachments.filter(name=name).first()
    if needed is None:
        return None
    if needed.source != AttachmentSource.FILE:
        return FormFile("text/csv; charset=utf-8", _list(needed, membership, owner), "")
    return FormFile(needed.content_type, None, needed.sha256) if needed.sha256 else None


def _list(needed: NeededFile, membership: Membership, owner: str) -> bytes:
    is_limited = membership.role != Role.MANAGER
    uids = frozenset(membership.commune_uids if is_limited else ())
    scope = Scope(uids, owner)
    return lists.rendered(needed, membership.project_id, uids, scope=scope).content
