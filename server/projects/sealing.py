"""Secrets that have to be read back: sealed with AES-256-GCM under a key derived from SECRET_KEY.

A dump of the database or a backup opens nothing without SECRET_KEY
(docs/decisions/passwords-of-devices.md). What needs no reading back is kept as a hash instead.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from Crypto.Cipher import AES
from Crypto.Hash import SHA256
from Crypto.Protocol.KDF import HKDF
from Crypto.Random import get_random_bytes
from django.conf import settings

if TYPE_CHECKING:
    from Crypto.Cipher._mode_gcm import GcmMode

_NONCE_BYTES = 12
_TAG_BYTES = 16


def seal(plain: bytes, *, use: bytes, row: int) -> bytes:
    """Return bytes that only `unseal` reads, for the same use and the same row.

    use: what the secret is for; each has a key of its own. row: the primary key of where it is
    kept, so that a copy in another row is void.
    """
    nonce = get_random_bytes(_NONCE_BYTES)
    sealed, tag = _cipher(nonce, use, row).encrypt_and_digest(plain)
    return nonce + tag + sealed


def unseal(kept: bytes, *, use: bytes, row: int) -> bytes | None:
    """Return what was sealed; None for what was sealed under another SECRET_KEY, use or row."""
    nonce, rest = kept[:_NONCE_BYTES], kept[_NONCE_BYTES:]
    tag, sealed = rest[:_TAG_BYTES], rest[_TAG_BYTES:]
    try:
        return _cipher(nonce, use, row).decrypt_and_verify(sealed, tag)
    except ValueError:
        return None


def _cipher(nonce: bytes, use: bytes, row: int) -> GcmMode:
    key = _key(settings.SECRET_KEY, use)
    cipher = AES.new(key, AES.MODE_GCM, nonce=nonce, mac_len=_TAG_BYTES)
    cipher.update(str(row).encode())
    return cipher


@lru_cache(maxsize=4)
def _key(secret: str, use: bytes) -> bytes:
    return HKDF(secret.encode(), 32, b"", SHA256, 1, context=use)
