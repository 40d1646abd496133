"""The plan of a case: needs and the person's word on each, goals with their reviews, assessments, meetings, word with people. (R-14, R-34, R-40, R-41)"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from fastapi.responses import Response

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
from api.identity import CASE_MANAGER
from api.problems import NotFound
from api.receipts import name_of
from api.texts import text
from api.ui.casework.desk import in_words
from api.ui.casework.of_case import CaseId, Done, PartId
from api.ui.casework.parts import NOTHING, CaseForm, Shown
from api.ui.change import Visit, VisitDep
from api.ui.suggestions import types
from graph.seed.vocabulary import label, terms

router = APIRouter(dependencies=[Depends(CASE_MANAGER)])

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
async def show(case_id: CaseId, visit: VisitDep, done: Done = "") -> Response:
    """The plan as it stands, with a form for each thing that can be added."""
    return await _page(visit, case_id, NOTHING, done=done)


async def _page(visit: Visit, case_id: str, shown: Shown, *, done: str = "") -> Response:
    # An answer that says no holds what was typed and nothing else: no envelope is opened for it.
    found = await visit.network.write(case_desk.read, case_id, only=WORDS if shown is NOTHING else (), **visit.held)
    words = {(told.field, told.of): told.value for told in found.file.told}
    follow_up = found.file.follow_up
    asked = {id for part in ("goal_id", "meeting_id") if (id := visit.request.path_params.get(part))}
    if asked - {g.id for g in found.file.case.goals} - {m.id for m in follow_up.meetings}:
        raise NotFound  # what is wrong with a form is told about what is there
    now, language = visit.now, visit.language

    def options(prefix: str, codes: tuple[str, ...]) -> list[tuple[str, str]]:
        return [(code, text(f"casework.{prefix}.{code}", language)) for code in codes]

    return visit.page(
        "casework/plan.html",
        status=shown.status,
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


class _Form(CaseForm):
    back = "plan?done={done}"

    async def page(self, shown: Shown) -> Response:
        return await _page(self.change, self.case_id, shown)


FormDep = Annotated[_Form, Depends()]


@router.post("/cases/{case_id}/plan/needs")
async def state(form: FormDep) -> Response:
    """A need is written down; nothing is sought before the person agrees."""
    return await form.state(
        "state", SaidNeed, plans.state_need, lambda s: {"stated": StatedNeed(**s.model_dump())}, done="stated"
    )


@router.post("/cases/{case_id}/plan/needs/{need_id}/agreement")
async def agree(form: FormDep, need_id: PartId) -> Response:
    """The person agrees that help is sought for it, or takes that back."""
    if form.change.text("agreed") == "no":
        return await form.do(plans.revoke_need, form.case_id, need_id, done="taken-back")
    return await form.do(plans.agree_need, form.case_id, need_id, done="agreed")


@router.post("/cases/{case_id}/plan/goals")
async def goal(form: FormDep) -> Response:
    """A goal in the person's words, with the day on which it is looked at again."""
    return await form.state(
        "goal", SaidGoal, plans.plan_goal, lambda s: {"planned": PlannedGoal(**s.model_dump())}, done="planned"
    )


@router.post("/cases/{case_id}/plan/goals/{goal_id}")
async def review(form: FormDep, goal_id: PartId) -> Response:
    """A goal is looked at again: how feasible it is now, and when next."""
    return await form.state(
        f"goal-{goal_id}",
        SaidGoal,
        plans.plan_goal,
        lambda s: {"planned": PlannedGoal(id=goal_id, **s.model_dump()), "again": True},
        done="planned",
    )


@router.post("/cases/{case_id}/plan/assessments")
async def assess(form: FormDep) -> Response:
    """An assessment; where factors were looked at, what is marked is the whole reading."""
    sent = form.change.form
    marked = [code for code in sent.getlist("assessment-factor") if isinstance(code, str)]
    return await form.state(
        "assessment",
        SaidAssessment,
        plans.assess,
        lambda s: {"made": MadeAssessment(**s.model_dump())},
        done="assessed",
        known={"factors": dict.fromkeys(marked)} if marked or sent.get("assessment-looked") == "yes" else {},
    )


@router.post("/cases/{case_id}/plan/meetings")
async def meet(form: FormDep) -> Response:
    """A meeting to come, or what came of one."""
    return await form.state(
        "meeting", SaidMeeting, plans.note_meeting, lambda s: {"noted": NotedMeeting(**s.model_dump())}, done="noted"
    )


@router.post("/cases/{case_id}/plan/meetings/{meeting_id}")
async def met(form: FormDep, meeting_id: PartId) -> Response:
    """What came of a meeting that was planned."""
    return await form.state(
        f"meeting-{meeting_id}",
        SaidMeeting,
        plans.note_meeting,
        lambda s: {"noted": NotedMeeting(id=meeting_id, **s.model_dump()), "again": True},
        done="noted",
    )


@router.post("/cases/{case_id}/plan/communications")
async def spoke(form: FormDep) -> Response:
    """That there was word with somebody, and what came of it."""
    return await form.state(
        "word",
        SaidCommunication,
        plans.note_communication,
        lambda s: {"noted": NotedCommunication(**s.model_dump())},
        done="noted",
    )
