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
from graph.model.base import Id
from graph.model.complaint import Feedback
from graph.model.directory import Organization, Service
from graph.model.referral import Referral
from graph.secrets import Secrets
from graph.store import cases as known
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


@dataclass(frozen=True, slots=True)
class _Lists:
    """What stands on one's page beside what is known; of a person no value is in it."""

    left: tuple[Gone, ...]
    looks: tuple[Look, ...]
    asked: list[Question]
    told: list[tuple[Referral, Feedback | None]]
    voiced: tuple[ComplaintView, ...]
    given: list[Held]

    @property
    def organizations(self) -> frozenset[Id]:
        return frozenset(
            {g.organization_id for g in self.left}
            | {q.organization_id for q in self.asked}
            | {held.recipient.id for held in self.given}
            | {r.responder_id for r, _ in self.told}
            | {c.about_id for c in self.voiced}
            | {x.organization_id for x in self.looks if x.organization_id}
        )


async def _lists(tx: Tx, case_id: str, *, actor: Actor, at: datetime) -> _Lists:
    said = await feedback.of_case(tx, case_id)
    return _Lists(
        left=await gone.gone(tx, case_id, actor=actor),
        looks=await gone.looked(tx, case_id, actor=actor),
        asked=await enquiries.of_case(tx, case_id, actor=actor, at=at),
        told=[(r, said.get(r.id)) for r in await referrals.of_case(tx, case_id) if can_be_told_of(r)],
        voiced=await complaints.listed(tx, actor=actor, at=at),
        given=await receipts.of_case(tx, case_id, actor=actor),
    )


async def organizations_named(tx: Tx, *, actor: Actor, at: datetime) -> frozenset[Id]:
    """The organisations that stand on one's own page: about these one complains there. NotFound for whoever has none. (R-50)"""
    if actor.case_id is None:
        raise NotFound
    case = await known.get(tx, actor.case_id, actor=actor)
    return (await _lists(tx, case.id, actor=actor, at=at)).organizations | {case.organization_id}


async def read(tx: Tx, *, actor: Actor, at: datetime, secrets: Secrets) -> Mine:
    """One's own case, of which one needs to know no number. NotFound for whoever has none. (R-21, R-41)"""
    if actor.case_id is None:
        raise NotFound
    file = await cases.read(tx, actor.case_id, actor=actor, at=at, secrets=secrets)
    lists = await _lists(tx, actor.case_id, actor=actor, at=at)
    return Mine(
        file,
        lists.given,
        lists.left,
        lists.looks,
        lists.asked,
        lists.told,
        lists.voiced,
        await organizations.get(tx, lists.organizations | {file.case.organization_id}),
        await services.get(tx, {r.service_id for r, _ in lists.told}),
    )
