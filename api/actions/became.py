"""What became of the people who were referred to an organisation: its own word of each, theirs only as a number. (R-14, R-20)

No further than consent goes: of whoever took it back it is told that it ended, and their word is counted nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from api.actions.referral_view import reason_told
from api.actions.stopping import ENDED as WITHDRAWN
from consent.access import Allowed, Deed, Relation, decide
from consent.small_numbers import K_SENSITIVE, Shown, part_shown, shown
from graph.model.actor import Actor, Role
from graph.model.base import Code, Id, Model
from graph.model.directory import Service
from graph.model.referral import ENDED, Outcome, Referral, Status
from graph.store import clocks, disclosures, services
from graph.store.network import Tx

TOLD_OF: Final = ENDED - {Status.ENTERED_IN_ERROR}


class Became(Model):
    """How one received referral ended, as its receiver may know."""

    id: Id
    service_id: Id
    sent_at: datetime
    ended_at: datetime | None = None
    status: Status
    reason: Code | None = None
    outcome: Outcome | None = None
    """What the organisation itself said."""
    withdrawn: bool = False
    """Consent was taken back: nothing more is told."""


class PersonsWord(Model):
    """How many people said what became of it, and how many of them the same as the organisation; None: too few."""

    said: int | None
    agreed: int | None


class Outcomes(Model):
    """What became of those who were received, the latest first."""

    rows: tuple[Became, ...]
    word: PersonsWord


@dataclass(frozen=True, slots=True)
class OutcomesNamed:
    """The same with the services it names."""

    outcomes: Outcomes
    services: Mapping[str, Service]


async def read(tx: Tx, *, actor: Actor, at: datetime) -> Outcomes:
    """For the organisation that received them; nobody else has any. (R-14, R-25)"""
    works = Role.PROVIDER in actor.roles and actor.organization_id is not None
    if not works or not isinstance(decide(actor, Deed.REFERRAL_READ, Relation.RECEIVER), Allowed):
        return Outcomes(rows=(), word=PersonsWord(said=0, agreed=0))
    found = [c.referral for c in await clocks.received(tx, organization_id=actor.organization_id, statuses=TOLD_OF)]
    copies = await disclosures.received(tx, [r.id for r in found], organization_id=actor.organization_id)
    closed = {copy.referral_id for copy in copies if copy.closed_for == WITHDRAWN}
    rows = [_became(r, withdrawn=r.id in closed or r.reason == WITHDRAWN) for r in found]
    kept = {row.id for row in rows if not row.withdrawn}
    rows.sort(key=lambda row: (row.ended_at or row.sent_at, row.id), reverse=True)
    return Outcomes(rows=tuple(rows), word=word_of([r for r in found if r.id in kept]))


async def named(tx: Tx, *, actor: Actor, at: datetime) -> OutcomesNamed:
    """The outcomes, with the services by name."""
    found = await read(tx, actor=actor, at=at)
    return OutcomesNamed(found, await services.get(tx, {row.service_id for row in found.rows}))


def word_of(referrals: list[Referral]) -> PersonsWord:
    """The people's own word in numbers, hidden where few said it, or few said otherwise. (R-21)"""
    said = [r for r in referrals if r.person_outcome is not None and r.provider_outcome is not None]
    same = sum(r.person_outcome is r.provider_outcome for r in said)
    agreed = Shown(None) if same == 0 and said else part_shown(same, len(said), K_SENSITIVE)
    return PersonsWord(said=shown(len(said), K_SENSITIVE).number, agreed=agreed.number)


def _became(referral: Referral, *, withdrawn: bool) -> Became:
    told = None if withdrawn else reason_told(referral, inside=False)
    facts = referral.model_dump(include={"id", "service_id", "sent_at", "ended_at", "status"})
    return Became(
        **facts,
        reason=told.code if told else None,
        outcome=None if withdrawn else referral.provider_outcome,
        withdrawn=withdrawn,
    )
