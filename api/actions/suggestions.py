"""Suggest services for one need, or for several together; count what could not be met. (R-05, R-06, R-07)"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final

from graph.model.demand import Demand
from graph.model.need import Need
from graph.model.offer import Offer
from graph.seed.vocabulary import lineage, terms
from graph.store import candidates, demand, division
from graph.store.candidates import Surroundings
from graph.store.network import Tx
from matching.order import policy_at
from matching.pathways import Pathway, Search
from matching.prerequisites import Papers
from matching.suggest import Suggestions, suggest


@cache
def papers() -> Papers:
    """What the vocabularies know about steps and the papers they give."""
    yields: defaultdict[str, set[str]] = defaultdict(set)
    for paper in terms("papers").values():
        if paper.yielded_by:
            yields[paper.yielded_by].add(paper.code)
    return Papers(
        yields={step: frozenset(given) for step, given in yields.items()},
        usual={t.code: frozenset(t.requires) for t in terms("service-types").values() if t.requires},
    )


class UnknownAreaError(Exception):
    """The network has no area of this code."""

    def __init__(self, area: str) -> None:
        super().__init__("unknown area")
        self.area = area


@dataclass(frozen=True, slots=True)
class Answer:
    """What can be said to one need."""

    suggestions: Suggestions
    pathways: tuple[Pathway, ...]
    areas: Mapping[str, str]
    """Names of the areas that the answer speaks of, by code."""


async def answer(tx: Tx, need: Need, *, everywhere: bool = False) -> Answer:
    """Who fits, who does not and why, and which steps lead to what is blocked. UnknownAreaError for an unknown area.

    `everywhere` also judges services of the type that neither cover the area nor touch it.
    """
    recalled = await candidates.find(tx, need)
    if recalled is None:
        raise UnknownAreaError(need.area)
    found: tuple[Offer, ...] = recalled.offers
    remaining = recalled.elsewhere
    if everywhere and remaining:
        far = await candidates.elsewhere(tx, need, (o.terms.service_id for o in found))
        found = (*found, *far)
        remaining = max(0, remaining - len(far))
    target = ordered(need, found, recalled.surroundings, elsewhere=remaining)
    search = Search(target, papers(), target.policy)
    while more := search.wanted():
        for service_type, offers in (await candidates.find_steps(tx, recalled.surroundings, more)).items():
            search.learn(service_type, offers)
    return Answer(target, search.pathways(), recalled.areas)


def ordered(need: Need, offers: Sequence[Offer], here: Surroundings, *, elsewhere: int) -> Suggestions:
    """What was found, judged and put in the order that holds at this place. (R-35, R-44)"""
    return suggest(need, offers, papers(), elsewhere=elsewhere, policy=policy_at(here.orders, here.lineage))


@dataclass(frozen=True, slots=True)
class Together:
    """What is worth saying about several needs at once."""

    answers: tuple[Answer, ...]
    shared: Mapping[str, tuple[int, ...]]
    """organisation id -> which of the needs (by position) it could serve; only those that serve several"""
    untouched: tuple[str, ...]
    """Dimensions (economic, social, psychosocial) that no need speaks of. (R-05)"""


async def answer_together(tx: Tx, needs: Sequence[Need], *, everywhere: Container[int] = ()) -> Together:
    """Each need answered, and beside it who could serve several of them and which dimension nobody spoke of. (R-05)

    `everywhere` holds the positions of the needs for which services that lie elsewhere are judged too.
    """
    answers = tuple([await answer(tx, need, everywhere=n in everywhere) for n, need in enumerate(needs)])
    serves: defaultdict[str, set[int]] = defaultdict(set)
    for position, one in enumerate(answers):
        for judged in one.suggestions.suggested:
            serves[judged.offer.terms.organization_id].add(position)
    spoken_of = {lineage("service-types", need.service_type)[-1] for need in needs}
    dimensions = [t.code for t in terms("service-types").values() if t.parent is None]
    return Together(
        answers,
        {organization: tuple(sorted(at)) for organization, at in sorted(serves.items()) if len(at) > 1},
        tuple(d for d in dimensions if d not in spoken_of),
    )


PEPPER: Final = secrets.token_bytes(32)
"""Keys the counts of unmet needs; never stored, so that no question can be worked back from a count."""


async def count_demand(tx: Tx, found: Suggestions, *, at: datetime, reference: str | None = None) -> None:
    """Leave what a committee needs when nothing fits: type, department, month, reason; no person. (R-07)

    A need is counted once, however often it is asked: by the caller's own random reference for the need where there
    is one, else by what was asked on that day.
    """
    gap = found.gap
    if gap is None:
        return
    department = await division.department_of(tx, gap.area)
    counted = Demand.of(
        found.need, gap.reason, department, near_miss=gap.near_miss, at=at, reference=reference, pepper=PEPPER
    )
    await demand.count(tx, counted)
