"""Where submissions say that they are: their answers to one question about a place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any  # GeoJSON

from django.db.models import QuerySet

from server.errors import Problem
from server.forms import schema
from server.forms.models import Form, FormVersion
from server.forms.schema import Field, Schema
from server.submissions.geometry import GEO_TYPES, geojson
from server.submissions.instance import answers, parse
from server.submissions.models import Submission, SubmissionVersion


class PlaceUnknown(Problem):
    """A path that leads to no question about a place, or into a repeat."""

    code = "submission.place_unknown"
    vi = "«{path}» không phải câu hỏi về vị trí nằm ngoài phần lặp. Các câu dùng được: {known}."
    en = "{path!r} is no question about a place outside repeats. Those there are: {known}."
    central = 400.8


def features(form: Form, found: QuerySet[Submission], path: str) -> Iterator[dict[str, Any]]:
    """Give a GeoJSON feature for each submission that answers with a place, in their order.

    path: of the question, as OData writes it, `/h/h_gps`; "" for the first outside repeats of each
    version. Encrypted submissions say nothing. Raises PlaceUnknown before the first is given.
    """
    stored = FormVersion.objects.filter(form=form).values_list("pk", "schema")
    schemas = {pk: schema.load(json) for pk, json in stored}
    rows = found.values_list(
        "instance_id", "current_version__form_version", "current_version__xml"
    ).filter(current_version__is_encrypted=False)
    return _given(rows.iterator(chunk_size=500), schemas, path)


def of_version(version: SubmissionVersion, path: str) -> Iterator[dict[str, Any]]:
    """Give the feature of one version, or none. path: as above. Raises PlaceUnknown."""
    form_version = version.form_version
    if version.is_encrypted or form_version is None:
        return iter(())
    row = (version.instance_id, form_version.pk, bytes(version.xml))
    return _given([row], {form_version.pk: schema.load(form_version.schema)}, path)


_Row = tuple[str, int, bytes | memoryview]


def _given(rows: Iterable[_Row], schemas: dict[int, Schema], path: str) -> Iterator[dict[str, Any]]:
    wanted = path.strip("/")
    if wanted:
        _refuse_unknown(wanted, schemas)
    return _features(rows, {pk: _asked(of, wanted) for pk, of in schemas.items()}, schemas)


def _features(
    rows: Iterable[_Row], asked: dict[int, Field | None], schemas: dict[int, Schema]
) -> Iterator[dict[str, Any]]:
    repeats = {
        pk: frozenset(field.path for field in of.fields if field.is_repeat)
        for pk, of in schemas.items()
    }
    for instance_id, pk, xml in rows:
        field = asked[pk]
        if field is None:
            continue
        text = answers(parse(bytes(xml)).root, repeats[pk]).flat.get(field.path, "")
        geometry = geojson(text, field.type)
        if geometry is not None:
            properties = {"fieldpath": f"/{field.path}"}
            yield {
                "type": "Feature",
                "id": instance_id,
                "geometry": geometry,
                "properties": properties,
            }


def _places(of: Schema) -> list[Field]:
    return [field for field in of.fields if field.type in GEO_TYPES and not field.repeat]


def _asked(of: Schema, path: str) -> Field | None:
    found = [field for field in _places(of) if path in ("", field.path)]
    return found[0] if found else None


def _refuse_unknown(path: str, schemas: dict[int, Schema]) -> None:
    known = {field.path for of in schemas.values() for field in _places(of)}
    if path not in known:
        listed = ", ".join(f"/{one}" for one in sorted(known))
        raise PlaceUnknown(path=path[:200], known=listed or "(không có)")
