"""The engine is killed under a load of sends: what was acknowledged is there, and nothing is there by half. (R-14, R-21)

Transfers and entries are the same ones, streams are dense, signatures hold, copies open; who was not answered repeats
with the same key and has one effect.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest

from api.actions import disclosures, referrals
from api.actions.referrals import Draft, Sent
from consent.projection import Packet
from graph.log.entry import verify
from graph.model.actor import Actor
from graph.model.refusal import Refusal
from graph.secrets import Secrets, open_secrets
from graph.store.errors import Conflict, Unavailable
from graph.store.migrate import migrate
from graph.store.network import Network, Tx
from tests.cast import PROVIDER
from tests.ledger import ledger
from tests.mortal import Mortal
from tests.sending import CLINIC_SERVICE, Walk, set_the_clinic
from tests.sizes import kills

KILLS: Final = {"embedded": kills(10, 200), "neo4j": kills(3, 60)}
CALLERS: Final = 6
UNDER_LOAD: Final = (3, 60)
"""How many answers of a round there are before the engine is killed, drawn anew each time."""

# A deadline that passes while the driver is still knocking at a dead port leaves its knock unheard, and asyncio says so.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


async def read_copy(tx: Tx, referral_id: str, *, actor: Actor, at: Any, secrets: Secrets) -> tuple[str, ...]:
    """Opening as the receiver does it; answers with codes, for an answer under a key holds no value of a person."""
    packet = await disclosures.open_copy(tx, referral_id, actor=actor, at=at, secrets=secrets)
    assert isinstance(packet, Packet)
    return tuple(packet.payload)


@dataclass(slots=True)
class Load:
    """Callers that draft, send and open without end; each repeats under its key until it is answered."""

    network: Network
    secrets: Secrets
    sent: dict[str, Sent] = field(default_factory=dict)
    read: set[str] = field(default_factory=set)
    drafted: set[str] = field(default_factory=set)
    unanswered: int = 0
    answers: int = 0
    alive: asyncio.Event = field(default_factory=asyncio.Event)
    ended: bool = False
    parked: int = 0

    async def once(self, action: Callable[..., Awaitable[Any]], *args: Any, key: str, **circumstances: Any) -> Any:
        """The answer to one step, however often the engine dies meanwhile."""
        while True:
            if not self.alive.is_set():
                self.parked += 1
                await self.alive.wait()
                self.parked -= 1
            try:
                done = await self.network.write(action, *args, idempotency_key=key, deadline=2.0, **circumstances)
            except (Unavailable, Conflict):
                self.unanswered += not self.alive.is_set()
                continue
            self.answers += 1
            return done

    async def caller(self, walk: Walk, name: str) -> None:
        n = 0
        while not self.ended:
            n += 1
            id = f"r-{name}-{n}"
            draft = Draft(id=id, need_id=walk.need_id, service_id=CLINIC_SERVICE)
            drafted = await self.once(referrals.draft, walk.case_id, draft, key=f"draft-{id}", **walk.later())
            assert not isinstance(drafted, Refusal)
            self.drafted.add(id)
            sent = await self.once(referrals.send, id, key=f"send-{id}", **walk.later())
            assert isinstance(sent, Sent)
            assert verify(sent.entry, self.secrets.signer.public_key)
            self.sent[id] = sent
            circumstances = walk.later() | {"actor": PROVIDER}
            assert await self.once(read_copy, id, key=f"read-{id}", **circumstances) == sent.fields
            self.read.add(id)

    async def lost(self) -> list[str]:
        """Everything that was acknowledged and is not there, and everything that does not agree."""
        acknowledged = dict(self.sent), set(self.read), set(self.drafted)
        book = await ledger(self.network)
        found = book.wrong(self.secrets)
        found += [f"{id}: the draft is lost" for id in acknowledged[2] if id not in book.referrals]
        for id, sent in acknowledged[0].items():
            if [line.entry for line in book.transfers[id]] != [sent.entry]:
                found.append(f"{id}: not the entry that was acknowledged")
            if [copy["id"] for copy in book.referrals[id]["copies"]] != [sent.disclosure_id]:
                found.append(f"{id}: not the copy that was acknowledged")
        found += [f"{id}: the reading is lost" for id in acknowledged[1] if book.readings[id] != 1]
        found += [f"{id}: read {n} times" for id, n in book.readings.items() if n > 1]
        return found


async def test_a_killed_engine_loses_nothing_acknowledged_and_leaves_nothing_by_half(
    engine: Mortal, tmp_path: Path, measured: Callable[[str], None]
) -> None:
    secrets = open_secrets(tmp_path / "keys")
    dice = random.Random()
    async with Network.open(engine.server) as network:
        await migrate(network)
        await set_the_clinic(network)
        walks = [await Walk(network, secrets).begin() for _ in range(CALLERS)]
        for walk in walks:
            await walk.allow()
        load = Load(network, secrets)
        load.alive.set()
        callers = [asyncio.create_task(load.caller(walk, str(n))) for n, walk in enumerate(walks)]
        for number in range(KILLS[engine.server.kind]):
            enough = load.answers + dice.randint(*UNDER_LOAD)
            async with asyncio.timeout(300):
                while load.answers < enough:
                    assert not any(caller.done() for caller in callers), [c.exception() for c in callers if c.done()]
                    await asyncio.sleep(dice.uniform(0.0, 0.02))
            load.alive.clear()
            await asyncio.to_thread(engine.kill)
            await asyncio.to_thread(engine.come_back)
            while load.parked < CALLERS:
                assert not any(caller.done() for caller in callers), [c.exception() for c in callers if c.done()]
                await asyncio.sleep(0.02)
            assert not await load.lost(), f"after kill {number + 1}"
            load.alive.set()
        load.ended = True
        await asyncio.gather(*callers)
        assert not await load.lost()
    measured(
        f"{KILLS[engine.server.kind]} kills, {len(load.sent)} sends, {load.unanswered} calls in the middle: 0 lost"
    )
    assert load.unanswered, "nobody was in the middle of anything: this proves nothing"
