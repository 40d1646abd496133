"""Complaints: made by the person or for them, taken, read, answered, told. Those complained about find nothing. (R-50)

Entries stand in the mechanism's stream. They say that there was a complaint, and neither whose, nor about whom, nor
which: so that the stream reads the same for everybody who may read it.
"""

from __future__ import annotations

import os
from datetime import datetime
from typing import Any, Final

from pydantic import Field

from api.actions.allowed import must, must_ever
from api.actions.case_change import new_id
from consent.access import Deed
from consent.complaints import ROLE_OF, answer_by, may_follow, may_handle, office_for
from graph.envelope import seal, unseal
from graph.log.entry import SALT_BYTES, commitment
from graph.model.actor import Actor, Role
from graph.model.base import Code, Id, Model
from graph.model.complaint import Complaint, ComplaintKind, ComplaintState, Office, Remedy
from graph.model.log import Entry, Kind
from graph.model.refusal import Denied, Reason, Refusal
from graph.model.timer import Job, Timer
from graph.secrets import Secrets
from graph.seed.catalogue import WrongValue
from graph.seed.working_days import working_days
from graph.store import cases, complaints, log, referrals, timers
from graph.store.complaints import Kept
from graph.store.errors import NotFound
from graph.store.network import Tx

UNNAMED: Final = "unnamed"
COMPLAINANT: Final = "complainant"
"""Who made a complaint is nobody's to read in the log."""
WORDS, ANSWER = "complaint-words", "complaint-answer"


class Grievance(Model):
    """What somebody complains of. `unnamed`: it is nobody's, and nobody is kept who wrote it down."""

    id: Id = Field(default_factory=new_id)
    about_id: Id
    kind: ComplaintKind
    words: str = Field(min_length=1, max_length=4000, repr=False)
    case_id: Id | None = None
    referral_id: Id | None = None
    unnamed: bool = False


class ComplaintView(Model):
    """Where a complaint stands and what happens next. Not what was written, and not whose it is."""

    id: Id
    about_id: Id
    kind: ComplaintKind
    office: Office
    state: ComplaintState
    next: Code
    """What happens now, and whose turn it is."""
    made_at: datetime
    answer_by: datetime
    late: bool
    taken_by: Id | None = None
    """For those who deal with complaints: who of them has it in hand."""
    remedy: Remedy | None = None
    answered_at: datetime | None = None
    told_at: datetime | None = None


class Moved(Model):
    """What each step answers: where the complaint stands, and the signed entry."""

    complaint: ComplaintView
    entry: Entry


class Words(Model):
    """What was written, for one who deals with it, once it stands in the log that they read it."""

    complaint: ComplaintView
    words: str
    answer: str | None
    entry: Entry


async def make(tx: Tx, said: Grievance, *, actor: Actor, at: datetime, secrets: Secrets) -> Moved | Refusal:
    """The person complains with their own account, somebody of the team for them, or anybody without saying whose it is.

    Refused to somebody of the organisation complained about, who would have read it; that leaves no entry, because
    those complained about read entries too.
    """
    if said.unnamed:
        must_ever(actor, Deed.COMPLAINT_LEAVE)
        if said.case_id is not None or said.referral_id is not None:
            raise WrongValue("unnamed")
        case_id, key, country = None, secrets.keystore.create(_key_id(said.id)), ""
    else:
        case_id = said.case_id or actor.case_id
        if case_id is None:
            raise WrongValue("case_id")
        case = await cases.get_for_update(tx, case_id, actor=actor)
        must(actor, Deed.COMPLAINT_MAKE, case)
        if actor.organization_id == said.about_id:
            return Refusal.of([Denied(reason=Reason.COMPLAINT_ABOUT_OWN)])
        await _theirs(tx, said, case_id)
        key, country = secrets.keystore.create(case.person_id), case.country
    office, leads = office_for(
        said.kind,
        said.about_id,
        committees=await complaints.organizations_holding(tx, Role.COMMITTEE),
        officers=await complaints.organizations_holding(tx, Role.DATA_PROTECTION_OFFICER),
        leads=await complaints.leading(tx),
    )
    made = Complaint(
        id=said.id,
        case_id=case_id,
        referral_id=said.referral_id,
        about_id=said.about_id,
        kind=said.kind,
        office=office,
        lead_ids=leads,
        made_at=at,
        recorded_by=None if said.unnamed else actor.id,
        answer_by=answer_by(said.kind, at, working_days(country, at.year)),
    )
    sealed = seal(key, case_id=made.id, field=WORDS, version=1, value=said.words)
    await complaints.create(tx, made, words=sealed)
    if case_id is not None:
        await complaints.join(tx, made)
    late = Timer(
        id=f"{made.id}-late", job=Job.COMPLAINT_DUE, subject_id=made.id, case_id=case_id, due_at=made.answer_by
    )
    await timers.set_(tx, [late])
    written = await _note(tx, Kind.COMPLAINT_MADE, made, key, None, at=at, secrets=secrets)
    return Moved(complaint=_shown(made, at=at), entry=written)


async def _theirs(tx: Tx, said: Grievance, case_id: str) -> None:
    """A referral that is named is one of this case, with the organisation complained about on one side of it."""
    if said.referral_id is None:
        return
    if await referrals.case_of(tx, said.referral_id) != case_id:
        raise NotFound
    referral = await referrals.get(tx, said.referral_id)
    if said.about_id not in (referral.requester_id, referral.responder_id):
        raise NotFound


async def listed(tx: Tx, *, actor: Actor, at: datetime) -> tuple[ComplaintView, ...]:
    """What somebody made or wrote down, and what they may deal with, the next due first: nothing else is there."""
    offices = [office for office, role in ROLE_OF.items() if role in actor.roles]
    found = await complaints.near(
        tx, actor_id=actor.id, organization_id=actor.organization_id, own_case=actor.case_id, offices=offices
    )
    seen = (_seen(kept.complaint, actor=actor, at=at) for kept in found)
    return tuple(view for view in seen if view is not None)


async def to_handle(tx: Tx, *, actor: Actor, at: datetime) -> tuple[ComplaintView, ...]:
    """What somebody's office deals with: those without an answer first, the next due of them first. (R-50)"""
    offices = [office for office, role in ROLE_OF.items() if role in actor.roles]
    found = await complaints.near(
        tx, actor_id=actor.id, organization_id=actor.organization_id, own_case=None, offices=offices
    )
    theirs = [kept.complaint for kept in found if may_handle(actor, kept.complaint, at=at)]
    theirs.sort(key=lambda complaint: complaint.answered_at is not None)
    return tuple(_shown(complaint, at=at, handling=True) for complaint in theirs)


async def handled(tx: Tx, id: str, *, actor: Actor, at: datetime) -> ComplaintView:
    """One that somebody's office deals with. NotFound for whoever is not of it."""
    kept = await complaints.get(tx, id)
    if not may_handle(actor, kept.complaint, at=at):
        raise NotFound
    return _shown(kept.complaint, at=at, handling=True)


async def see(tx: Tx, id: str, *, actor: Actor, at: datetime) -> ComplaintView:
    """Where one stands. NotFound for whoever may not know of it."""
    view = _seen((await complaints.get(tx, id)).complaint, actor=actor, at=at)
    if view is None:
        raise NotFound
    return view


async def take(tx: Tx, id: str, *, actor: Actor, at: datetime, secrets: Secrets) -> Moved | Refusal:
    """One of the office takes it in hand; another may take it over until it is answered."""
    kept = await _held(tx, id, actor=actor, at=at)
    if kept.complaint.answered_at is not None:
        return await _refused(tx, kept.complaint, actor=actor, at=at, secrets=secrets)
    taken = kept.complaint.model_copy(update={"taken_by": actor.id, "taken_at": at})
    await complaints.save(tx, taken)
    written = await _note(tx, Kind.COMPLAINT_TAKEN, taken, _key(kept, secrets), actor, at=at, secrets=secrets)
    return Moved(complaint=_shown(taken, at=at, handling=True), entry=written)


async def read(tx: Tx, id: str, *, actor: Actor, at: datetime, secrets: Secrets) -> Words:
    """What was written, for one of the office: first the entry, then the words."""
    kept = await _held(tx, id, actor=actor, at=at)
    key = _key(kept, secrets)
    written = await _note(tx, Kind.COMPLAINT_READ, kept.complaint, key, actor, at=at, secrets=secrets)
    shown = _shown(kept.complaint, at=at, handling=True)
    words = unseal(key, kept.words, case_id=id, field=WORDS, version=1)
    return Words(complaint=shown, words=words, answer=_answer(kept, secrets), entry=written)


async def answer(
    tx: Tx, id: str, remedy: Remedy, words: str | None = None, *, actor: Actor, at: datetime, secrets: Secrets
) -> Moved | Refusal:
    """Whoever took it answers, once, with a coded remedy; in words too, which are sealed like the complaint."""
    kept = await _held(tx, id, actor=actor, at=at)
    if kept.complaint.taken_by != actor.id or kept.complaint.answered_at is not None:
        return await _refused(tx, kept.complaint, actor=actor, at=at, secrets=secrets)
    answered = kept.complaint.model_copy(update={"answered_at": at, "remedy": remedy})
    key = _key(kept, secrets)
    sealed = None if words is None else seal(key, case_id=id, field=ANSWER, version=1, value=words)
    await complaints.save(tx, answered, answer=sealed)
    written = await _note(tx, Kind.COMPLAINT_ANSWERED, answered, key, actor, at=at, secrets=secrets)
    return Moved(complaint=_shown(answered, at=at, handling=True), entry=written)


class Told(Model):
    """The answer, for whoever complained or tells them."""

    complaint: ComplaintView
    answer: str | None
    entry: Entry


async def tell(tx: Tx, id: str, *, actor: Actor, at: datetime, secrets: Secrets) -> Told | Refusal:
    """The person reads the answer, or is told it by whoever wrote the complaint down; the first time counts."""
    await _lock(tx, id)
    kept = await complaints.get(tx, id)
    if not may_follow(actor, kept.complaint):
        raise NotFound
    if kept.complaint.answered_at is None:
        return await _refused(tx, kept.complaint, actor=None, at=at, secrets=secrets)
    told = kept.complaint.model_copy(update={"person_told_at": kept.complaint.person_told_at or at})
    await complaints.save(tx, told)
    written = await _note(tx, Kind.COMPLAINT_TOLD, told, _key(kept, secrets), None, at=at, secrets=secrets)
    return Told(complaint=_shown(told, at=at), answer=_answer(kept, secrets), entry=written)


async def _lock(tx: Tx, id: str) -> None:
    """The case first, then the complaint."""
    case_id = await complaints.case_of(tx, id)
    if case_id is not None:
        await cases.lock(tx, case_id)
    await complaints.lock(tx, id)


async def _held(tx: Tx, id: str, *, actor: Actor, at: datetime) -> Kept:
    """A complaint, locked, for one of the office it went to. NotFound for everybody else."""
    await _lock(tx, id)
    kept = await complaints.get(tx, id)
    if not may_handle(actor, kept.complaint, at=at):
        raise NotFound
    return kept


def _seen(complaint: Complaint, *, actor: Actor, at: datetime) -> ComplaintView | None:
    if may_handle(actor, complaint, at=at):
        return _shown(complaint, at=at, handling=True)
    return _shown(complaint, at=at) if may_follow(actor, complaint) else None


def _shown(complaint: Complaint, *, at: datetime, handling: bool = False) -> ComplaintView:
    late = complaint.is_late(at=at)
    return ComplaintView(
        id=complaint.id,
        about_id=complaint.about_id,
        kind=complaint.kind,
        office=complaint.office,
        state=complaint.state,
        next="late" if late else complaint.state.value,
        made_at=complaint.made_at,
        answer_by=complaint.answer_by,
        late=late,
        taken_by=complaint.taken_by if handling else None,
        remedy=complaint.remedy,
        answered_at=complaint.answered_at,
        told_at=complaint.person_told_at,
    )


def _key_id(complaint_id: str) -> str:
    """The key of a complaint that is nobody's."""
    return f"complaint/{complaint_id}"


def _key(kept: Kept, secrets: Secrets) -> bytes:
    key = secrets.keystore.key_of(kept.person_id or _key_id(kept.complaint.id))
    if key is None:
        raise NotFound  # erased: nobody reads it any more
    return key


def _answer(kept: Kept, secrets: Secrets) -> str | None:
    if kept.answer is None:
        return None
    told: str = unseal(_key(kept, secrets), kept.answer, case_id=kept.complaint.id, field=ANSWER, version=1)
    return told


async def _note(
    tx: Tx, kind: Kind, complaint: Complaint, key: bytes, actor: Actor | None, *, at: datetime, secrets: Secrets
) -> Entry:
    """An entry that commits to the complaint without naming it; what opens the commitment is sealed under its key."""
    salt = os.urandom(SALT_BYTES)
    place: dict[str, Any] = {"case_id": complaint.id, "field": "log-opening", "version": 1}
    return await log.append(
        tx,
        stream=log.MECHANISM,
        kind=kind,
        actor=actor.id if actor else UNNAMED,
        role=ROLE_OF[complaint.office] if actor else COMPLAINANT,
        at=at,
        signer=secrets.signer,
        opening=seal(key, value={"complaint": complaint.id, "salts": {"subject": salt.hex()}}, **place),
        subject_commit=commitment("subject", salt, complaint.id),
    )


async def _refused(tx: Tx, complaint: Complaint, *, actor: Actor | None, at: datetime, secrets: Secrets) -> Refusal:
    """The refusal, once its attempt stands in the log."""
    await log.append(
        tx,
        stream=log.MECHANISM,
        kind=Kind.REFUSED_ATTEMPT,
        actor=actor.id if actor else UNNAMED,
        role=ROLE_OF[complaint.office] if actor else COMPLAINANT,
        at=at,
        signer=secrets.signer,
        reasons=(Reason.COMPLAINT_NOT_OPEN.value,),
    )
    return Refusal.of([Denied(reason=Reason.COMPLAINT_NOT_OPEN, places={"state": complaint.state.value})])
