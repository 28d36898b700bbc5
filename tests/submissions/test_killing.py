"""`kill -9` at any moment of `receive`: the phone sends again, and there is exactly one."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from django.db import connections

from server import blobs, submissions
from server.projects.models import Project
from server.submissions.intake import Receipt
from server.submissions.models import Submission, SubmissionAttachment, SubmissionVersion
from tests.submissions.builders import filled, photo, publish, send

WATCHED = (str(Path(submissions.__file__).parent), blobs.__file__)
EVERY = 7  # lines; every one was tried (docs/decisions/0001-raw-first.md), a sample keeps it short


@pytest.fixture
def project(transactional_db: None) -> Project:
    project = Project.objects.create(name="Bình đẳng giới")
    publish(project)
    return project


def post(project: Project, number: int) -> Receipt:
    """Send the n-th inspection with its own photo."""
    xml = filled(f"uuid:{number}", "<photo>1.jpg</photo>")
    return send(project, xml, photo("1.jpg", f"photo {number}".encode()))


def test_a_kill_at_any_line_and_a_re_send_make_exactly_one(project: Project) -> None:
    post(project, 0)  # what is read once in a process is read
    line, received = 1, 1

    while not post_and_die_at(line, project, received):
        receipt = post(project, received)
        assert receipt.missing == ()
        assert blobs.exists(blobs.measure(photo("", f"photo {received}".encode()).file).sha256)
        line, received = line + EVERY, received + 1

    assert received > 20
    assert counts() == (received + 1,) * 3


def test_a_kill_after_the_commit_and_before_the_answer_loses_nothing(project: Project) -> None:
    assert not post_and_die_at("commit", project, 1)
    assert counts() == (1, 1, 1)

    again = post(project, 1)

    assert not again.is_new
    assert counts() == (1, 1, 1)


def counts() -> tuple[int, int, int]:
    return (
        Submission.objects.filter(current_version__isnull=False).count(),
        SubmissionVersion.objects.count(),
        SubmissionAttachment.objects.count(),
    )


def post_and_die_at(moment: int | str, project: Project, number: int) -> bool:
    """Post in a process of its own that is killed at the n-th line of ours, or at the commit.

    Tells whether it finished before that.
    """
    connections.close_all()
    child = os.fork()
    if child == 0:
        if moment == "commit":
            sys.settrace(at_the_receipt)
        else:
            sys.settrace(at_line(int(moment)))
        post(project, number)
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


def kill() -> None:
    os.kill(os.getpid(), 9)


def at_line(line: int) -> Any:
    """Return a trace function (its type is the interpreter's own) that kills at the n-th line."""
    left = line

    def trace(frame: FrameType, event: str, _: object) -> Any:
        nonlocal left
        if not frame.f_code.co_filename.startswith(WATCHED):
            return None
        if event == "line":
            left -= 1
            if left == 0:
                kill()
        return trace

    return trace


def at_the_receipt(frame: FrameType, event: str, _: object) -> None:
    """Kill when what was written is to be told: the statement that wrote it has been committed."""
    if frame.f_code.co_name == "_receipt":
        kill()
