"""Needs, goals, assessments, follow-up, household, who stands for whom, and suggestions for a case. (R-14, R-23, R-24,
R-34, R-40, R-41)"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

import pytest

from api.actions import case_suggestions, households, plans, standing
from api.actions import cases as actions
from api.actions.case_change import Changed
from api.actions.households import Joining
from api.actions.plans import MadeAssessment, NotedCommunication, NotedMeeting, PlannedGoal, StatedNeed
from api.actions.standing import NamedGuardian
from api.actions.suggestions import Answer
from graph.model.case import Case, Closure, Need
from graph.model.log import Kind
from graph.model.refusal import Reason, Refusal
from graph.secrets import Secrets
from graph.store import cases, log, records
from graph.store.errors import NotFound
from graph.store.network import Network, Tx
from tests.cast import COLLEAGUE, NOW, OWNER, PROFESSIONAL, PROVIDER, SOON, STRANGER, TOWN, opened, person_of

HEALTH: Final = "social.health.care"
LATER: Final = NOW + timedelta(days=1)


async def got(network: Network, id: str) -> Case:
    return await network.read(cases.get, id, actor=OWNER)


async def act(network: Network, action: Any, *args: Any, **circumstances: Any) -> Any:
    """An action of the owner, soon."""
    told: dict[str, Any] = {"actor": OWNER, "at": SOON} | circumstances
    return await network.write(action, *args, **told)


def refused(outcome: Any) -> tuple[Reason, ...]:
    assert isinstance(outcome, Refusal)
    return outcome.codes


async def kinds(network: Network, done: Changed) -> list[Kind]:
    return [entry.body.kind for entry in await network.read(log.read, done.entry.body.stream)]


async def test_a_need_is_agreed_and_taken_back_and_each_leaves_its_entry(stage: Network, secrets: Secrets) -> None:
    done = await opened(stage, secrets)
    need = await act(stage, plans.state_need, done.case_id, StatedNeed(service_type=HEALTH), secrets=secrets)
    assert not (await got(stage, done.case_id)).needs[0].is_agreed(at=LATER)
    for action, agreed in ((plans.agree_need, True), (plans.revoke_need, False), (plans.agree_need, True)):
        await act(stage, action, done.case_id, need.id, secrets=secrets)
        assert (await got(stage, done.case_id)).needs[0].is_agreed(at=LATER) is agreed
    assert (await kinds(stage, done))[2:] == [Kind.NEED_AGREED, Kind.NEED_REVOKED, Kind.NEED_AGREED]


async def test_a_need_serves_a_goal_of_the_same_case_only(stage: Network, secrets: Secrets) -> None:
    one, other = await opened(stage, secrets), await opened(stage, secrets)
    planned = PlannedGoal(dimension="social", review_on=date(2027, 3, 1), wording="volver a caminar")
    goal = await act(stage, plans.plan_goal, one.case_id, planned, secrets=secrets)
    stated = StatedNeed(service_type=HEALTH, goal_id=goal.id, description="rodilla", priority="urgent")
    with pytest.raises(NotFound):
        await act(stage, plans.state_need, other.case_id, stated, secrets=secrets)
    need = await act(stage, plans.state_need, one.case_id, stated, secrets=secrets)

    async def record(tx: Tx) -> Any:
        case = await cases.get(tx, one.case_id, actor=OWNER)
        fields = {"need_description", "reintegration_plan_goal"}
        return [await records.read(tx, case, secrets.keystore, fields, need_id=id) for id in (need.id, None, "another")]

    assert await stage.read(record) == [
        {"need_description": "rodilla", "reintegration_plan_goal": "volver a caminar"}, {}, {}
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("review_on", "reason"),
    [
        (date(2026, 11, 20), Reason.REVIEW_IN_THE_PAST),
        (date(2028, 5, 22), Reason.REVIEW_TOO_LATE),
        (date(2028, 5, 21), None),
        (date(2026, 11, 21), None),
    ],
)
async def test_a_goal_is_reviewed_within_eighteen_months(
    stage: Network, secrets: Secrets, review_on: date, reason: Reason | None
) -> None:
    done = await opened(stage, secrets)
    planned = PlannedGoal(dimension="economic", feasibility="feasible-with-support", review_on=review_on)
    outcome = await act(stage, plans.plan_goal, done.case_id, planned, secrets=secrets)
    if reason is None:
        assert (await got(stage, done.case_id)).goals[0].review_on == review_on
    else:
        assert refused(outcome) == (reason,) and not (await got(stage, done.case_id)).goals


async def test_a_goal_of_another_case_is_never_rewritten(stage: Network, secrets: Secrets) -> None:
    one, other = await opened(stage, secrets), await opened(stage, secrets)
    planned = PlannedGoal(dimension="social", review_on=date(2027, 3, 1))
    await act(stage, plans.plan_goal, one.case_id, planned, secrets=secrets)
    foreign = planned.model_copy(update={"dimension": "economic"})
    with pytest.raises(Exception, match="changed in between"):
        await act(stage, plans.plan_goal, other.case_id, foreign, secrets=secrets)
    assert (await got(stage, one.case_id)).goals[0].dimension == "social"
    assert not (await got(stage, other.case_id)).goals


async def test_an_assessment_is_the_whole_reading_of_factors(stage: Network, secrets: Secrets) -> None:
    done = await opened(stage, secrets)
    first = MadeAssessment(
        kind="vulnerability", notes="notas", assessed_by=PROFESSIONAL.id,
        factors={"pregnant": date(2027, 5, 1), "family-support-network": None},
    )  # fmt: skip
    await act(stage, plans.assess, done.case_id, first, secrets=secrets)
    case = await got(stage, done.case_id)
    assert [(f.factor, f.valid_to, f.assessed_by) for f in case.factors] == [
        ("family-support-network", None, PROFESSIONAL.id), ("pregnant", date(2027, 5, 1), PROFESSIONAL.id)
    ]  # fmt: skip
    await act(stage, plans.assess, done.case_id, MadeAssessment(kind="health"), secrets=secrets)
    assert len((await got(stage, done.case_id)).factors) == 2, "an assessment of something else leaves factors alone"
    await act(stage, plans.assess, done.case_id, MadeAssessment(kind="vulnerability", factors={}), secrets=secrets)
    assert not (await got(stage, done.case_id)).factors
    file = await act(stage, actions.read, done.case_id, secrets=secrets)
    assert [a.kind for a in file.follow_up.assessments].count("vulnerability") == 2
    assert [(t.field, t.of, t.value) for t in file.told] == [("assessment_notes", first.id, "notas")]


@pytest.mark.parametrize("factor", sorted(actions.RESTRICTING))
async def test_trafficking_or_threat_hides_a_case_at_once(stage: Network, secrets: Secrets, factor: str) -> None:
    done = await opened(stage, secrets)
    made = MadeAssessment(kind="vulnerability", factors={factor: date(2026, 12, 31)})
    await act(stage, plans.assess, done.case_id, made, secrets=secrets)
    with pytest.raises(NotFound):
        await stage.read(cases.get, done.case_id, actor=COLLEAGUE)
    lift = await act(stage, actions.restrict, done.case_id, restricted=False, secrets=secrets)
    assert refused(lift) == (Reason.RESTRICTION_HOLDS,)
    lapsed = NOW + timedelta(days=60)
    await act(stage, actions.restrict, done.case_id, restricted=False, at=lapsed, secrets=secrets)
    assert (await stage.read(cases.get, done.case_id, actor=COLLEAGUE)).id == done.case_id


async def test_who_assessed_and_who_was_called_are_known_to_the_network(stage: Network, secrets: Secrets) -> None:
    done = await opened(stage, secrets)
    named = MadeAssessment(kind="health", assessed_by="a name in the wrong place")
    call = NotedCommunication(party="provider", organization_id="a name", channel="sms", outcome="reached")
    for action, told in ((plans.assess, named), (plans.note_communication, call)):
        with pytest.raises(NotFound):
            await act(stage, action, done.case_id, told, secrets=secrets)


async def test_a_goal_or_meeting_is_looked_at_again_only_if_it_is_the_cases_own(
    stage: Network, secrets: Secrets
) -> None:
    done = await opened(stage, secrets)
    goal = PlannedGoal(dimension="social", review_on=date(2027, 3, 1))
    meeting = NotedMeeting(on=date(2027, 3, 1))
    for action, told in ((plans.plan_goal, goal), (plans.note_meeting, meeting)):
        with pytest.raises(NotFound):
            await act(stage, action, done.case_id, told, again=True, secrets=secrets)
        await act(stage, action, done.case_id, told, secrets=secrets)
        assert isinstance(await act(stage, action, done.case_id, told, again=True, secrets=secrets), Changed)


async def test_meetings_and_communications_are_kept_in_order(stage: Network, secrets: Secrets) -> None:
    done = await opened(stage, secrets)
    planned = NotedMeeting(on=date(2027, 1, 10))
    await act(stage, plans.note_meeting, done.case_id, planned, secrets=secrets)
    held = planned.model_copy(update={"held": True, "notes": "bien"})
    assert refused(await act(stage, plans.note_meeting, done.case_id, held, secrets=secrets)) == (Reason.IN_THE_FUTURE,)
    after = NOW.replace(year=2027, month=2)
    await act(stage, plans.note_meeting, done.case_id, held, at=after, secrets=secrets)
    call = NotedCommunication(party="person", channel="telephone", outcome="reached", notes="llamó")
    await act(stage, plans.note_communication, done.case_id, call, secrets=secrets)
    earlier = NotedCommunication(
        party="provider", organization_id="org-clinic-demo", channel="email", outcome="message-left",
        took_place_at=NOW - timedelta(days=3),
    )  # fmt: skip
    await act(stage, actions.close, done.case_id, Closure.MOVED_AWAY, secrets=secrets)
    await act(stage, plans.note_communication, done.case_id, earlier, secrets=secrets)
    file = await act(stage, actions.read, done.case_id, secrets=secrets)
    assert [(m.on, m.held) for m in file.follow_up.meetings] == [(planned.on, True)]
    assert [c.party for c in file.follow_up.communications] == ["provider", "person"]
    assert sorted(t.value for t in file.told) == ["bien", "llamó"]


async def test_a_household_is_seen_only_as_far_as_its_cases_are(stage: Network, secrets: Secrets) -> None:
    one, two, three = [await opened(stage, secrets) for _ in range(3)]
    first = await act(stage, households.live_together, Joining(case_ids=(one.case_id, two.case_id)), secrets=secrets)
    await act(stage, households.live_together, Joining(case_ids=(three.case_id, one.case_id)), secrets=secrets)
    assert {(await got(stage, c.case_id)).household_id for c in (one, two, three)} == {first[0].id}
    await act(stage, actions.restrict, two.case_id, restricted=True, secrets=secrets)
    file = await act(stage, actions.read, one.case_id, actor=COLLEAGUE, secrets=secrets)
    assert file.household == (three.case_id,)
    assert set((await act(stage, actions.read, one.case_id, secrets=secrets)).household) == {two.case_id, three.case_id}
    await act(stage, households.leave_household, three.case_id, secrets=secrets)
    assert (await got(stage, three.case_id)).household_id is None


async def test_a_household_is_not_joined_through_a_case_one_cannot_see(stage: Network, secrets: Secrets) -> None:
    one, hidden = await opened(stage, secrets), await opened(stage, secrets)
    await act(stage, actions.restrict, hidden.case_id, restricted=True, secrets=secrets)
    await act(stage, actions.join_team, one.case_id, COLLEAGUE.id, secrets=secrets)
    joining = Joining(case_ids=(one.case_id, hidden.case_id))
    with pytest.raises(NotFound):
        await act(stage, households.live_together, joining, actor=COLLEAGUE, secrets=secrets)
    assert (await got(stage, one.case_id)).household_id is None


def mother(**changed: Any) -> NamedGuardian:
    told: dict[str, Any] = {"kind": "parent", "countries": {"GT"}, "document": "birth-certificate", "name": "Madre"}
    return NamedGuardian(**(told | changed))


async def test_a_child_has_guardians_and_an_adult_decides_alone(stage: Network, secrets: Secrets) -> None:
    child, adult = await opened(stage, secrets, age_band="6-11"), await opened(stage, secrets)
    named = await act(stage, standing.name_guardian, child.case_id, mother(), secrets=secrets)
    guardian = (await got(stage, child.case_id)).guardians[0]
    assert guardian.id == named.id and guardian.holds(country="GT", purpose="health-care", at=LATER)
    alone = await act(stage, standing.name_guardian, adult.case_id, mother(), secrets=secrets)
    assert refused(alone) == (Reason.ADULT_DECIDES_ALONE,)


async def test_a_barred_guardian_stays_barred_and_leaves_the_record(stage: Network, secrets: Secrets) -> None:
    child = await opened(stage, secrets, age_band="6-11")
    named = mother()
    await act(stage, standing.name_guardian, child.case_id, named, secrets=secrets)
    await act(stage, standing.name_guardian, child.case_id, mother(name="Tía"), secrets=secrets)
    await act(stage, standing.bar_guardian, child.case_id, named.id, why="daño", secrets=secrets)
    again = await act(stage, standing.name_guardian, child.case_id, named, secrets=secrets)
    assert refused(again) == (Reason.GUARDIAN_BARRED,)

    async def record(tx: Tx) -> Any:
        return await records.read(tx, await cases.get(tx, child.case_id, actor=OWNER), secrets.keystore, {"guardian"})

    assert await stage.read(record) == {"guardian": ["Tía"]}
    assert not any(
        t.field == "barring_reason"
        for t in (await act(stage, actions.read, child.case_id, actor=person_of(child.case_id), secrets=secrets)).told
    )


async def test_best_interests_and_the_childs_view_are_a_childs(stage: Network, secrets: Secrets) -> None:
    child, adult = await opened(stage, secrets, age_band="12-17"), await opened(stage, secrets)
    for country, conclusion in (("GT", "con su tía"), ("MX", "volver a casa")):
        await act(
            stage, standing.determine_best_interests, child.case_id, country=country, conclusion=conclusion,
            secrets=secrets,
        )  # fmt: skip
    await act(stage, standing.hear_child, child.case_id, agrees=True, view="quiere ir", secrets=secrets)
    case = await got(stage, child.case_id)
    assert [b.country for b in case.best_interests] == ["GT", "MX"] and case.child_views[0].agrees is True
    none = await act(stage, standing.hear_child, adult.case_id, agrees=None, secrets=secrets)
    assert refused(none) == (Reason.NOT_A_CHILD,)


CREDENTIAL: Final = """
    MATCH (a:Actor {id: $actor})
    MERGE (a)-[:HOLDS_CREDENTIAL]->(k:Credential {id: 'k-actions'})
    SET k.actor_id = $actor, k.kind = 'mental-health', k.issued_by = ['a-admin', 'a-admin-2'],
        k.valid_from = datetime('2026-01-01T00:00:00Z'), k.valid_to = datetime('2026-12-01T00:00:00Z')
"""


async def test_incapacity_is_found_by_a_credentialed_professional_for_a_time(stage: Network, secrets: Secrets) -> None:
    done = await opened(stage, secrets)
    told: dict[str, Any] = {"valid_to": NOW + timedelta(days=30), "secrets": secrets}
    by_nobody = await act(stage, standing.find_incapacity, done.case_id, assessed_by=OWNER.id, **told)
    assert refused(by_nobody) == (Reason.CREDENTIAL_MISSING,)

    async def issue(tx: Tx) -> None:
        await (await tx.run(CREDENTIAL, actor=PROFESSIONAL.id)).consume()

    await stage.write(issue)
    found = await act(stage, standing.find_incapacity, done.case_id, assessed_by=PROFESSIONAL.id, findings="…", **told)
    case = await got(stage, done.case_id)
    assert case.is_incapacitated(at=LATER) and not case.is_incapacitated(at=NOW + timedelta(days=30))
    representative = mother(kind="lawful-representative", document="power-of-attorney")
    assert isinstance(await act(stage, standing.name_guardian, done.case_id, representative, secrets=secrets), Changed)
    await act(stage, standing.end_incapacity, done.case_id, found.id, at=LATER, secrets=secrets)
    assert not (await got(stage, done.case_id)).is_incapacitated(at=LATER)
    too_late = NOW + timedelta(days=20)
    late = await act(stage, standing.find_incapacity, done.case_id, assessed_by=PROFESSIONAL.id, at=too_late, **told)
    assert refused(late) == (Reason.CREDENTIAL_MISSING,)


async def test_nobody_but_who_may_see_a_case_changes_its_plan(stage: Network, secrets: Secrets) -> None:
    done = await opened(stage, secrets)
    stated = StatedNeed(service_type=HEALTH)
    for actor in (STRANGER, PROVIDER, person_of("another")):
        with pytest.raises(NotFound):
            await act(stage, plans.state_need, done.case_id, stated, actor=actor, secrets=secrets)
    for actor in (COLLEAGUE, person_of(done.case_id)):
        refused(await act(stage, plans.state_need, done.case_id, stated, actor=actor, secrets=secrets))
    assert not (await got(stage, done.case_id)).needs


async def test_only_agreed_needs_are_matched(stage: Network, secrets: Secrets) -> None:
    done = await opened(stage, secrets, birth_date="2002-01-01", gender="female", languages=["quc"])
    need = await act(stage, plans.state_need, done.case_id, StatedNeed(service_type=HEALTH), secrets=secrets)

    async def asked(**who: Any) -> Any:
        circumstances: dict[str, Any] = {"actor": OWNER, "at": LATER, "secrets": secrets} | who
        return await stage.read(case_suggestions.suggest, done.case_id, need.id, **circumstances)

    assert refused(await asked()) == (Reason.NEED_NOT_AGREED,)
    await act(stage, plans.agree_need, done.case_id, need.id, secrets=secrets)
    answer = await asked(actor=COLLEAGUE)
    assert isinstance(answer, Answer)
    stated = answer.suggestions.need
    assert stated.model_dump(exclude_none=True) == {
        "service_type": HEALTH, "area": TOWN, "on": LATER.date(), "age_band": "18-25", "gender": "female",
        "languages": frozenset({"quc"}),
    }  # fmt: skip
    in_2030 = await asked(at=NOW.replace(year=2030))
    assert isinstance(in_2030, Answer) and in_2030.suggestions.need.age_band == "26-59"
    for actor in (STRANGER, PROVIDER, person_of(done.case_id)):
        with pytest.raises(NotFound):
            await asked(actor=actor)
    person = person_of(done.case_id)
    taken_back = await act(stage, plans.revoke_need, done.case_id, need.id, actor=person, secrets=secrets)
    assert (taken_back.entry.body.kind, taken_back.entry.body.role) == (Kind.NEED_REVOKED, "person")
    assert refused(await asked()) == (Reason.NEED_NOT_AGREED,)


async def test_matching_reads_the_factors_in_force_and_knows_nothing_of_unread_ones(
    stage: Network, secrets: Secrets
) -> None:
    done = await opened(stage, secrets)
    made = MadeAssessment(kind="vulnerability", factors={"pregnant": date(2026, 12, 1), "lgbti": None})

    async def need_of() -> Any:
        case = await got(stage, done.case_id)
        stated = StatedNeed(service_type=HEALTH)
        need = Need(**stated.model_dump(exclude={"description"}))
        return [
            case_suggestions.asked(case, need, age_band=case.age_band, on=on).factors
            for on in (date(2026, 12, 1), date(2026, 12, 2))
        ]

    assert await need_of() == [None, None]
    await act(stage, plans.assess, done.case_id, made, secrets=secrets)
    assert await need_of() == [{"pregnant", "lgbti"}, {"lgbti"}]


def test_an_unmet_need_is_counted_by_a_reference_that_does_not_lead_to_it(secrets: Secrets) -> None:
    reference = case_suggestions.reference("n", secrets)
    assert reference == case_suggestions.reference("n", secrets) != case_suggestions.reference("m", secrets)
