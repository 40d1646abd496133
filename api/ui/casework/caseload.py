"""The caseload: which cases are mine, where each stands, what waits. Searched by number alone, and by post. (R-21)

What is sought travels in a body: people type names into any field that looks as if it sought.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from api.actions import caseload
from api.dependencies import GazetteerDep, NetworkDep, NowDep, SecretsDep
from api.identity import CaseManagerDep
from api.ui.casework.of_case import area_in_words
from api.ui.forms import form_of
from api.ui.render import FRESH, page
from graph.model.actor import Actor
from graph.secrets import Secrets

router = APIRouter()

LONGEST = 60


@router.get("/cases")
async def listed(
    request: Request,
    network: NetworkDep,
    now: NowDep,
    secrets: SecretsDep,
    gazetteer: GazetteerDep,
    actor: CaseManagerDep,
    which: Annotated[str, Query(pattern="^(mine|all|closed)$")] = "mine",
) -> Response:
    """My open cases, what waits most first; or all that I may see, or those that are closed."""
    found = await _found(network, which, "", actor=actor, now=now, secrets=secrets)
    shown: dict[str, Any] = {"found": found, "which": which, "sought": None}
    return page(request, "casework/caseload.html", now=now, headers=FRESH, place=_place(gazetteer), **shown)


@router.post("/cases")
async def search(
    request: Request,
    network: NetworkDep,
    now: NowDep,
    secrets: SecretsDep,
    gazetteer: GazetteerDep,
    actor: CaseManagerDep,
) -> Response:
    """Cases of which a part of the number is known, or the whole number of a document. What was typed is shown to nobody else."""
    form = await form_of(request)
    sought = str(form.get("sought", ""))[:LONGEST].strip()
    which = "closed" if form.get("which") == "closed" else "all" if sought else "mine"
    found = await _found(network, which, sought, actor=actor, now=now, secrets=secrets)
    shown: dict[str, Any] = {"found": found, "which": which, "sought": sought or None}
    return page(
        request, "casework/caseload.html", now=now, headers=FRESH, block="found", place=_place(gazetteer), **shown
    )


async def _found(
    network: NetworkDep, which: str, sought: str, *, actor: Actor, now: datetime, secrets: Secrets
) -> caseload.Caseload:
    mine, closed = which == "mine", which == "closed"
    return await network.read(
        caseload.read, mine=mine, closed=closed, sought=sought, actor=actor, at=now, secrets=secrets
    )


def _place(gazetteer: GazetteerDep) -> Any:
    return lambda code: area_in_words(code, gazetteer)
