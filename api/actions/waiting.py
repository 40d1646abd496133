"""The person accepts the waiting list for a draft that lies there already: it may go as a request for it. (R-06, R-20)

Nothing leaves by it and nothing is promised: a send takes a place where one is free, and asks for the list where none is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from api.actions import referrals as singly
from api.actions.allowed import must
from api.actions.case_entry import refused
from api.actions.leases import foreseen
from api.actions.moves import move, moved
from consent.access import Deed
from graph.model.actor import Actor
from graph.model.base import Id, Model
from graph.model.log import Entry, Kind
from graph.model.refusal import Denied, Reason, Refusal
from graph.secrets import Secrets
from graph.store import cases, matters, referrals
from graph.store.errors import NotFound
from graph.store.matters import Matter
from graph.store.network import Tx

LISTED: Final = "waiting-list"
"""By this an entry tells a draft that may wait from one that may not."""


class Waits(Model):
    """A draft that may go as a request for the waiting list, and the signed entry that says so."""

    referral_id: Id
    entry: Entry


class WaitTogether(Model):
    """The drafts of a household, all of which may wait."""

    together_id: Id
    waits: tuple[Waits, ...]


async def accept(tx: Tx, referral_id: str, *, actor: Actor, at: datetime, secrets: Secrets) -> Waits | Refusal:
    """The person would rather wait than look elsewhere. Refused where no list is kept, and for what is no draft. (R-20)"""
    case_id = await referrals.case_of(tx, referral_id)
    await cases.lock(tx, case_id)
    matter = await matters.get(tx, case_id, referral_id, actor=actor)
    must(actor, Deed.REFERRAL_DRAFT, matter.case)
    done = await _accept(tx, [matter], actor=actor, at=at, secrets=secrets)
    return done if isinstance(done, Refusal) else done[0]


async def accept_together(
    tx: Tx, together_id: str, *, actor: Actor, at: datetime, secrets: Secrets
) -> WaitTogether | Refusal:
    """All who were drafted together would wait; who has left already stays as they are. NotFound where there is nobody. (R-24)"""
    found = []
    pairs = await referrals.together(tx, together_id)
    for case_id, _ in pairs:
        await cases.lock(tx, case_id)
    for case_id, referral_id in pairs:
        matter = await matters.get(tx, case_id, referral_id, actor=actor)
        must(actor, Deed.REFERRAL_DRAFT, matter.case)
        found.append(matter)
    if not found:
        raise NotFound
    drafts = [matter for matter in found if singly.not_open(matter.referral) is None]
    done = await _accept(tx, drafts or found[:1], actor=actor, at=at, secrets=secrets)
    return done if isinstance(done, Refusal) else WaitTogether(together_id=together_id, waits=done)


async def _accept(
    tx: Tx, going: Sequence[Matter], *, actor: Actor, at: datetime, secrets: Secrets
) -> tuple[Waits, ...] | Refusal:
    at = max(matter.now(at) for matter in going)
    first = going[0]
    why = singly.not_open(first.referral)
    found = foreseen(first, at=at, people=len(going), waiting=True)
    if why is None and isinstance(found, Denied) and found.reason is Reason.NO_WAITING_LIST:
        why = Refusal.of([found])
    if why is not None:
        for matter in going:
            about: dict[str, Any] = {"recipient": matter.referral.responder_id, "referral": matter.referral.id}
            await refused(tx, matter.case, why, actor=actor, at=at, secrets=secrets, **about)
        return why
    return tuple([await take_up(tx, matter, actor=actor, at=at, secrets=secrets) for matter in going])


async def take_up(tx: Tx, matter: Matter, *, actor: Actor, at: datetime, secrets: Secrets) -> Waits:
    """A draft of a locked case may wait from now on; whether it may was asked before."""
    before = matter.referral
    after = moved(before, at=at, waiting=True)
    written = await move(
        tx,
        matter.case,
        before,
        after,
        Kind.REFERRAL_DRAFTED,
        actor=actor,
        at=at,
        secrets=secrets,
        reasons=(LISTED,),
    )
    return Waits(referral_id=after.id, entry=written)
