"""How a receiver knows that it is we who tell it something, and when we said so.

The secret of a webhook is computed from SECRET_KEY and a salt, and kept nowhere: neither a dump of
the database nor a backup signs anything. Another SECRET_KEY makes all secrets void.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from django.conf import settings

_CONTEXT = b"so-xa webhooks"


def new_salt() -> str:
    """Return what makes a secret another one."""
    return secrets.token_hex(16)


def secret(webhook_id: int, salt: str) -> str:
    """Return the secret that both sides know: 64 hex digits."""
    key = hmac.digest(settings.SECRET_KEY.encode(), _CONTEXT, "sha256")
    return hmac.new(key, f"{webhook_id}:{salt}".encode(), hashlib.sha256).hexdigest()


def signature(secret: str, at: int, body: bytes) -> str:
    """Return the header `X-So-Xa-Signature`: when it was signed, and HMAC-SHA256 of both.

    at: seconds since 1970. A receiver refuses what was signed minutes ago, and so a copy.
    """
    signed = hmac.new(secret.encode(), b"%d." % at + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={signed}"
