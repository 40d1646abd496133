"""Who fits which job: openings for a person, and persons for an opening, by one and the same judgement. (R-35, R-36)

Of a person only what a job justifies is read: what they bring and want, where, their languages, papers and, for a
lowest age, the age band. Gender, nationality, factors and an upper age are not even looked at. What a training could
give stands in `trainings`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from graph.model.job import JobProfile, Opening, is_akin, is_within
from graph.model.need import Need
from graph.model.offer import Offer, Reach
from graph.model.refusal import Reason
from matching import criteria
from matching.order import Policy, order_of
from matching.prerequisites import Papers
from matching.suggest import MENDED_BY, Judged, Suggestions
from matching.verdict import MET, Judgement, Mender, Rule, Unknown, Unmet, Verdict


@dataclass(frozen=True, slots=True)
class Seeker:
    """Somebody who looks for work: where and when, and what they bring. `key` tells them apart and names nobody."""

    need: Need
    profile: JobProfile
    key: str = ""


JOB_MENDED_BY: Final[Mapping[Reason, Mender]] = {
    **MENDED_BY,
    Reason.OCCUPATION_OTHER: Mender.PERSON,
    Reason.SKILLS_MISSING: Mender.PERSON,
    Reason.EXPERIENCE_SHORT: Mender.PROVIDER,
    Reason.SCHEDULE_OTHER: Mender.PROVIDER,
}
"""Who could change a no about a job."""


@dataclass(frozen=True, slots=True)
class Shortfall:
    """The skills an opening asks for and the person did not name."""

    required: frozenset[str]
    desired: frozenset[str]


def shortfall(profile: JobProfile, opening: Opening) -> Shortfall | None:
    """What is missing: exactly asked for, less what the person has. None: they have not told their skills. (R-36)"""
    if profile.skills is None:
        return None
    required = frozenset(opening.skills_required)
    return Shortfall(required - profile.skills, frozenset(opening.skills_desired) - required - profile.skills)


def is_a_wanted_or_known_occupation(profile: JobProfile, opening: Opening) -> Verdict:
    """The person has worked in the occupation, or would take it up. (R-36, R-41)"""
    occupation = {"occupations": opening.occupation}
    worked = None if profile.worked is None else {one.occupation for one in profile.worked}
    if any(is_akin(code, opening.occupation) for code in (*(worked or ()), *(profile.interests or ()))):
        return MET
    if worked is None or profile.interests is None:
        return Unknown(Reason.OCCUPATION_NOT_TOLD, occupation)
    return Unmet(Reason.OCCUPATION_OTHER, occupation)


def has_the_skills(profile: JobProfile, opening: Opening) -> Verdict:
    """The person brings every skill that is required; a desired one never rules out. (R-36)"""
    if not opening.skills_required:
        return MET
    missing = shortfall(profile, opening)
    if missing is None:
        return Unknown(Reason.SKILLS_NOT_TOLD, {"skills": ", ".join(sorted(opening.skills_required))})
    return Unmet(Reason.SKILLS_MISSING, {"skills": ", ".join(sorted(missing.required))}) if missing.required else MET


def has_the_experience(profile: JobProfile, opening: Opening) -> Verdict:
    """The person has worked in the occupation as long as is asked. (R-36)

    Months in a wider group may or may not have been in this one: that is asked, never presumed.
    """
    asked = opening.experience_months
    if asked is None:
        return Unknown(Reason.EXPERIENCE_NOT_STATED)
    if asked == 0:
        return MET
    places = {"months": str(asked), "occupations": opening.occupation}
    if profile.worked is None:
        return Unknown(Reason.EXPERIENCE_NOT_TOLD, places)
    akin = [one for one in profile.worked if is_akin(one.occupation, opening.occupation)]
    within = [one for one in akin if is_within(one.occupation, opening.occupation)]
    if sum(one.months or 0 for one in within) >= asked:
        return MET
    if len(within) < len(akin) or any(one.months is None for one in within):
        return Unknown(Reason.EXPERIENCE_NOT_TOLD, places)
    return Unmet(Reason.EXPERIENCE_SHORT, places)


def can_work_at_that_time(profile: JobProfile, opening: Opening) -> Verdict:
    """The person could work when the job is. (R-36, R-41)"""
    if opening.schedule is None:
        return Unknown(Reason.SCHEDULE_NOT_STATED)
    places = {"schedules": opening.schedule}
    if profile.schedules is None:
        return Unknown(Reason.SCHEDULE_NOT_TOLD, places)
    return MET if opening.schedule in profile.schedules else Unmet(Reason.SCHEDULE_OTHER, places)


def is_old_enough(need: Need, offer: Offer) -> Verdict:
    """The person has the lowest age at which the work is allowed. There is no age above which it is not. (R-24, R-35)"""
    lowest = offer.terms.minimum_age
    if lowest is None:
        return Unknown(Reason.AGE_NOT_STATED)
    if lowest == 0:
        return MET
    youngest, oldest = need.ages or (0, None)
    if youngest >= lowest:
        return MET
    if oldest is not None and oldest < lowest:
        return Unmet(Reason.AGE_BELOW, {"low": str(lowest)})
    return Unknown(Reason.AGE_NOT_TOLD, {"low": str(lowest), "high": "…"})


OF_THE_JOB: Final[tuple[tuple[Rule, Callable[[JobProfile, Opening], Verdict]], ...]] = (
    (Rule.OCCUPATION, is_a_wanted_or_known_occupation),
    (Rule.SKILLS, has_the_skills),
    (Rule.EXPERIENCE, has_the_experience),
    (Rule.SCHEDULE, can_work_at_that_time),
)

OF_THE_SERVICE: Final[tuple[tuple[Rule, Callable[[Need, Offer], Verdict]], ...]] = (
    (Rule.STATUS, criteria.is_active),
    (Rule.VALIDITY, criteria.is_offered_on_the_day),
    (Rule.SUSPENSION, criteria.is_not_suspended),
    (Rule.REFERRALS, criteria.takes_referrals),
    (Rule.COVERAGE, criteria.covers_the_area),
    (Rule.AGE, is_old_enough),
    (Rule.PAPERS, criteria.has_a_paper_asked_for),
    (Rule.LANGUAGE, criteria.speaks_a_language),
    (Rule.STANDING, criteria.stands_under_an_agreement),
    (Rule.CAPACITY, criteria.has_a_place),
    (Rule.SOP, criteria.has_a_sop_in_force),
)
"""What holds of every service holds of an opening, but for gender, nationality and factors: a job has no such rule."""


def judge(seeker: Seeker, offer: Offer, opening: Opening, papers: Papers) -> tuple[Judgement, ...]:
    """Every rule on one person and one opening, in the order in which they are read out."""
    found = [Judgement(rule, criterion(seeker.profile, opening)) for rule, criterion in OF_THE_JOB]
    found += [Judgement(rule, criterion(seeker.need, offer)) for rule, criterion in OF_THE_SERVICE]
    found.append(Judgement(Rule.PREREQUISITES, criteria.what_must_come_first_is_there(seeker.need, offer, papers)))
    return tuple(found)


OPENINGS_POLICY: Final = Policy(
    "wanted-first", 1, ("interest", "sop", "places", "desired", "standing", "nearness", "questions", "turn")
)
"""The order of openings for a person: what they want comes first. (R-41)"""

SEEKERS_POLICY: Final = Policy("skills-first", 1, ("desired", "interest", "nearness", "questions", "turn"))
"""The order of persons for an opening."""

NO_DESIRED_TOLD: Final = 99


def _interest(profile: JobProfile, opening: Opening) -> int:
    if profile.interests is None:
        return 1
    return 0 if any(is_akin(code, opening.occupation) for code in profile.interests) else 2


def _desired(profile: JobProfile, opening: Opening) -> int:
    missing = shortfall(profile, opening)
    if missing is None:
        return NO_DESIRED_TOLD if opening.skills_desired else 0
    return len(missing.desired)


def order_of_opening(
    seeker: Seeker, offer: Offer, opening: Opening, judgements: Sequence[Judgement]
) -> Mapping[str, int]:
    """The values by which one opening is ordered, named as in the policy.

    `interest`: 0 an occupation they want, 1 not told, 2 only known. `desired`: desired skills that are missing. The
    others as for every service (`matching.order`).
    """
    shared = order_of(seeker.need, offer, judgements)
    own = {"interest": _interest(seeker.profile, opening), "desired": _desired(seeker.profile, opening)}
    return {key: own[key] if key in own else shared[key] for key in OPENINGS_POLICY.keys}


def order_of_seeker(
    seeker: Seeker, offer: Offer, opening: Opening, judgements: Sequence[Judgement]
) -> Mapping[str, int]:
    """The values by which one person is ordered for an opening: nothing of who they are, and turns that change daily."""
    shared = order_of(seeker.need, offer, judgements)
    day = f"{seeker.need.on.isoformat()}|{offer.terms.service_id}|{seeker.key}".encode()
    own = {
        "desired": _desired(seeker.profile, opening),
        "interest": _interest(seeker.profile, opening),
        "turn": int.from_bytes(blake2b(day, digest_size=4).digest(), "big"),
    }
    return {key: own[key] if key in own else shared[key] for key in SEEKERS_POLICY.keys}


def openings_for(seeker: Seeker, offers: Iterable[Offer], papers: Papers, *, elsewhere: int = 0) -> Suggestions:
    """All openings judged for a person: what fits in order, and what does not with every reason. (R-35, R-36)

    Offers without an opening are other services of employment: they are suggested like any service, not here.
    """
    judged = []
    for offer in offers:
        if (opening := offer.terms.opening) is not None:
            judgements = judge(seeker, offer, opening, papers)
            judged.append(Judged(offer, judgements, order_of_opening(seeker, offer, opening, judgements)))
    judged.sort(key=lambda j: (*(j.order[key] for key in OPENINGS_POLICY.keys), j.offer.terms.service_id))
    suggested = tuple(j for j in judged if not j.unmet)
    ruled_out = sorted((j for j in judged if j.unmet), key=lambda j: len(j.unmet))
    return Suggestions(seeker.need, suggested, tuple(ruled_out), elsewhere, OPENINGS_POLICY)


NEARER: Final = (Reach.COVERS, Reach.NOT_STATED, Reach.PART, Reach.TOUCHES, Reach.ELSEWHERE)
"""From the nearest to the farthest."""


def nearest(several: Iterable[Iterable[Offer]]) -> tuple[Offer, ...]:
    """What was found from several places, each service once, as it lies to the place that is nearest to it."""
    best: dict[str, Offer] = {}
    for offers in several:
        for offer in offers:
            id = offer.terms.service_id
            if id not in best or _nearness(offer) < _nearness(best[id]):
                best[id] = offer
    return tuple(best.values())


def _nearness(offer: Offer) -> tuple[int, int, str]:
    return (NEARER.index(offer.reach), offer.distance or 0, offer.via_area or "")


@dataclass(frozen=True, slots=True)
class Candidate:
    """One person and one opening, judged."""

    seeker: Seeker
    judged: Judged
    missing: Shortfall | None


@dataclass(frozen=True, slots=True)
class Candidates:
    """The persons of a caseload for one opening: for planning, and for nobody's eyes but their own team's. (R-36)"""

    fitting: tuple[Candidate, ...]
    near: tuple[Candidate, ...]
    """Ruled out by exactly one rule: what a training or a talk could mend."""
    others: int
    policy: Policy = SEEKERS_POLICY


def seekers_for(offered: Iterable[tuple[Seeker, Offer]], papers: Papers) -> Candidates:
    """Persons for one opening, each with the opening as seen from where they live; the same rules as the other way."""
    judged = []
    for seeker, offer in offered:
        if (opening := offer.terms.opening) is not None:
            judgements = judge(seeker, offer, opening, papers)
            one = Judged(offer, judgements, order_of_seeker(seeker, offer, opening, judgements))
            judged.append(Candidate(seeker, one, shortfall(seeker.profile, opening)))
    judged.sort(key=lambda c: (*(c.judged.order[key] for key in SEEKERS_POLICY.keys), c.seeker.key))
    fitting = tuple(c for c in judged if not c.judged.unmet)
    near = tuple(c for c in judged if len(c.judged.unmet) == 1)
    return Candidates(fitting, near, len(judged) - len(fitting) - len(near))
