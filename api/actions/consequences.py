"""What follows from a coded reason: each consequence is done here, or stands as a task of the case's team. (R-06, R-07, R-14)

One table, every consequence once: none is left to somebody's memory. `moves` calls it wherever a referral gets a reason,
whoever gave it: a provider, the case's team, a clock, a withdrawal. Whose reason it is, is `graph.seed.status_reasons`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from api.actions.case_suggestions import reference
from graph.model.case import Case
from graph.model.demand import Demand
from graph.model.entry_note import EntryNote
from graph.model.need import Need
from graph.model.referral import Referral
from graph.model.status_reason import Consequence, StatusReason
from graph.secrets import Secrets
from graph.seed.status_reasons import status_reasons
from graph.store import demand, division, entry_notes
from graph.store.network import Tx
from matching.verdict import Rule


@dataclass(frozen=True, slots=True)
class Told:
    """That a referral of a locked case has got a reason."""

    case: Case
    referral: Referral
    reason: StatusReason
    at: datetime
    secrets: Secrets


Act = Callable[[Tx, Told], Awaitable[None]]

RULES: Final[Mapping[str, frozenset[Rule]]] = {
    "service-ended": frozenset({Rule.STATUS, Rule.VALIDITY}),
    "not-our-service": frozenset({Rule.STATUS}),
    "outside-coverage": frozenset({Rule.COVERAGE}),
    "language-unavailable": frozenset({Rule.LANGUAGE}),
    "not-eligible-age": frozenset({Rule.AGE}),
    "not-eligible-status": frozenset({Rule.NATIONALITY}),
    "not-eligible-income": frozenset({Rule.FACTORS}),
    "not-eligible-place": frozenset({Rule.COVERAGE}),
    "not-eligible-other": frozenset({Rule.FACTORS, Rule.GENDER, Rule.PAPERS}),
}
"""Which of our rules a reason speaks of: what the directory's entry should have told us."""


def against_data(referral: Referral, reason: str | None) -> bool:
    """Whether a decline contradicts what our data said when it was drafted: of its rules one was met, and none was not."""
    rules = RULES.get(reason or "", frozenset())
    return not rules.isdisjoint(referral.met) and rules.isdisjoint(referral.unmet)


async def _nothing(tx: Tx, told: Told) -> None:
    """It is done."""


async def _by_places(tx: Tx, told: Told) -> None:
    """Done already: `leases` follows every move first, and changes what is said of the places."""


async def _count_gap(tx: Tx, told: Told) -> None:
    """The need is unmet for this reason: counted once for each need, without a person. (R-07)"""
    case, need_id = told.case, told.referral.need_id
    wanted = next(need for need in case.needs if need.id == need_id)
    need = Need(service_type=wanted.service_type, area=case.area, on=told.at.date())
    department = await division.department_of(tx, case.area)
    key = reference(need_id, told.secrets)
    counted = Demand.of(
        need, told.reason.code, department, near_miss=False, at=told.at, reference=key, pepper=told.secrets.index_key
    )
    await demand.count(tx, counted)


async def _re_verify(tx: Tx, told: Told) -> None:
    """The entry is looked at again, unless it had said so itself and somebody chose the service all the same. (R-02)"""
    rules = RULES.get(told.reason.code, frozenset())
    if rules.isdisjoint(told.referral.unmet):
        await _note(tx, told, Consequence.RE_VERIFY)


async def _tell_committee(tx: Tx, told: Told) -> None:
    """The committee finds the service, the reason and how often, and no person."""
    await _note(tx, told, Consequence.TELL_COMMITTEE)


async def _note(tx: Tx, told: Told, consequence: Consequence) -> None:
    note = EntryNote(
        service_id=told.referral.service_id,
        reason=told.reason.code,
        consequence=consequence,
        since=told.at,
        count=1,
        against_data=int(told.referral.against_data),
    )
    await entry_notes.note(tx, note)


TASK: Final = None
"""Nobody but a human can do it: it stands in the referral's view until the case's team says that it is done."""

TABLE: Final[Mapping[Consequence, Act | None]] = {
    Consequence.NEXT_SUGGESTION: TASK,
    Consequence.PLACES_NONE: _by_places,
    Consequence.LESS_CONFIDENCE: _by_places,
    Consequence.RE_VERIFY: _re_verify,
    Consequence.CALL_PERSON: TASK,
    Consequence.ASK_PERSON: TASK,
    Consequence.BACK_TO_SENDER: TASK,
    Consequence.ASSESS_FIRST: TASK,
    Consequence.OFFER_ACCOMPANIMENT: TASK,
    Consequence.COUNT_GAP: _count_gap,
    Consequence.TELL_COMMITTEE: _tell_committee,
    Consequence.TELL_OF_COMPLAINT: TASK,
    Consequence.NOTHING: _nothing,
}
"""What is done for each consequence, in the transaction of the reason."""


async def follow(tx: Tx, case: Case, referral: Referral, *, at: datetime, secrets: Secrets) -> None:
    """Do what follows from the reason of a referral of a locked case. What is a task is done by somebody, later."""
    reason = status_reasons().get(referral.reason or "")
    if reason is None:
        return
    told = Told(case, referral, reason, at, secrets)
    for consequence in reason.consequences:
        act = TABLE[consequence]
        if act is not None:
            await act(tx, told)


def open_tasks(referral: Referral) -> tuple[Consequence, ...]:
    """What somebody of the case's team has still to do, because of the reason it has now."""
    reason = status_reasons().get(referral.reason or "")
    found = reason.consequences if reason else ()
    return tuple(c for c in found if TABLE[c] is TASK and c not in referral.tasks_done)
