"""The criteria: one function each, (need, offer) -> met, unmet or unknown with a reason. (R-05, R-06, R-35)

What the person or the service does not state is unknown, never unmet. All criteria are always judged, so that a
refusal names every rule that fails. A new criterion is one function and one line in `CRITERIA`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Final

from graph.model.directory import CapacityState
from graph.model.need import Need
from graph.model.offer import Offer, Reach, SopTerms
from graph.model.places import is_paused, is_unknown
from graph.model.refusal import Reason
from matching.prerequisites import Papers, held, missing_of
from matching.verdict import MET, Judgement, Rule, Unknown, Unmet, Verdict


def terms_on(offer: Offer, need: Need) -> SopTerms | None:
    """The SOP version whose rules are read: in force on the day, else one without dates, else the latest. (R-03)"""
    sops = offer.terms.sops
    if len(sops) < 2:  # as a rule there is nothing to choose, and this is asked for every rule of every offer
        return sops[0] if sops else None
    in_force = [s for s in sops if s.has_dates and s.period.covers(need.on)]
    undated = [s for s in sops if not s.has_dates]
    for found in (in_force, undated, sops):
        if found:
            return max(found, key=lambda s: (s.version or 0, str(s.period.valid_from or ""), repr(s)))
    return None


def is_active(need: Need, offer: Offer) -> Verdict:
    """The service is running. (R-02)"""
    if offer.terms.status == "active":
        return MET
    return Unmet(Reason.SERVICE_NOT_ACTIVE, {"status": offer.terms.status})


def is_offered_on_the_day(need: Need, offer: Offer) -> Verdict:
    """The day lies in a validity window of the service; both ends are included. (R-02)"""
    windows = [w for w in offer.terms.windows if w.is_stated]
    if any(window.covers(need.on) for window in windows):
        return MET
    if len(windows) < len(offer.terms.windows) or not windows:
        return Unknown(Reason.VALIDITY_NOT_STATED)
    to_come = [w.valid_from for w in windows if w.valid_from and w.valid_from > need.on]
    if to_come:
        return Unmet(Reason.SERVICE_NOT_YET, {"date": min(to_come).isoformat()})
    ended = max(w.valid_to for w in windows if w.valid_to)
    return Unmet(Reason.SERVICE_ENDED, {"date": ended.isoformat()})


SUSPENDED: Final[Mapping[str, Reason]] = {
    "service": Reason.SERVICE_SUSPENDED,
    "organization": Reason.ORGANIZATION_SUSPENDED,
    "area": Reason.AREA_SUSPENDED,
}
NEAREST: Final = tuple(SUSPENDED)
"""From the service outwards."""


def is_not_suspended(need: Need, offer: Offer) -> Verdict:
    """Neither the service nor its organisation nor the area asked for is suspended on the day. (R-26)

    Of several, the nearest to the service is named, and of these the one that lasts longest: whatever order they come in.
    """
    in_force = [stop for stop in offer.stops if stop.period.covers(need.on)]
    if not in_force:
        return MET
    stop = min(
        in_force, key=lambda s: (NEAREST.index(s.subject), -(s.period.valid_to or date.max).toordinal(), s.reason)
    )
    until = stop.period.valid_to
    return Unmet(SUSPENDED[stop.subject], {"why": stop.reason, "date": until.isoformat() if until else "…"})


def takes_referrals(need: Need, offer: Offer) -> Verdict:
    """The provider takes referrals for this service; that none is *needed* excludes nobody. (R-03)"""
    terms = terms_on(offer, need)
    if terms is None or terms.accepts_referrals is None:
        return Unknown(Reason.REFERRALS_NOT_STATED)
    return MET if terms.accepts_referrals else Unmet(Reason.REFERRALS_NOT_TAKEN)


def covers_the_area(need: Need, offer: Offer) -> Verdict:
    """The service covers the whole area asked for. (R-06)"""
    area = {"area": offer.via_area or ""}
    match offer.reach:
        case Reach.COVERS:
            return MET
        case Reach.NOT_STATED:
            return Unknown(Reason.COVERAGE_NOT_STATED)
        case Reach.PART:
            return Unmet(Reason.COVERAGE_A_PART)
        case Reach.TOUCHES:
            return Unmet(Reason.COVERAGE_NEXT_AREA, area)
        case Reach.ELSEWHERE:
            return Unmet(Reason.COVERAGE_ELSEWHERE)


def serves_the_age(need: Need, offer: Offer) -> Verdict:
    """The person's age lies within the limits of the service, both included. (R-24, R-35)

    Where only a band is told and a limit runs through it, nobody knows: the age is asked for, never guessed.
    """
    low, high = offer.terms.minimum_age, offer.terms.maximum_age
    if low is None and high is None:
        return Unknown(Reason.AGE_NOT_STATED)
    low, high = low or 0, None if high is None or high >= OLDEST else high
    youngest, oldest = need.ages or (0, None)
    if oldest is not None and oldest < low:
        return Unmet(Reason.AGE_BELOW, {"low": str(low)})
    if high is not None and youngest > high:
        return Unmet(Reason.AGE_ABOVE, {"high": str(high)})
    if youngest >= low and (high is None or (oldest is not None and oldest <= high)):
        return MET
    limit = offer.terms.maximum_age
    return Unknown(Reason.AGE_NOT_TOLD, {"low": str(low), "high": str(limit if limit is not None else "…")})


OLDEST: Final = 110
"""An upper limit from here on excludes nobody."""


def serves_the_gender(need: Need, offer: Offer) -> Verdict:
    """The service is open to the person's gender. (R-35)"""
    terms = terms_on(offer, need)
    served = terms.eligibility.genders if terms else None
    if served is None:
        return Unknown(Reason.GENDER_NOT_STATED)
    if set(served) >= ALL_GENDERS:
        return MET
    if need.gender is None:
        return Unknown(Reason.GENDER_NOT_TOLD, {"genders": ", ".join(served)})
    return MET if need.gender in served else Unmet(Reason.GENDER_NOT_SERVED, {"genders": ", ".join(served)})


ALL_GENDERS: Final = frozenset({"female", "male", "other"})


def serves_the_nationality(need: Need, offer: Offer) -> Verdict:
    """The provider's rule on nationality admits the person. (R-35)"""
    terms = terms_on(offer, need)
    if terms is None:
        return Unknown(Reason.NATIONALITY_NOT_STATED)
    rule = terms.eligibility.nationality
    if rule is None or (rule.in_ is None and rule.not_in is None):
        return MET
    if need.nationality is None:
        return Unknown(Reason.NATIONALITY_NOT_TOLD)
    admitted = (rule.in_ is None or need.nationality in rule.in_) and need.nationality not in (rule.not_in or ())
    return MET if admitted else Unmet(Reason.NATIONALITY_NOT_SERVED)


def has_a_factor_asked_for(need: Need, offer: Offer) -> Verdict:
    """Open to all, or any of the factors, or else scored by the provider (unknown until then). (R-34)"""
    terms = terms_on(offer, need)
    if terms is None:
        return Unknown(Reason.FACTORS_NOT_STATED)
    rule = terms.eligibility
    if rule.open_to_all:
        return MET
    if need.factors is not None and not need.factors.isdisjoint(rule.any_factor):
        return MET
    asked = {"factors": ", ".join(rule.any_factor)}
    if rule.scored:
        return Unknown(Reason.SCORED_BY_PROVIDER, asked)
    if rule.open_to_all is None and not rule.any_factor:
        return Unknown(Reason.FACTORS_NOT_STATED)
    if need.factors is None and rule.any_factor:
        return Unknown(Reason.FACTORS_NOT_TOLD, asked)
    return Unmet(Reason.FACTOR_MISSING, asked)


def has_a_paper_asked_for(need: Need, offer: Offer) -> Verdict:
    """The person holds one of the papers that the provider accepts, if it asks for any. (R-12)"""
    terms = terms_on(offer, need)
    if terms is None:
        return Unknown(Reason.PAPERS_NOT_STATED)
    asked = terms.eligibility.documents_any_of
    if not asked:
        return MET
    if need.documents is None:
        return Unknown(Reason.PAPERS_NOT_TOLD, {"papers": ", ".join(asked)})
    if need.documents.isdisjoint(asked):
        return Unmet(Reason.PAPER_MISSING, {"papers": ", ".join(asked)})
    return MET


def speaks_a_language(need: Need, offer: Offer) -> Verdict:
    """The person is served in a language they understand. (R-20, R-35)"""
    if offer.terms.languages is None:
        return Unknown(Reason.LANGUAGE_NOT_STATED)
    spoken = {"languages": ", ".join(sorted(offer.terms.languages))}
    if need.languages is None:
        return Unknown(Reason.LANGUAGE_NOT_TOLD, spoken)
    return Unmet(Reason.LANGUAGE_NOT_SPOKEN, spoken) if need.languages.isdisjoint(offer.terms.languages) else MET


def stands_under_an_agreement(need: Need, offer: Offer) -> Verdict:
    """An agreement with the organisation is in force on the day. (R-03)"""
    dated = [a for a in offer.terms.agreements if a.is_stated]
    if any(a.covers(need.on) for a in dated):
        return MET
    if len(dated) < len(offer.terms.agreements) or not dated:
        return Unknown(Reason.AGREEMENT_NOT_STATED)
    to_come = [a.valid_from for a in dated if a.valid_from and a.valid_from > need.on]
    if to_come:
        return Unmet(Reason.AGREEMENT_NOT_YET, {"date": min(to_come).isoformat()})
    return Unmet(Reason.AGREEMENT_ENDED, {"date": max(a.valid_to for a in dated if a.valid_to).isoformat()})


def has_a_place(need: Need, offer: Offer) -> Verdict:
    """There is a place, as far as somebody said so lately: after two half-lives, or declines, nobody knows. (R-06)"""
    places = offer.places
    if places is None:
        return Unknown(Reason.CAPACITY_NOT_PUBLIC if offer.terms.sealed else Reason.CAPACITY_NOT_STATED)
    stated = {"date": places.updated.date().isoformat(), "unit": places.unit}
    if places.paused_until is not None and is_paused(places.paused_until, on=need.on):
        return Unmet(Reason.PLACES_PAUSED, {"date": places.paused_until.isoformat()})
    if is_unknown(places, at=need.on):
        return Unknown(Reason.CAPACITY_STALE, stated)
    if places.declines and is_unknown(places, at=need.on, declines=places.declines):
        return Unknown(Reason.CAPACITY_DOUBTED, stated)
    match places.state:
        case CapacityState.WAITING_LIST:
            return Unknown(Reason.WAITING_LIST, stated)
        case CapacityState.ASSESS_FIRST:
            return Unknown(Reason.ASSESS_FIRST, stated)
        case CapacityState.AVAILABLE if places.available != 0:
            return MET
        case _:
            return Unmet(Reason.NO_PLACES, stated)


def has_a_sop_in_force(need: Need, offer: Offer) -> Verdict:
    """There are agreed rules of referral on the day. Without them it can be suggested, but not sent to. (R-03)"""
    terms = terms_on(offer, need)
    if terms is None:
        return Unknown(Reason.SOP_NOT_STATED)
    if not terms.has_dates:
        return Unknown(Reason.SOP_DATES_NOT_STATED)
    return MET if terms.period.covers(need.on) else Unknown(Reason.SOP_NOT_IN_FORCE)


def what_must_come_first_is_there(need: Need, offer: Offer, papers: Papers) -> Verdict:
    """What the service requires first, the person has: shown by a paper that only that step gives. (R-40)"""
    if offer.terms.requires is None:
        usual = papers.usual_before(offer.terms.service_types)
        if all(held(papers, step, need) for step in usual):
            return Unknown(Reason.PREREQUISITES_NOT_STATED)
        return Unknown(Reason.PREREQUISITE_USUAL, {"types": ", ".join(sorted(usual))})
    missing = missing_of(papers, offer.terms.requires, need)
    if missing:
        return Unmet(Reason.PREREQUISITE_MISSING, {"types": ", ".join(sorted(missing))})
    untold = [step for step in sorted(offer.terms.requires) if held(papers, step, need) is None]
    return Unknown(Reason.PREREQUISITE_NOT_TOLD, {"types": ", ".join(untold)}) if untold else MET


CRITERIA: Final[tuple[tuple[Rule, Callable[[Need, Offer], Verdict]], ...]] = (
    (Rule.STATUS, is_active),
    (Rule.VALIDITY, is_offered_on_the_day),
    (Rule.SUSPENSION, is_not_suspended),
    (Rule.REFERRALS, takes_referrals),
    (Rule.COVERAGE, covers_the_area),
    (Rule.AGE, serves_the_age),
    (Rule.GENDER, serves_the_gender),
    (Rule.NATIONALITY, serves_the_nationality),
    (Rule.FACTORS, has_a_factor_asked_for),
    (Rule.PAPERS, has_a_paper_asked_for),
    (Rule.LANGUAGE, speaks_a_language),
    (Rule.STANDING, stands_under_an_agreement),
    (Rule.CAPACITY, has_a_place),
    (Rule.SOP, has_a_sop_in_force),
)


HOLDS: Final = {rule: Judgement(rule, MET) for rule in Rule}
"""Most rules hold for most offers: these judgements are made once."""


def judge(need: Need, offer: Offer, papers: Papers) -> tuple[Judgement, ...]:
    """Every criterion on one offer, in the order in which they are read out."""
    verdicts = [(rule, criterion(need, offer)) for rule, criterion in CRITERIA]
    verdicts.append((Rule.PREREQUISITES, what_must_come_first_is_there(need, offer, papers)))
    return tuple([HOLDS[rule] if verdict is MET else Judgement(rule, verdict) for rule, verdict in verdicts])


def unmet(judgements: Iterable[Judgement]) -> tuple[Judgement, ...]:
    """The rules that fail."""
    return tuple([j for j in judgements if isinstance(j.verdict, Unmet)])


def unknown(judgements: Iterable[Judgement]) -> tuple[Judgement, ...]:
    """The rules on which somebody has to be asked."""
    return tuple([j for j in judgements if isinstance(j.verdict, Unknown)])
