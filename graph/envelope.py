"""The envelope around one value of a person: AES-256-GCM, bound to its case, its field and its version. (R-21)

Where keys come from is `graph.keystore`. Nothing here knows what a value means.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES: Final = 12
PADDED_TO: Final = 64
"""Plaintexts grow to a multiple of this, so that the length of an envelope does not tell yes from no."""


class EnvelopeProblem(Exception):
    """An envelope that this key does not open for this case, field and version. Carries no values."""


def seal(key: bytes, *, case_id: str, field: str, version: int, value: Any) -> str:
    """A value, readable only with this key, in this place."""
    plain = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    plain += b" " * (-len(plain) % PADDED_TO)  # spaces after a JSON value mean nothing
    nonce = os.urandom(NONCE_BYTES)
    sealed = AESGCM(key).encrypt(nonce, plain, _place(case_id, field, version))
    return json.dumps({"v": 1, "n": _text(nonce), "c": _text(sealed)}, separators=(",", ":"))


def unseal(key: bytes, text: str, *, case_id: str, field: str, version: int) -> Any:
    """The value of an envelope; EnvelopeProblem for another key, case, field or version, or a changed byte."""
    try:
        envelope = json.loads(text)
        if envelope["v"] != 1:
            raise EnvelopeProblem("an envelope of another version of this program")
        plain = AESGCM(key).decrypt(_bytes(envelope["n"]), _bytes(envelope["c"]), _place(case_id, field, version))
    except (InvalidTag, ValueError, KeyError, TypeError, binascii.Error):
        pass
    else:
        return json.loads(plain)
    raise EnvelopeProblem("an envelope that does not open")


def _place(case_id: str, field: str, version: int) -> bytes:
    """As a JSON list, so that no two places read the same when joined."""
    return json.dumps([case_id, field, version]).encode()


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _bytes(text: str) -> bytes:
    """The bytes of a text; ValueError for one that `_text` would have written otherwise: its last bits say nothing."""
    value = base64.b64decode(text, validate=True)
    if _text(value) != text:
        raise ValueError("not as it was written")
    return value
