"""A place is held by a send, kept by an acceptance, given back by every end, and never given twice. (R-06, R-07, R-15)"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from api.actions import capacity, consents, households, leases, referrals, steps, suspensions, together
from api.actions.households import Joining
from api.actions.referrals import Draft, Drafted, Sent
from api.actions.steps import Stepped
from api.actions.together import DraftedTogether, DraftTogether, SentTogether
from consent.projection import Packet
from graph.model.actor import Actor, Role
from graph.model.directory import CapacityState
from graph.model.lease import Held
from graph.model.places import Change, OutOfRange
from graph.model.referral import Mark, Status, Step
from graph.model.refusal import Reason, Refusal
from graph.model.sop import Clocks, Costs
from graph.model.stock import Place
from graph.secrets import Secrets
from graph.store import leases as lease_store
from graph.store import log
from graph.store import referrals as referral_store
from graph.store.network import Network, Tx
from tests.cast import HOME, OWNER, PROVIDER
from tests.places import counts, open_places, stock_of
from tests.sending import CLINIC_SERVICE, Walk

COMMITTEE = Actor(id="a-committee", organization_id=HOME, roles=frozenset({Role.COMMITTEE}))


class Desk:
    """One service with counted places, and people who are sent there."""

    def __init__(self, network: Network, secrets: Secrets, id: str) -> None:
        self.network, self.secrets, self.id = network, secrets, id
        self.walks: dict[str, Walk] = {}

    async def person(self) -> Walk:
        walk = await Walk(self.network, self.secrets).begin()
        await walk.allow()
        return walk

    async def draft(self, walk: Walk, *, waiting: bool = False) -> str:
        said = Draft(need_id=walk.need_id, service_id=self.id, waiting=waiting, **BECAUSE)
        drafted = await self.network.write(referrals.draft, walk.case_id, said, **walk.later())
        assert isinstance(drafted, Drafted), drafted
        self.walks[drafted.referral_id] = walk
        return drafted.referral_id

    async def send(self, walk: Walk | None = None, *, waiting: bool = False) -> Sent | Refusal:
        walk = walk or await self.person()
        return await walk.send(await self.draft(walk, waiting=waiting))

    async def sent(self, walk: Walk | None = None, *, waiting: bool = False) -> Sent:
        sent = await self.send(walk, waiting=waiting)
        assert isinstance(sent, Sent), sent
        return sent

    async def step(self, referral_id: str, step: Step, reason: str | None = None, actor: Actor = PROVIDER) -> Any:
        by = self.walks[referral_id].later() | {"actor": actor}
        return await self.network.write(steps.take, referral_id, step, reason, **by)

    async def say(self, change: Change, **said: Any) -> None:
        await self.network.write(capacity.change, self.id, change, actor=PROVIDER, expected=None, **said)

    async def counts(self) -> tuple[int | None, int, int]:
        return await counts(self.network, self.id)


BECAUSE: dict[str, Any] = {"chosen_because": "person-prefers"} if "chosen_because" in Draft.model_fields else {}


@pytest.fixture
async def desk(clinic: Network, secrets: Secrets, request: pytest.FixtureRequest) -> Desk:
    return Desk(clinic, secrets, f"s-{request.node.originalname}")


async def test_a_send_takes_a_place_and_the_last_one_is_not_given_twice(desk: Desk) -> None:
    await open_places(desk.network, desk.id, 1)
    sent = await desk.sent()
    assert sent.place is Place.HELD
    assert sent.held_until is not None
    assert await desk.counts() == (0, 1, 0)
    late = await desk.person()
    referral_id = await desk.draft(late)
    refused = await late.send(referral_id)
    assert isinstance(refused, Refusal)
    assert refused.codes == (Reason.PLACES_FULL,)
    assert (await desk.network.read(referral_store.get, referral_id)).status is Status.DRAFT
    entry = (await desk.network.read(log.read, late.stream))[-1]
    assert entry.body.reasons == ("places-full",)
    seen = await desk.network.write(referrals.preview, referral_id, **late.later())
    assert isinstance(seen, Refusal), "a preview says what a send would find"


async def test_where_nobody_counts_none_is_held_and_that_is_said(desk: Desk, secrets: Secrets) -> None:
    walk = await desk.person()
    drafted = await walk.draft(CLINIC_SERVICE)
    seen = await desk.network.write(referrals.preview, drafted.referral_id, **walk.later())
    assert isinstance(seen, Packet)
    assert seen.place is Place.NOT_COUNTED
    sent = await walk.send(drafted.referral_id)
    assert isinstance(sent, Sent)
    assert (sent.place, sent.held_until) == (Place.NOT_COUNTED, None)
    assert await desk.network.read(lease_store.latest, drafted.referral_id) is None
    await open_places(desk.network, desk.id, None)
    assert (await desk.sent()).place is Place.NOT_COUNTED


async def test_accepted_it_is_in_use_and_a_bed_is_back_at_the_end(desk: Desk) -> None:
    await open_places(desk.network, desk.id, 2)
    sent = await desk.sent()
    assert isinstance(await desk.step(sent.referral_id, Step.ACCEPT), Stepped)
    assert await desk.counts() == (1, 0, 1)
    for step, reason in ((Step.START, None), (Step.HOLD, "did-not-come"), (Step.RESUME, None)):
        assert isinstance(await desk.step(sent.referral_id, step, reason), Stepped)
        assert await desk.counts() == (1, 0, 1)
    assert isinstance(await desk.step(sent.referral_id, Step.COMPLETE, "delivered"), Stepped)
    assert await desk.counts() == (2, 0, 0)


@pytest.mark.parametrize(
    ("turnover", "ways", "free"),
    [
        ("consumed", [(Step.START, None), (Step.COMPLETE, "delivered")], 2),
        ("consumed", [(Step.START, None), (Step.FAIL, "not-delivered")], 3),
        ("consumed", [(Step.CANCEL, "moved")], 3),
        ("reusable", [(Step.START, None), (Step.COMPLETE, "delivered")], 3),
    ],
)
async def test_a_grant_that_was_given_does_not_come_back(
    clinic: Network, secrets: Secrets, turnover: str, ways: list[tuple[Step, str | None]], free: int
) -> None:
    desk = Desk(clinic, secrets, f"s-grant-{turnover}-{len(ways)}-{ways[-1][0]}")
    await open_places(desk.network, desk.id, 3, turnover=turnover)
    sent = await desk.sent()
    for step, reason in [(Step.ACCEPT, None), *ways]:
        done = await desk.step(sent.referral_id, step, reason)
        assert isinstance(done, Stepped), done
    assert await desk.counts() == (free, 0, 0)


@pytest.mark.parametrize("end", ["reject", "cancel", "void", "withdrawal", "suspension", "waiting-list", "lapse"])
async def test_every_end_gives_it_back(clinic: Network, secrets: Secrets, end: str) -> None:
    desk = Desk(clinic, secrets, f"s-end-{end}")
    await open_places(desk.network, desk.id, 1)
    walk = await Walk(clinic, secrets).begin()
    consent = await walk.allow()
    sent = await desk.sent(walk)
    assert await desk.counts() == (0, 1, 0)
    match end:
        case "reject":
            await desk.step(sent.referral_id, Step.REJECT, "not-our-service")
        case "cancel":
            await desk.step(sent.referral_id, Step.CANCEL, "changed-plan", actor=OWNER)
        case "void":
            await desk.step(sent.referral_id, Step.VOID, "sent-in-error", actor=OWNER)
        case "withdrawal":
            await clinic.write(consents.withdraw, consent.consent_id, **walk.later())
        case "suspension":
            by = walk.later() | {"actor": COMMITTEE}
            stopped = suspensions.suspension_of("service", desk.id, "security", at=by["at"])
            assert (await suspensions.stop(clinic, stopped, **by)).taken_back == (sent.referral_id,)
        case "waiting-list":
            by = walk.later() | {"actor": PROVIDER}
            assert isinstance(await clinic.write(steps.mark, sent.referral_id, Mark.WAITING_LIST, **by), Stepped)
        case "lapse":
            lease = await clinic.read(lease_store.latest, sent.referral_id)
            assert lease is not None
            assert not await clinic.write(leases.lapse, lease.id, at=lease.expires_at - timedelta(seconds=1))
            assert await clinic.write(leases.lapse, lease.id, at=lease.expires_at)
            assert not await clinic.write(leases.lapse, lease.id, at=lease.expires_at), "once"
    assert await desk.counts() == (1, 0, 0)
    lease = await clinic.read(lease_store.latest, sent.referral_id)
    assert lease is not None
    assert (lease.held, lease.ended_at is not None) == (Held.BACK, True)


async def test_it_is_held_for_twice_the_time_to_decide_and_kept_once_accepted(desk: Desk) -> None:
    await open_places(desk.network, desk.id, 1, sop={"clocks": Clocks(decide="PT4H")})
    sent = await desk.sent()
    assert sent.held_until is not None
    assert sent.held_until == desk.walks[sent.referral_id].at + timedelta(hours=8)
    assert isinstance(await desk.step(sent.referral_id, Step.ACCEPT), Stepped)
    lease = await desk.network.read(lease_store.latest, sent.referral_id)
    assert lease is not None
    assert not await desk.network.write(leases.lapse, lease.id, at=sent.held_until + timedelta(days=1))
    assert await desk.counts() == (0, 0, 1)


async def test_the_waiting_list_holds_nothing_and_an_acceptance_from_it_takes_a_place(desk: Desk) -> None:
    await open_places(desk.network, desk.id, 0, maximum=1, state=CapacityState.WAITING_LIST)
    refused = await desk.send()
    assert isinstance(refused, Refusal)
    assert refused.codes == (Reason.WAITING_LIST_ONLY,)
    waits = await desk.sent(waiting=True)
    assert (waits.place, waits.held_until) == (Place.WAITING_LIST, None)
    assert (await desk.network.read(referral_store.get, waits.referral_id)).waiting
    refused = await desk.step(waits.referral_id, Step.ACCEPT)
    assert isinstance(refused, Refusal)
    assert refused.codes == (Reason.NO_PLACE_TO_GIVE,)
    await desk.say(Change.PLUS, at=desk.walks[waits.referral_id].later()["at"])
    assert isinstance(await desk.step(waits.referral_id, Step.ACCEPT), Stepped)
    assert await desk.counts() == (0, 0, 1)
    assert isinstance(await desk.step(waits.referral_id, Step.CANCEL, "moved", actor=OWNER), Stepped)
    assert await desk.counts() == (1, 0, 0)


async def test_who_would_wait_has_a_place_where_one_is_free_and_no_list_is_waited_on_that_is_not_kept(
    desk: Desk,
) -> None:
    await open_places(desk.network, desk.id, 1)
    first = await desk.sent(waiting=True)
    assert first.place is Place.HELD
    assert not (await desk.network.read(referral_store.get, first.referral_id)).waiting
    second = await desk.send(waiting=True)
    assert isinstance(second, Refusal)
    assert second.codes == (Reason.NO_WAITING_LIST,)


async def test_a_place_that_was_given_back_is_taken_anew_or_refused(desk: Desk) -> None:
    """Whose place went back to the clock is not accepted past somebody who has it now."""
    await open_places(desk.network, desk.id, 1)
    late = await desk.sent()
    lease = await desk.network.read(lease_store.latest, late.referral_id)
    assert lease is not None
    assert await desk.network.write(leases.lapse, lease.id, at=lease.expires_at)
    other = await desk.sent()
    refused = await desk.step(late.referral_id, Step.ACCEPT)
    assert isinstance(refused, Refusal)
    assert refused.codes == (Reason.NO_PLACE_TO_GIVE,)
    assert isinstance(await desk.step(other.referral_id, Step.REJECT, "not-our-service"), Stepped)
    assert isinstance(await desk.step(late.referral_id, Step.ACCEPT), Stepped)
    assert await desk.counts() == (0, 0, 1)


async def test_a_decline_for_want_of_places_is_believed_and_counted(desk: Desk) -> None:
    await open_places(desk.network, desk.id, 3, maximum=3)
    first, second, third = [await desk.sent() for _ in range(3)]
    assert isinstance(await desk.step(first.referral_id, Step.REJECT, "waiting-list-only"), Stepped)
    stock = await stock_of(desk.network, desk.id)
    assert (stock.declines, stock.free, stock.capacity.state) == (1, 1, CapacityState.AVAILABLE)
    assert isinstance(await desk.step(second.referral_id, Step.REJECT, "full-now"), Stepped)
    stock = await stock_of(desk.network, desk.id)
    assert (stock.declines, stock.free, stock.capacity.state) == (2, 0, CapacityState.NONE)
    assert isinstance(await desk.step(third.referral_id, Step.CANCEL, "moved", actor=OWNER), Stepped)
    assert await desk.counts() == (0, 0, 0), "what comes back after that is not free until the provider says so"
    await desk.say(Change.SET, number=2, at=desk.walks[third.referral_id].later()["at"])
    stock = await stock_of(desk.network, desk.id)
    assert (stock.declines, stock.free, stock.capacity.state) == (0, 2, CapacityState.AVAILABLE)


async def test_what_a_provider_sets_is_free_beside_what_is_held(desk: Desk) -> None:
    await open_places(desk.network, desk.id, 3, maximum=4)
    sent = await desk.sent()
    await desk.say(Change.SET, number=3, at=desk.walks[sent.referral_id].later()["at"])
    assert await desk.counts() == (3, 1, 0)
    with pytest.raises(OutOfRange):
        await desk.say(Change.SET, number=4, at=desk.walks[sent.referral_id].later()["at"])
    await desk.say(Change.FULL, at=desk.walks[sent.referral_id].later()["at"])
    assert await desk.counts() == (0, 1, 0)
    assert isinstance(await desk.step(sent.referral_id, Step.CANCEL, "moved", actor=OWNER), Stepped)
    assert await desk.counts() == (1, 0, 0)


async def test_a_pause_stops_sending_until_its_last_day_has_passed(desk: Desk) -> None:
    await open_places(desk.network, desk.id, 2)
    walk = await desk.person()
    referral_id = await desk.draft(walk)
    last = walk.at.date() + timedelta(days=10)
    await desk.say(Change.PAUSE, until=last, at=walk.later()["at"])
    refused = await walk.send(referral_id)
    assert isinstance(refused, Refusal)
    assert refused.codes == (Reason.PLACES_PAUSED,)
    assert refused.reasons[0].places == {"date": last.isoformat()}
    walk.at += timedelta(days=11)
    assert isinstance(await walk.send(referral_id), Sent)
    assert await desk.counts() == (1, 1, 0)


async def family(desk: Desk) -> tuple[Walk, Walk]:
    ana, beto = [await desk.person() for _ in range(2)]
    joining = Joining(case_ids=(ana.case_id, beto.case_id), stays_together=False)
    await desk.network.write(households.live_together, joining, **ana.later())
    beto.at = ana.at
    return ana, beto


async def send_family(desk: Desk, ana: Walk, beto: Walk) -> SentTogether | Refusal:
    needs = {w.case_id: w.need_id for w in (ana, beto)}
    said = DraftTogether(service_id=desk.id, needs=needs, ids={id: f"r-{id}" for id in needs}, **BECAUSE)
    drafted = await desk.network.write(together.draft, said, **ana.later())
    assert isinstance(drafted, DraftedTogether), drafted
    return await desk.network.write(together.send, drafted.together_id, **ana.later())


@pytest.mark.parametrize(("free", "go"), [(2, True), (1, False)])
async def test_a_family_takes_a_place_each_or_none(clinic: Network, secrets: Secrets, free: int, go: bool) -> None:
    desk = Desk(clinic, secrets, f"s-family-{free}")
    await open_places(desk.network, desk.id, free)
    ana, beto = await family(desk)
    sent = await send_family(desk, ana, beto)
    if go:
        assert isinstance(sent, SentTogether)
        assert [s.place for s in sent.sent] == [Place.HELD, Place.HELD]
        assert await desk.counts() == (0, 2, 0)
    else:
        assert isinstance(sent, Refusal)
        assert sent.codes == (Reason.PLACES_TOO_FEW,)
        assert await desk.counts() == (1, 0, 0)


PROGRAM = """
    MATCH (s:Service {id: $id})
    MERGE (p:Program {id: 'p-' + $id})
    SET p.budget = $budget, p.spent = $spent, p.currency = 'USD'
    MERGE (s)-[:IN_PROGRAM]->(p)
"""
COMMITTED = "MATCH (p:Program {id: 'p-' + $id}) RETURN coalesce(p.committed, 0) AS committed"


async def test_a_programme_pays_as_far_as_its_budget_goes(desk: Desk) -> None:
    await open_places(desk.network, desk.id, 5, sop={"costs": Costs(ceiling=40, currency="USD")})

    async def pay(tx: Tx) -> None:
        await (await tx.run(PROGRAM, id=desk.id, budget=100, spent=10)).consume()

    async def committed() -> int:
        async def look(tx: Tx) -> int:
            return int((await (await tx.run(COMMITTED, id=desk.id)).single(strict=True))["committed"])

        return await desk.network.read(look)

    await desk.network.write(pay)
    first, second = [await desk.sent() for _ in range(2)]
    assert await committed() == 80
    refused = await desk.send()
    assert isinstance(refused, Refusal)
    assert refused.codes == (Reason.BUDGET_EXHAUSTED,)
    assert refused.reasons[0].places == {"left": "10", "cost": "40"}
    assert await desk.counts() == (3, 2, 0), "who is not paid takes no place"
    assert isinstance(await desk.step(first.referral_id, Step.REJECT, "not-our-service"), Stepped)
    assert await committed() == 40
    for step, reason in ((Step.ACCEPT, None), (Step.START, None), (Step.COMPLETE, "delivered")):
        assert isinstance(await desk.step(second.referral_id, step, reason), Stepped)
    assert await committed() == 40, "what was given has cost what it cost"
    assert await desk.counts() == (5, 0, 0)


async def test_what_nobody_has_said_for_long_holds_back_nobody(desk: Desk) -> None:
    await open_places(desk.network, desk.id, 0, maximum=3)
    walk = await desk.person()
    assert isinstance(await desk.send(walk), Refusal)
    walk.at += timedelta(days=40)
    assert (await desk.sent(walk)).place is Place.NOT_COUNTED
    assert walk.at.date() > date(2026, 12, 1)
