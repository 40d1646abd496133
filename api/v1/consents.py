"""What a person allows, refuses and takes back, and what had already gone. (R-11, R-20)"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse
from pydantic import Field

from api.actions import consents, gone, stopping
from api.actions.consents import Allowing, Answered, Asked, Stopped
from api.actions.gone import Gone
from api.actions.stopping import Acknowledged, GoesOn
from api.v1.cases import Body, CaseId, ChangeDep
from api.v1.changes import PERSONAL
from graph.model.stop_notice import StopNotice

router = APIRouter(tags=["consents"])

PartId = Annotated[str, Path(min_length=1, max_length=160)]
CodeIn = Annotated[str, Field(min_length=1, max_length=120, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]


class AskedIn(Body):
    """Who would receive, for which purpose, and how the person was asked."""

    organization_id: str = Field(min_length=1, max_length=120)
    purpose: CodeIn
    given_by: Literal["self", "guardian", "lawful-representative"] = "self"
    guardian_id: str | None = Field(None, min_length=1, max_length=120)
    language: CodeIn = "es"
    notice_version: int | None = Field(None, ge=1, le=10_000)
    modality: Literal["written", "spoken-before-witness", "thumbprint", "digital"]
    witness: str | None = Field(None, min_length=1, max_length=120)
    countries: frozenset[CodeIn] = Field(frozenset(), max_length=20)


class AllowingIn(AskedIn):
    """What the person allows: fields, or groups of fields, at which stages."""

    fields: frozenset[CodeIn] = Field(frozenset(), max_length=200)
    categories: frozenset[CodeIn] = Field(frozenset(), max_length=50)
    stages: frozenset[Literal["first-contact", "follow-up"]] = frozenset({"first-contact"})


class GoesOnIn(Body):
    """Whether a service that runs goes on without further data."""

    goes_on: bool


@router.post(
    "/cases/{case_id}/consents", response_model=Answered, status_code=201, summary="Write down what a person allows"
)
async def give(case_id: CaseId, said: AllowingIn, change: ChangeDep) -> Any:
    """Groups are expanded to fields now: a field added later is not covered. The wording must be translated."""
    return await change.answer(consents.give, case_id, Allowing(**said.model_dump()), status=201)


@router.post("/cases/{case_id}/refusals", response_model=Stopped, status_code=201, summary="Write down a person's no")
async def refuse(case_id: CaseId, said: AskedIn, change: ChangeDep) -> Any:
    """It wins over any permit, and changes nothing in the help that others give."""
    return await change.answer(consents.refuse, case_id, Asked(**said.model_dump()), status=201)


@router.post("/consents/{consent_id}/withdrawal", response_model=Stopped, summary="Take a consent back")
async def withdraw(consent_id: PartId, change: ChangeDep) -> Any:
    """From the answer on nothing more is sent or read. It lists what had already gone, and who opened it."""
    return await change.answer(consents.withdraw, consent_id)


@router.get("/cases/{case_id}/gone", response_model=list[Gone], summary="What has left of a case")
async def gone_list(case_id: CaseId, change: ChangeDep) -> Any:
    """Every copy, to whom, which fields, and every reading of it."""
    found = await change.network.read(gone.gone, case_id, actor=change.circumstances["actor"])
    return JSONResponse([row.model_dump(mode="json") for row in found], headers=PERSONAL)


@router.put("/referrals/{referral_id}/goes-on", response_model=GoesOn, summary="Say whether a service goes on")
async def goes_on(referral_id: PartId, said: GoesOnIn, change: ChangeDep) -> Any:
    """The person's answer alone changes the state of a service in progress whose consent was withdrawn."""
    return await change.answer(stopping.answer_service_goes_on, referral_id, said.goes_on)


@router.get("/stop-notices", response_model=list[StopNotice], summary="Stop notices your organisation has not seen")
async def notices(change: ChangeDep) -> Any:
    """The most urgent first. They name referrals, never a person."""
    found = await change.network.read(stopping.notices_to, actor=change.circumstances["actor"])
    return JSONResponse([notice.model_dump(mode="json") for notice in found], headers=PERSONAL)


@router.post("/stop-notices/{notice_id}/acknowledgement", response_model=Acknowledged, summary="Say it was seen")
async def acknowledge(notice_id: PartId, change: ChangeDep) -> Any:
    """Your organisation has seen it and stops. Said twice, the first time counts."""
    return await change.answer(stopping.acknowledge, notice_id)
