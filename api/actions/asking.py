"""What is shown or read to whom before anybody answers: the person, whoever represents them, and a child. (R-20, R-24)

Who decides is `consent.capacity`; the wordings are `graph.seed.notices`; what is answered is `consents` and, for what a
child thinks, `standing`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal, get_args

from api.actions.allowed import must
from consent.access import Deed
from consent.capacity import who_decides
from graph.model.actor import Actor
from graph.model.base import Code, Id, Model
from graph.model.case import Case, Guardianship
from graph.model.consent import NoticeShown, Stage, expiry
from graph.model.directory import Organization
from graph.model.refusal import Denied, Refusal
from graph.model.sop import SopField
from graph.seed import notices
from graph.seed.catalogue import WrongValue, fields
from graph.seed.notices import CHILD, PERSON, REPRESENTATIVE
from graph.seed.purposes import purpose_of, purposes
from graph.store import cases, organizations, recipients, records, services
from graph.store.errors import NotFound
from graph.store.network import Tx


class Asking(Model):
    """What is going to be asked: who would receive, for which purpose, in which language."""

    organization_id: Id
    purpose: Code
    language: Code = "es"
    countries: frozenset[Code] = frozenset()


@dataclass(frozen=True, slots=True)
class Wanted:
    """One datum that a recipient asks for at one stage; without a required one nothing can be sent there. (R-10, R-12)"""

    field: Code
    stage: Stage
    required: bool
    reasons: tuple[SopField, ...]
    """How each SOP asks for it, with why it is needed."""
    is_recorded: bool
    """Something is written down that could be sent."""


@dataclass(frozen=True, slots=True)
class ToShow:
    """The wordings in the order in which they are read, and what fills their places."""

    decides: Literal["self", "guardians", "authority", "nobody"]
    lacking: tuple[Denied, ...]
    """What has to be there beside a yes: a document, best interests, the child's view."""
    notices: tuple[NoticeShown, ...]
    holder: Organization
    recipient: Organization
    until: datetime
    crossings: tuple[tuple[Code, Code], ...] = ()
    """The borders that the data would cross: from where to where. (R-42)"""
    guardians: tuple[Guardianship, ...] = ()
    """Who may answer for somebody who does not decide alone."""
    wanted: tuple[Wanted, ...] = ()
    """The data that the recipient's SOPs in force ask for, for this purpose: what a person is asked about, one by one."""


async def to_show(tx: Tx, case_id: str, asking: Asking, *, actor: Actor, at: datetime) -> ToShow | Refusal:
    """A child is told first, and whoever represents them is asked; an adult who can decide is asked alone. (R-23, R-24)

    Refused where nobody translated a wording into that language.
    """
    case = await cases.get(tx, case_id, actor=actor)
    must(actor, Deed.CONSENT_RECORD, case)
    if asking.purpose not in purposes():
        raise WrongValue("purpose")
    found = await organizations.get(tx, {case.organization_id, asking.organization_id})
    if asking.organization_id not in found:
        raise NotFound
    decider = who_decides(case, purpose=asking.purpose, countries=asking.countries, at=at)
    ids = [PERSON] if decider.kind == "self" else [REPRESENTATIVE]
    if case.is_child(on=at.date()):
        ids.insert(0, CHILD)
    chosen = [notices.choose(id, asking.language, on=at.date()) for id in ids]
    if why := [denied for no in chosen if isinstance(no, Refusal) for denied in no.reasons]:
        return Refusal.of(why)
    reviews = [g.review_on for g in case.goals if g.review_on > at.date()]
    return ToShow(
        decides=decider.kind,
        lacking=decider.lacking,
        notices=tuple(shown for shown in chosen if isinstance(shown, NoticeShown)),
        holder=found[case.organization_id],
        recipient=found[asking.organization_id],
        until=expiry(at, review_on=min(reviews, default=None), adult_on=case.adult_on),
        crossings=tuple((case.home, to) for to in sorted(asking.countries - {case.home})),
        guardians=tuple(g for g in case.guardians if decider.stands(g.id)),
        wanted=await _wanted(tx, case, asking, on=at.date()),
    )


def only(shown: ToShow, theirs: Collection[tuple[Stage, Code]]) -> ToShow:
    """What one service alone asks for, where its organisation has several: nobody is asked for more. (R-10)"""
    return replace(shown, wanted=tuple(one for one in shown.wanted if (one.stage, one.field) in theirs))


async def _wanted(tx: Tx, case: Case, asking: Asking, *, on: date) -> tuple[Wanted, ...]:
    """What its services for this purpose ask for, first contact first; what is required by one of them is required."""
    offered = await services.get(tx, await organizations.services_of(tx, {asking.organization_id}))
    asks: dict[tuple[Stage, str], list[SopField]] = {}
    for service in sorted(offered.values(), key=lambda s: s.id):
        if asking.purpose not in {purpose_of(kind) for kind in service.service_types}:
            continue
        recipient = await recipients.get(tx, service.id)
        for sop in recipient.sops:
            for field in sop.fields if sop.is_in_force(on=on) else ():
                asks.setdefault((field.stage, field.field), []).append(field)
    held = await records.held(tx, case)
    stages: list[Stage] = list(get_args(Stage))
    order = list(fields())
    return tuple(
        Wanted(code, stage, any(one.required for one in asked), tuple(asked), code in held)
        for (stage, code), asked in sorted(asks.items(), key=lambda i: (stages.index(i[0][0]), order.index(i[0][1])))
    )
