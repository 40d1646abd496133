"""What a referral costs stays under what was agreed, and the committee reads sums that name nobody. (R-15)"""

from __future__ import annotations

from typing import Any

import pytest

from api.actions import costs, referral_view, steps
from api.actions.costs import Spending, Spent
from graph.model.actor import Actor, Role
from graph.model.log import Kind
from graph.model.referral import Step
from graph.model.refusal import Reason, Refusal
from graph.model.sop import Costs
from graph.seed.catalogue import WrongValue
from graph.store import log, sops
from graph.store.errors import NotFound
from graph.store.network import Network
from tests.cast import CLINIC, COLLEAGUE, HOME, OWNER, PROVIDER, STRANGER
from tests.sending import CLINIC_SERVICE, Patient, Walk, set_the_clinic, sop_of

COMMITTEE = Actor(id="a-committee", organization_id=HOME, roles=frozenset({Role.COMMITTEE}))
AGREED = Costs(payer="state", ceiling=100, currency="GTQ")


@pytest.fixture(scope="module")
async def clinic(network: Network) -> Network:
    await set_the_clinic(network)
    patient = Patient.of(network)
    await patient.write(sops.create, [sop_of(CLINIC_SERVICE, id="sop-priced", version=2, costs=AGREED)])
    return patient


async def accepted(walk: Walk) -> str:
    sent = await walk.sent()
    by = walk.later() | {"actor": PROVIDER}
    await walk.network.write(steps.take, sent.referral_id, Step.ACCEPT, None, **by)
    return sent.referral_id


async def say(walk: Walk, id: str, amount: int, currency: str = "GTQ", actor: Actor = PROVIDER, **more: Any) -> Any:
    said = Spending(amount=amount, currency=currency, **{"what_for": "service-fee"} | more)
    return await walk.network.write(costs.say, id, said, **walk.later() | {"actor": actor})


async def test_costs_add_up_to_the_ceiling_and_never_over_it(clinic: Network, walk: Walk) -> None:
    id = await accepted(walk)
    first = await say(walk, id, 6_000)
    assert isinstance(first, Spent), first
    over = await say(walk, id, 4_001)
    assert isinstance(over, Refusal)
    assert over.codes == (Reason.COST_OVER_CEILING,)
    assert over.reasons[0].places == {"ceiling": "100.00", "spent": "60.00", "currency": "GTQ"}
    last = await say(walk, id, 4_000, what_for="transport")
    assert isinstance(last, Spent)
    assert (last.account.spent, last.account.ceiling, last.account.payer) == (10_000, 10_000, "state")
    for actor in (OWNER, PROVIDER):
        assert (await clinic.read(referral_view.view, id, actor=actor, at=walk.at)).account == last.account
    body = (await clinic.read(log.read, walk.stream))[-1].body
    assert (body.kind, body.reasons) == (Kind.COST_SAID, ("transport",))
    assert "4000" not in body.model_dump_json()


async def test_one_currency_and_one_list_of_what_for(clinic: Network, walk: Walk) -> None:
    id = await accepted(walk)
    other = await say(walk, id, 100, "USD")
    assert isinstance(other, Refusal)
    assert other.codes == (Reason.COST_OTHER_CURRENCY,)
    with pytest.raises(WrongValue):
        await say(walk, id, 100, what_for="her-illness")


async def test_only_the_provider_and_only_once_it_has_taken_it(clinic: Network, walk: Walk) -> None:
    sent = await walk.sent()
    early = await say(walk, sent.referral_id, 100)
    assert isinstance(early, Refusal)
    assert early.codes == (Reason.STEP_NOT_OPEN,)
    for actor in (OWNER, COLLEAGUE, STRANGER, COMMITTEE):
        with pytest.raises(NotFound):
            await say(walk, sent.referral_id, 100, actor=actor)


async def test_the_committee_reads_sums_and_no_small_number(clinic: Network, walk: Walk) -> None:
    await say(walk, await accepted(walk), 5)
    (few,) = await clinic.read(costs.totals, actor=COMMITTEE)
    assert (few.organization_id, few.payer, few.currency, few.amount, few.referrals) == (
        CLINIC, "state", "GTQ", None, None,
    )  # fmt: skip
    for _ in range(10):
        await say(walk, await accepted(walk), 5)
    (many,) = await clinic.read(costs.totals, actor=COMMITTEE)
    assert (many.referrals or 0) >= 10
    assert (many.amount or 0) >= 50
    for actor in (OWNER, PROVIDER):
        with pytest.raises(NotFound):
            await clinic.read(costs.totals, actor=actor)
