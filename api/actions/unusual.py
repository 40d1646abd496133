"""Unusual reading: looked for by the clock, raised once, looked into by a data protection officer. (R-21, R-25)

An alert says who read and how much. Whose data it was stands in the log, for whoever asks further.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Final

from pydantic import Field

from api.actions import outbox
from api.actions.allowed import must_ever
from api.actions.case_change import new_id
from api.actions.reminding import Done, Means
from api.actions.timers import AS_CLOCK, CLOCK
from consent.access import Deed, Relation
from consent.unusual import DAY, DAYS, LEAST, Reading, judge
from graph.envelope import seal, unseal
from graph.model.actor import Actor, Role
from graph.model.alert import Alert
from graph.model.base import Id, Model
from graph.model.log import Entry, Kind
from graph.model.timer import Job, Timer
from graph.secrets import Secrets
from graph.store import alerts, log, timers
from graph.store.alerts import Kept, Looked
from graph.store.contacts import Told
from graph.store.network import Tx

READ: Final = (
    Kind.CASE_READ,
    Kind.PREVIEWED,
    Kind.READING,
    Kind.REPORT_READ,
    Kind.PERSON_SOUGHT,
    Kind.EXCEPTION_REVIEWED,
)
"""Entries that say that somebody read the data of a person."""

EVERY: Final = timedelta(minutes=5)
"""How often it is looked for."""

TIMER: Final = "unusual-reading"
NOTE: Final = "alert-note"


async def look_out(tx: Tx, *, at: datetime) -> None:
    """Let it be looked for from now on, if nobody looks yet."""
    await timers.set_once(tx, _timer(at))


def _timer(at: datetime) -> Timer:
    return Timer(id=TIMER, job=Job.READING_WATCH, subject_id=TIMER, due_at=at)


async def watch(tx: Tx, timer: Timer, *, at: datetime, means: Means) -> Done:
    """Look for it, and again in five minutes. An officer is told that something waits, and nothing of it."""
    if await look(tx, at=at, secrets=means.secrets) and means.officer:
        await outbox.put(tx, Told(None, means.officer), outbox.OFFICER_WAITS, about=None, country="", at=at)
    return Done(at, _timer(at + EVERY))


async def look(tx: Tx, *, at: datetime, secrets: Secrets) -> tuple[Id, ...]:
    """Raise an alert about everybody whose reading of the last 24 hours is unusual; one that is open is widened.

    What an officer has looked into is not counted again, so the same reading raises one alert.
    """
    busy = await alerts.busy(tx, kinds=READ, since=at - DAY, until=at, least=LEAST)
    if not busy:
        return ()
    found = await alerts.looks(tx, busy, kinds=READ, since=at - DAY * (DAYS + 1), until=at)
    raised = []
    for actor_id in busy:
        theirs = [one for one in found if one.actor_id == actor_id]
        before = await alerts.latest(tx, actor_id)
        seen = before.acknowledged_at if before else None
        reading = judge([one.look for one in theirs], at=at, since=seen)
        if not reading.why:
            continue
        if before is not None and before.is_open:
            await _widen(tx, before.id, reading, at=at)
        else:
            raised.append(await _raise(tx, theirs, reading, at=at, secrets=secrets))
    return tuple(raised)


async def _widen(tx: Tx, id: Id, reading: Reading, *, at: datetime) -> None:
    await alerts.lock(tx, id)
    before = (await alerts.get(tx, id)).alert
    worst = {
        "why": before.why | reading.why,
        "persons": max(before.persons, reading.persons),
        "hour": max(before.hour, reading.hour),
        "latest_at": at,
    }
    if before.is_open:
        await alerts.save(tx, before.model_copy(update=worst))


async def _raise(tx: Tx, theirs: list[Looked], reading: Reading, *, at: datetime, secrets: Secrets) -> Id:
    latest = theirs[-1]
    (role, _), *_ = Counter(one.role for one in theirs).most_common(1)
    alert = Alert(
        id=new_id(),
        actor_id=latest.actor_id,
        organization_id=latest.organization_id,
        role=role,
        why=reading.why,
        persons=reading.persons,
        hour=reading.hour,
        usual=reading.usual,
        raised_at=at,
        latest_at=at,
    )
    await alerts.create(tx, alert)
    await _note(tx, Kind.ALERT_RAISED, alert, actor=CLOCK, role=AS_CLOCK, at=at, secrets=secrets)
    return alert.id


class AlertView(Model):
    """An alert as an officer reads it, with the note of whoever looked into it. It names no person."""

    id: Id
    actor_id: Id
    organization_id: Id | None
    role: str
    why: tuple[str, ...] = Field(description="many-in-an-hour | over-own-habit")
    persons: int = Field(description="different people within 24 hours, at the worst")
    hour: int = Field(description="different people within an hour, at the worst")
    usual: int = Field(description="the median of this reader's own days")
    raised_at: datetime
    latest_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: Id | None
    note: str | None
    is_own: bool = Field(description="about the reader themselves: another officer looks into it")


class Acknowledged(Model):
    """That an officer looked into it; null where somebody had already."""

    id: Id
    acknowledged_at: datetime
    entry: Entry | None


async def listed(
    tx: Tx, *, actor: Actor, secrets: Secrets, after: str | None = None, limit: int = 50
) -> tuple[AlertView, ...]:
    """Alerts, the newest first; those about the reader among them, to be seen and not to be acknowledged. (R-25)"""
    must_ever(actor, Deed.ALERT_READ)
    return tuple(_shown(kept, actor, secrets) for kept in await alerts.page(tx, after=after, limit=limit))


async def see(tx: Tx, id: str, *, actor: Actor, secrets: Secrets) -> AlertView:
    """One alert. NotFound for whoever watches over nothing, and for none."""
    must_ever(actor, Deed.ALERT_READ)
    return _shown(await alerts.get(tx, id), actor, secrets)


async def acknowledge(tx: Tx, id: str, note: str, *, actor: Actor, at: datetime, secrets: Secrets) -> Acknowledged:
    """An officer says what they found out, in sealed words; the first word counts. Never about oneself. (R-25)"""
    must_ever(actor, Deed.ALERT_READ)
    await alerts.lock(tx, id)
    alert = (await alerts.get(tx, id)).alert
    must_ever(actor, Deed.ALERT_ACKNOWLEDGE, _relation(alert, actor))
    if alert.acknowledged_at is not None:
        return Acknowledged(id=id, acknowledged_at=alert.acknowledged_at, entry=None)
    done = alert.model_copy(update={"acknowledged_at": at, "acknowledged_by": actor.id})
    sealed = seal(secrets.keystore.create(_key_id(id)), case_id=id, field=NOTE, version=1, value=note)
    await alerts.save(tx, done, note=sealed)
    role = Role.DATA_PROTECTION_OFFICER
    written = await _note(tx, Kind.ALERT_ACKNOWLEDGED, done, actor=actor, role=role, at=at, secrets=secrets)
    return Acknowledged(id=id, acknowledged_at=at, entry=written)


def _relation(alert: Alert, actor: Actor) -> Relation:
    return Relation.SELF if alert.actor_id == actor.id else Relation.NONE


def _shown(kept: Kept, actor: Actor, secrets: Secrets) -> AlertView:
    alert = kept.alert
    key = secrets.keystore.key_of(_key_id(alert.id)) if kept.note is not None else None
    told = unseal(key, kept.note, case_id=alert.id, field=NOTE, version=1) if key and kept.note else None
    said = alert.model_dump(exclude={"why"})
    why = tuple(sorted(one.value for one in alert.why))
    return AlertView(**said, why=why, note=told, is_own=_relation(alert, actor) is Relation.SELF)


def _key_id(alert_id: str) -> str:
    """The key of a note: an officer may write a name into it."""
    return f"alert/{alert_id}"


async def _note(tx: Tx, kind: Kind, alert: Alert, *, actor: Actor, role: str, at: datetime, secrets: Secrets) -> Entry:
    return await log.append(
        tx,
        stream=log.MECHANISM,
        kind=kind,
        actor=actor.id,
        role=role,
        at=at,
        signer=secrets.signer,
        organization=actor.organization_id,
        basis_ids=(alert.id,),
        reasons=tuple(sorted(one.value for one in alert.why)),
    )
