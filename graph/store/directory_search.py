"""The whole directory in a few words for each service: what somebody may look for it by. (R-02)"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from graph.store.content import records
from graph.store.mapping import native, nested
from graph.store.network import Tx

ENTRIES: Final = """
    MATCH (o:Organization)-[:OFFERS]->(s:Service)
    WHERE s.status <> 'defunct' AND NOT EXISTS { (s)-[:MERGED_INTO]->(:Service) }
    RETURN s.id AS id, s.name AS name, s.alternate_name AS alternate_name, s.translations AS translations,
           s.status AS status, s.service_types AS service_types, s.areas AS areas, s.languages AS languages,
           s.last_modified AS last_modified, s.latest_edit AS latest_edit, s.assured_date AS assured_date,
           s.verified_at AS verified_at, s.to_verify_since AS to_verify_since,
           o.id AS organization_id, o.name AS organization, o.alternate_name AS organization_alternate,
           o.translations AS organization_translations,
           [(o)-[:MERGED_INTO]->(k:Organization) | k {.id, .name, .translations}] AS kept
    ORDER BY id
"""


async def entries(tx: Tx) -> list[dict[str, Any]]:
    """Every service that still exists and stands for itself, with the names of who offers it."""
    found = []
    for row in await records(tx, ENTRIES):
        kept = [one | {"translations": nested(one["translations"]) or {}} for one in row["kept"]]
        words = {name: nested(row[name]) or {} for name in ("translations", "organization_translations")}
        when = {name: native(row[name]) for name in WHEN}
        found.append(row | words | when | {"kept": kept})
    return found


WHEN: Final = ("last_modified", "latest_edit", "assured_date", "verified_at", "to_verify_since")

PLACES: Final = """
    UNWIND $ids AS id
    MATCH (s:Service {id: id})-[:HAS]->(c:ServiceCapacity)
    WHERE NOT EXISTS { (s)-[:DELIVERED_AT]->(l:Location) WHERE l.sealed }
    RETURN id, properties(c) AS capacity ORDER BY c.id
"""


async def places(tx: Tx, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The places of these services as last said; nothing of those that are given at a sealed place. (R-26)"""
    return {row["id"]: row["capacity"] for row in reversed(await records(tx, PLACES, ids=list(ids)))}


BESIDE: Final = "MATCH (a:Area {code: $code}) RETURN a.touching AS touching"


async def beside(tx: Tx, code: str) -> frozenset[str]:
    """What touches an area, or one that it lies in."""
    return frozenset(code for row in await records(tx, BESIDE, code=code) for code in row["touching"] or ())
