"""Alerts of unusual reading: who read how much, and what an officer found out. Never whose data it was. (R-21, R-25)"""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response

from api.actions import unusual, watching
from api.actions.unusual import AlertView
from api.identity import AlertReaderDep
from api.texts import text
from api.ui.change import PageChangeDep, Visit, VisitDep
from api.ui.oversight import LONGEST, shown
from api.ui.render import onward

router = APIRouter()

PER_PAGE: Final = 30
AlertId = Annotated[str, Path(min_length=1, max_length=120, pattern=r"\S")]


@router.get("/officer/alerts")
async def listed(
    visit: VisitDep, officer: AlertReaderDep, after: Annotated[str | None, Query(max_length=120)] = None
) -> Response:
    """The newest first; what waits is marked."""
    found = await visit.network.read(unusual.listed, actor=officer, secrets=visit.secrets, after=after, limit=PER_PAGE)
    following = f"/officer/alerts?after={found[-1].id}" if len(found) == PER_PAGE else None
    return visit.page("officer/alerts.html", found=found, following=following, **await _told(visit, found))


@router.get("/officer/alerts/{alert_id}")
async def see(alert_id: AlertId, visit: VisitDep, officer: AlertReaderDep) -> Response:
    """One alert, and the form for what was found out."""
    return await _one(visit, alert_id)


@router.post("/officer/alerts/{alert_id}")
async def acknowledge(alert_id: AlertId, change: PageChangeDep, officer: AlertReaderDep) -> Response:
    """It was looked into; the note is sealed."""
    note = change.text("note", most=LONGEST)
    if not note:
        faults = {"note": text("officer.alert.note.missing", change.language)}
        return await _one(change, alert_id, status=422, faults=faults)
    await change.made(unusual.acknowledge, alert_id, note)
    return onward(f"/officer/alerts/{alert_id}")


async def _one(visit: Visit, alert_id: str, *, status: int = 200, **more: Any) -> Response:
    alert = await visit.network.read(unusual.see, alert_id, actor=visit.actor, secrets=visit.secrets)
    told = await _told(visit, (alert,)) | {"faults": {}, "typed": ""}
    return visit.page("officer/alert.html", status=status, alert=alert, **told | more)


async def _told(visit: Visit, found: tuple[AlertView, ...]) -> dict[str, Any]:
    return shown(await visit.network.read(watching.named, {alert.organization_id for alert in found}), visit.language)
