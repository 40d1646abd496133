"""Pathways: when a service asks for something first, which steps lead there. (R-36, R-40)

A chain is grown from the target backwards. A `Search` names the service types whose offers are still `wanted`, learns
them, and puts the `pathways` together once all are there. Cycles are cut and said; a step the person has is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from graph.model.need import Need
from graph.model.offer import Offer
from matching.criteria import terms_on
from matching.order import POLICY, Policy
from matching.prerequisites import Papers, missing_of
from matching.suggest import Judged, Suggestions, suggest
from matching.verdict import Rule

LONGEST: Final = 6
"""Steps of the longest chain that is proposed."""

MENDABLE: Final = frozenset({Rule.PREREQUISITES, Rule.PAPERS, Rule.SKILLS})
"""Rules that a step taken first can mend."""


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


def blocked(judged: Iterable[Judged]) -> tuple[Judged, ...]:
    """What only a step taken first keeps from being suggested."""
    return tuple(j for j in judged if j.unmet and all(u.rule in MENDABLE for u in j.unmet))


class Search:
    """What is known on the way to what was asked for; a service type is judged once, however often it is met."""

    def __init__(self, target: Suggestions, papers: Papers, policy: Policy = POLICY) -> None:
        self._need = target.need
        self._target = target
        self._papers = papers
        self._policy = policy
        self._offers: dict[str, Sequence[Offer]] = {}
        self._judged: dict[str, Suggestions] = {target.need.service_type: target}
        self._judged_later: dict[tuple[str, frozenset[str]], tuple[Judged, ...]] = {}

    def learn(self, service_type: str, offers: Sequence[Offer]) -> None:
        """Take in what is offered of a service type, for the place and day of the need."""
        if service_type != self._need.service_type:
            self._offers[service_type] = offers
            self._judged[service_type] = suggest(
                _of(self._need, service_type), offers, self._papers, policy=self._policy
            )

    @property
    def known(self) -> frozenset[str]:
        """Service types whose offers have been looked up."""
        return frozenset(self._judged)

    def judged(self, service_type: str) -> Suggestions | None:
        """What is known of a service type; None: not looked up yet."""
        return self._judged.get(service_type)

    def wanted(self) -> frozenset[str]:
        """Service types on the way whose offers have not been looked up yet."""
        seen = {self._need.service_type}
        ways = list(blocked(self._target.ruled_out))
        missing: set[str] = set()
        while ways:
            for step in self.first_steps(ways.pop().offer) - seen:
                seen.add(step)
                answer = self._judged.get(step)
                if answer is None:
                    missing.add(step)
                elif not answer.suggested:
                    ways.extend(blocked(answer.ruled_out))
        return frozenset(missing)

    def pathways(self) -> tuple[Pathway, ...]:
        """The chains that open what is blocked, shortest first; services opened by the same chain stand together."""
        opened: dict[tuple[str, ...], list[str]] = {}
        cut: dict[tuple[str, ...], bool] = {}
        for judged in blocked(self._target.ruled_out):
            chain: list[str] = []
            is_cut = False
            for step in sorted(self.first_steps(judged.offer)):
                is_cut |= self._grow(chain, step, way=(self._need.service_type,))
            key = tuple(chain)
            opened.setdefault(key, []).append(judged.offer.terms.service_id)
            cut[key] = is_cut or len(chain) > LONGEST
        ways = [Pathway(self._walk(key), tuple(ids), cut[key]) for key, ids in opened.items() if key]
        return tuple(sorted(ways, key=lambda w: (w.is_cut, len(w.steps), [s.service_type for s in w.steps])))

    def first_steps(self, offer: Offer) -> frozenset[str]:
        """The service types that this offer needs first and the person surely lacks.

        Where one of several papers would do, the step that is easiest to come by stands for all of them.
        """
        need = self._need
        steps = set(missing_of(self._papers, offer.terms.requires or (), need))
        terms = terms_on(offer, need)
        asked = terms.eligibility.documents_any_of if terms else ()
        if asked and need.documents is not None and need.documents.isdisjoint(asked):
            sources = {source for paper in asked if (source := self._papers.source_of(paper))}
            if sources and steps.isdisjoint(sources):
                steps.add(min(sources, key=self._hardship))
        return frozenset(steps)

    def _hardship(self, source: str) -> tuple[int, str]:
        """A source that fits, else one that is offered; one not looked up yet comes first, so that it will be."""
        answer = self._judged.get(source)
        if answer is None:
            return 0, source
        return (1 if answer.suggested else 2 if answer.ruled_out else 3), source

    def _grow(self, chain: list[str], step: str, *, way: tuple[str, ...]) -> bool:
        """Put a step, and first what it needs itself, at the end of the chain; True where a circle was cut."""
        if step in chain:
            return False
        if step in way:
            return True
        is_cut = False
        answer = self._judged.get(step)
        if answer is not None and not answer.suggested and (candidates := blocked(answer.ruled_out)):
            fewest = min((self.first_steps(j.offer) for j in candidates), key=len)
            for before in sorted(fewest):
                is_cut |= self._grow(chain, before, way=(*way, step))
        if step not in chain:
            chain.append(step)
        return is_cut

    def _walk(self, chain: Sequence[str]) -> tuple[Step, ...]:
        """The steps in order, each judged with the papers that the steps before it give."""
        steps = []
        held = self._need.documents or frozenset()
        for service_type in chain:
            yields = self._papers.yields.get(service_type, frozenset())
            steps.append(Step(service_type, yields, self._suggested_to_holder(service_type, held)))
            held |= yields
        return tuple(steps)

    def _suggested_to_holder(self, service_type: str, documents: frozenset[str]) -> tuple[Judged, ...]:
        """Who could give a step to the same person, once they hold these papers."""
        if documents == self._need.documents and service_type in self._judged:
            return self._judged[service_type].suggested
        key = service_type, documents
        if key not in self._judged_later:
            holding = _of(self._need, service_type).model_copy(update={"documents": documents})
            offers = self._offers.get(service_type, ())
            self._judged_later[key] = suggest(holding, offers, self._papers, policy=self._policy).suggested
        return self._judged_later[key]


def _of(need: Need, service_type: str) -> Need:
    return need.model_copy(update={"service_type": service_type})
