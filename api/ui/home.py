"""The front door, and the page that explains every problem."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api.actions import overview
from api.dependencies import NetworkDep, NowDep
from api.problems import STATUS
from api.ui.render import page

router = APIRouter()


@router.get("/")
async def home(request: Request, network: NetworkDep, now: NowDep) -> HTMLResponse:
    """What Enlace is, and a door for each who comes: case manager, provider, committee."""
    return page(request, "home.html", now=now, found=await network.read(overview.read))


@router.get("/problems")
async def problems(request: Request, now: NowDep) -> HTMLResponse:
    """Every problem by its code: what it means and what to do. `type` of a problem document points here."""
    return page(request, "problems.html", now=now, problems=[(code, status.value) for code, status in STATUS.items()])
