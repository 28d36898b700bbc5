"""A definition as a program gives it: a workbook, or the XForm itself (openrosa.md §6.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.conf import settings

from server.forms import publish, xform
from server.forms.compiled import CompiledForm
from server.forms.desk_problems import (
    DefinitionUnreadable,
    FormIdInAddress,
    FormIdUnusable,
    MetaMissing,
    WarningsGiven,
    XFormRefused,
)
from server.forms.findings import Conditions
from server.forms.publish import CheckedForm, PreparedForm

_ZIP, _XML = b"PK\x03\x04", b"<"
_ADDRESSABLE = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,248}", re.ASCII)
_ENDINGS = (".xml", ".xls", ".xlsx")  # of addresses below `forms/`


@dataclass(frozen=True, slots=True)
class Given:
    """What came, by its bytes and not by what it is called."""

    content: bytes
    accepts_warnings: bool  # of the compiler


def prepared(given: Given, form_id: str | None = None) -> PreparedForm:
    """Check and store a definition, before any row; form_id: what it must say.

    An XForm is taken only with ACCEPT_XFORMS: what no form may ask (server.forms.lint) and who may
    see the answers stand in a workbook alone.
    Raises DefinitionUnreadable, XFormRefused, FormIdUnusable, FormIdInAddress, WarningsGiven,
    MetaMissing, and as publish.publish does.
    """
    content = given.content
    if content.startswith(_ZIP):
        checked, workbook = publish.check(content), content
        _refuse_warnings(checked, given)
    elif content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(_XML):
        if not settings.ACCEPT_XFORMS:
            raise XFormRefused
        checked, workbook = publish.check_compiled(_as_it_is(content)), None
    else:
        raise DefinitionUnreadable
    _refuse_id(checked.compiled.form_id, form_id)
    return publish.store(checked, workbook, {})


def _as_it_is(document: bytes) -> CompiledForm:
    form = xform.parse(document)
    if form.root.find("{*}meta/{*}instanceID") is None:
        raise MetaMissing
    return CompiledForm(
        form_id=form.form_id,
        version=form.version,
        title=form.title,
        xform=document,
        itemsets=None,
        warnings=(),
        conditions=Conditions(),
        filled=b"",
    )


def _refuse_warnings(checked: CheckedForm, given: Given) -> None:
    warnings = checked.compiled.warnings
    if warnings and not given.accepts_warnings:
        raise WarningsGiven(warnings)


def _refuse_id(found: str, wanted: str | None) -> None:
    if not _ADDRESSABLE.fullmatch(found) or found.lower().endswith(_ENDINGS):
        raise FormIdUnusable(form_id=found[:249])
    if wanted is not None and found != wanted:
        raise FormIdInAddress(found=found, form_id=wanted)
