"""Who of a household could be referred together, and for what: for the page that begins it. (R-24, R-41)"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from api.actions.allowed import must
from consent.access import Allowed, Deed, decide
from consent.relation import relation_of, state_of
from graph.model.actor import Actor
from graph.model.base import Id
from graph.model.case import Case, Need
from graph.store import cases, households
from graph.store.errors import NotFound
from graph.store.network import Tx


@dataclass(frozen=True, slots=True)
class Member:
    """One of the household, by the number of their case, with what they agreed to seek help for."""

    case_id: Id
    needs: tuple[Need, ...]


@dataclass(frozen=True, slots=True)
class HouseholdDesk:
    """A household as whoever works on one of its cases may refer it."""

    stays_together: bool
    members: tuple[Member, ...]
    """Those whose cases the reader works on; the one they came from is the first."""
    others: int
    """How many more there are: their own team refers them."""


async def read(tx: Tx, case_id: str, *, actor: Actor, at: datetime) -> HouseholdDesk:
    """For whoever may draft for this case. NotFound for others, and where nobody lives with this person. (R-25)"""
    case = await cases.get(tx, case_id, actor=actor)
    must(actor, Deed.REFERRAL_DRAFT, case)
    if case.household_id is None:
        raise NotFound
    household, ids = await households.get(tx, case.household_id)
    own = [case, *[other for id in ids if id != case.id and (other := await _own(tx, id, actor=actor)) is not None]]
    members = tuple(
        Member(one.id, tuple(n for n in one.needs if one.closed_at is None and n.is_agreed(at=at))) for one in own
    )
    return HouseholdDesk(household.stays_together, members, len(ids) - len(members))


async def _own(tx: Tx, id: str, *, actor: Actor) -> Case | None:
    """The case, if this actor may draft for it."""
    try:
        case = await cases.get(tx, id, actor=actor)
    except NotFound:
        return None
    deed = Deed.REFERRAL_DRAFT
    return case if isinstance(decide(actor, deed, relation_of(actor, case), state_of(case, deed)), Allowed) else None
