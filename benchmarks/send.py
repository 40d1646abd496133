"""One send, whole, beside the bare transaction: many callers at once, each on a case of its own. Openings likewise.

The whole send is `api.actions.referrals.send` as every face calls it: rights, lock, consent, disclosure, signed entry.
The bare transaction is the least that a store could do for it: one statement that takes the same lock and makes the
same final writes with values of the same size, synced at commit. It reads nothing, judges nothing, signs nothing.
A send with a place takes one of a service that states them, and the bare one writes the same counter and lease.
Both run through the same `Network`, over the same connections, in turns.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, cast

import graph.store
from api.actions import cases, consents, disclosures, plans, referrals
from api.actions.cases import Opening
from api.actions.consents import Allowing
from api.actions.plans import StatedNeed
from api.actions.referrals import Draft
from benchmarks.figures import Figure
from consent.projection import Packet
from graph.envelope import seal, unseal
from graph.log.entry import commitment, sign
from graph.model.actor import Actor, Role
from graph.model.area import Area
from graph.model.directory import CapacityState, Organization, Service, ServiceCapacity
from graph.model.log import EntryBody, Kind
from graph.model.refusal import Refusal
from graph.model.sop import Clocks, Sop, SopContact, SopField
from graph.secrets import Secrets, open_secrets
from graph.server import Server
from graph.store import actors, areas, directory
from graph.store.migrate import migrate
from graph.store.network import Network, Tx

WAYS: Final = ("send", "bare-send", "open", "bare-open", "place", "bare-place")
PAIRS: Final = (("send", "bare-send"), ("open", "bare-open"), ("place", "bare-place"))
AIM: Final = 0.75
"""How much of the bare transaction's throughput a whole send is to reach."""

DEADLINE: Final = 60.0
PER_CASE: Final = 4
"""Referrals of one case."""
LONE: Final = 60
"""Calls of one caller alone, to see where the time goes."""

COUNTRY, TOWN = "QZ", "QZ0101"
HOME: Final = "bench-home"
TYPE, PURPOSE = "social.health.care", "health-care"
SENDER: Final = Actor(id="bench-sender", organization_id=HOME, roles=frozenset({Role.CASE_MANAGER}))
RECORD: Final = {
    "municipality": TOWN,
    "age_band": "26-59",
    "given_name": "Nombre de prueba",
    "family_name": "Apellido de prueba",
    "telephone": "5550-0000",
    "address": "Calle de prueba 1, zona 1",
    "health_condition": "asma, en tratamiento desde hace dos años",
    "allergies": "ninguna conocida",
}
FIELDS: Final = ("given_name", "family_name", "telephone", "health_condition")


@dataclass(frozen=True, slots=True)
class Sending:
    """How much to measure."""

    callers: int = 32
    turns: int = 8
    each: int = 4
    """Calls of one caller in one turn."""
    warm: int = 3
    """Turns that are not counted: a JVM compiles what it runs often."""

    @property
    def per_caller(self) -> int:
        """Referrals a caller needs for each way."""
        return (self.turns + self.warm) * self.each


@dataclass(frozen=True, slots=True)
class Way:
    """How one way did, over all turns."""

    per_second: float
    latency: Figure


@dataclass(frozen=True, slots=True)
class Share:
    """Where the milliseconds of a lone call go."""

    whole: float
    waiting: float
    """For the engine, its disk and the loopback."""
    driver: float
    crypto: float
    rest: float
    """Models and rules."""
    statements: int
    each: tuple[tuple[str, float], ...]
    """Statements by name, with their milliseconds as the caller sees them."""


@dataclass(slots=True)
class Sends:
    """What was found on one engine."""

    callers: int
    calls: int
    """Of each way."""
    ways: dict[str, Way] = field(default_factory=dict)
    turns: dict[str, list[float]] = field(default_factory=dict)
    """Throughput of each turn."""
    lone: dict[str, Share] = field(default_factory=dict)
    troubles: int = 0
    """Attempts that the engine turned away and that were tried again."""

    def ratio(self, whole: str, bare: str) -> float:
        """How much of the bare transaction's throughput the whole reaches: the middle one of all turns."""
        ratios = sorted(w / b for w, b in zip(self.turns[whole], self.turns[bare], strict=True))
        return ratios[len(ratios) // 2] if len(ratios) % 2 else sum(ratios[len(ratios) // 2 - 1 :][:2]) / 2


@dataclass(frozen=True, slots=True)
class Ready:
    """A drafted referral, with what a caller who reads nothing must know beforehand."""

    case_id: str
    stream: str
    referral_id: str
    recipient: str


class NotSent(Exception):
    """What was to be sent or opened was refused: then nothing was measured."""


async def measure(server: Server, folder: Path, sending: Sending) -> Sends:
    """Everything on one engine that is up."""
    secrets = open_secrets(folder / "keys")
    async with Network.open(server) as network:
        await migrate(network)
        await set_the_stage(network, sending.callers)
        lone = max(PER_CASE, min(LONE, sending.per_caller))
        drafts = {
            way: await prepare(network, secrets, sending.callers, sending.per_caller, of=service_of(way))
            for way in WAYS
            if "open" not in way
        }
        drafts |= {"open": drafts["send"], "bare-open": drafts["bare-send"]}
        alone = (await prepare(network, secrets, 1, 2 * lone))[0]
        placed = (await prepare(network, secrets, 1, 2 * lone, of=PLACED))[0]
        found = Sends(sending.callers, sending.callers * sending.each * sending.turns)
        bench = Bench(network, secrets, await Sample.of(network, secrets, alone[0], placed[0]))
        before = sum(network.troubles.values())
        await _in_turns(bench, sending, drafts, found)
        found.troubles = sum(network.troubles.values()) - before
        await _alone(bench, alone[1:], placed[1:], found)
        return found


PLAIN, PLACED = "service", "places"
"""The two services of a clinic: one of which nobody counts the places, and one that states them."""


def service_of(way: str) -> str:
    """To which service a way sends."""
    return PLACED if way.endswith("place") else PLAIN


def receiver(number: int) -> str:
    """Every caller sends to another organisation, so that no two meet at one node."""
    return f"bench-clinic-{number}"


async def set_the_stage(network: Network, callers: int) -> None:
    """A town, who sends, and a clinic with an SOP for every caller."""
    places = {
        code: Area(code=code, name=code, level=level, parent=parent)
        for level, (code, parent) in enumerate(((COUNTRY, None), ("QZ01", COUNTRY), (TOWN, "QZ01")))
    }

    async def stage(tx: Tx) -> None:
        relations = areas.relations(places, ())
        await areas.upsert(tx, [(area, relations[code]) for code, area in places.items()])
        await areas.link_parents(tx, places.values())
        houses = [HOME, *(receiver(n) for n in range(callers))]
        await directory.write_organizations(tx, [Organization(id=id, name=id) for id in houses])
        pairs = [_clinic(receiver(n), of) for n in range(callers) for of in (PLAIN, PLACED)]
        services, rules = zip(*pairs, strict=True)
        stated = [_places(service.id) for service in services if service.id.endswith(PLACED)]
        changes = directory.ServiceChanges(new=list(services), new_sops=list(rules), new_capacities=stated)
        await directory.write_services(tx, changes, lineages={c: r.lineage for c, r in relations.items()})
        await actors.create(tx, SENDER)

    await network.write(stage, deadline=DEADLINE)


def _places(service_id: str) -> ServiceCapacity:
    """More than will be taken: what is measured is taking them, not running out."""
    return ServiceCapacity(
        id=f"{service_id}-capacity",
        service_id=service_id,
        state=CapacityState.AVAILABLE,
        available=MANY,
        maximum=MANY,
        updated=now(),
        updated_by="provider",
    )


MANY: Final = 1_000_000


def _clinic(id: str, of: str) -> tuple[Service, Sop]:
    service = Service(
        id=f"{id}-{of}", organization_id=id, name=id, status="active", service_types=(TYPE,), areas=(TOWN,)
    )
    sop = Sop(
        id=f"{id}-{of}-sop",
        service_id=service.id,
        version=1,
        valid_from=date(2020, 1, 1),
        valid_to=date(2099, 12, 31),
        accepts_referrals=True,
        methods=("digital",),
        fields=(
            *(SopField(field=f, stage="first-contact", required=True, why_needed="atención") for f in FIELDS),
            SopField(field="allergies", stage="first-contact", required=False, why_needed="seguridad"),
        ),
        contacts=(SopContact(name="Recepción", role="recepción", channel="telephone", address="5550-1111"),),
        clocks=Clocks(receive="P1D", decide="P3D", start="P7D", report="P1M"),
        how_provided="Por cita, en la clínica.",
    )
    return service, sop


async def prepare(network: Network, secrets: Secrets, callers: int, each: int, *, of: str = PLAIN) -> list[list[Ready]]:
    """Drafts that wait to be sent, by caller: made by the real actions, a few to a case."""

    async def caller(number: int) -> list[Ready]:
        made: list[Ready] = []
        while len(made) < each:
            made += await _case(network, secrets, receiver(number), of)
        return made[:each]

    return list(await asyncio.gather(*(caller(number) for number in range(callers))))


async def _case(network: Network, secrets: Secrets, recipient: str, of: str) -> list[Ready]:
    """A case with an agreed need, a consent and its drafts."""

    async def step(action: Any, *args: Any) -> Any:
        done = await network.write(action, *args, actor=SENDER, at=now(), secrets=secrets, deadline=DEADLINE)
        if isinstance(done, Refusal):
            raise NotSent(done.codes)
        return done

    opened = await step(cases.open_case, Opening(data=RECORD))
    need = await step(plans.state_need, opened.case_id, StatedNeed(service_type=TYPE))
    await step(plans.agree_need, opened.case_id, need.id)
    allowing = Allowing(
        organization_id=recipient, purpose=PURPOSE, modality="written", fields=frozenset((*FIELDS, "allergies"))
    )
    await step(consents.give, opened.case_id, allowing)
    drafts = [
        await step(
            referrals.draft,
            opened.case_id,
            Draft(need_id=need.id, service_id=f"{recipient}-{of}", chosen_because="person-prefers"),
        )
        for _ in range(PER_CASE)
    ]
    stream = opened.entry.body.stream
    return [Ready(opened.case_id, stream, draft.referral_id, recipient) for draft in drafts]


def now() -> datetime:
    return datetime.now(UTC)


BARE_SEND: Final = """
    MATCH (c:Case {id: $case_id})
    SET c.version = c.version + 1
    WITH c.id AS locked
    MATCH (r:Referral {id: $referral_id})-[:ADDRESSED_TO]->(o:Organization)
    SET r += $referral
    CREATE (r)-[:SENT]->(d:Disclosure {id: $disclosure_id})
    SET d += $disclosure
    CREATE (o)-[:RECEIVES]->(r)
    WITH d.id AS made
    MATCH (s:Stream {id: $stream})
    SET s.n = s.n + 1, s.latest = $at
    CREATE (e:LogEntry {id: $entry_id})
    SET e += $entry
"""
"""The bare send: the lock of the case, then the copy with its edge, the referral's new state, the receiver's edge, the
stream's number and the entry."""

BARE_PLACE: Final = (
    BARE_SEND
    + """
    WITH e.id AS written
    MATCH (q:Referral {id: $referral_id})
    MATCH (p:Service {id: $service_id})-[:HAS]->(k:ServiceCapacity)
    SET p.capacity_lock = coalesce(p.capacity_lock, 0) + 1, k += $stock
    CREATE (q)-[:LEASES]->(l:Lease {id: $lease_id})-[:KEEPS]->(k)
    SET l += $lease
"""
)
"""The same with a place: the lock of the service's places, their counters, and the lease with its edges."""

BARE_OPEN: Final = """
    MATCH (c:Case {id: $case_id})
    SET c.version = c.version + 1
    WITH c.id AS locked
    MATCH (s:Stream {id: $stream})
    SET s.n = s.n + 1, s.latest = $at
    CREATE (e:LogEntry {id: $entry_id})
    SET e += $entry
"""
"""The bare opening: the lock of the case, then the stream's number and the entry."""


SAMPLE: Final = """
    MATCH (r:Referral {id: $id})-[:SENT]->(d:Disclosure)
    MATCH (e:LogEntry {stream: $stream})
    RETURN properties(r) AS referral, properties(d) AS disclosure, properties(e) AS entry
    ORDER BY e.n
"""


TAKEN: Final = """
    MATCH (:Referral {id: $id})-[:LEASES]->(l:Lease)-[:KEEPS]->(k:ServiceCapacity)
    RETURN properties(l) AS lease, properties(k) AS stock
"""


@dataclass(frozen=True, slots=True)
class Sample:
    """What a real send and a real opening wrote: the bare transactions write the same, under other ids."""

    referral: dict[str, Any]
    disclosure: dict[str, Any]
    transfer: dict[str, Any]
    reading: dict[str, Any]
    lease: dict[str, Any]
    stock: dict[str, Any]

    @classmethod
    async def of(cls, network: Network, secrets: Secrets, ready: Ready, placed: Ready) -> Sample:
        await send(network, secrets, ready)
        await open_copy(network, secrets, ready)
        await send(network, secrets, placed)

        async def look(tx: Tx) -> list[dict[str, Any]]:
            return [row.data() async for row in await tx.run(SAMPLE, id=ready.referral_id, stream=ready.stream)]

        async def taken(tx: Tx) -> dict[str, Any]:
            return (await (await tx.run(TAKEN, id=placed.referral_id)).single(strict=True)).data()

        rows = await network.read(look, deadline=DEADLINE)
        place = await network.read(taken, deadline=DEADLINE)
        entry = {row["entry"]["kind"]: _without(row["entry"], "id") for row in rows}
        return cls(
            _without(rows[0]["referral"], "id"),
            _without(rows[0]["disclosure"], "id"),
            entry[Kind.TRANSFER.value],
            entry[Kind.READING.value],
            _without(place["lease"], "id"),
            _without(place["stock"], "id"),
        )


def _without(properties: dict[str, Any], name: str) -> dict[str, Any]:
    return {n: v for n, v in properties.items() if n != name}


async def send(network: Any, secrets: Secrets, ready: Ready) -> None:
    done = await network.write(
        referrals.send, ready.referral_id, actor=SENDER, at=now(), secrets=secrets, deadline=DEADLINE
    )
    if isinstance(done, Refusal):
        raise NotSent(done.codes)


async def open_copy(network: Any, secrets: Secrets, ready: Ready) -> None:
    reader = Actor(id="bench-reader", organization_id=ready.recipient, roles=frozenset({Role.PROVIDER}))
    done = await network.write(
        disclosures.open_copy, ready.referral_id, actor=reader, at=now(), secrets=secrets, deadline=DEADLINE
    )
    if not isinstance(done, Packet):
        raise NotSent(done.codes)


@dataclass(slots=True)
class Bench:
    """The four ways to one referral."""

    network: Any
    secrets: Secrets
    sample: Sample
    numbers: Counter[str] = field(default_factory=Counter)

    async def call(self, way: str, ready: Ready) -> None:
        match way:
            case "send" | "place":
                await send(self.network, self.secrets, ready)
            case "open":
                await open_copy(self.network, self.secrets, ready)
            case "bare-send" | "bare-place":
                about = {
                    "referral_id": ready.referral_id,
                    "referral": self.sample.referral,
                    "disclosure_id": f"{ready.referral_id}-1",
                    "disclosure": self.sample.disclosure,
                }
                if way == "bare-send":
                    await self._bare(BARE_SEND, ready, self.sample.transfer, about)
                    return
                about |= {
                    "service_id": f"{ready.recipient}-{PLACED}",
                    "stock": self.sample.stock,
                    "lease_id": f"{ready.referral_id}-place-1",
                    "lease": self.sample.lease,
                }
                await self._bare(BARE_PLACE, ready, self.sample.transfer, about)
            case _:
                await self._bare(BARE_OPEN, ready, self.sample.reading, {})

    async def _bare(self, statement: str, ready: Ready, entry: dict[str, Any], about: dict[str, Any]) -> None:
        self.numbers[ready.stream] += 1
        n = 1_000 + self.numbers[ready.stream]
        body = {**entry, "stream": ready.stream, "n": n}

        async def bare(tx: Tx) -> None:
            result = await tx.run(
                statement,
                case_id=ready.case_id,
                stream=ready.stream,
                at=datetime.now(UTC).isoformat(),
                entry_id=f"{ready.stream}/{n}",
                entry=body,
                **about,
            )
            await result.consume()

        await self.network.write(bare, deadline=DEADLINE)


async def _in_turns(bench: Bench, sending: Sending, drafts: Mapping[str, list[list[Ready]]], found: Sends) -> None:
    """All callers do a few calls of one way, then of the next; who comes first changes with the turn."""
    latencies: dict[str, list[float]] = {way: [] for way in WAYS}
    found.turns = {way: [] for way in WAYS}
    for turn in range(-sending.warm, sending.turns):
        at = (turn + sending.warm) * sending.each
        for pair in PAIRS:
            for way in pair if turn % 2 == 0 else reversed(pair):
                rows = [row[at : at + sending.each] for row in drafts[way]]
                seconds, each = await _all_at_once(partial(bench.call, way), rows)
                if turn >= 0:
                    found.turns[way].append(sending.callers * sending.each / seconds)
                    latencies[way] += each
    for way in WAYS:
        seconds = sum(sending.callers * sending.each / rate for rate in found.turns[way])
        found.ways[way] = Way(found.calls / seconds, Figure.of(latencies[way]))


async def _all_at_once(
    call: Callable[[Ready], Awaitable[None]], rows: Sequence[Sequence[Ready]]
) -> tuple[float, list[float]]:
    latencies: list[float] = []

    async def caller(row: Sequence[Ready]) -> None:
        for ready in row:
            began = time.perf_counter()
            await call(ready)
            latencies.append(time.perf_counter() - began)

    began = time.perf_counter()
    await asyncio.gather(*(caller(row) for row in rows))
    return time.perf_counter() - began, latencies


@dataclass(slots=True)
class Watch:
    """What a lone call spent in statements."""

    wall: float = 0.0
    cpu: float = 0.0
    statements: list[tuple[str, float]] = field(default_factory=list)

    async def timed(self, work: Awaitable[Any], name: str | None = None) -> Any:
        wall, cpu = time.perf_counter(), time.thread_time()
        try:
            return await work
        finally:
            wall, cpu = time.perf_counter() - wall, time.thread_time() - cpu
            self.wall += wall
            self.cpu += cpu
            if name is not None:
                self.statements.append((name, 0.0))
            self.statements[-1] = (self.statements[-1][0], self.statements[-1][1] + wall)


class WatchedResult:
    def __init__(self, result: Any, watch: Watch) -> None:
        self._result, self._watch = result, watch

    async def single(self, strict: bool = False) -> Any:
        return await self._watch.timed(self._result.single(strict=strict))

    async def consume(self) -> Any:
        return await self._watch.timed(self._result.consume())

    async def __aiter__(self) -> AsyncIterator[Any]:
        rows = aiter(self._result)
        while True:
            try:
                row = await self._watch.timed(anext(rows))
            except StopAsyncIteration:
                return
            yield row


class WatchedTx:
    def __init__(self, tx: Tx, watch: Watch) -> None:
        self._tx, self._watch = tx, watch

    async def run(self, statement: str, **parameters: Any) -> Any:
        result = await self._watch.timed(self._tx.run(cast(Any, statement), **parameters), _name_of(statement))
        return WatchedResult(result, self._watch)


class Watching:
    """A network of one caller who is watched: calls, with what they spent in statements, and around their action."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self.rows: list[tuple[float, float, float, Watch]] = []
        """Of each call: wall, processor, processor outside the action (begin and commit), statements."""

    async def write(self, action: Any, *args: Any, deadline: float, **kwargs: Any) -> Any:
        watch, inside = Watch(), 0.0

        async def watched(tx: Tx) -> Any:
            nonlocal inside
            began = time.thread_time()
            try:
                return await action(cast(Tx, WatchedTx(tx, watch)), *args, **kwargs)
            finally:
                inside = time.thread_time() - began

        wall, cpu = time.perf_counter(), time.thread_time()
        answer = await self._network.write(watched, deadline=deadline)
        wall, cpu = time.perf_counter() - wall, time.thread_time() - cpu
        self.rows.append((wall, cpu, cpu - inside, watch))
        return answer


async def _alone(bench: Bench, alone: list[Ready], placed: list[Ready], found: Sends) -> None:
    """One caller, each way in turn on the next referral; half of the calls only warm up."""
    half = len(alone) // 2
    watching = {way: Watching(bench.network) for way in WAYS}
    for turn in range(half):
        for way in WAYS:
            lone = Bench(watching[way], bench.secrets, bench.sample, bench.numbers)
            mine = placed if service_of(way) == PLACED else alone
            await lone.call(way, mine[turn + half if way.startswith("bare") else turn])
    crypto = _crypto(bench.secrets, bench.sample)
    found.lone = {way: _share(watching[way], crypto.get(way, 0.0)) for way in WAYS}


def _share(watching: Watching, crypto: float) -> Share:
    rows = watching.rows[len(watching.rows) // 3 :]
    wall = _middle([row[0] for row in rows])
    cpu = _middle([row[1] for row in rows])
    driver = _middle([row[2] + row[3].cpu for row in rows])
    statements = rows[-1][3].statements
    each = tuple(
        (name, _middle([row[3].statements[i][1] for row in rows if len(row[3].statements) > i]))
        for i, (name, _) in enumerate(statements)
    )
    return Share(wall, wall - cpu, driver, crypto, cpu - driver - crypto, len(statements), each)


def _middle(seconds: Sequence[float]) -> float:
    return sorted(seconds)[len(seconds) // 2] * 1000


def _crypto(secrets: Secrets, sample: Sample) -> dict[str, float]:
    """Milliseconds of what a send and an opening seal, unseal and sign, done once more by themselves."""
    key = secrets.keystore.create("bench-person")
    values = {name: RECORD[name] for name in (*FIELDS, "allergies")}
    place: dict[str, Any] = {"case_id": "0123-4567-89AB-CDEF", "field": "bench", "version": 1}
    small, large = seal(key, **place, value="asma, en tratamiento"), seal(key, **place, value=values)
    opening = {"case": place["case_id"], "salts": {"subject": "0" * 64, "payload": "0" * 64}}
    body = EntryBody(
        stream="0" * 32, n=1, kind=Kind.TRANSFER, at="2026-11-21T15:00:00.000Z", actor="a", role="provider",
        fields=tuple(values), subject_commit="0" * 64, payload_commit="0" * 64,
    )  # fmt: skip

    def log_entry() -> None:
        commitment("subject", bytes(32), place["case_id"])
        secrets.keystore.key_of("bench-person")
        seal(key, **place, value=opening)
        sign(body, secrets.signer)

    def sending() -> None:
        secrets.keystore.key_of("bench-person")
        for _ in values:
            unseal(key, small, **place)
        secrets.keystore.key_of("bench-person")
        seal(key, **place, value=values)
        commitment("payload", bytes(32), large)
        log_entry()

    def opening_() -> None:
        secrets.keystore.key_of("bench-person")
        unseal(key, large, **place)
        log_entry()

    sent = _repeated(sending)
    return {"send": sent, "place": sent, "open": _repeated(opening_)}


def _repeated(work: Callable[[], None]) -> float:
    seconds = []
    for _ in range(101):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    return _middle(seconds)


def _name_of(statement: str) -> str:
    """Where a statement of the store stands: `referrals.GET`."""
    import pkgutil
    import sys

    if not _NAMES:
        for module in pkgutil.iter_modules(graph.store.__path__):
            loaded = sys.modules.get(f"graph.store.{module.name}")
            for name, value in vars(loaded).items() if loaded else ():
                if name.isupper() and isinstance(value, str):
                    _NAMES.setdefault(value, f"{module.name}.{name}")
    return _NAMES.get(statement, "bare")


_NAMES: dict[str, str] = {}
