"""Changes that somebody proposes of entries of the directory. (R-02)"""

from __future__ import annotations

from typing import Final

from graph.model.proposal import Proposal, ProposalState
from graph.store.content import records, run
from graph.store.errors import NotFound
from graph.store.mapping import from_properties, to_properties
from graph.store.network import Tx

CREATE: Final = """
    MATCH (o:Organization {id: $organization_id})
    CREATE (p:Proposal {id: $id})-[:PROPOSED_OF]->(o)
    SET p += $properties
"""


async def create(tx: Tx, proposal: Proposal) -> None:
    """Keep a new proposal, with the organisation whose entry it is about."""
    properties = to_properties(proposal)
    await run(tx, CREATE, id=proposal.id, organization_id=proposal.organization_id, properties=properties)


WAITING: Final = "MATCH (p:Proposal {subject_id: $subject_id, state: 'open'}) RETURN count(p) AS n"


async def waiting(tx: Tx, subject_id: str) -> int:
    """How many proposals of one entry wait to be decided."""
    return int((await records(tx, WAITING, subject_id=subject_id))[0]["n"])


LOCKED: Final = """
    MATCH (p:Proposal {id: $id})
    SET p.version = coalesce(p.version, 0) + 1
    RETURN properties(p) AS proposal
"""


async def get_locked(tx: Tx, id: str) -> Proposal:
    """A proposal, locked until the end of the transaction. NotFound for an unknown one."""
    for row in await records(tx, LOCKED, id=id):
        return from_properties(Proposal, row["proposal"])
    raise NotFound


GET: Final = "MATCH (p:Proposal {id: $id}) RETURN properties(p) AS proposal"


async def get(tx: Tx, id: str) -> Proposal:
    """A proposal; who may know of it is asked by whoever calls. NotFound for an unknown one."""
    for row in await records(tx, GET, id=id):
        return from_properties(Proposal, row["proposal"])
    raise NotFound


SAVE: Final = "MATCH (p:Proposal {id: $id}) SET p += $properties"


async def save(tx: Tx, proposal: Proposal) -> None:
    """Write a locked proposal as it stands now."""
    await run(tx, SAVE, id=proposal.id, properties=to_properties(proposal))


OPEN: Final = """
    MATCH (p:Proposal {state: $state})
    WHERE p.id > $after AND ($organization_id IS NULL OR p.organization_id = $organization_id)
    RETURN properties(p) AS proposal ORDER BY p.id LIMIT $limit
"""


async def open_(tx: Tx, *, organization_id: str | None = None, after: str = "", limit: int = 100) -> list[Proposal]:
    """The proposals that nobody has decided, by id; of one organisation's entries, or of all."""
    asked = {"state": ProposalState.OPEN.value, "organization_id": organization_id, "after": after, "limit": limit}
    return [from_properties(Proposal, row["proposal"]) for row in await records(tx, OPEN, **asked)]


NEAR: Final = """
    MATCH (p:Proposal)
    WHERE p.organization_id = $organization_id OR p.proposed_by = $actor_id OR p.decided_by = $actor_id
    RETURN properties(p) AS proposal ORDER BY p.proposed_at DESC, p.id LIMIT $limit
"""


async def near(tx: Tx, *, organization_id: str | None, actor_id: str, limit: int = 100) -> list[Proposal]:
    """What concerns an organisation's entries, or was proposed or decided by somebody, the latest first."""
    found = await records(tx, NEAR, organization_id=organization_id or "", actor_id=actor_id, limit=limit)
    return [from_properties(Proposal, row["proposal"]) for row in found]
