"""Defects that were seen in systems of others, held here: access after a closing, moves that are ignored, people who leave.

Each is walked over every state, on real graphs. (mission §3c; what else of it is held where stands in docs/proofs.md)
"""

from __future__ import annotations

import pytest

from api.actions import consents, disclosures
from api.actions.consents import Stopped
from consent.projection import Packet
from graph.model.referral import OPEN, Status
from graph.model.refusal import Reason, Refusal
from graph.secrets import Secrets
from graph.store import referrals
from graph.store.network import Network, Tx
from tests.cast import CLINIC, COLLEAGUE, OWNER, PROVIDER
from tests.sending import Walk


@pytest.fixture
async def walk(clinic: Network, secrets: Secrets) -> Walk:
    return await Walk(clinic, secrets).begin()


async def put_into(walk: Walk, referral_id: str, status: Status) -> None:
    """The referral in a state of its later life, whoever brought it there."""

    async def move(tx: Tx) -> None:
        found = await referrals.get(tx, referral_id)
        await referrals.save(tx, found.model_copy(update={"status": status}))

    await walk.network.write(move)


async def test_what_has_ended_is_read_no_more_and_nothing_is_sent_twice_in_any_state(walk: Walk) -> None:
    """Access left after a refusal or a handover; a move that the state does not allow, ignored without a word."""
    await walk.allow()
    sent = await walk.sent()
    for status in sorted(set(Status) - {Status.DRAFT}):
        await put_into(walk, sent.referral_id, status)
        circumstances = walk.later() | {"actor": PROVIDER}
        opened = await walk.network.write(disclosures.open_copy, sent.referral_id, **circumstances)
        if status in OPEN:
            assert isinstance(opened, Packet), status
        else:
            assert isinstance(opened, Refusal) and opened.codes == (Reason.COPY_CLOSED,), status
        again = await walk.send(sent.referral_id)
        assert isinstance(again, Refusal) and again.codes == (Reason.STEP_NOT_OPEN,), status
        assert again.reasons[0].places["status"] == status.value


async def test_whoever_sent_or_opened_may_vanish_and_others_act(walk: Walk) -> None:
    """A disabled recipient or sender blocks nothing: referrals are addressed to organisations, cases are held by them."""
    given = await walk.allow()
    sent = await walk.sent()
    successor = PROVIDER.model_copy(update={"id": "a-provider-successor"})

    async def leave(tx: Tx) -> None:
        line = "MATCH (x:Actor {id: $id})-[r:WORKS_FOR]->() DELETE r"
        for actor in (OWNER, PROVIDER):
            await (await tx.run(line, id=actor.id)).consume()
        new = "MATCH (o:Organization {id: $clinic}) CREATE (:Actor {id: $id})-[:WORKS_FOR]->(o)"
        await (await tx.run(new, clinic=CLINIC, id=successor.id)).consume()

    await walk.network.write(leave)
    circumstances = walk.later() | {"actor": successor}
    assert isinstance(await walk.network.write(disclosures.open_copy, sent.referral_id, **circumstances), Packet)
    circumstances = walk.later() | {"actor": COLLEAGUE}
    stopped = await walk.network.write(consents.withdraw, given.consent_id, **circumstances)
    assert isinstance(stopped, Stopped) and stopped.cancelled == (sent.referral_id,)
    assert [o.actor_id for o in stopped.gone[0].opened] == [successor.id]
