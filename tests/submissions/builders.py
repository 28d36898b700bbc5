"""A form written as a table, and instances of it as a phone would write them."""

from __future__ import annotations

import io
from collections.abc import Mapping
from functools import cache
from xml.sax.saxutils import escape, quoteattr

from pyxform.xls2xform import convert

from server.forms import findings, schema
from server.forms.findings import Conditions
from server.forms.models import Form, FormVersion
from server.projects.models import Project
from server.submissions.intake import Receipt, Sender, SentFile, receive

VISIT = """
| survey   |              |        |          |
|          | type         | name   | label    |
|          | text         | head   | Chủ hộ   |
|          | image        | photo  | Ảnh      |
|          | begin_group  | g      | Nhóm     |
|          | file         | paper  | Văn bản  |
|          | end_group    |        |          |
|          | begin_repeat | photos | Các ảnh  |
|          | image        | more   | Ảnh nữa  |
|          | end_repeat   |        |          |
| settings |              |         |         |
|          | form_title   | form_id | version |
|          | Chuyến thăm  | visit   | 1       |
"""


@cache
def compiled() -> tuple[bytes, Mapping[str, object]]:
    """Return the form's XForm and its schema as the table keeps it."""
    xform = convert(VISIT, validate=False).xform.encode()
    return xform, schema.dump(schema.read(xform))


def publish(project: Project, form_id: str = "visit", version: str = "1") -> FormVersion:
    """Publish the form under an id and version of the test's choice."""
    form, _ = Form.objects.get_or_create(project=project, form_id=form_id)
    xform, questions = compiled()
    published = FormVersion.objects.create(
        form=form,
        version=version,
        title="Chuyến thăm",
        xform=xform,
        md5="0" * 32,
        schema=questions,
        conditions=findings.dump(Conditions("", (), None, None, None)),
    )
    form.current_version = published
    form.save()
    return published


def filled(
    instance_id: str = "uuid:a",
    body: str = "<head>Lan</head>",
    *,
    deprecated_id: str = "",
    form_id: str = "visit",
    version: str = "1",
) -> bytes:
    """Return an instance as Collect writes it."""
    ids = f"<orx:instanceID>{escape(instance_id)}</orx:instanceID>" if instance_id else ""
    if deprecated_id:
        ids += f"<orx:deprecatedID>{escape(deprecated_id)}</orx:deprecatedID>"
    return (
        f"<?xml version='1.0' ?><data id={quoteattr(form_id)} version={quoteattr(version)}"
        f' xmlns:orx="http://openrosa.org/xforms">{body}<orx:meta>{ids}</orx:meta></data>'
    ).encode()


def encrypted(instance_id: str = "uuid:e") -> bytes:
    """Return the manifest of an encrypted instance with one photo."""
    return (
        b'<data xmlns="http://www.opendatakit.org/xforms/encrypted" id="visit" version="1"'
        b' encrypted="yes"><base64EncryptedKey>AA==</base64EncryptedKey>'
        b'<orx:meta xmlns:orx="http://openrosa.org/xforms"><orx:instanceID>'
        + instance_id.encode()
        + b"</orx:instanceID></orx:meta><media><file>b.jpg.enc</file></media>"
        b"<media><file>a.jpg.enc</file></media>"
        b"<encryptedXmlFile>submission.xml.enc</encryptedXmlFile></data>"
    )


def photo(name: str, content: bytes = b"jpeg", content_type: str = "image/jpeg") -> SentFile:
    """Return a file part."""
    return SentFile(name, io.BytesIO(content), content_type)


def send(project: Project, xml: bytes, *files: SentFile) -> Receipt:
    """Receive as from a device without a name."""
    return receive(xml, files, Sender(project.pk, None, "collect:abc", "Collect"))
