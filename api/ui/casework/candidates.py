"""Who of one's own cases fits an opening: for planning, for the team alone; nothing is sent, nothing is kept. (R-25, R-36)"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import Response

from api.actions import job_candidates
from api.identity import CaseManagerDep
from api.job_answer import render_candidates
from api.ui.change import VisitDep

router = APIRouter()

ServiceId = Annotated[str, Path(min_length=1, max_length=120)]


@router.get("/services/{service_id}/candidates")
async def candidates(service_id: ServiceId, visit: VisitDep, actor: CaseManagerDep) -> Response:
    """Open cases of one's own team that agreed to look for work and have a profile: who fits, and who nearly does."""
    found = await visit.network.read(job_candidates.compare, service_id, **visit.held)
    return visit.page("casework/candidates.html", found=render_candidates(found, visit.language))
