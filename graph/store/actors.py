"""Those who act: where they work and what they are. Roles are read from here at every request. (R-25)"""

from __future__ import annotations

from typing import Final

from graph.model.actor import Actor, Role
from graph.store.errors import NotFound
from graph.store.network import Tx

CREATE: Final = """
    MATCH (o:Organization {id: $organization_id})
    CREATE (x:Actor {id: $id, roles: $roles})-[:WORKS_FOR]->(o)
    RETURN x.id AS id
"""


async def create(tx: Tx, actor: Actor) -> None:
    """A new actor of an organisation. NotFound for an unknown organisation."""
    result = await tx.run(
        CREATE, id=actor.id, organization_id=actor.organization_id, roles=sorted(role.value for role in actor.roles)
    )
    if await result.single() is None:
        raise NotFound


CREATE_PERSON: Final = """
    MATCH (c:Case {id: $case_id})
    CREATE (x:Actor {id: $id, roles: $roles})-[:OWNS]->(c)
    RETURN x.id AS id
"""


async def create_person(tx: Tx, id: str, *, case_id: str) -> None:
    """The person of a locked case as somebody who acts: for their own case, and of no organisation. (R-41)"""
    result = await tx.run(CREATE_PERSON, id=id, case_id=case_id, roles=[Role.PERSON.value])
    if await result.single() is None:
        raise NotFound


ANSWER_FOR: Final = """
    MATCH (d:Area {code: $department, level: 1})
    MATCH (x:Actor {id: $id})
    CREATE (x)-[:ANSWERS_FOR]->(d)
    RETURN d.code AS department
"""


async def answer_for(tx: Tx, id: str, department: str) -> None:
    """The one department that a new actor's committee answers for. NotFound for what is no department. (R-52)"""
    if await (await tx.run(ANSWER_FOR, id=id, department=department)).single() is None:
        raise NotFound


GET: Final = """
    MATCH (x:Actor {id: $id})
    OPTIONAL MATCH (x)-[:WORKS_FOR]->(o:Organization)
    OPTIONAL MATCH (x)-[:OWNS]->(c:Case)
    OPTIONAL MATCH (x)-[:ANSWERS_FOR]->(d:Area)
    RETURN x.id AS id, x.roles AS roles, o.id AS organization_id, c.id AS case_id, d.code AS department
"""


async def get(tx: Tx, id: str) -> Actor:
    """An actor as they stand now. NotFound for an unknown one."""
    record = await (await tx.run(GET, id=id)).single()
    if record is None:
        raise NotFound
    return Actor(
        id=record["id"],
        organization_id=record["organization_id"],
        roles=record["roles"] or (),
        case_id=record["case_id"],
        department=record["department"],
    )


SET_ROLES: Final = "MATCH (x:Actor {id: $id}) SET x.roles = $roles RETURN x.id AS id"


async def set_roles(tx: Tx, id: str, roles: frozenset[Role]) -> None:
    """What an actor is from now on. NotFound for an unknown one."""
    if await (await tx.run(SET_ROLES, id=id, roles=sorted(role.value for role in roles))).single() is None:
        raise NotFound


HELD: Final = """
    MATCH (x:Actor)-[:WORKS_FOR]->(o:Organization)
    WHERE any(role IN x.roles WHERE role = $role)
      AND EXISTS { MATCH (a:Account)-[:OF]->(x) WHERE a.disabled_at IS NULL }
    RETURN DISTINCT o.id AS id, o.name AS name ORDER BY name
"""


async def organizations_holding(tx: Tx, role: Role) -> dict[str, str]:
    """The organisations in which somebody who can sign in has this role, with their names; no person is named. (R-25)"""
    return {record["id"]: record["name"] async for record in await tx.run(HELD, role=role.value)}


KNOWN: Final = "MATCH (o:Organization) WHERE o.id IN $ids RETURN o.id AS id, o.name AS name"


async def known_organizations(tx: Tx, ids: list[str]) -> dict[str, str]:
    """Those of these organisations that are there, with their names."""
    return {record["id"]: record["name"] async for record in await tx.run(KNOWN, ids=ids)}
