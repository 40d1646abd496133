"""Sessions: the hash of a random secret, and whose it is. The secret itself is nowhere but with its holder. (R-25)"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from graph.model.account import Session
from graph.model.actor import Actor
from graph.store.errors import NotFound
from graph.store.mapping import from_properties
from graph.store.network import Tx

CREATE: Final = """
    MATCH (a:Account {id: $account_id})
    CREATE (s:Session {id: $id, token_hash: $token_hash, created_at: $at, seen_at: $at})-[:OF]->(a)
    RETURN s.id AS id
"""


async def create(tx: Tx, *, id: str, account_id: str, token_hash: str, at: datetime) -> None:
    """A session begins."""
    result = await tx.run(CREATE, id=id, account_id=account_id, token_hash=token_hash, at=at)
    if await result.single() is None:
        raise NotFound


@dataclass(frozen=True, slots=True)
class Held:
    """A session with whom it signs in, as the graph knows them now."""

    session: Session
    account_id: str
    actor: Actor


FIND: Final = """
    MATCH (s:Session {token_hash: $token_hash})-[:OF]->(a:Account)-[:OF]->(x:Actor)
    WHERE a.disabled_at IS NULL
    OPTIONAL MATCH (x)-[:WORKS_FOR]->(o:Organization)
    OPTIONAL MATCH (x)-[:OWNS]->(c:Case)
    OPTIONAL MATCH (x)-[:ANSWERS_FOR]->(d:Area)
    RETURN properties(s) AS session, a.id AS account_id, x.id AS actor_id, x.roles AS roles,
           o.id AS organization_id, c.id AS case_id, d.code AS department
"""


async def find(tx: Tx, token_hash: str) -> Held | None:
    """The session of a secret's hash, unless its account is disabled. Whether it is still alive is asked of it."""
    record = await (await tx.run(FIND, token_hash=token_hash)).single()
    if record is None:
        return None
    actor = Actor(
        id=record["actor_id"],
        organization_id=record["organization_id"],
        roles=record["roles"] or (),
        case_id=record["case_id"],
        department=record["department"],
    )
    return Held(from_properties(Session, record["session"]), record["account_id"], actor)


SEEN: Final = "MATCH (s:Session {id: $id}) WHERE s.seen_at < $at SET s.seen_at = $at"


async def seen(tx: Tx, id: str, *, at: datetime) -> None:
    """It was used."""
    await (await tx.run(SEEN, id=id, at=at)).consume()


LIST: Final = """
    MATCH (s:Session)-[:OF]->(:Account)-[:OF]->(:Actor {id: $actor_id})
    RETURN properties(s) AS session ORDER BY s.created_at
"""


async def of_actor(tx: Tx, actor_id: str) -> list[Session]:
    """An actor's own sessions, ended ones that nobody swept away yet too."""
    return [from_properties(Session, r["session"]) async for r in await tx.run(LIST, actor_id=actor_id)]


END: Final = """
    MATCH (s:Session {id: $id})-[:OF]->(:Account)-[:OF]->(:Actor {id: $actor_id})
    WITH s, s.id AS id
    DETACH DELETE s
    RETURN id
"""


async def end(tx: Tx, id: str, *, actor_id: str) -> None:
    """One of an actor's own sessions ends. NotFound for another's."""
    if await (await tx.run(END, id=id, actor_id=actor_id)).single() is None:
        raise NotFound


END_HELD: Final = "MATCH (s:Session {token_hash: $token_hash}) DETACH DELETE s"


async def end_held(tx: Tx, token_hash: str) -> None:
    """Whoever holds the secret signs out; said twice, nothing happens."""
    await (await tx.run(END_HELD, token_hash=token_hash)).consume()


END_ALL: Final = "MATCH (s:Session)-[:OF]->(:Account {id: $account_id}) DETACH DELETE s"


async def end_all(tx: Tx, account_id: str) -> None:
    """All sessions of an account end."""
    await (await tx.run(END_ALL, account_id=account_id)).consume()


END_ALL_OF: Final = "MATCH (s:Session)-[:OF]->(:Account)-[:OF]->(:Actor {id: $actor_id}) DETACH DELETE s"


async def end_all_of(tx: Tx, actor_id: str) -> None:
    """All sessions of an actor end."""
    await (await tx.run(END_ALL_OF, actor_id=actor_id)).consume()
