"""Rules that two persons publish: drafted and handed in by one, published by another. (R-10, R-35, R-51)

What a draft would change is `api.actions.difference`; nothing is published before that was worked out and could be read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from api.actions.case_change import new_id
from consent.access import Allowed, Deed, Relation, Shown, decide
from graph.exchange.profile import derived
from graph.log.entry import commitment
from graph.model.actor import Actor, Role
from graph.model.amendment import Amendment, Stage, ended_by, holding, newest, too_early
from graph.model.base import Code, Id, Model
from graph.model.difference import Difference
from graph.model.log import Entry, Kind
from graph.model.order import Order
from graph.model.refusal import Denied, Reason, Refusal
from graph.model.sop import Sop
from graph.secrets import Secrets
from graph.seed.catalogue import WrongValue
from graph.store import amendments, log, sops, terms
from graph.store.amendments import Subject
from graph.store.errors import NotFound
from graph.store.network import Tx

LISTED: Final = 200

WITHDRAWN: Final = "withdrawn"
CHANGED: Final = "changed"
"""Why a submission is none any more, as its entry says it."""


class Draft(Model):
    """What is to hold, from when, and why: rules of a service, or a published order for a mechanism."""

    sop: Sop | None = None
    policy: Code | None = None
    policy_version: int | None = None
    starts_on: date
    reason: Code
    note: str | None = None


class Amended(Model):
    """Where an amendment stands after a step, and the signed entry where the step leaves one."""

    amendment_id: Id
    stage: Stage
    revision: int
    entry: Entry | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """An amendment as this reader may see it."""

    amendment: Amendment
    subject: Subject
    before: Sop | None
    """The version it is compared with: that would hold on its first day without it; once published, the one it followed."""
    order: Order | None
    """The order that held in the mechanism before."""
    difference: Difference | None
    """As it was last worked out; without numbers of people where the reader may not see them."""
    is_current: bool
    """Whether the difference is of this revision."""
    may_change: bool
    may_publish: bool
    """Whether the table and their own hands let this reader publish it once it is handed in."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An amendment in one line."""

    amendment: Amendment
    subject: Subject | None
    is_worked_out: bool
    may_publish: bool


def relation(actor: Actor, subject: Subject) -> Relation:
    """Own: a service of one's own organisation, or of a member of a mechanism that it leads. (R-10)"""
    ours = actor.organization_id is not None and actor.organization_id in {subject.organization_id, *subject.leads}
    return Relation.OWN if ours else Relation.NONE


def _may(actor: Actor, deed: Deed, subject: Subject) -> bool:
    return isinstance(decide(actor, deed, relation(actor, subject)), Allowed)


def _must(actor: Actor, deed: Deed, subject: Subject) -> None:
    if not _may(actor, deed, subject):
        raise NotFound


def _drafts(amendment: Amendment) -> Deed:
    return Deed.SOP_DRAFT if amendment.subject == "sop" else Deed.ORDER_DRAFT


async def _subject(tx: Tx, amendment: Amendment) -> Subject:
    of = amendments.service if amendment.subject == "sop" else amendments.mechanism
    return await of(tx, amendment.subject_id)


# -- drafting --------------------------------------------------------------------------------------------------------


async def start(tx: Tx, service_id: str, *, actor: Actor, on: date) -> tuple[Subject, Sop | None]:
    """From where a draft for a service begins: the version in force, else the newest rules. NotFound for a foreign one."""
    subject = await amendments.service(tx, service_id)
    _must(actor, Deed.SOP_DRAFT, subject)
    return subject, await _base(tx, service_id, on=on)


async def _base(tx: Tx, service_id: str, *, on: date) -> Sop | None:
    versions = (await sops.of_services(tx, [service_id])).get(service_id, [])
    return max(versions, key=lambda s: (s.is_in_force(on=on), s.version or 0, s.id), default=None)


async def draft_sop(
    tx: Tx, service_id: str, draft: Draft, *, actor: Actor, at: datetime, secrets: Secrets
) -> Amended | Refusal:
    """A draft of the next version of a service's SOP; nobody is bound by it. (R-10)"""
    subject = await amendments.service(tx, service_id)
    _must(actor, Deed.SOP_DRAFT, subject)
    versions = (await sops.of_services(tx, [service_id])).get(service_id, [])
    last = newest(versions)
    made = _new(draft, "sop", service_id, last.id if last else None, actor=actor, at=at)
    made = made.model_copy(update={"sop": _numbered(draft, service_id, last)})
    if why := _why_not(made, versions, (), today=at.date()):
        return Refusal.of(why)
    await amendments.create(tx, made)
    return Amended(amendment_id=made.id, stage=made.stage, revision=made.revision)


async def draft_order(
    tx: Tx, mechanism_id: str, draft: Draft, *, actor: Actor, at: datetime, secrets: Secrets
) -> Amended | Refusal:
    """A draft of which published order is to hold in a mechanism. (R-35, R-44)"""
    subject = await amendments.mechanism(tx, mechanism_id)
    _must(actor, Deed.ORDER_DRAFT, subject)
    orders = await amendments.orders(tx, mechanism_id)
    made = _new(draft, "order", mechanism_id, orders[-1].id if orders else None, actor=actor, at=at)
    made = made.model_copy(update={"policy": draft.policy, "policy_version": draft.policy_version})
    if why := _why_not(made, (), orders, today=at.date()):
        return Refusal.of(why)
    await amendments.create(tx, made)
    return Amended(amendment_id=made.id, stage=made.stage, revision=made.revision)


def _new(draft: Draft, subject: str, subject_id: str, based_on: str | None, *, actor: Actor, at: datetime) -> Amendment:
    return Amendment.model_validate(
        {
            "id": new_id(),
            "subject": subject,
            "subject_id": subject_id,
            "based_on": based_on,
            "starts_on": draft.starts_on,
            "reason": draft.reason,
            "note": draft.note,
            "hands": (actor.id,),
            "drafted_by": actor.id,
            "drafted_at": at,
            "organization_id": actor.organization_id,
        }
    )


def _numbered(draft: Draft, service_id: str, last: Sop | None) -> Sop | None:
    """The drafted rules as the version they would be."""
    if draft.sop is None:
        return None
    number = 1 if last is None or last.version is None else last.version + 1
    id = derived("sop", service_id, str(number))
    given = {"id": id, "service_id": service_id, "version": number, "valid_from": draft.starts_on, "valid_to": None}
    return draft.sop.model_copy(update=given)


def _why_not(made: Amendment, versions: Iterable[Sop], orders: Iterable[Order], *, today: date) -> list[Denied]:
    """Rules that say what holds already, and days on which they cannot begin."""
    versions, orders = list(versions), list(orders)
    if made.subject == "sop":
        last = newest(versions)
        begins = [(s.valid_from, s.valid_to) for s in versions if s.version is not None]
        same = (
            last is not None
            and made.sop is not None
            and not parts(last, made.sop)
            and last.is_in_force(on=made.starts_on)
        )
    else:
        begins = [(o.valid_from, o.valid_to) for o in orders]
        same = bool(orders) and (orders[-1].policy, orders[-1].policy_version) == (made.policy, made.policy_version)
    why = too_early(made.starts_on, begins, today=today)
    return [*why, Denied(reason=Reason.RULES_THE_SAME)] if same else why


def parts(before: Sop, after: Sop) -> tuple[str, ...]:
    """In what two versions differ, besides their number and days."""
    own = {"id", "version", "valid_from", "valid_to"}
    return tuple(n for n in Sop.model_fields if n not in own and getattr(before, n) != getattr(after, n))


async def change(
    tx: Tx, amendment_id: str, draft: Draft, revision: int, *, actor: Actor, at: datetime, secrets: Secrets
) -> Amended | Refusal:
    """Say it otherwise. What was handed in is none any more then: it has to be handed in anew. (R-10)"""
    found = await amendments.get_for_update(tx, amendment_id)
    subject = await _subject(tx, found)
    _must(actor, _drafts(found), subject)
    if why := _not(found, (Stage.DRAFT, Stage.SUBMITTED), revision):
        return Refusal.of(why)
    if (draft.sop is None) is (found.subject == "sop"):
        raise WrongValue("sop" if found.subject == "sop" else "policy")
    versions, orders = await _there(tx, found)
    last = next((s for s in versions if s.id == found.based_on), None)
    said = {
        "starts_on": draft.starts_on,
        "reason": draft.reason,
        "note": draft.note,
        "sop": _numbered(draft, found.subject_id, last),
        "policy": draft.policy,
        "policy_version": draft.policy_version,
    }
    made = found.model_copy(
        update=said
        | {
            "stage": Stage.DRAFT,
            "revision": found.revision + 1,
            "hands": _with(found.hands, actor.id),
            "submitted_by": None,
            "submitted_at": None,
        }
    )
    if why := _why_not(made, versions, orders, today=at.date()):
        return Refusal.of(why)
    await amendments.save(tx, made)
    entry = None
    if found.stage is Stage.SUBMITTED:
        entry = await _note(
            tx, Kind.AMENDMENT_WITHDRAWN, found, subject, actor=actor, at=at, secrets=secrets, reasons=(CHANGED,)
        )
    return Amended(amendment_id=made.id, stage=made.stage, revision=made.revision, entry=entry)


async def _there(tx: Tx, amendment: Amendment) -> tuple[list[Sop], list[Order]]:
    """The versions and orders that are there already."""
    if amendment.subject == "sop":
        return (await sops.of_services(tx, [amendment.subject_id])).get(amendment.subject_id, []), []
    return [], await amendments.orders(tx, amendment.subject_id)


def _with(hands: tuple[str, ...], actor_id: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*hands, actor_id)))


def _not(amendment: Amendment, stages: Iterable[Stage], revision: int | None) -> list[Denied]:
    if amendment.stage not in stages:
        return [Denied(reason=Reason.AMENDMENT_NOT_OPEN)]
    if revision is not None and revision != amendment.revision:
        return [Denied(reason=Reason.AMENDMENT_CHANGED)]
    return []


# -- handing in, taking back, publishing -----------------------------------------------------------------------------


async def submit(
    tx: Tx, amendment_id: str, revision: int, *, actor: Actor, at: datetime, secrets: Secrets
) -> Amended | Refusal:
    """Hand a draft in, as it stands: from now on another person may publish exactly this. (R-10)"""
    found = await amendments.get_for_update(tx, amendment_id)
    subject = await _subject(tx, found)
    _must(actor, _drafts(found), subject)
    if why := _not(found, (Stage.DRAFT,), revision):
        return Refusal.of(why)
    handed = {
        "stage": Stage.SUBMITTED,
        "hands": _with(found.hands, actor.id),
        "submitted_by": actor.id,
        "submitted_at": at,
    }
    made = found.model_copy(update=handed)
    await amendments.save(tx, made)
    entry = await _note(
        tx, Kind.AMENDMENT_SUBMITTED, made, subject, actor=actor, at=at, secrets=secrets, reasons=(made.reason,)
    )
    return Amended(amendment_id=made.id, stage=made.stage, revision=made.revision, entry=entry)


async def withdraw(tx: Tx, amendment_id: str, *, actor: Actor, at: datetime, secrets: Secrets) -> Amended | Refusal:
    """Take it back for good, drafted or handed in. What was handed in leaves an entry that it was taken back."""
    found = await amendments.get_for_update(tx, amendment_id)
    subject = await _subject(tx, found)
    _must(actor, _drafts(found), subject)
    if why := _not(found, (Stage.DRAFT, Stage.SUBMITTED), None):
        return Refusal.of(why)
    made = found.model_copy(update={"stage": Stage.WITHDRAWN, "decided_by": actor.id, "decided_at": at})
    await amendments.save(tx, made)
    entry = await _note(
        tx, Kind.AMENDMENT_WITHDRAWN, made, subject, actor=actor, at=at, secrets=secrets, reasons=(WITHDRAWN,)
    )
    return Amended(amendment_id=made.id, stage=made.stage, revision=made.revision, entry=entry)


async def publish(
    tx: Tx, amendment_id: str, revision: int, *, actor: Actor, at: datetime, secrets: Secrets
) -> Amended | Refusal:
    """Let it hold from its first day on. Another person than all whose hands it went through; once. (R-10, R-35)"""
    found = await amendments.get_for_update(tx, amendment_id)
    subject = await _subject(tx, found)
    _must(actor, Deed.AMENDMENT_READ, subject)
    _must(actor, Deed.AMENDMENT_PUBLISH, subject)
    if why := _not(found, (Stage.SUBMITTED,), revision):
        return Refusal.of(why)
    if actor.id in found.hands:
        return Refusal.of([Denied(reason=Reason.SAME_HANDS)])
    lock = amendments.lock_service if found.subject == "sop" else amendments.lock_mechanism
    await lock(tx, found.subject_id)
    versions, orders = await _there(tx, found)
    worked_out = await amendments.difference(tx, found.id)
    why = _why_not(found, versions, orders, today=at.date())
    if found.based_on != _last(found, versions, orders):
        why = [Denied(reason=Reason.AMENDMENT_OVERTAKEN)]
    if worked_out is None or worked_out.revision != found.revision:
        why.append(Denied(reason=Reason.DIFFERENCE_MISSING))
    if why:
        return Refusal.of(why)
    await _bring_into_force(tx, found, versions)
    made = found.model_copy(update={"stage": Stage.PUBLISHED, "decided_by": actor.id, "decided_at": at})
    await amendments.save(tx, made)
    kind = Kind.SOP_CHANGE if made.subject == "sop" else Kind.ORDER_CHANGE
    entry = await _note(tx, kind, made, subject, actor=actor, at=at, secrets=secrets, reasons=(made.reason,))
    return Amended(amendment_id=made.id, stage=made.stage, revision=made.revision, entry=entry)


def _last(amendment: Amendment, versions: Iterable[Sop], orders: list[Order]) -> str | None:
    if amendment.subject == "sop":
        last = newest(versions)
        return last.id if last else None
    return orders[-1].id if orders else None


async def _bring_into_force(tx: Tx, amendment: Amendment, versions: list[Sop]) -> None:
    if amendment.sop is not None:
        await sops.end(tx, ended_by(amendment.sop, versions))
        await sops.create(tx, [amendment.sop])
        await terms.refresh(tx, [amendment.subject_id])
        return
    await amendments.publish_order(tx, order_of(amendment), last=amendment.starts_on - timedelta(days=1))


def order_of(amendment: Amendment) -> Order:
    """The order that an amendment brings, under its own id."""
    return Order(
        id=amendment.id,
        mechanism_id=amendment.subject_id,
        policy=amendment.policy or "",
        policy_version=amendment.policy_version or 1,
        valid_from=amendment.starts_on,
    )


async def _note(
    tx: Tx,
    kind: Kind,
    amendment: Amendment,
    subject: Subject,
    *,
    actor: Actor,
    at: datetime,
    secrets: Secrets,
    reasons: tuple[str, ...],
) -> Entry:
    """The signed entry: who, why, what it is about, who handed it in, and a commitment to all that it says."""
    by = next(role for role in (Role.COMMITTEE, *sorted(actor.roles)) if role in actor.roles)
    hands = (amendment.submitted_by,) if amendment.submitted_by else ()
    rules = amendment.sop
    return await log.append(
        tx,
        stream=log.MECHANISM,
        kind=kind,
        actor=actor.id,
        role=by,
        at=at,
        signer=secrets.signer,
        organization=actor.organization_id,
        recipient=subject.organization_id,
        basis_ids=(amendment.id, amendment.subject_id, *hands),
        sop_id=rules.id if rules else None,
        sop_version=rules.version if rules else None,
        policy_version=amendment.policy_version,
        fields=tuple(dict.fromkeys(f.field for f in rules.fields)) if rules else (),
        reasons=(*reasons, amendment.policy) if amendment.policy else reasons,
        payload_commit=commitment_to(amendment),
    )


def commitment_to(amendment: Amendment) -> str:
    """What the entry commits to: everybody who has the amendment can work it out, so nothing in it can be exchanged."""
    told = amendment.model_dump_json(
        include={"id", "subject", "subject_id", "sop", "policy", "policy_version", "starts_on", "reason", "revision"},
        by_alias=True,
    )
    return commitment("amendment", hashlib.sha256(amendment.id.encode()).digest(), told)


# -- reading ---------------------------------------------------------------------------------------------------------


async def read(tx: Tx, amendment_id: str, *, actor: Actor) -> Read:
    """One amendment, as far as this reader may see it. NotFound for a foreign one. (R-10, R-35)"""
    found = await amendments.get(tx, amendment_id)
    subject = await _subject(tx, found)
    answer = decide(actor, Deed.AMENDMENT_READ, relation(actor, subject))
    if not isinstance(answer, Allowed):
        raise NotFound
    versions, orders = await _there(tx, found)
    worked_out = await amendments.difference(tx, found.id)
    if worked_out is not None and answer.shown is not Shown.NUMBERS:
        worked_out = worked_out.model_copy(update={"consents": ()})
    if found.stage is Stage.PUBLISHED:
        before = next((s for s in versions if s.id == found.based_on), None)
    else:
        before = holding(versions, on=found.starts_on)
    return Read(
        amendment=found,
        subject=subject,
        before=before,
        order=next((o for o in orders if o.id == found.based_on), None),
        difference=worked_out,
        is_current=worked_out is not None and worked_out.revision == found.revision,
        may_change=_may(actor, _drafts(found), subject),
        may_publish=_may(actor, Deed.AMENDMENT_PUBLISH, subject) and actor.id not in found.hands,
    )


async def listed(tx: Tx, *, actor: Actor) -> list[Listed]:
    """The amendments this reader may see, the newest first. (R-10, R-35)"""
    found = await amendments.latest(tx, limit=LISTED)
    subjects = await amendments.subjects(tx, (x.subject_id for x, _ in found))
    gone = Subject("", "", None)
    return [
        Listed(
            x,
            subject := subjects.get(x.subject_id),
            is_worked_out,
            may_publish=_may(actor, Deed.AMENDMENT_PUBLISH, subject or gone) and actor.id not in x.hands,
        )
        for x, is_worked_out in found
        if _may(actor, Deed.AMENDMENT_READ, subjects.get(x.subject_id) or gone)
    ]


async def mechanisms(tx: Tx, *, actor: Actor, on: date) -> list[tuple[Subject, Order | None]]:
    """The mechanisms for which this reader may draft an order, each with what holds there now. (R-44)"""
    return [
        (one, next((o for o in await amendments.orders(tx, one.id) if o.is_in_force(on=on)), None))
        for one in await amendments.mechanisms(tx)
        if _may(actor, Deed.ORDER_DRAFT, one)
    ]
