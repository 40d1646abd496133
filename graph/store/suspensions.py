"""Suspensions of areas, organisations and services. (R-26)"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from graph.model.directory import Suspension
from graph.store.content import records, rows, run
from graph.store.errors import NotFound
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


SUBJECT: Final = """
    OPTIONAL MATCH (a:Area {code: $id}) WHERE $subject = 'area'
    OPTIONAL MATCH (o:Organization {id: $id}) WHERE $subject = 'organization'
    OPTIONAL MATCH (s:Service {id: $id}) WHERE $subject = 'service'
    RETURN coalesce(a.code, o.id, s.id) AS id, coalesce(a.name, o.name, s.name, $id) AS name
"""


async def has_subject(tx: Tx, subject: str, id: str) -> bool:
    """Whether what is to be suspended is there."""
    return await name_of(tx, subject, id) is not None


async def name_of(tx: Tx, subject: str, id: str) -> str | None:
    """The name of what is to be suspended; None where it is not there."""
    record = await (await tx.run(SUBJECT, subject=subject, id=id)).single(strict=True)
    return None if record["id"] is None else str(record["name"])


NAMES: Final = """
    MATCH (x:Suspension)-[:STOPS]->(y)
    RETURN x.id AS id, y.name AS name
"""


async def names(tx: Tx) -> dict[str, str]:
    """What each suspension stops, by name."""
    return {row["id"]: row["name"] for row in await records(tx, NAMES)}


HIT: Final = {
    "area": """
        MATCH (x:Area) WHERE $id IN x.lineage
        MATCH (s:Service)-[:DELIVERED_AT]->(:Location)-[:IN]->(x)
        WHERE s.status <> 'defunct'
        RETURN count(DISTINCT s) AS services, count(DISTINCT s.organization_id) AS organizations
    """,
    "organization": """
        MATCH (o:Organization {id: $id})-[:OFFERS]->(s:Service)
        WHERE s.status <> 'defunct'
        RETURN count(DISTINCT s) AS services, count(DISTINCT o) AS organizations
    """,
    "service": """
        MATCH (s:Service {id: $id})
        WHERE s.status <> 'defunct'
        RETURN count(s) AS services, count(s) AS organizations
    """,
}


async def hit(tx: Tx, subject: str, id: str) -> tuple[int, int]:
    """How many services, of how many organisations, a suspension would stop."""
    (row,) = await records(tx, HIT[subject], id=id)
    return row["services"], row["organizations"]


REMOVE: Final = """
    MATCH (x:Suspension {id: $id})
    WITH x, properties(x) AS suspension
    DETACH DELETE x
    RETURN suspension
"""


async def remove(tx: Tx, id: str) -> Suspension:
    """It stops nothing any more. NotFound for an unknown one."""
    record = await (await tx.run(REMOVE, id=id)).single()
    if record is None:
        raise NotFound
    return from_properties(Suspension, record["suspension"])
