"""Places of many services at once, as an import states them. One service's places: `graph.store.capacity`. (R-06)"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from graph.model.directory import ServiceCapacity
from graph.model.stock import Stock
from graph.store.content import records, rows, run
from graph.store.leases import stock_of
from graph.store.network import Tx

OF_SERVICES: Final = """
    UNWIND $ids AS id
    MATCH (:Service {id: id})-[:HAS]->(c:ServiceCapacity)
    RETURN properties(c) AS capacity
"""


async def of_services(tx: Tx, ids: Iterable[str]) -> dict[str, Stock]:
    """All statements of places of these services, with what stands beside them, by the id of the statement."""
    found = await records(tx, OF_SERVICES, ids=list(ids))
    return {row["capacity"]["id"]: stock_of(row["capacity"]) for row in found}


OWNERS: Final = """
    UNWIND $ids AS id
    MATCH (c:ServiceCapacity {id: id})
    RETURN c.id AS id, c.service_id AS service_id
"""


async def owners(tx: Tx, ids: Iterable[str]) -> dict[str, str]:
    """Which service each of these statements belongs to already."""
    return {row["id"]: row["service_id"] for row in await records(tx, OWNERS, ids=list(ids))}


LOCK: Final = """
    UNWIND $ids AS id
    MATCH (s:Service {id: id})
    SET s.capacity_lock = coalesce(s.capacity_lock, 0) + 1
"""


async def lock(tx: Tx, ids: Iterable[str]) -> None:
    """Hold these services, in the order of their ids, so that no provider states places in between."""
    await run(tx, LOCK, ids=sorted(ids))


CREATE: Final = """
    UNWIND $rows AS row
    MATCH (s:Service {id: row.service_id})
    CREATE (s)-[:HAS]->(c:ServiceCapacity {id: row.id})
    SET c += row.properties
"""

UPDATE: Final = """
    UNWIND $rows AS row
    MATCH (c:ServiceCapacity {id: row.id})
    SET c += row.properties, c.said = row.said, c.declines = row.declines
"""


async def create(tx: Tx, capacities: Iterable[ServiceCapacity]) -> None:
    """Write statements that were not there, each at its service."""
    found = list(capacities)
    pairs = zip(found, rows(found), strict=True)
    await run(tx, CREATE, rows=[{**row, "service_id": capacity.service_id} for capacity, row in pairs])


async def update(tx: Tx, stocks: Iterable[Stock]) -> None:
    """Write statements anew, under the lock; what is held beside them is left as it is."""
    found = list(stocks)
    pairs = zip(found, rows(stock.capacity for stock in found), strict=True)
    await run(tx, UPDATE, rows=[{**row, "said": stock.said, "declines": stock.declines} for stock, row in pairs])
