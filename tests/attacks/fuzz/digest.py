"""Fuzz the reader of Digest credentials."""

from __future__ import annotations

import atheris

from tests.attacks.fuzz import fuzzing

with atheris.instrument_imports(include=["sync.digest"]):
    from sync import digest
    from sync.problems import CredentialsMalformed

SECRET = b"k" * 32
NONCE = digest.new_nonce(SECRET, 1000.0)
GIVEN = (
    f'username="Lan", realm="r", nonce="{NONCE}", uri="/v1/formList?a=%20", response="{"0f" * 16}",'
    ' qop=auth, nc=00000001, cnonce="c", algorithm=MD5, opaque="o"'
).encode()

SEEDS = (
    GIVEN,
    GIVEN.replace(b'"Lan"', b'"L\\"a\\\\n"'),
    GIVEN.replace(b"qop=auth", b'qop="auth"').replace(b"/v1", b"https://example.org/v1"),
    b'username="',
)
WORDS = (
    b"username", b"realm", b"nonce", b"uri", b"response", b"qop", b"nc", b"cnonce", b"algorithm",
    b"userhash", b"auth-int", b"MD5-sess", b"username*", b'="', b'",', b"\\", b"\\\\", b"%00",
    b"\0",
)  # fmt: skip


def check(data: bytes) -> None:
    """Refuse with CredentialsMalformed, or give an answer of which everything can be asked."""
    text = data.decode("latin-1")  # as HTTP servers hand headers over

    try:
        answer = digest.parse(text)
    except CredentialsMalformed:
        return

    assert 1 <= answer.count < 2**32
    assert not digest.is_right(answer, "GET", "0" * 32) or answer.response != "0f" * 16
    digest.is_about(answer, "/v1/formList", "a=%20")
    age_s = digest.age_s(SECRET, answer.nonce, 1000.0)
    assert age_s is None or answer.nonce == NONCE
    assert digest.parse(written(answer)) == answer


def written(answer: digest.Answer) -> str:
    """Write an answer out again, every value quoted."""
    values = {name: getattr(answer, name) for name in digest.Answer.__slots__} | {"qop": "auth"}
    return ", ".join(f'{name}="{quoted(value)}"' for name, value in values.items())


def quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


if __name__ == "__main__":
    fuzzing.run(check, SEEDS, WORDS, longest=1500)
