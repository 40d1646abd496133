"""The professional's page: what they are asked to attest, and their word on it. (R-22)"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path
from fastapi.responses import Response

from api.actions import exceptions
from api.actions.exceptions import Word
from api.identity import AssessorDep
from api.refusals import why
from api.texts import text
from api.ui.change import PageChangeDep, Visit, VisitDep
from api.ui.forms import typed
from api.ui.render import onward
from graph.model.consent import Ground
from graph.model.refusal import Refusal
from graph.seed.purposes import purposes

router = APIRouter()

PartId = Annotated[str, Path(min_length=1, max_length=120)]
LONGEST: Final = 4000
GROUNDS: Final = frozenset(ground.value for ground in Ground)


@router.get("/attest")
async def show(visit: VisitDep, actor: AssessorDep) -> Response:
    """What was asked, the oldest first; of the person nothing but the number of the case."""
    said = visit.request.query_params.get("said", "")
    return await _page(visit, said=said if said in ("attested", "declined") else "")


async def _page(
    visit: Visit,
    *,
    status: int = 200,
    faults: Mapping[str, str] | None = None,
    reasons: Any = (),
    of: str = "",
    said: str = "",
) -> Response:
    found = await visit.network.read(exceptions.asked_with_names, actor=visit.actor)
    language = visit.language
    return visit.page(
        "attest.html",
        status=status,
        asked=found.asked,
        names=found.organizations,
        purpose=lambda request_id: (
            purposes()[found.purposes[request_id]].label(language)
            if found.purposes.get(request_id) in purposes()
            else ""
        ),
        grounds=[(ground, text(f"consent.ground.{ground}", language)) for ground in Ground],
        faults=faults or {},
        reasons=reasons,
        typed=typed(visit.form),
        of=of,
        said=said,
    )


@router.get("/attest/{request_id}/word")
async def back(request_id: PartId, visit: VisitDep, actor: AssessorDep) -> Response:
    """Whoever reloads the answer to a form by its address, or changes its language, is led to the page."""
    await visit.network.read(exceptions.asked_to, request_id, actor=actor)
    return onward(f"/attest?{visit.request.url.query}")


@router.post("/attest/{request_id}/word")
async def attest(request_id: PartId, actor: AssessorDep, change: PageChangeDep) -> Response:
    """The word opens the door for 72 hours, to fields marked for emergencies only."""
    await change.network.read(exceptions.asked_to, request_id, actor=actor)
    language, ground, narrative = change.language, change.text("ground"), change.text("narrative", most=LONGEST)
    reachable = change.text("reachable")
    faults: dict[str, str] = {}
    if ground not in GROUNDS:
        faults[f"ground-{request_id}"] = text("attest.fault.ground", language)
    if reachable not in ("yes", "no"):
        faults[f"reachable-{request_id}"] = text("attest.fault.reachable", language)
    if not narrative:
        faults[f"narrative-{request_id}"] = text("attest.fault.narrative", language)
    if faults:
        return await _page(change, status=422, faults=faults, of=request_id)
    word = Word(ground=Ground(ground), representative_reachable=reachable == "yes", narrative=narrative)
    outcome = await change.make(exceptions.attest, request_id, word)
    if isinstance(outcome, Refusal):
        return await _page(change, status=409, reasons=why(outcome, language), of=request_id)
    return onward("/attest?said=attested")


@router.post("/attest/{request_id}/declining")
async def decline(request_id: PartId, actor: AssessorDep, change: PageChangeDep) -> Response:
    """No reason is asked; the door stays shut."""
    await change.made(exceptions.decline, request_id)
    return onward("/attest?said=declined")
