"""What a referral costs against the ceiling of the SOP it was sent under, and what the committee reads of all. (R-15)"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Final

from babel.numbers import get_currency_precision
from pydantic import Field

from api.actions.allowed import must_ever
from api.actions.case_change import new_id
from api.actions.case_entry import entry, refused
from api.actions.reports import REPORTED
from api.actions.steps import hold
from consent.access import Allowed, Deed, Relation, decide
from consent.small_numbers import K_SENSITIVE, shown
from graph.model.actor import Actor, Role
from graph.model.base import Code, Id, Model
from graph.model.cost import Cost
from graph.model.log import Entry, Kind
from graph.model.referral import Side, open_steps
from graph.model.refusal import Denied, Reason, Refusal
from graph.model.sop import Sop
from graph.secrets import Secrets
from graph.seed.catalogue import WrongValue
from graph.seed.vocabulary import terms
from graph.store import costs
from graph.store.errors import NotFound
from graph.store.matters import Matter
from graph.store.network import Tx

Places = dict[str, str | tuple[str, ...]]


class Spending(Model):
    """What a provider says that something cost."""

    id: Id = Field(default_factory=new_id)
    amount: int = Field(gt=0)
    currency: str
    what_for: Code


class Account(Model):
    """What was spent on a referral against what was agreed, in the smallest unit. None: nothing was agreed."""

    payer: Code | None
    currency: str | None
    spent: int
    ceiling: int | None


class Spent(Model):
    """That it was said, and how the referral's account stands now."""

    cost_id: Id
    referral_id: Id
    account: Account
    entry: Entry


def sop_of(matter: Matter) -> Sop | None:
    """The version the referral was sent under: what was agreed then holds."""
    return next((sop for sop in matter.recipient.sops if sop.id == matter.referral.sop_id), None)


async def account_of(tx: Tx, matter: Matter) -> Account:
    """How a referral's costs stand against its SOP."""
    found = await costs.of_referral(tx, matter.referral.id)
    sop = sop_of(matter)
    agreed = sop.costs if sop else None
    currency = (agreed.currency if agreed else None) or (found[0].currency if found else None)
    ceiling = None if agreed is None or agreed.ceiling is None or currency is None else _minor(agreed.ceiling, currency)
    return Account(
        payer=agreed.payer if agreed else None,
        currency=currency,
        spent=sum(cost.amount for cost in found),
        ceiling=ceiling,
    )


def _minor(whole: int, currency: str) -> int:
    return int(whole * 10 ** get_currency_precision(currency))


def _whole(minor: int, currency: str) -> str:
    return str(Decimal(minor).scaleb(-get_currency_precision(currency)))


async def say(
    tx: Tx, referral_id: str, said: Spending, *, actor: Actor, at: datetime, secrets: Secrets
) -> Spent | Refusal:
    """The receiving organisation says a cost; never over the ceiling, and in one currency. NotFound for others. (R-15)"""
    matter, sides = await hold(tx, referral_id, actor=actor)
    if Side.RESPONDER not in sides or not isinstance(decide(actor, Deed.COST_SAY, Relation.RECEIVER), Allowed):
        raise NotFound
    if said.what_for not in terms("cost-kinds"):
        raise WrongValue("what_for")
    if not (said.currency.isascii() and said.currency.isalpha() and said.currency.isupper()):
        raise WrongValue("currency")
    case, referral, at = matter.case, matter.referral, matter.now(at)
    before = await account_of(tx, matter)
    if why := _why_not(matter, before, said):
        return await refused(
            tx, case, Refusal.of(why), actor=actor, at=at, secrets=secrets, role=Role.PROVIDER, referral=referral.id
        )
    cost = Cost(
        id=said.id,
        amount=said.amount,
        currency=said.currency,
        what_for=said.what_for,
        payer=before.payer,
        said_at=at,
        said_by=actor.id,
    )
    await costs.create(tx, referral.id, cost)
    written = await entry(
        tx, case, Kind.COST_SAID, actor=actor, at=at, secrets=secrets, role=Role.PROVIDER,
        recipient=referral.responder_id, purpose=referral.purpose, referral=referral.id, reasons=(cost.what_for,),
    )  # fmt: skip
    now = await account_of(tx, matter)
    return Spent(cost_id=cost.id, referral_id=referral.id, account=now, entry=written)


def _why_not(matter: Matter, before: Account, said: Spending) -> list[Denied]:
    referral = matter.referral
    if referral.status not in REPORTED:
        steps = tuple(step.value for step in open_steps(referral.status, Side.RESPONDER))
        places: Places = {"step": "cost", "status": referral.status.value, "steps": steps}
        return [Denied(reason=Reason.STEP_NOT_OPEN, places=places)]
    if before.currency not in (None, said.currency):
        return [Denied(reason=Reason.COST_OTHER_CURRENCY, places={"currency": str(before.currency)})]
    if before.ceiling is not None and before.spent + said.amount > before.ceiling:
        told = {"ceiling": before.ceiling, "spent": before.spent}
        places = {name: _whole(minor, said.currency) for name, minor in told.items()}
        return [Denied(reason=Reason.COST_OVER_CEILING, places=places | {"currency": said.currency})]
    return []


class TotalOut(Model):
    """What one payer owes one organisation, in the smallest unit; None where it is about too few referrals."""

    organization_id: Id
    payer: Code | None
    currency: str
    amount: int | None
    referrals: int | None


K: Final = K_SENSITIVE
"""A cost says what was done: the larger k holds for all."""


async def totals(tx: Tx, *, actor: Actor) -> tuple[TotalOut, ...]:
    """For the committee: sums by organisation, payer and currency; no referral, no person, no small number. (R-15, R-21)"""
    must_ever(actor, Deed.COSTS_READ)
    return tuple(
        TotalOut(
            organization_id=total.organization_id,
            payer=total.payer,
            currency=total.currency,
            amount=None if shown(total.referrals, K).is_hidden else total.amount,
            referrals=shown(total.referrals, K).number,
        )
        for total in await costs.totals(tx)
    )
