"""Who of one's own cases fits an opening: for planning, for the team alone, and never for the employer. (R-25, R-36)"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from api.actions.allowed import must_ever
from api.actions.jobs import EMPLOYMENT, of_employment
from api.actions.suggestions import papers
from consent.access import Deed, Relation
from graph.model.actor import Actor
from graph.model.need import Need
from graph.model.offer import Offer
from graph.secrets import Secrets
from graph.store import candidates, division, seekers
from graph.store.errors import NotFound
from graph.store.network import Tx
from matching.jobs import Candidates, Seeker, nearest, seekers_for

MOST_CASES: Final = 500
"""Cases of one's own that are compared with an opening at a time."""


@dataclass(frozen=True, slots=True)
class Compared:
    """An opening, and those of one's own cases that were compared with it."""

    offer: Offer
    """The opening itself, seen from nowhere in particular."""
    candidates: Candidates
    compared: int
    is_cut: bool
    """There are more cases than are compared at a time."""
    areas: dict[str, str]


async def compare(tx: Tx, service_id: str, *, actor: Actor, at: datetime, secrets: Secrets) -> Compared:
    """The open cases of one's own team whose person agreed to look for work and has a profile, in order. (R-35, R-41)

    NotFound for whoever may not, for an unknown service and for one without an opening: all look the same.
    """
    must_ever(actor, Deed.CANDIDATES_READ, Relation.TEAM)
    seen = await candidates.see(tx, service_id, on=at.date())
    if seen is None or seen.offer.terms.opening is None:
        raise NotFound
    found = await seekers.mine(tx, actor=actor, limit=MOST_CASES + 1)
    agreed = [one for one in found[:MOST_CASES] if one.is_agreed(of_employment(), at=at)]
    wanted = {one.case_id: sorted(one.profile.areas or {one.area}) for one in agreed}
    lies = await candidates.offers_from(tx, seen, {code for codes in wanted.values() for code in codes}, EMPLOYMENT)
    offered = []
    for one in agreed:
        need = Need(
            service_type=EMPLOYMENT,
            area=one.area,
            on=at.date(),
            age_band=one.band(on=at.date()),
            languages=one.languages,
            documents=one.papers,
        )
        seeker = Seeker(need, one.profile, one.case_id)
        offered += [(seeker, offer) for offer in nearest([lies[code]] for code in wanted[one.case_id] if code in lies)]
    via = {offer.via_area for _, offer in offered if offer.via_area}
    return Compared(
        seen.offer,
        seekers_for(offered, papers()),
        len(agreed),
        len(found) > MOST_CASES,
        await division.names(tx, via) if via else {},
    )
