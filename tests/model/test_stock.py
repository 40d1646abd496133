"""The arithmetic of places, whatever happens to them in whatever order: none is given twice, none is lost. (R-06)"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.model.directory import CapacityState, ServiceCapacity
from graph.model.lease import HOLDS, Held, held_after
from graph.model.places import Change, OutOfRange, change_places
from graph.model.referral import BusinessStatus, Outcome, Referral, Status
from graph.model.refusal import Denied, Reason
from graph.model.stock import (
    Budget,
    Place,
    affordable,
    as_said,
    declined,
    ended,
    imported,
    kept,
    room,
    stated,
    taken,
    to_accept,
)
from tests.sizes import worlds

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
TODAY = NOW.date()


def places(free: int | None = 3, state: CapacityState = CapacityState.AVAILABLE, **more: Any) -> ServiceCapacity:
    said = {"maximum": 5, "updated": NOW, "updated_by": "provider"} | more
    return ServiceCapacity(id="c", service_id="s", state=state, available=free, **said)


def referral(status: Status, **more: Any) -> Referral:
    return Referral(
        id="r", case_id="c", need_id="n", service_id="s", requester_id="q", responder_id="p", purpose="x",
        created_at=NOW, status=status, **more,
    )  # fmt: skip


EVENTS = st.one_of(
    st.tuples(st.just("take"), st.integers(1, 3)),
    st.tuples(st.sampled_from(["accept", "give back", "use up", "end", "late", "doubt", "none"]), st.integers(0, 9)),
    st.tuples(st.sampled_from([*Change]), st.integers(0, 7)),
    st.tuples(st.just("file"), st.integers(0, 5)),
)


@worlds(300, 20_000)
@given(st.lists(EVENTS, max_size=40), st.integers(0, 5), st.sampled_from(["reusable", "consumed"]))
def test_whatever_happens_none_is_given_twice(events: list[tuple[str, int]], free: int, turnover: Any) -> None:
    stock = stated(None, places(free, turnover=turnover, keeps_waiting_list=True))
    leases: list[Held] = []
    for number, (what, n) in enumerate(events):
        at, version = NOW + timedelta(minutes=number), stock.capacity.version
        before = stock
        if what == "take":
            if room(stock, n, waiting=False, on=TODAY) is Place.HELD:
                stock, leases = taken(stock, n), [*leases, *[Held.LEASED] * n]
        elif what == "late":
            if to_accept(stock) is Place.HELD:
                stock, leases = taken(stock, 1, held=Held.IN_USE), [*leases, Held.IN_USE]
        elif what in ("accept", "give back", "use up", "end"):
            mine = [i for i, held in enumerate(leases) if held in HOLDS]
            if not mine:
                continue
            which = mine[n % len(mine)]
            if what == "accept" and leases[which] is Held.LEASED:
                stock, leases[which] = kept(stock), Held.IN_USE
            elif what != "accept":
                after = Held.USED_UP if what == "use up" else Held.BACK
                stock, leases[which] = ended(stock, leases[which], after), after
        elif what in ("doubt", "none"):
            stock = declined(stock, none=what == "none", at=at)
        elif what == "file":
            stock = imported(stock, places(n, updated=at))
        else:
            said: dict[str, Any] = {"until": TODAY + timedelta(days=n)} if what == Change.PAUSE else {"number": n}
            try:
                change = change_places(
                    stock.capacity, Change(what), service_id="s", by="provider", at=at, held=stock.held, **said
                )
            except OutOfRange:
                continue
            stock = stated(stock, change)
            assert stock.declines == 0
        assert (stock.leased, stock.in_use) == (leases.count(Held.LEASED), leases.count(Held.IN_USE))
        assert (stock.free or 0) >= 0
        assert (stock.free or 0) + stock.leased + stock.in_use <= 5, "never more than there are"
        assert stock == before or stock.capacity.version > version, "a form that was open before finds out"


@given(st.integers(0, 5), st.integers(1, 6), st.booleans(), st.sampled_from(CapacityState))
def test_a_place_is_found_exactly_where_there_is_one(n: int, people: int, waiting: bool, state: CapacityState) -> None:
    found = room(stated(None, places(n, state)), people, waiting=waiting, on=TODAY)
    if state is CapacityState.ASSESS_FIRST:
        assert found is Place.NOT_COUNTED
    elif state is CapacityState.WAITING_LIST:
        assert found is Place.WAITING_LIST if waiting else isinstance(found, Denied)
    else:
        assert (found is Place.HELD) is (n >= people)
        assert found is Place.HELD or isinstance(found, Denied)


@pytest.mark.parametrize(
    ("stock", "waiting", "reason"),
    [
        (places(0, CapacityState.NONE), False, Reason.PLACES_FULL),
        (places(0, CapacityState.NONE), True, Reason.NO_WAITING_LIST),
        (places(0, CapacityState.NONE, keeps_waiting_list=True), False, Reason.PLACES_FULL_LIST),
        (places(0, CapacityState.WAITING_LIST), False, Reason.WAITING_LIST_ONLY),
        (places(3, paused_until=TODAY), False, Reason.PLACES_PAUSED),
    ],
)
def test_a_no_says_what_can_be_done(stock: ServiceCapacity, waiting: bool, reason: Reason) -> None:
    found = room(stated(None, stock), 1, waiting=waiting, on=TODAY)
    assert isinstance(found, Denied)
    assert found.reason is reason


def test_what_is_not_known_keeps_nobody_out_and_holds_nothing() -> None:
    old = NOW - timedelta(days=29)
    for capacity in (places(0, CapacityState.NONE, updated=old), places(None), None):
        stock = stated(None, capacity) if capacity else None
        assert room(stock, 1, waiting=False, on=TODAY) is Place.NOT_COUNTED


def test_after_a_pause_it_is_as_it_was_said() -> None:
    stock = stated(None, places(3, paused_until=date(2026, 12, 24)))
    assert isinstance(room(stock, 1, waiting=False, on=date(2026, 12, 24)), Denied)
    assert room(stock, 1, waiting=False, on=date(2026, 12, 25)) is Place.HELD


def test_a_file_is_compared_with_what_was_said_and_not_with_what_was_taken() -> None:
    before = places(3)
    stock = taken(taken(stated(None, before), 2), 1)
    assert stock.capacity.state is CapacityState.NONE
    assert as_said(stock).model_copy(update={"version": 1}) == before


SERVED = {"provider_outcome": Outcome.SERVED, "started_at": NOW}


@pytest.mark.parametrize(
    ("now", "reusable", "consumed"),
    [
        (referral(Status.REQUESTED), Held.LEASED, Held.LEASED),
        (referral(Status.REQUESTED, business_status=BusinessStatus.WAITING_LIST), Held.BACK, Held.BACK),
        (referral(Status.ACCEPTED), Held.IN_USE, Held.IN_USE),
        (referral(Status.ON_HOLD), Held.IN_USE, Held.IN_USE),
        (referral(Status.REJECTED), Held.BACK, Held.BACK),
        (referral(Status.COMPLETED, **SERVED), Held.BACK, Held.USED_UP),
        (referral(Status.COMPLETED, provider_outcome=Outcome.PARTLY_SERVED), Held.BACK, Held.USED_UP),
        (referral(Status.FAILED, provider_outcome=Outcome.NOT_SERVED, started_at=NOW), Held.BACK, Held.BACK),
        (referral(Status.CANCELLED), Held.BACK, Held.BACK),
        (referral(Status.CANCELLED, started_at=NOW), Held.BACK, Held.USED_UP),
        (referral(Status.ENTERED_IN_ERROR, **SERVED), Held.BACK, Held.BACK),
    ],
)
def test_where_a_place_stands(now: Referral, reusable: Held, consumed: Held) -> None:
    assert held_after(Held.LEASED, now, turnover="reusable") is reusable
    assert held_after(Held.LEASED, now, turnover="consumed") is consumed
    for over in (Held.BACK, Held.USED_UP):
        assert held_after(over, now, turnover="reusable") is over


@given(st.integers(0, 100), st.integers(0, 100), st.integers(0, 100), st.integers(0, 100))
def test_a_budget_is_never_promised_twice(budget: int, spent: int, committed: int, cost: int) -> None:
    fund = Budget(program_id="p", budget=budget, spent=spent, committed=committed)
    no = affordable(fund, cost)
    assert (no is None) is (cost == 0 or spent + committed + cost <= budget)
    assert affordable(None, cost) is None
