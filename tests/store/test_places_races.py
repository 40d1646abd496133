"""Two for one place, forced into the middle of each other's transactions: one has it, whoever comes first. (R-06)

Who decides late meets the clock that gives the place to somebody else, and two who send meet at the last place. The same
races with the lock lines taken out must be lost. How they are forced is `tests/racing.py`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import pytest

from api.actions import leases, referrals, steps
from api.actions.referrals import Sent
from api.actions.steps import Stepped
from graph.engine import Server
from graph.model.referral import Step
from graph.secrets import Secrets, open_secrets
from graph.store import cases
from graph.store import leases as lease_store
from graph.store.network import Network
from tests.cast import PROVIDER
from tests.places import counts, open_places
from tests.racing import UNLOCKED, Side, race
from tests.sending import LATER, Patient, Walk, set_the_clinic
from tests.sizes import races

RACES: Final = races(20, 1000)
WITHOUT_LOCK: Final = 3
LOCK_LINE: Final = "SET s.capacity_lock = coalesce(s.capacity_lock, 0) + 1"
PLACES: Final = {s: s.replace(LOCK_LINE, "") for s in (lease_store.LOCK, lease_store.OF_REFERRAL)}
BOTH: Final = {**PLACES, cases.BUMP: UNLOCKED}
"""The lock lines of the places, and with them that of the case, under which one referral's accept and lapse meet too."""
HELD: Final[tuple[Side, ...]] = ("deed", "no")


@dataclass(frozen=True, slots=True)
class Track:
    one: Network
    two: Network
    secrets: Secrets
    waits: bool


@pytest.fixture(scope="module")
async def track(network: Network, server: Server, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Track]:
    secrets = open_secrets(tmp_path_factory.mktemp("secrets") / "keys")
    await set_the_clinic(network)
    async with Network.open(server) as other:
        yield Track(Patient.of(network), Patient.of(other), secrets, waits=server.kind == "neo4j")


class Pair:
    """Two people and one place."""

    def __init__(self, track: Track, service: str) -> None:
        self.track, self.service = track, service
        self.first, self.second = Walk(track.one, track.secrets), Walk(track.one, track.secrets)

    async def begin(self) -> None:
        for walk in (self.first, self.second):
            await walk.begin()
            await walk.allow()

    def by(self, **changes: Any) -> dict[str, Any]:
        self.first.at = self.second.at = max(self.first.at, self.second.at)
        return self.first.later() | changes

    async def ready(self) -> tuple[str, str]:
        """A place that is free, and a draft of each."""
        self.second.at = self.first.at = max(self.first.at, self.second.at)
        first = (await self.first.draft(self.service)).referral_id
        self.second.at = self.first.at
        return first, (await self.second.draft(self.service)).referral_id


async def accept_meets_the_clock(pair: Pair, *, held: Side, without: tuple[Side, ...]) -> bool:
    """Whether one is accepted though the clock had given the place to the other."""
    first, second = await pair.ready()
    one, two = pair.track.one, pair.track.two
    assert isinstance(await one.write(referrals.send, first, **pair.by()), Sent)
    lease = await one.read(lease_store.latest, first)
    assert lease is not None
    by, late = pair.by(actor=PROVIDER), pair.by(at=lease.expires_at)
    late["at"] = lease.expires_at
    got = []

    async def accepts(network: Network) -> bool:
        return isinstance(await network.write(steps.take, first, Step.ACCEPT, **by), Stepped)

    async def lapses(network: Network) -> None:
        if await network.write(leases.lapse, lease.id, at=lease.expires_at):
            got.append(isinstance(await network.write(referrals.send, second, **late), Sent))

    before: dict[Side, str] = {"deed": lease_store.WRITE, "no": lease_store.WRITE}
    leaked = await race(
        one, two, accepts, lapses, held=held, before=before, without=without, waits=pair.track.waits, lines=BOTH
    )
    return leaked and got == [True]


async def two_send(pair: Pair, *, held: Side, without: tuple[Side, ...]) -> bool:
    """Whether both have the last place."""
    first, second = await pair.ready()
    by = pair.by()
    got = []

    async def sends(network: Network) -> bool:
        return isinstance(await network.write(referrals.send, first, **by), Sent)

    async def sends_too(network: Network) -> None:
        got.append(isinstance(await network.write(referrals.send, second, **by), Sent))

    before: dict[Side, str] = {"deed": lease_store.WRITE, "no": lease_store.WRITE}
    leaked = await race(
        pair.track.one,
        pair.track.two,
        sends,
        sends_too,
        held=held,
        before=before,
        without=without,
        waits=pair.track.waits,
        lines=PLACES,
    )
    return leaked and got == [True]


KINDS: Final = {"accept-lapse": accept_meets_the_clock, "send-send": two_send}


async def run(track: Track, kind: str, number: int, *, held: Side, without: tuple[Side, ...] = ()) -> int:
    """How many of so many races end with two people on one place."""
    name = f"s-race-{kind}-{held}-{'-'.join(without)}"
    pair, lost = Pair(track, name), 0
    await pair.begin()
    for n in range(number):
        pair.service = f"{name}-{n}"
        await open_places(track.one, pair.service, 1)
        lost += await KINDS[kind](pair, held=held, without=without)
        if not without:
            free, leased, used = await counts(track.one, pair.service)
            assert (free, leased + used) == (0, 1), "one of them has it, and the counters say so"
        pair.first.at = pair.second.at = max(pair.first.at, pair.second.at, LATER) + timedelta(minutes=1)
    return lost


@pytest.mark.parametrize("held", HELD)
@pytest.mark.parametrize("kind", KINDS)
async def test_one_place_is_given_to_one_of_two(track: Track, kind: str, held: Side) -> None:
    assert await run(track, kind, -(-RACES // len(HELD)), held=held) == 0


@pytest.mark.parametrize("kind", KINDS)
async def test_without_the_lock_line_both_have_it(track: Track, kind: str) -> None:
    """What was read before the other wrote is no answer, on either engine: the lock line is why one of two has it."""
    lost = await run(track, kind, WITHOUT_LOCK, held="deed", without=("deed",))
    assert lost == WITHOUT_LOCK
