"""What one workbook compiles to. No Django, no pyxform: this crosses between processes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from server.forms.findings import Conditions
from server.forms.indicators import Indicators
from server.forms.problems import Complaint


@dataclass(frozen=True, slots=True)
class Extra:
    """What the survey says about a question in the columns that pyxform ignores."""

    sensitivity: str = ""  # public, internal, restricted; "" when nothing is said
    evidence_for: tuple[str, ...] = ()  # codes of conditions


@dataclass(frozen=True, slots=True)
class Places:
    """Where things stand in the survey sheet, to say where a complaint belongs."""

    rows: Mapping[str, int] = field(default_factory=dict)  # of questions and groups, by path
    columns: Mapping[str, str] = field(default_factory=dict)  # letters, by header

    def at(self, path: str, header: str) -> dict[str, object]:
        """Return the details of a Complaint about one cell; row 0 for a path that is not there."""
        row = self.rows.get(path, 0)
        column = self.columns.get(header, "") if row else ""
        return {"sheet": "survey", "row": row, "column": column, "header": header}


@dataclass(frozen=True, slots=True)
class CompiledForm:
    """A form, ready to be checked and stored."""

    form_id: str
    version: str  # the designer's own string; empty when the sheet gives none
    title: str
    xform: bytes
    itemsets: bytes | None  # itemsets.csv: external choices, when the workbook has any
    warnings: tuple[str, ...]  # pyxform's, as it wrote them
    conditions: Conditions
    filled: bytes  # the workbook with its calculations
    places: Places = field(default_factory=Places)
    extras: Mapping[str, Extra] = field(default_factory=dict)  # by path
    indicators: Indicators = ()
    lint: tuple[Complaint, ...] = ()  # what it may not ask or fails to say: never published so
