"""Each criterion: what it holds, what it refuses, what it asks. One line, one fact."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from graph.model.directory import CapacityState
from graph.model.offer import Offer, Period, Places, Reach, Stop
from graph.model.refusal import Reason
from graph.model.sop import NationalityRule
from matching.criteria import judge
from matching.suggest import MENDED_BY
from matching.verdict import Met, Rule, Unknown, Unmet
from tests.matching.offers import DAY, PAPERS, YEAR, need, offer, places, sop

LAST_YEAR = Period(date(2025, 1, 1), date(2025, 12, 31))
NEXT_YEAR = Period(date(2027, 1, 1), date(2027, 12, 31))
ONLY_GT = NationalityRule(in_=("GT",))
NOT_GT = NationalityRule(not_in=("GT",))
R = Reason


def rule(**changed: Any) -> dict[str, Any]:
    return {"sops": (sop(**changed),)}


def paused(until: date) -> Places:
    return replace(places(), paused_until=until)


CASES: list[tuple[str, Rule, dict[str, Any], Offer, type, Reason | None]] = [
    ("an active service", Rule.STATUS, {}, offer(), Met, None),
    ("a closed one", Rule.STATUS, {}, offer(status="temporarily closed"), Unmet, R.SERVICE_NOT_ACTIVE),
    ("within its window", Rule.VALIDITY, {}, offer(), Met, None),
    ("on the first day", Rule.VALIDITY, {"on": date(2026, 1, 1)}, offer(), Met, None),
    ("on the last day", Rule.VALIDITY, {"on": date(2026, 12, 31)}, offer(), Met, None),
    ("the day after", Rule.VALIDITY, {"on": date(2027, 1, 1)}, offer(), Unmet, R.SERVICE_ENDED),
    ("the day before", Rule.VALIDITY, {"on": date(2025, 12, 31)}, offer(), Unmet, R.SERVICE_NOT_YET),
    ("one of two windows", Rule.VALIDITY, {}, offer(windows=(LAST_YEAR, YEAR)), Met, None),
    ("between two windows", Rule.VALIDITY, {}, offer(windows=(LAST_YEAR, NEXT_YEAR)), Unmet, R.SERVICE_NOT_YET),
    ("open end", Rule.VALIDITY, {}, offer(windows=(Period(date(2020, 1, 1), None),)), Met, None),
    ("no window", Rule.VALIDITY, {}, offer(windows=()), Unknown, R.VALIDITY_NOT_STATED),
    ("only hours", Rule.VALIDITY, {}, offer(windows=(Period(None, None),)), Unknown, R.VALIDITY_NOT_STATED),
    (
        "one ended, one undated",
        Rule.VALIDITY,
        {},
        offer(windows=(LAST_YEAR, Period(None, None))),
        Unknown,
        R.VALIDITY_NOT_STATED,
    ),
    ("nothing suspended", Rule.SUSPENSION, {}, offer(), Met, None),
    (
        "service suspended",
        Rule.SUSPENSION,
        {},
        offer({"stops": (Stop("service", "x", YEAR),)}),
        Unmet,
        R.SERVICE_SUSPENDED,
    ),
    (
        "organisation suspended",
        Rule.SUSPENSION,
        {},
        offer({"stops": (Stop("organization", "x", YEAR),)}),
        Unmet,
        R.ORGANIZATION_SUSPENDED,
    ),
    (
        "area suspended without end",
        Rule.SUSPENSION,
        {},
        offer({"stops": (Stop("area", "x", Period(DAY, None)),)}),
        Unmet,
        R.AREA_SUSPENDED,
    ),
    ("a suspension that is over", Rule.SUSPENSION, {}, offer({"stops": (Stop("area", "x", LAST_YEAR),)}), Met, None),
    ("takes referrals", Rule.REFERRALS, {}, offer(), Met, None),
    ("takes none", Rule.REFERRALS, {}, offer(**rule(takes=False)), Unmet, R.REFERRALS_NOT_TAKEN),
    ("does not say", Rule.REFERRALS, {}, offer(**rule(takes=None)), Unknown, R.REFERRALS_NOT_STATED),
    ("no SOP at all", Rule.REFERRALS, {}, offer(sops=()), Unknown, R.REFERRALS_NOT_STATED),
    ("covers", Rule.COVERAGE, {}, offer(), Met, None),
    ("covers a part", Rule.COVERAGE, {}, offer({"reach": Reach.PART}), Unmet, R.COVERAGE_A_PART),
    ("covers next door", Rule.COVERAGE, {}, offer({"reach": Reach.TOUCHES}), Unmet, R.COVERAGE_NEXT_AREA),
    ("covers elsewhere", Rule.COVERAGE, {}, offer({"reach": Reach.ELSEWHERE}), Unmet, R.COVERAGE_ELSEWHERE),
    ("does not say where", Rule.COVERAGE, {}, offer({"reach": Reach.NOT_STATED}), Unknown, R.COVERAGE_NOT_STATED),
    ("of age", Rule.AGE, {"age": 18}, offer(), Met, None),
    ("too young by a year", Rule.AGE, {"age": 17}, offer(), Unmet, R.AGE_BELOW),
    ("at the upper limit", Rule.AGE, {"age": 65}, offer(), Met, None),
    ("too old by a year", Rule.AGE, {"age": 66}, offer(), Unmet, R.AGE_ABOVE),
    ("age not told", Rule.AGE, {"age": None}, offer(), Unknown, R.AGE_NOT_TOLD),
    (
        "age not told where all ages are served",
        Rule.AGE,
        {"age": None},
        offer(minimum_age=0, maximum_age=None),
        Met,
        None,
    ),
    ("a newborn", Rule.AGE, {"age": 0}, offer(minimum_age=None, maximum_age=5), Met, None),
    ("age not stated", Rule.AGE, {}, offer(minimum_age=None, maximum_age=None), Unknown, R.AGE_NOT_STATED),
    ("open to every gender", Rule.GENDER, {"gender": None}, offer(), Met, None),
    ("women only", Rule.GENDER, {"gender": "male"}, offer(**rule(genders=("female",))), Unmet, R.GENDER_NOT_SERVED),
    (
        "women only, not told",
        Rule.GENDER,
        {"gender": None},
        offer(**rule(genders=("female",))),
        Unknown,
        R.GENDER_NOT_TOLD,
    ),
    ("gender not stated", Rule.GENDER, {}, offer(**rule(genders=None)), Unknown, R.GENDER_NOT_STATED),
    ("no rule on nationality", Rule.NATIONALITY, {"nationality": None}, offer(), Met, None),
    ("one of the nationalities", Rule.NATIONALITY, {}, offer(**rule(nationality=ONLY_GT)), Met, None),
    (
        "another nationality",
        Rule.NATIONALITY,
        {"nationality": "HN"},
        offer(**rule(nationality=ONLY_GT)),
        Unmet,
        R.NATIONALITY_NOT_SERVED,
    ),
    ("a barred nationality", Rule.NATIONALITY, {}, offer(**rule(nationality=NOT_GT)), Unmet, R.NATIONALITY_NOT_SERVED),
    ("not the barred one", Rule.NATIONALITY, {"nationality": "HN"}, offer(**rule(nationality=NOT_GT)), Met, None),
    (
        "nationality not told",
        Rule.NATIONALITY,
        {"nationality": None},
        offer(**rule(nationality=NOT_GT)),
        Unknown,
        R.NATIONALITY_NOT_TOLD,
    ),
    ("nationality without SOP", Rule.NATIONALITY, {}, offer(sops=()), Unknown, R.NATIONALITY_NOT_STATED),
    ("open to all", Rule.FACTORS, {"factors": None}, offer(), Met, None),
    (
        "any factor",
        Rule.FACTORS,
        {"factors": frozenset({"disability"})},
        offer(**rule(open_to_all=False, any_factor=("disability", "child-at-risk"))),
        Met,
        None,
    ),
    (
        "none of the factors",
        Rule.FACTORS,
        {"factors": frozenset()},
        offer(**rule(open_to_all=False, any_factor=("disability",))),
        Unmet,
        R.FACTOR_MISSING,
    ),
    (
        "factors not told",
        Rule.FACTORS,
        {"factors": None},
        offer(**rule(open_to_all=False, any_factor=("disability",))),
        Unknown,
        R.FACTORS_NOT_TOLD,
    ),
    (
        "scored by the provider",
        Rule.FACTORS,
        {"factors": frozenset()},
        offer(**rule(open_to_all=False, scored=True, any_factor=("disability",))),
        Unknown,
        R.SCORED_BY_PROVIDER,
    ),
    (
        "a factor spares the score",
        Rule.FACTORS,
        {"factors": frozenset({"disability"})},
        offer(**rule(open_to_all=False, scored=True, any_factor=("disability",))),
        Met,
        None,
    ),
    ("open to nobody", Rule.FACTORS, {"factors": None}, offer(**rule(open_to_all=False)), Unmet, R.FACTOR_MISSING),
    ("factors not stated", Rule.FACTORS, {}, offer(**rule(open_to_all=None)), Unknown, R.FACTORS_NOT_STATED),
    ("asks for no paper", Rule.PAPERS, {"documents": None}, offer(), Met, None),
    (
        "has one of the papers",
        Rule.PAPERS,
        {},
        offer(**rule(documents_any_of=("passport", "national-identity-document"))),
        Met,
        None,
    ),
    (
        "has no paper",
        Rule.PAPERS,
        {"documents": frozenset()},
        offer(**rule(documents_any_of=("passport",))),
        Unmet,
        R.PAPER_MISSING,
    ),
    (
        "papers not told",
        Rule.PAPERS,
        {"documents": None},
        offer(**rule(documents_any_of=("passport",))),
        Unknown,
        R.PAPERS_NOT_TOLD,
    ),
    ("papers without SOP", Rule.PAPERS, {}, offer(sops=()), Unknown, R.PAPERS_NOT_STATED),
    ("a common language", Rule.LANGUAGE, {"languages": frozenset({"quc", "spa"})}, offer(), Met, None),
    ("no common language", Rule.LANGUAGE, {"languages": frozenset({"quc"})}, offer(), Unmet, R.LANGUAGE_NOT_SPOKEN),
    ("languages not told", Rule.LANGUAGE, {"languages": None}, offer(), Unknown, R.LANGUAGE_NOT_TOLD),
    ("languages not stated", Rule.LANGUAGE, {}, offer(languages=None), Unknown, R.LANGUAGE_NOT_STATED),
    ("agreement in force", Rule.STANDING, {}, offer(), Met, None),
    ("agreement ended", Rule.STANDING, {}, offer(agreements=(LAST_YEAR,)), Unmet, R.AGREEMENT_ENDED),
    ("agreement to come", Rule.STANDING, {}, offer(agreements=(NEXT_YEAR,)), Unmet, R.AGREEMENT_NOT_YET),
    ("renewed", Rule.STANDING, {}, offer(agreements=(LAST_YEAR, YEAR)), Met, None),
    ("no agreement known", Rule.STANDING, {}, offer(agreements=()), Unknown, R.AGREEMENT_NOT_STATED),
    ("places", Rule.CAPACITY, {}, offer(), Met, None),
    ("places, number not said", Rule.CAPACITY, {}, offer({"places": places(available=None)}), Met, None),
    ("full", Rule.CAPACITY, {}, offer({"places": places(CapacityState.NONE, 0)}), Unmet, R.NO_PLACES),
    ("said available, counted none", Rule.CAPACITY, {}, offer({"places": places(available=0)}), Unmet, R.NO_PLACES),
    (
        "waiting list",
        Rule.CAPACITY,
        {},
        offer({"places": places(CapacityState.WAITING_LIST, 0)}),
        Unknown,
        R.WAITING_LIST,
    ),
    (
        "assess first",
        Rule.CAPACITY,
        {},
        offer({"places": places(CapacityState.ASSESS_FIRST, None)}),
        Unknown,
        R.ASSESS_FIRST,
    ),
    ("said two half-lives ago", Rule.CAPACITY, {"on": date(2026, 12, 18)}, offer(), Met, None),
    ("said longer ago", Rule.CAPACITY, {"on": date(2026, 12, 19)}, offer(), Unknown, R.CAPACITY_STALE),
    (
        "full, but long ago",
        Rule.CAPACITY,
        {"on": date(2026, 12, 19)},
        offer({"places": places(CapacityState.NONE, 0)}),
        Unknown,
        R.CAPACITY_STALE,
    ),
    ("paused", Rule.CAPACITY, {}, offer({"places": paused(date(2026, 11, 21))}), Unmet, R.PLACES_PAUSED),
    ("pause over", Rule.CAPACITY, {}, offer({"places": paused(date(2026, 11, 20))}), Met, None),
    (
        "a pause that was long: what was said was said for then",
        Rule.CAPACITY,
        {"on": date(2027, 2, 1)},
        offer({"places": paused(date(2027, 1, 15))}),
        Met,
        None,
    ),
    ("declined once", Rule.CAPACITY, {}, offer({"places": replace(places(), declines=1)}), Met, None),
    (
        "declined once, a half-life ago",
        Rule.CAPACITY,
        {"on": date(2026, 12, 5)},
        offer({"places": replace(places(), declines=1)}),
        Unknown,
        R.CAPACITY_DOUBTED,
    ),
    (
        "declined twice",
        Rule.CAPACITY,
        {},
        offer({"places": replace(places(), declines=2)}),
        Unknown,
        R.CAPACITY_DOUBTED,
    ),
    (
        "declined twice, which says the same as the provider",
        Rule.CAPACITY,
        {},
        offer({"places": replace(places(CapacityState.NONE, 0), declines=2)}),
        Unmet,
        R.NO_PLACES,
    ),
    ("places not stated", Rule.CAPACITY, {}, offer({"places": None}), Unknown, R.CAPACITY_NOT_STATED),
    ("SOP in force", Rule.SOP, {}, offer(), Met, None),
    ("SOP ended: a question, never a no", Rule.SOP, {}, offer(sops=(sop(LAST_YEAR),)), Unknown, R.SOP_NOT_IN_FORCE),
    ("SOP without dates", Rule.SOP, {}, offer(sops=(sop(Period(None, None)),)), Unknown, R.SOP_DATES_NOT_STATED),
    ("no SOP", Rule.SOP, {}, offer(sops=()), Unknown, R.SOP_NOT_STATED),
    ("nothing comes first", Rule.PREREQUISITES, {}, offer(), Met, None),
    ("the step is taken", Rule.PREREQUISITES, {}, offer(requires=frozenset({"social.documents.identity"})), Met, None),
    (
        "the step is missing",
        Rule.PREREQUISITES,
        {"documents": frozenset()},
        offer(requires=frozenset({"social.documents.identity"})),
        Unmet,
        R.PREREQUISITE_MISSING,
    ),
    (
        "papers not told, step not known",
        Rule.PREREQUISITES,
        {"documents": None},
        offer(requires=frozenset({"social.documents.identity"})),
        Unknown,
        R.PREREQUISITE_NOT_TOLD,
    ),
    (
        "a step that no paper shows",
        Rule.PREREQUISITES,
        {},
        offer(requires=frozenset({"psychosocial.counselling"})),
        Unknown,
        R.PREREQUISITE_NOT_TOLD,
    ),
    (
        "what is usual is asked, never ruled",
        Rule.PREREQUISITES,
        {"documents": frozenset()},
        offer(requires=None),
        Unknown,
        R.PREREQUISITE_USUAL,
    ),
    (
        "nothing said, the usual step taken",
        Rule.PREREQUISITES,
        {},
        offer(requires=None),
        Unknown,
        R.PREREQUISITES_NOT_STATED,
    ),
]


@pytest.mark.parametrize(("case", "asked", "told", "given", "kind", "reason"), CASES, ids=[c[0] for c in CASES])
def test_a_criterion(
    case: str, asked: Rule, told: dict[str, Any], given: Offer, kind: type, reason: Reason | None
) -> None:
    verdict = {j.rule: j.verdict for j in judge(need(**told), given, PAPERS)}[asked]
    assert type(verdict) is kind, case
    assert getattr(verdict, "reason", None) == reason


def test_every_rule_is_tested_met_or_not_and_asked() -> None:
    rules = [judgement.rule for judgement in judge(need(), offer(), PAPERS)]  # those of openings: test_jobs.py
    kinds = {rule: {case[4] for case in CASES if case[1] is rule} for rule in rules}
    never_unmet = {Rule.SOP}
    never_asked = {Rule.STATUS, Rule.SUSPENSION}
    for one, seen in kinds.items():
        assert Met in seen, one
        assert (Unmet in seen) != (one in never_unmet), one
        assert (Unknown in seen) != (one in never_asked), one


def test_every_reason_for_a_no_says_who_could_mend_it() -> None:
    assert {case[5] for case in CASES if case[4] is Unmet} == set(MENDED_BY)


def test_the_sop_in_force_is_read_not_the_newer_one_to_come() -> None:
    now, later = sop(YEAR, version=1), sop(NEXT_YEAR, version=2, takes=False)
    verdicts = {j.rule: j.verdict for j in judge(need(), offer(sops=(now, later)), PAPERS)}
    assert isinstance(verdicts[Rule.REFERRALS], Met)


def test_a_need_that_tells_nothing_is_never_refused_for_that() -> None:
    silent = need(age=None, gender=None, nationality=None, languages=None, factors=None, documents=None)
    strict = offer(
        requires=frozenset({"social.documents.identity"}),
        sops=(
            sop(
                genders=("female",),
                nationality=ONLY_GT,
                documents_any_of=("passport",),
                open_to_all=False,
                any_factor=("disability",),
            ),
        ),
    )
    assert not any(isinstance(j.verdict, Unmet) for j in judge(silent, strict, PAPERS))


def test_a_service_that_states_nothing_is_never_ruled_out_for_that() -> None:
    bare = offer(
        {"places": None, "reach": Reach.NOT_STATED},
        windows=(),
        languages=None,
        minimum_age=None,
        maximum_age=None,
        requires=None,
        sops=(),
        agreements=(),
    )
    assert not any(isinstance(j.verdict, Unmet) for j in judge(need(), bare, PAPERS))
