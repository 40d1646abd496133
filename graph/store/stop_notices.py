"""Stop notices: kept until the organisation says that it has seen them. (R-20)"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from graph.model.stop_notice import StopNotice
from graph.store.errors import NotFound
from graph.store.mapping import from_properties, to_properties
from graph.store.network import Tx

EDGES: Final = frozenset({"case_id", "organization_id"})

CREATE: Final = """
    MATCH (c:Case {id: $case_id})
    MATCH (o:Organization {id: $organization_id})
    CREATE (x:StopNotice {id: $id})
    SET x += $properties
    CREATE (c)-[:STOPS_USE]->(x)
    CREATE (x)-[:NOTIFIES]->(o)
    RETURN x.id AS id
"""


async def create(tx: Tx, notice: StopNotice) -> None:
    """A notice about a locked case, to one organisation."""
    result = await tx.run(
        CREATE,
        case_id=notice.case_id,
        organization_id=notice.organization_id,
        id=notice.id,
        properties=to_properties(notice, without=EDGES),
    )
    if await result.single() is None:
        raise NotFound


GET: Final = """
    MATCH (x:StopNotice {id: $id})-[:NOTIFIES]->(o:Organization {id: $organization_id})
    MATCH (c:Case)-[:STOPS_USE]->(x)
    RETURN properties(x) AS notice, c.id AS case_id, o.id AS organization_id
"""


async def get(tx: Tx, id: str, *, organization_id: str | None) -> StopNotice:
    """A notice to this organisation; NotFound for every other one."""
    record = await (await tx.run(GET, id=id, organization_id=organization_id)).single()
    if record is None:
        raise NotFound
    return _notice(record.data())


FIND: Final = """
    MATCH (c:Case)-[:STOPS_USE]->(x:StopNotice {id: $id})-[:NOTIFIES]->(o:Organization)
    RETURN properties(x) AS notice, c.id AS case_id, o.id AS organization_id
"""


async def find(tx: Tx, id: str) -> StopNotice:
    """A notice, for rules alone: to whomever it went. NotFound for an unknown one."""
    record = await (await tx.run(FIND, id=id)).single()
    if record is None:
        raise NotFound
    return _notice(record.data())


TO: Final = """
    MATCH (o:Organization {id: $organization_id})<-[:NOTIFIES]-(x:StopNotice)
    MATCH (c:Case)-[:STOPS_USE]->(x)
    OPTIONAL MATCH (o)<-[:NOTIFIES]-(last:StopNotice {id: $after})
    WITH x, c, o, last
    WHERE x.acknowledged_at IS NULL
      AND ($after IS NULL OR x.acknowledge_by > last.acknowledge_by
           OR (x.acknowledge_by = last.acknowledge_by AND x.id > last.id))
    RETURN properties(x) AS notice, c.id AS case_id, o.id AS organization_id
    ORDER BY x.acknowledge_by, x.id LIMIT $limit
"""


async def open_to(tx: Tx, *, organization_id: str, after: str | None = None, limit: int = 200) -> list[StopNotice]:
    """What an organisation has not acknowledged yet, the most urgent first; those that come after one of them."""
    found = await tx.run(TO, organization_id=organization_id, after=after, limit=limit)
    return [_notice(row.data()) async for row in found]


LATE: Final = """
    MATCH (c:Case)-[:STOPS_USE]->(x:StopNotice)-[:NOTIFIES]->(o:Organization)
    WHERE x.acknowledged_at IS NULL AND x.acknowledge_by <= $at
    RETURN properties(x) AS notice, c.id AS case_id, o.id AS organization_id
    ORDER BY x.acknowledge_by, x.id LIMIT $limit
"""


async def late(tx: Tx, *, at: datetime, limit: int = 200) -> list[StopNotice]:
    """What no organisation acknowledged in time, the longest late first."""
    return [_notice(row.data()) async for row in await tx.run(LATE, at=at, limit=limit)]


ACKNOWLEDGE: Final = """
    MATCH (x:StopNotice {id: $id})
    SET x.acknowledged_at = $at, x.acknowledged_by = $by
"""


async def acknowledge(tx: Tx, id: str, *, by: str, at: datetime) -> None:
    """The organisation has seen it."""
    await (await tx.run(ACKNOWLEDGE, id=id, by=by, at=at)).consume()


def _notice(row: dict[str, Any]) -> StopNotice:
    return from_properties(StopNotice, row["notice"], case_id=row["case_id"], organization_id=row["organization_id"])
