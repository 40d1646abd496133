"""Places of delivery. The only nodes that hold where a sealed shelter is. (R-26)"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from graph.model.directory import Location
from graph.store.content import records, rows, run
from graph.store.mapping import from_properties
from graph.store.network import Tx

SEALED: Final = "MATCH (l:Location) WHERE l.sealed RETURN l.id AS id"


async def sealed(tx: Tx) -> frozenset[str]:
    """The ids of all sealed locations."""
    return frozenset(row["id"] for row in await records(tx, SEALED))


OF_SERVICE: Final = """
    MATCH (s:Service {id: $service_id})
    RETURN EXISTS { (s)-[:DELIVERED_AT]->(l:Location) WHERE l.sealed } AS is_sealed
"""


async def is_sealed(tx: Tx, service_id: str) -> bool:
    """Whether a service is given at a sealed place."""
    return any(row["is_sealed"] for row in await records(tx, OF_SERVICE, service_id=service_id))


GET: Final = """
    UNWIND $ids AS id
    MATCH (l:Location {id: id})
    RETURN properties(l) AS location
"""


async def get(tx: Tx, ids: Iterable[str]) -> dict[str, Location]:
    """These locations by id, sealed ones as they are: for whoever may know, and for comparing."""
    found = await records(tx, GET, ids=list(ids))
    return {row["location"]["id"]: from_properties(Location, row["location"]) for row in found}


CREATE: Final = """
    UNWIND $rows AS row
    CREATE (l:Location {id: row.id})
    SET l += row.properties
"""

UPDATE: Final = """
    UNWIND $rows AS row
    MATCH (l:Location {id: row.id})
    SET l += row.properties
"""

UNPLACE: Final = """
    UNWIND $ids AS id
    MATCH (:Location {id: id})-[r:IN]->(:Area)
    DELETE r
"""

PLACE: Final = """
    UNWIND $rows AS row
    MATCH (l:Location {id: row.id})
    MATCH (a:Area {code: row.area})
    CREATE (l)-[:IN]->(a)
"""


async def create(tx: Tx, locations: Iterable[Location]) -> None:
    """Write locations that were not there."""
    await run(tx, CREATE, rows=rows(locations))


async def update(tx: Tx, locations: Iterable[Location]) -> None:
    """Write locations anew."""
    await run(tx, UPDATE, rows=rows(locations))


async def unplace(tx: Tx, ids: Iterable[str]) -> None:
    """Take these locations out of their areas."""
    await run(tx, UNPLACE, ids=list(ids))


async def place(tx: Tx, locations: Iterable[Location]) -> None:
    """Put each of these locations into its area."""
    await run(tx, PLACE, rows=[{"id": x.id, "area": x.area} for x in locations if x.area is not None])
