"""What was sent without consent, use by use, for the data protection officer: to be reviewed, and what the review found. (R-22)

The papers themselves are read in `exceptions.review`, which writes that down; the register for the committee is
`register`.
"""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from api.actions.allowed import must_ever
from api.actions.case_entry import entry, refused
from consent.access import Deed
from graph.model.actor import Actor, Role
from graph.model.base import Code, Id, Model
from graph.model.consent import Attestation, Finding, Ground
from graph.model.log import Entry, Kind
from graph.model.refusal import Denied, Reason, Refusal
from graph.secrets import Secrets
from graph.store import attestations, cases, log, records, referrals
from graph.store.attestations import Use
from graph.store.errors import NotFound
from graph.store.network import Tx

WORDS = "review_words"


class UseView(Model):
    """One use: on which ground, who attested, what left for whom, whether the person was told. Not whose it was."""

    id: Id
    ground: Ground
    requested_by: Code
    service_type: Code
    recipient_id: Id
    assessor_id: Id
    assessor_organization_id: Id | None
    credential: Code | None
    fields: tuple[Code, ...]
    sent_at: datetime
    assessed_at: datetime
    person_told_at: datetime | None
    reviewed_at: datetime | None
    reviewed_by: Id | None
    finding: Finding | None
    found_at: datetime | None
    found_by: Id | None

    @property
    def waits(self) -> bool:
        """The papers were not read, or nobody said what the review came to."""
        return self.finding is None


async def uses(tx: Tx, *, actor: Actor) -> tuple[UseView, ...]:
    """Every use: those that wait first, the oldest of them first; then the others, the newest first. (R-22)"""
    must_ever(actor, Deed.EXCEPTION_REVIEW)
    found = [_view(use) for use in await attestations.uses(tx)]
    waiting = sorted((one for one in found if one.waits), key=lambda one: (one.sent_at, one.id))
    return (*waiting, *(one for one in found if not one.waits))


async def use(tx: Tx, id: str, *, actor: Actor) -> UseView:
    """One use. NotFound for one that nothing was sent on, and for whoever does not review. (R-22)"""
    must_ever(actor, Deed.EXCEPTION_REVIEW)
    found = await attestations.uses(tx, id=id)
    if not found:
        raise NotFound
    return _view(found[0])


def _view(use: Use) -> UseView:
    attestation = use.attestation
    said = attestation.model_dump(
        exclude={"case_id", "organization_id", "relation", "representative_reachable", "credential_id"}
    )
    return UseView(
        **said,
        recipient_id=attestation.organization_id,
        service_type=use.service_type,
        assessor_organization_id=use.assessor_organization_id,
        credential=use.credential,
        fields=use.fields,
        sent_at=use.sent_at,
    )


class Concluded(Model):
    """What the review came to; the entry is null where it had been said already."""

    id: Id
    finding: Finding
    found_at: datetime
    entry: Entry | None = Field(description="body, key_id and signature (Ed25519 over RFC 8785)")


async def conclude(
    tx: Tx, id: str, finding: Finding, words: str, *, actor: Actor, at: datetime, secrets: Secrets
) -> Concluded | Refusal:
    """What the review came to, in a code and in words, which the person can read; the first word counts. (R-22)

    Refused as long as nobody has read the papers.
    """
    must_ever(actor, Deed.EXCEPTION_REVIEW)
    case = await cases.get_locked(tx, (await _attestation(tx, id)).case_id)
    at = await log.now(tx, case, at)
    found = await _attestation(tx, id)
    if (await referrals.get(tx, await attestations.referral_of(tx, id))).sent_at is None:
        raise NotFound
    role = Role.DATA_PROTECTION_OFFICER
    if found.reviewed_at is None:
        why = Refusal.of([Denied(reason=Reason.PAPERS_NOT_READ)])
        return await refused(tx, case, why, actor=actor, role=role, at=at, secrets=secrets, basis_ids=(id,))
    if found.finding is not None and found.found_at is not None:
        return Concluded(id=id, finding=found.finding, found_at=found.found_at, entry=None)
    said = found.model_copy(update={"finding": finding, "found_at": at, "found_by": actor.id})
    await attestations.save(tx, said)
    await records.write(tx, case, secrets.keystore, {WORDS: words}, of=id)
    written = await entry(
        tx, case, Kind.EXCEPTION_FOUND, actor=actor, role=role, at=at, secrets=secrets, basis_ids=(id,),
        reasons=(finding.value,),
    )  # fmt: skip
    return Concluded(id=id, finding=finding, found_at=at, entry=written)


async def _attestation(tx: Tx, id: str) -> Attestation:
    found = await attestations.get(tx, id)
    if found is None:
        raise NotFound
    return found
