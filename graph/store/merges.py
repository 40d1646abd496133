"""Entries of the directory that are one: the words about pairs, and the edges that follow from them. (R-02)"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, LiteralString

from graph.model.entry import Subject
from graph.model.merge import Merge
from graph.store.content import records, run
from graph.store.errors import NotFound
from graph.store.mapping import from_properties, nested, to_properties
from graph.store.network import Tx

LOCK: Final[Mapping[Subject, LiteralString]] = {
    "service": """
        UNWIND $ids AS id
        MATCH (x:Service {id: id})
        SET x.merging = coalesce(x.merging, 0) + 1
        RETURN x.id AS id, EXISTS { (x)-[:MERGED_INTO]->(:Service) } AS is_gone,
               EXISTS { (x)<-[:MERGED_INTO]-(:Service) } AS stands_for_others
    """,
    "organization": """
        UNWIND $ids AS id
        MATCH (x:Organization {id: id})
        SET x.merging = coalesce(x.merging, 0) + 1
        RETURN x.id AS id, EXISTS { (x)-[:MERGED_INTO]->(:Organization) } AS is_gone,
               EXISTS { (x)<-[:MERGED_INTO]-(:Organization) } AS stands_for_others
    """,
}


async def lock(tx: Tx, subject: Subject, ids: Iterable[str]) -> dict[str, tuple[bool, bool]]:
    """Both entries, locked in one order: whether each is merged into another, and whether another is into it."""
    found = await records(tx, LOCK[subject], ids=sorted(ids))
    return {row["id"]: (row["is_gone"], row["stands_for_others"]) for row in found}


CREATE: Final = "CREATE (m:Merge {id: $id}) SET m += $properties"


async def create(tx: Tx, merge: Merge) -> None:
    """Keep what was said of a pair."""
    await run(tx, CREATE, id=merge.id, properties=to_properties(merge))


LOCKED: Final = """
    MATCH (m:Merge {id: $id})
    SET m.version = coalesce(m.version, 0) + 1
    RETURN properties(m) AS merge
"""


async def get_locked(tx: Tx, id: str) -> Merge:
    """What was said of a pair, locked. NotFound for an unknown one."""
    for row in await records(tx, LOCKED, id=id):
        return from_properties(Merge, row["merge"])
    raise NotFound


SAVE: Final = "MATCH (m:Merge {id: $id}) SET m += $properties"


async def save(tx: Tx, merge: Merge) -> None:
    """Write a locked one as it stands now."""
    await run(tx, SAVE, id=merge.id, properties=to_properties(merge))


STANDING: Final = """
    MATCH (m:Merge)
    WHERE m.state <> 'undone'
    RETURN properties(m) AS merge ORDER BY m.at DESC, m.id
"""


async def standing(tx: Tx) -> list[Merge]:
    """What was said of pairs and holds, the latest first."""
    return [from_properties(Merge, row["merge"]) for row in await records(tx, STANDING)]


LINK: Final[Mapping[Subject, LiteralString]] = {
    "service": """
        MATCH (gone:Service {id: $gone_id})
        MATCH (kept:Service {id: $kept_id})
        CREATE (gone)-[:MERGED_INTO]->(kept)
    """,
    "organization": """
        MATCH (gone:Organization {id: $gone_id})
        MATCH (kept:Organization {id: $kept_id})
        CREATE (gone)-[:MERGED_INTO]->(kept)
    """,
}

UNLINK: Final[Mapping[Subject, LiteralString]] = {
    "service": "MATCH (:Service {id: $gone_id})-[r:MERGED_INTO]->(:Service {id: $kept_id}) DELETE r",
    "organization": "MATCH (:Organization {id: $gone_id})-[r:MERGED_INTO]->(:Organization {id: $kept_id}) DELETE r",
}


async def link(tx: Tx, merge: Merge) -> None:
    """The one entry is the other from now on."""
    await run(tx, LINK[merge.subject], gone_id=merge.gone_id, kept_id=merge.kept_id)


async def unlink(tx: Tx, merge: Merge) -> None:
    """Both stand for themselves again."""
    await run(tx, UNLINK[merge.subject], gone_id=merge.gone_id, kept_id=merge.kept_id)


ORGANIZATIONS: Final = """
    MATCH (o:Organization)
    WHERE NOT EXISTS { (o)-[:MERGED_INTO]->(:Organization) }
    RETURN o.id AS id, o.name AS name, o.alternate_name AS alternate_name, o.translations AS translations,
           o.email AS email, o.website AS website,
           [(o)-[:OFFERS]->(s:Service) | [s.service_types, s.areas, s.phones]] AS services
    ORDER BY id
"""

SERVICES: Final = """
    MATCH (o:Organization)-[:OFFERS]->(s:Service)
    WHERE s.status <> 'defunct' AND NOT EXISTS { (s)-[:MERGED_INTO]->(:Service) }
    RETURN s.id AS id, s.name AS name, s.alternate_name AS alternate_name, s.translations AS translations,
           s.email AS email, s.phones AS phones, s.service_types AS service_types, s.areas AS areas,
           o.id AS organization_id, [(o)-[:MERGED_INTO]->(k:Organization) | k.id] AS kept
    ORDER BY id
"""


async def organizations(tx: Tx) -> list[dict[str, Any]]:
    """Every organisation that stands for itself, by what it can be known again."""
    found = await records(tx, ORGANIZATIONS)
    return [
        row
        | {"translations": nested(row["translations"]) or {}}
        | {"services": [(types or [], areas or [], nested(phones) or []) for types, areas, phones in row["services"]]}
        for row in found
    ]


async def services(tx: Tx) -> list[dict[str, Any]]:
    """Every service that stands for itself, by what it can be known again."""
    return [
        row | {"translations": nested(row["translations"]) or {}, "phones": nested(row["phones"]) or []}
        for row in await records(tx, SERVICES)
    ]
