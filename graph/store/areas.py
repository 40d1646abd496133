"""Areas: written in one go, because lineage and neighbours of each follow from all of them. (R-04, R-06)"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from graph.model.area import Area
from graph.store.content import KEPT, checksum, records, run
from graph.store.content import properties as properties_of
from graph.store.mapping import from_properties
from graph.store.network import Tx


@dataclass(frozen=True, slots=True)
class Relations:
    """What follows for an area from all areas: its way up to the root, and which areas lie beside it."""

    lineage: tuple[str, ...]
    touching: tuple[str, ...]


def relations(areas: Mapping[str, Area], adjacency: Iterable[tuple[str, str]]) -> dict[str, Relations]:
    """Lineage and neighbours of every area. Who touches a department lies beside all its municipalities too. (R-06)"""
    beside: dict[str, set[str]] = {}
    for one, other in adjacency:
        beside.setdefault(one, set()).add(other)
        beside.setdefault(other, set()).add(one)
    lineages: dict[str, tuple[str, ...]] = {}

    def lineage(code: str) -> tuple[str, ...]:
        if code not in lineages:
            parent = areas[code].parent
            lineages[code] = (code, *lineage(parent)) if parent is not None else (code,)
        return lineages[code]

    found = {}
    for code, area in areas.items():
        above = lineage(code)
        near: set[str] = set().union(*(beside.get(c, ()) for c in above if c == code or areas[c].level >= 1))
        found[area.code] = Relations(above, tuple(sorted(near - set(above))))
    return found


READ_ALL: Final = """
    MATCH (a:Area)
    RETURN properties(a) AS area, [(a)-[:TOUCHES]->(b:Area) | b.code] AS beside
    ORDER BY a.code
"""


@dataclass(frozen=True, slots=True)
class Stored:
    """An area as the graph has it."""

    area: Area
    beside: tuple[str, ...]
    relations: Relations
    checksum: str


async def read_all(tx: Tx) -> dict[str, Stored]:
    """All areas by code: some thousands, read whole."""
    found = {}
    for row in await records(tx, READ_ALL):
        node = row["area"]
        found[node["code"]] = Stored(
            from_properties(Area, node),
            tuple(sorted(row["beside"])),
            Relations(tuple(node.get("lineage") or ()), tuple(node.get("touching") or ())),
            node.get(KEPT, ""),
        )
    return found


LINEAGES: Final = "MATCH (a:Area) RETURN a.code AS code, a.lineage AS lineage"


async def lineages(tx: Tx) -> dict[str, tuple[str, ...]]:
    """The way up to the root, of every area."""
    return {row["code"]: tuple(row["lineage"]) for row in await records(tx, LINEAGES)}


UPSERT: Final = """
    UNWIND $rows AS row
    MERGE (a:Area {code: row.id})
    SET a += row.properties
"""


async def upsert(tx: Tx, areas: Iterable[tuple[Area, Relations]]) -> None:
    """Write these areas with what follows for each from all."""
    rows = [_row(area, found) for area, found in areas]
    await run(tx, UPSERT, rows=rows)


def _row(area: Area, found: Relations) -> dict[str, Any]:
    derived = {"lineage": list(found.lineage), "touching": list(found.touching), KEPT: checksum_of(area, found)}
    return {"id": area.code, "properties": properties_of(area) | derived}


def checksum_of(area: Area, found: Relations) -> str:
    """Of the area and of what follows for it."""
    follows = "|".join((*found.lineage, "", *found.touching))
    return checksum(area) + hashlib.sha256(follows.encode()).hexdigest()[:16]


PARENTS: Final = """
    UNWIND $rows AS row
    MATCH (a:Area {code: row.code})
    MATCH (b:Area {code: row.parent})
    MERGE (a)-[:PART_OF]->(b)
"""

NO_PARENT: Final = """
    UNWIND $codes AS code
    MATCH (:Area {code: code})-[r:PART_OF]->()
    DELETE r
"""


async def link_parents(tx: Tx, areas: Iterable[Area]) -> None:
    """Each area is part of its parent; an earlier parent is left."""
    rows = [{"code": a.code, "parent": a.parent} for a in areas if a.parent is not None]
    await run(tx, PARENTS, rows=rows)


async def unlink_parents(tx: Tx, codes: Iterable[str]) -> None:
    """These areas are part of nothing for now."""
    await run(tx, NO_PARENT, codes=list(codes))


TOUCHES: Final = """
    UNWIND $rows AS row
    MATCH (a:Area {code: row[0]})
    MATCH (b:Area {code: row[1]})
    MERGE (a)-[:TOUCHES]->(b)
"""


async def link_touching(tx: Tx, pairs: Iterable[tuple[str, str]]) -> None:
    """Areas that touch: written in the direction given, so give both."""
    await run(tx, TOUCHES, rows=[list(pair) for pair in pairs])


COVERING: Final = """
    UNWIND $codes AS code
    MATCH (:Area {code: code})<-[:COVERS]-(s:Service)
    RETURN DISTINCT s.id AS id
"""


async def services_covering(tx: Tx, codes: Iterable[str]) -> list[str]:
    """The ids of the services that cover one of these areas: their catchment follows from the lineage."""
    return [row["id"] for row in await records(tx, COVERING, codes=list(codes))]
