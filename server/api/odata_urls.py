"""Addresses of the OData feeds, of forms and of entity lists."""

from __future__ import annotations

from django.urls import path, register_converter

from server.api import draft_feed, entity_feed, odata, odata_sets
from server.reports.odata.commune_sets import SETS


class MetadataConverter:
    """`$metadata`: Django would take a dollar in a pattern for one of the rule itself."""

    regex = r"\$metadata"

    def to_python(self, value: str) -> str:
        """Return it as it is."""
        return value

    def to_url(self, value: str) -> str:
        """Return it as it is."""
        return value


class SetConverter(MetadataConverter):
    """The tables of communes: no repeat is called so, for theirs begin with `Submissions`."""

    regex = "|".join(SETS)


register_converter(MetadataConverter, "metadata")
register_converter(SetConverter, "feedset")

# Its converter `text` is that of server.api.forms_urls.
_FEED = "v1/projects/<int:project_id>/forms/<text:form_id>.svc"
_DRAFT = "v1/projects/<int:project_id>/forms/<text:form_id>/draft.svc"
_LIST = "v1/projects/<int:project_id>/datasets/<text:name>.svc"

urlpatterns = [
    # Some clients put a slash behind the address of a feed; Central does not mind.
    path(f"{_LIST}/", entity_feed.EntityService.as_view(schema=None)),
    path(f"{_DRAFT}/", draft_feed.DraftService.as_view(schema=None)),
    path(f"{_FEED}/", odata.ServiceDocument.as_view(schema=None)),
    path(_LIST, entity_feed.EntityService.as_view()),
    path(f"{_LIST}/<metadata:document>", entity_feed.EntityMetadata.as_view()),
    path(f"{_LIST}/<path:resource>", entity_feed.EntityRows.as_view()),
    path(_DRAFT, draft_feed.DraftService.as_view()),
    path(f"{_DRAFT}/<metadata:document>", draft_feed.DraftMetadata.as_view()),
    path(f"{_DRAFT}/<path:resource>", draft_feed.DraftRows.as_view()),
    path(_FEED, odata.ServiceDocument.as_view()),
    path(f"{_FEED}/<metadata:document>", odata.Metadata.as_view()),
    path(f"{_FEED}/<feedset:feed_set>", odata_sets.SetRows.as_view()),
    path(f"{_FEED}/<path:resource>", odata.Rows.as_view()),
]
