"""Which device is asking (openrosa.md §5).

A key in the address, or in `?st=`, is the usual way and wins. Without one, a user name and
password: by Digest, and over TLS by Basic too.
"""

from __future__ import annotations

import base64
import hmac
import time

from django.conf import settings
from django.http import HttpRequest

from server.errors import Problem
from server.projects import access, device_passwords, throttle
from server.projects.device_passwords import REALM
from server.projects.models import AppUser
from server.projects.problems import KeyMissing, KeyUnknown
from sync import digest
from sync.problems import (
    CredentialsMalformed,
    CredentialsWrong,
    DevicePasswordInClear,
    NonceStale,
)

# What a client without a key is told in a way that its program understands.
_CHALLENGED = (
    KeyMissing,
    CredentialsMalformed,
    CredentialsWrong,
    NonceStale,
    DevicePasswordInClear,
)


def key(request: HttpRequest, token: str) -> str:
    """Return the key of a request, "" when there is none; one in the path wins."""
    return token or request.GET.get("st", "")


def app_user(request: HttpRequest, project_id: int, token: str) -> AppUser:
    """Return the device that asks.

    Raises KeyMissing, KeyMalformed, CredentialsMalformed, CredentialsWrong, NonceStale and
    DevicePasswordInClear (401), KeyUnknown, KeyRevoked and KeyExpired (403), TooManyTries (429).
    """
    given = key(request, token)
    found = _by_key(request, project_id, given) if given else _by_password(request, project_id)
    access.seen(found, request.headers.get("User-Agent", ""))
    return found


def challenge(request: HttpRequest, problem: Problem) -> str:
    """Return the `WWW-Authenticate` of a refusal; "" where a password would not help.

    Digest stands first, for clients that take the first they know. Basic is named over TLS only;
    Collect would not answer it elsewhere (AU12).
    """
    if not isinstance(problem, _CHALLENGED):
        return ""
    nonce = digest.new_nonce(_secret(), time.time())
    offered = digest.challenge(REALM, nonce, is_stale=isinstance(problem, NonceStale))
    basic = f', Basic realm="{REALM}", charset="UTF-8"' if request.is_secure() else ""
    return offered + basic


def _by_key(request: HttpRequest, project_id: int, given: str) -> AppUser:
    try:
        return access.app_user(given, project_id)
    except KeyUnknown:
        # Only this may be a guess. What is malformed asks the database nothing, and who holds a
        # key that is over knew it: told so however often it comes, or nobody learns why a phone
        # that sends by itself every hour has stopped.
        throttle.failed(address(request), given)
        raise


def _by_password(request: HttpRequest, project_id: int) -> AppUser:
    kind, _, credentials = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() == "digest":
        return _by_digest(request, project_id, credentials.strip())
    if kind.lower() == "basic":
        return _by_basic(request, project_id, credentials.strip())
    raise KeyMissing


def _by_digest(request: HttpRequest, project_id: int, credentials: str) -> AppUser:
    answer = digest.parse(credentials)
    is_ours = answer.realm == REALM and digest.is_about(
        answer, request.META.get("PATH_INFO", ""), request.META.get("QUERY_STRING", "")
    )
    proof = device_passwords.proof(answer.username, project_id) if is_ours else None
    if not digest.is_right(answer, request.method or "", proof.ha1 if proof else ""):
        proof = None
    found = _proven(request, proof, answer.username)
    # Only now: who does not know the password is not told about nonces, and stores no count.
    age_s = digest.age_s(_secret(), answer.nonce, time.time())
    if age_s is None or abs(age_s) > digest.NONCE_LIFE_S:
        raise NonceStale
    if not device_passwords.use_nonce(answer.nonce, answer.count, digest.NONCE_LIFE_S):
        raise NonceStale
    return found


def _by_basic(request: HttpRequest, project_id: int, credentials: str) -> AppUser:
    if not request.is_secure():
        raise DevicePasswordInClear
    try:
        text = base64.b64decode(credentials, validate=True).decode()
    except ValueError as error:  # neither base64 nor UTF-8
        raise CredentialsMalformed from error
    username, _, password = text.partition(":")
    proof = device_passwords.proof(username, project_id)
    given = device_passwords.ha1(username, password)
    if proof is not None and not hmac.compare_digest(given, proof.ha1):
        proof = None
    return _proven(request, proof, username)


def _proven(request: HttpRequest, proof: device_passwords.Proof | None, username: str) -> AppUser:
    """Return the device of a proof, None being a failure; shut out is told to the right one."""
    if proof is None or not proof.ha1:
        throttle.failed(address(request), username)
        raise CredentialsWrong
    access.refuse_if_over(proof.app_user)
    return proof.app_user


def address(request: HttpRequest) -> str:
    """Return where a request comes from, as the HTTP server tells it."""
    return str(request.META.get("REMOTE_ADDR", ""))


def _secret() -> bytes:
    return settings.SECRET_KEY.encode()
