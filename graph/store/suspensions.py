"""Suspensions of areas, organisations and services. (R-26)"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from graph.model.directory import Suspension
from graph.store.content import records, rows, run
from graph.store.mapping import from_properties
from graph.store.network import Tx

ALL: Final = "MATCH (x:Suspension) RETURN properties(x) AS suspension ORDER BY x.id"


async def get_all(tx: Tx) -> dict[str, Suspension]:
    """All suspensions by id."""
    return {row["suspension"]["id"]: from_properties(Suspension, row["suspension"]) for row in await records(tx, ALL)}


UPSERT: Final = """
    UNWIND $rows AS row
    MERGE (x:Suspension {id: row.id})
    SET x += row.properties
"""

UNLINK: Final = """
    UNWIND $ids AS id
    MATCH (:Suspension {id: id})-[r:STOPS]->()
    DELETE r
"""

STOP_AREAS: Final = """
    UNWIND $rows AS row
    MATCH (x:Suspension {id: row.id})
    MATCH (y:Area {code: row.subject_id})
    CREATE (x)-[:STOPS]->(y)
"""

STOP_ORGANIZATIONS: Final = """
    UNWIND $rows AS row
    MATCH (x:Suspension {id: row.id})
    MATCH (y:Organization {id: row.subject_id})
    CREATE (x)-[:STOPS]->(y)
"""

STOP_SERVICES: Final = """
    UNWIND $rows AS row
    MATCH (x:Suspension {id: row.id})
    MATCH (y:Service {id: row.subject_id})
    CREATE (x)-[:STOPS]->(y)
"""


async def upsert(tx: Tx, suspensions: Iterable[Suspension]) -> None:
    """Write these suspensions."""
    await run(tx, UPSERT, rows=rows(suspensions))


async def unlink(tx: Tx, ids: Iterable[str]) -> None:
    """Let these suspensions stop nothing for now."""
    await run(tx, UNLINK, ids=list(ids))


async def stop_areas(tx: Tx, suspensions: Iterable[Suspension]) -> None:
    """Stop the areas that these suspensions name."""
    await run(tx, STOP_AREAS, rows=_pairs(suspensions, "area"))


async def stop_organizations(tx: Tx, suspensions: Iterable[Suspension]) -> None:
    """Stop the organisations that these suspensions name."""
    await run(tx, STOP_ORGANIZATIONS, rows=_pairs(suspensions, "organization"))


async def stop_services(tx: Tx, suspensions: Iterable[Suspension]) -> None:
    """Stop the services that these suspensions name."""
    await run(tx, STOP_SERVICES, rows=_pairs(suspensions, "service"))


def _pairs(suspensions: Iterable[Suspension], subject: str) -> list[dict[str, str]]:
    return [{"id": x.id, "subject_id": x.subject_id} for x in suspensions if x.subject == subject]


CONCERNING: Final = """
    OPTIONAL MATCH (a:Area {code: $area})
    WITH coalesce(a.lineage, []) + $subjects AS subjects
    MATCH (x:Suspension)
    WHERE x.subject_id IN subjects
    RETURN properties(x) AS suspension
"""


async def concerning(tx: Tx, *, area: str, subjects: Iterable[str]) -> list[Suspension]:
    """Suspensions of an area or one above it, or of any of these: read under the case's lock by a send. (R-26)"""
    found = await records(tx, CONCERNING, area=area, subjects=list(subjects))
    return [from_properties(Suspension, row["suspension"]) for row in found]
