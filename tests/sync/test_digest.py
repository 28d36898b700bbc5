"""HTTP Digest without a server: the vectors of the RFCs, and what must not be read."""

from __future__ import annotations

import hashlib
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import digest
from sync.problems import CredentialsMalformed

SECRET = b"a secret of the server"
NOW = 1_800_000_000.0

# RFC 2617 §3.5.
RFC_2617 = (
    'username="Mufasa", realm="testrealm@host.com", '
    'nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", uri="/dir/index.html", qop=auth, nc=00000001, '
    'cnonce="0a4f113b", response="6629fae49393a05397450978507c4ef1", '
    'opaque="5ccc069c403ebaf9f0171e9517f40e41"'
)
# RFC 7616 §3.9.1, its MD5.
RFC_7616 = (
    'username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html", algorithm=MD5, '
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", nc=00000001, '
    'cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop=auth, '
    'response="8ca523f5e9506fed4657c9700eebdbec", '
    'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
)


def ha1(username: str, realm: str, password: str) -> str:
    return hashlib.md5(f"{username}:{realm}:{password}".encode()).hexdigest()


@pytest.mark.parametrize(
    ("header", "realm", "password"),
    [
        (RFC_2617, "testrealm@host.com", "Circle Of Life"),
        (RFC_7616, "http-auth@example.org", "Circle of Life"),
    ],
)
def test_the_answers_of_the_rfcs_are_right(header: str, realm: str, password: str) -> None:
    answer = digest.parse(header)

    assert digest.is_about(answer, "/dir/index.html", "")
    assert digest.is_right(answer, "GET", ha1("Mufasa", realm, password))
    assert not digest.is_right(answer, "HEAD", ha1("Mufasa", realm, password))
    assert not digest.is_right(answer, "GET", ha1("Mufasa", realm, password + " "))


@pytest.mark.parametrize(
    ("change", "to"),
    [
        ("qop=auth, ", ""),  # RFC 2069: an answer without count, good for ever
        ("qop=auth", "qop=auth-int"),
        ("nc=00000001, ", ""),
        ("nc=00000001", "nc=1"),
        ("nc=00000001", "nc=00000000"),
        ("nc=00000001", "nc=-0000001"),
        ('cnonce="0a4f113b", ', ""),
        ("6629fae4", "6629fae"),
        ("6629fae4", "6629faeg"),
        ('username="Mufasa"', "username*=UTF-8''Mufasa"),
        ('username="Mufasa"', 'username="Mufasa", username="Simba"'),
        ('username="Mufasa"', 'username="Mufasa'),
        ('username="Mufasa"', "username"),
        ("qop=auth", "qop=auth, algorithm=SHA-256"),
        ("qop=auth", "qop=auth, algorithm=MD5-sess"),
        ("qop=auth", "qop=auth, userhash=true"),
        ("qop=auth", "qop=auth" + " " * 5000),
    ],
)
def test_what_was_not_offered_or_cannot_be_read_is_refused(change: str, to: str) -> None:
    with pytest.raises(CredentialsMalformed):
        digest.parse(RFC_2617.replace(change, to, 1))


def test_quotes_may_stand_where_they_need_not_and_the_other_way_round() -> None:
    plain = digest.parse(RFC_2617)
    quoted = digest.parse(RFC_2617.replace("qop=auth", 'QOP="auth"').replace("nc=0", "NC = 0"))
    escaped = digest.parse(RFC_2617.replace('"Mufasa"', '"Mu\\fa\\sa"'))

    assert plain == quoted == escaped


@pytest.mark.parametrize(
    ("uri", "path", "query", "is_about"),
    [
        ("/v1/a%20b?x=1", "/v1/a b", "x=1", True),
        ("http://x.vn:80/v1/a?x=1", "/v1/a", "x=1", True),
        ("/v1/%C4%90", "/v1/\xc4\x90", "", True),  # as WSGI spells UTF-8
        ("/v1/a", "/v1/b", "", False),
        ("/v1/a", "/v1/a", "x=1", False),
        ("/v1/a?x=1", "/v1/a", "", False),
        ("", "/v1/a", "", False),
        ("*", "/v1/a", "", False),
    ],
)
def test_an_answer_is_about_one_address(uri: str, path: str, query: str, is_about: bool) -> None:
    answer = digest.parse(RFC_2617.replace("/dir/index.html", uri))

    assert digest.is_about(answer, path, query) is is_about


def test_a_nonce_tells_its_age_to_whoever_has_the_secret() -> None:
    nonce = digest.new_nonce(SECRET, NOW)

    assert digest.age_s(SECRET, nonce, NOW + 12.5) == 12.5
    assert digest.age_s(b"another", nonce, NOW) is None
    assert digest.new_nonce(SECRET, NOW) != nonce


def test_a_nonce_with_any_other_letter_is_not_ours() -> None:
    nonce = digest.new_nonce(SECRET, NOW)
    alphabet = string.ascii_letters + string.digits + "-_=+/"
    others = {nonce[:at] + letter + nonce[at + 1 :] for at in range(43) for letter in alphabet}
    others |= {nonce + "=", nonce[:-1], " " + nonce, "", "é" * 43, "A" * 43}

    known = [other for other in others - {nonce} if digest.age_s(SECRET, other, NOW) is not None]

    assert known == []


def test_a_challenge_offers_md5_and_auth_alone() -> None:
    assert digest.challenge("so-xa", "N", is_stale=True) == (
        'Digest realm="so-xa", qop="auth", algorithm=MD5, nonce="N", stale=true'
    )
    assert "stale" not in digest.challenge("so-xa", "N")


@given(st.text(alphabet=st.characters(max_codepoint=255)) | st.text(alphabet='=,"\\ abnc01'))
def test_any_header_is_an_answer_or_malformed(header: str) -> None:
    try:
        digest.parse(header)
    except CredentialsMalformed:
        return
    assert "response" in header.lower()
