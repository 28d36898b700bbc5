"""What the feed of a form has beside records: communes, their summary, recommendations.

Told as their addresses in JSON tell it, to whoever those tell it: rows know no answers.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from server.communes import features
from server.entities.recommendation_states import LIST
from server.forms import rules
from server.forms.fields import odata_name
from server.forms.models import Form
from server.inspections import recommendation_register as register
from server.inspections import summary
from server.inspections.commune_rows import LABELS, CommuneRow
from server.inspections.entity_part import named_part
from server.inspections.models import Inspection
from server.inspections.recommendations import COMMUNE
from server.plans.expected import expected
from server.projects.models import Membership
from server.reports.odata.filters import Comparison, Expression, Joined, Literal, Path
from server.reports.odata.flat import Asked, Row, Rows, chunk

_TEXT, _WHOLE, _REAL, _DAY = "Edm.String", "Edm.Int64", "Edm.Double", "Edm.Date"
_YES, _MOMENT, _SHAPE = "Edm.Boolean", "Edm.DateTimeOffset", "Edm.Geography"
_CHUNK = 500  # recommendations that are read at once
_CODES = 100_000_000  # more than any code of a commune
_PERIODS = (None, "fy", "h1")  # as the summary is asked for: the whole year, and what is of it

_COMMUNES = {
    "__id": _TEXT,
    "code": _TEXT,
    "name": _TEXT,
    "type": _TEXT,
    "validFrom": _DAY,
    "validTo": _DAY,
    "areaKm2": _REAL,
    "source": _TEXT,
    "isSchematic": _YES,
    "geometry": _SHAPE,
}
_SUMMARY = {
    "__id": _TEXT,
    "year": _WHOLE,
    "period": _TEXT,
    "communeUid": _TEXT,
    "communeCode": _TEXT,
    "communeName": _TEXT,
    "communeType": _TEXT,
    "status": _TEXT,
    "label": _TEXT,
    "inspections": _WHOLE,
    "instanceId": _TEXT,
    "visitDate": _DAY,
    "latestPeriod": _TEXT,
    "reviewState": _TEXT,
    "evidenceShare": _REAL,
    "gpsStatus": _TEXT,
    "criteriaSet": _TEXT,
    "note": _TEXT,
    "gpsValid": _WHOLE,
    "recommendationsOpen": _WHOLE,
    "recommendationsOverdue": _WHOLE,
    "reportH1": _TEXT,
    "reportFy": _TEXT,
    "coverage": _TEXT,
    "subjectsInspected": _WHOLE,
    "formerUnits": _TEXT,
}
# Of a recommendation, by column: the property of the entity.
_SAID = {
    "communeUid": COMMUNE,
    "condition": "dieu_kien",
    "kind": "loai",
    "text": "noi_dung",
    "owner": "chu_the",
    "severity": "muc_do",
    "evidence": "bang_chung",
}
_RECOMMENDATIONS = {
    "__id": _TEXT,
    "version": _WHOLE,
    "label": _TEXT,
    "communeCode": _TEXT,
    "communeName": _TEXT,
    **dict.fromkeys(_SAID, _TEXT),
    "state": _TEXT,
    "due": _DAY,
    "overdue": _YES,
    "conflict": _TEXT,
    "withheld": _YES,
    "createdAt": _MOMENT,
    "updatedAt": _MOMENT,
}


@dataclass(frozen=True, slots=True)
class Reading:
    """Who reads what. form: as `summary.published_form` gives it. on_date: whose communes."""

    membership: Membership
    form: Form
    on_date: dt.date
    only_approved: bool = False


@dataclass(frozen=True, slots=True)
class FlatSet:
    """One table. columns: their types by name."""

    columns: Callable[[Form], Mapping[str, str]]
    rows: Callable[[Reading, Asked], Rows]


def fields(columns: Mapping[str, str]) -> dict[str, str]:
    """Return those columns that a filter may look at: it has no word for true, none for a shape."""
    return {name: kind for name, kind in columns.items() if kind not in (_YES, _SHAPE)}


def described(form: Form) -> dict[str, Mapping[str, str]]:
    """Return the columns of all tables, for their description."""
    return {name: made.columns(form) for name, made in SETS.items()}


# Communes -----------------------------------------------------------------------------------------


def _communes(reading: Reading, asked: Asked) -> Rows:
    def all_below(after: int | None) -> Iterator[tuple[int, Row]]:
        shown = features.map_of(reading.on_date)
        drawn = shown if "geometry" in asked.names else None
        for number, feature in _numbered(features.features(reading.on_date, drawn)):
            if after is None or number < after:
                source = (shown.source, shown.is_schematic) if shown else (None, None)
                yield number, _commune(feature, *source)

    return Rows(lambda after, skip: islice(all_below(after), skip, None))


def _numbered(found: Iterator[features.Feature]) -> Iterator[tuple[int, features.Feature]]:
    """Number the communes of a day by their codes, from the lowest code on."""
    numbers = [(_CODES - int(feature.unit.code), feature) for feature in found]
    yield from sorted(numbers, key=lambda each: -each[0])


def _commune(feature: features.Feature, source: str | None, is_schematic: bool | None) -> Row:
    unit = feature.unit
    return {
        "__id": unit.uid,
        "code": unit.code,
        "name": unit.name,
        "type": unit.type,
        "validFrom": unit.valid_from,
        "validTo": unit.valid_to,
        "areaKm2": unit.area_km2,
        "source": source,
        "isSchematic": is_schematic,
        "geometry": json.loads(feature.geometry) if feature.geometry else None,
    }


# Their summary ------------------------------------------------------------------------------------


def _conditions(form: Form) -> Mapping[str, str]:
    """Return the columns of the conditions that the form judges now: their codes by name."""
    version = form.current_version
    found = rules.in_force(version).conditions if version else ()
    return {f"condition_{odata_name(each.code)}": each.code for each in found}


def _summary_columns(form: Form) -> Mapping[str, str]:
    return {**_SUMMARY, **dict.fromkeys(_conditions(form), _TEXT)}


def _summary(reading: Reading, asked: Asked) -> Rows:
    columns = _conditions(reading.form)
    made: dict[tuple[int, str | None], tuple[CommuneRow, ...]] = {}  # counted, then told

    def all_below(after: int | None) -> Iterator[tuple[int, Row]]:
        for table in _tables(reading.form, asked.filter):
            year, period = table
            block = (year * 10 - _PERIODS.index(period)) * _CODES
            if after is not None and block >= after:
                continue
            if table not in made:
                made[table] = _summarised(reading, year, period)
            rows = ((block + _CODES - int(row.code), row) for row in made[table])
            for number, row in sorted(rows, key=lambda each: -each[0]):
                if after is None or number < after:
                    conditions = {name: row.conditions.get(columns[name]) for name in columns}
                    yield number, {**_summary_row(row, year, period), **conditions}

    return Rows(lambda after, skip: islice(all_below(after), skip, None))


def _tables(form: Form, expression: Expression | None) -> Iterator[tuple[int, str | None]]:
    """Yield years and periods that something tells of, the newest first, that a filter leaves."""
    wanted = _pinned(expression)
    told = Inspection.objects.filter(form=form).counting().order_by("-year")
    years = [year for year in told.values_list("year", flat=True).distinct() if year is not None]
    for year in years:
        for period in _PERIODS:
            is_of_period = wanted.get("period", period) == period
            if is_of_period and float(wanted.get("year") or year) == year:
                yield year, period


def _pinned(expression: Expression | None) -> dict[str, str | None]:
    """Return which year and period every row has that a filter lets through, if it says so."""
    match expression:
        case Joined("and", parts):
            return {name: value for part in parts for name, value in _pinned(part).items()}
        case Comparison("eq", Path("year"), Literal("number", text)):
            return {"year": text}
        case Comparison("eq", Path("period"), Literal(kind, text)):
            return {"period": None if kind == "null" else text}
        case _:
            return {}


def _summarised(reading: Reading, year: int, period: str | None) -> tuple[CommuneRow, ...]:
    return summary.summarise(
        reading.form,
        year=year,
        period=period,
        on_date=reading.on_date,
        only_approved=reading.only_approved,
        expected=expected(reading.form.project_id, [year], reading.on_date),
    ).rows


def _summary_row(row: CommuneRow, year: int, period: str | None) -> dict[str, Any]:
    latest, outstanding = row.latest, row.recommendations
    former = [f"{each.uid}: {LABELS.get(each.status, each.status)}" for each in row.former_units]
    return {
        "__id": f"{year}/{period or 'all'}/{row.uid}",
        "year": year,
        "period": period,
        "communeUid": row.uid,
        "communeCode": row.code,
        "communeName": row.name,
        "communeType": row.type,
        "status": row.status or None,
        "label": LABELS.get(row.status, row.status) or None,
        "inspections": row.inspections,
        "instanceId": latest and latest.instance_id,
        "visitDate": latest and latest.visit_date,
        "latestPeriod": latest and latest.period,
        "reviewState": latest and latest.review_state,
        "evidenceShare": latest and latest.evidence_share,
        "gpsStatus": latest and latest.gps_status,
        "criteriaSet": latest and latest.criteria_set,
        "note": latest and latest.note,
        "gpsValid": row.gps.count,
        "recommendationsOpen": outstanding and outstanding.open,
        "recommendationsOverdue": outstanding and outstanding.overdue,
        "reportH1": row.reports.get("h1"),
        "reportFy": row.reports.get("fy"),
        "coverage": row.coverage,
        "subjectsInspected": row.subjects and row.subjects.inspected,
        "formerUnits": "; ".join(former) or None,
    }


# Recommendations ----------------------------------------------------------------------------------


def _recommendations(reading: Reading, asked: Asked) -> Rows:
    found = named_part(reading.membership, LIST, reading.form.form_id)
    many = chunk(asked, _CHUNK)

    def below(after: int | None, skip: int) -> Iterator[tuple[int, Row]]:
        while found is not None:
            told = register.rows(reading.membership, found.part(many, skip=skip, below=after))
            yield from ((row.entity.pk, _recommendation(row)) for row in told)
            if len(told) < many:
                return
            after, skip = told[-1].entity.pk, 0

    return Rows(below, lambda: 0 if found is None else found.count())


def _recommendation(row: register.Row) -> Row:
    entity, commune = row.entity, row.commune
    return {
        "__id": str(entity.uuid),
        "version": entity.version,
        "label": row.label,
        "communeCode": commune and commune.code,
        "communeName": commune and commune.name,
        **{column: row.said(name) or None for column, name in _SAID.items()},
        "state": row.state,
        "due": _day(row.said("han")),
        "overdue": row.is_overdue,
        "conflict": row.conflict or None,
        "withheld": row.is_withheld,
        "createdAt": entity.created_at,
        "updatedAt": entity.updated_at,
    }


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


SETS: Mapping[str, FlatSet] = {
    "Communes": FlatSet(lambda form: _COMMUNES, _communes),
    "Summary": FlatSet(_summary_columns, _summary),
    "Recommendations": FlatSet(lambda form: _RECOMMENDATIONS, _recommendations),
}
