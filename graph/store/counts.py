"""How many of each noun there are."""

from __future__ import annotations

from typing import Final

from graph.store.network import Tx

OF_DIRECTORY: Final = """
    MATCH (s:Service) WITH count(s) AS services
    MATCH (o:Organization) WITH services, count(o) AS organizations
    MATCH (a:Area)
    RETURN services, organizations, count(a) AS areas
"""


async def of_directory(tx: Tx) -> dict[str, int]:
    """Services, organisations and areas, counted."""
    record = await (await tx.run(OF_DIRECTORY)).single()
    return dict(record.data()) if record else {"services": 0, "organizations": 0, "areas": 0}
