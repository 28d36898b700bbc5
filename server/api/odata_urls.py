"""Addresses of the OData feeds."""

from __future__ import annotations

from django.urls import path, register_converter

from server.api import odata


class MetadataConverter:
    """`$metadata`: Django would take a dollar in a pattern for one of the rule itself."""

    regex = r"\$metadata"

    def to_python(self, value: str) -> str:
        """Return it as it is."""
        return value

    def to_url(self, value: str) -> str:
        """Return it as it is."""
        return value


register_converter(MetadataConverter, "metadata")

# Its converter `text` is that of server.api.forms_urls.
_FEED = "v1/projects/<int:project_id>/forms/<text:form_id>.svc"

urlpatterns = [
    path(_FEED, odata.ServiceDocument.as_view()),
    path(f"{_FEED}/<metadata:document>", odata.Metadata.as_view()),
    path(f"{_FEED}/<path:resource>", odata.Rows.as_view()),
]
