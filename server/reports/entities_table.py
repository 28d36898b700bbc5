"""The entities of a list as a table, with the columns of ODK Central."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from server.inspections.entity_desk import Told, maker_id
from server.reports.summary_table import safe

_BEFORE = ("__id", "label")
_AFTER = ("__createdAt", "__creatorId", "__creatorName", "__updates", "__updatedAt", "__version")


@dataclass(frozen=True, slots=True)
class Line:
    """One entity."""

    told: Told
    creator_name: str
    is_withheld: bool  # its words are kept from the reader

    def cells(self, columns: Sequence[str]) -> list[str]:
        """Return its cells."""
        entity = self.told.entity
        data = {} if self.is_withheld else entity.data
        return [
            str(entity.uuid),
            "" if self.is_withheld else entity.label,
            *(str(data.get(name, "")) for name in columns),
            _written(entity.created_at),
            str(maker_id(self.told.first)),
            self.creator_name,
            str(entity.version - 1),
            _written(entity.updated_at) if entity.version > 1 else "",
            str(entity.version),
        ]


def _written(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def as_csv(columns: Sequence[str], lines: Iterable[Line]) -> str:
    """Return the table: one header, one line an entity; no cell that a spreadsheet would run."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow((*_BEFORE, *columns, *_AFTER))
    writer.writerows([safe(cell) for cell in line.cells(columns)] for line in lines)
    return out.getvalue()
