"""The addresses that devices use. Case counts; nothing ends in a slash (openrosa.md §10.9).

Form ids and versions are the designer's own text and may hold any character, a slash too; the
longer patterns stand first, so that each address means one thing. NUL is in none of them:
PostgreSQL cannot even look it up.
"""

from __future__ import annotations

from django.urls import include, path, re_path

from sync import drafts, views

_FORM = r"^forms/(?P<form_id>[^\x00]+)"
_VERSION = rf"{_FORM}/versions/(?P<version>[^\x00]+)"
_FILE = r"/attachments/(?P<name>[^/\x00]+)\Z"

_LIST = r"/lists/(?P<name>[^/\x00]+)/integrity\Z"

of_a_device = [
    path("formList", views.form_list),
    path("submission", views.submission),
    re_path(rf"{_VERSION}{_FILE}", views.attachment),
    re_path(rf"{_VERSION}{_LIST}", views.integrity),
    re_path(rf"{_VERSION}/manifest\Z", views.manifest),
    re_path(rf"{_VERSION}\.xml\Z", views.xform),
    re_path(rf"{_FORM}{_FILE}", views.attachment),
    re_path(rf"{_FORM}/manifest\Z", views.manifest),
    re_path(rf"{_FORM}\.xml\Z", views.xform),
]

_DRAFT = rf"{_FORM}/draft"

of_a_draft = [
    re_path(rf"{_DRAFT}/formList\Z", drafts.form_list),
    re_path(rf"{_DRAFT}/submission\Z", drafts.submission),
    re_path(rf"{_DRAFT}{_FILE}", drafts.attachment),
    re_path(rf"{_DRAFT}/manifest\Z", drafts.manifest),
    re_path(rf"{_DRAFT}\.xml\Z", drafts.xform),
]

urlpatterns = [
    path("v1/test/<str:token>/projects/<int:project_id>/", include(of_a_draft)),
    path("v1/key/<str:token>/projects/<int:project_id>/", include(of_a_device)),
    # With a user name and password (AU11), or the key as ?st= (FL21); a client without any must be
    # told 401, not 404 (FL16).
    path("v1/projects/<int:project_id>/", include(of_a_device)),
]
