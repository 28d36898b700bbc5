"""Logs can be shown to anyone."""

from __future__ import annotations

import io
import logging

import pytest
from django.db import DatabaseError

from server.logs import MaskKeys, mask
from server.projects.models import Membership, Project, User

KEY = "a!b$c" * 12 + "abcd"


@pytest.mark.parametrize(
    "line",
    [
        f"GET /v1/key/{KEY}/projects/1/formList 200",
        f"/v1/test/{KEY}/projects/1/forms/a/draft",
        f'"GET /v1/projects/1/formList?st={KEY}&verbose=true"',
        f"x?deviceID=1&st={KEY}",
        f"POST /dat-mat-khau/{KEY} 303",  # sets a password
        f"POST /loi-moi/{KEY} 303",  # lets somebody in
    ],
)
def test_no_line_shows_a_devices_key(line: str) -> None:
    assert KEY not in mask(line)
    assert "***" in mask(line)


def test_a_strangers_words_stay_on_one_line() -> None:
    record = logging.makeLogRecord({"msg": "GET %s", "args": ("/a\r\nERROR \x1b[31m\u2028x",)})

    MaskKeys().filter(record)

    assert record.getMessage() == "GET /a\\r\\nERROR \\x1b[31m\\u2028x"


@pytest.mark.django_db
def test_no_traceback_shows_a_row_that_the_database_refused() -> None:
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.addFilter(MaskKeys())
    log = logging.Logger("of this test")
    log.addHandler(handler)
    user = User.objects.create(email="lan@example.org", display_name="Lan")
    project = Project.objects.create(name="Thái Nguyên")
    answer = " ".join(("một", "câu", "trả", "lời"))  # so that no line of code shows it whole

    with pytest.raises(DatabaseError, match=answer) as refused:
        Membership.objects.create(project=project, user=user, role=answer)
    log.error("refused: %s", refused.value, exc_info=refused.value)

    assert "Traceback" in out.getvalue()
    assert answer not in out.getvalue()
