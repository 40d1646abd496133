"""Openings for a person: for a profile stated without a case, and for an agreed need of a case. (R-36, R-41)

How a profile is written down is in `job_profiles`, who of one's own cases fits an opening in `job_candidates`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final

from api.actions import case_suggestions
from api.actions.suggestions import UnknownAreaError, papers
from consent.access import Deed, Forbidden, decide
from consent.relation import relation_of, state_of
from graph.model.actor import Actor, Role
from graph.model.need import Need
from graph.model.refusal import Denied, Reason, Refusal
from graph.secrets import Secrets
from graph.seed.vocabulary import lineage, terms
from graph.store import candidates, cases
from graph.store.candidates import Recalled
from graph.store.errors import NotFound
from graph.store.network import Tx
from matching.jobs import Seeker, nearest, openings_for
from matching.pathways import Pathway
from matching.suggest import Suggestions
from matching.trainings import GivenBy, SkillToLearn, TrainingSearch

EMPLOYMENT: Final = "economic.employment"
"""Openings are services of this type, or of one below it."""


@cache
def given_by() -> GivenBy:
    """What the vocabulary knows of where a skill can be learnt."""
    return {code: term.given_by for code, term in terms("skills").items() if term.given_by}


@cache
def of_employment() -> frozenset[str]:
    """Types of need by which somebody agreed to look for work: employment, what lies below, and what lies above it."""
    below = {code for code in terms("service-types") if EMPLOYMENT in lineage("service-types", code)}
    return frozenset(below) | frozenset(lineage("service-types", EMPLOYMENT))


@dataclass(frozen=True, slots=True)
class Openings:
    """What can be said to somebody who looks for work."""

    suggestions: Suggestions
    pathways: tuple[Pathway, ...]
    to_learn: tuple[SkillToLearn, ...]
    areas: Mapping[str, str]
    """Names of the areas that the answer speaks of, by code."""


async def answer(tx: Tx, seeker: Seeker, areas: Sequence[str], *, everywhere: bool = False) -> Openings:
    """Openings in any of the areas, in order, with every reason; what is missing, and who near teaches it. (R-36)

    UnknownAreaError for an unknown area. `everywhere` also judges openings that neither cover an area nor touch it.
    """
    recalled = [await _recalled(tx, seeker.need, area) for area in areas]
    offers = list(nearest(one.offers for one in recalled))
    elsewhere = max(len(one.offers) + one.elsewhere for one in recalled) - len(offers)
    if everywhere and elsewhere > 0:
        offers += await candidates.elsewhere(tx, seeker.need, [offer.terms.service_id for offer in offers])
        elsewhere = 0
    target = openings_for(seeker, offers, papers(), elsewhere=max(0, elsewhere))
    search = TrainingSearch(target, seeker.profile, papers(), given_by())
    while more := search.wanted():
        steps = [await candidates.find_steps(tx, one.surroundings, more) for one in recalled]
        for kind in sorted(more):
            search.learn(kind, nearest(step[kind] for step in steps))
    names = {code: name for one in recalled for code, name in one.areas.items()}
    return Openings(target, search.pathways(), search.to_learn(), names)


async def _recalled(tx: Tx, need: Need, area: str) -> Recalled:
    found = await candidates.find(tx, need.model_copy(update={"area": area}))
    if found is None:
        raise UnknownAreaError(area)
    return found


@dataclass(frozen=True, slots=True)
class ForCase:
    """The answer for a case, and as whom it was asked."""

    seeker: Seeker
    answer: Openings


async def answer_for_case(
    tx: Tx, case_id: str, *, actor: Actor, at: datetime, secrets: Secrets, everywhere: bool = False
) -> ForCase | Refusal:
    """Openings for the profile of a case. Refused before the person agreed to look for work. (R-20, R-36, R-41)

    Read are profile, area, age band, languages and papers; for a training also what a need of the case tells.
    """
    case = await cases.get(tx, case_id, actor=actor)
    readable = decide(actor, Deed.CASE_READ, relation_of(actor, case), state_of(case, Deed.CASE_READ))
    if Role.CASE_MANAGER not in actor.roles or isinstance(readable, Forbidden):
        raise NotFound
    need = next((n for n in case.needs if n.service_type in of_employment() and n.is_agreed(at=at)), None)
    denied = []
    if case.closed_at is not None:
        denied.append(Denied(reason=Reason.CASE_CLOSED, places={"date": case.closed_at.date().isoformat()}))
    if need is None:
        denied.append(Denied(reason=Reason.NEED_NOT_AGREED))
    if case.job_profile is None:
        denied.append(Denied(reason=Reason.JOB_PROFILE_MISSING))
    if denied or need is None or case.job_profile is None:
        return Refusal.of(denied)
    band = await case_suggestions.band_of_today(tx, case, secrets, on=at.date())
    asked = case_suggestions.asked(case, need, age_band=band, on=at.date())
    seeker = Seeker(asked.model_copy(update={"service_type": EMPLOYMENT}), case.job_profile, need.id)
    areas = sorted(case.job_profile.areas or {case.area})
    return ForCase(seeker, await answer(tx, seeker, areas, everywhere=everywhere))


def reference(seeker: Seeker, secrets: Secrets) -> str:
    """By what a search without result is counted once: nobody finds the case from it. (R-07)"""
    return case_suggestions.reference(f"jobs:{seeker.key}", secrets)
