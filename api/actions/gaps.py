"""Show the committee where the network fails people, without showing a person. (R-07, R-51)"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from api.actions.allowed import must_ever
from consent.access import Deed, Nameless
from consent.small_numbers import Shown, Table, least, part_shown, publish
from graph.model.actor import Actor
from graph.model.area import Area
from graph.model.base import Code
from graph.model.catchment import covers, inside
from graph.seed.vocabulary import lineage, terms
from graph.store import demand, division, gaps
from graph.store.network import Tx
from matching.gaps import Cell, Offered, Unmet, matrix

MONTHS: Final = 12
"""The one window in which demand is shown: a choice of windows could be subtracted from each other."""

LISTED: Final = 200


@dataclass(frozen=True, slots=True)
class Gaps:
    """The matrix of one country as it may be published, and what in the directory needs care."""

    country: str
    since: str
    rows: tuple[str, ...]
    columns: tuple[Area, ...]
    demand: Table
    near: Mapping[tuple[str, str], Shown]
    cells: Mapping[tuple[str, str], Cell]
    """Supply beside demand. The demand in it is exact: only what `demand` and `near` show may leave."""
    k_of: Mapping[str, int]
    """Below how many a count of this row is hidden."""
    without_sop: list[dict[str, Any]]
    ended_agreements: list[dict[str, Any]]
    stale_places: list[dict[str, Any]]

    def main_reason(self, at: tuple[str, str]) -> Code | None:
        """What mostly stood in the way, told only where the count itself is."""
        return None if self.demand.cells[at].is_hidden else self.cells[at].main_reason


async def countries(tx: Tx) -> list[Area]:
    """The countries of this network, in the order of their names."""
    return await division.of_level(tx, 0)


async def read(tx: Tx, country: str, *, actor: Actor | Nameless, at: datetime) -> Gaps:
    """The gaps of one country: needs in rows, departments in columns. NotFound for an unknown country. (R-07)"""
    must_ever(actor, Deed.GAPS_READ)
    columns = tuple(await division.below(tx, country))
    rows = matrix_rows()
    since = first_month(at.date())
    known = {column.code for column in columns}
    asked = [
        Unmet(one["service_type"], one["department"], one["reason"], one["near_miss"], one["asked"])
        for one in await demand.since(tx, since)
        if one["department"] in known
    ]
    offered = await _offered(tx, country, rows, columns)
    codes = tuple(column.code for column in columns)
    cells = matrix(rows, codes, asked, offered, lineage=_lineage)
    k_of = {row: least(row, lineage("service-types", row), _below(row)) for row in rows}
    return Gaps(
        country=country,
        since=since,
        rows=rows,
        columns=columns,
        demand=publish({at_: cell.unmet for at_, cell in cells.items()}, rows, codes, k_of),
        near={(r, c): part_shown(cells[r, c].near, cells[r, c].unmet, k_of[r]) for r in rows for c in codes},
        cells=cells,
        k_of=k_of,
        without_sop=await gaps.without_sop(tx, on=at.date(), limit=LISTED),
        ended_agreements=await gaps.ended_agreements(tx, until=at.date(), limit=LISTED),
        stale_places=await gaps.stale_places(tx, at=at, limit=LISTED),
    )


def matrix_rows() -> tuple[str, ...]:
    """The needs of the matrix: dimensions for what was asked no finer, and the second level of the taxonomy."""
    return tuple(t for t in terms("service-types") if len(_lineage(t)) <= 2)


def first_month(on: date) -> str:
    """The first month of the window that ends with this month."""
    months = on.year * 12 + on.month - MONTHS
    return f"{months // 12:04d}-{months % 12 + 1:02d}"


def _lineage(service_type: str) -> tuple[str, ...]:
    return lineage("service-types", service_type)


def _below(row: str) -> tuple[str, ...]:
    return tuple(t for t in terms("service-types") if row in _lineage(t))


async def _offered(
    tx: Tx, country: str, rows: tuple[str, ...], columns: tuple[Area, ...]
) -> dict[tuple[str, str], Offered]:
    keys = [covers(country, row) for row in rows]
    for column in columns:
        for row in rows:
            keys += [covers(column.code, row), inside(column.code, row)]
    found = await gaps.supply(tx, keys)
    none = (0, 0)
    offered = {}
    for column in columns:
        for row in rows:
            own = found.get(covers(column.code, row), none)
            all_over = found.get(covers(country, row), none)
            part = found.get(inside(column.code, row), none)
            offered[row, column.code] = Offered(
                whole=own[0] + all_over[0], part=part[0], full=own[1] + all_over[1] + part[1]
            )
    return offered
