"""One entry of the log: its canonical form, its signature, and commitments that say nothing. (R-21, design §7)

Numbering, storing and reading do not belong here; trees and checkpoints over many entries neither.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Self

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from graph.model.log import Entry, EntryBody

SALT_BYTES: Final = 32


def canonical(body: EntryBody) -> bytes:
    """The one form of a body that is signed and hashed (RFC 8785). What is not stated is left out, never null."""
    return rfc8785.dumps(body.model_dump(mode="json", exclude_none=True))


def instant(at: datetime) -> str:
    """UTC with milliseconds and Z: the form in which the log writes time."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def commitment(tag: str, salt: bytes, value: str) -> str:
    """SHA-256 over a tag, a random salt and a value; once the salt is gone, nobody can tell what it was about."""
    if len(salt) < SALT_BYTES:
        raise ValueError("a commitment needs a salt of 32 bytes")
    return hashlib.sha256(tag.encode() + b"\x00" + salt + b"\x00" + value.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs: an Ed25519 key under a name that a verifier can look up."""

    key_id: str
    private_key: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def from_seed(cls, seed: bytes) -> Self:
        """The signer of a 32-byte seed; its name follows from its public key."""
        key = Ed25519PrivateKey.from_private_bytes(seed)
        return cls(hashlib.sha256(key.public_key().public_bytes_raw()).hexdigest()[:16], key)

    @property
    def public_key(self) -> Ed25519PublicKey:
        """What a verifier needs, and may be shown to anybody."""
        return self.private_key.public_key()


def sign(body: EntryBody, signer: Signer) -> Entry:
    """The entry with its signature."""
    signature = signer.private_key.sign(canonical(body))
    return Entry(body=body, key_id=signer.key_id, signature=_text(signature))


def verify(entry: Entry, public_key: Ed25519PublicKey) -> bool:
    """Whether this key signed exactly this body."""
    try:
        public_key.verify(_bytes(entry.signature), canonical(entry.body))
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
