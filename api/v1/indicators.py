"""Indicators: what became of referrals, as the person says first. Numbers that name nobody. (R-51, R-52)"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from api.actions import indicators
from api.actions.indicators import Indicators
from api.dependencies import NetworkDep, NowDep
from api.identity import IndicatorReaderDep
from api.v1.changes import PERSONAL
from api.v1.gaps import CountOut

router = APIRouter(tags=["indicators"])

Share = int | None
SHARE = Field(description="per cent in steps of five, made of what is told; null where it is not told")


class DepartmentOut(BaseModel):
    """Referrals of people who live in one department."""

    code: str
    name: str
    sent: CountOut
    ends: dict[str, CountOut] = Field(
        description="confirmed | denied | silent | running | declined | cancelled: what became of them"
    )
    confirmed_share: Share = SHARE


class GroupOut(BaseModel):
    """What became of it for one group of people."""

    by: str = Field(description="gender | age-band")
    code: str = Field(description="empty: not stated")
    ended: CountOut
    confirmed: CountOut
    confirmed_share: Share = SHARE
    below_floor: bool = Field(description="less than four fifths of everybody's share")


class IndicatorsOut(BaseModel):
    """The indicators of the whole network, or of one organisation."""

    organization_id: str | None = Field(description="null: the whole network, or a department of it")
    department: str | None = Field(description="the code of the one that a departmental committee reads")
    since: str = Field(description="the first month that is counted")
    confirmed_share: Share = Field(description="of what ended, how much the person confirms: the first number to read")
    sent: CountOut
    ended: CountOut
    ends: dict[str, CountOut]
    days: dict[str, int | None] = Field(
        description="median days, up to the last month: sending | receiving | deciding | starting | all; null under ten"
    )
    declined_against_data: CountOut = Field(description="declined though the directory said that the person fits")
    declined_against_data_share: Share = SHARE
    without_consent: CountOut
    stop_notices: CountOut
    stop_notices_in_time: CountOut
    stop_notices_share: Share = SHARE
    places_median_age_days: int | None
    places_stale_percent: int | None
    departments: list[DepartmentOut]
    groups: list[GroupOut]


@router.get("/indicators", response_model=IndicatorsOut, summary="Read the indicators")
async def read(network: NetworkDep, actor: IndicatorReaderDep, now: NowDep) -> Any:
    """The committee reads the whole network by department, an organisation what it sent or received itself.

    A departmental committee reads the line of its department; what is not in that line is null, empty, or not told.

    Counts go in steps of five; what is about fewer than ten people is null, and so is what would give that away.
    """
    found = await indicators.read(network, actor=actor, at=now)
    return JSONResponse(_out(found).model_dump(mode="json"), headers=PERSONAL)


def _count(told: Any) -> CountOut:
    return CountOut(number=told.number, at_least=told.at_least)


def _out(found: Indicators) -> IndicatorsOut:
    return IndicatorsOut(
        organization_id=found.organization_id,
        department=found.department.code if found.department else None,
        since=found.since,
        confirmed_share=found.share,
        sent=_count(found.sent),
        ended=_count(found.ended),
        ends={end: _count(told) for end, told in found.ends.items()},
        days={stretch.value: days for stretch, days in found.days.items()},
        declined_against_data=_count(found.against_data),
        declined_against_data_share=found.against_share,
        without_consent=_count(found.without_consent),
        stop_notices=_count(found.notices),
        stop_notices_in_time=_count(found.notices_in_time),
        stop_notices_share=found.notices_share,
        places_median_age_days=found.places_age,
        places_stale_percent=found.places_stale,
        departments=[
            DepartmentOut(
                code=one.code,
                name=one.name,
                sent=_count(one.sent),
                ends={end: _count(told) for end, told in one.ends.items()},
                confirmed_share=one.share,
            )
            for one in found.departments
        ],
        groups=[
            GroupOut(
                by=one.group[0],
                code=one.group[1],
                ended=_count(one.ended),
                confirmed=_count(one.confirmed),
                confirmed_share=one.share,
                below_floor=one.below_floor,
            )
            for one in found.groups
        ],
    )
