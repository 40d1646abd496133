"""Every step from every state by everybody: exactly what the table says, else refused with the legal steps. (R-01, R-14)"""

from __future__ import annotations

from typing import Any

import pytest

from api.actions import disclosures, outcomes, referral_view, steps
from api.actions.outcomes import SaidOutcome
from api.actions.referral_view import ReferralView
from api.actions.steps import Stepped
from graph.model.actor import Actor, Role
from graph.model.referral import (
    ENDED,
    MARKS,
    REASONED,
    STEPS,
    BusinessStatus,
    Mark,
    Outcome,
    Referral,
    Side,
    Status,
    Step,
    open_steps,
)
from graph.model.refusal import Reason, Refusal
from graph.model.status_reason import Barrier
from graph.secrets import Secrets
from graph.seed.status_reasons import reasons_of
from graph.store import follow_up, log, referrals
from graph.store.errors import NotFound
from graph.store.network import Network
from tests.cast import ADMIN, CLINIC, COLLEAGUE, OFFICER, OTHER, OWNER, PROFESSIONAL, PROVIDER, STRANGER, person_of
from tests.sending import Walk

OTHER_PROVIDER = Actor(id="a-provider-other", organization_id=OTHER, roles=frozenset({Role.PROVIDER}))
SIDES = {OWNER.id: Side.REQUESTER, PROVIDER.id: Side.RESPONDER}
STRANGERS = (COLLEAGUE, STRANGER, ADMIN, OFFICER, PROFESSIONAL, OTHER_PROVIDER)
TAKEN = [step for step in Step if step is not Step.SEND]


def by(walk: Walk, actor: Actor) -> dict[str, Any]:
    return walk.later() | {"actor": actor}


def reason_for(step: Step) -> str | None:
    return reasons_of(step)[0].code if step in REASONED else None


async def put(clinic: Network, referral_id: str, **changes: Any) -> Referral:
    """The referral in a state, however it got there."""
    referral = (await clinic.read(referrals.get, referral_id)).model_copy(update=changes)
    await clinic.write(referrals.save, referral)
    return referral


@pytest.mark.parametrize("status", Status)
async def test_the_table_and_nothing_else(clinic: Network, walk: Walk, status: Status) -> None:
    sent = await walk.sent()
    for step in TAKEN:
        for actor in (OWNER, PROVIDER):
            ended = walk.at if status in ENDED else None
            before = await put(clinic, sent.referral_id, status=status, reason=None, ended_at=ended)
            entries = await clinic.read(log.length, walk.stream)
            done = await clinic.write(steps.take, before.id, step, reason_for(step), **by(walk, actor))
            now = await clinic.read(referrals.get, before.id)
            row = STEPS.get((status, step))
            if row is not None and SIDES[actor.id] in row[1]:
                assert isinstance(done, Stepped), (status, step, actor.id, done)
                assert (now.status, now.reason, done.status) == (row[0], reason_for(step), row[0])
                assert (now.ended_at is not None) == (now.status in ENDED)
                assert done.steps == open_steps(row[0], SIDES[actor.id])
            else:
                assert isinstance(done, Refusal), (status, step, actor.id)
                assert done.codes == (Reason.STEP_NOT_OPEN,)
                legal = {s.value for s in open_steps(status, SIDES[actor.id])}
                assert legal <= set(done.reasons[0].places["steps"])
                assert now == before
            assert await clinic.read(log.length, walk.stream) == entries + 1


async def test_nobody_else_takes_a_step(clinic: Network, walk: Walk) -> None:
    sent = await walk.sent()
    before = await clinic.read(referrals.get, sent.referral_id)
    for actor in (*STRANGERS, person_of(walk.case_id)):
        for step in TAKEN:
            with pytest.raises(NotFound):
                await clinic.write(steps.take, before.id, step, reason_for(step), **by(walk, actor))
    assert await clinic.read(referrals.get, before.id) == before


async def test_a_draft_is_nothing_to_its_responder(clinic: Network, walk: Walk) -> None:
    drafted = await walk.draft()
    with pytest.raises(NotFound):
        await clinic.write(steps.take, drafted.referral_id, Step.REJECT, "full-now", **by(walk, PROVIDER))
    with pytest.raises(NotFound):
        await clinic.read(referral_view.view, drafted.referral_id, actor=PROVIDER, at=walk.at)


@pytest.mark.parametrize("step", sorted(REASONED))
async def test_a_step_that_ends_or_halts_has_a_reason_of_its_own(clinic: Network, walk: Walk, step: Step) -> None:
    sent = await walk.sent()
    status, side = next((at, min(row[1])) for (at, s), row in STEPS.items() if s is step and at is not Status.DRAFT)
    before = await put(clinic, sent.referral_id, status=status)
    actor = OWNER if side is Side.REQUESTER else PROVIDER
    foreign = next(r.code for other in REASONED for r in reasons_of(other) if step not in r.steps)
    for reason, why in ((None, Reason.REASON_MISSING), (foreign, Reason.REASON_UNKNOWN), ("x", Reason.REASON_UNKNOWN)):
        done = await clinic.write(steps.take, before.id, step, reason, **by(walk, actor))
        assert isinstance(done, Refusal)
        assert done.codes == (why,)
        assert set(done.reasons[0].places["reasons"]) == {r.code for r in reasons_of(step)}
    assert await clinic.read(referrals.get, before.id) == before


@pytest.mark.parametrize(("step", "reads_on"), [(Step.REJECT, False), (Step.CANCEL, False), (Step.ACCEPT, True)])
async def test_reading_ends_with_a_no(clinic: Network, walk: Walk, step: Step, reads_on: bool) -> None:
    sent = await walk.sent()
    opened = await clinic.write(disclosures.open_copy, sent.referral_id, **by(walk, PROVIDER))
    assert not isinstance(opened, Refusal)
    done = await clinic.write(steps.take, sent.referral_id, step, reason_for(step), **by(walk, PROVIDER))
    assert isinstance(done, Stepped), done
    again = await clinic.write(disclosures.open_copy, sent.referral_id, **by(walk, PROVIDER))
    assert isinstance(again, Refusal) is not reads_on


async def test_the_responder_says_finer_things_within_a_state(clinic: Network, walk: Walk) -> None:
    sent = await walk.sent()
    for (status, said), finer in MARKS.items():
        await put(clinic, sent.referral_id, status=status)
        done = await clinic.write(steps.mark, sent.referral_id, said, walk.at, **by(walk, PROVIDER))
        assert isinstance(done, Stepped)
        assert done.business_status is finer
        refused = await clinic.write(steps.mark, sent.referral_id, said, **by(walk, OWNER))
        assert isinstance(refused, Refusal)
    last = await clinic.read(referrals.get, sent.referral_id)
    assert last.business_status is BusinessStatus.SCHEDULED
    assert last.received_at is not None
    assert last.scheduled_at is not None
    await put(clinic, sent.referral_id, status=Status.COMPLETED)
    assert isinstance(await clinic.write(steps.mark, sent.referral_id, Mark.RECEIVE, **by(walk, PROVIDER)), Refusal)


async def test_two_words_on_the_outcome_and_a_follow_up_where_they_differ(clinic: Network, walk: Walk) -> None:
    sent = await walk.sent()
    person = person_of(walk.case_id)
    for step, reason in ((Step.ACCEPT, None), (Step.START, None), (Step.COMPLETE, "delivered")):
        assert isinstance(await clinic.write(steps.take, sent.referral_id, step, reason, **by(walk, PROVIDER)), Stepped)
    with pytest.raises(NotFound):
        await clinic.write(outcomes.say, sent.referral_id, Outcome.SERVED, **by(walk, PROVIDER))
    no = await clinic.write(
        outcomes.say, sent.referral_id, Outcome.NOT_SERVED, Barrier.ACCOMMODATION, **by(walk, person)
    )
    assert isinstance(no, SaidOutcome)
    assert (no.agreed, no.provider_outcome) == (False, Outcome.SERVED)
    found = await clinic.read(follow_up.get, walk.case_id)
    assert [meeting.id for meeting in found.meetings] == [no.follow_up_id]
    again = await clinic.write(outcomes.say, sent.referral_id, Outcome.PARTLY_SERVED, **by(walk, OWNER))
    assert isinstance(again, SaidOutcome)
    assert len((await clinic.read(follow_up.get, walk.case_id)).meetings) == 1
    yes = await clinic.write(outcomes.say, sent.referral_id, Outcome.SERVED, **by(walk, person))
    assert isinstance(yes, SaidOutcome)
    assert (yes.agreed, yes.follow_up_id) == (True, None)


async def test_a_draft_has_no_outcome(clinic: Network, walk: Walk) -> None:
    drafted = await walk.draft()
    said = await clinic.write(outcomes.say, drafted.referral_id, Outcome.SERVED, **by(walk, OWNER))
    assert isinstance(said, Refusal)
    assert said.codes == (Reason.NOTHING_TO_JUDGE,)


async def test_each_side_sees_its_own_and_what_it_may_do(clinic: Network, walk: Walk) -> None:
    sent = await walk.sent()
    inside: ReferralView = await clinic.read(referral_view.view, sent.referral_id, actor=OWNER, at=walk.at)
    outside: ReferralView = await clinic.read(referral_view.view, sent.referral_id, actor=PROVIDER, at=walk.at)
    own: ReferralView = await clinic.read(
        referral_view.view, sent.referral_id, actor=person_of(walk.case_id), at=walk.at
    )
    assert inside.case_id == own.case_id == walk.case_id
    assert (outside.case_id, outside.need_id, outside.responder_id) == (None, None, CLINIC)
    assert [s.step for s in inside.steps] == list(open_steps(Status.REQUESTED, Side.REQUESTER))
    assert [s.step for s in outside.steps] == list(open_steps(Status.REQUESTED, Side.RESPONDER))
    assert own.steps == ()
    assert all(bool(s.reasons) is (s.step in REASONED) for s in (*inside.steps, *outside.steps))
    for actor in (STRANGER, ADMIN, OFFICER, PROFESSIONAL, OTHER_PROVIDER):
        with pytest.raises(NotFound):
            await clinic.read(referral_view.view, sent.referral_id, actor=actor, at=walk.at)


@pytest.mark.parametrize(
    ("reason", "told"), [("fear", None), ("moved", None), ("died", None), ("sent-in-error", "sent-in-error")]
)
async def test_why_the_person_goes_no_further_is_not_told_to_who_received_it(
    clinic: Network, walk: Walk, reason: str, told: str | None
) -> None:
    sent = await walk.sent()
    assert isinstance(await clinic.write(steps.take, sent.referral_id, Step.CANCEL, reason, **by(walk, OWNER)), Stepped)
    for actor, seen in ((OWNER, reason), (person_of(walk.case_id), reason), (PROVIDER, told)):
        view = await clinic.read(referral_view.view, sent.referral_id, actor=actor, at=walk.at)
        assert (view.status, view.reason) == (Status.CANCELLED, seen)
        assert (view.owner is None and not view.consequences) is (seen is None)


async def test_a_draft_says_what_is_missing_for_its_sending(clinic: Network, secrets: Secrets) -> None:
    walk = await Walk(clinic, secrets).begin()
    drafted = await walk.draft()
    before: ReferralView = await clinic.read(referral_view.view, drafted.referral_id, actor=OWNER, at=walk.at)
    assert next(s for s in before.steps if s.step is Step.SEND).missing == (Reason.CONSENT_MISSING,)
    await walk.allow()
    after: ReferralView = await clinic.read(referral_view.view, drafted.referral_id, actor=OWNER, at=walk.at)
    assert next(s for s in after.steps if s.step is Step.SEND).missing == ()
