"""Chosen services beside each other, as a table and on a map: the table is the truth. (R-02, R-05, R-26)"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from fastapi.responses import Response

from api.actions import comparing
from api.actions.comparing import MOST, Compared
from api.actions.directory_view import ServiceView
from api.identity import CaseManagerDep
from api.refusals import why
from api.texts import text
from api.ui import maps
from api.ui.casework.need import base_of, in_words
from api.ui.casework.of_case import CaseId, PartId
from api.ui.change import VisitDep
from api.ui.render import own
from graph.model.base import Language
from graph.model.refusal import Refusal

router = APIRouter()

ServiceIds = Annotated[list[Annotated[str, Query(max_length=120)]], Query(alias="service", max_length=MOST)]

FIRST: Final = 4
"""Suggestions that are put beside each other where nobody marked any."""


@dataclass(frozen=True, slots=True)
class Row:
    """One service of the table."""

    number: int
    view: ServiceView
    name: str
    organization: str
    where: str
    """In words; empty where it has not said, or where its place is kept secret."""
    asks: tuple[str, ...]
    """What to ask it before relying on it."""
    unmet: tuple[str, ...]
    """Why it does not fit."""
    is_suggested: bool
    is_stale: bool


@router.get("/cases/{case_id}/needs/{need_id}/compare")
async def compare(
    case_id: CaseId,
    need_id: PartId,
    visit: VisitDep,
    actor: CaseManagerDep,
    service: ServiceIds = [],  # noqa: B006 - read only; FastAPI wants a list
) -> Response:
    """The marked services; where none is marked, the first suggestions."""
    network, language = visit.network, visit.language
    found = await network.read(comparing.compare, case_id, need_id, service, **visit.held)
    shown: dict[str, Any] = {"case_id": case_id, "base": base_of(case_id, need_id)}
    if isinstance(found, Refusal):
        refusal = why(found, language)
        return visit.page("casework/compare.html", found=None, refusal=refusal, **shown)
    if not found.views and (first := [j.offer.terms.service_id for j in found.answer.suggestions.suggested[:FIRST]]):
        found = await network.read(comparing.compare, case_id, need_id, first, **visit.held)
        assert isinstance(found, Compared), "it was none a moment ago"
    rows = rows_of(found, language, at=visit.now)
    return visit.page(
        "casework/compare.html",
        refusal=[],
        found=found,
        rows=rows,
        map=_map(found, rows, language),
        **shown,
    )


def rows_of(found: Compared, language: Language, *, at: datetime) -> list[Row]:
    """Each service with what the suggestions say of it."""
    said = in_words(found.answer, language, now=at).answer
    suggested = {one["service"]["id"]: one for one in said["suggested"]}
    out = {one["service"]["id"]: one for one in said["ruled_out"]}
    rows = []
    for number, view in enumerate(found.views, start=1):
        id = view.service.id
        rows.append(
            Row(
                number=number,
                view=view,
                name=own(language, view.service, "name"),
                organization=own(language, view.organization, "name"),
                where=_where(view),
                asks=tuple(q["ask"] for q in suggested[id]["unknown"]) if id in suggested else (),
                unmet=tuple(u["text"] for u in out[id]["unmet"]) if id in out else (),
                is_suggested=id in suggested,
                is_stale=view.places_are_unknown(at=at),
            )
        )
    return rows


def _where(view: ServiceView) -> str:
    """Municipalities of its open places. Where one of them is kept secret, none is told. (R-26)"""
    if view.sealed:
        return ""
    names = [view.place_names.get(x.area or "") or x.name or "" for x in view.locations]
    return ", ".join(dict.fromkeys(name for name in names if name))


def _map(found: Compared, rows: list[Row], language: Language) -> str:
    marks = [maps.mark_of(row.number, row.name, row.view, found.areas) for row in rows]
    heading = text("seek.compare.map", language)
    return maps.points(found.country, marks, heading=heading, language=language, here=found.home)
