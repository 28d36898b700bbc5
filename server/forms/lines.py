"""One row of a sheet that names questions of the survey, with the means to complain about it.

The sheets `findings` and `indicators` are read with it. No Django.
"""

from __future__ import annotations

import difflib
import re

from server.forms.problems import CellMissing, CellUnreadable, ColumnMissing, Complaint
from server.forms.survey import Question, Survey
from server.forms.workbook import Row, Sheet

FIGURES = ("integer", "int", "decimal", "range", "calculate")

_LABEL = re.compile(r"label(?:::.*\((?P<language>[\w-]+)\))?")
_YES = {"yes": True, "TRUE": True, "no": False, "FALSE": False, "": False}


class Line:
    """One row; what is wrong with it is added to `complaints`."""

    def __init__(self, sheet: Sheet, row: Row, survey: Survey, complaints: list[Complaint]) -> None:
        self.row, self.survey, self.complaints = row, survey, complaints
        self._sheet = sheet

    def complain(self, kind: type[Complaint], header: str, **details: object) -> None:
        """Complain about the cell of this row under a header."""
        column = self._sheet.columns.get(header, "")
        place = {
            "sheet": self._sheet.name.lower(),
            "row": self.row.number,
            "column": column,
            "header": header,
        }
        self.complaints.append(kind(**place, **{"value": self.row.get(header), **details}))

    def unreadable(self, header: str, wanted: str, wanted_en: str) -> None:
        """Complain about a cell that cannot be understood, saying what is needed."""
        self.complain(CellUnreadable, header, wanted=wanted, wanted_en=wanted_en)

    def named(self, header: str, name: str, unknown: type[Complaint]) -> Question | None:
        """Return the question of a name; complain, offering the nearest, when there is none."""
        found = self.survey.questions.get(name)
        if found is None:
            near = difflib.get_close_matches(name, self.survey.questions, 1)
            self.complain(
                unknown,
                header,
                value=name,
                hint=f" (có phải «{near[0]}»?)" if near else "",
                hint_en=f" (is it “{near[0]}”?)" if near else "",
            )
        return found

    def flag(self, header: str) -> bool:
        """Return yes as true, no and blank as false; complain about anything else."""
        text = self.row.get(header)
        if text not in _YES:
            self.unreadable(header, "yes hoặc no", "yes or no")
        return _YES.get(text, False)

    def labels(self) -> dict[str, str]:
        """Return the label by language; complain when there is no Vietnamese one."""
        matches = ((_LABEL.fullmatch(header), text) for header, text in self.row.cells.items())
        found = {match["language"] or "vi": text for match, text in matches if match}
        if "vi" not in found:
            self.complain(CellMissing, "label::Tiếng Việt (vi)")
        return found

    def label_headers(self) -> list[str]:
        """Return the headers under which this row has a label."""
        return [header for header in self.row.cells if _LABEL.fullmatch(header)]


def missing_columns(sheet: Sheet, wanted: tuple[str, ...]) -> list[Complaint]:
    """Return a complaint for each column that a sheet with rows lacks."""
    if not sheet.rows:
        return []
    place = {"sheet": sheet.name.lower(), "row": 1}
    return [ColumnMissing(**place, header=h) for h in wanted if h not in sheet.columns]
