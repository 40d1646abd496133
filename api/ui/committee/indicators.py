"""Indicators on a page: the person's word first; the network's for the committee, its own for an organisation. (R-51, R-52)"""

from __future__ import annotations

from functools import partial
from typing import Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.actions import indicators
from api.actions.indicators import Indicators
from api.dependencies import LanguageDep, NetworkDep, NowDep, language_of
from api.identity import IndicatorReaderDep
from api.sheets import Cell
from api.texts import text
from api.ui.downloads import Kind, as_file, counted
from api.ui.render import FRESH, page
from graph.model.base import Language
from graph.seed.vocabulary import label

router = APIRouter()

Table = Literal["summary", "departments", "groups"]


def group_in_words(language: Language, by: str, code: str) -> str:
    """A group of people as it is called: a gender, a band of years, or that it was not stated."""
    if not code:
        return text("committee.group.not-stated", language)
    said = label("genders", code, language) if by == "gender" else text(f"by-link.age.{code}", language)
    return said[:1].upper() + said[1:]


@router.get("/committee/indicators")
async def read(request: Request, network: NetworkDep, actor: IndicatorReaderDep, now: NowDep) -> Response:
    """What became of referrals, how long it took, for whom; a number about few people is not told."""
    found = await indicators.read(network, actor=actor, at=now)
    shown: dict[str, Any] = {"found": found, "group": partial(group_in_words, language_of(request))}
    return page(request, "committee/indicators.html", now=now, headers=FRESH, **shown)


@router.get("/committee/indicators/file")
async def file(
    network: NetworkDep,
    actor: IndicatorReaderDep,
    now: NowDep,
    language: LanguageDep,
    table: Table = "summary",
    kind: Kind = Kind.XLSX,
) -> Response:
    """One of the tables to be taken along."""
    found = await indicators.read(network, actor=actor, at=now)
    make = {"summary": _summary, "departments": _departments, "groups": _groups}[table]
    columns, rows = make(found, language)
    return as_file(kind, f"enlace-indicators-{table}", text("committee.page.indicators", language), columns, rows)


def _words(language: Language, *keys: str) -> list[str]:
    return [text(f"committee.indicator.{key}", language) for key in keys]


def _share(share: int | None) -> Cell:
    return "·" if share is None else share


def _summary(found: Indicators, language: Language) -> tuple[list[str], list[list[Cell]]]:
    numbers: list[tuple[str, Cell, Cell]] = [
        ("confirmed", counted(found.confirmed), _share(found.share)),
        *([] if found.department else [("ended", counted(found.ended), None)]),
        ("sent", counted(found.sent), None),
        *((f"end.{end}", counted(told), None) for end, told in found.ends.items()),
        *((f"days.{stretch}", "·" if days is None else days, None) for stretch, days in found.days.items()),
    ]
    if not found.department:
        numbers += [
            ("against-data", counted(found.against_data), _share(found.against_share)),
            ("without-consent", counted(found.without_consent), None),
            ("notices", counted(found.notices), None),
            ("notices-in-time", counted(found.notices_in_time), _share(found.notices_share)),
            ("places-age", found.places_age, None),
            ("places-stale", None, found.places_stale),
        ]
    rows: list[list[Cell]] = [[*_words(language, key), number, share] for key, number, share in numbers]
    return _words(language, "what", "number", "percent"), rows


def _departments(found: Indicators, language: Language) -> tuple[list[str], list[list[Cell]]]:
    ends = list(found.ends)
    columns = [*_words(language, "department", "sent", *(f"end.{end}" for end in ends), "share")]
    rows: list[list[Cell]] = [
        [one.name, counted(one.sent), *(counted(one.ends[end]) for end in ends), _share(one.share)]
        for one in found.departments
    ]
    return columns, rows


def _groups(found: Indicators, language: Language) -> tuple[list[str], list[list[Cell]]]:
    rows: list[list[Cell]] = [
        [
            group_in_words(language, *one.group),
            counted(one.ended),
            counted(one.confirmed),
            _share(one.share),
            text("committee.indicator.below-floor", language) if one.below_floor else None,
        ]
        for one in found.groups
    ]
    return _words(language, "group", "ended", "confirmed", "share", "floor"), rows
