"""Nobody reads on after an end: every step that closes a referral, then and at any time later. (R-20, R-21; design §5)"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from api.actions import disclosures, steps
from api.actions.steps import Stepped
from consent.projection import Packet
from graph.model.actor import Actor
from graph.model.referral import ENDED, OPEN, REASONED, STEPS, Side, Status, Step
from graph.model.refusal import Reason, Refusal
from graph.secrets import Secrets
from graph.seed.status_reasons import reasons_of
from graph.store import referrals
from graph.store.network import Network
from tests.cast import OWNER, PROVIDER
from tests.sending import Walk

CLOSING = [
    (at, step, side)
    for (at, step), (to, sides) in STEPS.items()
    if to in ENDED and at in OPEN
    for side in sorted(sides)
]
LATER = (timedelta(), timedelta(minutes=1), timedelta(days=40), timedelta(days=400))
BY: dict[Side, Actor] = {Side.REQUESTER: OWNER, Side.RESPONDER: PROVIDER}


@pytest.mark.parametrize(("status", "step", "side"), CLOSING, ids=lambda part: getattr(part, "value", None))
async def test_after_an_end_nothing_is_read(
    clinic: Network, secrets: Secrets, status: Status, step: Step, side: Side
) -> None:
    walk = await Walk(clinic, secrets).begin()
    await walk.allow()
    sent = await walk.sent()

    def by(actor: Actor) -> dict[str, Any]:
        return walk.later() | {"actor": actor}

    referral = await clinic.read(referrals.get, sent.referral_id)
    await clinic.write(referrals.save, referral.model_copy(update={"status": status}))
    assert isinstance(await clinic.write(disclosures.open_copy, sent.referral_id, **by(PROVIDER)), Packet)
    reason = reasons_of(step)[0].code if step in REASONED else None
    assert isinstance(await clinic.write(steps.take, sent.referral_id, step, reason, **by(BY[side])), Stepped)
    for later in LATER:
        walk.at += later
        closed = await clinic.write(disclosures.open_copy, sent.referral_id, **by(PROVIDER))
        assert isinstance(closed, Refusal) and closed.codes == (Reason.COPY_CLOSED,), later
