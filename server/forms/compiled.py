"""What one workbook compiles to. No Django, no pyxform: this crosses between processes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from server.forms.findings import Conditions


@dataclass(frozen=True, slots=True)
class Extra:
    """What the survey says about a question in the columns that pyxform ignores."""

    sensitivity: str = ""  # public, internal, restricted; "" when nothing is said
    evidence_for: tuple[str, ...] = ()  # codes of conditions


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
    rows: Mapping[str, int] = field(default_factory=dict)  # of the survey, by path
    extras: Mapping[str, Extra] = field(default_factory=dict)  # by path
