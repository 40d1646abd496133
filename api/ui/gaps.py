"""The committee's page: where the network fails people, as a table on a desk and as a list on a telephone. (R-07)"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from api.actions import gaps
from api.actions.gaps import LISTED, Gaps
from api.dependencies import LanguageDep, NetworkDep, NowDep
from api.identity import GapsReaderDep
from api.ui.render import page
from graph.model.area import Area
from graph.model.base import Language
from graph.seed.vocabulary import terms

router = APIRouter()

SUPPLIES: Final = ("missing", "part-only", "full", "there")
"""States of supply, from worst to best."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the matrix, read as a list: where somebody went without, and where supply stands how."""

    need: str
    is_dimension: bool
    unmet: Sequence[tuple[Area, str]]
    """Departments with a count or a hidden count; the code of what stood in the way, or nothing."""
    by_supply: Mapping[str, Sequence[Area]]


@router.get("/gaps")
async def read(
    request: Request,
    network: NetworkDep,
    actor: GapsReaderDep,
    now: NowDep,
    language: LanguageDep,
    country: Annotated[str | None, Query(max_length=20)] = None,
) -> HTMLResponse:
    """For the committee: needs by department of one country: unmet demand beside supply, and what in the directory needs care."""
    countries = await network.read(gaps.countries)
    chosen = country or (countries[0].code if countries else None)
    found = await network.read(gaps.read, chosen, actor=actor, at=now) if chosen else None
    return page(
        request,
        "gaps.html",
        now=now,
        countries=countries,
        chosen=chosen,
        found=found,
        supplies=SUPPLIES,
        named=partial(_named, language),
        most_listed=LISTED,
        lines=_lines(found) if found else [],
        dimensions=frozenset(t.code for t in terms("service-types").values() if t.parent is None),
    )


def _named(language: Language, entry: Mapping[str, Any]) -> str:
    """The name of an entry in the reader's language where it was translated."""
    words: Mapping[str, Any] = entry["translations"] or {}
    return str(words.get(language, {}).get("name") or entry["name"])


def _lines(found: Gaps) -> list[Line]:
    lines = []
    for row in found.rows:
        unmet = []
        by_supply: dict[str, list[Area]] = {supply: [] for supply in SUPPLIES}
        for column in found.columns:
            shown = found.demand.cells[row, column.code]
            by_supply[found.cells[row, column.code].offered.supply].append(column)
            if shown.is_hidden or shown.number:
                unmet.append((column, found.main_reason((row, column.code)) or ""))
        lines.append(Line(row, terms("service-types")[row].parent is None, unmet, by_supply))
    return lines
