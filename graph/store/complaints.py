"""Complaints: made, found within somebody's reach, dealt with. What was written lies sealed on the node. (R-50)

Who may see one is judged in `consent.complaints`; the statements here leave out the organisation complained about too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from graph.model.actor import Role
from graph.model.complaint import Complaint, Office
from graph.store.errors import NotFound
from graph.store.mapping import from_properties, to_properties
from graph.store.network import Tx

EDGES: Final = frozenset({"case_id", "about_id"})


@dataclass(frozen=True, slots=True)
class Kept:
    """A complaint with its sealed words and those of its answer, and whose key opens them."""

    complaint: Complaint
    words: str
    answer: str | None
    person_id: str | None


CREATE: Final = """
    MATCH (o:Organization {id: $about_id})
    CREATE (k:Complaint {id: $id})
    SET k += $properties
    CREATE (k)-[:CONCERNS]->(o)
    RETURN k.id AS id
"""


async def create(tx: Tx, complaint: Complaint, *, words: str) -> None:
    """A new complaint with its sealed words. NotFound for an organisation that is not there."""
    properties = to_properties(complaint, without=EDGES) | {"words": words, "version": 0}
    result = await tx.run(CREATE, about_id=complaint.about_id, id=complaint.id, properties=properties)
    if await result.single() is None:
        raise NotFound


JOIN: Final = """
    MATCH (c:Case {id: $case_id})
    MATCH (k:Complaint {id: $id})
    CREATE (c)-[:COMPLAINS]->(k)
"""


async def join(tx: Tx, complaint: Complaint) -> None:
    """Whose complaint it is, of a locked case; one that was left without a name has nobody."""
    await (await tx.run(JOIN, case_id=complaint.case_id, id=complaint.id)).consume()


CASE_OF: Final = """
    MATCH (k:Complaint {id: $id})
    OPTIONAL MATCH (c:Case)-[:COMPLAINS]->(k)
    RETURN c.id AS case_id
"""


async def case_of(tx: Tx, id: str) -> str | None:
    """Whose case must be locked before it is changed; None for nobody's. NotFound for an unknown one."""
    record = await (await tx.run(CASE_OF, id=id)).single()
    if record is None:
        raise NotFound
    return None if record["case_id"] is None else str(record["case_id"])


LOCK: Final = "MATCH (k:Complaint {id: $id}) SET k.version = k.version + 1"


async def lock(tx: Tx, id: str) -> None:
    """Take the complaint's own lock, after that of its case."""
    await (await tx.run(LOCK, id=id)).consume()


GET: Final = """
    MATCH (k:Complaint {id: $id})-[:CONCERNS]->(o:Organization)
    OPTIONAL MATCH (c:Case)-[:COMPLAINS]->(k)
    OPTIONAL MATCH (c)-[:ABOUT]->(p:Person)
    RETURN properties(k) AS complaint, o.id AS about_id, c.id AS case_id, p.id AS person_id
"""


async def get(tx: Tx, id: str) -> Kept:
    """A complaint as it stands; who may know of it is asked by whoever calls. NotFound for an unknown one."""
    record = await (await tx.run(GET, id=id)).single()
    if record is None:
        raise NotFound
    return _kept(record.data())


OF: Final = """
    MATCH (k:Complaint)-[:CONCERNS]->(o:Organization)
    WHERE $organization_id IS NULL OR o.id <> $organization_id
    OPTIONAL MATCH (c:Case)-[:COMPLAINS]->(k)
    WITH k, o, c
    WHERE k.recorded_by = $actor_id OR c.id = $own_case OR k.office IN $offices
    RETURN properties(k) AS complaint, o.id AS about_id, c.id AS case_id, null AS person_id
    ORDER BY k.answer_by, k.id
"""


async def near(
    tx: Tx, *, actor_id: str, organization_id: str | None, own_case: str | None, offices: list[Office]
) -> list[Kept]:
    """What somebody made, wrote down, or might deal with, the next due first; never about their own organisation."""
    result = await tx.run(
        OF,
        actor_id=actor_id,
        organization_id=organization_id,
        own_case=own_case,
        offices=[office.value for office in offices],
    )
    return [_kept(row.data()) async for row in result]


SAVE: Final = """
    MATCH (k:Complaint {id: $id})
    SET k += $properties
"""


async def save(tx: Tx, complaint: Complaint, *, answer: str | None = None) -> None:
    """Write a locked complaint as it is now, with the sealed words of its answer."""
    properties = to_properties(complaint, without=EDGES) | ({} if answer is None else {"answer": answer})
    await (await tx.run(SAVE, id=complaint.id, properties=properties)).consume()


HOLDING: Final = """
    MATCH (x:Actor)-[:WORKS_FOR]->(o:Organization)
    WHERE any(role IN x.roles WHERE role = $role)
      AND EXISTS { MATCH (a:Account)-[:OF]->(x) WHERE a.disabled_at IS NULL }
    RETURN DISTINCT o.id AS id
"""


async def organizations_holding(tx: Tx, role: Role) -> list[str]:
    """The organisations in which somebody who can sign in has this role."""
    return [str(row["id"]) async for row in await tx.run(HOLDING, role=role.value)]


LEADS: Final = (
    "MATCH (m:Mechanism) WHERE m.lead_organization_id IS NOT NULL RETURN DISTINCT m.lead_organization_id AS id"
)


async def leading(tx: Tx) -> list[str]:
    """The organisations that lead a mechanism. (R-44)"""
    return [str(row["id"]) async for row in await tx.run(LEADS)]


def _kept(row: dict[str, Any]) -> Kept:
    properties = dict(row["complaint"])
    complaint = from_properties(Complaint, properties, about_id=row["about_id"], case_id=row["case_id"])
    return Kept(complaint, properties["words"], properties.get("answer"), row["person_id"])
