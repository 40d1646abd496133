"""The register of what was sent without consent: ground, class, month, reviewed or not; a place only where enough were there. (R-22)"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.actions import register
from api.actions.register import Line
from api.dependencies import LanguageDep, NetworkDep, NowDep
from api.identity import RegisterReaderDep
from api.sheets import Cell
from api.texts import text
from api.ui.downloads import Kind, as_file
from api.ui.render import FRESH, page
from graph.model.base import Language
from graph.seed.vocabulary import label

router = APIRouter()

COLUMNS = ("month", "class", "ground", "place", "told", "reviewed")


@router.get("/committee/register")
async def read(request: Request, network: NetworkDep, actor: RegisterReaderDep, now: NowDep) -> Response:
    """Every use, the latest month first. Nobody is named."""
    found = await network.read(register.register, actor=actor)
    places = await network.read(register.places, found, actor=actor)
    shown: dict[str, Any] = {"lines": sorted(found, key=lambda line: line.month, reverse=True), "places": places}
    return page(request, "committee/register.html", now=now, headers=FRESH, columns=COLUMNS, **shown)


@router.get("/committee/register/file")
async def file(
    network: NetworkDep, actor: RegisterReaderDep, language: LanguageDep, kind: Kind = Kind.XLSX
) -> Response:
    """The register to be taken along."""
    found = await network.read(register.register, actor=actor)
    places = await network.read(register.places, found, actor=actor)
    columns = [text(f"committee.register.column.{name}", language) for name in COLUMNS]
    rows = [_row(line, places, language) for line in found]
    return as_file(kind, "enlace-register", text("committee.page.register", language), columns, rows)


def _row(line: Line, places: dict[str, str], language: Language) -> list[Cell]:
    return [
        line.month,
        label("service-types", line.service_class, language),
        text(f"consent.ground.{line.ground}", language),
        places.get(line.department or ""),
        text("pages.yes" if line.person_told else "pages.no", language),
        text("pages.yes" if line.reviewed else "pages.no", language),
    ]
