"""The number from a device (TOTP, RFC 6238): its secret sealed at rest, every number good for one time only. (R-25)"""

from __future__ import annotations

import hmac
from datetime import datetime
from typing import Final

import pyotp

from graph.envelope import seal, unseal
from graph.secrets import Secrets

PERIOD: Final = 30
"""Seconds that a number is shown for; the one before and the one after count too: clocks differ."""


def new_secret() -> str:
    """A secret of 160 bits, as authenticator programs take it."""
    return pyotp.random_base32(32)


def sealed(secret: str, *, account_id: str, secrets: Secrets) -> str:
    """The secret as the graph keeps it: readable with the index key only, in this account only."""
    return seal(_key(secrets), case_id=account_id, field="totp", version=1, value=secret)


def step_of(kept: str, code: str, *, account_id: str, after: int, at: datetime, secrets: Secrets) -> int | None:
    """The step that a number belongs to; None for a wrong number, and for one used before."""
    secret = unseal(_key(secrets), kept, case_id=account_id, field="totp", version=1)
    now = int(at.timestamp()) // PERIOD
    totp = pyotp.TOTP(secret)
    for step in (now - 1, now, now + 1):
        if step > after and hmac.compare_digest(totp.at(step * PERIOD).encode(), code.strip().encode()):
            return step
    return None


def address(secret: str) -> str:
    """What an authenticator program reads from a QR code; it names no person."""
    return pyotp.TOTP(secret).provisioning_uri(name="Enlace", issuer_name="Enlace")


def _key(secrets: Secrets) -> bytes:
    return hmac.digest(secrets.index_key, b"key:totp", "sha256")
