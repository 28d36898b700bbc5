"""HTTP Digest as phones speak it: RFC 7616 with MD5 and qop=auth, and nothing of RFC 2069.

Pure: no Django, no database, no clock of its own. Python has clients of Digest and no maintained
server. What is checked where: the shape of the header in `parse`, that it is about this very
request in `is_about`, the nonce in `age_s`, the password in `response`; that `nc` rises is the
caller's to know, since it needs memory.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import struct
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from sync.problems import CredentialsMalformed

NONCE_LIFE_S = 300.0  # afterwards `stale=true`, and the phone takes the next one unasked
_LONGEST = 4096  # characters of a header; Collect's has some 300
_PARAMETER = re.compile(
    r"""[\ \t]* ([A-Za-z0-9_*-]+) [\ \t]* = [\ \t]*
        (?: "((?:[^"\\]|\\.)*)" | ([^\s",]+) )
        [\ \t]* (,|\Z)""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_HEX = re.compile(r"[0-9a-f]{32}", re.ASCII)
_COUNT = re.compile(r"[0-9a-fA-F]{8}", re.ASCII)
_SCHEME_AND_HOST = re.compile(r"https?://[^/?#]*", re.IGNORECASE | re.ASCII)
_REQUIRED = ("username", "realm", "nonce", "uri", "response", "qop", "nc", "cnonce")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a client sends in answer to a challenge. All text as it stood in the header."""

    username: str
    realm: str
    nonce: str
    uri: str
    response: str  # 32 hex digits
    nc: str  # 8 hex digits
    cnonce: str

    @property
    def count(self) -> int:
        """Return how often the client says it has used the nonce, this time included."""
        return int(self.nc, 16)


def challenge(realm: str, nonce: str, *, is_stale: bool = False) -> str:
    """Return the value of `WWW-Authenticate`.

    `stale=true` says that only the nonce was wrong: the client tries again and asks nobody.
    """
    stale = ", stale=true" if is_stale else ""
    return f'Digest realm="{realm}", qop="auth", algorithm=MD5, nonce="{nonce}"{stale}'


def parse(credentials: str) -> Answer:
    """Read what stands after `Digest ` in `Authorization`.

    Raises CredentialsMalformed, also for what we never offered: no qop (RFC 2069, whose answers
    can be used again), auth-int, another algorithm, a hashed user name.
    """
    said = _parameters(credentials)
    if any(name not in said for name in _REQUIRED):
        raise CredentialsMalformed
    if said["qop"] != "auth" or said.get("algorithm", "MD5").upper() != "MD5":
        raise CredentialsMalformed
    if said.get("userhash", "false") != "false" or said["nc"] == "00000000":
        raise CredentialsMalformed
    if not (_HEX.fullmatch(said["response"]) and _COUNT.fullmatch(said["nc"])):
        raise CredentialsMalformed
    return Answer(**{name: said[name] for name in _REQUIRED if name != "qop"})


def _parameters(text: str) -> dict[str, str]:
    if len(text) > _LONGEST:
        raise CredentialsMalformed
    found: dict[str, str] = {}
    at = 0
    while at < len(text):
        match = _PARAMETER.match(text, at)
        if match is None:
            raise CredentialsMalformed
        name, quoted, plain, _ = match.groups()
        name = name.lower()
        if name in found:  # which of the two was meant cannot be known
            raise CredentialsMalformed
        found[name] = plain if quoted is None else re.sub(r"\\(.)", r"\1", quoted, flags=re.DOTALL)
        at = match.end()
    return found


def is_about(answer: Answer, path: str, query: str) -> bool:
    """Tell whether an answer was made for this address.

    path: decoded, each character a byte, as WSGI's PATH_INFO. query: as it was sent.
    """
    address, _, asked = _SCHEME_AND_HOST.sub("", answer.uri, count=1).partition("?")
    return _equal(unquote_to_bytes(_bytes(address)), _bytes(path)) and asked == query


def response(answer: Answer, method: str, ha1: str) -> str:
    """Return what `answer.response` must be; `ha1` = MD5(username:realm:password), in hex."""
    ha2 = _md5(f"{method}:{answer.uri}")
    return _md5(f"{ha1}:{answer.nonce}:{answer.nc}:{answer.cnonce}:auth:{ha2}")


def is_right(answer: Answer, method: str, ha1: str) -> bool:
    """Tell whether who sent this knows the password; takes as long for any wrong one."""
    return _equal(_bytes(response(answer, method, ha1)), _bytes(answer.response))


def new_nonce(secret: bytes, now_s: float) -> str:
    """Return a nonce that tells its age and whose it is: 43 characters, valid in every process."""
    body = struct.pack(">d", now_s) + secrets.token_bytes(8)
    return base64.urlsafe_b64encode(body + _signature(secret, body)).decode().rstrip("=")


def age_s(secret: bytes, nonce: str, now_s: float) -> float | None:
    """Return the age of a nonce in seconds; None when we never made it."""
    try:
        raw = base64.urlsafe_b64decode(_bytes(nonce) + b"=")
    except ValueError:
        return None
    body, signature = raw[:16], raw[16:]
    # Compared as text again: base64 has other spellings of the same bytes, each a fresh count.
    spelled = base64.urlsafe_b64encode(raw).decode().rstrip("=")
    if len(body) < 16 or spelled != nonce or not _equal(_signature(secret, body), signature):
        return None
    made_s: float = struct.unpack(">d", body[:8])[0]
    return now_s - made_s


def _signature(secret: bytes, body: bytes) -> bytes:
    return hmac.digest(secret, b"digest nonce" + body, "sha256")[:16]


def _equal(one: bytes, other: bytes) -> bool:
    return hmac.compare_digest(one, other)


def _bytes(text: str) -> bytes:
    # HTTP servers hand over headers as latin-1, byte by byte; what is no such text is no header.
    return text.encode("latin-1", "replace")


def _md5(text: str) -> str:
    return hashlib.md5(_bytes(text), usedforsecurity=False).hexdigest()
