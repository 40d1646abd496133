"""What is decided with the person in front of one: this service or not, and what it may receive. (R-11, R-20, R-41)

`sheet` is what a screen that is turned round shows; `decide` writes down the yes and drafts the referral. A no is
`consents.refuse`, as everywhere. Nothing leaves by either.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from api.actions import asking, choosing, consents, directory_view, referrals, waiting
from api.actions.allowed import must
from api.actions.asking import Asking, ToShow
from api.actions.choosing import Choice, Overlap, overlaps
from api.actions.consents import Allowing
from api.actions.directory_view import ServiceView
from api.actions.referrals import Draft, Drafted, need_of, why_no_draft
from consent.access import Deed
from graph.model.actor import Actor
from graph.model.base import Code, Id, Model
from graph.model.case import Need
from graph.model.consent import Consent
from graph.model.referral import Referral, Status
from graph.model.refusal import Refusal
from graph.secrets import Secrets
from graph.seed.purposes import purpose_of
from graph.seed.status_reasons import REDIRECTED
from graph.store import cases, recipients
from graph.store import consents as given
from graph.store import referrals as known
from graph.store.network import Tx


@dataclass(frozen=True, slots=True)
class Sheet:
    """One service for one agreed need, and what the person is asked about it."""

    need: Need
    purpose: Code
    view: ServiceView
    choice: Choice
    shown: ToShow | Refusal
    """The wording in that language, and every datum the service asks for; or why there is none."""
    standing: Consent | None
    """What the person allowed this organisation for this purpose already, and still does."""
    covers: bool
    """Whether that holds everything without which the service cannot begin."""
    countries: frozenset[Code]
    """Where the data would go across a border: the person is asked about that too. (R-42)"""
    overlaps: tuple[Overlap, ...]


async def sheet(
    tx: Tx, case_id: str, need_id: str, service_id: str, *, language: str, actor: Actor, at: datetime, secrets: Secrets
) -> Sheet | Refusal:
    """What to read over with the person before they choose this service. Refused for a need nobody agreed to seek help for."""
    case = await cases.get(tx, case_id, actor=actor)
    must(actor, Deed.CONSENT_RECORD, case)
    need = need_of(case, need_id)
    if why := why_no_draft(case, need, at=at):
        return Refusal.of(why)
    view = (await directory_view.service(tx, service_id, on=at.date())).for_others()
    recipient = await recipients.get(tx, service_id)
    across = frozenset() if case.home in recipient.countries else recipient.countries
    purpose = purpose_of(need.service_type)
    asked = Asking(organization_id=recipient.organization_id, purpose=purpose, language=language, countries=across)
    shown = await asking.to_show(tx, case_id, asked, actor=actor, at=at)
    if isinstance(shown, ToShow):
        theirs = {(f.stage, f.field) for f in view.sop.fields} if view.sop and view.sop_is_in_force else set()
        shown = asking.only(shown, theirs)
    standing = [
        one
        for one in await given.of_case(tx, case.id)
        if (one.organization_id, one.purpose) == (recipient.organization_id, purpose) and one.is_in_force(at=at)
    ]
    allowed = {(f.stage, f.field) for one in standing for f in one.fields}
    needed = (
        {("first-contact", f.field) for f in view.sop.fields if f.required and f.stage == "first-contact"}
        if view.sop
        else set()
    )
    return Sheet(
        need=need,
        purpose=purpose,
        view=view,
        choice=await choosing.judge(tx, case, need, service_id, at=at, secrets=secrets),
        shown=shown,
        standing=max(standing, key=lambda one: one.events[-1].at, default=None),
        covers=bool(standing) and needed <= allowed and all(across <= one.countries for one in standing),
        countries=across,
        overlaps=overlaps(case, need.id, await known.of_case(tx, case.id)),
    )


class Decision(Model):
    """That the person chose a service, and what they allowed for it just now; None: what they allowed before stands."""

    draft: Draft
    allowing: Allowing | None = None


class Decided(Model):
    """A draft that can be looked at and sent; and the person's receipt, where they allowed something just now."""

    referral_id: Id
    receipt_id: Id | None = None


async def decide(
    tx: Tx, case_id: str, decision: Decision, *, actor: Actor, at: datetime, secrets: Secrets
) -> Decided | Refusal:
    """Write down what the person allows, and draft the referral. (R-11, R-20)

    What was allowed stands where the draft is refused: the person said it. Where the same draft lies there already,
    because they were asked again for what was missing, it is the one that goes on: alone or with a household, and with
    the waiting list where they would wait by now. A draft that could never be sent would be left otherwise.
    """
    if decision.allowing is not None:
        allowed = await consents.give(tx, case_id, decision.allowing, actor=actor, at=at, secrets=secrets)
        if isinstance(allowed, Refusal):
            return allowed
    receipt_id = decision.allowing.receipt_id if decision.allowing else None
    if (lies := await _as_drafted(tx, case_id, decision.draft, actor=actor)) is not None:
        if decision.draft.waiting and not lies.waiting:
            listed = await waiting.accept(tx, lies.id, actor=actor, at=at, secrets=secrets)
            if isinstance(listed, Refusal):
                return listed
        return Decided(referral_id=lies.id, receipt_id=receipt_id)
    drafted = await referrals.draft(tx, case_id, decision.draft, actor=actor, at=at, secrets=secrets)
    if not isinstance(drafted, Drafted):
        return drafted
    return Decided(referral_id=drafted.referral_id, receipt_id=receipt_id)


async def _as_drafted(tx: Tx, case_id: str, draft: Draft, *, actor: Actor) -> Referral | None:
    """A draft of the case that says the same and was not sent; who would not wait keeps none that would."""
    must(actor, Deed.REFERRAL_DRAFT, await cases.get_for_update(tx, case_id, actor=actor))
    same = (Status.DRAFT, draft.need_id, draft.service_id)
    found = [
        one
        for one in await known.of_case(tx, case_id)
        if (one.status, one.need_id, one.service_id) == same
        and one.chosen_because in (None, REDIRECTED, draft.chosen_because)
        and (draft.waiting or not one.waiting)
    ]
    return min(found, key=lambda one: (one.waiting != draft.waiting, one.created_at, one.id), default=None)
