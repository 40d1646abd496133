"""How many of each noun there are."""

from __future__ import annotations

from typing import Final

from graph.store.network import Tx

OF_DIRECTORY: Final = """
    RETURN COUNT { (:Service) } AS services, COUNT { (:Organization) } AS organizations, COUNT { (:Area) } AS areas
"""
"""Each for itself: grouped one after the other, the first that is nowhere would hide the others."""


async def of_directory(tx: Tx) -> dict[str, int]:
    """Services, organisations and areas, counted."""
    record = await (await tx.run(OF_DIRECTORY)).single(strict=True)
    return dict(record.data())


OF_CASES: Final = """
    RETURN COUNT { (:Case) } AS cases
"""


async def of_cases(tx: Tx) -> int:
    """How many people are worked with here."""
    return int((await (await tx.run(OF_CASES)).single(strict=True))["cases"])
