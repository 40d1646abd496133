"""Somebody reads unusually many people: counted from the log, raised once, looked into by an officer. (R-21, R-25)"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from api.actions import cases, disclosures, outbox, unusual
from api.actions.reminding import Means
from api.actions.unusual import Acknowledged, AlertView
from api.mail import Post, compose
from api.scheduler import Scheduler
from consent.unusual import AT_FIRST, PER_HOUR, TIMES
from graph.log.entry import instant, sign
from graph.model.actor import Actor, Role
from graph.model.log import EntryBody, Kind
from graph.model.timer import Job
from graph.secrets import Secrets
from graph.store import log, messages, timers
from graph.store.content import run
from graph.store.errors import NotFound
from graph.store.network import Network, Tx
from tests.cast import CAST, HOME, OFFICER, OWNER, PROVIDER
from tests.sending import CANARY, LATER, Walk

SECOND: Actor = Actor(id="a-officer-2", organization_id=HOME, roles=frozenset({Role.DATA_PROTECTION_OFFICER}))
WIPE = "MATCH (n) WHERE n:Alert OR n:LogEntry OR n:Timer OR n:Message DETACH DELETE n"
NOON: datetime = LATER + timedelta(days=40)


@pytest.fixture
async def quiet(clinic: Network) -> Network:
    """A log in which nobody has read anything."""
    await clinic.write(run, WIPE)
    return clinic


async def read(
    network: Network, secrets: Secrets, persons: int, *, at: datetime, actor: Actor = OWNER, of: str = "s",
    kind: Kind = Kind.CASE_READ,
) -> None:  # fmt: skip
    """So many people are read, a second apart, the last at this instant."""

    async def looks(tx: Tx) -> None:
        for n in range(persons):
            when = instant(at - timedelta(seconds=n))
            body = EntryBody(
                stream=f"{of}-{n}", n=1, kind=kind, at=when, actor=actor.id, role=min(actor.roles),
                organization=actor.organization_id,
            )  # fmt: skip
            body = body.model_copy(update={"n": await log.next_number(tx, body.stream, at=when)})
            await log.write(tx, sign(body, secrets.signer))

    await network.write(looks)


async def look(network: Network, secrets: Secrets, at: datetime) -> tuple[str, ...]:
    found: tuple[str, ...] = await network.write(unusual.look, at=at, secrets=secrets)
    return found


async def listed(network: Network, secrets: Secrets, actor: Actor = OFFICER) -> tuple[AlertView, ...]:
    found: tuple[AlertView, ...] = await network.read(unusual.listed, actor=actor, secrets=secrets)
    return found


async def acknowledge(network: Network, secrets: Secrets, id: str, at: datetime, actor: Actor = OFFICER) -> Any:
    return await network.write(unusual.acknowledge, id, f"{CANARY} una jornada", actor=actor, at=at, secrets=secrets)


async def test_too_many_in_an_hour_raise_one_alert_that_names_who_read_and_nobody_else(
    quiet: Network, secrets: Secrets
) -> None:
    await read(quiet, secrets, PER_HOUR, at=NOON)
    await read(quiet, secrets, TIMES * AT_FIRST, at=NOON, actor=PROVIDER, kind=Kind.READING)
    (id,) = await look(quiet, secrets, NOON)
    assert not await look(quiet, secrets, NOON + timedelta(minutes=5)), "the same reading is one alert"
    (alert,) = await listed(quiet, secrets)
    assert (alert.id, alert.actor_id, alert.organization_id, alert.role) == (id, OWNER.id, HOME, "case-manager")
    assert (alert.why, alert.persons, alert.hour, alert.usual) == (("over-own-habit",), PER_HOUR, PER_HOUR, AT_FIRST)
    await read(quiet, secrets, PER_HOUR + 1, at=NOON + timedelta(minutes=9))
    assert not await look(quiet, secrets, NOON + timedelta(minutes=10))
    (wider,) = await listed(quiet, secrets)
    assert (wider.id, wider.why, wider.hour) == (id, ("many-in-an-hour", "over-own-habit"), PER_HOUR + 1)
    (entry,) = [e.body for e in await quiet.read(log.read, log.MECHANISM) if e.body.kind is Kind.ALERT_RAISED]
    assert (entry.actor, entry.role, entry.basis_ids) == ("clock", "clock", (id,))
    assert "s-0" not in wider.model_dump_json(), "a stream is somebody's"


async def test_who_reads_as_on_other_days_raises_none(quiet: Network, secrets: Secrets) -> None:
    for day in range(1, 6):
        await read(quiet, secrets, 15, at=NOON - timedelta(days=day), of=f"d{day}")
    await read(quiet, secrets, 45, at=NOON)
    assert not await look(quiet, secrets, NOON)
    await read(quiet, secrets, 1, at=NOON, of="more")
    assert await look(quiet, secrets, NOON)


async def test_what_is_no_reading_and_what_was_long_ago_do_not_count(quiet: Network, secrets: Secrets) -> None:
    await read(quiet, secrets, 70, at=NOON, kind=Kind.CASE_CHANGED)
    await read(quiet, secrets, 70, at=NOON - timedelta(hours=25), of="yesterday")
    assert not await look(quiet, secrets, NOON)


async def test_an_officer_looks_into_it_once_and_new_reading_raises_a_new_alert(
    quiet: Network, secrets: Secrets
) -> None:
    await read(quiet, secrets, 70, at=NOON)
    (id,) = await look(quiet, secrets, NOON)
    at = NOON + timedelta(minutes=1)
    done = await acknowledge(quiet, secrets, id, at)
    assert isinstance(done, Acknowledged) and done.entry is not None
    assert done.entry.body.kind is Kind.ALERT_ACKNOWLEDGED and done.entry.body.actor == OFFICER.id
    again = await acknowledge(quiet, secrets, id, at + timedelta(minutes=1), SECOND)
    assert (again.acknowledged_at, again.entry) == (at, None), "the first word counts"
    (alert,) = await listed(quiet, secrets)
    assert (alert.acknowledged_by, alert.note) == (OFFICER.id, f"{CANARY} una jornada")
    assert not await look(quiet, secrets, at + timedelta(minutes=4))
    await read(quiet, secrets, 70, at=at + timedelta(minutes=9), of="other")
    assert len(await look(quiet, secrets, at + timedelta(minutes=9))) == 1
    assert [one.acknowledged_at is None for one in await listed(quiet, secrets)] == [True, False]


async def test_the_note_is_sealed(quiet: Network, secrets: Secrets) -> None:
    await read(quiet, secrets, 70, at=NOON)
    (id,) = await look(quiet, secrets, NOON)
    await acknowledge(quiet, secrets, id, NOON)

    async def raw(tx: Tx) -> str:
        return str((await (await tx.run("MATCH (a:Alert) RETURN properties(a) AS a")).single(strict=True))["a"])

    stored: str = await quiet.read(raw)
    assert CANARY not in stored


async def test_nobody_says_of_an_alert_about_themselves_that_all_is_well(quiet: Network, secrets: Secrets) -> None:
    await read(quiet, secrets, 70, at=NOON, actor=OFFICER, kind=Kind.PERSON_SOUGHT)
    (id,) = await look(quiet, secrets, NOON)
    (own,) = await listed(quiet, secrets)
    assert own.is_own
    with pytest.raises(NotFound):
        await acknowledge(quiet, secrets, id, NOON)
    assert (await acknowledge(quiet, secrets, id, NOON, SECOND)).entry is not None


async def test_nobody_else_sees_one(quiet: Network, secrets: Secrets) -> None:
    await read(quiet, secrets, 70, at=NOON)
    (id,) = await look(quiet, secrets, NOON)
    committee = Actor(id="a-committee", organization_id=HOME, roles=frozenset({Role.COMMITTEE}))
    for actor in (*CAST, committee):
        if actor != OFFICER:
            for ask in (listed(quiet, secrets, actor), acknowledge(quiet, secrets, id, NOON, actor)):
                with pytest.raises(NotFound):
                    await ask
    with pytest.raises(NotFound):
        await acknowledge(quiet, secrets, "none", NOON)


async def test_opening_a_case_is_reading_somebody(walk: Walk, secrets: Secrets) -> None:
    """The kinds that count are those that the house writes when somebody looks."""
    sent = await walk.sent()
    await walk.network.write(cases.read, walk.case_id, **walk.later())
    await walk.network.write(disclosures.open_copy, sent.referral_id, **walk.later() | {"actor": PROVIDER})
    kinds = [e.body.kind for e in await walk.network.read(log.read, walk.stream)]
    assert {Kind.CASE_READ, Kind.READING} <= set(kinds) & set(unusual.READ)


async def test_the_clock_looks_for_it_every_five_minutes(quiet: Network, secrets: Secrets) -> None:
    await read(quiet, secrets, 70, at=NOON)
    at = NOON
    clock = Scheduler(quiet, Means(secrets), clock=lambda: at)
    assert not await clock.once(), "it was not told to look out"
    await quiet.write(unusual.look_out, at=NOON)
    await quiet.write(unusual.look_out, at=NOON + timedelta(days=1))
    assert await clock.once() == {"reading-watch:done": 1}
    assert len(await listed(quiet, secrets)) == 1
    (timer,) = await quiet.read(timers.waiting, until=NOON + timedelta(days=9))
    assert (timer.job, timer.due_at) == (Job.READING_WATCH, NOON + unusual.EVERY)
    assert not await quiet.read(messages.page), "no address of an officer is known"
    at = NOON + unusual.EVERY
    assert await clock.once() == {"reading-watch:done": 1}


async def test_an_officer_is_mailed_that_something_waits_and_no_list_tells_it(quiet: Network, secrets: Secrets) -> None:
    await read(quiet, secrets, 70, at=NOON)
    await quiet.write(unusual.look_out, at=NOON)
    await Scheduler(quiet, Means(secrets, officer="dpo@example.org"), clock=lambda: NOON).once()
    (message,) = await quiet.read(messages.page)
    assert (message.to, message.template, message.about) == ("dpo@example.org", outbox.OFFICER_WAITS, None)
    (alert,) = await listed(quiet, secrets)
    said = str(compose(message, Post("h", 25, "e@example.org", "https://x.example.org"), to=f"/r/{message.id}"))
    assert alert.id not in said and OWNER.id not in said and "lectura" not in said and "reading" not in said
    assert await quiet.read(outbox.subject, message.id, actor=OFFICER) == (None, "/officer/alerts")
    committee = Actor(id="a-committee", organization_id=HOME, roles=frozenset({Role.COMMITTEE}))
    assert await quiet.read(outbox.read, actor=committee) == []
    for other in (OWNER, committee):
        with pytest.raises(NotFound):
            await quiet.read(outbox.subject, message.id, actor=other)
