"""Who works on a case and how it is kept: team, restriction, household, journeys, the person's account. (R-21, R-24, R-25, R-42)"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from api.actions import case_desk, departures
from api.actions.case_desk import Desk
from api.actions.cases import restricting
from api.actions.departures import DepartureView
from consent.access import Deed
from consent.capacity import can_decide
from graph.model.actor import Actor
from graph.model.consent import ConsentState
from graph.model.directory import Organization
from graph.secrets import Secrets
from graph.store import accounts, organizations
from graph.store.network import Tx


@dataclass(frozen=True, slots=True)
class Kept:
    """How a case is kept."""

    desk: Desk
    has_account: bool
    """The person has a way in of their own; told to the team alone."""
    can_decide: bool
    holding: tuple[str, ...]
    """Factors that keep it restricted."""
    departures: tuple[DepartureView, ...]
    expecting: tuple[tuple[str, str], ...]
    """Organisations that a consent in force lets expect the person, with the country they would come to."""
    organizations: dict[str, Organization]


async def read(tx: Tx, case_id: str, *, actor: Actor, at: datetime, secrets: Secrets) -> Kept:
    """For whoever may read the case; what is the team's alone is left out for others. (R-25)"""
    desk = await case_desk.read(tx, case_id, actor=actor, at=at, secrets=secrets)
    case = desk.file.case
    journeys = await departures.of_case(tx, case.id, actor=actor) if Deed.DEPARTURE_READ in desk.may else ()
    has_account = Deed.PERSON_ACCOUNT in desk.may and bool(await accounts.of_person(tx, case.id))
    expecting = sorted(
        {
            (held.consent.organization_id, to)
            for held in desk.consents
            if held.consent.state(at=at) is ConsentState.GIVEN
            for _, to in held.consent.crossings
        }
    )
    named = {one.receiver_id for one in journeys} | {id for id, _ in expecting} | {case.organization_id}
    return Kept(
        desk=desk,
        has_account=has_account,
        can_decide=can_decide(case, at=at),
        holding=restricting(case, on=at.date()),
        departures=journeys,
        expecting=tuple(expecting),
        organizations=await organizations.get(tx, named),
    )
