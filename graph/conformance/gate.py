"""Forcing an interleaving: one side goes on only when the other has come far enough, or cannot.

An engine that locks makes the other side wait, so a gate opens by itself after a while.
"""

from __future__ import annotations

import asyncio
from typing import Final

PATIENCE: Final = 0.4
"""Seconds after which the other side is taken to be waiting for a lock of ours."""


class Gate:
    """Two meeting points of two transactions: the first is inside, the second has done what it can."""

    def __init__(self) -> None:
        self._inside = asyncio.Event()
        self._other = asyncio.Event()

    async def hold(self) -> None:
        """Called by the first, in the middle of its transaction: let the other one in before going on."""
        self._inside.set()
        try:
            async with asyncio.timeout(PATIENCE):
                await self._other.wait()
        except TimeoutError:
            pass

    async def wait_for_first(self) -> None:
        """Called by the second before it begins."""
        await self._inside.wait()

    def other_is_done(self) -> None:
        """Called by the second when it has done what it came for."""
        self._other.set()
