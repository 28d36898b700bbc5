"""What changed from one version of a form to another, from the workbooks they were made of."""

from __future__ import annotations

from server import blobs
from server.forms.difference import Difference, difference
from server.forms.models import Definition


def changes(old: Definition, new: Definition) -> Difference | None:
    """Return it; None where one of them was not made of a workbook.

    Both workbooks are read, which takes a tenth of a second and more for a large form.
    """
    if not old.workbook_sha256 or not new.workbook_sha256:
        return None
    return difference(_workbook(old), _workbook(new))


def _workbook(definition: Definition) -> bytes:
    with blobs.open_blob(definition.workbook_sha256) as file:
        return file.read()
