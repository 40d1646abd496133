"""The committee's page: where the network fails people, as a table on a desk and as a list on a telephone. (R-07)"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from api.actions import gaps
from api.actions.gaps import LISTED, Gaps, Signal
from api.dependencies import KeysDep, LanguageDep, NetworkDep, NowDep
from api.identity import GapsReaderDep
from api.sheets import Cell
from api.texts import text
from api.ui.downloads import Kind, as_file, counted
from api.ui.maps import choropleth
from api.ui.oversight import called
from api.ui.render import page
from graph.model.area import Area
from graph.model.base import Language
from graph.seed.vocabulary import label, terms

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
    keys: KeysDep,
    language: LanguageDep,
    country: Annotated[str | None, Query(max_length=20)] = None,
    need: Annotated[str, Query(max_length=100)] = "",
) -> HTMLResponse:
    """For the committee: needs by department of one country: unmet demand beside supply, and what in the directory needs care."""
    countries = await network.read(gaps.countries, actor=actor)
    chosen = country or (countries[0].code if countries else None)
    found = await gaps.read(network, chosen, actor=actor, at=now, secrets=keys) if chosen else None
    need = need if found and need in found.rows else ""
    care = [*found.without_sop, *found.ended_agreements, *found.stale_places] if found else []
    return page(
        request,
        "gaps.html",
        now=now,
        countries=countries,
        chosen=chosen,
        found=found,
        supplies=SUPPLIES,
        named=partial(named, language),
        org=await called(network, {entry["organization_id"] for entry in care}, language),
        most_listed=LISTED,
        lines=_lines(found) if found else [],
        signals=tuple(Signal),
        need=need,
        drawn=_map(found, need, language) if found and not found.department else "",
        dimensions=frozenset(t.code for t in terms("service-types").values() if t.parent is None),
    )


def _map(found: Gaps, need: str, language: Language) -> str:
    """The departments by unmet needs of one kind, or of all: as the table says it, and no more."""
    told = {c.code: found.demand.cells[need, c.code] if need else found.demand.columns[c.code] for c in found.columns}
    heading = label("service-types", need, language) if need else text("pages.gaps.map.all", language)
    k = found.k_of[need] if need else min(found.k_of.values())
    return choropleth(found.country, told, heading=heading, language=language, k=k)


@router.get("/gaps/file")
async def file(
    network: NetworkDep,
    actor: GapsReaderDep,
    now: NowDep,
    keys: KeysDep,
    language: LanguageDep,
    country: Annotated[str, Query(min_length=2, max_length=20)],
    kind: Kind = Kind.XLSX,
) -> Response:
    """The matrix of one country to be taken along: a line for each need and department, and the signals of each need."""
    found = await gaps.read(network, country, actor=actor, at=now, secrets=keys)
    words = ("need", "place", "unmet", "near", "supply", "places", "reason")
    columns = [text(f"pages.gaps.file.{word}", language) for word in words]
    shown = () if found.department else tuple(Signal)
    columns += [text(f"pages.gaps.signal.{signal}", language) for signal in shown]
    rows: list[list[Cell]] = []
    everywhere = text("pages.gaps.total", language)
    for need in found.rows:
        name = label("service-types", need, language)
        if not found.department:
            signals = [counted(found.signals[need, signal]) for signal in shown]
            rows.append([name, everywhere, counted(found.demand.rows[need]), None, None, None, None, *signals])
        for area in found.columns:
            at = (need, area.code)
            reason = found.main_reason(at)
            supply = text(f"pages.supply.{found.cells[at].offered.supply}", language)
            fall = found.cells[at].offered.places
            places = None if fall is None else round(fall, 1)
            why = text(f"gap.{reason}", language) if reason else None
            rows.append(
                [name, area.name, counted(found.demand.cells[at]), counted(found.near[at]), supply, places, why]
            )
    for month, told in found.months.items():
        rows.append([text("pages.gaps.month-of", language, month=month), everywhere, counted(told)])
    return as_file(kind, f"enlace-gaps-{found.country.lower()}", text("pages.gaps.title", language), columns, rows)


def named(language: Language, entry: Mapping[str, Any]) -> str:
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
