"""One referral as the organisation that received it works on it: where it stands, what can be said, looking and opening. (R-12)

What it says of itself is `referral_view`; what is done with it `steps`, `reports` and `costs`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from api.actions import disclosures, queue, referral_view, steps
from api.actions.costs import sop_of
from api.actions.queue import CopyReceived, InQueue, copy_received
from api.actions.referral_view import ReferralView
from consent.projection import Packet
from graph.model.actor import Actor
from graph.model.base import Code
from graph.model.consent import Stage
from graph.model.directory import Organization, Service
from graph.model.referral import Mark, Referral, Side, Status
from graph.model.refusal import Refusal
from graph.model.sop import Priority
from graph.secrets import Secrets
from graph.store import disclosures as copies
from graph.store import listing, matters, organizations, referrals, services
from graph.store.errors import NotFound
from graph.store.mapping import nested
from graph.store.network import Tx

MOST_ALIKE: Final = 60


@dataclass(frozen=True, slots=True)
class Alike:
    """Another organisation's service of the same kind, which could be proposed instead."""

    id: str
    name: str
    translations: Mapping[str, Mapping[str, str]]
    organization: str


@dataclass(frozen=True, slots=True)
class Received:
    """A received referral with all that answering it needs; nothing of a person."""

    view: ReferralView
    service: Service | None
    """None: taken out of the directory since."""
    requester: Organization | None
    priority: Priority
    copies: tuple[CopyReceived, ...]
    duties: tuple[Code, ...]
    """What the SOP asks to be reported."""
    together: tuple[str, ...]
    alike: tuple[Alike, ...]
    next: InQueue | None
    """What else of the queue wants an answer first."""


async def look(tx: Tx, referral_id: str, *, actor: Actor, at: datetime) -> Received:
    """A referral for the side that received it. NotFound for everybody else, the sender too: theirs is another page. (R-25)"""
    view = await referral_view.view(tx, referral_id, actor=actor, at=at)
    if Side.RESPONDER not in view.sides:
        raise NotFound
    case_id = await referrals.case_of(tx, referral_id)
    matter = await matters.get(tx, case_id, referral_id, actor=None)
    sop = sop_of(matter)
    lying = await copies.received(tx, [referral_id], organization_id=actor.organization_id)
    waiting = await queue.referrals_of(tx, actor=actor, at=at)
    service = (await services.get(tx, [view.service_id])).get(view.service_id)
    need = next(n for n in matter.case.needs if n.id == matter.referral.need_id)
    return Received(
        view=view,
        service=service,
        requester=(await organizations.get(tx, [view.requester_id])).get(view.requester_id),
        priority=need.priority,
        copies=tuple(copy_received(copy, matter.referral, at=at) for copy in lying),
        duties=sop.follow_up if sop else (),
        together=next((row.together for row in waiting if row.id == referral_id), ()),
        alike=await _alike(tx, service, matter.referral),
        next=next((row for row in waiting if row.id != referral_id and row.clocks), None),
    )


async def _alike(tx: Tx, service: Service | None, referral: Referral) -> tuple[Alike, ...]:
    if service is None or referral.status is not Status.REQUESTED:
        return ()
    types = list(service.service_types)
    rows = await listing.alike(tx, types, besides=service.organization_id, limit=MOST_ALIKE)
    return tuple(
        Alike(row["id"], row["name"], nested(row["translations"]) or {}, str(row["organization"])) for row in rows
    )


async def open_(
    tx: Tx, referral_id: str, *, stage: Stage | None = None, actor: Actor, at: datetime, secrets: Secrets
) -> Packet | Refusal:
    """Open a copy, and tell the sender that it was seen where nobody has said so yet: that is what opening is. (R-12, R-20)"""
    packet = await disclosures.open_copy(tx, referral_id, stage=stage, actor=actor, at=at, secrets=secrets)
    if isinstance(packet, Refusal):
        return packet
    referral = await referrals.get(tx, referral_id)
    if referral.status is Status.REQUESTED and referral.received_at is None:
        said = await steps.mark(tx, referral_id, Mark.RECEIVE, actor=actor, at=at, secrets=secrets)
        if isinstance(said, Refusal):
            return said
    return packet
