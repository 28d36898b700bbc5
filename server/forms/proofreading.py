"""Read a workbook as its first critic: everything that is wrong with it, in one go.

Publishing stops at the first kind of trouble; a designer wants all of it, cell by cell, before
anybody is asked to publish. Needs no database and no Django.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from server.forms import entity_lists, lint, sandbox, schema, validate, workbook
from server.forms.compiled import CompiledForm
from server.forms.problems import Complaint, WorkbookRefused
from server.forms.workbook import Workbook


@dataclass(frozen=True, slots=True)
class Proof:
    """What was found; a form without complaints can be published."""

    complaints: tuple[Complaint, ...]  # in the order of the workbook's sheets and rows
    warnings: tuple[str, ...] = ()  # of pyxform and of ODK Validate, as they wrote them
    form_id: str = ""  # this and the rest are blank for a workbook that does not compile
    version: str = ""
    title: str = ""
    conditions: tuple[str, ...] = ()  # their codes
    indicators: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        """Tell whether nothing is wrong with it."""
        return not self.complaints


def proofread(data: bytes) -> Proof:
    """Compile a workbook, ask ODK Validate where there is a Java, and read it for privacy.

    What may not be asked and what is not translated is told even of a workbook that does not
    compile. Both languages of ours must be there. Raises NotAWorkbook, WorkbookTooBig,
    WorkbookUnsafe, CompilingTooDear, FormUnusable, EntitiesVersionUnknown, EntityNameInvalid.
    """
    book = workbook.read(data)
    languages = lint.check_languages(book)
    try:
        compiled = sandbox.compile_apart(data)
    except WorkbookRefused as refused:
        return Proof(_ordered(book, [*refused.complaints, *lint.check(book, ()), *languages]))
    schema.read(compiled.xform, compiled.extras)  # raises where phones could not open it
    entity_lists.read(compiled.xform)
    invalid, said = _validated(compiled)
    return Proof(
        complaints=_ordered(book, [*compiled.lint, *languages, *invalid]),
        warnings=(*compiled.warnings, *said),
        form_id=compiled.form_id,
        version=compiled.version,
        title=compiled.title,
        conditions=tuple(condition.code for condition in compiled.conditions.conditions),
        indicators=tuple(indicator.code for indicator in compiled.indicators),
    )


def _validated(compiled: CompiledForm) -> tuple[tuple[Complaint, ...], tuple[str, ...]]:
    if not validate.is_available():
        return (), (validate.SKIPPED,)
    try:
        return (), validate.check(compiled.xform, compiled.places)
    except WorkbookRefused as refused:
        return refused.complaints, ()


def _ordered(book: Workbook, complaints: Iterable[Complaint]) -> tuple[Complaint, ...]:
    sheets = list(book.sheets)

    def place(complaint: Complaint) -> tuple[int, int]:
        sheet = str(complaint.details["sheet"])
        known = sheets.index(sheet) if sheet in sheets else -1  # a sheet that is missing: first
        return known, int(str(complaint.details["row"] or 0))

    return tuple(sorted(complaints, key=place))
