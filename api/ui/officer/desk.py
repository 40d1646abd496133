"""The officer's desk: what waits, which organisations were late to stop, who was given which function lately. (R-20, R-25)"""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from api.actions import watching
from api.identity import AlertReaderDep
from api.ui.change import VisitDep
from api.ui.oversight import shown

router = APIRouter()


@router.get("/officer")
async def show(visit: VisitDep, officer: AlertReaderDep) -> Response:
    """Numbers with a way to each, and the lists that are short enough to stand here."""
    desk = await visit.network.read(watching.desk, actor=officer, at=visit.now)
    ids = {stop.organization_id for stop in desk.late_stops} | {e.body.organization for e in desk.role_changes}
    names = await visit.network.read(watching.named, ids)
    return visit.page("officer/desk.html", desk=desk, **shown(names, visit.language))
