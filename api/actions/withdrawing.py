"""What taking a consent back would end, and what had gone already: shown before it is confirmed, and after. (R-20)

Taking it back is `consents.withdraw`; here nothing is changed.
"""

from __future__ import annotations

from dataclasses import dataclass

from api.actions.allowed import must
from api.actions.gone import Gone, gone_to
from consent.access import Deed
from graph.model.actor import Actor
from graph.model.consent import Consent
from graph.model.directory import Organization
from graph.model.referral import OPEN, Referral, Status, is_running
from graph.store import cases, consents, disclosures, organizations, referrals
from graph.store.errors import NotFound
from graph.store.network import Tx


@dataclass(frozen=True, slots=True)
class Hanging:
    """All that hangs on a consent to one recipient for one purpose."""

    consent: Consent
    recipient: Organization
    ends: tuple[Referral, ...]
    """Referrals that end with it."""
    goes_on: tuple[Referral, ...]
    """Services that run: the person is asked whether they go on."""
    gone: tuple[Gone, ...]
    """What has left already, and who opened it: nobody can call it back."""


async def read(tx: Tx, case_id: str, consent_id: str, *, actor: Actor) -> Hanging:
    """For whoever may take it back. NotFound for a consent of another case."""
    case = await cases.get(tx, case_id, actor=actor)
    must(actor, Deed.CONSENT_WITHDRAW, case)
    consent = next((c for c in await consents.of_case(tx, case.id) if c.id == consent_id), None)
    if consent is None:
        raise NotFound
    about = (consent.organization_id, consent.purpose)
    found = [
        r
        for r in await referrals.of_case(tx, case.id)
        if (r.responder_id, r.purpose) == about
        and r.attestation_id is None
        and (r.status is Status.DRAFT or r.status in OPEN)
    ]
    copies = [c for c in await disclosures.of_case(tx, case.id) if (c.organization_id, c.purpose) == about]
    return Hanging(
        consent=consent,
        recipient=(await organizations.get(tx, {consent.organization_id}))[consent.organization_id],
        ends=tuple(r for r in found if not is_running(r)),
        goes_on=tuple(r for r in found if is_running(r)),
        gone=await gone_to(tx, case, copies),
    )
