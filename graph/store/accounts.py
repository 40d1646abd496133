"""Accounts: found by the blind index of their login, locked before they change, disabled at once. (R-25)"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from graph.model.account import Account
from graph.store.errors import NotFound
from graph.store.mapping import from_properties, to_properties
from graph.store.network import Tx

CREATE: Final = """
    MATCH (x:Actor {id: $actor_id})
    CREATE (a:Account {id: $id})-[:OF]->(x)
    SET a += $properties
    RETURN a.id AS id
"""


async def create(tx: Tx, account: Account) -> None:
    """A new account. The engine refuses a login that is taken; NotFound for an unknown actor."""
    result = await tx.run(
        CREATE, id=account.id, actor_id=account.actor_id, properties=to_properties(account, without={"actor_id"})
    )
    if await result.single() is None:
        raise NotFound


FIND: Final = """
    MATCH (a:Account {login: $login})-[:OF]->(x:Actor)
    RETURN properties(a) AS account, x.id AS actor_id
"""


async def find(tx: Tx, login: str) -> Account | None:
    """The account under the blind index of a login; None if there is none."""
    record = await (await tx.run(FIND, login=login)).single()
    return from_properties(Account, record["account"], actor_id=record["actor_id"]) if record else None


LOCK: Final = """
    MATCH (a:Account {id: $id})-[:OF]->(x:Actor)
    SET a.taken = coalesce(a.taken, 0) + 1
    RETURN properties(a) AS account, x.id AS actor_id
"""


async def get_for_update(tx: Tx, id: str) -> Account:
    """The account, locked until commit: a number counts once, and nobody signs in past a disabling. NotFound."""
    record = await (await tx.run(LOCK, id=id)).single()
    if record is None:
        raise NotFound
    return from_properties(Account, record["account"], actor_id=record["actor_id"])


SAVE: Final = "MATCH (a:Account {id: $id}) SET a += $properties"


async def save(tx: Tx, account: Account) -> None:
    """What an account has become."""
    await (
        await tx.run(SAVE, id=account.id, properties=to_properties(account, without={"id", "actor_id", "login"}))
    ).consume()


DISABLE: Final = """
    MATCH (a:Account {id: $id})
    WHERE a.disabled_at IS NULL
    SET a.disabled_at = $at
    RETURN a.id AS id
"""


async def disable(tx: Tx, id: str, *, at: datetime) -> None:
    """It opens nothing from now on. NotFound for an unknown one, or one disabled before."""
    if await (await tx.run(DISABLE, id=id, at=at)).single() is None:
        raise NotFound


OF_CASE: Final = """
    MATCH (a:Account)-[:OF]->(:Actor)-[:OWNS]->(:Case {id: $case_id})
    WHERE a.disabled_at IS NULL
    RETURN a.id AS id ORDER BY id
"""


async def of_person(tx: Tx, case_id: str) -> list[str]:
    """The accounts by which the person of a locked case can sign in: one, or none."""
    return [str(record["id"]) async for record in await tx.run(OF_CASE, case_id=case_id)]


@dataclass(frozen=True, slots=True)
class Listed:
    """An account as an administrator sees it: no login, no person's name."""

    id: str
    actor_id: str
    organization_id: str | None
    roles: Sequence[str]
    department: str | None
    """the name of the one that a departmental committee answers for"""
    confirmed: bool
    disabled: bool


LIST: Final = """
    MATCH (a:Account)-[:OF]->(x:Actor)
    OPTIONAL MATCH (x)-[:WORKS_FOR]->(o:Organization)
    OPTIONAL MATCH (x)-[:ANSWERS_FOR]->(d:Area)
    RETURN a.id AS id, x.id AS actor_id, o.id AS organization_id, x.roles AS roles, d.name AS department,
           coalesce(a.confirmed, false) AS confirmed, a.disabled_at IS NOT NULL AS disabled
    ORDER BY id
"""


async def listed(tx: Tx) -> list[Listed]:
    """All accounts."""
    return [_listed(record.data()) async for record in await tx.run(LIST)]


def _listed(record: dict[str, Any]) -> Listed:
    return Listed(**(record | {"roles": tuple(record["roles"] or ())}))


COUNT: Final = "MATCH (a:Account) RETURN count(a) AS n"


async def count(tx: Tx) -> int:
    """How many accounts there are, disabled ones too."""
    return int((await (await tx.run(COUNT)).single(strict=True))["n"])
