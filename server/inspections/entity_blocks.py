"""From a submission to what it says about entities: only its form version knows both ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from server import xml
from server.entities import blocks
from server.entities.apply import Source, apply
from server.entities.blocks import Block
from server.entities.problems import EntityNotDeclared
from server.errors import Problem
from server.forms import entity_lists
from server.forms.entity_lists import DeclaredList
from server.forms.models import FormVersion
from server.inspections import flag_review
from server.submissions.models import ReviewState, Submission, SubmissionVersion


@dataclass(frozen=True, slots=True)
class Declared:
    """What one form version says about entities."""

    lists: tuple[DeclaredList, ...]
    properties: Mapping[str, str]  # path of a question below the root -> property


@lru_cache(maxsize=256)
def declared(form_version_id: int) -> Declared:
    """Return what a form version says about entities; it never changes."""
    version = FormVersion.objects.only("entity_lists", "xform").get(pk=form_version_id)
    lists = entity_lists.load(version.entity_lists)
    return Declared(lists, entity_lists.saved_to(bytes(version.xform)) if lists else {})


def may_mention(version: SubmissionVersion) -> bool:
    """Tell whether an instance could say anything about entities, without reading it."""
    if not declared(version.form_version_id).lists:
        return False
    text = bytes(version.xml)
    return b"entity" in text or b"\0" in text  # UTF-16 spells everything otherwise


def follow_up(submissions: Iterable[Submission]) -> None:
    """Carry out what submissions say about entities, each once. The caller holds their locks.

    Whatever is wrong with the blocks of one is written down with it (EntitySource); it stands.
    """
    for submission in submissions:
        version = submission.current_version
        if version is None or version.is_encrypted:
            continue
        if not may_mention(version):
            continue
        said = declared(version.form_version_id)
        read, refused = _read(version, said)
        apply(read, _source(submission, version), refused)


def _read(version: SubmissionVersion, said: Declared) -> tuple[tuple[Block, ...], Problem | None]:
    try:
        found = blocks.read(xml.parse(bytes(version.xml)), said.properties)
        for block in found:
            _check_declared(block, said.lists)
    except Problem as problem:
        return (), problem
    return found, None


def _check_declared(block: Block, lists: Iterable[DeclaredList]) -> None:
    """Refuse what the form does not say it does (openrosa.md ET07)."""
    for known in lists:
        if (known.name, known.path) == (block.list_name, block.path) and (
            (known.can_create and block.does_create) or (known.can_update and block.does_update)
        ):
            return
    raise EntityNotDeclared(list=block.list_name)


def _source(submission: Submission, version: SubmissionVersion) -> Source:
    return Source(
        project_id=submission.form.project_id,
        submission_id=submission.pk,
        app_user=f"u{version.app_user_id}" if version.app_user_id else "",
        is_approved=submission.review_state == ReviewState.APPROVED,
        # An entity goes to other phones; what may be personal data does not (domain.md §5.1.3).
        is_held=bool(flag_review.held_questions(submission)),
    )
