"""Nothing leaves and nothing is read once a no was acknowledged: raced over two connections. (R-20, R-22, R-26)

One side stops in the middle of its transaction, after it has read and before it writes; the other does all it can and
is acknowledged; then the first goes on. What the first then commits is a violation. The same races with the lock
statement taken out must be lost: a race that nobody can lose proves nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Concatenate, Final, TypeVar, cast

import pytest

from api.actions import consents, credentials, disclosures, exceptions, referrals, suspensions
from api.actions.exceptions import Excepted, Plea, Word
from api.actions.referrals import Sent
from consent.projection import Packet
from graph.conformance.gate import Gate
from graph.engine import Server
from graph.model.actor import Actor, Credential, Role
from graph.model.consent import Ground
from graph.model.log import Kind
from graph.model.refusal import Refusal
from graph.secrets import Secrets, open_secrets
from graph.store import cases, log, sops
from graph.store import credentials as credential_store
from graph.store import disclosures as disclosure_store
from graph.store.network import Network, Tx
from tests.cast import ADMIN, CLINIC, COUNTRY, HOME, OWNER, PROVIDER
from tests.sending import LATER, SERVICES, TYPE, Walk, set_the_clinic, sop_of
from tests.sizes import races

T = TypeVar("T")

RACES: Final = races(500, 5000)
"""How many races are run per engine, over all five kinds."""
WITHOUT_LOCK: Final = 8
"""How many of each kind are run without the lock line, to see them lost."""
TOGETHER: Final = 10
"""How many races are run at a time, each with a case, a service and a credential of its own."""
PATIENT: Final = 60.0

COMMITTEE: Final = Actor(id="a-committee", organization_id=HOME, roles=frozenset({Role.COMMITTEE}))

UNLOCKED: Final = "MATCH (c:Case {id: $id}) RETURN c.version AS version"
"""What stands in the place of the lock statement when it is taken out: the same answer, and no lock."""


class Watched:
    """A transaction that stops before a statement, and can leave out the lock statement."""

    def __init__(self, tx: Tx, *, locked: bool, gate: Gate | None, before: str | None) -> None:
        self._tx, self._locked, self._gate, self._before = tx, locked, gate, before

    async def run(self, statement: str, **parameters: Any) -> Any:
        if self._gate is not None and statement == self._before:
            await self._gate.hold()
        if statement == cases.BUMP and not self._locked:
            statement = UNLOCKED
        return await self._tx.run(statement, **parameters)


class Watching:
    """A network whose transactions are watched."""

    def __init__(self, network: Network, *, locked: bool, gate: Gate | None = None, before: str | None = None) -> None:
        self._network, self._locked, self._gate, self._before = network, locked, gate, before

    async def write(self, action: Callable[Concatenate[Tx, ...], Awaitable[T]], *args: Any, **kwargs: Any) -> T:
        kwargs.pop("deadline", None)

        async def watched(tx: Tx) -> T:
            seen = Watched(tx, locked=self._locked, gate=self._gate, before=self._before)
            return await action(cast(Tx, seen), *args, **kwargs)

        return await self._network.write(watched, deadline=PATIENT)

    async def read(self, action: Callable[Concatenate[Tx, ...], Awaitable[T]], *args: Any, **kwargs: Any) -> T:
        return await self._network.read(action, *args, deadline=PATIENT, **kwargs)


@dataclass(frozen=True, slots=True)
class Field:
    """Where races are run: two connections that know nothing of each other."""

    one: Network
    two: Network
    secrets: Secrets


@pytest.fixture(scope="module")
async def field(network: Network, server: Server, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Field]:
    secrets = open_secrets(tmp_path_factory.mktemp("secrets") / "keys")
    await set_the_clinic(network)
    async with Network.open(server) as other:
        yield Field(network, other, secrets)


@dataclass(slots=True)
class Runner:
    """One race being set up: a case, a service and a credential that no other race touches."""

    field: Field
    walk: Walk
    service_id: str
    consent_id: str = ""
    credential_id: str = ""
    referral_id: str = ""


async def runner(field: Field, number: str) -> Runner:
    walk = await Walk(field.one, field.secrets).begin()
    service = f"s-race-{number}"

    async def serve(tx: Tx) -> None:
        row = {"id": service, "organization": CLINIC, "type": TYPE}
        await (await tx.run(SERVICES, rows=[row], country=COUNTRY)).consume()
        await sops.create(tx, [sop_of(service)])

    await field.one.write(serve, deadline=PATIENT)
    return Runner(field, walk, service)


async def with_draft(field: Field, number: str) -> Runner:
    ready = await runner(field, number)
    ready.consent_id = (await ready.walk.allow()).consent_id
    ready.referral_id = (await ready.walk.draft(ready.service_id)).referral_id
    return ready


async def with_copy(field: Field, number: str) -> Runner:
    ready = await with_draft(field, number)
    assert isinstance(await ready.walk.send(ready.referral_id), Sent)
    ready.walk.at += timedelta(minutes=5)  # long before the no: the sweep need not take it back
    return ready


async def with_word(field: Field, number: str) -> Runner:
    """A draft that a professional with a credential of their own attested."""
    ready = await runner(field, number)
    ready.referral_id = (await ready.walk.draft(ready.service_id)).referral_id
    professional = Actor(id=f"a-prof-{number}", organization_id=CLINIC, roles=frozenset({Role.PROFESSIONAL}))
    ready.credential_id = f"k-{number}"

    async def qualify(tx: Tx) -> None:
        await (await tx.run("MERGE (:Actor {id: $id})", id=professional.id)).consume()
        await credential_store.create(
            tx,
            Credential(
                id=ready.credential_id,
                actor_id=professional.id,
                kind="mental-health",
                issued_by=("a-admin", "a-admin-2"),
                valid_from=LATER,
                valid_to=LATER + timedelta(days=300),
            ),
        )

    await field.one.write(qualify, deadline=PATIENT)
    plea = Plea(assessor_id=professional.id, requested_by="organisation")
    asked = await field.one.write(exceptions.request, ready.referral_id, plea, **ready.walk.later())
    assert isinstance(asked, Excepted), asked
    word = Word(ground=Ground.SUICIDE_RISK, representative_reachable=False, narrative="x")
    circumstances = ready.walk.later() | {"actor": professional}
    assert isinstance(await field.one.write(exceptions.attest, asked.id, word, **circumstances), Excepted)
    return ready


async def sends(network: Watching, ready: Runner) -> bool:
    done = await network.write(referrals.send, ready.referral_id, **_who(ready, OWNER))
    return isinstance(done, Sent)


async def opens(network: Watching, ready: Runner) -> bool:
    done = await network.write(disclosures.open_copy, ready.referral_id, **_who(ready, PROVIDER))
    return isinstance(done, Packet)


async def withdraws(network: Watching, ready: Runner) -> None:
    done = await network.write(consents.withdraw, ready.consent_id, **_who(ready, OWNER, later=1))
    assert not isinstance(done, Refusal)


async def suspends(network: Watching, ready: Runner) -> None:
    circumstances = _who(ready, COMMITTEE, later=1)
    stopped = suspensions.suspension_of("service", ready.service_id, "security", at=circumstances["at"])
    await suspensions.stop(cast(Network, network), stopped, **circumstances)


async def revokes(network: Watching, ready: Runner) -> None:
    await credentials.stop(cast(Network, network), ready.credential_id, **_who(ready, ADMIN, later=1))


def _who(ready: Runner, actor: Actor, *, later: int = 0) -> dict[str, Any]:
    """Circumstances; the no is said a moment after the deed it races began, as its clock tells."""
    return {"actor": actor, "at": ready.walk.at + timedelta(seconds=30 + later), "secrets": ready.field.secrets}


@dataclass(frozen=True, slots=True)
class Race:
    """Who races whom, and where the first side stops: after its last reading, before its first writing."""

    ready: Callable[[Field, str], Awaitable[Runner]]
    deed: Callable[[Watching, Runner], Awaitable[bool]]
    no: Callable[[Watching, Runner], Awaitable[None]]
    before: str


RACE: Final = {
    "send-withdrawal": Race(with_draft, sends, withdraws, disclosure_store.CREATE),
    "send-suspension": Race(with_draft, sends, suspends, disclosure_store.CREATE),
    "send-revocation": Race(with_word, sends, revokes, disclosure_store.CREATE),
    "open-withdrawal": Race(with_copy, opens, withdraws, log.NEXT),
    "open-suspension": Race(with_copy, opens, suspends, log.NEXT),
}


async def raced(field: Field, kind: str, number: int, *, locked: bool) -> bool:
    """Whether something left, or was read, after the no had been acknowledged."""
    race = RACE[kind]
    ready = await race.ready(field, f"{kind}-{number}-{locked}")
    gate = Gate()
    acknowledged = False
    violated = False

    before_commit = [False]

    class Noting(Watching):
        """Notes, as the last thing before its commit, whether the no had been acknowledged."""

        async def write(self, action: Callable[Concatenate[Tx, ...], Awaitable[T]], *args: Any, **kwargs: Any) -> T:
            async def noting(tx: Tx, *a: Any, **k: Any) -> T:
                value = await action(tx, *a, **k)
                before_commit.append(acknowledged)
                return value

            return await super().write(noting, *args, **kwargs)

    async def deed() -> None:
        nonlocal violated
        watching = Noting(field.one, locked=locked, gate=gate, before=race.before)
        done = await race.deed(watching, ready)
        gate.other_is_done()
        violated = done and before_commit[-1]

    async def no() -> None:
        nonlocal acknowledged
        await gate.wait_for_first()
        await race.no(Watching(field.two, locked=locked), ready)
        acknowledged = True
        gate.other_is_done()

    await asyncio.gather(deed(), no())
    if locked:
        later = Watching(field.two, locked=True)
        ready.walk.at += timedelta(minutes=1)
        if race.deed is sends:
            assert not await sends(later, ready), "sent after the no"
        else:
            assert not await opens(later, ready), "opened after the no"
        entries = await field.two.read(log.read, ready.walk.stream, deadline=PATIENT)
        assert [e.body.n for e in entries] == list(range(1, len(entries) + 1))
        assert len([e for e in entries if e.body.kind is Kind.TRANSFER]) <= 1
    return violated


async def run(field: Field, kind: str, number: int, *, locked: bool) -> int:
    """How many of so many races were lost."""
    lost = 0
    for start in range(0, number, TOGETHER):
        these = range(start, min(number, start + TOGETHER))
        lost += sum(await asyncio.gather(*(raced(field, kind, n, locked=locked) for n in these)))
    return lost


@pytest.mark.parametrize("kind", RACE)
async def test_no_race_is_lost(field: Field, kind: str) -> None:
    assert await run(field, kind, -(-RACES // len(RACE)), locked=True) == 0


@pytest.mark.parametrize("kind", RACE)
async def test_the_same_race_is_lost_without_the_lock_line(field: Field, kind: str) -> None:
    assert await run(field, kind, WITHOUT_LOCK, locked=False) > 0
