"""Which service a draft is for, beside what is suggested: what our data said of it, and what is open already. (R-05, R-35)

A choice by hand is always allowed and always says why, as a code. It passes no consent, SOP, suspension or agreement:
these are judged by the send. What a warning names is not refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from api.actions.case_suggestions import asked, band_of_today
from api.actions.suggestions import UnknownAreaError, answer
from graph.model.base import Code, Id, Model
from graph.model.case import Case
from graph.model.case import Need as CaseNeed
from graph.model.referral import OPEN, Referral, Status
from graph.model.refusal import Denied, Reason
from graph.secrets import Secrets
from graph.seed.vocabulary import lineage, terms
from graph.store.network import Tx
from matching.verdict import Met, Unmet


@dataclass(frozen=True, slots=True)
class Choice:
    """What the suggestions of this need say of one service."""

    by_hand: bool
    """Ruled out, or not found. Whatever is suggested the person may choose, the first or the last, and nobody says why."""
    met: tuple[Code, ...]
    unmet: tuple[Code, ...]


async def judge(tx: Tx, case: Case, need: CaseNeed, service_id: str, *, at: datetime, secrets: Secrets) -> Choice:
    """The service as the same question finds it that the case manager is answered. (R-05)"""
    band = await band_of_today(tx, case, secrets, on=at.date())
    try:
        found = (await answer(tx, asked(case, need, age_band=band, on=at.date()))).suggestions
    except UnknownAreaError:
        return Choice(by_hand=True, met=(), unmet=())
    every = (*found.suggested, *found.ruled_out)
    mine = next((judged for judged in every if judged.offer.terms.service_id == service_id), None)
    if mine is None:
        return Choice(by_hand=True, met=(), unmet=())
    return Choice(
        by_hand=bool(mine.unmet),
        met=tuple(j.rule.value for j in mine.judgements if isinstance(j.verdict, Met)),
        unmet=tuple(j.rule.value for j in mine.judgements if isinstance(j.verdict, Unmet)),
    )


def why_not(choice: Choice, because: str | None) -> list[Denied]:
    """Chosen by hand without a reason, or for one that is none of ours: refused, with those there are."""
    known = tuple(terms("choice-reasons"))
    if because is not None and because not in known:
        return [Denied(reason=Reason.CHOICE_UNKNOWN, places={"reasons": known})]
    if choice.by_hand and because is None:
        return [Denied(reason=Reason.CHOICE_UNREASONED, places={"reasons": known})]
    return []


class Overlap(Model):
    """A referral of the same case that is open already, for the same need or the same kind of help."""

    referral_id: Id
    organization_id: Id
    status: Status
    same_need: bool


def overlaps(
    case: Case, need_id: str, others: Iterable[Referral], *, besides: str | None = None
) -> tuple[Overlap, ...]:
    """What a draft for this need would repeat: a warning, for a human to judge. (design §6)"""
    types = {need.id: need.service_type for need in case.needs}
    return tuple(
        Overlap(
            referral_id=other.id,
            organization_id=other.responder_id,
            status=other.status,
            same_need=other.need_id == need_id,
        )
        for other in others
        if other.id != besides and other.status in OPEN and _alike(types[other.need_id], types[need_id])
    )


def _alike(one: str, other: str) -> bool:
    """The same type, or one of them is a kind of the other."""
    return one in lineage("service-types", other) or other in lineage("service-types", one)
