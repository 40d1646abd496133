"""A received referral: opened, answered in one screen, and what comes later. (R-10, R-12, R-13, R-14, R-15)

Buttons are drawn from the table of steps; what stands in the way of one is said instead of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Annotated, Any, Final

from babel.numbers import get_currency_precision
from fastapi import APIRouter, Path
from fastapi.responses import Response

from api.actions import costs, received, reports, steps
from api.actions.costs import Spending
from api.actions.received import Received
from api.actions.reports import REPORTED, Reporting
from api.conventions import ZONE
from api.dependencies import GazetteerDep
from api.gazetteer import Gazetteer
from api.identity import ReceiverDep
from api.texts import text
from api.ui.change import Change, PageChangeDep, Visit, VisitDep
from api.ui.forms import form_of, typed
from api.ui.provider.words import organization_name, service_name, short, shown, why
from api.ui.recorded import in_words
from api.ui.render import is_fragment, onward
from graph.model.base import Language
from graph.model.referral import REASONED, Mark, Step
from graph.model.refusal import Refusal
from graph.seed.catalogue import WrongValue, fields
from graph.seed.status_reasons import REDIRECTED, status_reasons
from graph.seed.vocabulary import label, terms

router = APIRouter()

PartId = Annotated[str, Path(min_length=1, max_length=160)]
STAGES: Final = ("first-contact", "follow-up", "continuity")
CURRENCIES: Final = ("GTQ", "HNL", "USD", "MXN")
"""Of the four countries; where the SOP states one, only that one is offered."""
LONGEST_NOTE: Final = 4000
AMOUNT: Final = re.compile(r"[0-9][0-9,]{0,20}(\.[0-9]{1,4})?", flags=re.ASCII)
"""Digits alone: a number with an exponent would be reckoned out in full, for minutes."""
DONE: Final = frozenset(
    {
        *(step.value for step in (*REASONED, Step.ACCEPT, Step.START, Step.RESUME)),
        *(mark.value for mark in Mark),
        "reported",
        "spent",
    }
)
"""What the page thanks for."""

ORDER: Final = (Step.REJECT, Step.COMPLETE, Step.FAIL, Step.HOLD, Step.CANCEL, Step.VOID)
"""In which order what ends or halts is offered: what is said most, first."""

Faults = Mapping[str, str]


@router.get("/received/{referral_id}")
async def show(referral_id: PartId, visit: VisitDep, actor: ReceiverDep) -> Response:
    """Where it stands and what can be said; of the person nothing until it is opened."""
    found = await visit.network.read(received.look, referral_id, actor=actor, at=visit.now)
    said = visit.request.query_params.get("said", "")
    return _page(visit, found, said=said if said in DONE else "")


@router.get("/received/{referral_id}/opening")
@router.get("/received/{referral_id}/answer")
@router.get("/received/{referral_id}/report")
@router.get("/received/{referral_id}/costs")
async def back(referral_id: PartId, visit: VisitDep, actor: ReceiverDep) -> Response:
    """Whoever reloads the answer to a form by its address, or changes its language, is led to the page of the referral."""
    await visit.network.read(received.look, referral_id, actor=actor, at=visit.now)
    return onward(f"/received/{referral_id}?{visit.request.url.query}")


@router.post("/received/{referral_id}/opening")
async def open_(referral_id: PartId, visit: VisitDep, gazetteer: GazetteerDep, actor: ReceiverDep) -> Response:
    """What was shared, once it stands in the log that somebody opened it; kept nowhere, so it is never under a key."""
    await visit.network.read(received.look, referral_id, actor=actor, at=visit.now)
    wanted = (await form_of(visit.request)).get("stage")
    stage = wanted if isinstance(wanted, str) and wanted in STAGES else None
    packet = await visit.network.write(received.open_, referral_id, stage=stage, **visit.held)
    found = await visit.network.read(received.look, referral_id, actor=actor, at=visit.now)
    if isinstance(packet, Refusal):
        return _page(visit, found, status=409, reasons=why(packet, visit.language), block="shared")
    rows = _rows(packet, visit.language, gazetteer)
    return _page(visit, found, packet=packet, rows=rows, block="shared")


def _rows(packet: Any, language: Language, gazetteer: Gazetteer) -> list[tuple[str, str]]:
    known = fields()
    return [(known[c].label(language), in_words(known[c], v, language, gazetteer)) for c, v in packet.payload.items()]


@router.post("/received/{referral_id}/answer")
async def answer(referral_id: PartId, actor: ReceiverDep, change: PageChangeDep) -> Response:
    """One step or one mark, from the table; a closing one with its coded reason. (R-12, R-14)"""
    found = await change.network.read(received.look, referral_id, actor=actor, at=change.now)
    do, language = change.text("do"), change.language
    if do in {mark.value for mark in Mark}:
        outcome, faults = await _mark(change, referral_id, Mark(do))
    elif do in {step.value for step in Step if step is not Step.SEND}:
        outcome, faults = await _step(change, referral_id, Step(do), found)
    else:
        outcome, faults = None, {"answer": text("received.fault.choose", language)}
    if faults:
        return _page(change, found, status=422, faults=faults)
    if isinstance(outcome, Refusal):
        found = await change.network.read(received.look, referral_id, actor=actor, at=change.now)
        return _page(change, found, status=409, reasons=why(outcome, language))
    return _onward(referral_id, do)


async def _step(change: Change, referral_id: str, step: Step, found: Received) -> tuple[Any, Faults]:
    reason, proposed = change.text("reason") or None, change.text("proposed") or None
    if step in REASONED and reason is None:
        return None, {f"reason-{step}": text("received.fault.reason", change.language)}
    if reason != REDIRECTED:
        proposed = None
    elif proposed not in {service.id for service in found.alike}:
        return None, {"proposed": text("received.fault.proposed", change.language)}
    return await change.make(steps.take, referral_id, step, reason, proposed), {}


async def _mark(change: Change, referral_id: str, mark: Mark) -> tuple[Any, Faults]:
    if mark is not Mark.SCHEDULE:
        return await change.make(steps.mark, referral_id, mark, None), {}
    try:
        day, hour = date.fromisoformat(change.text("day")), time.fromisoformat(change.text("hour"))
    except ValueError:
        return None, {"day": text("received.fault.day", change.language)}
    at = datetime.combine(day, hour.replace(tzinfo=None), tzinfo=ZONE)
    if at < change.now:
        return None, {"day": text("received.fault.past", change.language)}
    return await change.make(steps.mark, referral_id, mark, at), {}


@router.post("/received/{referral_id}/report")
async def report(referral_id: PartId, actor: ReceiverDep, change: PageChangeDep) -> Response:
    """How it goes: codes for everybody concerned, a note for the case's team alone. (R-13, R-14)"""
    found = await change.network.read(received.look, referral_id, actor=actor, at=change.now)
    duties = [duty for duty in change.form.getlist("duties") if duty in found.duties]
    came, note = change.text("attended"), change.text("note", most=LONGEST_NOTE)
    next_on, faults = None, {}
    try:
        next_on = date.fromisoformat(day) if (day := change.text("next_on")) else None
    except ValueError:
        faults["next_on"] = text("received.fault.day", change.language)
    if not (duties or came or note or next_on or faults):
        faults["duties"] = text("received.fault.nothing", change.language)
    if faults:
        return _page(change, found, status=422, faults=faults)
    said = Reporting(
        duties=tuple(str(duty) for duty in duties),
        attended={"yes": True, "no": False}.get(came),
        next_on=next_on,
        note=note or None,
    )
    outcome = await change.make(reports.give, referral_id, said)
    if isinstance(outcome, Refusal):
        return _page(change, found, status=409, reasons=why(outcome, change.language))
    return _onward(referral_id, "reported")


@router.post("/received/{referral_id}/costs")
async def spend(referral_id: PartId, actor: ReceiverDep, change: PageChangeDep) -> Response:
    """What it cost, against what was agreed. (R-15)"""
    found = await change.network.read(received.look, referral_id, actor=actor, at=change.now)
    language, what_for = change.language, change.text("what_for")
    currency = found.view.account.currency or change.text("currency")
    amount = _minor(change.text("amount"), currency)
    faults: dict[str, str] = {}
    if amount is None:
        faults["amount"] = text("received.fault.amount", language)
    if what_for not in terms("cost-kinds"):
        faults["what_for"] = text("received.fault.choose", language)
    if faults or amount is None:
        return _page(change, found, status=422, faults=faults)
    try:
        said = Spending(amount=amount, currency=currency, what_for=what_for)
        outcome = await change.make(costs.say, referral_id, said)
    except WrongValue as wrong:
        faults = {wrong.field: text("received.fault.choose", language)}
        return _page(change, found, status=422, faults=faults)
    if isinstance(outcome, Refusal):
        return _page(change, found, status=409, reasons=why(outcome, language))
    return _onward(referral_id, "spent")


def _minor(said: str, currency: str) -> int | None:
    """An amount as somebody writes it, in the smallest unit; None where it is none."""
    if currency not in CURRENCIES and not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
        return None
    if not AMOUNT.fullmatch(said):
        return None
    value = Decimal(said.replace(",", "")).scaleb(get_currency_precision(currency))
    return int(value) if value == int(value) and 0 < value < 10**12 else None


def _onward(referral_id: str, said: str) -> Response:
    return onward(f"/received/{referral_id}?said={said}")


def _page(
    visit: Visit,
    found: Received,
    *,
    status: int = 200,
    faults: Faults | None = None,
    reasons: Any = (),
    packet: Any = None,
    rows: Any = (),
    said: str = "",
    block: str | None = None,
) -> Response:
    view = found.view
    known = status_reasons()
    language = visit.language
    return visit.page(
        "provider/received.html",
        status=status,
        block=block,
        found=found,
        view=view,
        faults=faults or {},
        reasons=reasons,
        typed=typed(visit.form),
        ticked=visit.form.getlist("duties"),
        packet=packet,
        rows=rows,
        said=said,
        service=service_name(found.service, view.service_id, language),
        requester=organization_name(found.requester, view.requester_id, language),
        number_of=short(view.id),
        plain=[s for s in view.steps if s.step not in REASONED],
        reasoned=sorted((s for s in view.steps if s.step in REASONED), key=lambda s: ORDER.index(s.step)),
        reasons_of=lambda codes: [(c, known[c].label(language)) for c in codes if c != REDIRECTED or found.alike],
        why_said=known[view.reason].label(language) if view.reason and view.reason in known else "",
        redirected=REDIRECTED,
        can_report=view.status in REPORTED,
        alone=block is not None and is_fragment(visit.request),
        duty_options=[(code, label("follow-up-duties", code, language)) for code in found.duties],
        currency_options=[(c, c) for c in ([view.account.currency] if view.account.currency else CURRENCIES)],
        kinds=[(code, label("cost-kinds", code, language)) for code in terms("cost-kinds")],
        today=visit.now.astimezone(ZONE).date().isoformat(),
        **shown(language),
    )
