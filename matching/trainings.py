"""Which training would give the skills that openings ask for, and who offers it near. (R-36, R-40)

A training that says what it teaches is believed; one that does not say is asked. A way to a job is a pathway like any
other (`matching.pathways`): the training is a step, and what the training itself needs first comes before it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from graph.model.job import JobProfile
from graph.model.offer import Offer
from matching.jobs import shortfall
from matching.pathways import MENDABLE, Pathway, Search, Step
from matching.prerequisites import Papers
from matching.suggest import Judged, Suggestions

GivenBy = Mapping[str, tuple[str, ...]]
"""skill -> types of service in which it can be learnt or proven"""


@dataclass(frozen=True, slots=True)
class SkillToLearn:
    """A skill that is missing, for how many openings, and who could teach it."""

    skill: str
    required_by: int
    desired_by: int
    taught_by: tuple[Judged, ...]
    """Trainings that fit the person and say that they teach it."""
    to_ask: tuple[Judged, ...]
    """Trainings of the right type that fit and do not say what they teach."""


def teaches(offer: Offer, skills: Iterable[str]) -> bool | None:
    """Whether a training gives any of these skills; None when it does not say."""
    return None if offer.terms.teaches is None else not offer.terms.teaches.isdisjoint(skills)


class TrainingSearch(Search):
    """Pathways to openings, in which a missing skill is a step too."""

    def __init__(self, target: Suggestions, profile: JobProfile, papers: Papers, given_by: GivenBy) -> None:
        super().__init__(target, papers)
        self._profile = profile
        self._given_by = given_by
        found = [(j.offer.terms.service_id, self._missing(j.offer)) for j in (*target.suggested, *target.ruled_out)]
        self._missing_of = dict(found)
        self._required: Counter[str] = Counter()
        self._desired: Counter[str] = Counter()
        for judged in (*target.suggested, *target.ruled_out):
            opening = judged.offer.terms.opening
            missing = shortfall(profile, opening) if opening else None
            if missing is not None and all(u.rule in MENDABLE for u in judged.unmet):  # what steps alone could open
                self._required.update(missing.required)
                self._desired.update(missing.desired)

    def _missing(self, offer: Offer) -> frozenset[str]:
        opening = offer.terms.opening
        missing = shortfall(self._profile, opening) if opening else None
        return missing.required if missing else frozenset()

    @property
    def skills(self) -> tuple[str, ...]:
        """The skills worth learning: those that open most come first, wished-for ones after."""
        every = self._required | self._desired
        return tuple(sorted(every, key=lambda skill: (-self._required[skill], -self._desired[skill], skill)))

    def wanted(self) -> frozenset[str]:
        """Service types on the way, and those that teach what is missing, whose offers have not been looked up yet."""
        teaching = {kind for skill in self.skills for kind in self._given_by.get(skill, ())}
        return super().wanted() | (teaching - self.known)

    def first_steps(self, offer: Offer) -> frozenset[str]:
        """What any service needs first, and for each missing skill the training that is easiest to come by."""
        steps = set(super().first_steps(offer))
        for skill in sorted(self._missing_of.get(offer.terms.service_id, ())):
            kinds = self._given_by.get(skill, ())
            if kinds and steps.isdisjoint(kinds):
                steps.add(min(kinds, key=lambda kind: self._hardship_of(kind, skill)))
        return frozenset(steps)

    def _hardship_of(self, kind: str, skill: str) -> tuple[int, int, str]:
        """Somebody near who says they teach it, else somebody who does not say, else nobody."""
        answer = self.judged(kind)
        said = [teaches(judged.offer, {skill}) for judged in (answer.suggested if answer else ())]
        return (0 if True in said else 1 if None in said else 2, *self._hardship(kind))

    def pathways(self) -> tuple[Pathway, ...]:
        """The chains; of a training step only those who teach what the opened jobs ask, or do not say."""
        return tuple(
            replace(way, steps=tuple(self._taught(step, way.opens) for step in way.steps)) for way in super().pathways()
        )

    def _taught(self, step: Step, opens: Sequence[str]) -> Step:
        missing = frozenset().union(*(self._missing_of.get(id, frozenset()) for id in opens))
        here = {skill for skill in missing if step.service_type in self._given_by.get(skill, ())}
        if not here:
            return step
        able = [judged for judged in step.suggested if teaches(judged.offer, here) is not False]
        return replace(step, suggested=_sayers_first(able, here))

    def to_learn(self) -> tuple[SkillToLearn, ...]:
        """Each missing skill with who could give it here. (R-36)"""
        found = []
        for skill in self.skills:
            near = [j for kind in self._given_by.get(skill, ()) if (a := self.judged(kind)) for j in a.suggested]
            once = list({judged.offer.terms.service_id: judged for judged in near}.values())
            found.append(
                SkillToLearn(
                    skill,
                    self._required[skill],
                    self._desired[skill],
                    tuple(j for j in once if teaches(j.offer, {skill})),
                    tuple(j for j in once if teaches(j.offer, {skill}) is None),
                )
            )
        return tuple(found)


def _sayers_first(found: Iterable[Judged], skills: Iterable[str]) -> tuple[Judged, ...]:
    asked = frozenset(skills)
    return tuple(sorted(found, key=lambda judged: teaches(judged.offer, asked) is None))
