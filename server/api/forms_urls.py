"""Addresses of people, projects, app users and forms, as ODK Central's clients know them."""

from __future__ import annotations

from django.urls import path

from server.api import (
    app_users,
    form_assignments,
    form_drafts,
    form_lists,
    form_versions,
    forms,
    project_assignments,
    projects,
    public_links,
    roles,
    user_passwords,
    users,
)
from server.api.paths import FORM, PROJECT

_VERSION = f"{FORM}/versions/<text:version>"

# Longer endings stand first: an id may hold dots.
urlpatterns = [
    path("v1/users/current", projects.CurrentUser.as_view()),
    path("v1/users", users.Users.as_view()),
    path("v1/users/reset/initiate", user_passwords.ResetInitiate.as_view()),
    path("v1/users/reset/verify", user_passwords.ResetVerify.as_view()),
    path("v1/users/<int:user_id>", users.OneUser.as_view()),
    path("v1/users/<int:user_id>/password", user_passwords.UserPassword.as_view()),
    path("v1/roles", roles.Roles.as_view()),
    path("v1/roles/<text:role>", roles.OneRole.as_view()),
    path("v1/projects", projects.Projects.as_view()),
    path(PROJECT, projects.OneProject.as_view()),
    path(f"{PROJECT}/assignments", project_assignments.ProjectAssignments.as_view()),
    path(f"{PROJECT}/assignments/forms", form_assignments.FormsAssignments.as_view()),
    path(
        f"{PROJECT}/assignments/forms/<text:role>",
        form_assignments.FormsAssignmentsOfRole.as_view(),
    ),
    path(
        f"{PROJECT}/assignments/<text:role>",
        project_assignments.ProjectAssignmentsOfRole.as_view(),
    ),
    path(
        f"{PROJECT}/assignments/<text:role>/<int:user_id>",
        project_assignments.ProjectAssignment.as_view(),
    ),
    path(f"{PROJECT}/app-users", app_users.AppUsers.as_view()),
    path(f"{PROJECT}/app-users/<int:app_user_id>", app_users.OneAppUser.as_view()),
    path(f"{PROJECT}/forms", forms.Forms.as_view()),
    path(f"{FORM}.xml", forms.FormXml.as_view(), {"format": "xml"}),
    path(f"{FORM}.xlsx", forms.FormXlsx.as_view(), {"format": "xlsx"}),
    path(f"{FORM}/draft.xml", form_drafts.DraftXml.as_view(), {"format": "xml"}),
    path(f"{FORM}/draft.xlsx", form_drafts.DraftXlsx.as_view(), {"format": "xlsx"}),
    path(f"{FORM}/draft", form_drafts.OneDraft.as_view()),
    path(f"{FORM}/draft/publish", form_drafts.DraftPublication.as_view()),
    path(f"{FORM}/draft/fields", form_drafts.DraftFields.as_view()),
    path(f"{FORM}/draft/attachments", form_drafts.DraftFiles.as_view()),
    path(f"{FORM}/draft/attachments/<text:name>", form_drafts.DraftFile.as_view()),
    path(f"{FORM}/versions", form_versions.Versions.as_view()),
    path(f"{_VERSION}.xml", form_versions.VersionXml.as_view(), {"format": "xml"}),
    path(f"{_VERSION}.xlsx", form_versions.VersionXlsx.as_view(), {"format": "xlsx"}),
    path(f"{_VERSION}/fields", form_versions.VersionFields.as_view()),
    path(f"{_VERSION}/attachments", form_versions.VersionFiles.as_view()),
    path(f"{_VERSION}/attachments/<text:name>", form_versions.VersionFile.as_view()),
    path(_VERSION, form_versions.OneVersion.as_view()),
    path(f"{FORM}/fields", form_versions.Fields.as_view()),
    path(f"{FORM}/attachments", form_versions.Files.as_view()),
    path(f"{FORM}/attachments/<text:name>", form_versions.OneFile.as_view()),
    path(f"{FORM}/public-links", public_links.PublicLinks.as_view()),
    path(f"{FORM}/public-links/<int:link_id>", public_links.OnePublicLink.as_view()),
    path(f"{FORM}/assignments", form_assignments.FormAssignments.as_view()),
    path(f"{FORM}/assignments/<text:role>", form_assignments.FormAssignmentsOfRole.as_view()),
    path(
        f"{FORM}/assignments/<text:role_id>/<int:actor_id>", form_assignments.Assignment.as_view()
    ),
    path(f"{FORM}/dataset-diff", form_lists.FormLists.as_view()),
    path(f"{FORM}/draft/dataset-diff", form_lists.DraftLists.as_view()),
    path(f"{FORM}/restore", forms.FormRestore.as_view()),
    path(FORM, forms.OneForm.as_view()),
]
