"""Forms as tests need them: written as a table, compiled and stored as published."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from functools import cache

from pyxform.xls2xform import convert

from server import blobs
from server.forms import findings, schema
from server.forms.findings import Conditions
from server.forms.models import AttachmentSource, Form, FormAttachment, FormVersion
from server.projects.models import Project

HOUSEHOLD = """
| survey   |       |       |         |
|          | type  | name  | label   |
|          | text  | head  | Chủ hộ  |
|          | image | photo | Ảnh     |
|          | image | other | Ảnh nữa |
| settings |            |           |             |
|          | form_title | form_id   | version     |
|          | Hộ gia đình | household | 1          |
"""


def publish(
    project: Project,
    *,
    form_id: str = "household",
    version: str = "1",
    title: str = "Hộ gia đình",
    files: Mapping[str, bytes | None] | None = None,
) -> FormVersion:
    """Publish one version; a file of None is one that nobody uploaded yet."""
    xform = _compiled()
    # Ids, versions and titles that a table cannot hold are written in afterwards.
    xform = xform.replace('id="household"', f'id="{_escaped(form_id)}"')
    xform = xform.replace(' version="1"', f' version="{_escaped(version)}"')
    content = xform.encode()
    form, _ = Form.objects.get_or_create(project=project, form_id=form_id)
    made = FormVersion.objects.create(
        form=form,
        version=version,
        title=title,
        xform=content,
        md5=md5(content),
        schema=schema.dump(schema.read(content)),
        conditions=findings.dump(Conditions()),
    )
    for name, bytes_ in (files or {}).items():
        attach(made, name, bytes_)
    form.current_version = made
    form.save()
    return made


@cache
def _compiled() -> str:
    xform: str = convert(HOUSEHOLD, validate=False).xform
    return xform


def attach(version: FormVersion, name: str, content: bytes | None) -> FormAttachment:
    """Give a version a file."""
    kept = blobs.put(io.BytesIO(content)) if content is not None else None
    return FormAttachment.objects.create(
        form_version=version,
        name=name,
        kind="file",
        sha256=kept.sha256 if kept else "",
        md5=md5(content) if content is not None else "",
        size=kept.size if kept else None,
        content_type="image/png" if name.endswith(".png") else "text/csv",
    )


def attach_list(version: FormVersion, name: str, source: AttachmentSource) -> FormAttachment:
    """Give a version a list that the server renders."""
    return FormAttachment.objects.create(
        form_version=version, name=name, kind="file", source=source
    )


def filled(
    instance_id: str = "uuid:1",
    *,
    form_id: str = "household",
    version: str = "1",
    head: str = "Lan",
    photo: str = "",
    other: str = "",
    deprecated_id: str = "",
) -> bytes:
    """Fill the household form in."""
    deprecated = f"<deprecatedID>{deprecated_id}</deprecatedID>" if deprecated_id else ""
    return (
        f'<data id="{_escaped(form_id)}" version="{_escaped(version)}">'
        f"<head>{head}</head><photo>{photo}</photo><other>{other}</other>"
        f"<meta><instanceID>{instance_id}</instanceID>{deprecated}</meta></data>"
    ).encode()


def md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
