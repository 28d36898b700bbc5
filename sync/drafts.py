"""What a device asks for when it tries a draft: the token in the address is the right (§4.10)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from server.forms import drafts
from server.forms.models import Draft
from server.forms.problems import DraftUnknown
from server.projects import throttle
from server.submissions.drafts import receive
from sync import answers, auth, messages, offers
from sync.addresses import DraftAddresses
from sync.endpoint import openrosa
from sync.envelope import open_envelope
from sync.messages import ListedFile, ListedForm


@openrosa("GET", "HEAD")
def form_list(request: HttpRequest, token: str, project_id: int, form_id: str) -> HttpResponseBase:
    """List the draft and nothing else."""
    draft = _draft(request, token, project_id, form_id)
    addresses = DraftAddresses(answers.base_url(request), token, project_id, form_id)
    manifest_url = addresses.manifest() if draft.attachments.exists() else ""
    listed = ListedForm(
        form_id, draft.title, draft.version, draft.md5, addresses.xform(), manifest_url
    )
    is_asked_for = answers.said(request, "formID") in ("", form_id)
    return answers.document(request, messages.form_list([listed] if is_asked_for else []))


@openrosa("GET", "HEAD")
def manifest(request: HttpRequest, token: str, project_id: int, form_id: str) -> HttpResponseBase:
    """List the files that the draft needs."""
    draft = _draft(request, token, project_id, form_id)
    addresses = DraftAddresses(answers.base_url(request), token, project_id, form_id)
    body = messages.manifest(
        ListedFile(file.name, file.md5, addresses.attachment(file.name))
        for file in offers.draft_files(draft)
    )
    return answers.document(request, body)


@openrosa("GET", "HEAD", says_version=False)
def xform(request: HttpRequest, token: str, project_id: int, form_id: str) -> HttpResponseBase:
    """Give the draft's XForm."""
    return answers.xform(request, _draft(request, token, project_id, form_id))


@openrosa("GET", "HEAD", says_version=False)
def attachment(
    request: HttpRequest, token: str, project_id: int, form_id: str, name: str
) -> HttpResponseBase:
    """Give one file of the draft."""
    return answers.file(
        request, offers.draft_file(_draft(request, token, project_id, form_id), name)
    )


@openrosa("GET", "HEAD", "POST")
def submission(request: HttpRequest, token: str, project_id: int, form_id: str) -> HttpResponseBase:
    """Take one trial submission."""
    draft = _draft(request, token, project_id, form_id)
    if request.method != "POST":
        return HttpResponse(status=204)
    with open_envelope(request) as envelope:
        sender = answers.sender(request, project_id, None)
        missing = receive(envelope.xml, envelope.files, draft, sender)
    return answers.received(request, missing)


def _draft(request: HttpRequest, token: str, project_id: int, form_id: str) -> Draft:
    """Return the draft that is asked for. Raises DraftUnknown, TooManyTries."""
    try:
        return drafts.find(token, project_id, form_id)
    except DraftUnknown:
        # As with keys (sync.auth): who has the address of a draft that ended has guessed nothing.
        if not drafts.was_given_out(token):
            throttle.failed(auth.address(request), token)
        raise
