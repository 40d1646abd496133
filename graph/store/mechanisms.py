"""Referral mechanisms, their members, and how one is part of another. (R-01, R-04, R-44)"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from graph.model.directory import Mechanism
from graph.store.content import records, rows, run
from graph.store.mapping import from_properties
from graph.store.network import Tx

ALL: Final = """
    MATCH (m:Mechanism)
    RETURN properties(m) AS mechanism, [(o:Organization)-[:MEMBER_OF]->(m) | o.id] AS members
    ORDER BY m.id
"""


async def get_all(tx: Tx) -> dict[str, Mechanism]:
    """All mechanisms by id, with their members."""
    found = await records(tx, ALL)
    return {
        row["mechanism"]["id"]: from_properties(Mechanism, row["mechanism"], members=tuple(sorted(row["members"])))
        for row in found
    }


UPSERT: Final = """
    UNWIND $rows AS row
    MERGE (m:Mechanism {id: row.id})
    SET m += row.properties
"""

UNLINK: Final = """
    UNWIND $ids AS id
    MATCH (:Mechanism {id: id})-[r:PART_OF]->(:Mechanism)
    DELETE r
"""

UNLINK_MEMBERS: Final = """
    UNWIND $ids AS id
    MATCH (:Organization)-[r:MEMBER_OF]->(:Mechanism {id: id})
    DELETE r
"""

LINK: Final = """
    UNWIND $rows AS row
    MATCH (m:Mechanism {id: row.id})
    MATCH (above:Mechanism {id: row.above})
    CREATE (m)-[:PART_OF]->(above)
"""

LINK_MEMBERS: Final = """
    UNWIND $rows AS row
    MATCH (m:Mechanism {id: row.id})
    MATCH (o:Organization {id: row.member})
    CREATE (o)-[:MEMBER_OF]->(m)
"""


async def upsert(tx: Tx, mechanisms: Iterable[Mechanism]) -> None:
    """Write these mechanisms; members are edges."""
    await run(tx, UPSERT, rows=rows(mechanisms, without=("members",)))


async def unlink(tx: Tx, ids: Iterable[str]) -> None:
    """Take these mechanisms out of those above them."""
    await run(tx, UNLINK, ids=list(ids))


async def unlink_members(tx: Tx, ids: Iterable[str]) -> None:
    """Leave these mechanisms without members for now."""
    await run(tx, UNLINK_MEMBERS, ids=list(ids))


async def link(tx: Tx, mechanisms: Iterable[Mechanism]) -> None:
    """Each is part of the one above it. (R-44)"""
    await run(tx, LINK, rows=[{"id": m.id, "above": m.part_of} for m in mechanisms if m.part_of is not None])


async def link_members(tx: Tx, mechanisms: Iterable[Mechanism]) -> None:
    """Every member is a member."""
    await run(tx, LINK_MEMBERS, rows=[{"id": m.id, "member": member} for m in mechanisms for member in m.members])
