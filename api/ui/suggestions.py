"""State a need and read who could meet it. Posted, never in an address: what is asked says things about a person."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api.actions import suggestions
from api.dependencies import GazetteerDep, LanguageDep, NetworkDep, NowDep
from api.gazetteer import Gazetteer
from api.ui import cards
from api.ui.forms import form_of
from api.ui.render import FRESH, page
from api.ui.stated import LISTS, MOST_NEEDS, Stated, nothing_stated, read
from graph.seed.vocabulary import terms

router = APIRouter()

FIRST_LANGUAGES: Final = 9
"""Languages that are shown at once; the others are folded away."""


@router.get("/suggestions")
async def ask(request: Request, gazetteer: GazetteerDep, now: NowDep) -> HTMLResponse:
    """The empty form."""
    return page(request, "suggestions.html", now=now, answer=None, **_form(nothing_stated(), gazetteer, now))


@router.post("/suggestions")
async def answer(
    request: Request, gazetteer: GazetteerDep, network: NetworkDep, now: NowDep, language: LanguageDep
) -> HTMLResponse:
    """The answer as a page, with the form beside it as it was filled in; or the form with what is wrong in it."""
    stated = read(await form_of(request), gazetteer)
    form = _form(stated, gazetteer, now)
    if stated.faults:
        return page(request, "suggestions.html", now=now, status=422, headers=FRESH, answer=None, **form)
    queries = stated.queries()
    needs = [query.need(today=now.date()) for query in queries]
    wide = range(len(needs)) if stated.everywhere else ()
    together = await network.read(suggestions.answer_together, needs, everywhere=wide)
    for one in together.answers:
        if one.suggestions.gap and not stated.everywhere:
            await network.write(suggestions.count_demand, one.suggestions, at=now, reference=stated.reference)
    found = cards.shown(together, queries, language, at=now)
    return page(request, "suggestions.html", now=now, headers=FRESH, answer=found, **form)


def _form(stated: Stated, gazetteer: Gazetteer, now: datetime) -> dict[str, Any]:
    """What the form shows: the words to choose from, and what was stated."""
    area = stated.area
    return {
        "stated": stated,
        "faults": {fault.field: fault.key for fault in reversed(stated.faults)},
        "gazetteer": gazetteer,
        "municipalities": gazetteer.below(stated.department) if _is_department(stated, gazetteer) else [],
        "way": gazetteer.way(area) if area else "",
        "country": area.lineage[-1] if area else None,
        "types": types(),
        "lists": LISTS,
        "terms": terms,
        "most_needs": MOST_NEEDS,
        "first_languages": FIRST_LANGUAGES,
        "most_lines": cards.MOST_LINES,
        "today": now.date(),
    }


def _is_department(stated: Stated, gazetteer: Gazetteer) -> bool:
    found = gazetteer.by_code.get(stated.department)
    return found is not None and found.level == 1


def types() -> list[tuple[str, list[tuple[str, int]]]]:
    """The service types for a list to choose from: each dimension with all below it, and how deep each lies."""
    found: list[tuple[str, list[tuple[str, int]]]] = []
    depth: dict[str, int] = {}
    for term in terms("service-types").values():
        depth[term.code] = depth[term.parent] + 1 if term.parent else 0
        if term.parent is None:
            found.append((term.code, []))
        found[-1][1].append((term.code, depth[term.code]))
    return found
