"""What the committee keeps and reads beside the matrix: its list of gaps. Nothing about a person. (R-07, R-51)"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from api.actions import gap_list
from api.actions.case_change import new_id
from api.actions.gap_list import Deciding, GapDecided, OnList, Taking
from api.dependencies import NetworkDep, NowDep
from api.identity import GapKeeperDep, GapListReaderDep
from api.v1.cases import Body, ChangeDep
from api.v1.changes import PERSONAL
from api.v1.consents import CodeIn
from graph.model.gap import GapDecision, Remedy

router = APIRouter(prefix="/committee", tags=["committee"])

GapId = Annotated[str, Path(min_length=1, max_length=120)]


class DecisionIn(Body):
    """What is decided about a gap."""

    remedy: Remedy = Field(description="what is done about it")
    owner_id: str = Field(min_length=1, max_length=120, description="the organisation that takes care of it")
    re_check_on: date = Field(description="when it is looked at again: today or later, within two years")
    words: str | None = Field(None, max_length=500, description="what exactly; names nobody who is helped")


class GapIn(DecisionIn):
    """A gap that is put on the list."""

    service_type: CodeIn
    department: CodeIn = Field(description="the code of an area")


class NextIn(DecisionIn):
    """A later decision."""

    version: int = Field(ge=1, le=1_000_000_000, description="the version of the gap that was read")
    closes: bool = Field(False, description="the gap is closed with this decision")


class GapOut(BaseModel):
    """A gap of the list, with all that was decided about it; the last decision holds."""

    id: str
    service_type: str
    department: str
    department_name: str
    owner: str
    opened_at: datetime
    closed: bool
    overdue: bool = Field(description="not looked at again by the day that was set")
    version: int
    decisions: list[GapDecision]


@router.get("/gaps", response_model=list[GapOut], summary="List the gaps that the committee has taken up")
async def listed(
    network: NetworkDep, actor: GapListReaderDep, now: NowDep, closed: Annotated[bool, Query()] = False
) -> Any:
    """What should have been looked at again stands first; with `closed`, what is closed.

    For the committee all of it, for a departmental committee what lies in its department.
    """
    found = await network.read(gap_list.listed, closed=closed, actor=actor, on=now.date())
    return JSONResponse([_out(one).model_dump(mode="json") for one in found], headers=PERSONAL)


@router.post("/gaps", response_model=GapDecided, status_code=201, summary="Put a gap on the list")
async def take_up(said: GapIn, change: ChangeDep, actor: GapKeeperDep) -> Any:
    """For the committee: one need in one department is on the list once. Answered with the signed entry."""
    taking = Taking(id=new_id(), **said.model_dump())
    return await change.answer(gap_list.take_up, taking, status=201)


@router.post("/gaps/{gap_id}/decisions", response_model=GapDecided, status_code=201, summary="Decide about a gap")
async def decide(gap_id: GapId, said: NextIn, change: ChangeDep, actor: GapKeeperDep) -> Any:
    """For the committee: earlier decisions stay. Refused if somebody else decided since this version was read."""
    told = said.model_dump()
    more = {"version": told.pop("version"), "closes": told.pop("closes")}
    return await change.answer(gap_list.decide, gap_id, Deciding(**told), status=201, **more)


def _out(one: OnList) -> GapOut:
    gap = one.listed.gap
    return GapOut(
        id=gap.id,
        service_type=gap.service_type,
        department=gap.department,
        department_name=one.listed.area,
        owner=one.listed.owner,
        opened_at=gap.opened_at,
        closed=gap.closed,
        overdue=one.overdue,
        version=gap.version,
        decisions=list(gap.decisions),
    )
