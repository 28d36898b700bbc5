"""The indicators in a snapshot: frozen as they are, and shown as their readers may see them.

The hash of a snapshot is printed for everybody. Who knows all of its figures but one small count
could try the few numbers that it may be until the hash agrees; so where counts are sensitive the
content holds a seal that nobody can make without the server's key, and that stays inside with them.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.utils.crypto import salted_hmac

from server.forms.models import Form
from server.inspections import figures
from server.inspections.aggregate import Figure
from server.inspections.crosswalk import indicators_of
from server.inspections.figures import Asked, IndicatorTable
from server.inspections.printed import Printed
from server.inspections.readers import OPERATOR, Reader

WITHHELD = "chỉ người phụ trách đơn vị được xem số liệu nhạy cảm"
ABRIDGED = (
    "Bản này đã lược số liệu nhạy cảm mà người xem không được xem. "
    "Mã SHA-256 là của bản chốt đầy đủ, không phải của bản này."
)


def indicators(form: Form, asked: Asked) -> dict[str, Any] | None:
    """Return the approved indicators of a form by commune, exactly; None where it has none."""
    if not indicators_of(form):
        return None
    table = figures.figures(form, asked, OPERATOR, k=settings.SMALL_CELL_K)
    return {
        "units_on": table.units_on,
        "indicators": [
            asdict(each) | {"is_sensitive": each.code in table.sensitive}
            for each in table.indicators
        ],
        "rows": _rows(table),
        "province": {"inspections": table.inspections, "figures": _figures(table.province)},
    }


def seal(content: bytes, forms: list[dict[str, Any]]) -> str:
    """Return what makes the hash of a snapshot useless for guessing; "" where nothing is hidden.

    Same content, same seal, as long as the server keeps its key. forms: those in the content.
    """
    if not any(_sensitive(each) for each in forms):
        return ""
    return salted_hmac("snapshot", content, algorithm="sha256").hexdigest()


def is_for_some(content: bytes) -> bool:
    """Tell whether a snapshot holds figures that not every reader may see."""
    return any(_sensitive(form) for form in json.loads(content)["forms"])


def shown(content: bytes, sha256: str, reader: Reader) -> bytes:
    """Return a snapshot as somebody may see it; byte for byte where that is all of it.

    Else without the sensitive figures of other units than the reader's, with a word that says so.
    """
    if reader.sees_all or not is_for_some(content):
        return content
    kept = json.loads(content)
    for form in kept["forms"]:
        if hidden := _sensitive(form):
            form["indicators"] = _abridged(form["indicators"], hidden, reader)
    kept |= {"seal": "", "note": ABRIDGED, "sha256": sha256}
    return canonical(kept)


def canonical(content: Mapping[str, Any]) -> bytes:
    """Return JSON that is the same bytes for the same content (UTF-8)."""
    return json.dumps(
        content, default=str, ensure_ascii=False, sort_keys=True, separators=(",", ":")
    ).encode()


def _abridged(table: dict[str, Any], hidden: frozenset[str], reader: Reader) -> dict[str, Any]:
    return {
        **table,
        "rows": [
            row if _is_of(reader, row["units"]) else _without(row, hidden) for row in table["rows"]
        ],
        "province": _without(table["province"], hidden),
        "withheld": dict.fromkeys(hidden, WITHHELD),
    }


def _is_of(reader: Reader, uids: list[str]) -> bool:
    return bool(uids) and all(reader.sees(uid) for uid in uids)


def _without(line: dict[str, Any], hidden: frozenset[str]) -> dict[str, Any]:
    figures_ = {code: figure for code, figure in line["figures"].items() if code not in hidden}
    return {**line, "figures": figures_}


def _sensitive(form: Mapping[str, Any]) -> frozenset[str]:
    """Return the codes that were sensitive when a form was frozen; none in old snapshots."""
    table = form.get("indicators") or {"indicators": []}
    return frozenset(each["code"] for each in table["indicators"] if each["is_sensitive"])


def _rows(table: IndicatorTable) -> list[dict[str, Any]]:
    return [
        {
            "uid": row.plot.uid,
            "note": row.plot.note,
            "inspections": len(row.plot.counted),
            # Of whom the figures are: not the keys, they name workplaces.
            "units": sorted({key.split(" ")[0] for key in row.plot.counted}),
            "figures": _figures(row.figures),
        }
        for row in table.rows
    ]


def _figures(printed: Mapping[str, Printed]) -> dict[str, Any]:
    return {
        code: {
            "numerator": _exact(each.numerator.amount),
            "denominator": _exact(each.denominator.amount),
            "value": _exact(each.value.amount),
            "inspections": each.known,
            "by": {answer: _group(figure) for answer, figure in each.groups.items()},
        }
        for code, each in printed.items()
    }


def _group(figure: Figure) -> dict[str, Any]:
    return {
        "numerator": _exact(figure.numerator),
        "denominator": _exact(figure.denominator),
        "value": _exact(figure.value),
        "inspections": figure.known,
    }


def _exact(amount: float | None) -> float | int | None:
    """Return a number as JSON writes it in one way only: 3, not 3.0; beyond all numbers, none."""
    if amount is None or not math.isfinite(amount):
        return None
    return int(amount) if amount.is_integer() else amount
