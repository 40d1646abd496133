"""The log as the data protection officer reads it: entries, codes and ids, never a value; found, and checked. (R-14, R-21)"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from api.actions.allowed import must_ever
from consent.access import Deed
from graph.log.entry import Signer, canonical, instant, verify
from graph.model.actor import Actor
from graph.model.base import Code, Id, Model
from graph.model.log import Entry, Kind
from graph.seed.catalogue import WrongValue
from graph.store import log
from graph.store.errors import NotFound
from graph.store.log import SEARCHED, Found, Wanted
from graph.store.network import Tx


async def read(tx: Tx, stream: str, *, actor: Actor, after: int = 0, limit: int = 100) -> list[Entry]:
    """The signed entries of a stream in their order; NotFound for a stream that nobody wrote to. (R-14, R-21)

    A stream does not say whose case it is. Whoever holds a receipt finds its stream and number in it.
    """
    must_ever(actor, Deed.LOG_READ)
    if not await log.length(tx, stream):
        raise NotFound
    return await log.read(tx, stream, after=after, limit=limit)


LAST_DAYS: Final = 30
"""How far back is looked where nobody says from when."""

BETWEEN: Final = "~"
"""Between instant and id of a cursor."""


class Search(Model):
    """What is looked for; what is not stated is whatever it is. Days are whole days of UTC, both included."""

    first: date | None = None
    last: date | None = None
    stream: Id | None = None
    kind: Kind | None = None
    organization: Id | None = None
    purpose: Code | None = None
    basis: Code | None = None
    role: Code | None = None
    actor: Id | None = None


class Page(Model):
    """Entries, the newest first, and what to give as `after` for those before them."""

    entries: tuple[Entry, ...]
    next: str | None


async def search(
    tx: Tx, said: Search, *, actor: Actor, at: datetime, after: str | None = None, limit: int = 50
) -> Page:
    """Entries of all streams that fit, the newest first. WrongValue for a cursor that is none. (R-14, R-21)"""
    must_ever(actor, Deed.LOG_READ)
    last = said.last or at.date()
    first = said.first or (at.date() if said.last is None else last) - timedelta(days=LAST_DAYS)
    wanted = Wanted(
        since=f"{first.isoformat()}T00:00:00.000Z",
        until=instant_after(last),
        **said.model_dump(exclude={"first", "last", "kind"}),
        kind=said.kind,
    )
    found = await log.search(tx, wanted, after=_cursor(after), limit=limit)
    following = f"{found[-1].body.at}{BETWEEN}{_id(found[-1])}" if len(found) == limit else None
    return Page(entries=tuple(found), next=following)


def instant_after(day: date) -> str:
    """The first instant after a day, as the log writes time; what is said to happen later than now is in its day too."""
    return f"{(day + timedelta(days=1)).isoformat()}T00:00:00.000Z" if day < date.max else f"{day.isoformat()}T24"


def _cursor(after: str | None) -> tuple[str, str] | None:
    if after is None:
        return None
    at, parted, id = after.partition(BETWEEN)
    try:
        if not parted or instant(datetime.fromisoformat(at)) != at:
            raise WrongValue("after")
    except ValueError:
        raise WrongValue("after") from None
    return at, id


def _id(entry: Entry) -> str:
    return f"{entry.body.stream}/{entry.body.n}"


class State(StrEnum):
    """What can be said of an entry."""

    WHOLE = "whole"
    """signed by this house, in its place in the log, and found under what it says"""
    MISFILED = "misfiled"
    """signed and in its place, but what it is searched by says otherwise: somebody changed the graph"""
    NOT_SIGNED = "not-signed"
    """its signature is not this house's, or what was signed was changed"""
    OTHER_KEY = "other-key"
    """signed with a key that this house does not hold"""
    NOT_THERE = "not-there"
    """signed by this house, and not in the log: it was taken out"""
    OTHERWISE = "otherwise"
    """signed by this house, and the log holds something else in its place"""


class Checked(Model):
    """What was found of an entry, and how many entries its stream counts."""

    state: State
    stream: Id
    n: int
    length: int


async def check(tx: Tx, stream: str, n: int, *, actor: Actor, signer: Signer) -> tuple[Entry, Checked]:
    """One entry of the log, and whether it is as it was signed; NotFound where there is none. (R-14)"""
    must_ever(actor, Deed.LOG_READ)
    found = await log.one(tx, stream, n)
    if found is None:
        raise NotFound
    state = _signed(found.entry, signer) or _filed(found, stream, n)
    return found.entry, Checked(state=state, stream=stream, n=n, length=found.length)


async def check_receipt(tx: Tx, receipt: Entry, *, actor: Actor, signer: Signer) -> Checked:
    """A receipt that somebody holds against the log: this very entry, in its place. (R-14)"""
    must_ever(actor, Deed.LOG_READ)
    body = receipt.body
    found = await log.one(tx, body.stream, body.n)
    length = found.length if found else await log.length(tx, body.stream)
    state = _signed(receipt, signer)
    if state is None:
        if found is None:
            state = State.NOT_THERE
        elif canonical(found.entry.body) != canonical(body) or found.entry.key_id != receipt.key_id:
            state = State.OTHERWISE
        else:
            state = _signed(found.entry, signer) or _filed(found, body.stream, body.n)
    return Checked(state=state, stream=body.stream, n=body.n, length=length)


def _signed(entry: Entry, signer: Signer) -> State | None:
    """Why an entry is not signed by this house; None: it is."""
    if entry.key_id != signer.key_id:
        return State.OTHER_KEY
    return None if verify(entry, signer.public_key) else State.NOT_SIGNED


def _filed(found: Found, stream: str, n: int) -> State:
    body = found.entry.body
    if (body.stream, body.n) != (stream, n) or not 0 < n <= found.length:
        return State.OTHERWISE
    told = {name: value for name in SEARCHED if (value := getattr(body, name)) is not None}
    return State.WHOLE if told == dict(found.beside) else State.MISFILED
