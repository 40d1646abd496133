"""Nothing leaves and nothing is read once a no was acknowledged: raced over two connections. (R-20, R-22, R-26)

Every deed meets every no that can stop it, twice: once the deed is held between its last reading and its first writing,
once the no is held with its word written and not committed. The same races with the lock line of either side taken out
must be lost: a race that nobody can lose proves nothing. How they are forced is `tests/racing.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, cast

import pytest

from api.actions import consents, credentials, disclosures, exceptions, referrals, suspensions
from api.actions.exceptions import Excepted, Plea, Word
from api.actions.referrals import Sent
from consent.projection import Packet
from graph.engine import Server
from graph.log.entry import verify
from graph.model.actor import Actor, Credential, Role
from graph.model.consent import Ground
from graph.model.refusal import Refusal
from graph.secrets import Secrets, open_secrets
from graph.store import credentials as credential_store
from graph.store import disclosures as disclosure_store
from graph.store import log, sops
from graph.store.errors import Conflict, NotFound
from graph.store.network import Network, Tx
from tests.cast import ADMIN, CLINIC, COUNTRY, HOME, OWNER, PROVIDER
from tests.racing import PATIENT, Side, Within, after_a_withdrawal, race
from tests.sending import LATER, SERVICES, TYPE, Walk, set_the_clinic, sop_of
from tests.sizes import races

RACES: Final = races(125, 2500)
"""How many races each deed runs against each no, per engine: half of them with either side held. Withdrawal and
suspension against sending and opening are 500; revocation comes on top."""
WITHOUT_LOCK: Final = 8
"""How many are run with a lock line taken out, to see them lost."""
LANES: Final = 8
"""How many races are run at a time, each with a case, a service and a credential of its own."""
RACES_OF_A_CASE: Final = 8
"""After so many races a lane begins a new case: one with a long past is slower."""

COMMITTEE: Final = Actor(id="a-committee", organization_id=HOME, roles=frozenset({Role.COMMITTEE}))


@dataclass(frozen=True, slots=True)
class Field:
    """Where races are run: two connections that know nothing of each other."""

    one: Network
    two: Network
    secrets: Secrets
    waits: bool
    preparing: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Long transactions side by side only get into each other's way."""


@pytest.fixture(scope="module")
async def track(network: Network, server: Server, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Field]:
    secrets = open_secrets(tmp_path_factory.mktemp("secrets") / "keys")
    await set_the_clinic(network)
    async with Network.open(server) as other:
        yield Field(network, other, secrets, waits=server.kind == "neo4j")


@dataclass(slots=True)
class Lane:
    """A case, a service and a professional that no other lane touches, and what the next race is about."""

    track: Field
    name: str
    walk: Walk = field(init=False)
    raced: int = 0
    consent_id: str = ""
    credential_id: str = ""
    referral_id: str = ""
    suspension_id: str = ""

    @property
    def service_id(self) -> str:
        return f"s-{self.name}"

    @property
    def professional(self) -> Actor:
        return Actor(id=f"a-{self.name}", organization_id=CLINIC, roles=frozenset({Role.PROFESSIONAL}))

    def circumstances(self, actor: Actor, *, later: int = 0) -> dict[str, Any]:
        """The no is said a moment after the deed it races began, as its clock tells."""
        return {"actor": actor, "at": self.walk.at + timedelta(seconds=30 + later), "secrets": self.track.secrets}


Prepare = Callable[[Lane, Tx], Awaitable[None]]


async def settle(lane: Lane, tx: Tx) -> None:
    """The lane's service and professional, before its first race."""
    row = {"id": lane.service_id, "organization": CLINIC, "type": TYPE}
    await (await tx.run(SERVICES, rows=[row], country=COUNTRY)).consume()
    await sops.create(tx, [sop_of(lane.service_id)])
    await (await tx.run("MERGE (:Actor {id: $id})", id=lane.professional.id)).consume()


async def begin(lane: Lane, tx: Tx) -> None:
    lane.consent_id = ""
    lane.walk = Walk(lane.track.one, lane.track.secrets)
    lane.walk.network = cast(Network, Within(tx))
    await lane.walk.begin()


async def with_draft(lane: Lane, tx: Tx) -> None:
    lane.walk.network = cast(Network, Within(tx))
    if not lane.consent_id:
        lane.consent_id = (await lane.walk.allow()).consent_id
    lane.referral_id = (await lane.walk.draft(lane.service_id)).referral_id


async def with_copy(lane: Lane, tx: Tx) -> None:
    await with_draft(lane, tx)
    assert isinstance(await lane.walk.send(lane.referral_id), Sent)
    lane.walk.at += timedelta(minutes=5)  # long before the no: the sweep need not take it back


async def with_word(lane: Lane, tx: Tx) -> None:
    """A draft that a professional with a credential of their own attested."""
    walk = lane.walk
    walk.network = cast(Network, Within(tx))
    lane.referral_id = (await walk.draft(lane.service_id)).referral_id
    lane.credential_id = f"k-{lane.referral_id}"
    await credential_store.create(
        tx,
        Credential(
            id=lane.credential_id,
            actor_id=lane.professional.id,
            kind="mental-health",
            issued_by=("a-admin", "a-admin-2"),
            valid_from=LATER,
            valid_to=LATER + timedelta(days=300),
        ),
    )
    plea = Plea(assessor_id=lane.professional.id, requested_by="organisation")
    asked = await exceptions.request(tx, lane.referral_id, plea, **walk.later())
    assert isinstance(asked, Excepted), asked
    word = Word(ground=Ground.SUICIDE_RISK, representative_reachable=False, narrative="x")
    attested = await exceptions.attest(tx, asked.id, word, **(walk.later() | {"actor": lane.professional}))
    assert isinstance(attested, Excepted), attested


async def with_copy_by_word(lane: Lane, tx: Tx) -> None:
    await with_word(lane, tx)
    assert isinstance(await lane.walk.send(lane.referral_id), Sent)


async def sends(network: Network, lane: Lane) -> bool:
    done = await network.write(referrals.send, lane.referral_id, **lane.circumstances(OWNER))
    return isinstance(done, Sent)


async def opens(network: Network, lane: Lane) -> bool:
    try:
        done = await network.write(disclosures.open_copy, lane.referral_id, **lane.circumstances(PROVIDER))
    except NotFound:  # it was never received
        return False
    return isinstance(done, Packet)


async def withdraws(network: Network, lane: Lane) -> None:
    done = await network.write(consents.withdraw, lane.consent_id, **lane.circumstances(OWNER, later=1))
    assert not isinstance(done, Refusal)
    lane.consent_id = ""


async def suspends(network: Network, lane: Lane) -> None:
    circumstances = lane.circumstances(COMMITTEE, later=1)
    stopped = suspensions.suspension_of("service", lane.service_id, "security", at=circumstances["at"])
    lane.suspension_id = stopped.id
    await until_said(suspensions.stop, network, stopped, **circumstances)


async def revokes(network: Network, lane: Lane) -> None:
    await until_said(credentials.stop, network, lane.credential_id, **lane.circumstances(ADMIN, later=1))


async def until_said(step: Callable[..., Awaitable[object]], *args: Any, **circumstances: Any) -> None:
    """In a crowd the embedded engine gives way more often than a caller is kept waiting for: nothing was written."""
    while True:
        try:
            await step(*args, **circumstances)
        except Conflict:
            continue
        return


@dataclass(frozen=True, slots=True)
class Race:
    """Who races whom, what must be ready, and where the deed is held: after its last reading, before it writes."""

    ready: Prepare
    deed: Callable[[Network, Lane], Awaitable[bool]]
    no: Callable[[Network, Lane], Awaitable[None]]
    before: str


RACE: Final = {
    "send-withdrawal": Race(with_draft, sends, withdraws, disclosure_store.CREATE),
    "send-suspension": Race(with_draft, sends, suspends, disclosure_store.CREATE),
    "send-revocation": Race(with_word, sends, revokes, disclosure_store.CREATE),
    "open-withdrawal": Race(with_copy, opens, withdraws, log.NEXT),
    "open-suspension": Race(with_copy, opens, suspends, log.NEXT),
    "open-revocation": Race(with_copy_by_word, opens, revokes, log.NEXT),
}
HELD: Final[tuple[Side, ...]] = ("deed", "no")


async def raced(lane: Lane, kind: str, *, held: Side, without: tuple[Side, ...]) -> bool:
    """One race; whether something left, or was read, after the no had been acknowledged."""
    track, how = lane.track, RACE[kind]

    allowed = lane.consent_id

    async def ready(tx: Tx) -> None:
        lane.consent_id = allowed  # what an attempt before this one said was rolled back
        if lane.raced == 0:
            await settle(lane, tx)
        if lane.raced % RACES_OF_A_CASE == 0:
            await begin(lane, tx)
        if lane.suspension_id:
            lifted = "MATCH (x:Suspension {id: $id}) DETACH DELETE x"
            await (await tx.run(lifted, id=lane.suspension_id)).consume()
        await how.ready(lane, tx)

    async with track.preparing:
        await until_said(track.one.write, ready, deadline=PATIENT)
    lane.raced += 1
    leaked = await race(
        track.one,
        track.two,
        lambda network: how.deed(network, lane),
        lambda network: how.no(network, lane),
        held=held,
        before={"deed": how.before, "no": log.NEXT},
        without=without,
        waits=track.waits,
    )
    if not without:
        lane.walk.at += timedelta(minutes=1)
        for network, again in ((track.one, sends), (track.two, opens)):
            assert not await again(network, lane), f"{again.__name__} after the no"
    if lane.raced % RACES_OF_A_CASE == 0:
        leaked |= bool(await behind(lane))
    lane.walk.at += timedelta(minutes=1)
    return leaked


async def behind(lane: Lane) -> int:
    """What stands behind a withdrawal in the stream of the lane's case: dense, and every entry signed."""
    entries = await lane.track.two.read(log.read, lane.walk.stream, deadline=PATIENT)
    assert [e.body.n for e in entries] == list(range(1, len(entries) + 1))
    assert all(verify(e, lane.track.secrets.signer.public_key) for e in entries)
    return after_a_withdrawal(entries)


async def run(track: Field, kind: str, number: int, *, held: Side, without: tuple[Side, ...] = ()) -> int:
    """How many of so many races were lost."""
    names = [f"{kind}-{held}-{'-'.join(without)}-{n}" for n in range(min(LANES, number))]

    async def lane(name: str, share: int) -> int:
        mine = Lane(track, name)
        lost = sum([await raced(mine, kind, held=held, without=without) for _ in range(share)])
        return max(lost, await behind(mine))

    shares = [len(range(n, number, len(names))) for n in range(len(names))]
    return sum(await asyncio.gather(*map(lane, names, shares)))


@pytest.mark.parametrize("held", HELD)
@pytest.mark.parametrize("kind", RACE)
async def test_no_race_is_lost(track: Field, kind: str, held: Side) -> None:
    assert await run(track, kind, -(-RACES // len(HELD)), held=held) == 0


@pytest.mark.parametrize("without", HELD)
@pytest.mark.parametrize("held", HELD)
@pytest.mark.parametrize("kind", RACE)
async def test_the_same_race_is_lost_without_the_lock_line_of_either_side(
    track: Field, kind: str, held: Side, without: Side
) -> None:
    if track.waits and (kind, without) == ("open-withdrawal", "no"):
        pytest.skip("Neo4j: the stop notice that a withdrawal ties to the case makes it wait for the opening as well")
    assert await run(track, kind, WITHOUT_LOCK, held=held, without=(without,)) > 0
