"""Alerts of unusual reading: who read how much, and what an officer found out. Never whose data it was. (R-21, R-25)"""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from api.actions import unusual, watching
from api.actions.unusual import AlertView
from api.dependencies import LanguageDep, NetworkDep, NowDep, SecretsDep
from api.identity import AlertReaderDep
from api.texts import text
from api.ui.change import PageChangeDep
from api.ui.oversight import LONGEST, shown
from api.ui.render import FRESH, onward, page
from graph.model.base import Language

router = APIRouter()

PER_PAGE: Final = 30
AlertId = Annotated[str, Path(min_length=1, max_length=120, pattern=r"\S")]


@router.get("/officer/alerts")
async def listed(
    request: Request,
    network: NetworkDep,
    now: NowDep,
    language: LanguageDep,
    secrets: SecretsDep,
    officer: AlertReaderDep,
    after: Annotated[str | None, Query(max_length=120)] = None,
) -> Response:
    """The newest first; what waits is marked."""
    found = await network.read(unusual.listed, actor=officer, secrets=secrets, after=after, limit=PER_PAGE)
    following = f"/officer/alerts?after={found[-1].id}" if len(found) == PER_PAGE else None
    told = await _told(network, found, language)
    return page(request, "officer/alerts.html", now=now, headers=FRESH, found=found, following=following, **told)


@router.get("/officer/alerts/{alert_id}")
async def see(
    request: Request,
    alert_id: AlertId,
    network: NetworkDep,
    now: NowDep,
    language: LanguageDep,
    secrets: SecretsDep,
    officer: AlertReaderDep,
) -> Response:
    """One alert, and the form for what was found out."""
    alert = await network.read(unusual.see, alert_id, actor=officer, secrets=secrets)
    told = await _told(network, (alert,), language)
    return page(request, "officer/alert.html", now=now, headers=FRESH, alert=alert, faults={}, typed="", **told)


@router.post("/officer/alerts/{alert_id}")
async def acknowledge(request: Request, alert_id: AlertId, change: PageChangeDep, officer: AlertReaderDep) -> Response:
    """It was looked into; the note is sealed."""
    note = change.text("note", most=LONGEST)
    if not note:
        alert = await change.network.read(unusual.see, alert_id, actor=officer, secrets=change.secrets)
        told = await _told(change.network, (alert,), change.language)
        told |= {"faults": {"note": text("officer.alert.note.missing", change.language)}, "typed": ""}
        return page(request, "officer/alert.html", now=change.now, status=422, headers=FRESH, alert=alert, **told)
    await change.made(unusual.acknowledge, alert_id, note)
    return onward(f"/officer/alerts/{alert_id}")


async def _told(network: NetworkDep, found: tuple[AlertView, ...], language: Language) -> dict[str, Any]:
    return shown(await network.read(watching.named, {alert.organization_id for alert in found}), language)
