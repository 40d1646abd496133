"""A small world of referrals, and what must hold in it after every single step. (R-11, R-14, R-20, R-22, R-26)

Two people, one service, everybody who may do something to a referral. What was allowed is remembered here, in plain
sets, and compared with what the graph did: nothing of `consent` is asked.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from api.actions import capacity, consents, disclosures, exceptions, referrals, steps, stopping, suspensions
from api.actions.consents import Allowing, Answered, Stopped
from api.actions.exceptions import Excepted, Plea, Word
from api.actions.referrals import Draft, Drafted, Sent
from api.actions.reminding import Means
from api.scheduler import Scheduler
from consent.projection import Packet
from graph.model.actor import Actor, Role
from graph.model.consent import Ground
from graph.model.lease import HOLDS, Held
from graph.model.places import Change, OutOfRange
from graph.model.referral import ENDED, OPEN, REASONED, STEPS, Side, Status, Step, open_steps
from graph.model.refusal import Reason, Refusal
from graph.secrets import Secrets
from graph.seed.status_reasons import reasons_of, status_reasons
from graph.store import sops, terms
from graph.store.network import Network, Tx
from tests.cast import CLINIC, COUNTRY, HOME, OWNER, PROFESSIONAL, PROVIDER
from tests.sending import PURPOSE, SERVICES, TYPE, Walk, keys_of_type, sop_of

COMMITTEE: Final = Actor(id="a-committee", organization_id=HOME, roles=frozenset({Role.COMMITTEE}))
NEEDED: Final = frozenset({"given_name", "health_condition"})
WISHED: Final = frozenset({"telephone"})
ASKED: Final = NEEDED | WISHED
EMERGENCY: Final = frozenset({"given_name", "telephone"})
LASTS: Final = timedelta(hours=72)
MOST: Final = 2
SIDES: Final = {OWNER.id: Side.REQUESTER, PROVIDER.id: Side.RESPONDER}
WITHOUT_A_PLACE: Final = {
    Reason.PLACES_FULL,
    Reason.PLACES_FULL_LIST,
    Reason.PLACES_PAUSED,
    Reason.WAITING_LIST_ONLY,
    Reason.NO_WAITING_LIST,
}

NOTHING_DUE: Final = "MATCH (t:Timer) DETACH DELETE t"
"""What is due of the world before is not this one's."""

SEEN: Final = """
    MATCH (s:Service {id: $service_id})
    RETURN [(s)-[:HAS]->(k:ServiceCapacity) | {
        maximum: k.maximum, available: k.available, leased: k.leased, in_use: k.in_use
    }] AS places,
    [(s)<-[:TO]-(r:Referral) | {
        id: r.id, status: r.status, reason: r.reason, sent_at: toString(r.sent_at), ended_at: toString(r.ended_at),
        held: [(r)-[:LEASES]->(l:Lease) | l.held], copies: [(r)-[:SENT]->(d:Disclosure) | {id: d.id, fields: d.fields, open: d.closed_at IS NULL}]
    }] AS referrals
"""
LINES: Final = """
    UNWIND $streams AS stream
    MATCH (s:Stream {id: stream})
    MATCH (e:LogEntry {stream: stream})
    RETURN stream, s.n AS count, collect(e.body) AS bodies
"""


@dataclass(slots=True)
class Someone:
    """One person, and what they said so far."""

    walk: Walk
    allowed: dict[str, frozenset[str]] = field(default_factory=dict)
    """Consents that stand, with their fields."""
    taken_back: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Lifetime:
    """One referral, and what it may rest on."""

    id: str
    of: Someone
    attested_at: datetime | None = None
    sent: Sent | None = None


class World:
    """Two people and one service of the clinic, and what everybody does."""

    def __init__(self, network: Network, secrets: Secrets, counted: Counter[str]) -> None:
        self.network, self.secrets, self.counted = network, secrets, counted
        self.service_id = f"s-{uuid4().hex}"
        self.people: list[Someone] = []
        self.referrals: list[Lifetime] = []
        self.stopped: str | None = None
        self.at: datetime | None = None

    async def begin(self) -> World:
        """Two cases with an agreed need, and a service with rules of its own."""

        async def service(tx: Tx) -> None:
            rows = [{"id": self.service_id, "organization": CLINIC, "type": TYPE, "keys": keys_of_type(TYPE)}]
            await (await tx.run(SERVICES, rows=rows, country=COUNTRY)).consume()
            await sops.create(tx, [sop_of(self.service_id)])
            await terms.refresh(tx, [self.service_id])
            await (await tx.run(NOTHING_DUE)).consume()

        await self.network.write(service)
        for _ in range(2):
            self.people.append(Someone(await Walk(self.network, self.secrets).begin()))
        self.at = max(one.walk.at for one in self.people)
        return self

    def now(self, actor: Actor = OWNER) -> dict[str, Any]:
        """The circumstances of the next deed: a second later than the one before."""
        assert self.at is not None
        self.at += timedelta(seconds=1)
        return {"actor": actor, "at": self.at, "secrets": self.secrets}

    @property
    def sent(self) -> list[Lifetime]:
        """What has left."""
        return [one for one in self.referrals if one.sent is not None]

    # what people do

    async def allow(self, who: int, fields: Collection[str]) -> None:
        """The person allows the clinic some fields; none at all is no consent."""
        someone = self.people[who]
        allowing = Allowing(organization_id=CLINIC, purpose=PURPOSE, modality="written", fields=frozenset(fields))
        given = await self.network.write(consents.give, someone.walk.case_id, allowing, **self.now())
        assert isinstance(given, Answered), given
        someone.allowed[given.consent_id] = frozenset(fields)

    async def take_back(self, who: int) -> None:
        """The person takes their consent back: all that stands for this clinic and purpose ends."""
        someone = self.people[who]
        if not someone.allowed:
            return
        done = await self.network.write(consents.withdraw, next(iter(someone.allowed)), **self.now())
        assert isinstance(done, Stopped), done
        assert set(done.consent_ids) == set(someone.allowed)
        self.counted["taken back"] += 1
        someone.taken_back |= set(someone.allowed)
        someone.allowed.clear()

    async def draft(self, who: int, waiting: bool) -> None:
        someone = self.people[who]
        about = {"need_id": someone.walk.need_id, "service_id": self.service_id}
        wish = Draft(**about, chosen_because="person-prefers", waiting=waiting)
        drafted = await self.network.write(referrals.draft, someone.walk.case_id, wish, **self.now())
        assert isinstance(drafted, Drafted), drafted
        self.referrals.append(Lifetime(drafted.referral_id, someone))

    async def attest(self, which: int) -> None:
        """A professional who is not the sender says that life is in danger. Only of a draft, and once."""
        one = self.referrals[which % len(self.referrals)]
        plea = Plea(assessor_id=PROFESSIONAL.id, requested_by="organisation")
        asked = await self.network.write(exceptions.request, one.id, plea, **self.now())
        if isinstance(asked, Refusal):
            return
        word = Word(ground=Ground.SUICIDE_RISK, representative_reachable=False, narrative="relato de prueba")
        said = await self.network.write(exceptions.attest, asked.id, word, **self.now(PROFESSIONAL))
        if isinstance(said, Excepted):
            one.attested_at = self.at

    async def send(self, which: int) -> None:
        """Sent exactly if somebody said it may be, and then no more than they said."""
        one = self.referrals[which % len(self.referrals)]
        before = await self.status_of(one)
        done = await self.network.write(referrals.send, one.id, **self.now())
        may = self.may_leave(one)
        if isinstance(done, Sent):
            assert before is Status.DRAFT and self.stopped is None
            assert may and set(done.fields) <= may, (done.fields, may)
            one.sent = done
            self.counted["sent"] += 1
        else:
            full = one.attested_at is None and bool(WITHOUT_A_PLACE & set(done.codes))
            assert before is not Status.DRAFT or self.stopped is not None or not may or full, done
            self.counted["refused"] += 1

    def may_leave(self, one: Lifetime) -> frozenset[str]:
        """The fields that may leave for this referral now; none: nothing may."""
        assert self.at is not None
        if one.attested_at is not None:
            return EMERGENCY if self.at < one.attested_at + LASTS else frozenset()
        allowed = frozenset().union(*one.of.allowed.values())
        return allowed & ASKED if allowed >= NEEDED else frozenset()

    async def open(self, which: int) -> None:
        """The clinic opens what was sent: only while it may be read, and never more than was sent."""
        one = self.sent[which % len(self.sent)]
        assert one.sent is not None
        status = await self.status_of(one)
        done = await self.network.write(disclosures.open_copy, one.id, **self.now(PROVIDER))
        if isinstance(done, Packet):
            assert status in OPEN and self.stopped is None
            assert set(done.payload) <= set(one.sent.fields) & self.may_leave(one)
            self.counted["opened"] += 1

    async def step(self, which: int, step: Step, actor: Actor, reason: int) -> None:
        one = self.sent[which % len(self.sent)]
        codes = [r.code for r in reasons_of(step)]
        why = codes[reason % len(codes)] if step in REASONED else None
        done = await self.network.write(steps.take, one.id, step, why, **self.now(actor))
        self.counted["steps refused" if isinstance(done, Refusal) else "steps taken"] += 1

    async def go_on(self, which: int, choice: int, reason: int) -> None:
        """Take one of the steps that are open to anybody; ends are chosen last."""
        status = await self.status_of(self.sent[which % len(self.sent)])
        found = [(step, actor) for actor, side in SIDES.items() for step in open_steps(status, side)]
        found.sort(key=lambda one: (STEPS[status, one[0]][0] in ENDED, one[0]))
        if found:
            step, by = found[choice % len(found)]
            await self.step(which, step, OWNER if by == OWNER.id else PROVIDER, reason)

    async def goes_on(self, which: int, yes: bool) -> None:
        one = self.sent[which % len(self.sent)]
        await self.network.write(stopping.answer_service_goes_on, one.id, yes, **self.now())

    async def suspend(self) -> None:
        """Security stops the service; said again, it is lifted."""
        if self.stopped is not None:
            await self.network.write(suspensions.lift, self.stopped, **self.now(COMMITTEE))
            self.stopped = None
            return
        circumstances = self.now(COMMITTEE)
        stop = suspensions.suspension_of("service", self.service_id, "security", at=circumstances["at"])
        await suspensions.stop(self.network, stop, **circumstances)
        self.stopped = stop.id

    async def say_places(self, what: Change, number: int | None) -> None:
        """The clinic says how many places are free: at most two, of which some may be held."""
        said: dict[str, Any] = {"number": number, "maximum": MOST, "until": None}
        if what is Change.PAUSE:
            assert self.at is not None
            said = {"until": self.at.date() + timedelta(days=3)}
        with suppress(OutOfRange):
            circumstances = {name: value for name, value in self.now(PROVIDER).items() if name != "secrets"}
            await self.network.write(capacity.change, self.service_id, what, expected=None, **circumstances, **said)
            self.counted["places said"] += 1

    async def wait(self, hours: int) -> None:
        """Time passes, and the clocks do what is due."""
        assert self.at is not None
        self.at += timedelta(hours=hours)
        at = self.at
        done = await Scheduler(self.network, Means(self.secrets), clock=lambda: at).once()
        assert not [job for job in done if job.endswith(":failed")], done
        self.counted["jobs of the clock"] += done.total()

    # what must hold

    async def status_of(self, one: Lifetime) -> Status:
        referral = await self.network.read(referrals_get, one.id)
        return Status(referral)

    async def wrong(self) -> list[str]:
        """Every way in which the graph is not as it must be; empty when all is well."""
        rows, places, lines = await self.network.read(seen, self.service_id, [one.walk.stream for one in self.people])
        found = [*self._referrals(rows, lines), *self._numbers(lines), *self._after_a_no(lines)]
        return [*found, *self._places(rows, places)]

    def _referrals(self, rows: list[dict[str, Any]], lines: dict[str, list[dict[str, Any]]]) -> list[str]:
        """Transfers are entries; what has ended has a reason with an owner; what may not be read is closed."""
        found = []
        gone = defaultdict(list)
        for bodies in lines.values():
            for body in bodies:
                if body["kind"] == "transfer":
                    gone[body["referral"]].append(body)
        for row in rows:
            transfers = gone.pop(row["id"], [])
            if [c["id"] for c in row["copies"]] != [t["disclosure"] for t in transfers]:
                found.append(f"{row['id']}: copies and transfers are not the same")
            if any(set(c["fields"]) != set(t["fields"]) for c, t in zip(row["copies"], transfers, strict=False)):
                found.append(f"{row['id']}: the entry names other fields")
            if (row["sent_at"] is not None) != bool(transfers):
                found.append(f"{row['id']}: sent and not written down, or the reverse")
            if row["status"] in ENDED and row["reason"] not in status_reasons():
                found.append(f"{row['id']}: ended without a coded reason")
            if (row["status"] in ENDED) != (row["ended_at"] is not None):
                found.append(f"{row['id']}: ended without an instant, or the reverse")
            if row["status"] in ENDED - {Status.COMPLETED, Status.FAILED} and any(c["open"] for c in row["copies"]):
                found.append(f"{row['id']}: {row['status']} and still open to the receiver")
        return found + [f"{id}: a transfer of nothing" for id in gone]

    def _places(self, rows: list[dict[str, Any]], places: list[dict[str, Any]]) -> list[str]:
        """Never more held than there are; the counters count what is there; what has ended holds nothing."""
        held = Counter(place for row in rows for place in row["held"])
        found = [f"{r['id']}: two places" for r in rows if sum(place in HOLDS for place in r["held"]) > 1]
        found += [f"{r['id']}: ended and held" for r in rows if r["status"] in ENDED and HOLDS & set(r["held"])]
        found += [f"{r['id']}: a draft holds" for r in rows if r["status"] == "draft" and HOLDS & set(r["held"])]
        if not places:
            return [*found, *(["places nobody stated"] if held else [])]
        (stated,) = places
        counted = {Held.LEASED: stated["leased"] or 0, Held.IN_USE: stated["in_use"] or 0}
        if any(held[place] != n for place, n in counted.items()):
            found.append(f"counted {counted}, held {dict(held)}")
        booked = sum(counted.values())
        if stated["maximum"] is not None and booked + (stated["available"] or 0) > stated["maximum"]:
            found.append(f"{booked} booked and {stated['available']} free of {stated['maximum']}")
        return found

    def _numbers(self, lines: dict[str, list[dict[str, Any]]]) -> list[str]:
        return [s for s, bodies in lines.items() if [b["n"] for b in bodies] != list(range(1, len(bodies) + 1))]

    def _after_a_no(self, lines: dict[str, list[dict[str, Any]]]) -> list[str]:
        """Nothing is sent or read under a consent that was taken back before."""
        found = []
        for stream, bodies in lines.items():
            ended: set[str] = set()
            for body in bodies:
                if body["kind"] in ("transfer", "reading") and ended & set(body.get("basis_ids", ())):
                    found.append(f"{stream}/{body['n']}: after a no")
                if body["kind"] in ("consent-withdrawn", "consent-refused"):
                    ended |= set(body.get("basis_ids", ()))
        return found


STATUS: Final = "MATCH (r:Referral {id: $id}) RETURN r.status AS status"


async def referrals_get(tx: Tx, id: str) -> str:
    """Where a referral stands."""
    return str((await (await tx.run(STATUS, id=id)).single(strict=True))["status"])


Seen = tuple[list[dict[str, Any]], list[dict[str, Any]], dict[str, list[dict[str, Any]]]]


async def seen(tx: Tx, service_id: str, streams: list[str]) -> Seen:
    """The referrals of a service, its places, and the streams of some cases in their order."""
    row = await (await tx.run(SEEN, service_id=service_id)).single(strict=True)
    lines = {}
    async for record in await tx.run(LINES, streams=streams):
        lines[record["stream"]] = sorted((json.loads(body) for body in record["bodies"]), key=lambda body: body["n"])
    return row["referrals"], row["places"], lines
