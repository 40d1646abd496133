"""Passwords and the secrets that stand for them: argon2id off the event loop, a few at a time; random opaque tokens.

An unknown login costs the same as a wrong password: both are one verification.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""19 MiB, two passes: what OWASP asks for."""

AT_ONCE: Final = 2
"""Verifications at the same time: each takes a processor and 19 MiB, and anybody may ask for one."""

THREADS: Final = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="argon2")
SHORTEST: Final = 12
LONGEST: Final = 256


@cache
def nobody() -> str:
    """The hash of a password that nobody knows: what an unknown login is verified against."""
    return HASHER.hash(secrets.token_urlsafe(32))


async def hashed(password: str) -> str:
    """What is kept of a password."""
    return await asyncio.get_running_loop().run_in_executor(THREADS, HASHER.hash, password)


async def fits(kept: str | None, password: str) -> bool:
    """Whether this is the password; False, and as slowly, where none is kept."""

    def verify() -> bool:
        try:
            HASHER.verify(kept or nobody(), password)
            return kept is not None
        except (VerificationError, InvalidHashError):
            return False

    return await asyncio.get_running_loop().run_in_executor(THREADS, verify)


def new_token() -> str:
    """An opaque secret of 256 bits."""
    return secrets.token_urlsafe(32)


def hash_of(token: str) -> str:
    """What the graph knows of a token: random secrets need no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()
