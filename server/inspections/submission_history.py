"""What happened to one submission, from the rows that say so."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any  # details, as they become JSON

from server.entities import failures
from server.entities.models import EntitySource, EntityVersion, SourceState
from server.forms import schema
from server.forms.models import FormVersion
from server.inspections import entity_desk, submission_desk
from server.projects.models import AppUser, User
from server.submissions.difference import Change, changes
from server.submissions.instance import parse
from server.submissions.models import Submission, SubmissionAttachment, SubmissionVersion

_FAILED = "entity.error"  # Central's word; the audit log has none, for nothing was changed


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that happened."""

    action: str  # as Central names it (openrosa.md §7)
    by: AppUser | User | None  # None: nobody known
    at: dt.datetime
    notes: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


def differences(submission: Submission) -> dict[str, tuple[Change, ...]]:
    """Return what each edit changed, by its instanceID, the newest first.

    Encrypted versions cannot be compared, and change nothing that could be told.
    """
    rows = list(submission.versions.order_by("pk"))
    stored = FormVersion.objects.filter(pk__in={row.form_version_id for row in rows})
    schemas = {pk: schema.load(json) for pk, json in stored.values_list("pk", "schema")}

    def compared(old: SubmissionVersion, new: SubmissionVersion) -> tuple[Change, ...]:
        if old.is_encrypted or new.is_encrypted:
            return ()
        both = [schemas[pk] for pk in dict.fromkeys((old.form_version_id, new.form_version_id))]
        return changes(parse(bytes(old.xml)).root, parse(bytes(new.xml)).root, both)

    found = {new.instance_id: compared(old, new) for old, new in pairwise(rows)}
    return dict(reversed(found.items()))


def acts(submission: Submission, language: str = "vi") -> list[Act]:
    """Return who did what, the newest first: sent, edited, completed, decided; and to entities.

    language: of what is wrong with what it says about entities.
    """
    found = [_arrived(version) for version in submission_desk.versions(submission)]
    found += [
        Act(
            "submission.update",
            event.by,
            event.at,
            event.reason,
            {"reviewState": event.to_state, "versionInstanceId": event.version.instance_id},
        )
        for event in submission.review_events.select_related("version", "by").defer("version__xml")
    ]
    late = SubmissionAttachment.objects.filter(
        version__submission=submission, is_carried_over=False
    ).select_related("version")
    found += [
        Act(
            "submission.attachment.update",
            None,
            file.received_at,
            "",
            {"name": file.name, "versionInstanceId": file.version.instance_id},
        )
        for file in late.defer("version__xml")
        if file.received_at != file.version.received_at
    ]
    found += _of_entities(submission, language)
    return sorted(found, key=lambda act: act.at, reverse=True)


def _of_entities(submission: Submission, language: str) -> Iterator[Act]:
    versions = EntityVersion.objects.filter(submission_id=submission.pk)
    told = list(versions.select_related("entity__entity_list").order_by("pk"))
    makers = entity_desk.makers(submission.form.project_id, told)
    for version in told:
        action = "entity.update.version" if version.number > 1 else "entity.create"
        entity = version.entity
        named = {"uuid": str(entity.uuid), "dataset": entity.entity_list.name}
        yield Act(action, makers.get(version.pk), version.at, "", {"entity": named})
    failed = EntitySource.objects.filter(submission_id=submission.pk, state=SourceState.FAILED)
    for source in failed:
        said = {"nature": source.failure, "errorMessage": failures.sentence(source, language)}
        yield Act(_FAILED, None, source.since, "", said)


def _arrived(version: SubmissionVersion) -> Act:
    by = version.app_user or version.person
    action = "submission.update.version" if version.deprecated_id else "submission.create"
    return Act(
        action,
        by,
        version.received_at,
        version.edit_reason,
        # As Central names it, and as the other acts do.
        {"instanceId": version.instance_id, "versionInstanceId": version.instance_id},
    )
