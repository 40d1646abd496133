"""Places held for referrals: taken by a send, kept by an acceptance, given back at every end. (R-06, R-07, R-15)

Under the lock of the service's places, after the case's. The arithmetic is `graph.model.stock`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from graph.model.base import Model
from graph.model.case import Case
from graph.model.clock import Due, deadline
from graph.model.disclosure import Disclosure
from graph.model.lease import Held, Lease, held_after, was_served
from graph.model.referral import BusinessStatus, Referral, Status, Step
from graph.model.refusal import Denied, Refusal
from graph.model.sop import Sop
from graph.model.status_reason import Consequence
from graph.model.stock import Budget, Place, Stock, affordable, declined, ended, kept, room, taken, to_accept
from graph.model.timer import Job, Timer
from graph.seed.status_reasons import status_reasons
from graph.seed.working_days import working_days
from graph.store import cases, leases, matters
from graph.store.matters import Matter
from graph.store.network import Tx


class Holds(Model):
    """What a send found: whether a place is held, and until when where nobody decides."""

    place: Place
    until: datetime | None = None
    end: Timer | None = None
    """When the clock looks whether anybody decided (`due`): set with the other clocks of the send."""


async def hold(tx: Tx, going: Sequence[tuple[Matter, Disclosure]], *, at: datetime) -> Mapping[str, Holds] | Refusal:
    """A place for each of these, who go to one service together: all or none. By referral. (design §6, R-24)

    Of their cases' locks all are held already. Where nobody states places none is held, and that is what is told. Where
    life is in danger nothing about places keeps anybody back: who has none goes without, and that is told too. (R-22)
    """
    (first, copy), waiting = going[0], any(matter.referral.waiting for matter, _ in going)
    if first.stock is None:
        return {matter.referral.id: Holds(place=Place.NOT_COUNTED) for matter, _ in going}
    sop = next(sop for sop in first.recipient.sops if sop.id == copy.sop_id)
    stock, budget = await leases.for_update(tx, first.referral.service_id, currency=_currency(sop))
    found = room(stock, len(going), waiting=waiting, on=at.date())
    if found is Place.HELD and (no := affordable(budget, len(going) * cost_of(sop))):
        found = no
    if isinstance(found, Denied):
        return await _without(tx, going, found, at=at)
    if found is not Place.HELD or stock is None:
        return {matter.referral.id: Holds(place=found) for matter, _ in going}
    made = [_lease(matter, sop, budget, at=at) for matter, _ in going]
    await _take(tx, taken(stock, len(made)), budget, made)
    ends = [_end_of(lease, matter.case) for lease, (matter, _) in zip(made, going, strict=True)]
    return {
        lease.referral_id: Holds(place=Place.HELD, until=lease.expires_at, end=end)
        for lease, end in zip(made, ends, strict=True)
    }


async def _without(
    tx: Tx, going: Sequence[tuple[Matter, Disclosure]], why: Denied, *, at: datetime
) -> Mapping[str, Holds] | Refusal:
    """Who goes though there are no places for all: whose life is in danger, where the others have one each. (R-22)"""
    urgent = [matter.referral.id for matter, _ in going if is_urgent(matter)]
    if not urgent:
        return Refusal.of([why])
    rest = [pair for pair in going if not is_urgent(pair[0])]
    held = await hold(tx, rest, at=at) if rest else {}
    return held if isinstance(held, Refusal) else {**held, **dict.fromkeys(urgent, Holds(place=Place.NONE_FREE))}


def is_urgent(matter: Matter) -> bool:
    """It goes by the door without consent, because life is in danger; the send has judged that. (R-22)"""
    return matter.referral.attestation_id is not None


def _end_of(lease: Lease, case: Case) -> Timer:
    about = {"subject_id": lease.id, "case_id": case.id}
    return Timer(id=f"{lease.id}-end", job=Job.LEASE_END, due_at=lease.expires_at, **about)


def foreseen(matter: Matter, *, at: datetime, people: int = 1, waiting: bool = False) -> Place | Denied:
    """What a send would find now, for as many as go together: for a preview, which holds nothing."""
    found = room(matter.stock, people, waiting=waiting or matter.referral.waiting, on=at.date())
    return Place.NONE_FREE if isinstance(found, Denied) and is_urgent(matter) else found


def _currency(sop: Sop) -> str | None:
    return sop.costs.currency if cost_of(sop) else None


def cost_of(sop: Sop) -> int:
    """What one place under these rules may cost its programme: the ceiling per referral that was agreed. (R-15)"""
    return sop.costs.ceiling or 0


def _lease(matter: Matter, sop: Sop, budget: Budget | None, *, at: datetime, held: Held = Held.LEASED) -> Lease:
    referral = matter.referral
    return Lease(
        id=f"{referral.id}-place-{referral.version}",  # one name, so that no retry and no race makes two of it
        service_id=referral.service_id,
        referral_id=referral.id,
        held=held,
        taken_at=at,
        expires_at=until(matter, sop, at=at),
        program_id=budget.program_id if budget else None,
        cost=cost_of(sop) if budget else 0,
    )


def until(matter: Matter, sop: Sop, *, at: datetime) -> datetime:
    """When a place is given back that nobody decided on: at twice the time to decide, where a referral lapses. (R-12)"""
    country = min(matter.recipient.countries, default=matter.case.country)
    calendar = working_days(country, at.year)
    priority = next(need.priority for need in matter.case.needs if need.id == matter.referral.need_id)
    once = deadline(at, sop.clocks, Due.DECIDE, priority, calendar)
    return deadline(once, sop.clocks, Due.DECIDE, priority, calendar)


async def _take(tx: Tx, stock: Stock, budget: Budget | None, made: Sequence[Lease]) -> None:
    await leases.write(tx, stock, made)
    if budget is not None and (cost := sum(lease.cost for lease in made)):
        await leases.commit(tx, budget.model_copy(update={"committed": budget.committed + cost}), made)


async def why_not_accepted(tx: Tx, matter: Matter, step: Step, *, at: datetime) -> list[Denied]:
    """Why a provider cannot accept who holds no place: none is free now, or nobody pays it. (R-06, R-15)

    Locks the places first, so that the answer holds until the acceptance is written. Nothing of it where life is in danger.
    """
    if step is not Step.ACCEPT or matter.referral.status is not Status.REQUESTED or matter.stock is None:
        return []
    if is_urgent(matter):
        return []
    if (await leases.of_referral(tx, matter.referral.id)).lease is not None:
        return []
    stock, budget = await leases.for_update(tx, matter.referral.service_id, currency=_currency_of(matter))
    found = to_accept(stock)
    if isinstance(found, Denied):
        return [found]
    sop = _sop(matter)
    no = affordable(budget, cost_of(sop)) if sop and found is Place.HELD else None
    return [no] if no else []


def _sop(matter: Matter) -> Sop | None:
    return next((sop for sop in matter.recipient.sops if sop.id == matter.referral.sop_id), None)


def _currency_of(matter: Matter) -> str | None:
    sop = _sop(matter)
    return _currency(sop) if sop else None


async def follow(tx: Tx, case: Case, before: Referral, after: Referral, *, at: datetime) -> None:
    """Let the place follow a referral to where it stands now, and believe less what a decline contradicts. (R-06, R-07)

    A send has taken its place before. Who is accepted without one takes one now: `why_not_accepted` was asked.
    """
    if before.status is Status.DRAFT:
        return
    doubt = _doubt(before, after)
    if not doubt and not _moves_a_place(before, after):
        return
    holding = await leases.of_referral(tx, after.id)
    if holding.stock is None:
        return
    if holding.lease is None and after.status is Status.ACCEPTED and before.status is Status.REQUESTED:
        await _take_late(tx, case, after, at=at)
        return
    stock, changed = holding.stock, []
    if (lease := holding.lease) is not None:
        held = held_after(lease.held, after, turnover=stock.capacity.turnover)
        if held is not lease.held:
            stock = kept(stock) if held is Held.IN_USE else ended(stock, lease.held, held)
            ended_at = None if held is Held.IN_USE else at
            changed = [lease.model_copy(update={"held": held, "ended_at": ended_at})]
    if doubt:
        stock = declined(stock, none=Consequence.PLACES_NONE in doubt, at=at)
    if stock is not holding.stock:
        await leases.write(tx, stock, changed)
    if changed and changed[0].held is Held.BACK and not was_served(after):
        await _release(tx, changed[0], holding.budget)


async def _release(tx: Tx, lease: Lease, budget: Budget | None) -> None:
    """What was not given costs nothing; a bed that was slept in has cost what it cost, though it is free again. (R-15)"""
    if lease.cost and budget is not None:
        left = max(0, budget.committed - lease.cost)
        await leases.commit(tx, budget.model_copy(update={"committed": left}), ())


def _doubt(before: Referral, after: Referral) -> frozenset[Consequence]:
    if after.reason is None or after.reason == before.reason or after.reason not in status_reasons():
        return frozenset()
    about_places = {Consequence.PLACES_NONE, Consequence.LESS_CONFIDENCE}
    return frozenset(c for c in status_reasons()[after.reason].consequences if c in about_places)


def _moves_a_place(before: Referral, after: Referral) -> bool:
    """Only a decision and an end do, and being put on the waiting list."""
    if before.status is not after.status:
        return before.status is Status.REQUESTED or after.status not in {Status.IN_PROGRESS, Status.ON_HOLD}
    listed = after.business_status is BusinessStatus.WAITING_LIST
    return listed and before.business_status is not BusinessStatus.WAITING_LIST


async def _take_late(tx: Tx, case: Case, referral: Referral, *, at: datetime) -> None:
    matter = await matters.get(tx, case.id, referral.id, actor=None)
    sop = _sop(matter)
    stock, budget = await leases.for_update(tx, referral.service_id, currency=_currency_of(matter))
    if stock is None or sop is None or to_accept(stock) is not Place.HELD:
        return
    if affordable(budget, cost_of(sop)):  # only where life is in danger: then the place is taken, and nothing promised
        budget = None
    lease = _lease(matter, sop, budget, at=at, held=Held.IN_USE)
    await _take(tx, taken(stock, 1, held=Held.IN_USE), budget, [lease])


async def lapse(tx: Tx, lease_id: str, *, at: datetime) -> bool:
    """Give back a place on which nobody decided in time; whether it was. (R-12)

    For the clock. Locks the case, then the places, and looks again: who accepted in time keeps the place. NotFound where
    there is no such lease.
    """
    case_id, referral_id = await leases.case_of(tx, lease_id)
    await cases.lock(tx, case_id)
    holding = await leases.of_referral(tx, referral_id)
    lease, stock = holding.lease, holding.stock
    if lease is None or stock is None or lease.id != lease_id or lease.held is not Held.LEASED or at < lease.expires_at:
        return False
    back = lease.model_copy(update={"held": Held.BACK, "ended_at": at})
    await leases.write(tx, ended(stock, Held.LEASED, Held.BACK), [back])
    await _release(tx, back, holding.budget)
    return True
