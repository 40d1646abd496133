"""What the directory lacks, as the committee reads it: supply per department, and entries that need care. (R-07)"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from graph.store.mapping import native, nested
from graph.store.network import Tx

SUPPLY: Final = """
    UNWIND $keys AS key
    MATCH (:Catchment {key: key})<-[:REACHES]-(s:Service {status: 'active'})
    OPTIONAL MATCH (s)-[:HAS]->(c:ServiceCapacity)
    RETURN key, count(DISTINCT s) AS services,
           count(DISTINCT CASE WHEN c.state = 'none' THEN s.id ELSE null END) AS full
"""


async def supply(tx: Tx, keys: Sequence[str]) -> dict[str, tuple[int, int]]:
    """For each catchment key: how many active services it finds, and how many of them are full."""
    return {r["key"]: (r["services"], r["full"]) async for r in await tx.run(SUPPLY, keys=list(keys))}


PLACES: Final = """
    UNWIND $keys AS key
    MATCH (:Catchment {key: key})<-[:REACHES]-(s:Service {status: 'active'})-[:HAS]->(c:ServiceCapacity)
    WHERE c.maximum IS NOT NULL AND NOT EXISTS { (s)-[:DELIVERED_AT]->(l:Location) WHERE l.sealed }
    RETURN DISTINCT key, s.id AS service_id, c.maximum AS places
"""


async def places(tx: Tx, keys: Sequence[str]) -> dict[str, dict[str, int]]:
    """For each catchment key: how many places the active services have that say so. Of a place kept secret none. (R-26)"""
    found: dict[str, dict[str, int]] = {}
    async for record in await tx.run(PLACES, keys=list(keys)):
        found.setdefault(record["key"], {})[record["service_id"]] = record["places"]
    return found


WITHOUT_SOP: Final = """
    MATCH (o:Organization)-[:OFFERS]->(s:Service {status: 'active'})
    WHERE NOT EXISTS {
        MATCH (s)-[:GOVERNED_BY]->(p:Sop)
        WHERE (p.valid_from IS NOT NULL OR p.valid_to IS NOT NULL)
          AND (p.valid_from IS NULL OR p.valid_from <= $on) AND (p.valid_to IS NULL OR p.valid_to >= $on)
    }
    RETURN s.id AS id, s.name AS name, o.id AS organization_id, o.name AS organization, s.translations AS translations,
           EXISTS { MATCH (s)-[:GOVERNED_BY]->(:Sop) } AS has_one
    ORDER BY organization, name LIMIT $limit
"""


async def without_sop(tx: Tx, *, on: date, limit: int) -> list[dict[str, Any]]:
    """Active services that can be suggested but not sent to, because no SOP is in force. (R-03)"""
    return [_entry(r.data()) async for r in await tx.run(WITHOUT_SOP, on=on, limit=limit)]


ENDED: Final = """
    MATCH (o:Organization)-[:PARTY_TO]->(g:Agreement)
    WHERE g.valid_to < $until
    RETURN g.id AS id, g.name AS name, o.id AS organization_id, o.name AS organization, g.valid_to AS valid_to,
           g.translations AS translations
    ORDER BY valid_to, organization LIMIT $limit
"""


async def ended_agreements(tx: Tx, *, until: date, limit: int) -> list[dict[str, Any]]:
    """Agreements that have ended before a day. (R-03)"""
    return [
        _entry(r.data()) | {"valid_to": native(r["valid_to"])}
        async for r in await tx.run(ENDED, until=until, limit=limit)
    ]


STALE: Final = """
    MATCH (o:Organization)-[:OFFERS]->(s:Service {status: 'active'})-[:HAS]->(c:ServiceCapacity)
    WHERE c.updated + duration({days: 2 * c.half_life_days}) < $at
       OR (c.state = 'available' AND c.declines >= 2
           AND NOT EXISTS { (s)-[:DELIVERED_AT]->(l:Location) WHERE l.sealed })
    RETURN s.id AS id, s.name AS name, o.id AS organization_id, o.name AS organization, c.updated AS updated,
           s.translations AS translations
    ORDER BY updated, name LIMIT $limit
"""


async def stale_places(tx: Tx, *, at: datetime, limit: int) -> list[dict[str, Any]]:
    """Active services whose places nobody confirmed for two half-lives, or since two declines for want of them. (R-02)

    Declines of a place that is kept secret are not told: they would say when somebody is sent there. (R-26)
    """
    return [_entry(r.data()) | {"updated": native(r["updated"])} async for r in await tx.run(STALE, at=at, limit=limit)]


def _entry(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"translations": nested(row["translations"]) or {}}
