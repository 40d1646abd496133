"""What waits for whoever signs in: what is due by name, the rest by how many, and the places their organisation states. (R-06, R-12)

Each part is what its own action allows this reader; nothing here opens anything, and nothing names a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from api.actions import (
    accounts,
    caseload,
    complaints,
    credentials,
    departures,
    exceptions,
    outbox,
    outlook,
    proposals,
    queue,
    register,
    verifying,
)
from api.actions.outlook import DueItem
from api.actions.waits import Waiting
from consent.access import Allowed, Deed, Relation, decide
from graph.model.actor import Actor, Role
from graph.model.base import Code, Model
from graph.model.directory import Service, ServiceCapacity
from graph.model.places import is_unknown
from graph.secrets import Secrets
from graph.store import leases, listing, services
from graph.store.mapping import nested
from graph.store.network import Tx

MOST: Final = 200
"""Nobody is told of more at once."""


class Counted(Model):
    """How much of one kind waits, and how much of that is late."""

    what: Code
    count: int
    late: int = 0


DUE_ALREADY: Final = frozenset({Waiting.LATE, Waiting.TASK})
"""What waits in a case and stands among what is due."""


@dataclass(frozen=True, slots=True)
class OwnPlaces:
    """The places of one of the reader's own services, as somebody last stated them."""

    service_id: str
    name: str
    translations: Mapping[str, Mapping[str, str]]
    capacity: ServiceCapacity | None
    is_stale: bool


@dataclass(frozen=True, slots=True)
class Today:
    """A reader's day."""

    due: tuple[DueItem, ...]
    counted: tuple[Counted, ...]
    """Only what there is some of."""
    places: tuple[OwnPlaces, ...]
    """What is stale first, then by name."""
    services: Mapping[str, Service]


async def read(tx: Tx, *, actor: Actor, at: datetime, secrets: Secrets) -> Today:
    """What is due, overdue, stale or waiting, by all that the actor is here. (R-25)"""
    due = (await outlook.read(tx, actor=actor, at=at)).items
    counted: list[Counted] = []
    if isinstance(decide(actor, Deed.CASE_OPEN, Relation.OWN), Allowed):
        counted += await _for_case_manager(tx, actor=actor, at=at, secrets=secrets)
    if Role.PROVIDER in actor.roles:
        counted += await _for_provider(tx, actor=actor, at=at)
    if actor.roles & {Role.COMMITTEE, Role.DATA_PROTECTION_OFFICER}:
        counted += await _complaints(tx, actor=actor, at=at)
    if Role.COMMITTEE in actor.roles:
        counted += [await _to_verify(tx, actor=actor, at=at), await _proposals(tx, actor=actor)]
    if Role.DATA_PROTECTION_OFFICER in actor.roles:
        uses = await register.to_review(tx, actor=actor)
        counted.append(Counted(what="exceptions", count=len(uses)))
    if Role.PROFESSIONAL in actor.roles:
        counted.append(Counted(what="attest", count=len(await exceptions.asked_of_me(tx, actor=actor))))
    if Role.ADMIN in actor.roles:
        counted += await _for_admin(tx, actor=actor)
    if actor.roles & {Role.COMMITTEE, Role.ADMIN}:
        stuck = [m for m in await outbox.read(tx, actor=actor, limit=MOST) if m.failed_because is not None]
        counted.append(Counted(what="messages", count=len(stuck)))
    named = {item.service_id for item in due if item.service_id}
    return Today(
        due=due,
        counted=tuple(one for one in counted if one.count),
        places=await _places(tx, actor=actor, at=at),
        services=await services.get(tx, named),
    )


async def _for_case_manager(tx: Tx, *, actor: Actor, at: datetime, secrets: Secrets) -> list[Counted]:
    """What waits in their own cases beside what is due already, in the order of `waits`: how many cases of each kind."""
    listed = (await caseload.read(tx, actor=actor, at=at, secrets=secrets)).cases
    kinds = [kind for kind in Waiting if kind not in DUE_ALREADY]
    cases = {kind: sum(any(wait.what is kind for wait in one.waits) for one in listed) for kind in kinds}
    return [Counted(what=f"case-{kind}", count=n) for kind, n in cases.items()]


async def _for_provider(tx: Tx, *, actor: Actor, at: datetime) -> list[Counted]:
    asked = [q for q in await queue.questions_to(tx, actor=actor, at=at) if q.answer is None]
    arrivals = await departures.expected(tx, actor=actor, at=at)
    past = [arrival for arrival in arrivals if arrival.on < at.date()]
    return [
        Counted(what="enquiries", count=len(asked)),
        Counted(what="arrivals", count=len(arrivals), late=len(past)),
        (await _to_verify(tx, actor=actor, at=at)).model_copy(update={"what": "own-entry"}),
        await _proposals(tx, actor=actor),
    ]


async def _proposals(tx: Tx, *, actor: Actor) -> Counted:
    waiting = (await proposals.to_decide(tx, actor=actor)).proposals
    return Counted(what="proposals", count=sum(p.proposed_by != actor.id for p in waiting))


async def _to_verify(tx: Tx, *, actor: Actor, at: datetime) -> Counted:
    listed = await verifying.listed(tx, actor=actor, at=at, limit=MOST)
    return Counted(what="to-verify", count=len({entry.service_id for entry in listed.entries}))


async def _complaints(tx: Tx, *, actor: Actor, at: datetime) -> list[Counted]:
    waiting = [c for c in await complaints.listed(tx, actor=actor, at=at) if c.answered_at is None]
    return [Counted(what="complaints", count=len(waiting), late=sum(c.late for c in waiting))]


async def _for_admin(tx: Tx, *, actor: Actor) -> list[Counted]:
    waiting = (await credentials.listed(tx, actor=actor)).proposed
    mine = [p for p in waiting if actor.id not in (p.proposed_by, p.actor_id)]
    unclaimed = [a for a in await accounts.listed(tx, actor=actor) if not (a.confirmed or a.disabled)]
    return [Counted(what="credentials", count=len(mine)), Counted(what="unclaimed", count=len(unclaimed))]


async def _places(tx: Tx, *, actor: Actor, at: datetime) -> tuple[OwnPlaces, ...]:
    """Of the reader's own organisation, for who may say them."""
    may_say = isinstance(decide(actor, Deed.PLACES_SAY, Relation.OWN), Allowed)
    if Role.PROVIDER not in actor.roles or actor.organization_id is None or not may_say:
        return ()
    found = []
    for row in await listing.own_places(tx, organization_id=actor.organization_id):
        stock = leases.maybe_stock(row["capacity"])
        is_stale = stock is None or is_unknown(stock.capacity, at=at, declines=stock.declines)
        words = nested(row["translations"]) or {}
        found.append(OwnPlaces(row["id"], row["name"], words, stock.capacity if stock else None, is_stale))
    return tuple(sorted(found, key=lambda own: (not own.is_stale, own.name, own.service_id)))
