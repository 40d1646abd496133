"""Organisations of the network. (R-02, R-32)"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from graph.model.directory import Organization
from graph.store.content import records, rows, run
from graph.store.mapping import from_properties
from graph.store.network import Tx

NAMES: Final = "MATCH (o:Organization) RETURN o.id AS id, o.name AS name"


async def names(tx: Tx) -> dict[str, str]:
    """The names of all organisations by id."""
    return {row["id"]: row["name"] for row in await records(tx, NAMES)}


GET: Final = """
    UNWIND $ids AS id
    MATCH (o:Organization {id: id})
    RETURN properties(o) AS organization
"""


async def get(tx: Tx, ids: Iterable[str]) -> dict[str, Organization]:
    """These organisations by id; those that are not there are missing."""
    found = await records(tx, GET, ids=list(ids))
    return {row["organization"]["id"]: from_properties(Organization, row["organization"]) for row in found}


AT_WORK: Final = """
    MATCH (:Organization {id: $id})-[:OFFERS]->(s:Service)
    WHERE s.status <> 'defunct'
    RETURN [(s)-[:DELIVERED_AT]->(:Location)-[:IN]->(a:Area) | a.lineage] AS delivered,
           [(s)-[:COVERS]->(a:Area) | a.lineage] AS covered
"""


async def countries(tx: Tx, id: str) -> frozenset[str]:
    """Where its services are delivered; of those of which that is not known, which they cover. (R-04)"""
    found = await records(tx, AT_WORK, id=id)
    return frozenset(lineage[-1] for row in found for lineage in row["delivered"] or row["covered"])


UPSERT: Final = """
    UNWIND $rows AS row
    MERGE (o:Organization {id: row.id})
    SET o += row.properties
"""


async def upsert(tx: Tx, organizations: Iterable[Organization]) -> None:
    """Write these organisations; what is no longer stated is taken out."""
    await run(tx, UPSERT, rows=rows(organizations))


SERVICES: Final = """
    UNWIND $ids AS id
    MATCH (:Organization {id: id})-[:OFFERS]->(s:Service)
    RETURN s.id AS id
"""


async def services_of(tx: Tx, ids: Iterable[str]) -> list[str]:
    """The ids of the services that these organisations offer."""
    return [row["id"] for row in await records(tx, SERVICES, ids=list(ids))]


PAGE: Final = """
    MATCH (o:Organization)
    WHERE o.id > $after
    RETURN properties(o) AS organization,
           [(o)-[:MEMBER_OF]->(m:Mechanism) | m.id] AS memberships
    ORDER BY o.id LIMIT $limit
"""


async def page(tx: Tx, *, after: str = "", limit: int = 500) -> list[tuple[Organization, tuple[str, ...]]]:
    """Organisations in the order of their ids, with the mechanisms of which each is a member."""
    found = await records(tx, PAGE, after=after, limit=limit)
    return [(from_properties(Organization, row["organization"]), tuple(sorted(row["memberships"]))) for row in found]
