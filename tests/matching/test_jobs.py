"""Job matching: each rule, the order both ways, what is missing and who teaches it; and what is never read. (R-35, R-36)"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.model.directory import CapacityState
from graph.model.job import JobProfile, Opening, WorkedAs
from graph.model.offer import Offer, Reach
from graph.model.refusal import Reason
from graph.model.sop import NationalityRule
from graph.seed.vocabulary import terms
from matching.jobs import JOB_MENDED_BY, OF_THE_JOB, Seeker, judge, openings_for, seekers_for, shortfall
from matching.trainings import TrainingSearch
from matching.verdict import Met, Rule, Unknown, Unmet
from tests.matching.offers import DAY, PAPERS, need, offer, places, sop

R = Reason
TRAINING = "economic.skills.vocational-training"
GIVEN_BY = {
    "welding": (TRAINING,),
    "reading-plans": (TRAINING,),
    "english-conversation": ("social.education.language",),
}
WELDER = Opening(
    occupation="721",
    skills_required=("welding",),
    skills_desired=("reading-plans",),
    experience_months=12,
    schedule="full-time",
)


def worked(*told: tuple[str, int | None]) -> tuple[WorkedAs, ...]:
    return tuple(WorkedAs(occupation=occupation, months=months) for occupation, months in told)


def profile(**told: Any) -> JobProfile:
    """Somebody who fits the welder's job in every way; keywords change or withhold (None) a thing."""
    full: dict[str, Any] = {
        "worked": worked(("721", 24)),
        "skills": {"welding", "reading-plans"},
        "interests": {"72"},
        "schedules": {"full-time"},
    }
    return JobProfile(**(full | told))


def job(found: dict[str, Any] | None = None, opening: Opening = WELDER, **stated: Any) -> Offer:
    """An employer's offer that states everything."""
    return offer(found, **({"opening": opening, "service_types": ("economic.employment.opening",)} | stated))


def asks(**changed: Any) -> Offer:
    return job(opening=WELDER.model_copy(update=changed))


CASES: list[tuple[str, Rule, JobProfile, Offer, type, Reason | None]] = [
    ("worked in it", Rule.OCCUPATION, profile(interests=set()), job(), Met, None),
    ("wants it", Rule.OCCUPATION, profile(worked=()), job(), Met, None),
    ("a wider group of it", Rule.OCCUPATION, profile(worked=(), interests={"7"}), job(), Met, None),
    ("a part of it", Rule.OCCUPATION, profile(worked=(), interests={"721"}), asks(occupation="72"), Met, None),
    ("another", Rule.OCCUPATION, profile(worked=(), interests={"512"}), job(), Unmet, R.OCCUPATION_OTHER),
    ("wishes not told", Rule.OCCUPATION, profile(worked=(), interests=None), job(), Unknown, R.OCCUPATION_NOT_TOLD),
    ("work not told", Rule.OCCUPATION, profile(worked=None, interests=()), job(), Unknown, R.OCCUPATION_NOT_TOLD),
    ("has them", Rule.SKILLS, profile(), job(), Met, None),
    ("lacks a desired one", Rule.SKILLS, profile(skills={"welding"}), job(), Met, None),
    ("lacks one", Rule.SKILLS, profile(skills={"reading-plans"}), job(), Unmet, R.SKILLS_MISSING),
    ("skills not told", Rule.SKILLS, profile(skills=None), job(), Unknown, R.SKILLS_NOT_TOLD),
    ("none asked", Rule.SKILLS, profile(skills=None), asks(skills_required=()), Met, None),
    ("long enough", Rule.EXPERIENCE, profile(worked=worked(("721", 12))), job(), Met, None),
    ("together long enough", Rule.EXPERIENCE, profile(worked=worked(("721", 7), ("721", 5))), job(), Met, None),
    ("a month short", Rule.EXPERIENCE, profile(worked=worked(("721", 11))), job(), Unmet, R.EXPERIENCE_SHORT),
    ("in another trade", Rule.EXPERIENCE, profile(worked=worked(("512", 99))), job(), Unmet, R.EXPERIENCE_SHORT),
    ("below it", Rule.EXPERIENCE, profile(worked=worked(("721", 12))), asks(occupation="72"), Met, None),
    ("in a wider group", Rule.EXPERIENCE, profile(worked=worked(("72", 99))), job(), Unknown, R.EXPERIENCE_NOT_TOLD),
    ("months not told", Rule.EXPERIENCE, profile(worked=worked(("721", None))), job(), Unknown, R.EXPERIENCE_NOT_TOLD),
    ("work not told", Rule.EXPERIENCE, profile(worked=None), job(), Unknown, R.EXPERIENCE_NOT_TOLD),
    ("not stated", Rule.EXPERIENCE, profile(), asks(experience_months=None), Unknown, R.EXPERIENCE_NOT_STATED),
    ("none asked", Rule.EXPERIENCE, profile(worked=None), asks(experience_months=0), Met, None),
    ("can then", Rule.SCHEDULE, profile(), job(), Met, None),
    ("cannot then", Rule.SCHEDULE, profile(schedules={"weekends"}), job(), Unmet, R.SCHEDULE_OTHER),
    ("times not told", Rule.SCHEDULE, profile(schedules=None), job(), Unknown, R.SCHEDULE_NOT_TOLD),
    ("times not stated", Rule.SCHEDULE, profile(), asks(schedule=None), Unknown, R.SCHEDULE_NOT_STATED),
]


def verdicts(seeker: Seeker, given: Offer) -> dict[Rule, Any]:
    assert given.terms.opening is not None
    return {j.rule: j.verdict for j in judge(seeker, given, given.terms.opening, PAPERS)}


@pytest.mark.parametrize(("case", "asked", "told", "given_", "kind", "reason"), CASES, ids=[c[0] for c in CASES])
def test_a_rule_of_the_job(
    case: str, asked: Rule, told: JobProfile, given_: Offer, kind: type, reason: Reason | None
) -> None:
    verdict = verdicts(Seeker(need(), told), given_)[asked]
    assert type(verdict) is kind, case
    assert getattr(verdict, "reason", None) == reason


def test_every_rule_of_the_job_is_tested_met_unmet_and_asked() -> None:
    for rule, _ in OF_THE_JOB:
        assert {case[4] for case in CASES if case[1] is rule} == {Met, Unmet, Unknown}, rule
    assert {case[5] for case in CASES if case[4] is Unmet} <= set(JOB_MENDED_BY)


@pytest.mark.parametrize(
    ("told", "kind"),
    [({"age": 17}, Unmet), ({"age": 18}, Met), ({"age": 99}, Met), ({"age": None}, Unknown),
     ({"age": None, "age_band": "12-17"}, Unmet), ({"age": None, "age_band": "60-"}, Met)],
)  # fmt: skip
def test_there_is_a_lowest_age_and_no_highest(told: dict[str, Any], kind: type) -> None:
    seeker = Seeker(need(**told), profile())
    assert type(verdicts(seeker, job(minimum_age=18, maximum_age=35))[Rule.AGE]) is kind


@given(
    gender=st.sampled_from(["female", "male", "other", None]),
    nationality=st.sampled_from(["GT", "HN", "MX", None]),
    factors=st.sampled_from([None, frozenset(), frozenset({"lgbti"}), frozenset({"victim-of-trafficking"})]),
    age=st.integers(18, 130),
)
def test_who_the_person_is_changes_nothing_at_all(
    gender: str | None, nationality: str | None, factors: frozenset[str] | None, age: int
) -> None:
    """R-35: not even where an offer states a rule on gender, nationality, factors or an upper age."""
    unfair = sop(genders=("male",), nationality=NationalityRule(in_=("GT",)), open_to_all=False, any_factor=("x",))
    offers = [job(service_id=f"s{i}", sops=(unfair,), maximum_age=35) for i in range(3)]
    someone = Seeker(need(gender=gender, nationality=nationality, factors=factors, age=age), profile())
    usual = Seeker(need(), profile())
    answers = [openings_for(seeker, offers, PAPERS) for seeker in (someone, usual)]
    assert [j.offer.terms.service_id for j in answers[0].suggested] == [
        j.offer.terms.service_id for j in answers[1].suggested
    ]
    assert [j.order for j in answers[0].suggested] == [j.order for j in answers[1].suggested]
    assert len(answers[0].suggested) == 3


SKILLS = st.sampled_from(["welding", "reading-plans", "cooking", "english-conversation"])
OCCUPATIONS = st.sampled_from(["7", "72", "721", "512", "51"])
profiles = st.builds(
    JobProfile,
    worked=st.none()
    | st.lists(st.builds(WorkedAs, occupation=OCCUPATIONS, months=st.none() | st.integers(0, 60)), max_size=3).map(
        tuple
    ),
    skills=st.none() | st.frozensets(SKILLS),
    interests=st.none() | st.frozensets(OCCUPATIONS),
    schedules=st.none() | st.frozensets(st.sampled_from(["full-time", "nights"])),
)
openings = st.builds(
    Opening,
    occupation=OCCUPATIONS,
    skills_required=st.lists(SKILLS, unique=True, max_size=3).map(tuple),
    skills_desired=st.lists(SKILLS, unique=True, max_size=3).map(tuple),
    experience_months=st.none() | st.integers(0, 60),
    schedule=st.none() | st.sampled_from(["full-time", "nights"]),
)
found = st.fixed_dictionaries(
    {
        "reach": st.sampled_from(Reach),
        "places": st.sampled_from(
            [None, places(), places(CapacityState.NONE, 0), places(CapacityState.WAITING_LIST, 0)]
        ),
    }
)
worlds = st.lists(st.tuples(openings, found), max_size=5).map(
    lambda rows: [job(where, opening, service_id=f"s{i}") for i, (opening, where) in enumerate(rows)]
)


def ids(judged: Any) -> list[str]:
    return [j.offer.terms.service_id for j in judged]


@given(profiles.filter(lambda p: p.skills is not None), worlds, SKILLS)
def test_one_skill_more_never_loses_an_opening(told: JobProfile, offers: list[Offer], skill: str) -> None:
    before = openings_for(Seeker(need(), told), offers, PAPERS)
    richer = told.model_copy(update={"skills": (told.skills or frozenset()) | {skill}})
    after = openings_for(Seeker(need(), richer), offers, PAPERS)
    assert set(ids(before.suggested)) <= set(ids(after.suggested))


@given(profiles, worlds, st.randoms(use_true_random=False))
def test_the_order_is_total_and_does_not_hang_on_the_order_of_finding(
    told: JobProfile, offers: list[Offer], dice: Any
) -> None:
    seeker = Seeker(need(), told)
    shuffled = list(offers)
    dice.shuffle(shuffled)
    one, two = (openings_for(seeker, some, PAPERS) for some in (offers, shuffled))
    assert ids(one.suggested) == ids(two.suggested)
    values = [(*(j.order[key] for key in one.policy.keys), j.offer.terms.service_id) for j in one.suggested]
    assert values == sorted(values) and len(set(values)) == len(values)
    assert len(one.suggested) + len(one.ruled_out) == len(offers)


@given(profiles, openings)
def test_what_is_missing_is_exactly_the_difference(told: JobProfile, opening: Opening) -> None:
    missing = shortfall(told, opening)
    if told.skills is None:
        assert missing is None
        return
    assert missing is not None
    assert {skill for skill in opening.skills_required if skill not in told.skills} == set(missing.required)
    desired = set(opening.skills_desired) - set(opening.skills_required)
    assert {skill for skill in desired if skill not in told.skills} == set(missing.desired)
    verdict = verdicts(Seeker(need(), told), job(opening=opening))[Rule.SKILLS]
    assert isinstance(verdict, Met) == (not missing.required)


@given(st.lists(profiles, max_size=4), worlds)
def test_both_ways_judge_alike(told: list[JobProfile], offers: list[Offer]) -> None:
    seekers = [Seeker(need(), one, key=f"case-{i}") for i, one in enumerate(told)]
    fits = {(s.key, id) for s in seekers for id in ids(openings_for(s, offers, PAPERS).suggested)}
    back = set()
    for one in offers:
        answer = seekers_for([(seeker, one) for seeker in seekers], PAPERS)
        back |= {(c.seeker.key, one.terms.service_id) for c in answer.fitting}
        assert len(answer.fitting) + len(answer.near) + answer.others == len(seekers)
    assert fits == back


def test_what_the_person_wants_comes_before_what_they_merely_know() -> None:
    told = profile(worked=worked(("721", 24), ("512", 24)), interests={"512"}, skills={"welding"})
    cook = Opening(occupation="512", experience_months=12, schedule="full-time")
    answer = openings_for(Seeker(need(), told), [job(service_id="weld"), job(opening=cook, service_id="cook")], PAPERS)
    assert ids(answer.suggested) == ["cook", "weld"]
    assert [j.order["interest"] for j in answer.suggested] == [0, 2]
    assert tuple(answer.suggested[0].order) == answer.policy.keys


def test_an_offer_without_an_opening_is_no_job() -> None:
    answer = openings_for(Seeker(need(), profile()), [offer()], PAPERS, elsewhere=0)
    assert (answer.suggested, answer.ruled_out) == ((), ())
    assert answer.gap is not None and answer.gap.reason is R.NO_SERVICE_OF_TYPE


def test_persons_for_an_opening_stand_in_order_and_take_turns() -> None:
    both, bare, want = profile(), profile(skills={"welding"}), profile(skills={"welding"}, worked=worked(("721", 1)))
    seekers = [Seeker(need(), told, key=key) for key, told in (("bare", bare), ("both", both), ("short", want))]
    answer = seekers_for([(seeker, job()) for seeker in seekers], PAPERS)
    assert [c.seeker.key for c in answer.fitting] == ["both", "bare"]
    assert [c.seeker.key for c in answer.near] == ["short"] and answer.others == 0
    assert answer.fitting[1].missing is not None and answer.fitting[1].missing.desired == {"reading-plans"}
    first = {
        seekers_for(
            [(Seeker(need(on=DAY + timedelta(days=d)), both, key=f"c{i}"), job()) for i in range(3)], PAPERS
        ).fitting[0].seeker.key
        for d in range(20)
    }  # fmt: skip
    assert first == {"c0", "c1", "c2"}


def course(teaches: frozenset[str] | None, **stated: Any) -> Offer:
    return offer(**({"service_types": (TRAINING,), "teaches": teaches} | stated))


def search(told: JobProfile, jobs: list[Offer], courses: list[Offer], **asked: Any) -> TrainingSearch:
    seeker = Seeker(need(**({"service_type": "economic.employment"} | asked)), told)
    found = TrainingSearch(openings_for(seeker, jobs, PAPERS), told, PAPERS, GIVEN_BY)
    while wanted := found.wanted():
        for kind in wanted:
            found.learn(kind, [one for one in courses if kind in one.terms.service_types])
    return found


UNTRAINED = profile(skills=set())


def test_a_missing_skill_names_who_teaches_it_and_who_must_be_asked() -> None:
    courses = [
        course(frozenset({"welding"}), service_id="says"),
        course(None, service_id="silent"),
        course(frozenset({"baking"}), service_id="other"),
    ]
    found = search(UNTRAINED, [job(service_id="j")], courses)
    welding, plans = found.to_learn()
    assert (welding.skill, welding.required_by, welding.desired_by) == ("welding", 1, 0)
    assert (ids(welding.taught_by), ids(welding.to_ask)) == (["says"], ["silent"])
    assert (plans.skill, plans.required_by, plans.desired_by, ids(plans.taught_by)) == ("reading-plans", 0, 1, [])
    (way,) = found.pathways()
    assert [(s.service_type, ids(s.suggested)) for s in way.steps] == [(TRAINING, ["says", "silent"])]
    assert way.opens == ("j",)


def test_what_the_training_itself_needs_first_comes_first() -> None:
    courses = [
        course(frozenset({"welding"}), service_id="says", requires=frozenset({"social.documents.identity"})),
        offer(service_id="registry", service_types=("social.documents.identity",)),
    ]
    (way,) = search(UNTRAINED, [job(service_id="j")], courses, documents=frozenset()).pathways()
    assert [step.service_type for step in way.steps] == ["social.documents.identity", TRAINING]
    assert [ids(step.suggested) for step in way.steps] == [["registry"], ["says"]]


def test_a_training_that_nobody_gives_is_a_gap_on_the_way() -> None:
    (way,) = search(UNTRAINED, [job()], [course(frozenset({"baking"}))]).pathways()
    assert [step.suggested for step in way.steps] == [()]


def test_no_training_is_proposed_where_something_else_stands_in_the_way_too() -> None:
    full = job({"places": places(CapacityState.NONE, 0)})
    found = search(UNTRAINED, [full], [course(frozenset({"welding"}))])
    assert (found.pathways(), found.to_learn()) == ((), ())


def test_who_has_not_told_their_skills_is_asked_and_not_sent_to_school() -> None:
    found = search(profile(skills=None), [job()], [course(frozenset({"welding"}))])
    assert (found.pathways(), found.to_learn()) == ((), ())


def test_every_skill_can_be_learnt_somewhere_and_is_asked_by_some_occupation() -> None:
    skills = {code: term for code, term in terms("skills").items() if term.parent}
    assert len(skills) >= 50
    for code, term in skills.items():
        assert term.given_by and set(term.given_by) <= set(terms("service-types")), code
        assert term.asked_by and set(term.asked_by) <= set(terms("occupations")), code
    groups = {code for code, term in terms("skills").items() if term.parent is None}
    assert {term.parent for term in skills.values()} == groups


def test_occupations_are_groups_of_isco_each_below_its_own() -> None:
    for code, term in terms("occupations").items():
        assert code.isdigit() and term.parent == (code[:-1] or None), code
    assert len([code for code in terms("occupations") if len(code) == 1]) == 10
    assert len([code for code in terms("occupations") if len(code) == 2]) == 43
