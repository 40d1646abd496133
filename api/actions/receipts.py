"""The receipt of a consent, and all consents of a case as the person and those who work with them see them. (R-11, R-20)

Codes and ids, never a value of the record; the words are put beside them by the faces (`api.receipts`).
"""

from __future__ import annotations

from dataclasses import dataclass

from api.actions.allowed import must
from consent.access import Deed
from graph.model.actor import Actor
from graph.model.base import Code
from graph.model.consent import Consent
from graph.model.directory import Organization
from graph.store import cases, consents, organizations
from graph.store.network import Tx


@dataclass(frozen=True, slots=True)
class Held:
    """What a receipt is made of."""

    consent: Consent
    holder: Organization
    recipient: Organization
    jurisdiction: Code


async def read(tx: Tx, consent_id: str, *, actor: Actor) -> Held:
    """A consent with both organisations, for the person and whoever may read the case. Others' is not there."""
    return await _held(tx, consent_id, await consents.case_of(tx, consent_id), actor)


async def by_reference(tx: Tx, receipt_id: str, *, actor: Actor) -> Held:
    """The same, by what stands on the paper: an opaque reference that opens nothing by itself."""
    return await _held(tx, *await consents.of_receipt(tx, receipt_id), actor)


async def _held(tx: Tx, consent_id: str, case_id: str, actor: Actor) -> Held:
    case = await cases.get(tx, case_id, actor=actor)
    must(actor, Deed.CASE_READ, case)
    consent = next(c for c in await consents.of_case(tx, case.id) if c.id == consent_id)
    found = await organizations.get(tx, {case.organization_id, consent.organization_id})
    return Held(consent, found[case.organization_id], found[consent.organization_id], case.home)


async def of_case(tx: Tx, case_id: str, *, actor: Actor) -> list[Held]:
    """Everything the person was asked and what they answered, the newest first: also what ended."""
    case = await cases.get(tx, case_id, actor=actor)
    must(actor, Deed.CASE_READ, case)
    given = sorted(await consents.of_case(tx, case.id), key=lambda c: (c.events[0].at, c.id), reverse=True)
    found = await organizations.get(tx, {case.organization_id, *(c.organization_id for c in given)})
    return [Held(c, found[case.organization_id], found[c.organization_id], case.home) for c in given]
