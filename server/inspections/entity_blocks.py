"""From a submission to what it says about entities: only its form version knows both ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from server import xml
from server.entities import apply, blocks
from server.entities.apply import Asked, Source
from server.entities.blocks import Block
from server.entities.problems import EntityNotDeclared
from server.errors import Problem
from server.forms import entity_lists
from server.forms.entity_lists import DeclaredList
from server.forms.models import Form, FormVersion
from server.inspections.flag_kinds import KINDS
from server.inspections.flag_review import held_questions
from server.inspections.flags import RaisedFlag
from server.inspections.models import Flag
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
    mentioning = [one for one in submissions if _may_act(one)]
    done = apply.done([one.pk for one in mentioning])
    left = [one for one in mentioning if one.pk not in done]
    holding = _holding(left)
    if left:
        apply.apply([_asked(one, is_held=one.pk in holding) for one in left])


def first_asked(submission: Submission, flags: Iterable[RaisedFlag]) -> Asked | None:
    """Return what a submission asks for that has just come, flagged so; None for nothing at all.

    Nobody can have said anything of its flags yet.
    """
    if not _may_act(submission):
        return None
    asked = _asked(submission, is_held=any(KINDS[flag.code].holds for flag in flags))
    return asked if asked.blocks or asked.refused else None


def _may_act(submission: Submission) -> bool:
    version = submission.current_version
    return version is not None and not version.is_encrypted and may_mention(version)


def _holding(submissions: Sequence[Submission]) -> set[int]:
    """Return those of which somebody has to look at the words before others may read them."""
    flagged = Flag.objects.filter(
        code__in=[code for code, kind in KINDS.items() if kind.holds],
        inspection__submission__in=[one.pk for one in submissions],
    )
    suspect = set(flagged.values_list("inspection__submission", flat=True)) if submissions else ()
    return {one.pk for one in submissions if one.pk in suspect and held_questions(one)}


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


def _asked(submission: Submission, *, is_held: bool) -> Asked:
    version = submission.current_version
    if version is None:
        raise ValueError(f"submission {submission.pk} has no current version")
    read: tuple[Block, ...] = ()  # of one that was taken away, until it is brought back
    refused = None
    if submission.deleted_at is None:
        read, refused = _read(version, declared(version.form_version_id))
    source = Source(
        project_id=_project_of(submission.form_id),
        submission_id=submission.pk,
        app_user=f"u{version.app_user_id}" if version.app_user_id else "",
        is_approved=submission.review_state == ReviewState.APPROVED,
        # An entity goes to other phones; what may be personal data does not (domain.md §5.1.3).
        is_held=is_held,
    )
    return Asked(source, read, refused)


@lru_cache(maxsize=256)
def _project_of(form_id: int) -> int:
    """Return the project of a form; it never changes."""
    return int(Form.objects.values_list("project_id", flat=True).get(pk=form_id))
