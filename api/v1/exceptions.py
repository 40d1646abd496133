"""The one door without consent: asked, attested, told, reviewed, registered. Nothing here sends. (R-22)"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Literal

from fastapi import APIRouter
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from api.actions import exceptions, register, reviewing
from api.actions.exceptions import Excepted, Plea, Reviewed, Word
from api.actions.reviewing import Concluded
from api.v1.cases import Body, ChangeDep
from api.v1.changes import PERSONAL, After, Limit
from api.v1.consents import CodeIn, PartId
from graph.model.consent import ExceptionRequest, Finding, Ground

router = APIRouter(tags=["exceptions"])


class PleaIn(Body):
    """Whom to ask, and on whose wish."""

    assessor_id: str = Field(min_length=1, max_length=120)
    requested_by: Literal["organisation", "relative"]
    relation: CodeIn | None = None


class WordIn(Body):
    """What the professional says."""

    ground: Ground
    representative_reachable: bool
    narrative: str = Field(min_length=1, max_length=4000)


class ToldIn(Body):
    """How the person was told; encrypted."""

    how: str = Field(min_length=1, max_length=4000)


class LineOut(BaseModel):
    """One use, as the committee sees it."""

    ground: str
    service_class: str
    month: str
    person_told: bool
    reviewed: bool
    department: str | None


class UseOut(BaseModel):
    """One use that waits for its review."""

    id: str
    ground: str
    service_type: str
    sent_at: str


@router.post(
    "/referrals/{referral_id}/exception", response_model=Excepted, status_code=201, summary="Ask a professional"
)
async def request(referral_id: PartId, said: PleaIn, change: ChangeDep) -> Any:
    """A named one with a credential, who is not the one asking."""
    return await change.answer(exceptions.request, referral_id, Plea(**said.model_dump()), status=201)


class AskedOut(BaseModel):
    """The oldest first."""

    requests: list[ExceptionRequest]
    next: str | None = Field(description="give it as `after` for what comes after these")


@router.get("/exceptions/asked", response_model=AskedOut, summary="What you are asked to attest")
async def asked(change: ChangeDep, after: After = None, limit: Limit = 50) -> Any:
    """For the professional who is named; nothing of the person but the number of the case."""
    who = change.circumstances["actor"]
    found = await change.network.read(exceptions.asked_of_me, actor=who, after=after, limit=limit)
    page = AskedOut(requests=found, next=found[-1].id if len(found) == limit else None)
    return JSONResponse(page.model_dump(mode="json"), headers=PERSONAL)


@router.post("/exceptions/asked/{request_id}/word", response_model=Excepted, status_code=201, summary="Attest")
async def attest(request_id: PartId, said: WordIn, change: ChangeDep) -> Any:
    """It opens the door for 72 hours, to fields marked for emergencies only."""
    return await change.answer(exceptions.attest, request_id, Word(**said.model_dump()), status=201)


@router.post("/exceptions/asked/{request_id}/declining", response_model=Excepted, summary="Do not attest")
async def decline(request_id: PartId, change: ChangeDep) -> Any:
    """For the professional who is named: closes the request, and nothing opens. Takes no body; no reason is asked."""
    return await change.answer(exceptions.decline, request_id)


@router.post(
    "/exceptions/{attestation_id}/told", response_model=Excepted, summary="Write down that the person was told"
)
async def tell(attestation_id: PartId, said: ToldIn, change: ChangeDep) -> Any:
    """As soon as possible, and how they were told. The words are encrypted."""
    return await change.answer(exceptions.tell, attestation_id, said.how)


@router.get("/exceptions/to-review", response_model=list[UseOut], summary="Uses that wait for their review")
async def to_review(change: ChangeDep) -> Any:
    """For the data protection officer, the oldest first."""
    found = await change.network.read(register.to_review, actor=change.circumstances["actor"])
    rows = [
        {"id": u.id, "ground": u.ground, "service_type": u.service_type, "sent_at": u.sent_at.isoformat()}
        for u in found
    ]
    return JSONResponse(rows, headers=PERSONAL)


@router.post("/exceptions/{attestation_id}/review", response_model=Reviewed, summary="Review a use")
async def review(attestation_id: PartId, change: ChangeDep) -> Any:
    """The papers, once it stands in the log that you read them. Never kept under a key."""
    found = await change.network.write(exceptions.review, attestation_id, **change.circumstances)
    return JSONResponse(found.model_dump(mode="json"), headers=PERSONAL)


class FindingIn(Body):
    """What the review came to, in a code and in words; the person can read both."""

    finding: Finding
    words: str = Field(min_length=1, max_length=4000, description="encrypted")


@router.post("/exceptions/{attestation_id}/finding", response_model=Concluded, summary="Say what a review found")
async def conclude(attestation_id: PartId, said: FindingIn, change: ChangeDep) -> Any:
    """For the data protection officer, once they read the papers. The first word counts."""
    return await change.answer(reviewing.conclude, attestation_id, said.finding, said.words)


@router.get("/exceptions/register", response_model=list[LineOut], summary="What was sent without consent")
async def lines(change: ChangeDep) -> Any:
    """Ground, class of service and month; a place only where enough were there. Never a person."""
    found = await change.network.read(register.register, actor=change.circumstances["actor"])
    return JSONResponse([jsonable_encoder(asdict(line)) for line in found], headers=PERSONAL)
