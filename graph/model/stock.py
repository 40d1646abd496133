"""The arithmetic of places: what is free, held and in use, and what each event makes of it. (R-06, R-07, R-15)

Pure: who may take a place, and under which lock, is `api.actions.leases`. Every function answers the stock after it;
together `available + leased + in use` never exceeds a stated maximum, and no count falls below nothing.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from pydantic import Field

from graph.model.base import Id, Model
from graph.model.directory import CapacityState, ServiceCapacity
from graph.model.lease import Held
from graph.model.places import is_paused, is_unknown
from graph.model.refusal import Denied, Reason


class Stock(Model):
    """Places of one service: what was stated and counted on since, and what stands beside it."""

    capacity: ServiceCapacity
    leased: int = Field(0, ge=0, description="held while a provider decides")
    in_use: int = Field(0, ge=0, description="given to somebody through Enlace")
    declines: int = Field(0, ge=0, description="referrals declined for want of places since somebody stated them")
    said: int | None = Field(None, ge=0, description="how many were free when somebody last said so")

    @property
    def held(self) -> int:
        """Places that nobody else can have."""
        return self.leased + self.in_use

    @property
    def free(self) -> int | None:
        """What can still be taken; None: nobody counts them."""
        return self.capacity.available


class Budget(Model):
    """What a programme may still spend: its budget, less what its owner says is spent and what places committed. (R-15)"""

    program_id: Id
    budget: int = Field(ge=0)
    spent: int = Field(0, ge=0)
    committed: int = Field(0, ge=0, description="unit costs of places that are held, in use or were given")

    @property
    def left(self) -> int:
        """What can still be promised."""
        return max(0, self.budget - self.spent - self.committed)


class Place(StrEnum):
    """What a sender is told of the place."""

    HELD = "held"
    NOT_COUNTED = "not-counted"
    """nobody stated how many there are, or so long ago that nobody knows: the provider decides"""
    WAITING_LIST = "waiting-list"
    """none is free; this is a request for the waiting list and holds none"""
    NONE_FREE = "none-free"
    """none is free; life is in danger, so it goes all the same and holds none"""


def room(stock: Stock | None, people: int, *, waiting: bool, on: date) -> Place | Denied:
    """What a send to this service finds: places for all of these people, or none; or why it does not go. (design §6)

    `waiting`: whether it may go as a request for the waiting list where no place is free.
    """
    if stock is None:
        return Place.NOT_COUNTED
    capacity, free = stock.capacity, stock.free
    stated = {"date": capacity.updated.date().isoformat(), "unit": capacity.unit}
    if capacity.paused_until is not None and is_paused(capacity.paused_until, on=on):
        return Denied(reason=Reason.PLACES_PAUSED, places={"date": capacity.paused_until.isoformat()})
    listed = capacity.state is CapacityState.WAITING_LIST
    if capacity.state is CapacityState.ASSESS_FIRST or (capacity.state is CapacityState.AVAILABLE and free is None):
        return Place.NOT_COUNTED
    if free is not None and free >= people and not listed:
        return Place.HELD
    if is_unknown(capacity, at=on, declines=stock.declines):
        return Place.NOT_COUNTED
    if waiting:
        keeps = listed or capacity.keeps_waiting_list
        return Place.WAITING_LIST if keeps else Denied(reason=Reason.NO_WAITING_LIST, places=stated)
    if listed:
        return Denied(reason=Reason.WAITING_LIST_ONLY, places=stated)
    if free:
        return Denied(reason=Reason.PLACES_TOO_FEW, places=stated | {"free": str(free), "asked": str(people)})
    reason = Reason.PLACES_FULL_LIST if capacity.keeps_waiting_list else Reason.PLACES_FULL
    return Denied(reason=reason, places=stated)


def to_accept(stock: Stock | None) -> Place | Denied:
    """What a provider finds that accepts a referral which holds no place: from the waiting list, or not counted then."""
    if stock is None or stock.free is None:
        return Place.NOT_COUNTED
    if stock.free > 0:
        return Place.HELD
    return Denied(reason=Reason.NO_PLACE_TO_GIVE, places={"unit": stock.capacity.unit})


def affordable(budget: Budget | None, cost: int) -> Denied | None:
    """Why a programme cannot pay for these places; None: it can, or there is none that counts. (R-15)"""
    if budget is None or cost <= budget.left:
        return None
    return Denied(reason=Reason.BUDGET_EXHAUSTED, places={"left": str(budget.left), "cost": str(cost)})


def taken(stock: Stock, people: int, *, held: Held = Held.LEASED) -> Stock:
    """After these people took their places: `room` or `to_accept` was asked before, under the same lock."""
    assert stock.free is not None, "places that nobody counts are never taken"
    assert stock.free >= people, "a place that is not free is never given"
    counts = {"leased": stock.leased + people} if held is Held.LEASED else {"in_use": stock.in_use + people}
    return _with(stock, available=stock.free - people, **counts)


def kept(stock: Stock) -> Stock:
    """After a provider accepted somebody for whom a place was held."""
    return _with(stock, leased=max(0, stock.leased - 1), in_use=stock.in_use + 1)


def ended(stock: Stock, before: Held, after: Held) -> Stock:
    """After a place was given back or used up: what comes back is free again.

    Not so where a provider has meanwhile declined for want of places, or no longer counts them: then it is they who
    say how many are free. Nor beyond a maximum that was stated lower meanwhile.
    """
    counts = {"leased": stock.leased, "in_use": stock.in_use}
    name = "leased" if before is Held.LEASED else "in_use"
    counts[name] = max(0, counts[name] - 1)
    free, capacity = stock.free, stock.capacity
    none_by_decline = stock.declines > 0 and capacity.state is CapacityState.NONE
    if after is Held.BACK and free is not None and not none_by_decline:
        free += 1
        if capacity.maximum is not None:
            free = max(0, min(free, capacity.maximum - sum(counts.values())))
    return _with(stock, available=free, **counts)


def declined(stock: Stock, *, none: bool, at: datetime) -> Stock:
    """After a provider declined for want of places, or never answered: it counts until somebody states them anew. (R-07)

    `none`: the provider said that there are none, which is a word of today. Else what was said is believed less.
    """
    doubted = stock.model_copy(update={"declines": stock.declines + 1})
    if not none:
        return _with(doubted)
    free = None if stock.free is None else 0
    said = {"state": CapacityState.NONE, "available": free, "updated": at, "updated_by": "provider"}
    return _with(doubted.model_copy(update={"capacity": stock.capacity.model_copy(update=said), "said": free}))


def stated(stock: Stock | None, capacity: ServiceCapacity) -> Stock:
    """After somebody said what is free now: all doubt is gone, and what is held stands beside it."""
    said = {"capacity": capacity, "declines": 0, "said": capacity.available}
    return stock.model_copy(update=said) if stock else Stock.model_validate(said)


def imported(stock: Stock, capacity: ServiceCapacity) -> Stock:
    """After a file said what is free: a file knows nothing of what is held here, so that its number gives way."""
    free = capacity.available
    if free is not None and capacity.maximum is not None:
        free = max(0, min(free, capacity.maximum - stock.held))
    after = stated(stock, capacity.model_copy(update={"version": stock.capacity.version}))
    return _with(after, available=free)


def as_said(stock: Stock) -> ServiceCapacity:
    """What somebody last said, without what was taken or came back since: what a file is compared with."""
    if stock.said is None or stock.capacity.available is None:
        return stock.capacity
    now = stock.capacity
    return now.model_copy(update={"available": stock.said, "state": _state(now.state, stock.said)})


def _with(stock: Stock, *, available: int | None = None, **counts: int | None) -> Stock:
    free, now = stock.free if available is None else available, stock.capacity
    changed = {"available": free, "state": _state(now.state, free), "version": now.version + 1}
    counts = {"said": stock.free if stock.said is None else stock.said} | counts
    return stock.model_copy(update={"capacity": now.model_copy(update=changed), **counts})


def _state(state: CapacityState, free: int | None) -> CapacityState:
    """Where places are counted, the number says whether there are any; other states are what a provider says."""
    if free is None or state not in {CapacityState.AVAILABLE, CapacityState.NONE}:
        return state
    return CapacityState.AVAILABLE if free > 0 else CapacityState.NONE
