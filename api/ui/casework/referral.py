"""A referral on its way: what happened when, what is owed by when, and what may be done next. (R-12, R-14, R-20, R-50)

For either side; buttons come from the table of steps. A provider answers on its own page.
"""

from __future__ import annotations

import secrets as random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import Field

from api.actions import answer_links, exceptions, exchange, outcomes, passwords, referral_page, reports, steps, tasks
from api.actions.exchange import Later
from api.actions.referral_view import ReferralView, RunningClock
from api.dependencies import GazetteerDep
from api.gazetteer import Gazetteer
from api.identity import CaseManagerDep
from api.problems import NotFound
from api.refusals import why
from api.texts import text
from api.ui.casework.of_case import Done, PartId
from api.ui.casework.preview import names_of, rows_of
from api.ui.change import Change, PageChangeDep, Visit, VisitDep
from api.ui.forms import read, typed
from api.ui.render import onward
from graph.model.answer_link import CODE_DIGITS
from graph.model.base import Code, Language, Model
from graph.model.clock import Due
from graph.model.referral import ENDED, OPEN, Outcome, Side, Status, Step
from graph.model.refusal import Refusal
from graph.model.status_reason import Barrier, Consequence
from graph.seed.catalogue import fields
from graph.seed.status_reasons import status_reasons
from graph.seed.vocabulary import label

router = APIRouter()

DONE: Final = frozenset({"sent", "step", "task", "outcome", "pleaded", "later", "told"})
GOING_ON: Final = frozenset({Status.ACCEPTED, Status.IN_PROGRESS, Status.ON_HOLD})


@dataclass(frozen=True, slots=True)
class Moment:
    """One mark of the way: when it was, or by when it is owed."""

    code: str
    at: datetime | None = None
    clock: RunningClock | None = None
    words: str = ""

    @property
    def state(self) -> str:
        """Late, done, or still to come: said by a word too."""
        if self.at is not None:
            return "done"
        return "late" if self.clock is not None and self.clock.is_late else "due" if self.clock is not None else "open"


def moments(view: ReferralView, language: Language) -> list[Moment]:
    """The way of a referral: sent, seen, answered, first appointment, service, end, what became of it."""
    clocks: Mapping[Due, RunningClock] = {one.clock: one for one in view.clocks}
    reason = status_reasons()[view.reason].label(language) if view.reason else ""
    way = [
        Moment("sent", view.sent_at),
        Moment("seen", view.received_at, clocks.get(Due.RECEIVE)),
        Moment("answered", view.decided_at, clocks.get(Due.DECIDE), reason if view.status is Status.REJECTED else ""),
    ]
    if view.status is not Status.REJECTED:
        way += [
            Moment("appointment", view.scheduled_at),
            Moment("started", view.started_at, clocks.get(Due.START)),
        ]
        if view.status is Status.ON_HOLD:
            way.append(Moment("held", None, None, reason))
        if report := clocks.get(Due.REPORT):
            way.append(Moment("report", None, report))
    if view.status in ENDED - {Status.REJECTED}:
        way.append(Moment("ended", view.ended_at, None, reason))
    elif view.status is not Status.REJECTED:
        way.append(Moment("ended"))
    return [one for one in way if one.at or view.status not in ENDED or one.code == "sent"]


@router.get("/referrals/{referral_id}", name="referral-page")
async def follow(referral_id: PartId, visit: VisitDep, done: Done = "") -> Response:
    """Where it stands, for whoever may see it: the case's side, the person, or who received it."""
    return await _page(visit, referral_id, done=done)


class Taken(Model):
    """Which step, and why."""

    step: Step
    reason: Code | None = None


@router.post("/referrals/{referral_id}/steps")
async def take(referral_id: PartId, change: PageChangeDep) -> Response:
    """A step of this side: what is not open is refused with what is."""
    said = read(change.form, Taken, change.language)
    if not isinstance(said, Taken) or said.step is Step.SEND:
        return await _again(referral_id, change, faults=said if isinstance(said, dict) else {}, status=422)
    return await _do(referral_id, change, "step", steps.take, said.step, said.reason)


class Did(Model):
    """What was done."""

    task: Consequence


@router.post("/referrals/{referral_id}/tasks")
async def task(referral_id: PartId, change: PageChangeDep) -> Response:
    """What followed from the reason, and somebody has done."""
    said = read(change.form, Did, change.language)
    if not isinstance(said, Did):
        return await _again(referral_id, change, faults=said, status=422)
    return await _do(referral_id, change, "task", tasks.done, said.task)


class Became(Model):
    """What the person says became of it, and what stood between."""

    outcome: Outcome
    barrier: Barrier | None = None


@router.post("/referrals/{referral_id}/outcome")
async def outcome(referral_id: PartId, change: PageChangeDep) -> Response:
    """The person's word, as they say it to whoever works with them. (R-50)"""
    said = read(change.form, Became, change.language)
    if not isinstance(said, Became):
        return await _again(referral_id, change, faults=said, status=422)
    return await _do(referral_id, change, "outcome", outcomes.say, said.outcome, said.barrier)


@router.post("/referrals/{referral_id}/answer-link")
async def link(referral_id: PartId, change: PageChangeDep) -> Response:
    """A link for a receiver without an account, told on this answer alone."""
    secret = passwords.new_token()
    made = await change.make(answer_links.for_referral, referral_id, passwords.hash_of(secret))
    if isinstance(made, Refusal):
        return await _again(referral_id, change, reasons=why(made, change.language), status=409)
    is_new = made.secret_hash == passwords.hash_of(secret)
    told = {
        "link": str(change.request.url_for("answer-by-link", secret=secret)) if is_new else "",
        "until": made.expires_at,
    }
    return await _again(referral_id, change, told=told)


@router.post("/referrals/{referral_id}/opening-code")
async def code(referral_id: PartId, change: PageChangeDep) -> Response:
    """A code to be read out by telephone, told on this answer alone. An earlier one opens nothing any more."""
    drawn = f"{random.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
    hashed = await passwords.hashed(drawn)
    made = await change.make(answer_links.make_code, referral_id, hashed)
    if isinstance(made, Refusal):
        return await _again(referral_id, change, reasons=why(made, change.language), status=409)
    told = {"code": f"{drawn[:4]} {drawn[4:]}" if made.code_hash == hashed else "", "until": made.expires_at}
    return await _again(referral_id, change, told=told)


class Told(Model):
    """How the person was told of what was sent without their consent."""

    how: str = Field(min_length=1, max_length=4000)


@router.post("/referrals/{referral_id}/told")
async def told(referral_id: PartId, change: PageChangeDep) -> Response:
    """That the person was told, and how: as soon as it is possible, in words that are encrypted. (R-22)"""
    found = await change.network.read(referral_page.read, referral_id, actor=change.actor, at=change.now)
    if found.attestation is None:
        raise NotFound
    said = read(change.form, Told, change.language)
    if not isinstance(said, Told):
        return await _again(referral_id, change, faults=said, status=422)
    await change.make(exceptions.tell, found.attestation.id, said.how)
    return onward(f"/referrals/{referral_id}?done=told")


async def _do(referral_id: str, change: Change, done: str, action: Any, *args: Any) -> Response:
    outcome = await change.make(action, referral_id, *args)
    if isinstance(outcome, Refusal):
        return await _again(referral_id, change, reasons=why(outcome, change.language), status=409)
    return onward(f"/referrals/{referral_id}?done={done}")


async def _again(referral_id: str, change: Change, **shown: Any) -> Response:
    return await _page(change, referral_id, said=dict(typed(change.form)), **shown)


async def _page(
    visit: Visit,
    referral_id: str,
    *,
    done: str = "",
    faults: dict[str, str] | None = None,
    reasons: Any = (),
    told: dict[str, Any] | None = None,
    said: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    found = await visit.network.read(referral_page.read, referral_id, actor=visit.actor, at=visit.now)
    language = visit.language
    view = found.view
    mine = Side.REQUESTER in view.sides and found.may_step
    codes = []
    if mine and view.status in OPEN:
        codes = await visit.network.read(answer_links.codes, view.id, **visit.held)
    return visit.page(
        "casework/referral.html",
        status=status,
        view=view,
        found=found,
        mine=mine,
        receives=Side.RESPONDER in view.sides,
        base=f"/cases/{view.case_id}/needs/{view.need_id}",
        moments=moments(view, language),
        is_open=view.status in OPEN,
        is_ended=view.status in ENDED,
        goes_on=view.status in GOING_ON,
        can_judge=mine and view.sent_at is not None and view.status is not Status.ENTERED_IN_ERROR,
        steps=[one for one in view.steps if one.step in (Step.CANCEL, Step.VOID)] if mine else [],
        reasons_of=lambda codes_: [(c, status_reasons()[c].label(language)) for c in codes_],
        why_ended=status_reasons()[view.reason].label(language) if view.reason else "",
        to_person=status_reasons()[view.reason].to_person(language) if view.reason else "",
        chosen_because=label("choice-reasons", view.chosen_because, language) if view.chosen_because else "",
        outcomes=[(one.value, text(f"follow.outcome.{one.value}", language)) for one in Outcome],
        barriers=[(one.value, text(f"mine.barrier.{one.value}", language)) for one in Barrier],
        codes=codes,
        wants_next=Consequence.NEXT_SUGGESTION in view.tasks,
        plea=found.pleas[0] if found.pleas else None,
        told=told,
        done=done if done in DONE else "",
        faults=faults or {},
        refusal=reasons,
        said=said or {},
        **names_of(found, language),
    )


# ---- what leaves later, and what is reported -------------------------------------------------------------------------


@router.get("/referrals/{referral_id}/follow-up")
async def follow_up(referral_id: PartId, visit: VisitDep, gazetteer: GazetteerDep, actor: CaseManagerDep) -> Response:
    """What the provider's rules ask for once it serves, as far as the person allows that stage."""
    return await _later(visit, referral_id, "follow-up", gazetteer)


@router.get("/referrals/{referral_id}/continuity")
async def continuity(referral_id: PartId, visit: VisitDep, gazetteer: GazetteerDep, actor: CaseManagerDep) -> Response:
    """What the next provider needs so that a treatment goes on."""
    return await _later(visit, referral_id, "continuity", gazetteer)


@router.post("/referrals/{referral_id}/follow-up")
async def send_follow_up(
    referral_id: PartId, change: PageChangeDep, gazetteer: GazetteerDep, actor: CaseManagerDep
) -> Response:
    """A transfer of its own, computed anew."""
    return await _send_later(change, referral_id, "follow-up", gazetteer)


@router.post("/referrals/{referral_id}/continuity")
async def send_continuity(
    referral_id: PartId, change: PageChangeDep, gazetteer: GazetteerDep, actor: CaseManagerDep
) -> Response:
    """A transfer of its own, computed anew."""
    return await _send_later(change, referral_id, "continuity", gazetteer)


async def _send_later(change: Change, referral_id: str, stage: Later, gazetteer: Gazetteer) -> Response:
    sent = await change.make(exchange.send, referral_id, stage)
    if isinstance(sent, Refusal):
        return await _later(change, referral_id, stage, gazetteer, refusal=sent)
    return onward(f"/referrals/{referral_id}?done=later")


async def _later(
    visit: Visit, referral_id: str, stage: Later, gazetteer: Gazetteer, *, refusal: Refusal | None = None
) -> Response:
    found = await visit.network.read(referral_page.read, referral_id, actor=visit.actor, at=visit.now)
    packet: Any = refusal or await visit.network.write(exchange.preview, referral_id, stage, **visit.held)
    told = None if isinstance(packet, Refusal) else packet
    language = visit.language
    return visit.page(
        "casework/later.html",
        status=409 if refusal else 200,
        view=found.view,
        stage=stage,
        packet=told,
        rows=rows_of(told.payload, language, gazetteer) if told else [],
        withheld=[fields()[c].label(language) for c in (told.withheld or ()) if c in fields()] if told else [],
        reasons=why(packet, language) if isinstance(packet, Refusal) else [],
        **names_of(found, language),
    )


@router.get("/referrals/{referral_id}/reports")
async def reported(referral_id: PartId, visit: VisitDep, actor: CaseManagerDep) -> Response:
    """What the provider reported, with the notes for the case's team; that one was read is written down. (R-13, R-25)"""
    found = await visit.network.read(referral_page.read, referral_id, actor=actor, at=visit.now)
    told = await visit.network.write(reports.read, referral_id, **visit.held)
    return visit.page(
        "casework/reports.html",
        view=found.view,
        reports=sorted(told, key=lambda one: one.reported_at, reverse=True),
        **names_of(found, visit.language),
    )
