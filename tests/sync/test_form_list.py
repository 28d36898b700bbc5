"""The form list: openrosa.md §1, rows FL and SY. Asked from outside, as phones do."""

from __future__ import annotations

import datetime as dt

import pytest
from django.conf import settings
from django.utils import timezone

from server.forms.models import FormState
from server.projects import accounts
from server.projects.audit import SERVER
from server.projects.models import AppUser, Project
from tests.device import Device
from tests.sync.published import md5, publish


def key_of(device: Device) -> str:
    return device.server_url.split("/key/")[1].split("/")[0]


@pytest.mark.row("FL01")
def test_a_phone_gets_every_published_form(device: Device, project: Project) -> None:
    publish(project, form_id="a", title="Biểu A", version="3")
    publish(project, form_id="b", title="Biểu B")

    forms = device.forms()

    assert [(f.form_id, f.name, f.version) for f in forms] == [
        ("a", "Biểu A", "3"),
        ("b", "Biểu B", "1"),
    ]


def test_a_project_that_is_over_offers_no_form_and_takes_what_was_filled_in(
    device: Device, project: Project
) -> None:
    publish(project, form_id="a")
    [form] = device.forms()
    accounts.update_project(project.pk, SERVER, is_archived=True)
    listed = device.forms()
    xml = b"<data id='a' version='1'><meta><instanceID>uuid:1</instanceID></meta></data>"
    sent = device.send(xml)
    still = device.fetch(form.download_url).status
    accounts.update_project(project.pk, SERVER, is_archived=False)

    assert (listed, sent.status, still) == ([], 201, 200)
    assert device.forms() == [form]


@pytest.mark.row("FL02", "FL03", "FL04")
@pytest.mark.trap(12)
def test_the_list_has_the_headers_that_collect_insists_on(device: Device) -> None:
    """FL02, FL03, FL12 of caching."""
    headers = device.fetch("formList").headers

    assert headers["x-openrosa-version"] == "1.0"
    assert headers["content-type"] == "text/xml; charset=utf-8"
    assert headers["x-openrosa-accept-content-length"] == "5000000"
    assert headers["content-language"] == "vi"
    assert headers["cache-control"] == "private, no-cache"
    assert headers["date"].endswith("GMT")


@pytest.mark.row("FL05", "FL06")
def test_the_listed_hash_is_that_of_the_downloaded_bytes(device: Device, project: Project) -> None:
    publish(project)

    [form] = device.forms()

    assert md5(device.fetch(form.download_url).body) == form.md5
    assert md5(device.fetch(form.download_url).body) == form.md5


@pytest.mark.row("FL12")
def test_a_form_id_with_any_characters_can_be_listed_and_downloaded(
    device: Device, project: Project
) -> None:
    """FL11, FL12: escaped once in XML, percent-encoded in addresses."""
    odd = "biểu a/b|c[1] & <d>"
    publish(project, form_id=odd, version="1/2 #3", files={"ả 1.png": b"x"})

    [form] = device.forms()

    assert form.form_id == odd
    assert " " not in form.download_url and "[" not in form.download_url
    assert md5(device.fetch(form.download_url).body) == form.md5
    assert list(device.manifest(form)) == ["ả 1.png"]
    assert device.match_exactly() == [odd]


@pytest.mark.row("FL13", "FL20")
def test_every_address_is_absolute_and_carries_the_key(device: Device, project: Project) -> None:
    publish(project, files={"a.png": b"x"})

    [form] = device.forms()
    [(_, file_url)] = device.manifest(form).values()

    urls = [form.download_url, form.manifest_url, file_url]
    assert [url.startswith(f"{device.server_url}/forms/household/versions/1") for url in urls] == [
        True
    ] * 3


@pytest.mark.trap(16)
def test_addresses_use_the_public_address_when_one_is_set(
    device: Device, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FL13: a proxy's own idea of host and scheme breaks every download (§10.16)."""
    publish(project)
    monkeypatch.setattr(settings, "PUBLIC_URL", "https://so-xa.example.vn")

    [form] = device.forms()

    assert form.download_url.startswith("https://so-xa.example.vn/v1/key/")


@pytest.mark.row("FL14", "FL15")
def test_one_form_can_be_asked_for(device: Device, project: Project) -> None:
    """FL14, FL15: Enketo does; an unknown id is an empty list."""
    publish(project, form_id="a")
    publish(project, form_id="b")

    assert device.fetch("formList?formID=b").body.count(b"<xform>") == 1
    assert device.fetch("formList?formID=nowhere").status == 200
    assert device.fetch("formList?formID=nowhere").body.count(b"<xform>") == 0


def test_a_form_id_that_no_database_can_hold_is_an_unknown_one(
    device: Device, project: Project
) -> None:
    publish(project)

    answer = device.fetch("formList?formID=%00")

    assert (answer.status, answer.body.count(b"<xform>")) == (200, 0)


def test_a_thousand_parameters_are_400(device: Device) -> None:
    answer = device.fetch("formList?" + "&".join(f"p{n}=1" for n in range(1000)))

    assert (answer.status, answer.nature) == (400, "openrosa.request_refused")


@pytest.mark.row("FL16")
@pytest.mark.trap(8)
def test_without_a_key_the_answer_is_401(device: Device, project: Project, base_url: str) -> None:
    """FL16, AU03: the one status at which Collect asks for credentials."""
    answer = device.fetch(f"{base_url}/v1/projects/{project.pk}/formList")

    assert (answer.status, answer.nature) == (401, "key.missing")


@pytest.mark.row("AU03")
def test_a_key_of_the_wrong_shape_is_401(device: Device, project: Project, base_url: str) -> None:
    answer = device.fetch(f"{base_url}/v1/key/short/projects/{project.pk}/formList")

    assert (answer.status, answer.nature) == (401, "key.malformed")


@pytest.mark.row("AU04")
def test_an_unknown_key_is_403(device: Device, project: Project, base_url: str) -> None:
    answer = device.fetch(f"{base_url}/v1/key/{'x' * 64}/projects/{project.pk}/formList")

    assert (answer.status, answer.nature) == (403, "key.unknown")


@pytest.mark.row("AU09")
def test_a_key_of_another_project_is_403(device: Device) -> None:
    other = accounts.create_project("Khác")

    answer = device.fetch(f"{device.server_url.rpartition('/')[0]}/{other.pk}/formList")

    assert (answer.status, answer.nature) == (403, "key.unknown")


def test_a_key_past_its_day_is_403(device: Device) -> None:
    AppUser.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))

    assert device.fetch("formList").nature == "key.expired"


@pytest.mark.row("AU02")
def test_a_percent_encoded_key_is_the_same_key(device: Device) -> None:
    key = key_of(device)
    encoded = "".join(f"%{ord(letter):02X}" for letter in key)

    assert device.fetch(f"{device.server_url.replace(key, encoded)}/formList").status == 200


@pytest.mark.row("FL21")
def test_a_key_in_the_query_works_and_addresses_have_it_in_the_path(
    device: Device, project: Project, base_url: str
) -> None:
    publish(project)

    answer = device.fetch(f"{base_url}/v1/projects/{project.pk}/formList?st={key_of(device)}")

    assert answer.status == 200
    assert f"{device.server_url}/forms/household".encode() in answer.body


@pytest.mark.row("FL18")
def test_no_forms_is_an_empty_list(device: Device) -> None:
    assert device.forms() == []


@pytest.mark.row("FL22")
@pytest.mark.parametrize("state", [FormState.CLOSING, FormState.CLOSED])
def test_a_form_that_is_not_open_is_not_listed(
    device: Device, project: Project, state: FormState
) -> None:
    form = publish(project).form
    form.state = state
    form.save()

    assert device.forms() == []


@pytest.mark.row("FL23")
def test_a_deleted_form_is_not_listed(device: Device, project: Project) -> None:
    form = publish(project).form
    form.deleted_at = timezone.now()
    form.save()

    assert device.forms() == []


@pytest.mark.row("FL25")
def test_only_a_form_that_needs_files_has_a_manifest(device: Device, project: Project) -> None:
    publish(project, form_id="a", files={"late.png": None})
    publish(project, form_id="b")

    with_files, without = device.forms()

    assert with_files.manifest_url and not without.manifest_url


@pytest.mark.row("FL26")
def test_two_projects_may_use_the_same_form_id(device: Device, project: Project) -> None:
    publish(project, version="1")
    publish(accounts.create_project("Khác"), version="2")

    assert [form.version for form in device.forms()] == ["1"]


@pytest.mark.row("FL27")
def test_without_its_version_header_a_request_is_refused_before_the_key_is_looked_at(
    device: Device, base_url: str
) -> None:
    answers = [
        device.fetch("formList", {"X-OpenRosa-Version": version}) for version in ("", "2.0")
    ] + [device.fetch(f"{base_url}/v1/key/x/projects/1/formList", {"X-OpenRosa-Version": ""})]

    assert [(a.status, a.nature) for a in answers] == [(400, "openrosa.version_header")] * 3


@pytest.mark.row("FL28", "FL29")
def test_date_header_and_unknown_parameters_do_not_matter(device: Device) -> None:
    answer = device.fetch("formList?verbose=true&x=1", {"Date": "T4, 25 thg 11 2026 03:11:12"})

    assert answer.status == 200


@pytest.mark.row("FL31")
def test_head_says_what_get_says_without_a_body(device: Device, project: Project) -> None:
    """FL31: Enketo asks so whether a key opens anything."""
    publish(project)
    plain = {"Accept-Encoding": "identity"}

    head, get = (device.fetch("formList", plain, method) for method in ("HEAD", "GET"))

    assert (head.status, head.body) == (200, b"")
    same = ("content-type", "x-openrosa-version", "etag", "content-length", "cache-control")
    assert [head.headers[name] for name in same] == [get.headers[name] for name in same]


@pytest.mark.row("FL32")
def test_a_list_is_zipped_for_who_takes_it(device: Device, project: Project) -> None:
    for number in range(5):
        publish(project, form_id=f"f{number}")

    assert device.fetch("formList").headers["content-encoding"] == "gzip"
    assert "content-encoding" not in device.fetch("formList", {"Accept-Encoding": ""}).headers


def test_an_unchanged_list_is_304_only_for_who_asks_so(device: Device) -> None:
    tag = device.fetch("formList").headers["etag"]

    assert device.fetch("formList", {"If-None-Match": tag}).status == 304
    assert device.fetch("formList").status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_another_method_is_refused_in_openrosas_words(device: Device, method: str) -> None:
    answer = device.fetch("formList", method=method)

    assert (answer.status, answer.nature) == (405, "openrosa.method_not_allowed")
    assert answer.headers["allow"] == "GET, HEAD"


@pytest.mark.row("FD13", "FL30")
@pytest.mark.parametrize(
    "path", ["formlist", "formList/", "nowhere", "", "forms", "formList%0A", "forms/%00.xml"]
)
def test_an_unknown_address_is_404_in_openrosas_words(device: Device, path: str) -> None:
    """FD13, FD14, FL30: case counts, no slash at the end."""
    answer = device.fetch(path)

    assert (answer.status, answer.nature) == (404, "openrosa.address_unknown")
    assert answer.headers["x-openrosa-version"] == "1.0"


@pytest.mark.row("FD14")
@pytest.mark.parametrize("path", ["forms/%ff%zz.xml", "forms/household%00.xml", "formList%ff"])
def test_a_broken_percent_sequence_is_404(device: Device, project: Project, path: str) -> None:
    publish(project)

    assert device.fetch(path).status == 404


def test_another_host_name_is_refused_in_openrosas_words(device: Device) -> None:
    answer = device.fetch("formList", {"Host": "evil.example"})

    assert (answer.status, answer.nature) == (400, "openrosa.request_refused")


def test_a_project_number_beyond_any_database_is_just_another_project(
    device: Device, base_url: str
) -> None:
    answer = device.fetch(f"{base_url}/v1/key/{key_of(device)}/projects/{10**30}/formList")

    assert (answer.status, answer.nature) == (403, "key.unknown")


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("", "Mã thiết bị"),
        ("en", "The device key"),
        ("vi, en;q=0.8", "Mã thiết bị"),
        ("en;q=0.5, vi", "Mã thiết bị"),
        ("fr, en-GB;q=0.7", "The device key"),
        ("en;q=0, vi;q=0.1", "Mã thiết bị"),
        ("en;q=x", "Mã thiết bị"),
    ],
)
def test_a_refusal_is_in_the_callers_language(
    device: Device, base_url: str, asked: str, sentence: str
) -> None:
    url = f"{base_url}/v1/key/{'x' * 64}/projects/1/formList"

    answer = device.fetch(url, {"Accept-Language": asked})

    assert answer.message.startswith(sentence)
    assert answer.headers["content-language"] == ("vi" if sentence == "Mã thiết bị" else "en")
