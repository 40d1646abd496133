"""Alerts of unusual reading, for data protection officers: who read how much, never whose data. (R-21, R-25)"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from api.actions import unusual
from api.actions.unusual import Acknowledged, AlertView
from api.dependencies import NetworkDep, SecretsDep
from api.identity import AlertReaderDep
from api.v1.cases import Body, ChangeDep
from api.v1.changes import PERSONAL
from api.v1.consents import PartId

router = APIRouter(prefix="/alerts", tags=["log"])


class AlertsOut(BaseModel):
    """The newest first."""

    alerts: list[AlertView]
    next: str | None = Field(description="give it as `after` for those before")


class NoteIn(Body):
    """What the officer found out; encrypted."""

    note: str = Field(min_length=1, max_length=4000)


@router.get("", response_model=AlertsOut, summary="Who read unusually much")
async def listed(
    officer: AlertReaderDep,
    network: NetworkDep,
    secrets: SecretsDep,
    after: Annotated[str | None, Query(max_length=120, description="only what comes after this one")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Any:
    """More than sixty different people within an hour, or more than three times the median of one's own days.

    An alert names who read and counts whom; it never names anybody who was read.
    """
    found = await network.read(unusual.listed, actor=officer, secrets=secrets, after=after, limit=limit)
    rows = [alert.model_dump(mode="json") for alert in found]
    following = found[-1].id if len(found) == limit else None
    return JSONResponse({"alerts": rows, "next": following}, headers=PERSONAL)


@router.post("/{alert_id}/acknowledgement", response_model=Acknowledged, summary="Say that you looked into an alert")
async def acknowledge(alert_id: PartId, said: NoteIn, change: ChangeDep) -> Any:
    """With a note, which is sealed. The first word counts; nobody acknowledges an alert about themselves."""
    return await change.answer(unusual.acknowledge, alert_id, said.note)
