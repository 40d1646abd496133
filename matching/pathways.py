"""Pathways: when a service asks for something first, which steps lead there. (R-36, R-40)

A chain is grown from the target backwards. `wanted` names the service types whose offers are still to be looked up;
`pathways` puts the chains together once all are there. Cycles are cut and said; a step the person has is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from graph.model.need import Need
from graph.model.offer import Offer
from matching.criteria import terms_on
from matching.prerequisites import Papers, missing_of
from matching.suggest import Judged, Suggestions, suggest
from matching.verdict import Rule

LONGEST: Final = 6
"""Steps of the longest chain that is proposed."""

MENDABLE: Final = frozenset({Rule.PREREQUISITES, Rule.PAPERS})
"""Rules that a step taken first can mend."""

Offers = Mapping[str, Sequence[Offer]]
"""service type -> offers for the place and day of the need"""


@dataclass(frozen=True, slots=True)
class Step:
    """One step on the way, with who offers it."""

    service_type: str
    yields: frozenset[str]
    suggested: tuple[Judged, ...]
    """Who could give this step, once the steps before it are taken. Empty: a gap on the way."""


@dataclass(frozen=True, slots=True)
class Pathway:
    """The steps that open one or more services, first step first."""

    steps: tuple[Step, ...]
    opens: tuple[str, ...]
    """Ids of the services that the last step opens."""
    is_cut: bool
    """The chain runs in a circle or is too long: it cannot be walked as it stands."""


def first_steps(need: Need, offer: Offer, offers: Offers, papers: Papers) -> frozenset[str]:
    """The service types that this offer needs first and the person surely lacks.

    Where one of several papers would do, the step that is easiest to come by stands for all of them.
    """
    steps = set(missing_of(papers, offer.terms.requires or (), need))
    terms = terms_on(offer, need)
    asked = terms.eligibility.documents_any_of if terms else ()
    if asked and need.documents is not None and need.documents.isdisjoint(asked):
        sources = sorted({source for paper in asked if (source := papers.source_of(paper))})
        if sources and steps.isdisjoint(sources):
            steps.add(_easiest(need, sources, offers, papers))
    return frozenset(steps)


def _easiest(need: Need, sources: Sequence[str], offers: Offers, papers: Papers) -> str:
    """A source that fits, else one that is offered; one not looked up yet comes first, so that it will be."""

    def hardship(source: str) -> tuple[int, str]:
        if source not in offers:
            return 0, source
        fits = suggest(_of(need, source), offers[source], papers).suggested
        return (1 if fits else 2 if offers[source] else 3), source

    return min(sources, key=hardship)


def blocked(judged: Iterable[Judged]) -> tuple[Judged, ...]:
    """What only a step taken first keeps from being suggested."""
    return tuple(j for j in judged if j.unmet and all(u.rule in MENDABLE for u in j.unmet))


def wanted(target: Suggestions, offers: Offers, papers: Papers) -> frozenset[str]:
    """Service types on the way to what was asked for whose offers have not been looked up yet."""
    need = target.need
    seen = {need.service_type}
    ways = list(blocked(target.ruled_out))
    missing: set[str] = set()
    while ways:
        for step in first_steps(need, ways.pop().offer, offers, papers) - seen:
            seen.add(step)
            if step not in offers:
                missing.add(step)
                continue
            answer = suggest(_of(need, step), offers[step], papers)
            if not answer.suggested:
                ways.extend(blocked(answer.ruled_out))
    return frozenset(missing)


def pathways(target: Suggestions, offers: Offers, papers: Papers) -> tuple[Pathway, ...]:
    """The chains that open what is blocked, shortest first; services opened by the same chain stand together."""
    need = target.need
    opened: dict[tuple[str, ...], list[str]] = {}
    cut: dict[tuple[str, ...], bool] = {}
    for judged in blocked(target.ruled_out):
        chain: list[str] = []
        is_cut = False
        for step in sorted(first_steps(need, judged.offer, offers, papers)):
            is_cut |= _grow(chain, step, need, offers, papers, way=(need.service_type,))
        key = tuple(chain)
        opened.setdefault(key, []).append(judged.offer.terms.service_id)
        cut[key] = is_cut or len(chain) > LONGEST
    ways = [Pathway(_walk(key, need, offers, papers), tuple(ids), cut[key]) for key, ids in opened.items() if key]
    return tuple(sorted(ways, key=lambda w: (w.is_cut, len(w.steps), [s.service_type for s in w.steps])))


def _grow(chain: list[str], step: str, need: Need, offers: Offers, papers: Papers, *, way: tuple[str, ...]) -> bool:
    """Put a step, and first what it needs itself, at the end of the chain; True where a circle was cut."""
    if step in chain:
        return False
    if step in way:
        return True
    is_cut = False
    answer = suggest(_of(need, step), offers.get(step, ()), papers)
    if not answer.suggested:
        candidates = blocked(answer.ruled_out)
        if candidates:
            easiest = min(candidates, key=lambda j: len(first_steps(need, j.offer, offers, papers)))
            for before in sorted(first_steps(need, easiest.offer, offers, papers)):
                is_cut |= _grow(chain, before, need, offers, papers, way=(*way, step))
    if step not in chain:
        chain.append(step)
    return is_cut


def _walk(chain: Sequence[str], need: Need, offers: Offers, papers: Papers) -> tuple[Step, ...]:
    """The steps in order, each judged with the papers that the steps before it give."""
    steps = []
    held = need.documents or frozenset()
    for service_type in chain:
        yields = papers.yields.get(service_type, frozenset())
        now = _holding(_of(need, service_type), held)
        steps.append(Step(service_type, yields, suggest(now, offers.get(service_type, ()), papers).suggested))
        held |= yields
    return tuple(steps)


def _of(need: Need, service_type: str) -> Need:
    return need.model_copy(update={"service_type": service_type})


def _holding(need: Need, documents: frozenset[str]) -> Need:
    """The same need of a person who holds these papers."""
    return need.model_copy(update={"documents": documents})
