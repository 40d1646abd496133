"""Job matching: openings for a stated or recorded profile, and who of one's own cases fits an opening. (R-36)

What is said of a person travels in a body. An employer sees none of this: to it, a person is a referral with consent.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from api.actions import job_candidates, job_profiles, jobs, suggestions
from api.actions.suggestions import UnknownAreaError
from api.dependencies import LanguageDep, NetworkDep, NowDep
from api.job_answer import CandidatesOut, JobsOut, render_candidates, render_jobs
from api.job_query import JobQuery, ProfileIn
from api.problems import Problem
from api.query import Fault
from api.refusals import refused
from api.v1.capacity import ServiceId
from api.v1.cases import CaseId, ChangeDep
from api.v1.changes import PERSONAL, ChangedOut, expected_version
from api.v1.suggestions import COUNTED, Reference
from graph.model.refusal import Refusal

router = APIRouter(tags=["jobs"])

IfMatch = Annotated[str | None, Header(description="the version you read, as `ETag` told it")]


class ProfileOut(BaseModel):
    """The job profile of a case; null where nobody has asked yet."""

    worked: list[dict[str, Any]] | None
    skills: list[str] | None
    interests: list[str] | None
    schedules: list[str] | None
    areas: list[str] | None = Field(description="null: where the person lives")
    stated_at: str | None


@router.post("/job-suggestions", response_model=JobsOut, summary="Openings for somebody who looks for work")
async def suggest(
    query: JobQuery, network: NetworkDep, now: NowDep, language: LanguageDep, reference: Reference = None
) -> Any:
    """Openings that fit, why, and which do not and why not; what is missing, and who near teaches it.

    Nothing is kept about anybody. Neither gender nor nationality nor a highest age is read, whatever an employer may
    have stated. What nobody can offer is counted for the committee, without a person.
    """
    seeker = query.seeker(today=now.date())
    try:
        answer = await network.read(jobs.answer, seeker, query.areas, everywhere=query.explain == "all")
    except UnknownAreaError as unknown:
        at = f"/areas/{query.areas.index(unknown.area)}"
        raise Problem("invalid-request", faults=[Fault(pointer=at, code="query.unknown-area")]) from None
    if answer.suggestions.gap:
        await network.write(suggestions.count_demand, answer.suggestions, at=now, reference=reference)
    body = render_jobs(
        answer, seeker.profile, jobs.given_by(), language, explain=query.explain is not False, limit=query.limit
    )
    return JSONResponse(body, headers={**COUNTED, "Content-Language": language})


@router.put("/cases/{case_id}/job-profile", response_model=ChangedOut, summary="Write the job profile down")
async def record(case_id: CaseId, said: ProfileIn, change: ChangeDep, if_match: IfMatch = None) -> Any:
    """The whole profile, in place of the last; `If-Match` names the version you read. Nobody is told of it.

    It may be sent to an employer only by a referral, as far as its SOP asks and the person consents.
    """
    return await change.make(job_profiles.record, case_id, said.whole, expected=expected_version(if_match))


@router.delete("/cases/{case_id}/job-profile", response_model=ChangedOut, summary="Take the job profile out")
async def take_out(case_id: CaseId, change: ChangeDep, if_match: IfMatch = None) -> Any:
    """The person no longer wants it kept; what had already gone by a referral is listed with the referral."""
    return await change.make(job_profiles.record, case_id, None, expected=expected_version(if_match))


@router.get("/cases/{case_id}/job-profile", response_model=ProfileOut | None, summary="Read the job profile of a case")
async def read(case_id: CaseId, change: ChangeDep) -> Any:
    """As it was last written down; null where nobody has asked yet. That you looked is written down."""
    found = await change.network.write(job_profiles.read, case_id, **change.circumstances)
    body = None if found.profile is None else found.profile.model_dump(mode="json")
    return JSONResponse(body, headers={**PERSONAL, "ETag": f'"{found.revised}"'})


@router.get("/cases/{case_id}/job-suggestions", response_model=JobsOut, summary="Openings for the profile of a case")
async def suggest_for_case(case_id: CaseId, change: ChangeDep) -> Any:
    """For an agreed need for work, where the profile says, else where the person lives.

    Refused while the person has not agreed to look for work, or where nobody has written a profile down.
    """
    found = await change.network.read(jobs.answer_for_case, case_id, **change.circumstances)
    if isinstance(found, Refusal):
        raise refused(found, change.language)
    if found.answer.suggestions.gap:
        at, secrets = change.circumstances["at"], change.circumstances["secrets"]
        reference = jobs.reference(found.seeker, secrets)
        await change.network.write(suggestions.count_demand, found.answer.suggestions, at=at, reference=reference)
    body = render_jobs(found.answer, found.seeker.profile, jobs.given_by(), change.language)
    return JSONResponse(body, headers=PERSONAL)


@router.get(
    "/services/{service_id}/job-candidates", response_model=CandidatesOut, summary="Who of your cases fits an opening"
)
async def candidates(service_id: ServiceId, change: ChangeDep) -> Any:
    """For case managers, over the open cases of their own team that have a profile and an agreed need for work.

    For planning: nobody is sent anything, and an employer cannot ask. A service without an opening is not found.
    """
    found = await change.network.read(job_candidates.compare, service_id, **change.circumstances)
    return JSONResponse(render_candidates(found, change.language), headers=PERSONAL)
