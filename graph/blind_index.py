"""Blind indexes: finding a value exactly without keeping it, for those who hold the index key only. (R-21)

A plain hash of a document number is a dictionary away from the number itself; this one is not without the key.
Names have no index at all: people are not searched by name.
"""

from __future__ import annotations

import hmac
import unicodedata

SHORTEST_KEY = 32


def blind(index_key: bytes, field: str, value: str) -> str:
    """The opaque index of a value in a field: HMAC-SHA-256 under a key of that field alone, 256 bits."""
    if len(index_key) < SHORTEST_KEY:
        raise ValueError("an index key has 32 bytes")
    key_of_field = hmac.digest(index_key, b"field:" + field.encode(), "sha256")
    return hmac.digest(key_of_field, normalised(value).encode(), "sha256").hex()


def normalised(value: str) -> str:
    """Letters and digits alone, in capitals: `0801-1990-12345` and `0801 1990 12345` are one number."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", value).upper() if sign.isalnum())
