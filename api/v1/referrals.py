"""A referral up to its sending. A send takes a referral and nothing else: what leaves is computed. (R-01, R-10, R-11)"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import Field, field_validator

from api.actions import referrals, together, waiting
from api.actions.case_change import new_id
from api.actions.referrals import Draft, Drafted, Sent
from api.actions.together import DraftedTogether, DraftTogether, SentTogether
from api.actions.waiting import Waits
from api.refusals import refused
from api.v1.cases import Body, CaseId, ChangeDep
from api.v1.changes import PERSONAL
from api.v1.consents import CodeIn, PartId
from api.v1.disclosures import PacketOut, packet_out
from graph.model.refusal import Refusal

router = APIRouter(tags=["referrals"])

WAITING = "may go as a request for the waiting list where no place is free and the service keeps a list"


BECAUSE = "a code of `choice-reasons`: needed where the service is not what is suggested first for the need"


class DraftIn(Body):
    """Which need, and which service; and why this one."""

    need_id: str = Field(min_length=1, max_length=120)
    service_id: str = Field(min_length=1, max_length=120)
    chosen_because: CodeIn | None = Field(None, description=BECAUSE)
    waiting: bool = Field(False, description=WAITING)


class MemberIn(Body):
    """Who of a household would come, and with which need."""

    case_id: str = Field(min_length=1, max_length=120)
    need_id: str = Field(min_length=1, max_length=120)


class TogetherIn(Body):
    """Which service, and who would come."""

    service_id: str = Field(min_length=1, max_length=120)
    chosen_because: CodeIn | None = Field(None, description=BECAUSE)
    waiting: bool = Field(False, description=WAITING)
    members: list[MemberIn] = Field(min_length=2, max_length=20, description="each case once")

    @field_validator("members")
    @classmethod
    def _each_once(cls, members: list[MemberIn]) -> list[MemberIn]:
        if len({member.case_id for member in members}) != len(members):
            raise ValueError("a case stands twice")
        return members


@router.post("/cases/{case_id}/referrals", response_model=Drafted, status_code=201, summary="Draft a referral")
async def draft(case_id: CaseId, said: DraftIn, change: ChangeDep) -> Any:
    """For an agreed need only; the purpose follows from the type of service needed. Nothing leaves.

    A service that is ruled out, or comes after another by the published order, needs a coded reason. What is open already
    for the same need or kind of help is named in `overlaps`: a warning, not a refusal.
    """
    return await change.answer(referrals.draft, case_id, Draft(**said.model_dump()), status=201)


@router.post(
    "/referrals/together", response_model=DraftedTogether, status_code=201, summary="Draft referrals of one household"
)
async def draft_together(said: TogetherIn, change: ChangeDep) -> Any:
    """One for each, with a need of their own, to the same service. Nothing leaves.

    Of people who are written down as living together, all of whose cases you work on.
    """
    needs = {member.case_id: member.need_id for member in said.members}
    drafted = DraftTogether(
        service_id=said.service_id,
        chosen_because=said.chosen_because,
        waiting=said.waiting,
        needs=needs,
        ids={id: new_id() for id in needs},
    )
    return await change.answer(together.draft, drafted, status=201)


@router.post("/referrals/together/{together_id}/send", response_model=SentTogether, summary="Send a household's")
async def send_together(together_id: PartId, change: ChangeDep) -> Any:
    """Each one's consent is judged alone, and each has a copy of their own. Takes no body.

    A household that stays together goes whole or not at all: the refusal says whose decision is missing, and not why.
    """
    return await change.answer(together.send, together_id)


@router.get("/referrals/{referral_id}/preview", response_model=PacketOut, summary="See what a send would send")
async def preview(referral_id: PartId, change: ChangeDep) -> Any:
    """Exactly what would leave, to whom, for what and until when; or every reason why nothing would.

    That you looked is written down with the codes of the fields, and the person can read that.
    """
    found = await change.network.write(referrals.preview, referral_id, **change.circumstances)
    if isinstance(found, Refusal):
        raise refused(found, change.language)
    return JSONResponse(packet_out(found), headers=PERSONAL)


@router.post("/referrals/{referral_id}/send", response_model=Sent, summary="Send a referral")
async def send(referral_id: PartId, change: ChangeDep) -> Any:
    """Takes no body. Refused, it says every reason, and the attempt stands in the log."""
    return await change.answer(referrals.send, referral_id)


@router.post(
    "/referrals/{referral_id}/waiting-list", response_model=Waits, summary="The person accepts the waiting list"
)
async def wait(referral_id: PartId, change: ChangeDep) -> Any:
    """For a draft that was made before the person said so: it may go as a request for the waiting list. Nothing leaves.

    Takes no body. Refused where the service keeps no list, and for a referral that is no draft any more.
    """
    return await change.answer(waiting.accept, referral_id)
