"""The plan of a case: needs and the person's word on each, goals with their reviews, assessments, meetings, word with people. (R-14, R-34, R-40, R-41)"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel

from api.actions import case_desk, plans
from api.actions.plans import (
    MadeAssessment,
    NotedCommunication,
    NotedMeeting,
    PlannedGoal,
    SaidAssessment,
    SaidCommunication,
    SaidGoal,
    SaidMeeting,
    SaidNeed,
    StatedNeed,
)
from api.dependencies import LanguageDep, NetworkDep, NowDep, SecretsDep
from api.identity import CaseManagerDep
from api.problems import NotFound
from api.receipts import name_of
from api.texts import text
from api.ui.casework.desk import in_words
from api.ui.casework.of_case import FRESH, CaseId, PartId, onward, why
from api.ui.casework.parts import NOTHING, Shown, again, read_part
from api.ui.change import Change, PageChangeDep
from api.ui.render import page
from api.ui.suggestions import types
from graph.model.refusal import Refusal
from graph.seed.catalogue import WrongValue
from graph.seed.vocabulary import label, terms

router = APIRouter()

WORDS: Final = (
    "need_description",
    "reintegration_plan_goal",
    "meeting_notes",
    "communication_notes",
    "assessment_notes",
)
"""Free texts that belong to the plan: what this page opens."""

DONE: Final = frozenset({"stated", "agreed", "taken-back", "planned", "assessed", "noted"})
DIMENSIONS: Final = ("economic", "social", "psychosocial")
FEASIBLE: Final = ("feasible", "feasible-with-support", "not-feasible")
KINDS: Final = ("needs", "vulnerability", "health", "psychosocial", "skills", "family")
PARTIES: Final = ("person", "guardian", "provider")
OUTCOMES: Final = ("reached", "not-reached", "message-left")
CHANNELS: Final = ("telephone", "in-person", "messaging", "sms", "video-call", "email", "letter")
"""Ways by which people are spoken with; others of the vocabulary are for reports."""


@router.get("/cases/{case_id}/plan")
async def show(
    request: Request,
    case_id: CaseId,
    network: NetworkDep,
    now: NowDep,
    secrets: SecretsDep,
    language: LanguageDep,
    actor: CaseManagerDep,
    done: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    """The plan as it stands, with a form for each thing that can be added."""
    held = {"actor": actor, "at": now, "secrets": secrets}
    return await _page(request, network, case_id, held, language, NOTHING, done=done)


async def _page(
    request: Request,
    network: NetworkDep,
    case_id: str,
    held: dict[str, Any],
    language: LanguageDep,
    shown: Shown,
    *,
    done: str = "",
    part: str | None = None,
) -> Response:
    # An answer that says no holds what was typed and nothing else: no envelope is opened for it.
    found = await network.write(case_desk.read, case_id, only=WORDS if shown is NOTHING else (), **held)
    words = {(told.field, told.of): told.value for told in found.file.told}
    follow_up = found.file.follow_up
    if part is not None and part not in {g.id for g in found.file.case.goals} | {m.id for m in follow_up.meetings}:
        raise NotFound  # what is wrong with a form is told about what is there
    now = held["at"]

    def options(prefix: str, codes: tuple[str, ...]) -> list[tuple[str, str]]:
        return [(code, text(f"casework.{prefix}.{code}", language)) for code in codes]

    return page(
        request,
        "casework/plan.html",
        now=now,
        status=shown.status,
        headers=FRESH,
        done=done if done in DONE else "",
        shown=shown,
        words=lambda field, of: words.get((field, of), ""),
        can="case-record" in found.may,
        can_agree="need-agree" in found.may,
        can_take_back="consent-withdraw" in found.may,
        kinds=types(),
        priorities=[(code, label("priorities", code, language)) for code in ("normal", "urgent", "emergency")],
        dimensions=options("dimension", DIMENSIONS),
        feasibilities=options("feasible", FEASIBLE),
        assessments=options("assessment", KINDS),
        parties=options("party", PARTIES),
        outcomes=options("outcome", OUTCOMES),
        channels=[(code, label("channels", code, language)) for code in CHANNELS],
        factors=[(code, label("factors", code, language)) for code in terms("factors")],
        held_now={f.factor for f in found.file.case.factors if f.valid_to is None or now.date() <= f.valid_to},
        follow_up=follow_up,
        today=now.date().isoformat(),
        soon=(now.date() + timedelta(days=90)).isoformat(),
        yes_no=[("yes", text("casework.meeting.held", language)), ("no", text("casework.meeting.not-held", language))],
        goal_options=[
            (g.id, words.get(("reintegration_plan_goal", g.id)) or text(f"casework.dimension.{g.dimension}", language))
            for g in found.file.case.goals
        ],
        name_options=[
            (id, name_of(o, language)) for id, o in found.organizations.items() if id != found.file.case.organization_id
        ],
        **in_words(found, language, at=now),
    )


async def _do(
    request: Request,
    change: Change,
    case_id: str,
    name: str,
    model: type[BaseModel] | None,
    action: Any,
    made: Callable[[Any], tuple[Any, ...]],
    done: str,
    **more: Any,
) -> Response:
    """One form of the page: its action, and back to the plan; or the plan with what is wrong beside the form."""
    known, part = more.pop("known", {}), more.pop("part", None)
    said = read_part(change.form, name, model, change.language, **known) if model else None
    shown = NOTHING
    if isinstance(said, dict):
        shown = again(change.form, faults=said)
    else:
        try:
            outcome = await change.make(action, case_id, *made(said), **more)
            if not isinstance(outcome, Refusal):
                return onward(f"/cases/{case_id}/plan?done={done}")
            shown = again(change.form, reasons=why(outcome, change.language))
        except WrongValue:
            shown = again(change.form, faults={name: text("casework.fault.value", change.language)})
    held = {"actor": change.actor, "at": change.now, "secrets": change.secrets}
    return await _page(request, change.network, case_id, held, change.language, shown, part=part)


@router.post("/cases/{case_id}/plan/needs")
async def state(request: Request, case_id: CaseId, change: PageChangeDep, actor: CaseManagerDep) -> Response:
    """A need is written down; nothing is sought before the person agrees."""
    return await _do(
        request,
        change,
        case_id,
        "state",
        SaidNeed,
        plans.state_need,
        lambda s: (StatedNeed(**s.model_dump()),),
        "stated",
    )


@router.post("/cases/{case_id}/plan/needs/{need_id}/agreement")
async def agree(
    request: Request, case_id: CaseId, need_id: PartId, change: PageChangeDep, actor: CaseManagerDep
) -> Response:
    """The person agrees that help is sought for it, or takes that back."""
    action, done = (plans.revoke_need, "taken-back") if change.text("agreed") == "no" else (plans.agree_need, "agreed")
    return await _do(request, change, case_id, "agreement", None, action, lambda _: (need_id,), done)


@router.post("/cases/{case_id}/plan/goals")
async def goal(request: Request, case_id: CaseId, change: PageChangeDep, actor: CaseManagerDep) -> Response:
    """A goal in the person's words, with the day on which it is looked at again."""
    return await _do(
        request,
        change,
        case_id,
        "goal",
        SaidGoal,
        plans.plan_goal,
        lambda s: (PlannedGoal(**s.model_dump()),),
        "planned",
    )


@router.post("/cases/{case_id}/plan/goals/{goal_id}")
async def review(
    request: Request, case_id: CaseId, goal_id: PartId, change: PageChangeDep, actor: CaseManagerDep
) -> Response:
    """A goal is looked at again: how feasible it is now, and when next."""
    return await _do(
        request,
        change,
        case_id,
        f"goal-{goal_id}",
        SaidGoal,
        plans.plan_goal,
        lambda s: (PlannedGoal(id=goal_id, **s.model_dump()),),
        "planned",
        again=True,
        part=goal_id,
    )


@router.post("/cases/{case_id}/plan/assessments")
async def assess(request: Request, case_id: CaseId, change: PageChangeDep, actor: CaseManagerDep) -> Response:
    """An assessment; where factors were looked at, what is marked is the whole reading."""
    looked = change.form.get("assessment-looked") == "yes"
    marked = [code for code in change.form.getlist("assessment-factor") if isinstance(code, str)]
    return await _do(
        request,
        change,
        case_id,
        "assessment",
        SaidAssessment,
        plans.assess,
        lambda s: (MadeAssessment(**s.model_dump()),),
        "assessed",
        known={"factors": dict.fromkeys(marked)} if looked or marked else {},
    )


@router.post("/cases/{case_id}/plan/meetings")
async def meet(request: Request, case_id: CaseId, change: PageChangeDep, actor: CaseManagerDep) -> Response:
    """A meeting to come, or what came of one."""
    return await _do(
        request,
        change,
        case_id,
        "meeting",
        SaidMeeting,
        plans.note_meeting,
        lambda s: (NotedMeeting(**s.model_dump()),),
        "noted",
    )


@router.post("/cases/{case_id}/plan/meetings/{meeting_id}")
async def met(
    request: Request, case_id: CaseId, meeting_id: PartId, change: PageChangeDep, actor: CaseManagerDep
) -> Response:
    """What came of a meeting that was planned."""
    return await _do(
        request,
        change,
        case_id,
        f"meeting-{meeting_id}",
        SaidMeeting,
        plans.note_meeting,
        lambda s: (NotedMeeting(id=meeting_id, **s.model_dump()),),
        "noted",
        again=True,
        part=meeting_id,
    )


@router.post("/cases/{case_id}/plan/communications")
async def spoke(request: Request, case_id: CaseId, change: PageChangeDep, actor: CaseManagerDep) -> Response:
    """That there was word with somebody, and what came of it."""
    return await _do(
        request,
        change,
        case_id,
        "word",
        SaidCommunication,
        plans.note_communication,
        lambda s: (NotedCommunication(**s.model_dump()),),
        "noted",
    )
