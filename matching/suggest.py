"""Judge all offers for one need, part them into suggested and ruled out, and say why. (R-05, R-06, R-07)

No rule unmet: suggested. Exactly one: a near miss. Every ruled-out offer names all rules that fail, who could mend
each, and what would change the answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from graph.model.need import Need
from graph.model.offer import Offer
from graph.model.refusal import Reason
from matching.criteria import judge, unknown, unmet
from matching.order import POLICY, Policy, order_of
from matching.prerequisites import Papers
from matching.verdict import Judgement, Mender, Unmet

MENDED_BY: Final[Mapping[Reason, Mender]] = {
    Reason.SERVICE_NOT_ACTIVE: Mender.PROVIDER,
    Reason.SERVICE_ENDED: Mender.PROVIDER,
    Reason.SERVICE_NOT_YET: Mender.CASE_MANAGER,
    Reason.SERVICE_SUSPENDED: Mender.COMMITTEE,
    Reason.ORGANIZATION_SUSPENDED: Mender.COMMITTEE,
    Reason.AREA_SUSPENDED: Mender.COMMITTEE,
    Reason.REFERRALS_NOT_TAKEN: Mender.COMMITTEE,
    Reason.COVERAGE_NEXT_AREA: Mender.PROVIDER,
    Reason.COVERAGE_A_PART: Mender.CASE_MANAGER,
    Reason.COVERAGE_ELSEWHERE: Mender.COMMITTEE,
    Reason.AGE_BELOW: Mender.PROVIDER,
    Reason.AGE_ABOVE: Mender.PROVIDER,
    Reason.GENDER_NOT_SERVED: Mender.PROVIDER,
    Reason.NATIONALITY_NOT_SERVED: Mender.PROVIDER,
    Reason.FACTOR_MISSING: Mender.PROVIDER,
    Reason.PAPER_MISSING: Mender.PERSON,
    Reason.LANGUAGE_NOT_SPOKEN: Mender.PROVIDER,
    Reason.AGREEMENT_ENDED: Mender.COMMITTEE,
    Reason.AGREEMENT_NOT_YET: Mender.COMMITTEE,
    Reason.NO_PLACES: Mender.PROVIDER,
    Reason.PLACES_PAUSED: Mender.PROVIDER,
    Reason.PREREQUISITE_MISSING: Mender.PERSON,
}
"""Who could change a no. A reason that can make a rule unmet must stand here (tests/matching)."""


@dataclass(frozen=True)  # without slots: what follows from the judgements is worked out once and kept
class Judged:
    """One offer with all its judgements."""

    offer: Offer
    judgements: tuple[Judgement, ...]
    order: Mapping[str, int]

    @cached_property
    def unmet(self) -> tuple[Judgement, ...]:
        """The rules that fail."""
        return unmet(self.judgements)

    @cached_property
    def unknown(self) -> tuple[Judgement, ...]:
        """The rules on which somebody has to be asked."""
        return unknown(self.judgements)


@dataclass(frozen=True, slots=True)
class Gap:
    """Nothing fits: why, as a committee could act on it; no person in it. (R-07)"""

    service_type: str
    area: str
    reason: Reason
    near_miss: bool
    """Whether one single rule stood in the way of at least one service."""


@dataclass(frozen=True, slots=True)
class Suggestions:
    """The answer to one need."""

    need: Need
    suggested: tuple[Judged, ...]
    ruled_out: tuple[Judged, ...]
    elsewhere: int
    """Services of this type that neither cover the area nor touch it."""
    policy: Policy = POLICY

    @property
    def near_misses(self) -> tuple[Judged, ...]:
        """Ruled out by exactly one rule."""
        return tuple(j for j in self.ruled_out if len(j.unmet) == 1)

    @property
    def reasons(self) -> Mapping[Reason, int]:
        """How many offers each reason rules out; an offer counts once for each of its reasons."""
        found: Counter[Reason] = Counter()
        for judged in self.ruled_out:
            found.update(_reasons(judged.unmet))
        return found

    @property
    def gap(self) -> Gap | None:
        """What the committee should know when nothing fits; None when something does."""
        if self.suggested:
            return None
        near = Counter(reason for judged in self.near_misses for reason in _reasons(judged.unmet))
        if near:
            reason = _most(near)
        elif self.ruled_out:
            reason = _most(self.reasons)
        else:
            reason = Reason.COVERAGE_ELSEWHERE if self.elsewhere else Reason.NO_SERVICE_OF_TYPE
        return Gap(self.need.service_type, self.need.area, reason, near_miss=bool(near))


def _reasons(judgements: Iterable[Judgement]) -> tuple[Reason, ...]:
    return tuple(j.verdict.reason for j in judgements if isinstance(j.verdict, Unmet))


def _most(counted: Mapping[Reason, int]) -> Reason:
    return max(counted, key=lambda reason: (counted[reason], reason.value))


def suggest(
    need: Need, offers: Sequence[Offer], papers: Papers, *, elsewhere: int = 0, policy: Policy = POLICY
) -> Suggestions:
    """All offers judged: what fits in the order of the policy, and what does not with every reason. (R-05, R-35)"""
    judged = []
    for offer in offers:
        judgements = judge(need, offer, papers)
        judged.append(Judged(offer, judgements, order_of(need, offer, judgements)))
    judged.sort(key=lambda j: (*(j.order[key] for key in policy.keys), j.offer.terms.service_id))
    suggested = tuple(j for j in judged if not j.unmet)
    ruled_out = sorted((j for j in judged if j.unmet), key=lambda j: len(j.unmet))
    return Suggestions(need, suggested, tuple(ruled_out), elsewhere, policy)
