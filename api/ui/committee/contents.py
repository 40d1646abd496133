"""The committee's table of contents: what there is to see, and what there is to decide. (R-06, R-07)"""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api.actions import gap_list
from api.dependencies import NetworkDep, NowDep
from api.identity import GapKeeperDep
from api.ui.render import FRESH, page

router = APIRouter()


SEE: Final = (
    ("/gaps", "matrix"),
    ("/committee/indicators", "indicators"),
    ("/committee/standing", "standing"),
    ("/committee/register", "register"),
    ("/committee/costs", "costs"),
)
DECIDE: Final = (
    ("/committee/gaps", "gaps"),
    ("/committee/publishing", "publishing"),
    ("/committee/to-verify", "to-verify"),
    ("/entry/proposals", "proposals"),
    ("/duplicates", "duplicates"),
    ("/committee/complaints", "complaints"),
    ("/committee/messages", "messages"),
    ("/committee/suspensions", "suspensions"),
)
"""Address and what it is called. What-if, resilience and rounds of places will stand here too."""


@router.get("/committee")
async def read(request: Request, network: NetworkDep, actor: GapKeeperDep, now: NowDep) -> HTMLResponse:
    """Where the committee's pages are, and how many gaps should have been looked at again."""
    listed = await network.read(gap_list.listed, actor=actor, on=now.date())
    overdue = sum(one.overdue for one in listed)
    shown: dict[str, Any] = {"see": SEE, "decide": DECIDE, "overdue": overdue, "open_": len(listed)}
    return page(request, "committee/contents.html", now=now, headers=FRESH, **shown)
