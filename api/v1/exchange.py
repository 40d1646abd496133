"""After the first contact: what leaves at later stages, and what a provider reports back. (R-13, R-14)"""

from __future__ import annotations

from datetime import date
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import Field

from api.actions import exchange, reports
from api.actions.exchange import Exchanged, Later
from api.actions.reports import Reported, Reporting
from api.problems import Problem
from api.query import Fault
from api.refusals import refused
from api.v1.cases import Body, ChangeDep
from api.v1.changes import PERSONAL
from api.v1.consents import CodeIn, PartId
from api.v1.disclosures import PacketOut, packet_out
from graph.model.refusal import Refusal
from graph.model.report import Report

router = APIRouter(prefix="/referrals", tags=["referrals"])


class ReportIn(Body):
    """What was done of the duties, whether the person came, when it goes on; a note for the case's team."""

    duties: list[CodeIn] = Field([], max_length=20, description="codes of `follow-up-duties` that the SOP names")
    attended: bool | None = None
    next_on: date | None = None
    note: str | None = Field(None, min_length=1, max_length=4000, description="sealed; read by the case's team alone")

    def says_something(self) -> bool:
        """An empty report would only quiet the clock."""
        return bool(self.duties or self.note or self.next_on) or self.attended is not None


async def _preview(referral_id: str, stage: Later, change: ChangeDep) -> JSONResponse:
    found = await change.network.write(exchange.preview, referral_id, stage, **change.circumstances)
    if isinstance(found, Refusal):
        raise refused(found, change.language)
    return JSONResponse(packet_out(found), headers=PERSONAL)


@router.get("/{referral_id}/follow-up-preview", response_model=PacketOut, summary="See what a follow-up would send")
async def follow_up_preview(referral_id: PartId, change: ChangeDep) -> Any:
    """Exactly what the SOP asks for at the follow-up and the person allows then; that you looked is written down."""
    return await _preview(referral_id, "follow-up", change)


@router.post("/{referral_id}/follow-up-send", response_model=Exchanged, summary="Send what the follow-up asks for")
async def follow_up_send(referral_id: PartId, change: ChangeDep) -> Any:
    """A transfer of its own, under a consent for the follow-up, while the provider has the referral. Takes no body."""
    return await change.answer(exchange.send, referral_id, "follow-up")


@router.get("/{referral_id}/continuity-preview", response_model=PacketOut, summary="See what continuity would send")
async def continuity_preview(referral_id: PartId, change: ChangeDep) -> Any:
    """What the next provider's SOP asks for so that a treatment goes on, as far as the person allows just that."""
    return await _preview(referral_id, "continuity", change)


@router.post("/{referral_id}/continuity-send", response_model=Exchanged, summary="Send what a treatment needs to go on")
async def continuity_send(referral_id: PartId, change: ChangeDep) -> Any:
    """To the next provider, where another one began to treat; under a consent for continuity. Takes no body."""
    return await change.answer(exchange.send, referral_id, "continuity")


@router.post("/{referral_id}/reports", response_model=Reported, status_code=201, summary="Report to whoever referred")
async def report(referral_id: PartId, said: ReportIn, change: ChangeDep) -> Any:
    """For the receiving organisation. Codes and dates; what cannot be a code is sealed for the case's team."""
    if not said.says_something():
        raise Problem("invalid-request", faults=[Fault(pointer="", code="query.nothing-said")])
    return await change.answer(reports.give, referral_id, Reporting(**said.model_dump()), status=201)


@router.get("/{referral_id}/reports", response_model=list[Report], summary="Read what the provider reported")
async def reported(referral_id: PartId, change: ChangeDep) -> Any:
    """For the case's team, with the notes; that you read one is written down, and the person can read that."""
    found = await change.network.write(reports.read, referral_id, **change.circumstances)
    return JSONResponse([report.model_dump(mode="json") for report in found], headers=PERSONAL)
