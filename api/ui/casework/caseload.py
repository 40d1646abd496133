"""The caseload: which cases are mine, where each stands, what waits. Searched by number alone, and by post. (R-21)

What is sought travels in a body: people type names into any field that looks as if it sought.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from api.actions import caseload
from api.dependencies import GazetteerDep
from api.gazetteer import Gazetteer
from api.identity import CaseManagerDep
from api.ui.casework.of_case import area_in_words
from api.ui.change import Visit, VisitDep
from api.ui.forms import form_of

router = APIRouter()

LONGEST = 60


@router.get("/cases")
async def listed(
    visit: VisitDep,
    gazetteer: GazetteerDep,
    actor: CaseManagerDep,
    which: Annotated[str, Query(pattern="^(mine|all|closed)$")] = "mine",
) -> Response:
    """My open cases, what waits most first; or all that I may see, or those that are closed."""
    return await _page(visit, gazetteer, which)


@router.post("/cases")
async def search(visit: VisitDep, gazetteer: GazetteerDep, actor: CaseManagerDep) -> Response:
    """Cases of which a part of the number is known, or the whole number of a document. What was typed is shown to nobody else."""
    form = await form_of(visit.request)
    sought = str(form.get("sought", ""))[:LONGEST].strip()
    which = "closed" if form.get("which") == "closed" else "all" if sought else "mine"
    return await _page(visit, gazetteer, which, sought, block="found")


async def _page(
    visit: Visit, gazetteer: Gazetteer, which: str, sought: str = "", *, block: str | None = None
) -> Response:
    found = await visit.network.read(
        caseload.read, mine=which == "mine", closed=which == "closed", sought=sought, **visit.held
    )
    return visit.page(
        "casework/caseload.html",
        block=block,
        place=lambda code: area_in_words(code, gazetteer),
        found=found,
        which=which,
        sought=sought or None,
    )
