"""A referral with the names a page needs beside it, and who may be asked where life is in danger. (R-12, R-22)

What somebody may see and do is `referral_view`; here are only names of the directory, and for the case's own side the
need and the receipt. Nothing of the person is in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from api.actions import referral_view
from api.actions.allowed import must
from api.actions.referral_view import ReferralView
from consent.access import Allowed, Deed, decide
from consent.relation import relation_of, state_of
from graph.model.actor import Actor
from graph.model.base import Code, Id
from graph.model.case import Case
from graph.model.consent import Attestation, ExceptionRequest
from graph.model.directory import Organization, Service
from graph.store import (
    actors,
    attestations,
    cases,
    consents,
    credentials,
    households,
    organizations,
    referrals,
    services,
)
from graph.store.errors import NotFound
from graph.store.network import Tx


@dataclass(frozen=True, slots=True)
class Followed:
    """What a page about a referral is made of."""

    view: ReferralView
    organizations: Mapping[Id, Organization]
    services: Mapping[Id, Service]
    """Its own, and the one that was proposed instead; of their places nothing."""
    service_type: Code | None = None
    """The need, for the case's own side."""
    consent_id: Id | None = None
    """What the person allowed its recipient for its purpose, and still does, for the case's own side."""
    receipt_id: Id | None = None
    pleas: tuple[ExceptionRequest, ...] = ()
    """Which professionals were asked whether life is in danger, for whoever may act. (R-22)"""
    attestation: Attestation | None = None
    """Whose word opened the door, and whether the person was told of it."""
    together_id: Id | None = None
    """Where it was drafted with others of the household: a draft goes with them."""
    may_step: bool = False
    """Whether the case's own side may do anything: a colleague reads."""


async def read(tx: Tx, referral_id: str, *, actor: Actor, at: datetime) -> Followed:
    """The referral for whoever may see it. NotFound for others. (R-25)"""
    view = await referral_view.view(tx, referral_id, actor=actor, at=at)
    named = {view.requester_id, view.responder_id}
    wanted = [id for id in (view.service_id, view.proposed_service_id) if id is not None]
    found = Followed(
        view=view,
        organizations=await organizations.get(tx, named),
        services={id: one.model_copy(update={"locations": ()}) for id, one in (await services.get(tx, wanted)).items()},
    )
    if view.case_id is None or view.need_id is None:
        return found
    case = await cases.get(tx, view.case_id, actor=actor)
    given = [
        one
        for one in await consents.of_case(tx, case.id)
        if (one.organization_id, one.purpose) == (view.responder_id, view.purpose) and one.is_in_force(at=at)
    ]
    latest = max(given, key=lambda one: one.events[-1].at, default=None)
    may = decide(actor, Deed.REFERRAL_STEP, relation_of(actor, case), state_of(case, Deed.REFERRAL_STEP))
    return Followed(
        view=view,
        organizations=found.organizations,
        services=found.services,
        service_type=next((n.service_type for n in case.needs if n.id == view.need_id), None),
        consent_id=latest.id if latest else None,
        receipt_id=latest.receipt_id if latest else None,
        pleas=tuple(await attestations.of_referral(tx, view.id)) if isinstance(may, Allowed) else (),
        attestation=await _attestation(tx, view.id) if isinstance(may, Allowed) else None,
        together_id=await _together(tx, case, view.id),
        may_step=isinstance(may, Allowed),
    )


async def _together(tx: Tx, case: Case, referral_id: str) -> Id | None:
    """What it shares with the drafts of others who still live with this person."""
    referral = await referrals.get(tx, referral_id)
    if referral.together_id is None or case.household_id is None:
        return None
    _, members = await households.get(tx, case.household_id)
    going = [id for id, _ in await referrals.together(tx, referral.together_id) if id in members]
    return referral.together_id if case.id in going and len(going) > 1 else None


async def _attestation(tx: Tx, referral_id: str) -> Attestation | None:
    referral = await referrals.get(tx, referral_id)
    return await attestations.get(tx, referral.attestation_id) if referral.attestation_id else None


@dataclass(frozen=True, slots=True)
class Professional:
    """Somebody who may be asked for their word: by number, because no name of theirs is kept here."""

    actor_id: Id
    organization: Organization | None
    kinds: tuple[str, ...]


async def professionals(tx: Tx, referral_id: str, *, actor: Actor, at: datetime) -> tuple[Professional, ...]:
    """Who holds a credential now and is not the one who asks; for whoever may ask about this referral. (R-22)"""
    case = await cases.get(tx, await referrals.case_of(tx, referral_id), actor=actor)
    must(actor, Deed.EXCEPTION_REQUEST, case)
    holding: dict[str, list[str]] = {}
    for credential in await credentials.listed(tx):
        if credential.holds(at=at) and credential.actor_id != actor.id:
            holding.setdefault(credential.actor_id, []).append(credential.kind)
    found = []
    for id, kinds in sorted(holding.items()):
        try:
            who = await actors.get(tx, id)
        except NotFound:
            continue
        theirs = await organizations.get(tx, [who.organization_id]) if who.organization_id else {}
        found.append(Professional(id, theirs.get(who.organization_id or ""), tuple(sorted(set(kinds)))))
    return tuple(found)
