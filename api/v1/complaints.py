"""Complaints about an organisation: made, followed, dealt with, out of reach of those complained about. (R-50)"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from api.actions import complaints
from api.actions.complaints import ComplaintView, Grievance, Told, Words
from api.complaints import says
from api.dependencies import LanguageDep
from api.refusals import refused
from api.v1.cases import Body, ChangeDep
from api.v1.changes import PERSONAL, Change
from api.v1.consents import PartId
from graph.model.base import Language
from graph.model.complaint import ComplaintKind, Remedy
from graph.model.log import Entry
from graph.model.refusal import Refusal

router = APIRouter(prefix="/complaints", tags=["complaints"])


class ComplaintIn(Body):
    """About whom, what kind, in your words; of which case, or `unnamed`: nobody's."""

    about_id: str = Field(min_length=1, max_length=120, description="the organisation complained about")
    kind: ComplaintKind
    words: str = Field(min_length=1, max_length=4000, description="encrypted; read by who deals with it alone")
    case_id: str | None = Field(None, min_length=1, max_length=120, description="null: your own, or with `unnamed`")
    referral_id: str | None = Field(None, min_length=1, max_length=120)
    unnamed: bool = Field(False, description="kept without a case and without who wrote it down")


class AnswerIn(Body):
    """What was done about it, and words for the person."""

    remedy: Remedy
    words: str | None = Field(None, min_length=1, max_length=4000)


class ComplaintOut(ComplaintView):
    """Where a complaint stands, and in words what happens next."""

    says: str


class SteppedOut(BaseModel):
    """Where the complaint stands after it, and the signed entry."""

    complaint: ComplaintOut
    entry: Entry


def told(view: ComplaintView, language: Language) -> dict[str, Any]:
    """A complaint as it is answered: with what happens next in the reader's words."""
    return view.model_dump(mode="json") | {"says": says(view, language)}


async def stepped(change: Change, action: Any, *args: Any, status: int = 200) -> JSONResponse:
    """Take a step and answer where the complaint stands."""
    done = await change.do(action, *args)
    body = {
        "complaint": told(done.complaint, change.language),
        "entry": done.entry.model_dump(mode="json", exclude_none=True),
    }
    return JSONResponse(body, status_code=status, headers=PERSONAL)


@router.post("", response_model=SteppedOut, status_code=201, summary="Complain")
async def make(said: ComplaintIn, change: ChangeDep) -> Any:
    """By the person, by a case manager for them, or unnamed. Says who deals with it and by when it is answered."""
    return await stepped(change, complaints.make, Grievance(**said.model_dump()), status=201)


@router.get("", response_model=list[ComplaintOut], summary="List complaints")
async def listed(change: ChangeDep, language: LanguageDep) -> Any:
    """What you made or wrote down, and what your office deals with; the next due first, late ones say so."""
    who, at = change.circumstances["actor"], change.circumstances["at"]
    found = await change.network.read(complaints.listed, actor=who, at=at)
    return JSONResponse([told(view, language) for view in found], headers=PERSONAL)


@router.get("/{complaint_id}", response_model=ComplaintOut, summary="See where a complaint stands")
async def see(complaint_id: PartId, change: ChangeDep, language: LanguageDep) -> Any:
    """For who made it, who wrote it down, and who deals with it; to anybody else it is not there."""
    who, at = change.circumstances["actor"], change.circumstances["at"]
    return JSONResponse(
        told(await change.network.read(complaints.see, complaint_id, actor=who, at=at), language), headers=PERSONAL
    )


@router.post("/{complaint_id}/taking", response_model=SteppedOut, summary="Take a complaint in hand")
async def take(complaint_id: PartId, change: ChangeDep) -> Any:
    """For one of the office it went to; a colleague may take it over until it is answered."""
    return await stepped(change, complaints.take, complaint_id)


@router.post("/{complaint_id}/reading", response_model=Words, summary="Read a complaint")
async def read(complaint_id: PartId, change: ChangeDep) -> Any:
    """The words, once it stands in the log that you read them. Never kept under a key."""
    found = await change.network.write(complaints.read, complaint_id, **change.circumstances)
    return JSONResponse(_with_words(found, change.language) | {"words": found.words}, headers=PERSONAL)


@router.post("/{complaint_id}/answer", response_model=SteppedOut, summary="Answer a complaint")
async def answer(complaint_id: PartId, said: AnswerIn, change: ChangeDep) -> Any:
    """By whoever took it, once, with a coded remedy; the words are encrypted."""
    return await stepped(change, complaints.answer, complaint_id, said.remedy, said.words)


@router.post("/{complaint_id}/told", response_model=Told, summary="Read the answer")
async def tell(complaint_id: PartId, change: ChangeDep) -> Any:
    """For the person, or for whoever wrote it down and tells them. Never kept under a key."""
    found = await change.network.write(complaints.tell, complaint_id, **change.circumstances)
    if isinstance(found, Refusal):
        raise refused(found, change.language)
    return JSONResponse(_with_words(found, change.language), headers=PERSONAL)


def _with_words(found: Words | Told, language: Language) -> dict[str, Any]:
    entry = found.entry.model_dump(mode="json", exclude_none=True)
    return {"complaint": told(found.complaint, language), "answer": found.answer, "entry": entry}
