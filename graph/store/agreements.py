"""Agreements and who is a party. (R-03, R-15)"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from graph.model.directory import Agreement
from graph.store.content import records, rows, run
from graph.store.mapping import from_properties
from graph.store.network import Tx

ALL: Final = "MATCH (g:Agreement) RETURN properties(g) AS agreement ORDER BY g.id"


async def get_all(tx: Tx) -> dict[str, Agreement]:
    """All agreements by id."""
    return {row["agreement"]["id"]: from_properties(Agreement, row["agreement"]) for row in await records(tx, ALL)}


UPSERT: Final = """
    UNWIND $rows AS row
    MERGE (g:Agreement {id: row.id})
    SET g += row.properties
"""

UNLINK: Final = """
    UNWIND $ids AS id
    MATCH (:Organization)-[r:PARTY_TO]->(:Agreement {id: id})
    DELETE r
"""

LINK: Final = """
    UNWIND $rows AS row
    MATCH (g:Agreement {id: row.id})
    MATCH (o:Organization {id: row.party})
    CREATE (o)-[:PARTY_TO]->(g)
"""


async def upsert(tx: Tx, agreements: Iterable[Agreement]) -> None:
    """Write these agreements."""
    await run(tx, UPSERT, rows=rows(agreements))


async def unlink(tx: Tx, ids: Iterable[str]) -> None:
    """Leave these agreements without parties for now."""
    await run(tx, UNLINK, ids=list(ids))


async def link(tx: Tx, agreements: Iterable[Agreement]) -> None:
    """Every party is a party."""
    await run(tx, LINK, rows=[{"id": g.id, "party": party} for g in agreements for party in g.parties])
