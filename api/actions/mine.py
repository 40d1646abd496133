"""Everything the person reads with their own account: what is known, what left, who looked, what they allowed. (R-21)"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from api.actions import cases, complaints, enquiries, gone, receipts
from api.actions.cases import CaseFile
from api.actions.complaints import ComplaintView
from api.actions.enquiries import Question
from api.actions.feedback import can_be_told_of
from api.actions.gone import Gone, Look
from api.actions.receipts import Held
from graph.model.actor import Actor
from graph.model.complaint import Feedback
from graph.model.directory import Organization, Service
from graph.model.referral import Referral
from graph.secrets import Secrets
from graph.store import feedback, organizations, referrals, services
from graph.store.errors import NotFound
from graph.store.network import Tx


@dataclass(frozen=True, slots=True)
class Mine:
    """A person's own file, with the organisations that stand in it by id."""

    file: CaseFile
    consents: list[Held]
    gone: tuple[Gone, ...]
    looks: tuple[Look, ...]
    asked: list[Question]
    """What was asked of providers without saying who it is."""
    told: list[tuple[Referral, Feedback | None]]
    """What was sent, and how the person says it was."""
    complaints: tuple[ComplaintView, ...]
    organizations: dict[str, Organization]
    services: dict[str, Service]
    """Those to which something was sent; one that was taken out of the directory is not among them."""


async def read(tx: Tx, *, actor: Actor, at: datetime, secrets: Secrets) -> Mine:
    """One's own case, of which one needs to know no number. NotFound for whoever has none. (R-21, R-41)"""
    if actor.case_id is None:
        raise NotFound
    file = await cases.read(tx, actor.case_id, actor=actor, at=at, secrets=secrets)
    left = await gone.gone(tx, actor.case_id, actor=actor)
    looks = await gone.looked(tx, actor.case_id, actor=actor)
    asked = await enquiries.of_case(tx, actor.case_id, actor=actor, at=at)
    said = await feedback.of_case(tx, actor.case_id)
    told = [(r, said.get(r.id)) for r in await referrals.of_case(tx, actor.case_id) if can_be_told_of(r)]
    voiced = await complaints.listed(tx, actor=actor, at=at)
    given = await receipts.of_case(tx, actor.case_id, actor=actor)
    named = (
        {g.organization_id for g in left}
        | {q.organization_id for q in asked}
        | {held.recipient.id for held in given}
        | {r.responder_id for r, _ in told}
        | {c.about_id for c in voiced}
        | {x.organization_id for x in looks if x.organization_id}
    )
    return Mine(
        file,
        given,
        left,
        looks,
        asked,
        told,
        voiced,
        await organizations.get(tx, named | {file.case.organization_id}),
        await services.get(tx, {r.service_id for r, _ in told}),
    )
