"""Cases: opened, read by those who may, and changed under their own lock. (R-14, R-21, R-40)

The case is the lock: whatever is written about a person begins with `get_for_update`, which bumps the version first and
only then reads. What belongs to a case stands beside it: needs, plans, guardians, households, follow-up, records.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from graph.model.actor import Actor, Credential, Role
from graph.model.case import Case, Goal, Guardianship, Need
from graph.store.errors import Conflict, NotFound
from graph.store.mapping import from_properties, native, to_properties
from graph.store.network import Tx

EDGES: Final = frozenset({"person_id", "organization_id", "team", "needs", "goals", "guardians"})
"""Fields of a case that are edges and nodes of their own."""

CREATE: Final = """
    MATCH (o:Organization {id: $organization_id})
    MATCH (w:Actor {id: $actor_id})-[:WORKS_FOR]->(o)
    MATCH (a:Area {code: $area})
    MERGE (p:Person {id: $person_id})
    CREATE (c:Case {id: $id})
    SET c += $properties
    CREATE (o)-[:HOLDS]->(c)
    CREATE (w)-[:WORKS_ON]->(c)
    CREATE (c)-[:ABOUT]->(p)
    CREATE (c)-[:LIVES_IN]->(a)
    RETURN c.id AS id
"""


async def create(tx: Tx, case: Case, *, actor: Actor) -> None:
    """A new case with its first team member. NotFound if organisation, actor or area are not there, or not together."""
    result = await tx.run(
        CREATE,
        id=case.id,
        person_id=case.person_id,
        organization_id=case.organization_id,
        actor_id=actor.id,
        area=case.area,
        properties=_properties(case),
    )
    if await result.single() is None:
        raise NotFound


def _properties(case: Case) -> dict[str, Any]:
    return to_properties(case, without=EDGES)


OF_ID: Final = """
    MATCH (o:Organization)-[:HOLDS]->(c:Case {id: $id})-[:ABOUT]->(p:Person)
"""
SEEN: Final = """
    WHERE c.id = $own_case
       OR ($manages AND o.id = $organization_id
           AND (NOT c.restricted OR EXISTS { (c)<-[:WORKS_ON]-(:Actor {id: $actor_id}) }))
"""
"""Who sees a case: its team, others of the holding organisation unless it is restricted, and the person itself."""
WHOLE: Final = """
    RETURN properties(c) AS case, o.id AS organization_id, p.id AS person_id,
           [(c)<-[:WORKS_ON]-(a:Actor) WHERE EXISTS { (a)-[:WORKS_FOR]->(o) } | a.id] AS team,
           [(c)-[:HAS]->(n:CaseNeed) | properties(n)] AS needs,
           [(c)-[:PLANS]->(g:Goal) | properties(g)] AS goals,
           [(c)<-[:STANDS_FOR]-(x:Guardianship) | properties(x)] AS guardians
"""
"""All that `whole` reads. A team member who left the organisation is none any more."""

GET: Final = OF_ID + SEEN + WHOLE


async def get(tx: Tx, id: str, *, actor: Actor) -> Case:
    """The case, if it is this actor's to see: not there, not theirs and restricted all look the same."""
    record = await (await tx.run(GET, id=id, **reader(actor))).single()
    if record is None:
        raise NotFound
    return whole(record.data())


def reader(actor: Actor) -> dict[str, Any]:
    """The parameters of `SEEN`."""
    return {
        "actor_id": actor.id,
        "organization_id": actor.organization_id,
        "manages": Role.CASE_MANAGER in actor.roles,
        "own_case": actor.case_id if Role.PERSON in actor.roles else None,
    }


def anybody(id: str) -> dict[str, Any]:
    """The parameters of `SEEN` where the right to act comes from elsewhere: this one case is seen."""
    return {"actor_id": None, "organization_id": None, "manages": False, "own_case": id}


BUMP: Final = """
    MATCH (c:Case {id: $id})
    SET c.version = c.version + 1
    RETURN c.version AS version
"""


async def lock(tx: Tx, id: str) -> int:
    """Take the case's lock, until the transaction ends; the version it has now. Whoever may read is asked later."""
    record = await (await tx.run(BUMP, id=id)).single()
    if record is None:
        raise NotFound
    return int(record["version"])


async def get_for_update(tx: Tx, id: str, *, actor: Actor, expected: int | None = None) -> Case:
    """The case, locked first and only then read. Conflict if it was revised since the `expected` version.

    A stranger's call bumps the version too, but raises NotFound, so that nothing of it stays.
    """
    await lock(tx, id)
    case = await get(tx, id, actor=actor)
    if expected is not None and case.revised != expected:
        raise Conflict(case.revised)
    return case


async def get_locked(tx: Tx, id: str) -> Case:
    """The case, locked, whoever acts: for rules alone, where the right to act comes from elsewhere (a disclosure).

    What this returns is judged and never shown.
    """
    await lock(tx, id)
    return await unseen(tx, id)


GET_UNSEEN: Final = OF_ID + WHOLE


async def unseen(tx: Tx, id: str) -> Case:
    """The case, whoever asks and without a lock: for rules alone, and never shown. NotFound for an unknown one."""
    record = await (await tx.run(GET_UNSEEN, id=id)).single()
    if record is None:
        raise NotFound
    return whole(record.data())


def whole(row: Mapping[str, Any]) -> Case:
    """A case of what `WHOLE` reads."""
    return from_properties(
        Case,
        row["case"],
        organization_id=row["organization_id"],
        person_id=row["person_id"],
        team=frozenset(row["team"]),
        needs=_in_order(from_properties(Need, n) for n in row["needs"]),
        goals=_in_order(from_properties(Goal, g) for g in row["goals"]),
        guardians=_in_order(from_properties(Guardianship, g) for g in row["guardians"]),
    )


def _in_order(found: Any) -> tuple[Any, ...]:
    return tuple(sorted(found, key=lambda noun: noun.id))


SAVE: Final = """
    MATCH (c:Case {id: $id})
    SET c += $properties
"""


async def save(tx: Tx, case: Case, fields: Collection[str]) -> None:
    """Write these fields of a locked case as they are now; what is no longer stated is taken out."""
    if not set(fields) <= set(Case.model_fields) - EDGES - {"id", "version", "stream"}:
        raise ValueError("not a property of a case")
    properties = dict.fromkeys(fields) | {n: v for n, v in _properties(case).items() if n in fields}
    await (await tx.run(SAVE, id=case.id, properties=properties)).consume()


MOVE: Final = """
    MATCH (c:Case {id: $id})-[old:LIVES_IN]->()
    MATCH (a:Area {code: $area})
    DELETE old
    SET c.area = a.code, c.country = $country
    CREATE (c)-[:LIVES_IN]->(a)
    RETURN a.code AS area
"""


async def move(tx: Tx, id: str, *, area: str, country: str) -> None:
    """The person of a locked case lives in another area. NotFound for an unknown one."""
    if await (await tx.run(MOVE, id=id, area=area, country=country)).single() is None:
        raise NotFound


MUNICIPALITY: Final = """
    MATCH (a:Area {code: $code})
    WITH a.lineage AS lineage
    UNWIND lineage AS above
    MATCH (m:Area {code: above})
    WHERE m.level <= 2
    RETURN m.code AS code, lineage[size(lineage) - 1] AS country
    ORDER BY m.level DESC LIMIT 1
"""


async def municipality_of(tx: Tx, code: str) -> tuple[str, str]:
    """The municipality an area lies in, for nothing finer stands in the graph, and its country. (R-21)

    NotFound for an unknown area. `WITH lineage` leaves the first area behind: beside it the embedded engine finds no
    second one by a code from a list.
    """
    record = await (await tx.run(MUNICIPALITY, code=code)).single()
    if record is None:
        raise NotFound
    return str(record["code"]), str(record["country"])


JOIN: Final = """
    MATCH (o:Organization)-[:HOLDS]->(c:Case {id: $id})
    MATCH (a:Actor {id: $member_id})-[:WORKS_FOR]->(o)
    MERGE (a)-[:WORKS_ON]->(c)
    RETURN a.id AS id
"""


async def join(tx: Tx, id: str, *, member_id: str) -> None:
    """Somebody of the holding organisation works on a locked case. NotFound for anybody else."""
    if await (await tx.run(JOIN, id=id, member_id=member_id)).single() is None:
        raise NotFound


LEAVE: Final = "MATCH (:Actor {id: $member_id})-[r:WORKS_ON]->(:Case {id: $id}) DELETE r"


async def leave(tx: Tx, id: str, *, member_id: str) -> None:
    """Somebody no longer works on a locked case."""
    await (await tx.run(LEAVE, id=id, member_id=member_id)).consume()


CASELOAD: Final = """
    MATCH (o:Organization {id: $organization_id})-[:HOLDS]->(c:Case)
    WHERE c.id > $after
      AND (NOT c.restricted OR EXISTS { (c)<-[:WORKS_ON]-(:Actor {id: $actor_id}) })
      AND (NOT $mine OR EXISTS { (c)<-[:WORKS_ON]-(:Actor {id: $actor_id}) })
    RETURN c.id AS id, c.area AS area, c.opened_at AS opened_at, c.closed_at AS closed_at, c.restricted AS restricted,
           c.revised AS revised
    ORDER BY c.id LIMIT $limit
"""


@dataclass(frozen=True, slots=True)
class Listed:
    """A case as a list shows it: its number, never its person."""

    id: str
    area: str
    opened_at: datetime
    closed_at: datetime | None
    restricted: bool
    revised: int


async def caseload(tx: Tx, *, actor: Actor, mine: bool = False, after: str = "", limit: int = 50) -> list[Listed]:
    """The cases a case manager may see, by number: exactly those that `get` would give them. (R-21)

    `mine`: only those they work on themselves.
    """
    if Role.CASE_MANAGER not in actor.roles:
        return []
    result = await tx.run(
        CASELOAD,
        actor_id=actor.id,
        organization_id=actor.organization_id,
        mine=mine,
        after=after,
        limit=limit,
    )
    return [Listed(**{name: native(value) for name, value in record.data().items()}) async for record in result]


CREDENTIALS: Final = """
    MATCH (:Actor {id: $actor_id})-[:HOLDS_CREDENTIAL]->(k:Credential)
    RETURN properties(k) AS credential
"""


async def credentials_of(tx: Tx, actor_id: str) -> list[Credential]:
    """The credentials of an actor, whether they hold or not: that is judged, not asked here."""
    return [from_properties(Credential, r["credential"]) async for r in await tx.run(CREDENTIALS, actor_id=actor_id)]
