"""What had already gone, who opened it, and who looked: what a person gets when they withdraw, or ask. (R-20, R-21)"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from api.actions.allowed import must
from consent.access import Deed
from graph.model.actor import Actor
from graph.model.base import Code, Id, Model
from graph.model.case import Case
from graph.model.log import Kind
from graph.store import cases, disclosures, log
from graph.store.disclosures import Copy
from graph.store.network import Tx


class Opening(Model):
    """One reading: by whom, and when."""

    actor_id: Id
    at: str


class Gone(Model):
    """One copy that left: field codes, never values; and every reading of it."""

    referral_id: Id
    disclosure_id: Id
    organization_id: Id
    purpose: Code
    fields: tuple[Code, ...]
    sent_at: datetime
    closed_at: datetime | None
    opened: tuple[Opening, ...]


async def gone_to(tx: Tx, case: Case, copies: Iterable[Copy]) -> tuple[Gone, ...]:
    """These copies of a locked case with their readings, as the log tells them."""
    found = list(copies)
    readings = await log.readings(tx, case.stream) if found else []
    return tuple(
        Gone(
            referral_id=copy.referral_id,
            disclosure_id=copy.id,
            organization_id=copy.organization_id,
            purpose=copy.purpose,
            fields=copy.fields,
            sent_at=copy.sent_at,
            closed_at=copy.closed_at,
            opened=tuple(Opening(actor_id=r.actor, at=r.at) for r in readings if r.disclosure == copy.id),
        )
        for copy in found
    )


LOOKS: Final = (
    Kind.CASE_READ,
    Kind.PREVIEWED,
    Kind.PERSON_SOUGHT,
    Kind.EXCEPTION_REVIEWED,
    Kind.REPORT_READ,
    Kind.EXPORT,
)
"""What somebody sees of a person without any value leaving: a letter on paper has a code and names of fields."""


class Look(Model):
    """Somebody looked: who, as what, and at which fields; codes, never values."""

    kind: Kind
    at: str
    actor_id: Id
    role: Code
    organization_id: Id | None
    fields: tuple[Code, ...]


async def looked(tx: Tx, case_id: str, *, actor: Actor) -> tuple[Look, ...]:
    """Who looked at a case and when, the newest first: the person's to read, and the team's. (R-21, R-25)"""
    case = await cases.get(tx, case_id, actor=actor)
    must(actor, Deed.GONE_READ, case)
    return tuple(
        Look(
            kind=body.kind,
            at=body.at,
            actor_id=body.actor,
            role=body.role,
            organization_id=body.organization,
            fields=body.fields,
        )
        for body in reversed(await log.readings(tx, case.stream, *LOOKS))
    )


async def gone(tx: Tx, case_id: str, *, actor: Actor) -> tuple[Gone, ...]:
    """Everything that ever left of a case, for the person and the case's team. (R-21)"""
    case = await cases.get(tx, case_id, actor=actor)
    must(actor, Deed.GONE_READ, case)
    return await gone_to(tx, case, await disclosures.of_case(tx, case.id))
