"""Entries of the directory that providers' answers speak against: listed for who keeps them, and verified by a word. (R-02)

The offering organisation sees its own services, and what is to be looked at again; the committee sees all, and what else
it is told. Counts follow the rule of small numbers for everybody but the organisation whose answers they count.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from api.actions.allowed import must_ever
from consent.access import Allowed, Deed, Relation, decide
from consent.small_numbers import Shown, least, shown
from graph.model.actor import Actor
from graph.model.base import Code, Id, Model
from graph.model.directory import Service
from graph.model.entry_note import EntryNote
from graph.model.status_reason import Consequence
from graph.secrets import Secrets
from graph.seed.vocabulary import lineage, terms
from graph.store import capacity, entry_notes, services
from graph.store.errors import NotFound
from graph.store.network import Tx

OWN: Final = frozenset({Consequence.RE_VERIFY})
ALL: Final = frozenset({Consequence.RE_VERIFY, Consequence.TELL_COMMITTEE})
WINDOW: Final = timedelta(days=365)
K: Final = least("", (), ("social.health",))
"""Of a single service nobody knows how much it tells of a person: the larger k holds for all."""


class ToVerify(Model):
    """One entry, one reason. `count` is None where it is about too few people to be told."""

    id: Id
    service_id: Id
    reason: Code
    consequence: Consequence
    since: datetime
    count: int | None
    against_data: int | None


class Declined(Model):
    """Referrals of twelve months that were declined though our data said that the person was eligible; None: too few."""

    service_type: Code
    declined: int | None


class Listed(Model):
    """One page of entries, and, for the committee, the indicator."""

    entries: tuple[ToVerify, ...]
    declined_though_eligible: tuple[Declined, ...] = ()
    next: Id | None = None


class How(StrEnum):
    """How somebody made sure of an entry."""

    CALLED = "called"
    WROTE = "wrote"
    VISITED = "visited"
    MET = "met"


class Verified(Model):
    """An entry that was looked at, how if that was said, and which reasons no longer stand against it."""

    service_id: Id
    verified_at: datetime
    how: How | None = None
    cleared: tuple[Code, ...]


def _all(actor: Actor) -> bool:
    return isinstance(decide(actor, Deed.ENTRY_VERIFY, Relation.NONE), Allowed)


async def listed(tx: Tx, *, actor: Actor, at: datetime, after: str = "", limit: int = 50) -> Listed:
    """What is to be verified: all of it for the committee, its own for an organisation; NotFound for everybody else."""
    everything = _all(actor)
    if not everything:
        must_ever(actor, Deed.ENTRY_VERIFY, Relation.OWN)
    asked = None if everything else actor.organization_id or ""
    kinds = ALL if everything else OWN
    found = await entry_notes.open_notes(tx, organization_id=asked, consequences=kinds, after=after, limit=limit)
    counted: tuple[Declined, ...] = ()
    if everything:
        by_type = await entry_notes.declined_though_eligible(tx, since=at - WINDOW)
        counted = tuple(Declined(service_type=code, declined=_k(code, n).number) for code, n in by_type.items())
    return Listed(
        entries=tuple(_out(note, own=not everything) for note in found),
        declined_though_eligible=counted,
        next=found[-1].id if len(found) == limit else None,
    )


def _k(code: str, count: int) -> Shown:
    below = [t for t in terms("service-types") if t.startswith(f"{code}.")]
    return shown(count, least(code, lineage("service-types", code), below))


def _out(note: EntryNote, *, own: bool) -> ToVerify:
    count = note.count if own else shown(note.count, K).number
    against = note.against_data if own else shown(note.against_data, K).number
    told = {"reason": note.reason, "consequence": note.consequence, "since": note.since}
    return ToVerify(id=note.id, service_id=note.service_id, count=count, against_data=against, **told)


async def services_named(tx: Tx, ids: Iterable[Id]) -> dict[Id, Service]:
    """Services as the directory, which everybody may read, states them."""
    return await services.get(tx, sorted(set(ids)))


async def verify(
    tx: Tx, service_id: str, how: How | None = None, *, actor: Actor, at: datetime, secrets: Secrets
) -> Verified:
    """The organisation or the committee looked at the entry; another's answers like one that is not there. (R-25)"""
    offered_by = await capacity.offered_by(tx, service_id)
    mine = offered_by is not None and actor.organization_id == offered_by
    must_ever(actor, Deed.ENTRY_VERIFY, Relation.OWN if mine else Relation.NONE)
    if offered_by is None:
        raise NotFound
    kinds = ALL if _all(actor) else OWN
    side = "provider" if mine else "committee"
    cleared = await entry_notes.clear(tx, service_id, consequences=kinds, by=actor.id, side=side, at=at, how=how)
    return Verified(service_id=service_id, verified_at=at, how=how, cleared=cleared)
