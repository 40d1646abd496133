"""Sends and readings over a wire that breaks, each repeated under its key: no ghosts, no doubles, nothing lost. (R-14)

A ghost is an effect that nobody was told of; a double is a copy or an entry too many. Without keys the same wire must
make some, else it proves nothing. The wire is that of `enlace engine check`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from api.actions import disclosures, referrals
from api.actions.referrals import Sent
from consent.projection import Packet
from graph.conformance.cutting import cut_wire
from graph.engine import Server
from graph.model.actor import Actor
from graph.model.refusal import Refusal
from graph.secrets import Secrets
from graph.store.errors import Conflict, Unavailable
from graph.store.network import Network, Tx
from tests.cast import PROVIDER
from tests.ledger import Ledger, ledger
from tests.sending import Walk
from tests.sizes import writes

WRITES: Final = writes(1_000, 20_000)
"""Half of them send, half of them open what was sent."""
WITHOUT_KEYS: Final = 100
RATE: Final = 0.05
"""The share of the client's messages at which the wire breaks; a send has some twenty."""
CALLERS: Final = 12
OF_A_CASE: Final = 10
"""How many referrals a case has; its calls come one after the other."""
TRIES: Final = 60


async def read_copy(tx: Tx, referral_id: str, *, actor: Actor, at: datetime, secrets: Secrets) -> tuple[str, ...]:
    """Opening as the receiver does it; answers with codes, for an answer under a key holds no value of a person."""
    packet = await disclosures.open_copy(tx, referral_id, actor=actor, at=at, secrets=secrets)
    assert isinstance(packet, Packet)
    return tuple(packet.payload)


@dataclass(slots=True)
class Told:
    """What callers were told."""

    cuts: int = 0
    repeats: int = 0
    sent: dict[str, Sent | Refusal] = field(default_factory=dict)
    read: dict[str, tuple[str, ...]] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)

    def wrong(self, book: Ledger) -> list[str]:
        """What is there and nobody was told of, what is there twice, what was told and is not there."""
        found = []
        for id in self.asked:
            entries, sent = [line.entry for line in book.transfers[id]], self.sent.get(id)
            readings, read = book.readings[id], self.read.get(id)
            there = {
                "a ghost sending": bool(entries) and not isinstance(sent, Sent),
                "a ghost reading": bool(readings) and read is None,
                "sent twice": len(entries) > 1,
                "read twice": readings > 1,
                "a lost sending": isinstance(sent, Sent) and not entries,
                "a lost reading": read is not None and not readings,
                "another answer": isinstance(sent, Sent) and bool(entries) and sent.entry not in entries,
            }
            found += [f"{id}: {what}" for what, is_so in there.items() if is_so]
        return found


async def over_a_breaking_wire(
    clinic: Network, server: Server, secrets: Secrets, number: int, *, with_keys: bool
) -> Told:
    """So many sends, and the opening of each, by callers that come back until they are answered."""
    told = Told()
    seats = asyncio.Semaphore(CALLERS)
    async with cut_wire(server, rate=RATE, seed=11) as wire, Network.open(wire.server) as broken:

        async def case(referrals_of_it: int) -> None:
            async with seats:
                walk = await Walk(clinic, secrets).begin()
                await walk.allow()
                for _ in range(referrals_of_it):
                    await referral(walk, (await walk.draft()).referral_id)

        async def referral(walk: Walk, id: str) -> None:
            told.asked.add(id)
            keys = [f"{step}-{id}" if with_keys else None for step in ("send", "read")]
            circumstances = walk.later()
            for _ in range(TRIES):
                try:
                    told.sent[id] = await broken.write(referrals.send, id, idempotency_key=keys[0], **circumstances)
                except (Unavailable, Conflict):
                    told.repeats += 1
                    continue
                break
            circumstances = walk.later() | {"actor": PROVIDER}
            for _ in range(TRIES):
                try:
                    told.read[id] = await broken.write(read_copy, id, idempotency_key=keys[1], **circumstances)
                except (Unavailable, Conflict):
                    told.repeats += 1
                    continue
                return

        full, rest = divmod(number, OF_A_CASE)
        await asyncio.gather(*(case(n) for n in [OF_A_CASE] * full + [rest] * bool(rest)))
        told.cuts = wire.cuts
    return told


async def test_a_breaking_wire_makes_no_ghosts_and_no_doubles(
    clinic: Network, server: Server, secrets: Secrets, measured: Callable[[str], None]
) -> None:
    told = await over_a_breaking_wire(clinic, server, secrets, WRITES // 2, with_keys=True)
    book = await ledger(clinic)
    assert not told.wrong(book)
    assert not book.wrong(secrets)
    assert len(told.sent) == len(told.read) == WRITES // 2
    assert all(isinstance(sent, Sent) for sent in told.sent.values())
    assert told.cuts > WRITES // 10, "the wire hardly broke: this proves nothing"
    measured(f"{WRITES} writes, {told.cuts} cuts, {told.repeats} calls repeated: 0 ghosts, 0 doubles, 0 lost")


async def test_without_keys_the_same_wire_makes_some(clinic: Network, server: Server, secrets: Secrets) -> None:
    told = await over_a_breaking_wire(clinic, server, secrets, WITHOUT_KEYS // 2, with_keys=False)
    assert told.wrong(await ledger(clinic))
