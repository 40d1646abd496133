"""API tokens: the hash of a random secret, its scopes and its last instant. (R-25)"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from graph.model.account import ApiToken
from graph.model.actor import Actor
from graph.store.errors import NotFound
from graph.store.mapping import from_properties, to_properties
from graph.store.network import Tx

CREATE: Final = """
    MATCH (a:Account)-[:OF]->(:Actor {id: $actor_id})
    WHERE a.disabled_at IS NULL
    CREATE (t:ApiToken {id: $id, token_hash: $token_hash})-[:OF]->(a)
    SET t += $properties
    RETURN t.id AS id
"""


async def create(tx: Tx, token: ApiToken, *, actor_id: str, token_hash: str) -> None:
    """A token of an actor's account. NotFound where no account of theirs is open."""
    properties = to_properties(token, without={"id"})
    result = await tx.run(CREATE, id=token.id, actor_id=actor_id, token_hash=token_hash, properties=properties)
    if await result.single() is None:
        raise NotFound


@dataclass(frozen=True, slots=True)
class Held:
    """A token with whom it lets act, as the graph knows them now."""

    token: ApiToken
    actor: Actor


FIND: Final = """
    MATCH (t:ApiToken {token_hash: $token_hash})-[:OF]->(a:Account)-[:OF]->(x:Actor)
    WHERE a.disabled_at IS NULL
    OPTIONAL MATCH (x)-[:WORKS_FOR]->(o:Organization)
    OPTIONAL MATCH (x)-[:OWNS]->(c:Case)
    OPTIONAL MATCH (x)-[:ANSWERS_FOR]->(d:Area)
    RETURN properties(t) AS token, x.id AS actor_id, x.roles AS roles, o.id AS organization_id, c.id AS case_id,
           d.code AS department
"""


async def find(tx: Tx, token_hash: str) -> Held | None:
    """The token of a secret's hash, unless its account is disabled; its actor limited to its scopes."""
    record = await (await tx.run(FIND, token_hash=token_hash)).single()
    if record is None:
        return None
    token = from_properties(ApiToken, record["token"])
    return Held(
        token,
        Actor(
            id=record["actor_id"],
            organization_id=record["organization_id"],
            roles=record["roles"] or (),
            scopes=token.scopes,
            case_id=record["case_id"],
            department=record["department"],
        ),
    )


LIST: Final = """
    MATCH (t:ApiToken)-[:OF]->(:Account)-[:OF]->(:Actor {id: $actor_id})
    RETURN properties(t) AS token ORDER BY t.created_at
"""


async def of_actor(tx: Tx, actor_id: str) -> list[ApiToken]:
    """An actor's own tokens, without their secrets."""
    return [from_properties(ApiToken, r["token"]) async for r in await tx.run(LIST, actor_id=actor_id)]


REVOKE: Final = """
    MATCH (t:ApiToken {id: $id})-[:OF]->(:Account)-[:OF]->(:Actor {id: $actor_id})
    WITH t, t.id AS id
    DETACH DELETE t
    RETURN id
"""


async def revoke(tx: Tx, id: str, *, actor_id: str) -> None:
    """It opens nothing any more. NotFound for another's."""
    if await (await tx.run(REVOKE, id=id, actor_id=actor_id)).single() is None:
        raise NotFound


REVOKE_ALL: Final = "MATCH (t:ApiToken)-[:OF]->(:Account {id: $account_id}) DETACH DELETE t"


async def revoke_all(tx: Tx, account_id: str) -> None:
    """All tokens of an account are gone."""
    await (await tx.run(REVOKE_ALL, account_id=account_id)).consume()
