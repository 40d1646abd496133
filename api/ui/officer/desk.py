"""The officer's desk: what waits, which organisations were late to stop, who was given which function lately. (R-20, R-25)"""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.actions import watching
from api.dependencies import LanguageDep, NetworkDep, NowDep
from api.identity import AlertReaderDep
from api.ui.oversight import shown
from api.ui.render import FRESH, page

router = APIRouter()


@router.get("/officer")
async def show(
    request: Request, network: NetworkDep, now: NowDep, language: LanguageDep, officer: AlertReaderDep
) -> Response:
    """Numbers with a way to each, and the lists that are short enough to stand here."""
    desk = await network.read(watching.desk, actor=officer, at=now)
    ids = {stop.organization_id for stop in desk.late_stops} | {e.body.organization for e in desk.role_changes}
    names = await network.read(watching.named, ids)
    return page(request, "officer/desk.html", now=now, headers=FRESH, desk=desk, **shown(names, language))
