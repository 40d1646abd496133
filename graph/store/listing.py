"""Services under their organisations, by name: for finding one's own. (R-02)"""

from __future__ import annotations

from typing import Any, Final

from graph.store.mapping import native
from graph.store.network import Tx

SERVICES: Final = """
    MATCH (o:Organization)-[:OFFERS]->(s:Service)
    WHERE s.status <> 'defunct'
    RETURN o.id AS organization_id, o.name AS organization, o.translations AS organization_translations,
           s.id AS id, s.name AS name, s.translations AS translations
    ORDER BY organization, name
"""


async def services(tx: Tx) -> list[dict[str, Any]]:
    """All services that still exist, with the names by which somebody may look for them."""
    return [record.data() async for record in await tx.run(SERVICES)]


ALIKE: Final = """
    MATCH (o:Organization)-[:OFFERS]->(s:Service)-[:OF_TYPE]->(t:ServiceType)
    WHERE t.code IN $types AND s.status = 'active' AND o.id <> $besides
    RETURN DISTINCT s.id AS id, s.name AS name, s.translations AS translations, o.name AS organization
    ORDER BY organization, name LIMIT $limit
"""


async def alike(tx: Tx, types: list[str], *, besides: str, limit: int) -> list[dict[str, Any]]:
    """Services of these types that other organisations offer now."""
    return [record.data() async for record in await tx.run(ALIKE, types=types, besides=besides, limit=limit)]


ORGANIZATIONS: Final = """
    MATCH (o:Organization)-[:OFFERS]->(s:Service)
    WHERE s.status <> 'defunct'
    RETURN o.id AS id, o.name AS name, o.translations AS translations, count(s) AS services
    ORDER BY name
"""


async def organizations(tx: Tx) -> list[dict[str, Any]]:
    """Organisations that offer something, with how much."""
    return [record.data() async for record in await tx.run(ORGANIZATIONS)]


PLACES: Final = """
    UNWIND $ids AS id
    MATCH (s:Service {id: id})-[:HAS]->(c:ServiceCapacity)
    WHERE NOT EXISTS { (s)-[:DELIVERED_AT]->(l:Location) WHERE l.sealed }
    RETURN id, c.state AS state, c.available AS available, c.maximum AS maximum, c.unit AS unit, c.updated AS updated,
           c.half_life_days AS half_life_days, toString(c.paused_until) AS paused_until,
           coalesce(c.declines, 0) AS declines
    ORDER BY c.id
"""


async def places(tx: Tx, ids: list[str]) -> dict[str, dict[str, Any]]:
    """What was last said about the places of these services; nothing of those that are given at a sealed place. (R-26)"""
    found = [record.data() async for record in await tx.run(PLACES, ids=ids)]
    return {row["id"]: row | {"updated": native(row["updated"])} for row in reversed(found)}


OWN_PLACES: Final = """
    MATCH (o:Organization {id: $organization_id})-[:OFFERS]->(s:Service)
    WHERE s.status = 'active'
    RETURN s.id AS id, s.name AS name, s.translations AS translations,
           [(s)-[:HAS]->(c:ServiceCapacity) | properties(c)] AS capacities
    ORDER BY s.name, s.id
"""


async def own_places(tx: Tx, *, organization_id: str) -> list[dict[str, Any]]:
    """An organisation's services with what was stated of their places, for whoever works there."""
    rows = [record.data() async for record in await tx.run(OWN_PLACES, organization_id=organization_id)]
    return [row | {"capacity": min(row["capacities"], key=lambda c: str(c["id"]), default=None)} for row in rows]
