"""Entries that providers' answers speak against: seen by who keeps them, and verified. (R-02)"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from api.actions import verifying
from api.actions.verifying import Listed, Verified
from api.dependencies import NetworkDep, NowDep
from api.identity import OwnVerifierDep
from api.v1.capacity import ServiceId
from api.v1.cases import ChangeDep
from api.v1.changes import PERSONAL

router = APIRouter(prefix="/services", tags=["directory"])


@router.get("/to-verify", response_model=Listed, summary="Which entries are to be verified")
async def listed(
    reader: OwnVerifierDep,
    network: NetworkDep,
    now: NowDep,
    after: Annotated[str, Query(max_length=300)] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Any:
    """Services whose providers declined for what our data said otherwise; for the committee also what it is to look at.

    An organisation sees its own. Numbers about few people are null, except to the organisation that answered.
    """
    found = await network.read(verifying.listed, actor=reader, at=now, after=after, limit=limit)
    return JSONResponse(found.model_dump(mode="json"), headers=PERSONAL)


@router.post("/{service_id}/verification", response_model=Verified, summary="Say that an entry was verified")
async def verify(service_id: ServiceId, change: ChangeDep) -> Any:
    """For the organisation that offers it, and the committee. What stood against it is cleared; takes no body."""
    return await change.answer(verifying.verify, service_id)
