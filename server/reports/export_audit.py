"""What the audit log says of files that people ask for: who, what, with which filters, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from server.projects import audit
from server.projects.audit import Actor, Object
from server.reports import selection
from server.reports.models import Export


def record(by: Actor, action: str, export: Export) -> None:
    """Write an entry in the caller's transaction, as its last statement.

    The purpose is in the words of whoever asked, who was told that it is kept.
    """
    audit.record(
        by,
        action,
        Object("export", export.pk, export.project_id),
        {
            "format": export.format,
            "profile": export.profile,
            "asked": _told(export.asked),
            "purpose": export.purpose,
            **({"rows": export.rows, "sha256": export.sha256} if export.sha256 else {}),
        },
    )


def _told(asked: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**asked, "selection": selection.without_words(asked["selection"])}
