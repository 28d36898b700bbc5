"""The survey and choices sheets, as far as the findings and the schema need them.

pyxform reads them too, and knows far more; this reader only follows groups and repeats, so that a
question is known by its path and by the cell where it stands. No Django.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from server.forms.workbook import Row, Sheet, Workbook

CALCULATION = ("calculation", "calculate", "bind::calculate")
RELEVANT = ("relevant", "relevance", "bind::relevant")
_SELECTS = ("select_one", "select_multiple", "select one", "select multiple", "rank")


@dataclass(frozen=True, slots=True)
class Question:
    """One row of the survey that holds an answer."""

    name: str
    path: str  # below the root: "h/h_date"
    type: str  # the first word of the workbook's: integer, select_one, calculate …
    choice_list: str  # of a select; "" otherwise, and when the choices come from a file
    row: int
    calculation: str
    sensitivity: str
    evidence_for: str
    repeat: str  # path of the nearest repeat around it; "" for none
    is_conditional: bool  # it, or a group around it, has a relevance

    @property
    def is_repeated(self) -> bool:
        """Tell whether it stands in a repeat."""
        return bool(self.repeat)


@dataclass(frozen=True, slots=True)
class Survey:
    """The questions of a workbook, in order, and the choices they offer."""

    sheet: Sheet
    questions: Mapping[str, Question]  # by name; of two with one name, the first
    by_path: Mapping[str, Question]  # all of them
    rows: Mapping[str, int]  # of questions, groups and repeats, by path
    choices: Mapping[str, frozenset[str]]  # by list

    @property
    def calculation_header(self) -> str:
        """Return the title of the column that holds calculations, or "" when there is none."""
        return self.sheet.header(*CALCULATION)


@dataclass(frozen=True, slots=True)
class _Group:
    """A group or repeat that has been begun, or the form itself."""

    path: str
    repeat: str  # path of the nearest repeat: it, or one around it; "" for none
    is_conditional: bool

    def path_of(self, name: str) -> str:
        return f"{self.path}/{name}" if self.path else name


def read(workbook: Workbook) -> Survey:
    """Read the survey. What is wrong with groups and names is left for pyxform to say."""
    sheet = workbook.sheet("survey")
    groups = [_Group("", repeat="", is_conditional=False)]
    questions: dict[str, Question] = {}  # by path
    rows: dict[str, int] = {}
    for row in sheet.rows:
        words = row.get("type").lower().replace("_", " ").split()
        if not words:
            continue
        if words[0] == "end" and len(words) > 1:
            if len(groups) > 1:
                groups.pop()
            continue
        path = groups[-1].path_of(row.get("name"))
        rows.setdefault(path, row.number)
        if words[0] == "begin" and len(words) > 1:
            groups.append(_begun(row, path, groups[-1], is_repeat="repeat" in words))
        elif row.get("name"):
            questions.setdefault(path, _question(row, path, groups[-1]))
    named = {question.name: question for question in reversed(questions.values())}
    return Survey(sheet, named, questions, rows, _choices(workbook.sheet("choices")))


def original_language(workbook: Workbook) -> str:
    """Return the language that the others are translated from: `Tiếng Việt (vi)`.

    That is `default_language` of the settings, else the first that `survey` has labels in; "" when
    its labels name no language.
    """
    default = next((row.get("default_language") for row in workbook.sheet("settings").rows), "")
    headers = workbook.sheet("survey").columns
    labels = [header.partition("::")[2] for header in headers if header.startswith("label::")]
    return default if default in labels else next(iter(labels), "")


def _begun(row: Row, path: str, around: _Group, *, is_repeat: bool) -> _Group:
    return _Group(
        path,
        repeat=path if is_repeat else around.repeat,
        is_conditional=around.is_conditional or bool(row.get(*RELEVANT)),
    )


def _question(row: Row, path: str, group: _Group) -> Question:
    kind = row.get("type")
    select = next((s for s in _SELECTS if kind.startswith(f"{s} ")), "")
    return Question(
        name=row.get("name"),
        path=path,
        type=(select or kind.split()[0]).replace(" ", "_"),
        choice_list=kind[len(select) :].split()[0] if select else "",
        row=row.number,
        calculation=row.get(*CALCULATION),
        sensitivity=row.get("sensitivity"),
        evidence_for=row.get("evidence_for"),
        repeat=group.repeat,
        is_conditional=group.is_conditional or bool(row.get(*RELEVANT)),
    )


def _choices(sheet: Sheet) -> dict[str, frozenset[str]]:
    lists: dict[str, set[str]] = {}
    for row in sheet.rows:
        lists.setdefault(row.get("list_name", "list name"), set()).add(row.get("name", "value"))
    return {name: frozenset(values) for name, values in lists.items()}
