"""Referrals: drafted, sent, read under the case's lock; what an organisation has received. (R-01, R-10)

Which step may follow is `graph.model.referral`; what a send is allowed is `consent`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from graph.model.referral import Referral, Status
from graph.store.errors import NotFound
from graph.store.mapping import from_properties, native, to_properties
from graph.store.network import Tx

EDGES: Final = frozenset({"case_id", "need_id", "service_id", "requester_id", "responder_id"})

CREATE: Final = """
    MATCH (n:CaseNeed {id: $need_id})<-[:HAS]-(:Case {id: $case_id})
    MATCH (s:Service {id: $service_id})
    MATCH (q:Organization {id: $requester_id})
    MATCH (o:Organization {id: $responder_id})
    CREATE (r:Referral {id: $id})
    SET r += $properties
    CREATE (r)-[:FOR]->(n)
    CREATE (r)-[:TO]->(s)
    CREATE (q)-[:REQUESTED]->(r)
    CREATE (r)-[:ADDRESSED_TO]->(o)
    RETURN r.id AS id
"""


async def create(tx: Tx, referral: Referral) -> None:
    """A draft for a need of a locked case. NotFound if need, service or organisation are not there."""
    edges = {name: getattr(referral, name) for name in EDGES}
    result = await tx.run(CREATE, id=referral.id, properties=to_properties(referral, without=EDGES), **edges)
    if await result.single() is None:
        raise NotFound


CASE_OF: Final = "MATCH (r:Referral {id: $id})-[:FOR]->(:CaseNeed)<-[:HAS]-(c:Case) RETURN c.id AS case_id"


async def case_of(tx: Tx, id: str) -> str:
    """Whose referral it is: what must be locked before it is read. NotFound for an unknown one."""
    record = await (await tx.run(CASE_OF, id=id)).single()
    if record is None:
        raise NotFound
    return str(record["case_id"])


RECEIVED_BY: Final = """
    MATCH (r:Referral {id: $id})<-[:RECEIVES]-(:Organization {id: $organization_id})
    MATCH (r)-[:FOR]->(:CaseNeed)<-[:HAS]-(c:Case)
    RETURN c.id AS case_id
"""


async def case_of_received(tx: Tx, id: str, *, organization_id: str | None) -> str:
    """Whose referral it is, for the organisation that received it; NotFound for every other one."""
    record = await (await tx.run(RECEIVED_BY, id=id, organization_id=organization_id)).single()
    if record is None:
        raise NotFound
    return str(record["case_id"])


GET: Final = """
    MATCH (r:Referral {id: $id})
    MATCH (r)-[:FOR]->(n:CaseNeed)<-[:HAS]-(c:Case)
    MATCH (r)-[:TO]->(s:Service)
    MATCH (q:Organization)-[:REQUESTED]->(r)
    MATCH (r)-[:ADDRESSED_TO]->(o:Organization)
    RETURN properties(r) AS referral, c.id AS case_id, n.id AS need_id, s.id AS service_id,
           q.id AS requester_id, o.id AS responder_id
"""


async def get(tx: Tx, id: str) -> Referral:
    """The referral as it stands: read it under its case's lock. NotFound for an unknown one."""
    record = await (await tx.run(GET, id=id)).single()
    if record is None:
        raise NotFound
    return whole(record.data())


OF_CASE: Final = """
    MATCH (c:Case {id: $case_id})-[:HAS]->(n:CaseNeed)<-[:FOR]-(r:Referral)
    MATCH (r)-[:TO]->(s:Service)
    MATCH (q:Organization)-[:REQUESTED]->(r)
    MATCH (r)-[:ADDRESSED_TO]->(o:Organization)
    RETURN properties(r) AS referral, c.id AS case_id, n.id AS need_id, s.id AS service_id,
           q.id AS requester_id, o.id AS responder_id
    ORDER BY r.id
"""


async def of_case(tx: Tx, case_id: str) -> list[Referral]:
    """All referrals of a case."""
    return [whole(record.data()) async for record in await tx.run(OF_CASE, case_id=case_id)]


OF_CASES: Final = """
    UNWIND $case_ids AS case_id
    MATCH (c:Case {id: case_id})-[:HAS]->(n:CaseNeed)<-[:FOR]-(r:Referral)
    MATCH (r)-[:TO]->(s:Service)
    MATCH (q:Organization)-[:REQUESTED]->(r)
    MATCH (r)-[:ADDRESSED_TO]->(o:Organization)
    RETURN properties(r) AS referral, c.id AS case_id, n.id AS need_id, s.id AS service_id,
           q.id AS requester_id, o.id AS responder_id
    ORDER BY r.id
"""


async def of_cases(tx: Tx, case_ids: Collection[str]) -> list[Referral]:
    """All referrals of several cases: for a list of them."""
    return [whole(record.data()) async for record in await tx.run(OF_CASES, case_ids=sorted(case_ids))]


TOGETHER: Final = """
    MATCH (r:Referral {together_id: $together_id})-[:FOR]->(:CaseNeed)<-[:HAS]-(c:Case)
    RETURN c.id AS case_id, r.id AS referral_id ORDER BY case_id
"""


async def together(tx: Tx, together_id: str) -> list[tuple[str, str]]:
    """The cases and referrals that were drafted together, in the order of locks. Empty: there are none."""
    result = await tx.run(TOGETHER, together_id=together_id)
    return [(row["case_id"], row["referral_id"]) async for row in result]


SAVE: Final = """
    MATCH (r:Referral {id: $id})
    SET r += $properties
"""


async def save(tx: Tx, referral: Referral) -> None:
    """Write a referral of a locked case as it is now."""
    await (await tx.run(SAVE, id=referral.id, properties=properties(referral))).consume()


def properties(referral: Referral) -> dict[str, Any]:
    """What stands on its node; what is not stated is null, so that it is taken out."""
    empty = {name: None for name in Referral.model_fields if name not in EDGES}
    return empty | to_properties(referral, without=EDGES)


QUEUE: Final = """
    MATCH (o:Organization {id: $organization_id})-[:RECEIVES]->(r:Referral)-[:TO]->(s:Service)
    WHERE r.id > $after
    MATCH (r)-[:FOR]->(n:CaseNeed)
    RETURN r.id AS id, s.id AS service_id, r.purpose AS purpose, r.status AS status, n.priority AS priority,
           r.sent_at AS sent_at
    ORDER BY r.id LIMIT $limit
"""


@dataclass(frozen=True, slots=True)
class Queued:
    """A referral as the receiving organisation's list shows it: nothing of a person before it is opened."""

    id: str
    service_id: str
    purpose: str
    status: Status
    priority: str
    sent_at: datetime


async def queue(tx: Tx, *, organization_id: str, after: str = "", limit: int = 50) -> list[Queued]:
    """What an organisation has received, by id: exactly what `case_of_received` gives it."""
    result = await tx.run(QUEUE, organization_id=organization_id, after=after, limit=limit)
    return [
        Queued(**{n: native(v) for n, v in row.data().items()} | {"status": Status(row["status"])})
        async for row in result
    ]


CONCERNED: Final = """
    UNWIND $subjects AS subject
    MATCH (r:Referral)-[:TO]->(s:Service)
    WHERE r.status IN $statuses
    MATCH (r)-[:ADDRESSED_TO]->(o:Organization)
    MATCH (r)-[:FOR]->(:CaseNeed)<-[:HAS]-(c:Case)
    MATCH (c)-[:LIVES_IN]->(a:Area)
    WHERE s.id = subject OR o.id = subject OR subject IN a.lineage
       OR EXISTS { MATCH (s)-[:DELIVERED_AT]->(:Location)-[:IN]->(x:Area) WHERE subject IN x.lineage }
    RETURN DISTINCT c.id AS case_id ORDER BY case_id
"""


async def cases_concerned(tx: Tx, subjects: Collection[str], statuses: Collection[Status]) -> list[str]:
    """Cases with such referrals to these services or organisations, or in these areas, in the order of locks. (R-26)"""
    result = await tx.run(CONCERNED, subjects=sorted(subjects), statuses=sorted(statuses))
    return [str(record["case_id"]) async for record in result]


def whole(row: dict[str, Any]) -> Referral:
    """A referral with the ends of its edges."""
    return from_properties(Referral, row.pop("referral"), **row)
