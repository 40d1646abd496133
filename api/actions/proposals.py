"""Propose a change of an entry of the directory, decide on what somebody else proposed, take it back. (R-02)

What is approved is written by the same statements as an import and counts as edited that day. That an entry was verified
is another thing, which nobody says by approving (`api.actions.verifying`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, Literal

from pydantic import Field

from api.actions.allowed import must_ever
from api.actions.case_change import new_id
from api.actions.entry_values import unknown_codes
from api.actions.intake import EDGES
from consent.access import Allowed, Deed, Relation, decide
from consent.release import release_organization, release_service
from graph.model.actor import Actor
from graph.model.base import Id, Model
from graph.model.directory import Organization, Service
from graph.model.entry import Subject, Value, differing, properties_of, told, written, wrong
from graph.model.proposal import Proposal, ProposalState, Rejection
from graph.model.refusal import Denied, Reason, Refusal
from graph.secrets import Secrets
from graph.seed.catalogue import WrongValue
from graph.store import areas, directory, entry_dates, merges, organizations, proposals, services
from graph.store.content import changed
from graph.store.directory import ServiceChanges
from graph.store.errors import NotFound
from graph.store.network import Tx

MOST_WAITING: Final = 30
"""Of one entry: nobody reads more."""
MOST_AT_ONCE: Final = 500
Source = Literal["form", "workbook", "program"]


class Stated(Model):
    """What an entry is to say, by field; what is not named stays as it is."""

    subject: Subject
    subject_id: Id
    stated: dict[str, Value] = Field(min_length=1, max_length=40)


class Proposed(Model):
    """That something was proposed, or what became of a proposal."""

    id: Id
    state: ProposalState


class Batch(Model):
    """What was proposed at once: ids only."""

    ids: tuple[Id, ...]


async def entry_of(tx: Tx, subject: Subject, subject_id: str) -> Service | Organization:
    """The entry as it may be told outside its sealed places. NotFound for an unknown one. (R-26)"""
    found = await _stored(tx, subject, subject_id)
    if isinstance(found, Service):
        return release_service(found, sealed=frozenset())
    return release_organization(found, sealed=frozenset())


async def _stored(tx: Tx, subject: Subject, subject_id: str) -> Service | Organization:
    if subject == "service":
        service = (await services.get(tx, [subject_id])).get(subject_id)
        if service is not None:
            return service
    else:
        organization = (await organizations.get(tx, [subject_id])).get(subject_id)
        if organization is not None:
            return organization
    raise NotFound


def owner_of(entry: Service | Organization) -> str:
    """Whose entry it is."""
    return entry.organization_id if isinstance(entry, Service) else entry.id


def relation_to(actor: Actor, organization_id: str) -> Relation:
    """Whether an entry is of the actor's own organisation."""
    return Relation.OWN if actor.organization_id == organization_id else Relation.NONE


async def propose(
    tx: Tx, asked: Stated, *, actor: Actor, at: datetime, secrets: Secrets | None = None, source: Source = "form"
) -> Proposed | Refusal:
    """Keep what an entry should say, for somebody else to decide. WrongValue names the first field that cannot be so."""
    known = await areas.lineages(tx) if "areas" in asked.stated else {}
    return await _propose(tx, asked, actor=actor, at=at, source=source, known=known)


async def propose_all(
    tx: Tx, asked: Sequence[Stated], *, actor: Actor, at: datetime, secrets: Secrets | None = None, source: Source
) -> Batch | Refusal:
    """The same for many entries: all of it or nothing. What an entry says already is passed over."""
    if len(asked) > MOST_AT_ONCE:
        raise WrongValue("stated")
    made: list[str] = []
    known = await areas.lineages(tx) if any("areas" in one.stated for one in asked) else {}
    for one in asked:
        outcome = await _propose(tx, one, actor=actor, at=at, source=source, known=known)
        if isinstance(outcome, Proposed):
            made.append(outcome.id)
        elif outcome.codes != (Reason.NOTHING_TO_CHANGE,):
            return outcome
    if not made:
        return nothing()
    return Batch(ids=tuple(made))


async def _propose(
    tx: Tx, asked: Stated, *, actor: Actor, at: datetime, source: Source, known: Iterable[str]
) -> Proposed | Refusal:
    must_ever(actor, Deed.ENTRY_PROPOSE)
    entry = await entry_of(tx, asked.subject, asked.subject_id)
    _look_at(asked, known)
    stated = differing(entry, asked.stated)
    if not stated:
        return nothing()
    if faults := wrong(asked.subject, told(entry) | stated):
        raise WrongValue(next(iter(faults)))
    if await proposals.waiting(tx, asked.subject_id) >= MOST_WAITING:
        return Refusal.of([Denied(reason=Reason.PROPOSALS_TOO_MANY, places={"limit": str(MOST_WAITING)})])
    now = told(entry)
    proposal = Proposal(
        id=f"{at:%Y%m%d%H%M%S}{new_id()}",
        subject=asked.subject,
        subject_id=asked.subject_id,
        organization_id=owner_of(entry),
        stated=stated,
        before={code: now[code] for code in stated},
        source=source,
        proposed_by=actor.id,
        proposed_from=actor.organization_id,
        proposed_at=at,
    )
    await proposals.create(tx, proposal)
    return Proposed(id=proposal.id, state=proposal.state)


def _look_at(asked: Stated, known: Iterable[str]) -> None:
    """WrongValue for what no entry can say: a shape, or a code that is none. `known` are the areas there are."""
    faults = wrong(asked.subject, asked.stated) | unknown_codes(asked.subject, asked.stated, areas=known)
    if faults:
        raise WrongValue(next(iter(faults)))


async def withdraw(
    tx: Tx, proposal_id: str, *, actor: Actor, at: datetime, secrets: Secrets | None = None
) -> Proposed | Refusal:
    """Whoever proposed it no longer wants it. To everybody else it is not there."""
    proposal = await proposals.get_locked(tx, proposal_id)
    if proposal.proposed_by != actor.id:
        raise NotFound
    must_ever(actor, Deed.ENTRY_PROPOSE)
    return await _end(tx, proposal, ProposalState.WITHDRAWN, actor=actor, at=at)


async def reject(
    tx: Tx,
    proposal_id: str,
    reason: Rejection,
    *,
    actor: Actor,
    at: datetime,
    note: str | None = None,
    secrets: Secrets | None = None,
) -> Proposed | Refusal:
    """Somebody else says no, and why."""
    proposal = await _for_decision(tx, proposal_id, actor)
    if proposal.proposed_by == actor.id:
        return Refusal.of([Denied(reason=Reason.OWN_PROPOSAL)])
    return await _end(tx, proposal, ProposalState.REJECTED, actor=actor, at=at, reason=reason, note=note)


async def approve(
    tx: Tx, proposal_id: str, *, actor: Actor, at: datetime, secrets: Secrets | None = None
) -> Proposed | Refusal:
    """Somebody else says yes: the entry says it from now on, and counts as edited, not as verified.

    Where the entry changed since in one of these fields, nothing is written over: it is refused, and named.
    """
    proposal = await _for_decision(tx, proposal_id, actor)
    if proposal.proposed_by == actor.id:
        return Refusal.of([Denied(reason=Reason.OWN_PROPOSAL)])
    if proposal.state is not ProposalState.OPEN:
        return Refusal.of([Denied(reason=Reason.PROPOSAL_ENDED)])
    refusal = await _write(tx, proposal, proposal.stated, expected=proposal.before, at=at)
    return refusal or await _end(tx, proposal, ProposalState.APPROVED, actor=actor, at=at)


async def undo(
    tx: Tx, proposal_id: str, *, actor: Actor, at: datetime, secrets: Secrets | None = None
) -> Proposed | Refusal:
    """What an approved proposal changed is as before, where nobody changed it again. Whoever may decide on it may."""
    proposal = await _for_decision(tx, proposal_id, actor)
    if proposal.state is not ProposalState.APPROVED:
        return Refusal.of([Denied(reason=Reason.PROPOSAL_ENDED)])
    refusal = await _write(tx, proposal, proposal.before, expected=proposal.stated, at=at)
    if refusal is not None:
        return refusal
    after = proposal.model_copy(update={"state": ProposalState.UNDONE})
    await proposals.save(tx, after)
    return Proposed(id=after.id, state=after.state)


def nothing() -> Refusal:
    """The entry says already what somebody would propose."""
    return Refusal.of([Denied(reason=Reason.NOTHING_TO_CHANGE)])


async def look(tx: Tx, proposal_id: str, *, actor: Actor) -> Proposal:
    """A proposal, for whoever may decide on it. NotFound for everybody else."""
    proposal = await proposals.get(tx, proposal_id)
    if not may_decide(actor, proposal):
        raise NotFound
    return proposal


async def _for_decision(tx: Tx, proposal_id: str, actor: Actor) -> Proposal:
    proposal = await proposals.get_locked(tx, proposal_id)
    if not may_decide(actor, proposal):
        raise NotFound
    return proposal


def may_decide(actor: Actor, proposal: Proposal) -> bool:
    """An organisation decides on what others propose of its entries; what it proposes itself, the committee decides."""
    from_inside = proposal.proposed_from == proposal.organization_id
    relation = Relation.NONE if from_inside else relation_to(actor, proposal.organization_id)
    return isinstance(decide(actor, Deed.ENTRY_DECIDE, relation), Allowed)


async def _end(
    tx: Tx,
    proposal: Proposal,
    state: ProposalState,
    *,
    actor: Actor,
    at: datetime,
    reason: Rejection | None = None,
    note: str | None = None,
) -> Proposed | Refusal:
    if proposal.state is not ProposalState.OPEN:
        return Refusal.of([Denied(reason=Reason.PROPOSAL_ENDED)])
    ended = {"state": state, "decided_at": at, "decided_by": actor.id, "reason": reason, "note": note}
    after = Proposal.model_validate(proposal.model_dump() | ended)
    await proposals.save(tx, after)
    return Proposed(id=after.id, state=after.state)


async def _write(
    tx: Tx, proposal: Proposal, values: dict[str, Value], *, expected: dict[str, Value], at: datetime
) -> Refusal | None:
    """Write these values into the entry, as an import does; a refusal where it no longer says what is expected.

    The entry is locked before it is read: it is written whole, and two who decide at once would undo each other.
    """
    await merges.lock(tx, proposal.subject, [proposal.subject_id])
    entry = await _stored(tx, proposal.subject, proposal.subject_id)
    if others := tuple(differing(entry, expected)) + tuple(c for c in expected if c not in told(entry)):
        return Refusal.of([Denied(reason=Reason.ENTRY_CHANGED_SINCE, places={"properties": others})])
    if isinstance(entry, Service):
        after = written(entry, values).model_copy(update={"last_modified": at})
        names = changed(services.bare(entry), services.bare(after))
        changes = ServiceChanges(changed=[after], relinked=[after] if EDGES & set(names) else [])
        await directory.write_services(tx, changes, lineages=await areas.lineages(tx))
    else:
        renamed = written(entry, values)
        again = [entry.id] if renamed.name != entry.name else []
        await directory.write_organizations(tx, [renamed], renamed=again)
    edited = properties_of(proposal.subject, values)
    await entry_dates.mark(tx, proposal.subject, {proposal.subject_id: edited}, at=at)
    return None


class Listed(Model):
    """Proposals that somebody may decide on, and the next page."""

    proposals: tuple[Proposal, ...]
    next: Id | None = None


async def to_decide(tx: Tx, *, actor: Actor, after: str = "", limit: int = 50) -> Listed:
    """What waits for this reader's decision: all of it for who keeps the directory, its own for an organisation."""
    everything = isinstance(decide(actor, Deed.ENTRY_DECIDE, Relation.NONE), Allowed)
    if not everything:
        must_ever(actor, Deed.ENTRY_DECIDE, Relation.OWN)
    asked = None if everything else actor.organization_id or ""
    found = await proposals.open_(tx, organization_id=asked, after=after, limit=limit)
    return Listed(
        proposals=tuple(p for p in found if may_decide(actor, p)),
        next=found[-1].id if len(found) == limit else None,
    )


async def near(tx: Tx, *, actor: Actor, limit: int = 100) -> tuple[Proposal, ...]:
    """What this reader proposed, and what was proposed of the reader's organisation, the latest first."""
    must_ever(actor, Deed.ENTRY_PROPOSE)
    keeps = isinstance(decide(actor, Deed.ENTRY_DECIDE, Relation.OWN), Allowed)
    organization_id = actor.organization_id if keeps else None
    return tuple(await proposals.near(tx, organization_id=organization_id, actor_id=actor.id, limit=limit))
