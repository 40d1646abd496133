"""Unmet needs as they are counted, and read back for the committee. (R-07)"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from graph.model.demand import Demand
from graph.store.mapping import native, to_properties
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
           d.month AS month, count(d) AS asked
"""


async def since(tx: Tx, month: str) -> list[dict[str, Any]]:
    """How often each need was unmet in each department, why and in which month, from one (`2026-11`) on."""
    return [record.data() async for record in await tx.run(SINCE, month=month)]


COUNTED: Final = "MATCH (d:Demand) WHERE d.key IN $keys RETURN d.key AS key"


async def counted(tx: Tx, keys: Collection[str]) -> frozenset[str]:
    """Those of these keys under which an unmet need was counted, whenever that was."""
    return frozenset([str(r["key"]) async for r in await tx.run(COUNTED, keys=sorted(keys))])


PLANNED: Final = """
    MATCH (c:Case)-[:HAS]->(n:CaseNeed)
    WHERE c.closed_at IS NULL AND n.revoked_at IS NULL AND n.agreed_at >= $since AND n.agreed_at < $until
      AND NOT EXISTS { MATCH (n)<-[:FOR]-(:Referral) } AND NOT EXISTS { MATCH (n)-[:ASKS]->(:Enquiry) }
    MATCH (n)-[:OF_TYPE]->(t:ServiceType)
    MATCH (c)-[:LIVES_IN]->(a:Area)
    RETURN n.id AS id, n.agreed_at AS agreed_at, t.code AS service_type, a.lineage AS lineage
"""


async def planned(tx: Tx, *, since: datetime, until: datetime) -> list[dict[str, Any]]:
    """Needs of open cases, agreed in this time, for which nobody was ever asked and nothing drafted; for counting alone."""
    found = await tx.run(PLANNED, since=since, until=until)
    return [record.data() | {"agreed_at": native(record["agreed_at"])} async for record in found]
