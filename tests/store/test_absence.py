"""Whoever vanishes, in whatever state: somebody else acts, and nothing hangs. A queue, never one user. (R-12, R-40)"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from api.actions import cases as handling
from api.actions import disclosures, outcomes, referral_view, steps, tasks
from api.actions.case_change import new_id
from api.actions.outcomes import SaidOutcome
from api.actions.referrals import Sent
from api.actions.steps import Stepped
from consent.projection import Packet
from graph.model.actor import Actor, Role
from graph.model.directory import Suspension
from graph.model.referral import ENDED, OPEN, Outcome, Referral, Status, Step, open_steps
from graph.model.referral import Side as Sides
from graph.model.refusal import Reason, Refusal
from graph.model.status_reason import Consequence
from graph.seed.status_reasons import reasons_of
from graph.store import referrals, sops, suspensions, terms
from graph.store.errors import NotFound
from graph.store.network import Network, Tx
from tests.cast import CLINIC, COLLEAGUE, COUNTRY, OWNER, PROVIDER, set_the_stage
from tests.sending import CLINIC_SERVICE, SERVICES, TYPE, Walk, keys_of_type, sop_of

SECOND_PROVIDER = Actor(id="a-provider-2", organization_id=CLINIC, roles=frozenset({Role.PROVIDER}))
WAYS: dict[Status, tuple[Step, ...]] = {
    Status.REQUESTED: (),
    Status.ACCEPTED: (Step.ACCEPT,),
    Status.IN_PROGRESS: (Step.ACCEPT, Step.START),
    Status.ON_HOLD: (Step.ACCEPT, Step.HOLD),
}
REASON = {Step.HOLD: "document-missing"}


async def own_service(network: Network) -> str:
    """A service of the clinic that a test may spoil."""
    id = f"s-{new_id()}"

    async def make(tx: Tx) -> None:
        rows = [{"id": id, "organization": CLINIC, "type": TYPE, "keys": keys_of_type(TYPE)}]
        await (await tx.run(SERVICES, rows=rows, country=COUNTRY)).consume()
        await sops.create(tx, [sop_of(id)])
        await terms.refresh(tx, [id])

    await network.write(make)
    return id


async def at(walk: Walk, status: Status, service: str = CLINIC_SERVICE) -> str:
    """A referral that got this far by its first provider's hand."""
    sent = await walk.send((await walk.draft(service)).referral_id)
    assert isinstance(sent, Sent), sent
    for step in WAYS[status]:
        await step_by(walk, PROVIDER, sent.referral_id, step, REASON.get(step))
    return sent.referral_id


async def step_by(walk: Walk, actor: Actor, id: str, step: Step, reason: str | None = None) -> Any:
    return await walk.network.write(steps.take, id, step, reason, **walk.later() | {"actor": actor})


async def stands(walk: Walk, id: str) -> Referral:
    return await walk.network.read(referrals.get, id)


async def vanish(walk: Walk, statement: str, **values: Any) -> None:
    async def gone(tx: Tx) -> None:
        await (await tx.run(statement, **values)).consume()

    await walk.network.write(gone)


def test_every_open_state_is_tried() -> None:
    assert set(WAYS) == OPEN


@pytest.mark.parametrize("status", WAYS)
async def test_a_colleague_of_the_provider_goes_on(walk: Walk, status: Status) -> None:
    """The one who began is gone, with everything that points to them: the organisation received it, not they."""
    id = await at(walk, status)
    await vanish(walk, "MATCH (x:Actor {id: $id}) DETACH DELETE x", id=PROVIDER.id)
    assert id in [row.id for row in await walk.network.read(disclosures.queue, actor=SECOND_PROVIDER, limit=200)]
    opened = await walk.network.write(disclosures.open_copy, id, **walk.later() | {"actor": SECOND_PROVIDER})
    assert isinstance(opened, Packet)
    view = await walk.network.read(referral_view.view, id, actor=SECOND_PROVIDER, at=walk.at)
    assert {s.step for s in view.steps} == set(open_steps(status, Sides.RESPONDER))
    done = await step_by(walk, SECOND_PROVIDER, id, Step.CANCEL, "no-longer-wanted")
    assert isinstance(done, Stepped), done
    await set_the_stage(walk.network)


@pytest.mark.parametrize("status", WAYS)
async def test_a_case_that_changes_hands_keeps_its_referrals(walk: Walk, status: Status) -> None:
    """Whoever takes the case over acts; whoever handed it over no longer does. (R-25)"""
    id = await at(walk, status)
    with pytest.raises(NotFound):
        await step_by(walk, COLLEAGUE, id, Step.CANCEL, "changed-plan")
    await walk.network.write(handling.join_team, walk.case_id, COLLEAGUE.id, **walk.later())
    await walk.network.write(handling.leave_team, walk.case_id, OWNER.id, **walk.later())
    with pytest.raises(NotFound):
        await step_by(walk, OWNER, id, Step.CANCEL, "changed-plan")
    said = await walk.network.write(outcomes.say, id, Outcome.NOT_SERVED, **walk.later() | {"actor": COLLEAGUE})
    assert isinstance(said, SaidOutcome)
    done = await step_by(walk, COLLEAGUE, id, Step.CANCEL, "moved")
    assert isinstance(done, Stepped), done
    ended = await walk.network.write(tasks.done, id, Consequence.CALL_PERSON, **walk.later() | {"actor": COLLEAGUE})
    assert not isinstance(ended, Refusal)


GONE = {
    "service-inactive": "MATCH (s:Service {id: $service}) SET s.status = 'inactive'",
    "sop-taken-out": "MATCH (:Service {id: $service})-[:GOVERNED_BY]->(k:Sop) DETACH DELETE k",
    "nobody-left": "MATCH (x:Actor)-[w:WORKS_FOR]->(:Organization {id: $organization}) DELETE w",
    "no-longer-offered": "MATCH (:Organization)-[o:OFFERS]->(:Service {id: $service}) DELETE o",
}
"""What an import, an administrator or a mistake may do to a provider while referrals run."""


@pytest.mark.parametrize("how", GONE)
@pytest.mark.parametrize("status", WAYS)
async def test_whatever_becomes_of_the_provider_the_sender_can_end_it(walk: Walk, status: Status, how: str) -> None:
    service = await own_service(walk.network)
    ended = {Step.CANCEL: await at(walk, status, service), Step.VOID: await at(walk, status, service)}
    await vanish(walk, GONE[how], service=service, organization=CLINIC)
    for step, id in ended.items():
        view = await walk.network.read(referral_view.view, id, actor=OWNER, at=walk.at)
        assert (view.status, step in {s.step for s in view.steps}) == (status, True)
        done = await step_by(walk, OWNER, id, step, "wrong-service" if step is Step.VOID else "changed-plan")
        assert isinstance(done, Stepped), done
        assert (await stands(walk, id)).status in ENDED
    await set_the_stage(walk.network)


@pytest.mark.parametrize("status", WAYS)
async def test_a_suspended_provider_hangs_nothing(walk: Walk, status: Status) -> None:
    """What has begun is not pushed on, and can be ended from both sides. (R-26)"""
    ids = [await at(walk, status) for _ in range(2)]
    stop = Suspension(
        id=f"stop-{status}",
        subject="organization",
        subject_id=CLINIC,
        reason="security",
        valid_from=date(2026, 11, 1),
    )
    await walk.network.write(suspensions.upsert, [stop])
    try:
        for step in (Step.ACCEPT, Step.START, Step.RESUME):
            if step in open_steps(status, Sides.RESPONDER):
                refused = await step_by(walk, PROVIDER, ids[0], step)
                assert isinstance(refused, Refusal)
                assert Reason.ORGANIZATION_SUSPENDED in refused.codes
        for id, actor, reason in ((ids[0], OWNER, "changed-plan"), (ids[1], PROVIDER, "suspended")):
            done = await step_by(walk, actor, id, Step.CANCEL, reason)
            assert isinstance(done, Stepped), done
    finally:
        await vanish(walk, "MATCH (x:Suspension {id: $id}) DETACH DELETE x", id=stop.id)


def test_reasons_of_an_end_are_there_for_both_sides() -> None:
    assert {r.code for r in reasons_of(Step.CANCEL)} >= {"changed-plan", "suspended", "moved"}
