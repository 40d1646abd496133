"""Timers follow a referral: what its provider owes in the state it came to is due at its instant. (R-12)

Nobody takes a timer back: one whose matter has moved on finds that out when it fires, under the case's lock. What it then
does is `due`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from graph.model.actor import Actor
from graph.model.case import Case
from graph.model.owed import LADDER, Owed, Terms, held_until, owed
from graph.model.referral import OPEN, Referral
from graph.model.timer import Job, Rung, Timer
from graph.seed.status_reasons import stands_still
from graph.seed.working_days import working_days
from graph.store import clocks, timers
from graph.store.matters import Matter
from graph.store.network import Tx

CLOCK: Final = Actor(id="clock", roles=frozenset())
"""Who acts when nobody did: it has no role, so the table of rights allows it nothing; its rules are here and in `due`."""

AS_CLOCK: Final = "clock"
"""As what it is written down."""


async def follow(tx: Tx, case: Case, before: Referral, after: Referral, *, at: datetime) -> None:
    """Set what is due in the state a referral came to, where that differs from what was due before. (R-12)"""
    if after.status not in OPEN:
        return
    terms = await clocks.terms_of(tx, after)
    was = _due(before, terms) if before.status in OPEN else []
    await timers.set_(tx, [timer for timer in _due(after, terms) if timer not in was])


async def begin(tx: Tx, matter: Matter, sent: Referral, *also: Timer) -> None:
    """Set what is due of a referral that is being sent: as `follow`, by what a send has read already. (R-12)"""
    await timers.set_(tx, [*_due(sent, terms_in(replace(matter, referral=sent))), *also])


def _due(referral: Referral, terms: Terms) -> list[Timer]:
    """One timer for each answer that is owed, at its first rung; and one for the end of a hold."""
    about = {"subject_id": referral.id, "case_id": referral.case_id}
    found = [
        Timer(
            id=f"{referral.id}-{one.due.value}",
            job=Job.REMIND,
            due_at=one.at(LADDER[Rung.PROVIDER]),
            rung=Rung.PROVIDER,
            clock=one.due.value,
            **about,
        )
        for one in owed_of(referral, terms)
    ]
    until = held_until(referral, terms)
    if until is not None:
        found.append(Timer(id=f"{referral.id}-hold", job=Job.HOLD_END, due_at=until, **about))
    return found


def owed_of(referral: Referral, terms: Terms) -> tuple[Owed, ...]:
    """What the provider owes now."""
    return owed(referral, terms, stands_still=stands_still(referral))


def terms_in(matter: Matter) -> Terms:
    """By what the clocks of a matter are told, of what was read of it already."""
    referral, recipient = matter.referral, matter.recipient
    sop = next((one for one in recipient.sops if one.id == referral.sop_id), None)
    need = next(one for one in matter.case.needs if one.id == referral.need_id)
    since = referral.sent_at or referral.created_at
    return clocks.terms(sop.clocks if sop else None, need.priority, working_days(country_of(matter), since.year))


def country_of(matter: Matter) -> str:
    """Where the service is given: in the person's country where it is given there too."""
    places = matter.recipient.countries
    home = matter.case.country
    return home if home in places or not places else min(places)
