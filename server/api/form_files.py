"""What a version of a form came from and what it needs, byte for byte."""

from __future__ import annotations

from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response

from server import blobs
from server.api import people, problems, stored
from server.api.files import named, table
from server.entities.rendering import Scope
from server.forms.desk_problems import AttachmentMissing
from server.forms.models import AttachmentSource, Definition, Draft, FormVersion
from server.inspections import lists
from server.projects.models import Role


def workbook(version: Definition, form_id: str) -> Response:
    """Return the workbook that a version came from. Raises NotFound where it came as XML."""
    if not version.workbook_sha256:
        raise problems.NotFound
    with blobs.open_blob(version.workbook_sha256) as file:
        return Response(file.read(), headers=named(f"{form_id}.xlsx"))


def file_of(request: Request, version: FormVersion | Draft, name: str) -> HttpResponseBase:
    """Return a file that a version needs; a list that the server makes, as it is now, to managers.

    All of it, where each device gets its own rows of it. Raises AttachmentMissing.
    """
    project_id = version.form.project_id
    file = version.attachments.filter(name=name).first()
    if file is not None and file.sha256:
        size, kind = file.size or 0, file.content_type
        wanted = stored.Download(file.sha256, size, name, kind, is_served=True)
        return stored.blob(request, wanted)
    is_list = file is not None and file.source != AttachmentSource.FILE
    is_manager = people.member(request, project_id).role == Role.MANAGER
    if file is None or not is_list or not is_manager:
        raise AttachmentMissing(form_id=version.form.form_id, name=name)
    content = lists.rendered(file, project_id, scope=Scope(frozenset(), None)).content
    return table(request, content, name)
