"""The directory as people use it: one page to search, filters in the address, every fact with its age. (R-02)"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from api.actions import directory_search
from api.actions.directory_search import Asked, Entry, Found
from api.actions.division import Named
from api.dependencies import GazetteerDep, LanguageDep, NetworkDep, NowDep, network_of
from api.gazetteer import Gazetteer
from api.meant import folded
from api.ui.render import page
from graph.model.base import Language
from graph.seed.vocabulary import lineage, terms

router = APIRouter()

EACH: Final = 20
KEPT: Final = 60.0
"""Seconds for which the directory is kept in memory: what was approved a moment ago may take so long to be found."""
MOST_PAGES: Final = 500

Typed = Annotated[str, Query(max_length=120)]


@dataclass(frozen=True, slots=True)
class Wish:
    """What the address says, as it was typed."""

    q: str = ""
    type: str = ""
    area: str = ""
    language: str = ""
    free: str = ""

    def address(self, **other: str) -> str:
        """The address of this search with something of it changed."""
        said = {name: getattr(self, name) for name in self.__slots__} | other
        query = urlencode({name: value for name, value in said.items() if value})
        return f"/directory?{query}" if query else "/directory"

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked for."""
        return not any(getattr(self, name) for name in self.__slots__)


@router.get("/directory")
async def search(
    request: Request,
    network: NetworkDep,
    gazetteer: GazetteerDep,
    now: NowDep,
    language: LanguageDep,
    q: Typed = "",
    type: Typed = "",
    area: Typed = "",
    speaks: Annotated[str, Query(alias="language", max_length=120)] = "",
    free: Typed = "",
    page_number: Annotated[int, Query(alias="page", ge=1, le=MOST_PAGES)] = 1,
) -> HTMLResponse:
    """Services by what is typed, in words and in place; all of them where nothing is. An unknown filter finds nothing
    and says which one it is.
    """
    wish = Wish(q.strip(), type, area.strip(), speaks, "yes" if free else "")
    where, like = _place(wish.area, gazetteer)
    unknown = [name for name, wrong in _unknown(wish, where).items() if wrong]
    asked = Asked(wish.q, wish.type or None, where, wish.language or None, bool(wish.free))
    found: Sequence[Found] = ()
    if not unknown:
        entries = await known(request)
        ways = {code: named.lineage for code, named in gazetteer.by_code.items()}
        found = await network.read(directory_search.search, entries, asked, at=now, language=language, ways=ways)
    last = max(1, -(-len(found) // EACH))
    number = min(page_number, last)
    return page(
        request,
        "directory.html",
        block="found",
        now=now,
        wish=wish,
        where=where,
        way=gazetteer.way(where) if where else "",
        like=[(a, gazetteer.way(a)) for a in like],
        unknown=unknown,
        found=found[(number - 1) * EACH : number * EACH],
        total=len(found),
        number_=number,
        last=last,
        types=[(code, len(lineage("service-types", code)) - 1) for code in terms("service-types")],
        languages_=_languages(language),
        area_name=gazetteer.called,
        departments=_departments(gazetteer),
    )


async def known(request: Request) -> tuple[Entry, ...]:
    """The directory, read anew once a minute at most; an empty one is never remembered."""
    clock = asyncio.get_running_loop().time()
    held: tuple[float, tuple[Entry, ...]] | None = getattr(request.app.state, "directory", None)
    if held and clock - held[0] < KEPT:
        return held[1]
    entries = await network_of(request).read(directory_search.everything)
    if entries:
        request.app.state.directory = (clock, entries)
    return entries


def forget(request: Request) -> None:
    """What was changed through a page of ours is found at once."""
    request.app.state.directory = None


def _place(typed: str, gazetteer: Gazetteer) -> tuple[Named | None, list[Named]]:
    """The area that is meant, or those that may be."""
    if not typed:
        return None, []
    meant = gazetteer.meant(typed)
    if isinstance(meant, Named):
        return meant, []
    same = [area for area in meant if folded(area.name) == folded(typed)]
    widest = [area for area in same if all(area.code in other.lineage for other in same)]
    if len(meant) == 1 or widest:  # a department and its capital bear one name: the wider one holds both
        return (widest or meant)[0], []
    return None, meant


def _unknown(wish: Wish, where: Named | None) -> dict[str, bool]:
    return {
        "type": bool(wish.type) and wish.type not in terms("service-types"),
        "area": bool(wish.area) and where is None,
        "language": bool(wish.language) and wish.language not in terms("languages"),
    }


def _languages(language: Language) -> list[tuple[str, str]]:
    return [(code, term.label(language)) for code, term in terms("languages").items()]


def _departments(gazetteer: Gazetteer) -> list[Named]:
    """What a list offers while somebody types: countries and departments; any other name is understood too."""
    return [a for c in gazetteer.countries for a in (c, *gazetteer.below(c.code))][:200]
