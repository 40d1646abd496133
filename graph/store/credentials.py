"""Credentials of professionals: proposed by one administrator, issued by a second, revoked by any. (R-22, R-25)"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from graph.model.actor import Credential
from graph.store.errors import NotFound
from graph.store.mapping import from_properties, native, to_properties
from graph.store.network import Tx

PROPOSE: Final = """
    MATCH (x:Actor {id: $actor_id})
    CREATE (p:CredentialProposal {id: $id, actor_id: x.id, kind: $kind, valid_to: $valid_to, proposed_by: $proposed_by})
    RETURN p.id AS id
"""


async def propose(tx: Tx, *, id: str, actor_id: str, kind: str, valid_to: datetime, proposed_by: str) -> None:
    """The word of the first administrator. NotFound for an unknown actor."""
    result = await tx.run(PROPOSE, id=id, actor_id=actor_id, kind=kind, valid_to=valid_to, proposed_by=proposed_by)
    if await result.single() is None:
        raise NotFound


PROPOSAL: Final = """
    MATCH (p:CredentialProposal {id: $id})
    SET p.taken = coalesce(p.taken, 0) + 1
    RETURN properties(p) AS proposal
"""


async def proposal(tx: Tx, id: str) -> dict[str, Any]:
    """A proposal, locked: it is issued once or not at all. NotFound for an unknown one."""
    record = await (await tx.run(PROPOSAL, id=id)).single()
    if record is None:
        raise NotFound
    return {name: native(value) for name, value in record["proposal"].items()}


DROP: Final = "MATCH (p:CredentialProposal {id: $id}) DETACH DELETE p"


async def drop_proposal(tx: Tx, id: str) -> None:
    """A proposal is no more once it was issued."""
    await (await tx.run(DROP, id=id)).consume()


CREATE: Final = """
    MATCH (x:Actor {id: $actor_id})
    CREATE (x)-[:HOLDS_CREDENTIAL]->(k:Credential {id: $id})
    SET k += $properties
    RETURN k.id AS id
"""


async def create(tx: Tx, credential: Credential) -> None:
    """A credential that two administrators stand for."""
    result = await tx.run(CREATE, actor_id=credential.actor_id, id=credential.id, properties=to_properties(credential))
    if await result.single() is None:
        raise NotFound


GET: Final = "MATCH (k:Credential {id: $id}) RETURN properties(k) AS credential"


async def get(tx: Tx, id: str) -> Credential | None:
    """A credential as it stands, revoked or not; None if there is none."""
    record = await (await tx.run(GET, id=id)).single()
    return from_properties(Credential, record["credential"]) if record else None


REVOKE: Final = """
    MATCH (k:Credential {id: $id})
    WHERE k.revoked_at IS NULL
    SET k.revoked_at = $at
    RETURN k.id AS id
"""


async def revoke(tx: Tx, id: str, *, at: datetime) -> None:
    """It holds no more. NotFound for an unknown one, or one revoked before."""
    if await (await tx.run(REVOKE, id=id, at=at)).single() is None:
        raise NotFound


LISTED: Final = "MATCH (k:Credential) RETURN properties(k) AS credential ORDER BY k.actor_id, k.valid_from, k.id"


async def listed(tx: Tx) -> list[Credential]:
    """All credentials, revoked and ended ones too."""
    return [from_properties(Credential, row["credential"]) async for row in await tx.run(LISTED)]


PROPOSALS: Final = "MATCH (p:CredentialProposal) RETURN properties(p) AS proposal ORDER BY p.valid_to, p.id"


async def proposals(tx: Tx) -> list[dict[str, Any]]:
    """What one administrator proposed and no second one has issued."""
    found = [row["proposal"] async for row in await tx.run(PROPOSALS)]
    return [{name: native(value) for name, value in row.items() if name != "taken"} for row in found]
