"""The plan of a case and who decides in it: needs, goals, follow-up, guardians; suggestions for a need. (R-23, R-24, R-40)"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, Field

from api.actions import case_suggestions, plans, standing
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
from api.actions.standing import NamedGuardian, SaidGuardian
from api.actions.suggestions import count_demand
from api.answer import AnswerOut, render
from api.query import Query as Asked
from api.refusals import refused
from api.v1.cases import Body, CaseId, ChangeDep
from api.v1.changes import PERSONAL, ChangedOut
from graph.model.refusal import Refusal

router = APIRouter(prefix="/cases/{case_id}", tags=["cases"])

PartId = Annotated[str, Path(min_length=1, max_length=120, pattern=r"\S")]


class BarIn(Body):
    """Why a guardian is barred; encrypted."""

    why: str | None = Field(None, min_length=1, max_length=4000)


class DestinationIn(Body):
    """Where the person is going to live."""

    area: str = Field(min_length=2, max_length=120, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")


class BestInterestsIn(Body):
    """For which country, and what was concluded."""

    country: str = Field(min_length=2, max_length=2)
    conclusion: str = Field(min_length=1, max_length=4000)


class ViewIn(Body):
    """What a child thinks of it; null: too young or unwilling to say."""

    agrees: bool | None
    view: str | None = Field(None, min_length=1, max_length=4000)
    language: str = Field("es", min_length=2, max_length=12, description="in which the notice for children was read")
    notice_version: int | None = Field(None, ge=1, le=10_000)


class IncapacityIn(Body):
    """Which professional found it, until when, and what was found."""

    assessed_by: str = Field(min_length=1, max_length=120)
    valid_to: AwareDatetime
    findings: str | None = Field(None, min_length=1, max_length=4000)


@router.post("/needs", response_model=ChangedOut, summary="State a need")
async def state_need(case_id: CaseId, said: SaidNeed, change: ChangeDep) -> Any:
    """It is matched and asked about only once the person agrees."""
    return await change.make(plans.state_need, case_id, StatedNeed(**said.model_dump()))


@router.post("/needs/{need_id}/agreement", response_model=ChangedOut, summary="The person agrees to a need")
async def agree_need(case_id: CaseId, need_id: PartId, change: ChangeDep) -> Any:
    """From now on help may be sought for it, and providers asked."""
    return await change.make(plans.agree_need, case_id, need_id)


@router.delete("/needs/{need_id}/agreement", response_model=ChangedOut, summary="The person takes a need back")
async def revoke_need(case_id: CaseId, need_id: PartId, change: ChangeDep) -> Any:
    """Always possible, in a closed case too, and for the person themselves."""
    return await change.make(plans.revoke_need, case_id, need_id)


@router.get("/needs/{need_id}/suggestions", response_model=AnswerOut, summary="Who could meet an agreed need")
async def suggest(case_id: CaseId, need_id: PartId, change: ChangeDep) -> Any:
    """Judged by area, age band, gender, languages, nationality, factors and papers: by nothing that names a person."""
    answer = await change.network.read(case_suggestions.suggest, case_id, need_id, **change.circumstances)
    if isinstance(answer, Refusal):
        raise refused(answer, change.language)
    if answer.suggestions.gap:
        reference = case_suggestions.reference(need_id, change.circumstances["secrets"])
        at = change.circumstances["at"]
        await change.network.write(count_demand, answer.suggestions, at=at, reference=reference)
    asked = Asked(service_type=answer.suggestions.need.service_type, area=answer.suggestions.need.area)
    return JSONResponse(render(answer, asked, change.language), headers=PERSONAL)


@router.post(
    "/needs/{need_id}/suggestions", response_model=AnswerOut, summary="Who could meet it where the person goes"
)
async def suggest_there(case_id: CaseId, need_id: PartId, said: DestinationIn, change: ChangeDep) -> Any:
    """Before a departure, for the area the person goes to; judged by nothing that names them. It is counted nowhere."""
    found = await change.network.read(
        case_suggestions.suggest, case_id, need_id, area=said.area, **change.circumstances
    )
    if isinstance(found, Refusal):
        raise refused(found, change.language)
    asked = Asked(service_type=found.suggestions.need.service_type, area=found.suggestions.need.area)
    return JSONResponse(render(found, asked, change.language), headers=PERSONAL)


@router.post("/goals", response_model=ChangedOut, summary="Plan a goal")
async def plan_goal(case_id: CaseId, said: SaidGoal, change: ChangeDep) -> Any:
    """With its feasibility, and the day it is looked at again, within eighteen months."""
    return await change.make(plans.plan_goal, case_id, PlannedGoal(**said.model_dump()))


@router.put("/goals/{goal_id}", response_model=ChangedOut, summary="Look at a goal again")
async def review_goal(case_id: CaseId, goal_id: PartId, said: SaidGoal, change: ChangeDep) -> Any:
    """Its feasibility as it is now, and the day of the next review."""
    return await change.make(plans.plan_goal, case_id, PlannedGoal(id=goal_id, **said.model_dump()), again=True)


@router.post("/assessments", response_model=ChangedOut, summary="Write an assessment down")
async def assess(case_id: CaseId, said: SaidAssessment, change: ChangeDep) -> Any:
    """Factors, where they are given, are the whole reading and take the place of the last."""
    return await change.make(plans.assess, case_id, MadeAssessment(**said.model_dump()))


@router.post("/meetings", response_model=ChangedOut, summary="Plan or note a follow-up meeting")
async def note_meeting(case_id: CaseId, said: SaidMeeting, change: ChangeDep) -> Any:
    """To come (`held` null), or with what came of it."""
    return await change.make(plans.note_meeting, case_id, NotedMeeting(**said.model_dump()))


@router.put("/meetings/{meeting_id}", response_model=ChangedOut, summary="Note what came of a meeting")
async def note_meeting_again(case_id: CaseId, meeting_id: PartId, said: SaidMeeting, change: ChangeDep) -> Any:
    """Under the id it was planned by; a meeting of another case is not there."""
    noted = NotedMeeting(id=meeting_id, **said.model_dump())
    return await change.make(plans.note_meeting, case_id, noted, again=True)


@router.post("/communications", response_model=ChangedOut, summary="Note a communication")
async def note_communication(case_id: CaseId, said: SaidCommunication, change: ChangeDep) -> Any:
    """With the person, a guardian or a provider; in a closed case too."""
    return await change.make(plans.note_communication, case_id, NotedCommunication(**said.model_dump()))


@router.post("/guardians", response_model=ChangedOut, summary="Name a guardian or representative")
async def name_guardian(case_id: CaseId, said: SaidGuardian, change: ChangeDep) -> Any:
    """Of a child, or of somebody found unable to decide; any other adult decides alone."""
    return await change.make(standing.name_guardian, case_id, NamedGuardian(**said.model_dump()))


@router.post("/guardians/{guardian_id}/bar", response_model=ChangedOut, summary="Bar a guardian for good")
async def bar_guardian(case_id: CaseId, guardian_id: PartId, said: BarIn, change: ChangeDep) -> Any:
    """Neither their consent nor their reading counts from now on."""
    return await change.make(standing.bar_guardian, case_id, guardian_id, why=said.why)


@router.post("/guardians/{guardian_id}/end", response_model=ChangedOut, summary="A guardianship ends")
async def end_guardianship(case_id: CaseId, guardian_id: PartId, change: ChangeDep) -> Any:
    """From now on they no longer stand for the person, anywhere."""
    return await change.make(standing.end_guardianship, case_id, guardian_id)


@router.post("/best-interests", response_model=ChangedOut, summary="Best interests were determined")
async def determine_best_interests(case_id: CaseId, said: BestInterestsIn, change: ChangeDep) -> Any:
    """For one country at a time; across a border, for both."""
    return await change.make(
        standing.determine_best_interests, case_id, country=said.country, conclusion=said.conclusion
    )


@router.post("/child-views", response_model=ChangedOut, summary="A child was heard")
async def hear_child(case_id: CaseId, said: ViewIn, change: ChangeDep) -> Any:
    """Told by the notice for children, in a language somebody translated it into, and asked what they think."""
    return await change.make(standing.hear_child, case_id, **said.model_dump())


@router.post("/incapacities", response_model=ChangedOut, summary="A professional found incapacity")
async def find_incapacity(case_id: CaseId, said: IncapacityIn, change: ChangeDep) -> Any:
    """For a time; refused unless the professional holds a credential."""
    return await change.make(
        standing.find_incapacity,
        case_id,
        assessed_by=said.assessed_by,
        valid_to=said.valid_to,
        findings=said.findings,
    )


@router.post("/incapacities/{incapacity_id}/end", response_model=ChangedOut, summary="The person can decide again")
async def end_incapacity(case_id: CaseId, incapacity_id: PartId, change: ChangeDep) -> Any:
    """Always possible: whoever can decide again decides for themselves."""
    return await change.make(standing.end_incapacity, case_id, incapacity_id)
