"""The page of a form: what it says, and that it is not stale."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from server.forms.management.commands import questionnaire
from server.forms.questionnaire import markdown
from tests.builders import workbook

FORM = """
| survey   | type            | name  | label::Tiếng Việt (vi) | label::English (en) | required | relevant     | constraint | constraint_message::Tiếng Việt (vi) | calculation | sensitivity | evidence_for |
|          | today           | today |                        |                     |          |              |            |                                     |             | internal    |              |
|          | begin_group     | a     | Kế hoạch               | Plan                |          |              |            |                                     |             |             |              |
|          | select_one ynu  | q     | Có **kế hoạch**?       | A plan?             | yes      |              |            |                                     |             | public      | A1           |
|          | integer         | n     | Số                     |                     |          | ${q} = 'yes' | . > 0      | Phải lớn hơn 0.                     |             | restricted  | A1           |
|          | select_one ev4  | ev    | Căn cứ                 |                     |          |              |            |                                     |             | public      | A1           |
|          | end_group       |       |                        |                     |          |              |            |                                     |             |             |              |
|          | calculate       | half  |                        |                     |          |              |            |                                     | ${n} div 2  | public      |              |
|          | calculate       | f_a1  |                        |                     |          |              |            |                                     |             | public      | A1           |
| choices  | list_name | name | label::Tiếng Việt (vi) |
|          | ynu       | yes  | Có                     |
|          | ynu       | no   | Không                  |
| settings | form_title | form_id | version |
|          | Thử        | thu     | 3       |
| findings | code | label::Tiếng Việt (vi) | rule | value | threshold  | evidence | applies | core | legal_basis | verified |
|          | A1   | Có kế hoạch            | min  | n     | 12; h1=6   | ev       | q=yes   | yes  | NĐ 70/2008  | no       |
"""  # noqa: E501  a table is read across
PAGE = """# Thử

Form `thu`, version 3. Written by `manage.py questionnaire` from `forms/thu/thu.xlsx`: edit the workbook, never this page.

## Conditions

Core conditions decide the result; the others are shown beside it. What is not verified
rests on no original text yet and is printed as «tạm tính – chưa đối chiếu».

### A1. Có kế hoạch

- Rule: `n` ≥ 12 (h1: 6); evidence `ev`
- Applies where: `q=yes`
- Standing: core, not verified
- Legal basis: NĐ 70/2008

## Questions

`today` ← taken from the phone · sensitivity: internal

### Kế hoạch / Plan

Group `a`.

**Có kế hoạch?** · `q`

- English: A plan?
- Type: select_one `ynu`: Có · Không
- Required
- Evidence for: A1
- Sensitivity: public

**Số** · `n`

- Type: integer
- Asked when: `${q} = 'yes'`
- Constraint: `. > 0`
- Else: Phải lớn hơn 0.
- Evidence for: A1
- Sensitivity: restricted

**Căn cứ** · `ev`

- Type: select_one `ev4`
- Evidence for: A1
- Sensitivity: public

`half` ← `${n} div 2` · sensitivity: public

`f_a1` ← calculated from the conditions · evidence for: A1 · sensitivity: public

## Choice lists

### `ynu`

- `yes`: Có
- `no`: Không
"""  # noqa: E501  as a reader sees it


def test_a_workbook_reads_as_a_page() -> None:
    assert markdown(workbook(FORM)) == PAGE


def test_the_pages_in_docs_say_what_the_workbooks_say() -> None:
    """When this fails: manage.py questionnaire, look at the diff, commit the page."""
    pages = questionnaire.pages()

    assert "kt_18_5.md" in [target.name for _, target in pages]
    assert [
        target.name for source, target in pages if not questionnaire.is_current(source, target)
    ] == []


def test_a_stale_page_fails_the_check_and_is_written_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(questionnaire, "ROOT", tmp_path)
    source, page = tmp_path / "forms/thu/thu.xlsx", tmp_path / "docs/forms/thu.md"
    source.parent.mkdir(parents=True)
    source.write_bytes(workbook(FORM))

    with pytest.raises(CommandError, match=r"docs/forms/thu\.md"):
        call_command("questionnaire", "--check")
    call_command("questionnaire")
    call_command("questionnaire", "--check")

    assert page.read_text(encoding="utf-8") == PAGE
