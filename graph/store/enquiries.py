"""Questions to providers without identity: written, answered, ended; and who else could be meant by one. (R-10, R-35)

Written under the case's lock. What may be asked is `consent.widening`; when a question has ended is `graph.model.enquiry`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any, Final

from graph.model.enquiry import Enquiry, Somebody
from graph.store.errors import NotFound
from graph.store.mapping import from_properties, native, nested, to_properties
from graph.store.network import Tx

EDGES: Final = frozenset({"case_id", "need_id", "service_id", "organization_id"})

CREATE: Final = """
    MATCH (:Case {id: $case_id})-[:HAS]->(n:CaseNeed {id: $need_id})
    MATCH (s:Service {id: $service_id})
    MATCH (o:Organization {id: $organization_id})
    CREATE (e:Enquiry {id: $id})
    SET e += $properties
    CREATE (n)-[:ASKS]->(e)
    CREATE (e)-[:TO]->(s)
    CREATE (o)-[:IS_ASKED]->(e)
    RETURN e.id AS id
"""


async def create(tx: Tx, enquiry: Enquiry) -> None:
    """A question about a need of a locked case. NotFound if need, service or organisation are not there."""
    edges = {name: getattr(enquiry, name) for name in EDGES}
    result = await tx.run(CREATE, id=enquiry.id, properties=to_properties(enquiry, without=EDGES), **edges)
    if await result.single() is None:
        raise NotFound


CASE_OF: Final = "MATCH (e:Enquiry {id: $id})<-[:ASKS]-(:CaseNeed)<-[:HAS]-(c:Case) RETURN c.id AS case_id"


async def case_of(tx: Tx, id: str) -> str:
    """Whose question it is: what must be locked before it is read. NotFound for an unknown one."""
    record = await (await tx.run(CASE_OF, id=id)).single()
    if record is None:
        raise NotFound
    return str(record["case_id"])


ASKED_OF: Final = """
    MATCH (e:Enquiry {id: $id})<-[:IS_ASKED]-(:Organization {id: $organization_id})
    MATCH (e)<-[:ASKS]-(:CaseNeed)<-[:HAS]-(c:Case)
    RETURN c.id AS case_id
"""


async def case_of_asked(tx: Tx, id: str, *, organization_id: str | None) -> str:
    """Whose question it is, for the organisation that is asked; NotFound for every other one."""
    record = await (await tx.run(ASKED_OF, id=id, organization_id=organization_id)).single()
    if record is None:
        raise NotFound
    return str(record["case_id"])


WHOLE: Final = """
    RETURN properties(e) AS enquiry, c.id AS case_id, n.id AS need_id, s.id AS service_id, o.id AS organization_id,
           c.closed_at AS case_closed_at
    ORDER BY e.id
"""

GET: Final = (
    """
    MATCH (e:Enquiry {id: $id})<-[:ASKS]-(n:CaseNeed)<-[:HAS]-(c:Case)
    MATCH (e)-[:TO]->(s:Service)
    MATCH (o:Organization)-[:IS_ASKED]->(e)
"""
    + WHOLE
)


async def get(tx: Tx, id: str) -> Enquiry:
    """The question as it stands: read it under its case's lock. NotFound for an unknown one."""
    record = await (await tx.run(GET, id=id)).single()
    if record is None:
        raise NotFound
    return whole(record.data())


OF_CASE: Final = (
    """
    MATCH (c:Case {id: $case_id})-[:HAS]->(n:CaseNeed)-[:ASKS]->(e:Enquiry)
    WHERE $need_id IS NULL OR n.id = $need_id
    MATCH (e)-[:TO]->(s:Service)
    MATCH (o:Organization)-[:IS_ASKED]->(e)
"""
    + WHOLE
)


async def of_case(tx: Tx, case_id: str, *, need_id: str | None = None) -> list[Enquiry]:
    """What was asked for a case, of one need only if it is named; the oldest first."""
    rows = [whole(r.data()) async for r in await tx.run(OF_CASE, case_id=case_id, need_id=need_id)]
    return sorted(rows, key=lambda enquiry: (enquiry.asked_at, enquiry.id))


QUEUE: Final = (
    """
    MATCH (o:Organization {id: $organization_id})-[:IS_ASKED]->(e:Enquiry)
    WHERE e.id > $after
    WITH o, e ORDER BY e.id LIMIT $limit
    MATCH (e)<-[:ASKS]-(n:CaseNeed)<-[:HAS]-(c:Case)
    MATCH (e)-[:TO]->(s:Service)
"""
    + WHOLE
)


async def queue(tx: Tx, *, organization_id: str, after: str = "", limit: int = 50) -> list[Enquiry]:
    """What an organisation was asked, by id: exactly what `case_of_asked` gives it."""
    result = await tx.run(QUEUE, organization_id=organization_id, after=after, limit=limit)
    return [whole(row.data()) async for row in result]


SAVE: Final = """
    MATCH (e:Enquiry {id: $id})
    SET e += $properties
"""


async def save(tx: Tx, enquiry: Enquiry) -> None:
    """Write a question of a locked case as it is now."""
    empty = {name: None for name in Enquiry.model_fields if name not in EDGES}
    properties = empty | to_properties(enquiry, without=EDGES)
    await (await tx.run(SAVE, id=enquiry.id, properties=properties)).consume()


END: Final = """
    MATCH (:CaseNeed {id: $need_id})-[:ASKS]->(e:Enquiry)
    WHERE e.closed_at IS NULL AND e.chosen_at IS NULL
    SET e.closed_at = $at
    RETURN e.id AS id
"""


async def end(tx: Tx, need_id: str, *, at: datetime) -> list[str]:
    """Nobody needs an answer any more to what was asked for a need of a locked case; which were ended."""
    return sorted([str(row["id"]) async for row in await tx.run(END, need_id=need_id, at=at)])


HOME: Final = "MATCH (a:Area {code: $code}) RETURN a.lineage AS lineage"


async def home(tx: Tx, code: str) -> tuple[str, ...]:
    """An area and all above it, up to the country. NotFound for an unknown one."""
    record = await (await tx.run(HOME, code=code)).single()
    if record is None:
        raise NotFound
    return tuple(record["lineage"])


MEANT: Final = """
    UNWIND $types AS code
    MATCH (:ServiceType {code: code})<-[:OF_TYPE]-(n:CaseNeed)<-[:HAS]-(c:Case)
    WHERE c.closed_at IS NULL AND NOT c.restricted AND n.agreed_at <= $at AND n.revoked_at IS NULL
    MATCH (c)-[:ABOUT]->(p:Person)
    MATCH (c)-[:LIVES_IN]->(a:Area)
    WHERE $country IN a.lineage
    RETURN c.id AS id, p.id AS who, collect(DISTINCT code) AS needs, a.lineage AS areas, c.age_band AS age_band,
           c.languages AS languages, c.gender AS gender, c.nationality AS nationality, c.factors AS factors
"""


async def could_be_meant(tx: Tx, types: Collection[str], *, country: str, at: datetime) -> list[Somebody]:
    """Who of a country seeks help for something of these types, as far as a question could tell. For counting alone."""
    result = await tx.run(MEANT, types=sorted(types), country=country, at=at)
    return [_somebody(row.data(), on=at.date()) async for row in result]


def _somebody(row: Mapping[str, Any], *, on: date) -> Somebody:
    factors = nested(row["factors"]) or ()
    holding = {f["factor"] for f in factors if not f.get("valid_to") or on <= date.fromisoformat(str(f["valid_to"]))}
    return Somebody(
        who=row["who"],
        needs=frozenset(row["needs"]),
        areas=tuple(row["areas"]),
        age_band=row["age_band"],
        languages=frozenset(row["languages"] or ()),
        gender=row["gender"],
        nationality=row["nationality"],
        factors=frozenset(holding),
    )


def whole(row: Mapping[str, Any]) -> Enquiry:
    """A question with the ends of its edges; that of a case which was closed meanwhile has ended with it."""
    properties = dict(row["enquiry"])
    if properties.get("chosen_at") is None:
        properties["closed_at"] = properties.get("closed_at") or row["case_closed_at"]
    edges = {name: row[name] for name in EDGES}
    return from_properties(Enquiry, {n: native(v) for n, v in properties.items()}, **edges)
