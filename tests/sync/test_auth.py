"""User names and passwords of phones: Digest from outside, Basic over TLS (openrosa.md §5, AU)."""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from django.test import Client
from pytest_django import Settings
from requests.auth import HTTPDigestAuth

from server.projects import accounts, device_passwords
from server.projects.accounts import NewAppUser
from server.projects.models import AppUser, DevicePassword, NonceCount, Project
from server.submissions.models import SubmissionVersion
from sync import digest
from sync.addresses import Addresses
from tests.device import Answer, Device, multipart
from tests.sync.published import publish

FILLED = (
    b"<data id='household' version='1' xmlns:orx='http://openrosa.org/xforms'><head>Lan</head>"
    b"<orx:meta><orx:instanceID>uuid:1</orx:instanceID></orx:meta></data>"
)
VERSION = {"X-OpenRosa-Version": "1.0"}


@pytest.fixture
def lan(project: Project) -> NewAppUser:
    return accounts.create_app_user(project, "Chị Lan", has_password=True)


@pytest.fixture
def phone(base_url: str, project: Project) -> Iterator[Device]:
    """A phone whose address holds no key."""
    phone = Device(Addresses(base_url, "", project.pk).server)
    yield phone
    phone.close()


class Signer:
    """Answers challenges by the letter of RFC 7616, or not."""

    def __init__(self, phone: Device, made: NewAppUser) -> None:
        self.phone = phone
        self.username, self.password = made.app_user.username, made.password
        self.nonce = self.challenge(phone.fetch("formList"))

    def challenge(self, answer: Answer) -> str:
        """Return the nonce of a refusal."""
        assert answer.status == 401
        return answer.headers["www-authenticate"].split('nonce="')[1].split('"')[0]

    def header(self, uri: str, method: str = "GET", count: int = 1, nonce: str = "") -> str:
        """Return an Authorization for one request."""
        nonce = nonce or self.nonce
        ha1 = md5(f"{self.username}:so-xa:{self.password}")
        response = md5(f"{ha1}:{nonce}:{count:08x}:abc:auth:{md5(f'{method}:{uri}')}")
        return (
            f'Digest username="{self.username}", realm="so-xa", nonce="{nonce}", uri="{uri}", '
            f'qop=auth, nc={count:08x}, cnonce="abc", response="{response}"'
        )

    def get(self, authorization: str, path: str = "formList", method: str = "GET") -> Answer:
        """Ask for something below the server address, with an Authorization as it is."""
        return self.phone.fetch(path, {"Authorization": authorization}, method)

    def uri(self, path: str = "formList") -> str:
        """Return what the phone's request line says."""
        path = f"{self.phone.server_url}/{path}?deviceID=" + self.phone.device_id.replace(
            ":", "%3A"
        )
        return "/" + path.split("/", 3)[3]


@pytest.fixture
def signer(phone: Device, lan: NewAppUser) -> Signer:
    return Signer(phone, lan)


def md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


def basic(username: str, password: str) -> dict[str, str]:
    return {
        "Authorization": "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode(),
        **VERSION,
    }


# Two clients that know nothing of ours.


def curl(*arguments: str) -> tuple[int, str]:
    program = shutil.which("curl")
    assert program is not None, "curl is missing: apt-get install curl"
    options = ("-sS", "-m", "20", "-H", "X-OpenRosa-Version: 1.0", "-w", "\n%{http_code}")
    done = subprocess.run(
        [program, *options, *arguments], capture_output=True, text=True, check=True
    )
    body, _, status = done.stdout.rpartition("\n")
    return int(status), body


@pytest.mark.row("AU11")
def test_curl_signs_in_by_digest_and_gets_addresses_without_a_key(
    phone: Device, lan: NewAppUser, project: Project
) -> None:
    publish(project)
    user = ("--digest", "-u", f"{lan.app_user.username}:{lan.password}")

    status, body = curl(*user, f"{phone.server_url}/formList")
    url = body.split("<downloadUrl>")[1].split("<")[0]

    assert status == 200
    assert url == f"{phone.server_url}/forms/household/versions/1.xml"
    assert curl(*user, url)[0] == 200
    assert curl("--digest", "-u", f"{lan.app_user.username}:wrong", url)[0] == 401


@pytest.mark.row("AU11")
def test_requests_signs_in_by_digest_and_sends(
    phone: Device, lan: NewAppUser, project: Project
) -> None:
    """AU11: HEAD takes the challenge, the post then goes out signed."""
    publish(project)
    session = requests.Session()
    session.auth = HTTPDigestAuth(lan.app_user.username, lan.password)
    body, content_type = multipart(FILLED, ())
    url = f"{phone.server_url}/submission"

    head = session.head(url, headers=VERSION)
    sent = session.post(url, data=body, headers={**VERSION, "Content-Type": content_type})

    assert (head.status_code, sent.status_code) == (204, 201)
    assert len(sent.history) == 0  # no second challenge
    assert SubmissionVersion.objects.get().app_user == lan.app_user


# What is told to whom.


@pytest.mark.row("AU12", "FL16")
def test_without_credentials_digest_alone_is_offered_over_http(phone: Device) -> None:
    answer = phone.fetch("formList")

    assert (answer.status, answer.nature) == (401, "key.missing")
    assert answer.headers["www-authenticate"].startswith('Digest realm="so-xa", qop="auth", ')
    assert "Basic" not in answer.headers["www-authenticate"]


def test_a_refused_key_is_no_reason_to_ask_for_a_password(device: Device, project: Project) -> None:
    """AU03, AU04: Collect would ask the inspector for one that there is not."""
    bad = Device(device.server_url.replace("/key/", "/key/x"))
    unknown = Device(Addresses(device.server_url.split("/v1")[0], "A" * 64, project.pk).server)

    answers = [bad.fetch("formList"), unknown.fetch("formList")]

    assert [answer.status for answer in answers] == [401, 403]
    assert all("www-authenticate" not in answer.headers for answer in answers)


@pytest.mark.row("AU15")
@pytest.mark.parametrize(
    "kind", ["Bearer xyz", "Bearer", "Negotiate abc", "Digest", "Digest x=\xff"]
)
def test_any_other_authorization_is_401(phone: Device, kind: str) -> None:
    assert phone.fetch("formList", {"Authorization": kind}).status == 401


def test_a_key_wins_over_a_password(device: Device, lan: NewAppUser) -> None:
    """Central's order: openrosa.md §5.3."""
    assert device.fetch("formList", {"Authorization": "Digest nonsense"}).status == 200


@pytest.mark.row("AU13")
def test_no_answer_sets_a_cookie(signer: Signer) -> None:
    answer = signer.get(signer.header(signer.uri()))

    assert answer.status == 200
    assert "set-cookie" not in answer.headers


@pytest.mark.row("AU14")
def test_a_cookie_opens_nothing_with_or_without_what_guards_it(phone: Device) -> None:
    """There is no session of that kind to ride on, and so no token against riding on one."""
    cookie = {"Cookie": "__Host-session=abc; sessionid=abc; csrftoken=x"}
    with_token = {**cookie, "X-CSRFToken": "x", "X-Requested-With": "XMLHttpRequest"}

    answers = [phone.fetch("submission", headers, "POST") for headers in (cookie, with_token)]

    assert [(answer.status, answer.nature) for answer in answers] == [(401, "key.missing")] * 2


# Nobody else's answer, and no answer twice.


def test_an_answer_counts_once(signer: Signer) -> None:
    header = signer.header(signer.uri())

    first, again = signer.get(header), signer.get(header)

    assert (first.status, again.status, again.nature) == (200, 401, "device.nonce_stale")
    assert "stale=true" in again.headers["www-authenticate"]


def test_counts_must_rise_and_need_not_be_consecutive(signer: Signer) -> None:
    uri = signer.uri()

    statuses = [signer.get(signer.header(uri, count=count)).status for count in (1, 7, 3, 7, 8)]

    assert statuses == [200, 200, 401, 401, 200]


def test_of_equal_answers_at_once_one_counts(signer: Signer) -> None:
    header = signer.header(signer.uri())

    def ask(_: int) -> int:
        return Device(signer.phone.server_url).fetch("formList", {"Authorization": header}).status

    with ThreadPoolExecutor(6) as pool:
        statuses = sorted(pool.map(ask, range(6)))

    assert statuses == [200, 401, 401, 401, 401, 401]


@pytest.mark.parametrize(
    ("path", "method"),
    [("forms/household.xml", "GET"), ("formList", "HEAD"), ("submission", "GET")],
)
def test_an_answer_for_another_address_or_method_is_401(
    signer: Signer, path: str, method: str
) -> None:
    answer = signer.get(signer.header(signer.uri()), path, method)

    assert answer.status == 401
    assert "stale" not in answer.headers["www-authenticate"]


def test_an_answer_with_other_parameters_is_401(signer: Signer) -> None:
    answer = signer.get(signer.header(signer.uri()), "formList?formID=other")

    assert (answer.status, answer.nature) == (401, "device.credentials_wrong")


def test_an_answer_without_qop_is_401(signer: Signer) -> None:
    """RFC 2069 had no counts: such an answer would be good for ever."""
    ha1, ha2 = (
        md5(f"{signer.username}:so-xa:{signer.password}"),
        md5(f"GET:{signer.uri()}"),
    )
    header = (
        f'Digest username="{signer.username}", realm="so-xa", nonce="{signer.nonce}", '
        f'uri="{signer.uri()}", response="{md5(f"{ha1}:{signer.nonce}:{ha2}")}"'
    )

    assert signer.get(header).nature == "device.credentials_malformed"


@pytest.mark.parametrize("secret", ["ours", "another"])
def test_an_old_or_foreign_nonce_is_told_to_be_stale(
    signer: Signer, settings: Settings, secret: str
) -> None:
    is_ours = secret == "ours"
    key = settings.SECRET_KEY.encode() if is_ours else b"another"
    nonce = digest.new_nonce(key, 1_700_000_000.0 if is_ours else time.time())

    stale = signer.get(signer.header(signer.uri(), nonce=nonce))
    fresh = signer.get(signer.header(signer.uri(), nonce=signer.challenge(stale)))

    assert stale.nature == "device.nonce_stale"
    assert "stale=true" in stale.headers["www-authenticate"]
    assert fresh.status == 200


def test_counts_of_dead_nonces_are_forgotten(signer: Signer) -> None:
    signer.get(signer.header(signer.uri()))
    NonceCount.objects.update(first_used_at="2026-01-01T00:00Z")
    again = Signer(signer.phone, NewAppUser(AppUser.objects.get(), "", signer.password))

    again.get(again.header(again.uri()))

    assert NonceCount.objects.values_list("nonce", flat=True).get() == again.nonce


# Who is let in.


def test_a_device_of_another_project_is_401(base_url: str, phone: Device, lan: NewAppUser) -> None:
    elsewhere = Device(Addresses(base_url, "", accounts.create_project("Khác").pk).server)
    signer = Signer(elsewhere, lan)

    assert signer.get(signer.header(signer.uri())).nature == "device.credentials_wrong"


def test_being_shut_out_is_told_to_who_knows_the_password_alone(
    signer: Signer, lan: NewAppUser
) -> None:
    accounts.revoke_app_user(lan.app_user.pk)
    right = signer.get(signer.header(signer.uri()))
    signer.password = "wrong"

    wrong = signer.get(signer.header(signer.uri(), count=2))

    assert (right.status, right.nature) == (403, "key.revoked")
    assert (wrong.status, wrong.nature) == (401, "device.credentials_wrong")


def test_a_new_password_makes_the_old_one_void(signer: Signer, lan: NewAppUser) -> None:
    new = Signer(signer.phone, accounts.reissue_app_user(lan.app_user.pk))

    assert signer.get(signer.header(signer.uri())).status == 401
    assert new.get(new.header(new.uri())).status == 200


def test_a_device_with_a_password_has_no_key(lan: NewAppUser) -> None:
    assert lan.token == ""
    assert len(lan.password.replace("-", "")) == 26  # of 32 letters: 130 bits, 128 of them drawn


# Basic.


@pytest.mark.row("AU10", "AU12")
def test_basic_in_clear_is_401_and_its_password_is_not_looked_at(
    phone: Device, lan: NewAppUser
) -> None:
    answer = phone.fetch("formList", basic(lan.app_user.username, lan.password))

    assert (answer.status, answer.nature) == (401, "device.password_in_clear")
    assert "Basic" not in answer.headers["www-authenticate"]


@pytest.mark.parametrize(
    "sent", ["Basic", "Basic é", "Basic " + base64.b64encode(b"\xff:").decode()]
)
def test_basic_that_cannot_be_read_is_401(project: Project, sent: str) -> None:
    answer = Client().get(
        f"/v1/projects/{project.pk}/formList",
        headers={**VERSION, "Authorization": sent},
        secure=True,
    )

    assert answer.status_code == 401


# What is kept.


def test_neither_password_nor_ha1_stands_in_the_database(lan: NewAppUser) -> None:
    kept = bytes(DevicePassword.objects.get().sealed_ha1)
    ha1 = md5(f"{lan.app_user.username}:so-xa:{lan.password}")

    assert len(kept) == 12 + 16 + 16
    assert bytes.fromhex(ha1) not in kept
    assert device_passwords.proof(lan.app_user.username, lan.app_user.project_id) == (
        device_passwords.Proof(lan.app_user, ha1)
    )


def test_a_sealed_password_is_void_in_another_row_and_under_another_secret(
    lan: NewAppUser, project: Project, settings: Settings
) -> None:
    mai = accounts.create_app_user(project, "Mai", has_password=True).app_user
    stolen = DevicePassword.objects.get(app_user=lan.app_user).sealed_ha1
    DevicePassword.objects.filter(app_user=mai).update(sealed_ha1=stolen)

    moved = device_passwords.proof(mai.username, project.pk)
    settings.SECRET_KEY = "another"
    other = device_passwords.proof(lan.app_user.username, project.pk)

    assert moved is not None
    assert other is not None
    assert (moved.ha1, other.ha1) == ("", "")


@pytest.mark.parametrize("username", ["u0", "u", "12", "u12 ", "U1", "u١", "u" + "9" * 30, "u1\0"])
def test_what_is_no_user_name_of_a_device_proves_nothing(lan: NewAppUser, username: str) -> None:
    assert device_passwords.proof(username, lan.app_user.project_id) is None
