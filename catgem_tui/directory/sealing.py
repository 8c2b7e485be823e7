"""Restricted fields at rest: sealed one record at a time, and a download of them as it lies beside the copy.

The key is 32 bytes as Fernet writes them (base64), from the operating system's keyring.
"""

import base64
import hashlib
import os
from typing import Any

import msgspec


class Sealer:
    """Seals with AES-GCM, bound to the record's id and revision: a row cannot stand in for another."""

    def __init__(self, key: bytes) -> None:
        """Raises ValueError when ``key`` is none."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        self._cipher = AESGCM(base64.urlsafe_b64decode(key))
        self.key = key
        self.mark = int.from_bytes(hashlib.sha256(key).digest()[:6]) or 1
        """Tells one key from another, never 0. A key is 256 random bits: its digest says nothing about it."""

    def seal(self, record_id: str, revision: int, fields: dict[str, str]) -> bytes:
        nonce = os.urandom(12)
        return nonce + self._cipher.encrypt(nonce, msgspec.json.encode(fields), _bound(record_id, revision))

    def unseal(self, record_id: str, revision: int, sealed: bytes) -> dict[str, str]:
        """Nothing when it was sealed with another key, or altered."""
        from cryptography.exceptions import InvalidTag

        try:
            plain = self._cipher.decrypt(sealed[:12], sealed[12:], _bound(record_id, revision))
            return msgspec.json.decode(plain, type=dict[str, str])
        except (InvalidTag, ValueError, msgspec.MsgspecError):
            return {}


def _bound(record_id: str, revision: int) -> bytes:
    return f"{record_id}\0{revision}".encode()


def stream_cipher(key: bytes, name: str, start: int) -> Any:
    """What turns the bytes from ``start`` on of the file ``name`` into sealed ones and back (AES-CTR).

    A name stands for one content only, so no two contents share a key stream.
    """
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    counter = int.from_bytes(hashlib.sha256(name.encode()).digest()[:16]) + start // 16
    cipher = Cipher(
        algorithms.AES(base64.urlsafe_b64decode(key)), modes.CTR((counter % (1 << 128)).to_bytes(16))
    ).encryptor()
    cipher.update(bytes(start % 16))
    return cipher
