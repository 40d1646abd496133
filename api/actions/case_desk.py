"""The desk of one case: where its needs, referrals and consents stand, and what waits next. (R-14, R-21)

To look at it is to look at a person: it leaves an entry, as reading the record does. An envelope is opened only where
a page shows what is in it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from api.actions import cases as case_files
from api.actions import enquiries, receipts
from api.actions.allowed import must
from api.actions.cases import CaseFile
from api.actions.enquiries import Question
from api.actions.receipts import Held
from api.actions.timers import owed_of
from api.actions.waits import OnItsWay, Wait, waits_of
from consent.access import Allowed, Deed, decide
from consent.relation import relation_of, state_of
from graph.model.actor import Actor
from graph.model.case import Case
from graph.model.directory import Organization, Service
from graph.model.referral import OPEN
from graph.secrets import Secrets
from graph.store import cases, clocks, organizations, referrals, services
from graph.store.network import Tx


@dataclass(frozen=True, slots=True)
class Desk:
    """A case as it lies on the desk of whoever works on it, or of a colleague who may see it."""

    file: CaseFile
    may: frozenset[Deed]
    """What this reader may do with this case now: what a page offers."""
    on_way: tuple[OnItsWay, ...]
    consents: tuple[Held, ...]
    asked: tuple[Question, ...]
    """What was asked of providers without saying who it is; for the team."""
    waits: tuple[Wait, ...]
    services: dict[str, Service]
    organizations: dict[str, Organization]


async def may(tx: Tx, case_id: str, *, actor: Actor) -> frozenset[Deed]:
    """What somebody may do with a case now, by the table: for a page to offer, never in place of a deed's own question.

    NotFound for whoever may not read it.
    """
    case = await cases.get(tx, case_id, actor=actor)
    must(actor, Deed.CASE_READ, case)
    return _may(actor, case)


def _may(actor: Actor, case: Case) -> frozenset[Deed]:
    relation = relation_of(actor, case)
    return frozenset(d for d in Deed if isinstance(decide(actor, d, relation, state_of(case, d)), Allowed))


async def read(
    tx: Tx, case_id: str, *, only: Collection[str] = (), actor: Actor, at: datetime, secrets: Secrets
) -> Desk:
    """For whoever may read the case. NotFound for anybody else. (R-25)

    `only` names the fields whose envelopes are opened: none, unless a page shows them.
    """
    file = await case_files.read(tx, case_id, only=only, actor=actor, at=at, secrets=secrets)
    case = file.case
    allowed = _may(actor, case)
    on_way = []
    for referral in await referrals.of_case(tx, case.id):
        terms = await clocks.terms_of(tx, referral) if referral.status in OPEN else None
        on_way.append(OnItsWay(referral, owed_of(referral, terms) if terms else ()))
    asked = await enquiries.of_case(tx, case.id, actor=actor, at=at) if Deed.GONE_READ in allowed else []
    held = await receipts.of_case(tx, case.id, actor=actor)
    known = await services.get(tx, {o.referral.service_id for o in on_way} | {q.service_id for q in asked})
    named = {o.referral.responder_id for o in on_way} | {q.organization_id for q in asked} | {case.organization_id}
    return Desk(
        file=file,
        may=allowed,
        on_way=tuple(sorted(on_way, key=lambda one: (one.referral.created_at, one.referral.id))),
        consents=tuple(held),
        asked=tuple(asked),
        waits=waits_of(case.needs, case.goals, on_way, at=at) if case.closed_at is None else (),
        services=known,
        organizations=await organizations.get(tx, named | {h.recipient.id for h in held}),
    )
