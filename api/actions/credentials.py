"""Credentials of professionals: two administrators issue one, any of them revokes it at once. (R-22, R-25)"""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from api.actions.allowed import must_ever
from api.actions.case_change import new_id
from consent.access import Deed
from graph.model.actor import Actor, Credential, CredentialKind, Role
from graph.model.base import Id, Model
from graph.model.log import Entry, Kind
from graph.model.refusal import Denied, Reason, Refusal
from graph.secrets import Secrets
from graph.store import attestations, cases, credentials, log
from graph.store.network import Network, Tx


class Proposal(Model):
    """Who is to hold which credential, until when."""

    id: Id = Field(default_factory=new_id)
    actor_id: Id
    kind: CredentialKind
    valid_to: datetime


async def _note(tx: Tx, kind: Kind, *, id: str, actor: Actor, at: datetime, secrets: Secrets) -> Entry:
    return await log.append(
        tx,
        stream=log.MECHANISM,
        kind=kind,
        actor=actor.id,
        role=Role.ADMIN,
        at=at,
        signer=secrets.signer,
        organization=actor.organization_id,
        basis_ids=(id,),
    )


async def propose(tx: Tx, proposal: Proposal, *, actor: Actor, at: datetime, secrets: Secrets) -> Entry | Refusal:
    """The first administrator's word; it opens nothing. Nobody proposes themselves. (R-25)"""
    must_ever(actor, Deed.CREDENTIAL_ISSUE)
    if proposal.actor_id == actor.id:
        return Refusal.of([Denied(reason=Reason.CREDENTIAL_BADLY_ISSUED)])
    if proposal.valid_to <= at:
        return Refusal.of([Denied(reason=Reason.ENDS_BEFORE_IT_BEGINS)])
    await credentials.propose(tx, proposed_by=actor.id, **proposal.model_dump())
    return await _note(tx, Kind.CREDENTIAL_PROPOSED, id=proposal.id, actor=actor, at=at, secrets=secrets)


async def issue(tx: Tx, proposal_id: str, *, actor: Actor, at: datetime, secrets: Secrets) -> Entry | Refusal:
    """The second administrator's word: from now on the credential holds. (R-22, R-25)"""
    must_ever(actor, Deed.CREDENTIAL_ISSUE)
    found = await credentials.proposal(tx, proposal_id)
    if actor.id in (found["proposed_by"], found["actor_id"]):
        return Refusal.of([Denied(reason=Reason.CREDENTIAL_BADLY_ISSUED)])
    await credentials.drop_proposal(tx, proposal_id)
    credential = Credential(
        id=proposal_id,
        actor_id=found["actor_id"],
        kind=found["kind"],
        issued_by=(found["proposed_by"], actor.id),
        valid_from=at,
        valid_to=found["valid_to"],
    )
    await credentials.create(tx, credential)
    return await _note(tx, Kind.CREDENTIAL_ISSUED, id=credential.id, actor=actor, at=at, secrets=secrets)


async def revoke(tx: Tx, credential_id: str, *, actor: Actor, at: datetime, secrets: Secrets) -> Entry:
    """Revoke a credential. It is acknowledged only once the sweep is over: call `stop`. (R-22)"""
    must_ever(actor, Deed.CREDENTIAL_ISSUE)
    await credentials.revoke(tx, credential_id, at=at)
    return await _note(tx, Kind.CREDENTIAL_REVOKED, id=credential_id, actor=actor, at=at, secrets=secrets)


async def pass_by(tx: Tx, case_id: str) -> None:
    """Take a case's lock once: whoever sent on the strength of a credential has committed, or decides anew."""
    await cases.lock(tx, case_id)


async def stop(network: Network, credential_id: str, *, actor: Actor, at: datetime, secrets: Secrets) -> Entry:
    """Revoke, then pass by every case it was used in; when this returns, it opens nothing and shows nothing. (R-22)"""
    written = await network.write(revoke, credential_id, actor=actor, at=at, secrets=secrets)
    for case_id in await network.read(attestations.cases_of, credential_id):
        await network.write(pass_by, case_id, deadline=30.0)
    return written


class Proposed(Model):
    """A credential that waits for a second administrator."""

    id: Id
    actor_id: Id
    kind: CredentialKind
    valid_to: datetime
    proposed_by: Id


class Credentials(Model):
    """What waits for a second word, and what was issued, ended and revoked ones too."""

    proposed: tuple[Proposed, ...]
    issued: tuple[Credential, ...]


async def listed(tx: Tx, *, actor: Actor) -> Credentials:
    """All credentials, for administrators: whose they are by id, never a name. (R-25)"""
    must_ever(actor, Deed.CREDENTIAL_ISSUE)
    waiting = tuple(Proposed.model_validate(row) for row in await credentials.proposals(tx))
    return Credentials(proposed=waiting, issued=tuple(await credentials.listed(tx)))
