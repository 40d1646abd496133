"""Gaps that the committee has taken up. (R-07) What the directory lacks is read by `graph.store.gaps`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from graph.model.gap import Gap
from graph.store.errors import NotFound
from graph.store.mapping import from_properties, to_properties
from graph.store.network import Tx

EDGES: Final = frozenset({"service_type", "department"})

CREATE: Final = """
    MATCH (t:ServiceType {code: $service_type})
    MATCH (a:Area {code: $department})
    MATCH (o:Organization {id: $owner_id})
    CREATE (g:Gap {id: $id})
    SET g += $properties
    CREATE (g)-[:OF_TYPE]->(t)
    CREATE (g)-[:LIES_IN]->(a)
    CREATE (g)-[:OWNED_BY]->(o)
    RETURN g.id AS id
"""


async def create(tx: Tx, gap: Gap) -> None:
    """A gap that is taken up. NotFound if its type, its area or its owner are not there."""
    result = await tx.run(
        CREATE,
        id=gap.id,
        service_type=gap.service_type,
        department=gap.department,
        owner_id=gap.holds.owner_id,
        properties=to_properties(gap, without=EDGES),
    )
    if await result.single() is None:
        raise NotFound


LOCK: Final = "MATCH (g:Gap {id: $id}) SET g.locked_at = $at RETURN g.id AS id"


async def lock(tx: Tx, id: str, *, at: datetime) -> None:
    """Nobody else decides about it until this transaction ends. NotFound for an unknown one."""
    if await (await tx.run(LOCK, id=id, at=at)).single() is None:
        raise NotFound


GET: Final = """
    MATCH (g:Gap {id: $id})-[:OF_TYPE]->(t:ServiceType)
    MATCH (g)-[:LIES_IN]->(a:Area)
    RETURN properties(g) AS gap, t.code AS service_type, a.code AS department
"""


async def get(tx: Tx, id: str) -> Gap:
    """A gap as it stands. NotFound for an unknown one."""
    record = await (await tx.run(GET, id=id)).single()
    if record is None:
        raise NotFound
    return _whole(record.data())


LOCK_PLACE: Final = "MATCH (a:Area {code: $department}) SET a.gaps_lock = coalesce(a.gaps_lock, 0) + 1"


async def lock_place(tx: Tx, department: str) -> None:
    """Nobody else takes up a gap of this department until this transaction ends."""
    await (await tx.run(LOCK_PLACE, department=department)).consume()


OPEN_FOR: Final = """
    MATCH (g:Gap {closed: false})-[:LIES_IN]->(:Area {code: $department})
    MATCH (g)-[:OF_TYPE]->(:ServiceType {code: $service_type})
    RETURN g.id AS id LIMIT 1
"""


async def open_for(tx: Tx, service_type: str, department: str) -> str | None:
    """The gap that is taken up already for this need and department, if one is."""
    record = await (await tx.run(OPEN_FOR, service_type=service_type, department=department)).single()
    return str(record["id"]) if record else None


SAVE: Final = """
    MATCH (g:Gap {id: $id})
    OPTIONAL MATCH (g)-[before:OWNED_BY]->(:Organization)
    DELETE before
    WITH DISTINCT g
    MATCH (o:Organization {id: $owner_id})
    SET g += $properties
    CREATE (g)-[:OWNED_BY]->(o)
    RETURN g.id AS id
"""


async def save(tx: Tx, gap: Gap) -> None:
    """Write a locked gap as it is now. NotFound if its owner is not there."""
    properties = to_properties(gap, without=EDGES)
    if await (await tx.run(SAVE, id=gap.id, owner_id=gap.holds.owner_id, properties=properties)).single() is None:
        raise NotFound


@dataclass(frozen=True, slots=True)
class ListedGap:
    """A gap with the names that a list shows."""

    gap: Gap
    owner: str
    area: str
    country: str


LISTED: Final = """
    MATCH (g:Gap {closed: $closed})-[:OF_TYPE]->(t:ServiceType)
    MATCH (g)-[:LIES_IN]->(a:Area)
    WHERE $department IS NULL OR $department IN a.lineage
    MATCH (g)-[:OWNED_BY]->(o:Organization)
    RETURN properties(g) AS gap, t.code AS service_type, a.code AS department, o.name AS owner, a.name AS area,
           a.lineage AS lineage
    ORDER BY g.id LIMIT $limit
"""


async def listed(tx: Tx, *, closed: bool, department: str | None = None, limit: int = 500) -> list[ListedGap]:
    """All gaps that are open, or all that are closed; of one department, or of all."""
    asked: dict[str, Any] = {"closed": closed, "department": department, "limit": limit}
    found = [record.data() async for record in await tx.run(LISTED, **asked)]
    return [ListedGap(_whole(row), row["owner"], row["area"], row["lineage"][-1]) for row in found]


def _whole(row: dict[str, Any]) -> Gap:
    return from_properties(Gap, row["gap"], service_type=row["service_type"], department=row["department"])
