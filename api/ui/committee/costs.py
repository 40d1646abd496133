"""What referrals cost, by who gave the service, who pays and in which currency; sums about few are not told. (R-15)"""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.actions import costs, watching
from api.dependencies import LanguageDep, NetworkDep, NowDep
from api.identity import CostsReaderDep
from api.ui.oversight import shown
from api.ui.render import FRESH, page

router = APIRouter()


@router.get("/committee/costs")
async def totals(
    request: Request, network: NetworkDep, now: NowDep, language: LanguageDep, actor: CostsReaderDep
) -> Response:
    """One row for each organisation, payer and currency."""
    found = await network.read(costs.totals, actor=actor)
    told = shown(await network.read(watching.named, {one.organization_id for one in found}), language)
    told |= {"found": found}
    return page(request, "committee/costs.html", now=now, headers=FRESH, **told)
