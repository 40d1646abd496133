"""What referrals cost, by who gave the service, who pays and in which currency; sums about few are not told. (R-15)"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from babel.numbers import get_currency_precision
from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.actions import costs, watching
from api.dependencies import LanguageDep, NetworkDep, NowDep
from api.identity import CostsReaderDep
from api.texts import text
from api.ui.downloads import NOT_TOLD, Kind, as_file
from api.ui.oversight import shown
from api.ui.render import FRESH, page
from graph.seed.vocabulary import label

router = APIRouter()

COLUMNS: Final = ("organization", "payer", "amount", "referrals")


@router.get("/committee/costs")
async def totals(
    request: Request, network: NetworkDep, now: NowDep, language: LanguageDep, actor: CostsReaderDep
) -> Response:
    """One row for each organisation, payer and currency."""
    found = await network.read(costs.totals, actor=actor)
    told = shown(await network.read(watching.named, {one.organization_id for one in found}), language)
    told |= {"found": found, "columns": COLUMNS}
    return page(request, "committee/costs.html", now=now, headers=FRESH, **told)


@router.get("/committee/costs/file")
async def file(network: NetworkDep, language: LanguageDep, actor: CostsReaderDep, kind: Kind = Kind.XLSX) -> Response:
    """The same rows to be taken along; an amount as a number, its currency in the column beside it."""
    found = await network.read(costs.totals, actor=actor)
    org = shown(await network.read(watching.named, {one.organization_id for one in found}), language)["org"]
    columns = [text(f"spent.{name}", language) for name in (*COLUMNS[:3], "currency", *COLUMNS[3:])]
    rows = [
        (
            org(one.organization_id),
            label("payers", one.payer, language) if one.payer else text("spent.nobody", language),
            _in_units(one.amount, one.currency) if one.amount is not None else NOT_TOLD,
            one.currency,
            one.referrals if one.referrals is not None else NOT_TOLD,
        )
        for one in found
    ]
    return as_file(kind, "enlace-costs", text("spent.title", language), columns, rows)


def _in_units(minor: int, currency: str) -> float:
    return float(Decimal(minor).scaleb(-get_currency_precision(currency)))
