"""Who could meet a need: POST, because what is asked says things about a person and never belongs in an address."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header
from fastapi.responses import JSONResponse

from api.actions import suggestions
from api.actions.suggestions import UnknownAreaError
from api.answer import AnswerOut, TogetherOut, render, render_together
from api.dependencies import LanguageDep, NetworkDep, NowDep
from api.problems import Problem
from api.query import Fault, Queries, Query, everywhere

router = APIRouter(tags=["suggestions"])

Reference = Annotated[
    str | None,
    Header(
        alias="Enlace-Need",
        min_length=16,
        max_length=128,
        description="a random reference of your own for this need, so that asking again is not counted again",
    ),
]
COUNTED = {"Cache-Control": "no-store"}


@router.post("/suggestions", response_model=AnswerOut, summary="Suggest services for one need")
async def suggest(
    query: Query, network: NetworkDep, now: NowDep, language: LanguageDep, reference: Reference = None
) -> Any:
    """Which providers fit, why, which do not, and why not.

    All rules are judged. No rule unmet: `suggested`. Exactly one: a near miss. What either side has not said is
    `unknown`, a question to ask, never a no. A need that nobody can meet is counted for the committee without
    anything that could name a person. Nothing about a person is kept.
    """
    need = query.need(today=now.date())
    try:
        answer = await network.read(suggestions.answer, need, everywhere=query.explain == "all")
    except UnknownAreaError:
        raise Problem("invalid-request", faults=[Fault(pointer="/area", code="query.unknown-area")]) from None
    if answer.suggestions.gap:
        await network.write(suggestions.count_demand, answer.suggestions, at=now, reference=reference)
    return JSONResponse(render(answer, query, language), headers={**COUNTED, "Content-Language": language})


@router.post("/suggestions/together", response_model=TogetherOut, summary="Suggest services for several needs")
async def suggest_together(
    queries: Queries, network: NetworkDep, now: NowDep, language: LanguageDep, reference: Reference = None
) -> Any:
    """Several needs of one person at once: who could serve several of them, and which dimension nobody spoke of."""
    needs = [query.need(today=now.date()) for query in queries.needs]
    try:
        together = await network.read(suggestions.answer_together, needs, everywhere=everywhere(queries.needs))
    except UnknownAreaError as missing:
        at = next(i for i, need in enumerate(needs) if need.area == missing.area)
        raise Problem(
            "invalid-request", faults=[Fault(pointer=f"/needs/{at}/area", code="query.unknown-area")]
        ) from None
    for answer in together.answers:
        if answer.suggestions.gap:
            await network.write(suggestions.count_demand, answer.suggestions, at=now, reference=reference)
    body = render_together(together, queries.needs, language)
    return JSONResponse(body, headers={**COUNTED, "Content-Language": language})
