"""Inspections as points on a map: GeoJSON (RFC 7946), a feature a line, (lon, lat) degrees WGS 84.

For who answers for the records, where the phone was. De-identified, the middle of the
commune: a point would lead to a house.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from server.communes.geometry import centres
from server.forms.eras import UNVERIFIED_NOTE, standing_note
from server.inspections.commune_rows import LABELS
from server.reports.records import Keys
from server.statements import all_rows

Place = tuple[float, float]  # lon, lat
_BATCH = 500  # records
_DIGITS = 6  # of a degree: 11 cm

_FETCH = """
SELECT s.instance_id, s.review_state, i.unit_id, unit.code, unit.name, i.visit_date, i.year,
  coalesce(i.period, ''), coalesce(i.result, ''),
  coalesce(i.criteria_set, ''), coalesce(i.awaited_set, ''), coalesce(i.is_provisional, false),
  coalesce(sender.team, ''),
  i.lon, i.lat, i.accuracy_m, coalesce(i.gps_status, ''),
  (SELECT NOT bool_and(f.is_verified) FROM inspections_finding f WHERE f.inspection_id = i.id),
  (SELECT json_object_agg(f.condition, f.status ORDER BY f.position)
    FROM inspections_finding f WHERE f.inspection_id = i.id)
FROM unnest(%s::bigint[]) WITH ORDINALITY AS asked (id, place)
JOIN submissions_submission s ON s.id = asked.id
JOIN submissions_submissionversion v ON v.id = s.current_version_id
LEFT JOIN projects_appuser sender ON sender.id = v.app_user_id
LEFT JOIN inspections_inspection i ON i.submission_id = s.id
LEFT JOIN communes_adminunit unit ON unit.uid = i.unit_id
ORDER BY asked.place
"""


def collection(keys: Keys, *, is_deidentified: bool) -> Iterator[bytes]:
    """Yield a FeatureCollection of some records; without a place, a feature has no geometry.

    is_deidentified: places are the communes', days are months, nothing names a record or a team.
    """
    yield b'{"type":"FeatureCollection","features":[\n'
    told = partial(_deidentified, centres()) if is_deidentified else _full
    mark = b""
    for start in range(0, len(keys), _BATCH):
        rows = all_rows(_FETCH, [keys[start : start + _BATCH].tolist()])
        features = [told(row) for row in rows]
        if features:
            yield mark + b",\n".join(map(_line, features))
            mark = b",\n"
    yield b"\n]}\n" if mark else b"]}\n"


def _full(row: Sequence[Any]) -> dict[str, Any]:
    instance_id, state, *_, team, lon, lat, accuracy_m, gps_status, _, _findings = row
    place = None if lon is None or lat is None else (lon, lat)
    about = {
        "instanceId": instance_id,
        "reviewState": state,
        **_known(row),
        "visitDate": None if row[5] is None else row[5].isoformat(),
        "team": team or None,
        "accuracyM": accuracy_m,
        "gpsStatus": gps_status or None,
    }
    return _feature(place, about)


def _deidentified(middles: Mapping[str, Place], row: Sequence[Any]) -> dict[str, Any]:
    unit, visited = row[2], row[5]
    place = middles.get(unit)
    month = None if visited is None else f"{visited:%Y-%m}"
    return _feature(place, {**_known(row), "visitMonth": month})


def _known(row: Sequence[Any]) -> Mapping[str, Any]:
    _, _, _, code, name, _, year, period, result, judged_by, awaited, is_provisional, *_ = row
    any_unverified, findings = row[-2:]
    return {
        "communeCode": code,
        "commune": name,
        "year": year,
        "period": period or None,
        "result": result or None,
        "resultLabel": LABELS.get(result),
        "criteriaSet": judged_by or None,
        "note": standing_note(judged_by, awaited, is_provisional=is_provisional),
        "findings": findings or {},
        "findingsNote": UNVERIFIED_NOTE if any_unverified else "",
    }


def _feature(place: Place | None, about: Mapping[str, Any]) -> dict[str, Any]:
    geometry = None
    if place is not None:
        lon, lat = place
        geometry = {"type": "Point", "coordinates": [round(lon, _DIGITS), round(lat, _DIGITS)]}
    return {"type": "Feature", "geometry": geometry, "properties": about}


def _line(feature: Mapping[str, Any]) -> bytes:
    return json.dumps(feature, ensure_ascii=False, separators=(",", ":")).encode()
