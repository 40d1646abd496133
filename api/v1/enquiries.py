"""Asking several services without saying who it is for; the provider's queue of questions, and its answers. (R-10, R-35)"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import Field, field_validator

from api.actions import enquiries
from api.actions.case_change import new_id
from api.actions.enquiries import MOST, Answered, AskedOf, Asking, Chosen, Question, Queued
from api.v1.cases import Body, CaseId, ChangeDep
from api.v1.changes import PERSONAL
from api.v1.consents import CodeIn, PartId
from graph.model.base import Model
from graph.model.enquiry import Answer

router = APIRouter(tags=["enquiries"])


class AskIn(Body):
    """Whom to ask, and in which of the person's languages; their other data is computed and never stated."""

    service_ids: list[Annotated[str, Field(min_length=1, max_length=120)]] = Field(min_length=1, max_length=MOST)
    language: CodeIn | None = Field(None, description="ISO 639-3, one of those recorded; left out: none is told")

    @field_validator("service_ids")
    @classmethod
    def _each_once(cls, ids: list[str]) -> list[str]:
        if len(set(ids)) != len(ids):
            raise ValueError("a service stands twice")
        return ids


class AnswerIn(Body):
    """Whether it could, and the coded reason of a cannot."""

    answer: Answer
    reason: CodeIn | None = None


class QueueOut(Model):
    """A page of questions."""

    enquiries: list[Queued]
    next: str | None = Field(None, description="ask again with `after` set to this; null: that was all")


@router.post(
    "/cases/{case_id}/needs/{need_id}/enquiries",
    response_model=AskedOf,
    status_code=201,
    summary="Ask services without saying who it is for",
)
async def ask(case_id: CaseId, need_id: PartId, said: AskIn, change: ChangeDep) -> Any:
    """For an agreed need. Need class, area, age band and language leave, made wider until enough people could be meant.

    Refused where too few could be, for trafficking, and for services whose place is kept secret. Each question is an
    entry in the log; the answer repeats exactly what was asked.
    """
    asking = Asking(service_ids=tuple(said.service_ids), language=said.language)
    return await change.answer(enquiries.ask, case_id, need_id, asking, status=201)


@router.get(
    "/cases/{case_id}/needs/{need_id}/enquiries",
    response_model=list[Question],
    summary="See what was asked and answered",
)
async def of_need(case_id: CaseId, need_id: PartId, change: ChangeDep) -> Any:
    """For the person, and for who works with them: which service was asked what, and what it said."""
    who, at = change.circumstances["actor"], change.circumstances["at"]
    found = await change.network.read(enquiries.of_need, case_id, need_id, actor=who, at=at)
    return JSONResponse([question.model_dump(mode="json") for question in found], headers=PERSONAL)


@router.get("/enquiries", response_model=QueueOut, summary="See what your organisation was asked")
async def queue(
    change: ChangeDep,
    after: Annotated[str, Query(max_length=120, description="the id after which the page begins")] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Any:
    """Nothing in it says whose it is. What was chosen elsewhere, or ended, stays in the list as such."""
    who, at = change.circumstances["actor"], change.circumstances["at"]
    found = await change.network.read(enquiries.queue, actor=who, at=at, after=after, limit=limit)
    page = QueueOut(enquiries=found, next=found[-1].id if len(found) == limit else None)
    return JSONResponse(page.model_dump(mode="json"), headers=PERSONAL)


@router.post("/enquiries/{enquiry_id}/answer", response_model=Answered, summary="Say whether you could")
async def answer(enquiry_id: PartId, said: AnswerIn, change: ChangeDep) -> Any:
    """For the organisation that was asked: can, waiting-list, assess-first, or cannot with a coded reason.

    A yes is no promise: a place is held by the referral that may follow.
    """
    return await change.answer(enquiries.answer, enquiry_id, said.answer, said.reason)


@router.post(
    "/enquiries/{enquiry_id}/choice",
    response_model=Chosen,
    status_code=201,
    summary="Say that the person chose this one",
)
async def choose(enquiry_id: PartId, change: ChangeDep) -> Any:
    """Takes no body. A referral to this service is drafted; the others see that they are no longer needed."""
    return await change.answer(enquiries.choose, enquiry_id, new_id(), status=201)
