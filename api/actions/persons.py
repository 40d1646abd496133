"""Finding a person across all organisations, by an exact number: the data protection officer alone. (R-21, R-25)

For whoever asks what is known about them and does not know who holds it. Who is restricted is found by nobody outside
their team, and a search that finds nothing is written down like any other.
"""

from __future__ import annotations

from datetime import datetime

from api.actions.allowed import must_ever
from api.actions.case_entry import entry
from consent.access import Allowed, Deed, decide
from consent.relation import relation_of, state_of
from graph.model.actor import Actor, Role
from graph.model.base import Id, Model
from graph.model.log import Kind
from graph.secrets import Secrets
from graph.store import cases, log, organizations, records
from graph.store.network import Tx


class Found(Model):
    """The number of a case, and who holds it: nothing of the person."""

    case_id: Id
    organization_id: Id
    organization: str


async def find(tx: Tx, field: str, value: str, *, actor: Actor, at: datetime, secrets: Secrets) -> tuple[Found, ...]:
    """The cases whose field has exactly this value. UnknownField for what has no blind index: names have none. (R-21)

    An entry in the stream of every case found, which its person can read, and one in the mechanism's, found or not.
    Neither holds the number that was sought.
    """
    must_ever(actor, Deed.PERSON_FIND)
    found = []
    for id in await records.find_everywhere(tx, field, value, index_key=secrets.index_key):
        case = await cases.get_locked(tx, id)
        may = decide(actor, Deed.PERSON_FIND, relation_of(actor, case), state_of(case, Deed.PERSON_FIND))
        if not isinstance(may, Allowed):
            continue
        now = await log.now(tx, case, at)
        await entry(
            tx,
            case,
            Kind.PERSON_SOUGHT,
            actor=actor,
            role=Role.DATA_PROTECTION_OFFICER,
            at=now,
            secrets=secrets,
            fields=(field,),
        )
        found.append(case)
    await log.append(
        tx,
        stream=log.MECHANISM,
        kind=Kind.PERSON_SOUGHT,
        actor=actor.id,
        role=Role.DATA_PROTECTION_OFFICER,
        at=at,
        signer=secrets.signer,
        organization=actor.organization_id,
        fields=(field,),
    )
    holders = await organizations.get(tx, {case.organization_id for case in found})
    return tuple(
        Found(case_id=c.id, organization_id=c.organization_id, organization=holders[c.organization_id].name)
        for c in found
    )
