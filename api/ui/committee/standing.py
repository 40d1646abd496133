"""How supply stands: who alone offers what where, what ends soon, what has no rules, what nobody has looked at. (R-02, R-03)"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from api.actions import gaps, upkeep
from api.actions.gaps import LISTED
from api.actions.upkeep import Upkeep
from api.dependencies import LanguageDep, NetworkDep, NowDep
from api.identity import GapKeeperDep
from api.sheets import Cell
from api.texts import text
from api.ui.downloads import Kind, as_file
from api.ui.gaps import named
from api.ui.oversight import called
from api.ui.render import FRESH, page
from graph.model.base import Language
from graph.seed.vocabulary import label

router = APIRouter()

LISTS: Final = ("ending", "ended", "without-sop", "stale", "old")
DATED: Final = {"ending": "valid_to", "ended": "valid_to", "without-sop": None, "stale": "updated", "old": "last"}
"""Under which name an entry of a list holds its day."""

Table = Literal["sole", "ending", "ended", "without-sop", "stale", "old"]


async def _called(network: Any, found: Upkeep | None, language: Language) -> Callable[[str | None], str]:
    """How whoever stands in the lists is called in the reader's language."""
    entries = [entry for entries in _lists(found).values() for entry in entries] if found else []
    alone = {one.organization_id for one in found.sole} if found else set()
    return await called(network, alone | {entry["organization_id"] for entry in entries}, language)


def _lists(found: Upkeep) -> dict[str, list[dict[str, Any]]]:
    every = (found.ending, found.ended, found.without_sop, found.stale_places, found.old_entries)
    return dict(zip(LISTS, every, strict=True))


@router.get("/committee/standing")
async def read(
    request: Request,
    network: NetworkDep,
    actor: GapKeeperDep,
    now: NowDep,
    language: LanguageDep,
    country: Annotated[str | None, Query(max_length=20)] = None,
) -> Response:
    """What needs care: sole providers of one country, the rest of the whole network."""
    countries = await network.read(gaps.countries, actor=actor)
    chosen = country or (countries[0].code if countries else None)
    found = await network.read(upkeep.read, chosen, actor=actor, at=now) if chosen else None
    shown: dict[str, Any] = {
        "countries": countries,
        "chosen": chosen,
        "found": found,
        "lists": _lists(found) if found else {},
        "dated": DATED,
        "named": partial(named, language),
        "org": await _called(network, found, language),
        "most_listed": LISTED,
    }
    return page(request, "committee/standing.html", now=now, headers=FRESH, **shown)


@router.get("/committee/standing/file")
async def file(
    network: NetworkDep,
    actor: GapKeeperDep,
    now: NowDep,
    language: LanguageDep,
    country: Annotated[str, Query(min_length=2, max_length=20)],
    table: Table = "sole",
    kind: Kind = Kind.XLSX,
) -> Response:
    """One of the lists to be taken along."""
    found = await network.read(upkeep.read, country, actor=actor, at=now)
    org = await _called(network, found, language)
    title = text(f"committee.standing.{table}", language)
    if table == "sole":
        columns = [text(f"committee.standing.column.{name}", language) for name in ("type", "organization", "where")]
        rows: list[list[Cell]] = [
            [label("service-types", one.service_type, language), org(one.organization_id), area.name]
            for one in found.sole
            for area in one.departments
        ]
    else:
        columns = [text(f"committee.standing.column.{name}", language) for name in ("organization", "entry", "day")]
        rows = [_row(entry, org(entry["organization_id"]), DATED[table], language) for entry in _lists(found)[table]]
    return as_file(kind, f"enlace-{table}", title, columns, rows)


def _row(entry: dict[str, Any], organization: str, dated: str | None, language: Language) -> list[Cell]:
    day = entry[dated] if dated else None
    return [organization, named(language, entry), day.isoformat()[:10] if day else None]
