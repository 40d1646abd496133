"""Who could meet a need of a case: only one the person agreed to, and by what can name nobody. (R-05, R-20, R-41)"""

from __future__ import annotations

import hmac
from datetime import date, datetime

from api.actions import suggestions
from api.actions.cases import BIRTH
from api.actions.suggestions import Answer, UnknownAreaError
from consent.access import Deed, Forbidden, decide
from consent.relation import relation_of, state_of
from graph.model.actor import Actor, Role
from graph.model.age import AgeBand, age_of, band_of
from graph.model.case import Case
from graph.model.case import Need as CaseNeed
from graph.model.need import Need
from graph.model.refusal import Denied, Reason, Refusal
from graph.secrets import Secrets
from graph.store import cases, records
from graph.store.errors import NotFound
from graph.store.network import Tx


async def suggest(
    tx: Tx,
    case_id: str,
    need_id: str,
    *,
    actor: Actor,
    at: datetime,
    secrets: Secrets,
    everywhere: bool = False,
    area: str | None = None,
) -> Answer | Refusal:
    """Who fits an agreed need, who does not, and why. Refused for a need that the person has not agreed to.

    `area`: where the person is going to live, before they depart; None: where they live now. (R-42)

    Matching reads the area, the age band, gender, languages, nationality, the factors in force and the papers: never
    the age itself, so where a provider's limit runs through the band, the answer is a question.
    """
    case = await cases.get(tx, case_id, actor=actor)
    found = next((need for need in case.needs if need.id == need_id), None)
    readable = decide(actor, Deed.CASE_READ, relation_of(actor, case), state_of(case, Deed.CASE_READ))
    if found is None or Role.CASE_MANAGER not in actor.roles or isinstance(readable, Forbidden):
        raise NotFound
    denied = [
        Denied(reason=Reason.CASE_CLOSED, places={"date": case.closed_at.date().isoformat()})
        if case.closed_at is not None
        else None,
        None if found.is_agreed(at=at) else Denied(reason=Reason.NEED_NOT_AGREED),
    ]
    if whys := tuple(why for why in denied if why is not None):
        return Refusal(reasons=whys)
    band = await band_of_today(tx, case, secrets, on=at.date())
    need = asked(case, found, age_band=band, on=at.date(), area=area)
    try:
        return await suggestions.answer(tx, need, everywhere=everywhere)
    except UnknownAreaError:
        raise NotFound from None


def asked(case: Case, need: CaseNeed, *, age_band: AgeBand | None, on: date, area: str | None = None) -> Need:
    """The need as matching reads it. Factors nobody has assessed are unknown, not absent."""
    in_force = frozenset(f.factor for f in case.factors if f.valid_to is None or on <= f.valid_to)
    return Need(
        service_type=need.service_type,
        area=area or case.area,
        on=on,
        age_band=age_band,
        gender=case.gender,
        nationality=case.nationality,
        languages=case.languages,
        factors=None if case.factors_assessed_at is None else in_force,
        documents=case.papers,
    )


async def band_of_today(tx: Tx, case: Case, secrets: Secrets, *, on: date) -> AgeBand | None:
    """The band of today: people grow older while the case only remembers the band of the day it was written."""
    told = await records.everything(tx, case, secrets.keystore, {BIRTH})
    return band_of(age_of(date.fromisoformat(told[0].value), on=on)) if told else case.age_band


def reference(need_id: str, secrets: Secrets) -> str:
    """By what a need without result is counted once: nobody finds the case from it. (R-07)"""
    return hmac.digest(secrets.index_key, b"demand:" + need_id.encode(), "sha256").hex()
