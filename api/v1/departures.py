"""Leaving one country for another, said by both sides; what did not happen stops everything. (R-04, R-42)"""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import Field

from api.actions import departures
from api.actions.departures import DepartureView, Halted, Journey, Went
from api.v1.cases import Body, CaseId, ChangeDep
from api.v1.changes import PERSONAL
from api.v1.consents import CodeIn, PartId

router = APIRouter(tags=["departures"])


class JourneyIn(Body):
    """Where to, on which day, and who expects the person there."""

    to: CodeIn = Field(description="country (ISO 3166)")
    on: date
    receiver_id: str = Field(min_length=1, max_length=120)


class WordIn(Body):
    """What the host side saw."""

    word: Literal["departed", "did-not-depart"]


@router.post("/cases/{case_id}/departure", response_model=Went, status_code=201, summary="Plan a departure")
async def plan(case_id: CaseId, said: JourneyIn, change: ChangeDep) -> Any:
    """Refused until the person allowed the receiving organisation something for that border."""
    return await change.answer(departures.plan, case_id, Journey(**said.model_dump()), status=201)


@router.get("/cases/{case_id}/departure", response_model=list[DepartureView], summary="See the departures of a case")
async def of_case(case_id: CaseId, change: ChangeDep) -> Any:
    """The oldest first, with what each side confirmed. For the person and the team."""
    found = await change.network.read(departures.of_case, case_id, actor=change.circumstances["actor"])
    return JSONResponse([row.model_dump(mode="json") for row in found], headers=PERSONAL)


@router.post("/cases/{case_id}/departure/word", response_model=Went | Halted, summary="Say whether the person departed")
async def word(case_id: CaseId, said: WordIn, change: ChangeDep) -> Any:
    """`did-not-depart` ends in one step all that was for that border: referrals, consents, copies, questions, places."""
    return await change.answer(departures.depart if said.word == "departed" else departures.halt, case_id)


@router.get("/arrivals", response_model=list[DepartureView], summary="See who is expected")
async def expected(change: ChangeDep) -> Any:
    """For the receiving organisation: days and countries, nobody's name; who it is, a referral says."""
    who, at = change.circumstances["actor"], change.circumstances["at"]
    found = await change.network.read(departures.expected, actor=who, at=at)
    return JSONResponse([row.model_dump(mode="json") for row in found], headers=PERSONAL)


@router.post("/arrivals/{departure_id}/confirmation", response_model=Went, summary="Confirm an arrival")
async def arrive(departure_id: PartId, change: ChangeDep) -> Any:
    """For the receiving organisation, once the person is there."""
    return await change.answer(departures.arrive, departure_id)
