"""Links for a provider without an account, and the code that is read out to open by one. What they lead to is a page."""

from __future__ import annotations

import secrets as random
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from api.actions import answer_links, passwords
from api.actions.answer_links import CodeMade, CodeShown, LinkMade
from api.v1.cases import ChangeDep
from api.v1.changes import PERSONAL
from api.v1.consents import PartId
from graph.model.answer_link import CODE_DIGITS

router = APIRouter(tags=["answer links"])


class LinkOut(BaseModel):
    """A link, told once and kept nowhere."""

    link_id: str
    link: str | None = Field(description="to be mailed or handed over; null where this request was a repeat")
    expires_at: datetime
    entry: dict[str, Any] | None = Field(None, description="the signed entry, where a case is concerned")


class CodeOut(BaseModel):
    """A code, told once and kept nowhere."""

    code_id: str
    code: str | None = Field(description="to be read out by telephone; null where this request was a repeat")
    expires_at: datetime
    entry: dict[str, Any]


async def _link(request: Request, change: ChangeDep, action: Any, subject_id: str) -> JSONResponse:
    secret = passwords.new_token()
    made: LinkMade = await change.do(action, subject_id, passwords.hash_of(secret))
    is_new = made.secret_hash == passwords.hash_of(secret)
    told = {
        "link_id": made.link_id,
        "link": str(request.url_for("answer-by-link", secret=secret)) if is_new else None,
        "expires_at": made.expires_at.isoformat(),
        "entry": made.entry.model_dump(mode="json", exclude_none=True) if made.entry else None,
    }
    return JSONResponse(told, status_code=201, headers=PERSONAL)


@router.post(
    "/referrals/{referral_id}/answer-link",
    response_model=LinkOut,
    status_code=201,
    summary="Make a link to answer a referral",
)
async def for_referral(referral_id: PartId, request: Request, change: ChangeDep) -> Any:
    """For a receiver without an account. It shows need class, department and dates, and takes one decision within eight days.

    Refused for trafficking, for people who are protected from threats, and where the place of the service is secret.
    """
    return await _link(request, change, answer_links.for_referral, referral_id)


@router.post(
    "/enquiries/{enquiry_id}/answer-link",
    response_model=LinkOut,
    status_code=201,
    summary="Make a link to answer a question",
)
async def for_enquiry(enquiry_id: PartId, request: Request, change: ChangeDep) -> Any:
    """For an organisation without an account that was asked without identity. It takes one answer within eight days."""
    return await _link(request, change, answer_links.for_enquiry, enquiry_id)


@router.post(
    "/services/{service_id}/answer-link", response_model=LinkOut, status_code=201, summary="Make a link to say places"
)
async def for_places(service_id: PartId, request: Request, change: ChangeDep) -> Any:
    """For whoever may say the places of this service; within eight days it says them as often as needed."""
    return await _link(request, change, answer_links.for_places, service_id)


@router.post(
    "/referrals/{referral_id}/opening-code",
    response_model=CodeOut,
    status_code=201,
    summary="Make a code to be read out",
)
async def make_code(referral_id: PartId, change: ChangeDep) -> Any:
    """With it, and a name, what was disclosed opens by link, once within a day. Three wrong tries, and it is dead.

    An earlier code opens nothing any more. Read it out over the telephone; never send it where the link was sent.
    """
    code = f"{random.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
    hashed = await passwords.hashed(code)
    made: CodeMade = await change.do(answer_links.make_code, referral_id, hashed)
    told = {
        "code_id": made.code_id,
        "code": code if made.code_hash == hashed else None,
        "expires_at": made.expires_at.isoformat(),
        "entry": made.entry.model_dump(mode="json", exclude_none=True),
    }
    return JSONResponse(told, status_code=201, headers=PERSONAL)


@router.get(
    "/referrals/{referral_id}/opening-code", response_model=list[CodeShown], summary="See what became of the codes"
)
async def codes(referral_id: PartId, change: ChangeDep) -> Any:
    """The newest first: whether it opens still, how many tries are left, and the name of who opened by it."""
    found = await change.network.read(answer_links.codes, referral_id, **change.circumstances)
    return JSONResponse([code.model_dump(mode="json") for code in found], headers=PERSONAL)
