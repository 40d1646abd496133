"""Departures of a case, and who expects the person on the other side. Written under the case's lock only. (R-42)"""

from __future__ import annotations

from typing import Any, Final

from graph.model.departure import Departure
from graph.store.errors import NotFound
from graph.store.mapping import from_properties, to_properties
from graph.store.network import Tx

EDGES: Final = frozenset({"case_id", "receiver_id"})

CREATE: Final = """
    MATCH (c:Case {id: $case_id})
    MATCH (o:Organization {id: $receiver_id})
    CREATE (d:Departure {id: $id})
    SET d += $properties
    CREATE (c)-[:LEAVES_BY]->(d)
    CREATE (o)-[:EXPECTS]->(d)
    RETURN d.id AS id
"""


async def create(tx: Tx, departure: Departure) -> None:
    """A planned departure of a locked case. NotFound for an organisation that is not there."""
    result = await tx.run(
        CREATE,
        case_id=departure.case_id,
        receiver_id=departure.receiver_id,
        id=departure.id,
        properties=to_properties(departure, without=EDGES),
    )
    if await result.single() is None:
        raise NotFound


SAVE: Final = """
    MATCH (d:Departure {id: $id})
    SET d += $properties
"""


async def save(tx: Tx, departure: Departure) -> None:
    """Write a departure of a locked case as it is now."""
    await (await tx.run(SAVE, id=departure.id, properties=to_properties(departure, without=EDGES))).consume()


OF_CASE: Final = """
    MATCH (c:Case {id: $case_id})-[:LEAVES_BY]->(d:Departure)
    MATCH (o:Organization)-[:EXPECTS]->(d)
    RETURN properties(d) AS departure, c.id AS case_id, o.id AS receiver_id
"""


async def of_case(tx: Tx, case_id: str) -> list[Departure]:
    """All departures of a case, the oldest first."""
    found = [_whole(row.data()) async for row in await tx.run(OF_CASE, case_id=case_id)]
    return sorted(found, key=lambda departure: (departure.planned_at, departure.id))


EXPECTED: Final = """
    MATCH (o:Organization {id: $organization_id})-[:EXPECTS]->(d:Departure)
    MATCH (c:Case)-[:LEAVES_BY]->(d)
    WHERE d.stopped_at IS NULL AND ($id IS NULL OR d.id = $id)
    RETURN properties(d) AS departure, c.id AS case_id, o.id AS receiver_id
    ORDER BY d.on, d.id
"""


async def expected_by(tx: Tx, organization_id: str, *, id: str | None = None) -> list[Departure]:
    """Who an organisation expects, the next first; one of them, if it is named. What was stopped is not there."""
    result = await tx.run(EXPECTED, organization_id=organization_id, id=id)
    return [_whole(row.data()) async for row in result]


def _whole(row: dict[str, Any]) -> Departure:
    return from_properties(Departure, row["departure"], case_id=row["case_id"], receiver_id=row["receiver_id"])
