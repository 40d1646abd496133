"""What an organisation has received, and the opening of it. (R-10, R-20, R-21)"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from api.actions import disclosures
from api.refusals import refused
from api.v1.cases import Body, ChangeDep
from api.v1.changes import PERSONAL
from api.v1.consents import PartId
from graph.model.consent import Stage
from graph.model.refusal import Refusal
from graph.model.stock import Place

router = APIRouter(prefix="/received", tags=["received"])


class PacketOut(BaseModel):
    """A copy as its reader sees it; `withheld` is for the sender alone."""

    disclosure_id: str
    referral_id: str
    organization_id: str
    purpose: str
    stage: str
    basis: str
    sop_id: str
    sop_version: int
    sent_at: str
    readable_until: str
    payload: dict[str, Any]
    withheld: list[str] | None = None
    place: Place | None = Field(None, description="whether a send would hold a place; before a send only")
    overlaps: list[str] | None = Field(None, description="what is open already for such help; before a send only")


class OpeningIn(Body):
    """Which of the copies: what came at first contact, later, or to go on with a treatment. Left out: the latest."""

    stage: Stage | None = None


class QueuedOut(BaseModel):
    """A received referral in a list: nothing of a person."""

    id: str
    service_id: str
    purpose: str
    status: str
    priority: str
    sent_at: str


class QueueOut(BaseModel):
    """One page of what was received."""

    referrals: list[QueuedOut]
    next: str | None


def packet_out(packet: Any) -> dict[str, Any]:
    """A packet as it is answered; a receiver's has no word of what was withheld."""
    told: dict[str, Any] = jsonable_encoder(asdict(packet))
    for name in ("withheld", "place", "overlaps"):
        if told[name] is None:
            del told[name]
    return told


@router.get("", response_model=QueueOut, summary="What your organisation has received")
async def queue(
    change: ChangeDep,
    after: Annotated[str, Query(max_length=120)] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Any:
    """By id, page by page; exactly those that can be opened or were."""
    who = change.circumstances["actor"]
    found = await change.network.read(disclosures.queue, actor=who, after=after, limit=limit)
    rows = [jsonable_encoder(asdict(row)) for row in found]
    return JSONResponse({"referrals": rows, "next": found[-1].id if len(found) == limit else None}, headers=PERSONAL)


@router.post("/{referral_id}/opening", response_model=PacketOut, summary="Open what was received")
async def opening(referral_id: PartId, change: ChangeDep, said: OpeningIn | None = None) -> Any:
    """Judged anew each time, and written down before anything is answered; so it is no GET. Never kept under a key."""
    found = await change.network.write(
        disclosures.open_copy, referral_id, stage=said.stage if said else None, **change.circumstances
    )
    if isinstance(found, Refusal):
        raise refused(found, change.language)
    return JSONResponse(packet_out(found), headers=PERSONAL)
