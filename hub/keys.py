"""Encryption at rest, keyed content hashes and pseudonyms. The keys never reach the database."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12


class KeyringError(Exception):
    """The keys are missing, unreadable, or cannot open what was asked."""


@dataclass(frozen=True, slots=True)
class Keyring:
    """The hub's keys: AES-256-GCM by key id, and one key for pseudonyms and content hashes.

    ``report_key`` (its id and the key) is the warehouse's, once its pseudonyms were renewed.
    """

    active: str
    keys: dict[str, bytes] = field(repr=False)
    pseudonym_key: bytes = field(repr=False)
    report_key: tuple[str, bytes] | None = field(default=None, repr=False)

    def encrypt(self, plain: bytes, *, context: str) -> tuple[bytes, str]:
        """Encrypt under the active key; ``context`` binds the text to its row."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = AESGCM(self.keys[self.active]).encrypt(nonce, plain, context.encode())
        return nonce + sealed, self.active

    def decrypt(self, sealed: bytes, key_id: str, *, context: str) -> bytes:
        """Open what ``encrypt`` sealed.

        Raises:
            KeyringError: the key id is unknown, or the text was altered or moved to another row.
        """
        if key_id not in self.keys:
            raise KeyringError(
                f"Key {key_id!r} is not in RENOVATIEHUB_SLEUTELS. Nothing was opened. "
                "Put the retired key back in the list."
            )
        try:
            return AESGCM(self.keys[key_id]).decrypt(
                sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], context.encode()
            )
        except InvalidTag:
            raise KeyringError(
                f"A text sealed with key {key_id!r} does not open for {context}. It was altered, "
                "or the key was replaced under the same id. Restore the key or the row."
            ) from None

    def pseudonym(self, value: str) -> str:
        """Return a keyed pseudonym (HMAC-SHA-256, 32 hex digits)."""
        return hmac.new(self.pseudonym_key, value.encode(), hashlib.sha256).hexdigest()[:32]

    def content_hash(self, content: bytes) -> bytes:
        """Return a keyed hash of a row's content, so that a hash cannot be guessed back."""
        return hashlib.blake2b(content, digest_size=16, key=self.pseudonym_key[:32]).digest()


def load_keyring(source: str | None = None) -> Keyring:
    """Read the keys from ``RENOVATIEHUB_SLEUTELS``: JSON text, or the path of a 0600 file.

    Raises:
        KeyringError: not set, not readable by us alone, or not of the expected shape.
    """
    setting = source if source is not None else os.environ.get("RENOVATIEHUB_SLEUTELS", "")
    if not setting:
        raise KeyringError(
            "RENOVATIEHUB_SLEUTELS is not set. Nothing personal can be stored. "
            "Set it to the key file that './renovatiehub up' made."
        )
    text = setting if setting.lstrip().startswith("{") else _read_private(Path(setting))
    try:
        document = json.loads(text)
        keys = {name: base64.b64decode(value) for name, value in document["sleutels"].items()}
        report = document.get("rapportage")
        ring = Keyring(
            document["actief"],
            keys,
            base64.b64decode(document["pseudoniem"]),
            (str(report["id"]), base64.b64decode(report["sleutel"])) if report else None,
        )
        sizes = {len(key) for key in keys.values()} | {len(ring.pseudonym_key)}
        sizes |= {len(ring.report_key[1])} if ring.report_key else set()
        if sizes != {32} or ring.active not in keys:
            raise ValueError("sizes")
    except (ValueError, KeyError, TypeError, AttributeError):
        raise KeyringError(
            'RENOVATIEHUB_SLEUTELS does not hold {"actief", "sleutels", "pseudoniem"} with keys of '
            "32 bytes in base64. Nothing was loaded. Correct the key file."
        ) from None
    return ring


def _read_private(path: Path) -> str:
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise KeyringError(
            f"The key file of RENOVATIEHUB_SLEUTELS cannot be read ({error.strerror}). "
            "Nothing was loaded. Correct the path or its rights."
        ) from None
    if mode & 0o077:
        raise KeyringError(
            "The key file of RENOVATIEHUB_SLEUTELS can be read by others. Nothing was loaded. "
            "Run chmod 600 on it."
        )
    return text
