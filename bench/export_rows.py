"""The records that exports are measured with; in whatever database the settings name.

40 questions with 12 rows of a repeat each, as ODK Central's figure is of.
"""

from __future__ import annotations

import hashlib
from uuid import uuid4

from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from server.forms import schema
from server.forms.models import Form, FormVersion
from server.projects import accounts
from server.projects.models import Project
from server.submissions.models import Submission, SubmissionVersion
from tests import builders

QUESTIONS, REPEATS = 40, 12
_AT_ONCE = 1_000


def fill(many: int, project_id: int | None = None) -> None:
    """Make the tables, and as many records of the form `do` as are missing to `many`.

    project_id: of a project that is there; None makes one the first time.
    """
    call_command("migrate", verbosity=0)
    form = Form.objects.filter(form_id="do").first()
    if form is None:
        project = (
            accounts.create_project("Thái Nguyên")
            if project_id is None
            else Project.objects.get(pk=project_id)
        )
        version = builders.form(project, _workbook())
    else:
        assert form.current_version is not None
        version = form.current_version
    there = Submission.objects.filter(form=version.form_id).count()
    for start in range(there, many, _AT_ONCE):
        _store(version, min(_AT_ONCE, many - start))
    with connection.cursor() as cursor:
        cursor.execute(_CURRENT)
        cursor.execute("VACUUM ANALYZE")
    connection.close()


_CURRENT = """
UPDATE submissions_submission s SET current_version_id = v.id
FROM submissions_submissionversion v
WHERE v.submission_id = s.id AND s.current_version_id IS NULL
"""


def _workbook() -> str:
    kinds = ("text", "integer", "date", "select_one ynu")
    asked = "\n".join(
        f"| | {kinds[n % len(kinds)]} | q_{n} | Câu hỏi {n} |" for n in range(QUESTIONS)
    )
    return f"""
| survey | type | name | label::Tiếng Việt (vi) |
| | begin_group | g | Chung |
{asked}
| | end_group | | |
| | begin_repeat | person | Người |
| | text | name | Tên |
| | integer | age | Tuổi |
| | text | note | Ghi chú |
| | end_repeat | | |
| choices | list_name | name | label::Tiếng Việt (vi) |
| | ynu | yes | Có |
| | ynu | no | Không |
| settings | form_id | form_title | version | default_language |
| | do | Đo | 1 | Tiếng Việt (vi) |
"""


def _filled(version: FormVersion, instance_id: str, number: int) -> bytes:
    answers = ("Đã kiểm tra hồ sơ số {n}", "{n}", "2026-05-20", "yes")
    fields = [f for f in schema.load(version.schema).fields if f.path.startswith("g/")]
    said = "".join(
        f"<{f.name}>{answers[at % len(answers)].format(n=number + at)}</{f.name}>"
        for at, f in enumerate(fields)
    )
    people = "".join(
        f"<person><name>Người số {number + n}</name><age>{20 + n}</age><note>Ổn</note></person>"
        for n in range(REPEATS)
    )
    return (
        f"<data id='do' version='1'><g>{said}</g>{people}"
        f"<meta><instanceID>{instance_id}</instanceID></meta></data>"
    ).encode()


def _store(version: FormVersion, many: int) -> None:
    now = timezone.now()
    names = [f"uuid:{uuid4()}" for _ in range(many)]
    submissions = Submission.objects.bulk_create(
        Submission(form_id=version.form_id, instance_id=name, created_at=now) for name in names
    )
    xmls = [_filled(version, name, number) for number, name in enumerate(names)]
    SubmissionVersion.objects.bulk_create(
        SubmissionVersion(
            submission=submission,
            form_id=version.form_id,
            form_version=version,
            instance_id=submission.instance_id,
            xml=xml,
            xml_sha256=hashlib.sha256(xml).hexdigest(),
            received_at=now,
        )
        for submission, xml in zip(submissions, xmls, strict=True)
    )
