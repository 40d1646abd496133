"""Unmet needs as they are counted, and read back for the committee. (R-07)"""

from __future__ import annotations

from typing import Any, Final

from graph.model.demand import Demand
from graph.store.mapping import to_properties
from graph.store.network import Tx

COUNT: Final = """
    MERGE (d:Demand {key: $key})
    SET d += $properties
"""


async def count(tx: Tx, demand: Demand) -> None:
    """Count one unmet need; asked again, it is still one, with the latest reason."""
    await (await tx.run(COUNT, key=demand.key, properties=to_properties(demand))).consume()


SINCE: Final = """
    MATCH (d:Demand) WHERE d.month >= $month
    RETURN d.service_type AS service_type, d.department AS department, d.reason AS reason, d.near_miss AS near_miss,
           count(d) AS asked
"""


async def since(tx: Tx, month: str) -> list[dict[str, Any]]:
    """How often each need was unmet in each department and why, from a month (`2026-11`) on."""
    return [record.data() async for record in await tx.run(SINCE, month=month)]
