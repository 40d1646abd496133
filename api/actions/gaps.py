"""Show the committee where the network fails people, without showing a person. (R-07, R-51)"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from api.actions.allowed import within
from api.actions.case_suggestions import reference
from consent.access import Deed, Nameless
from consent.small_numbers import TOTAL, Shown, Table, column_of, least, publish, row_total
from consent.worked_out import Cell as At
from consent.worked_out import Sum
from graph.model.actor import Actor
from graph.model.area import Area
from graph.model.base import Code
from graph.model.catchment import covers, inside
from graph.model.demand import Demand
from graph.secrets import Secrets
from graph.seed.status_reasons import LAPSED, status_reasons
from graph.seed.vocabulary import lineage, terms
from graph.store import demand, division, gaps
from graph.store.errors import NotFound
from graph.store.network import Network, Tx
from matching.coverage import PART, WHOLE, Reach, shared
from matching.gaps import Cell, Offered, Unmet, matrix, row_of

MONTHS: Final = 12
"""The one window in which demand is shown: a choice of windows could be subtracted from each other."""

LISTED: Final = 200


class Signal(StrEnum):
    """How it came to light that a need was not met. Each unmet need counts once, by the last that was seen of it."""

    NOTHING_FITS = "nothing-fits"
    """nothing was suggested, and more than one thing stood in the way"""
    NEAR_MISS = "near-miss"
    """nothing was suggested, and one thing alone stood in the way"""
    DECLINED = "declined"
    """a provider had no places, no staff, no funds, or does not serve there"""
    LAPSED = "lapsed"
    """nobody decided in twice the time allowed"""
    PLANNED = "planned"
    """a person agreed to it in their plan, and for a month nobody has looked for it"""


NEVER_SOUGHT: Final = "never-sought"
RESTS: Final = timedelta(days=30)
"""A need of a plan counts as unmet when it was agreed so long ago and nobody was asked."""


def signal_of(one: Unmet) -> Signal:
    """By which signal a need counts."""
    if one.near_miss:
        return Signal.NEAR_MISS
    if one.reason == LAPSED:
        return Signal.LAPSED
    if one.reason == NEVER_SOUGHT:
        return Signal.PLANNED
    return Signal.DECLINED if one.reason in status_reasons() else Signal.NOTHING_FITS


@dataclass(frozen=True, slots=True)
class Gaps:
    """The matrix of one country as it may be published, and what in the directory needs care."""

    country: str
    since: str
    rows: tuple[str, ...]
    columns: tuple[Area, ...]
    demand: Table
    near: Mapping[tuple[str, str], Shown]
    signals: Mapping[tuple[str, Signal], Shown]
    """By need and signal; the need "" is all of them."""
    months: Mapping[str, Shown]
    """All needs of the country by month, the first one first."""
    cells: Mapping[tuple[str, str], Cell]
    """Supply beside demand. The demand in it is exact: only what `demand` and `near` show may leave."""
    k_of: Mapping[str, int]
    """Below how many a count of this row is hidden."""
    without_sop: list[dict[str, Any]]
    ended_agreements: list[dict[str, Any]]
    stale_places: list[dict[str, Any]]
    department: Code | None = None
    """The one that a departmental committee reads; None: the whole country."""

    def main_reason(self, at: tuple[str, str]) -> Code | None:
        """What mostly stood in the way, told only where the count itself is."""
        return None if self.demand.cells[at].is_hidden else self.cells[at].main_reason


async def countries(tx: Tx, *, actor: Actor | Nameless) -> list[Area]:
    """The countries that a reader can ask for, in the order of their names: a departmental committee has one. (R-52)"""
    department = within(actor, Deed.GAPS_READ)
    found = await division.of_level(tx, 0)
    if department is None:
        return found
    parents = {own.parent for own in await division.of_codes(tx, [department])}
    return [country for country in found if country.code in parents]


async def read(
    network: Network, country: str, *, actor: Actor | Nameless, at: datetime, secrets: Secrets | None
) -> Gaps:
    """The gaps of one country: needs in rows, departments in columns. NotFound for an unknown country. (R-07)

    Read in one transaction; which numbers may be told is worked out after it, so that no lock or connection waits for that.
    A departmental committee reads its column of the country's matrix, told as it is told to everybody and no finer; another
    country is NotFound to it. (R-52)
    """
    found = await network.read(gather, country, actor=actor, at=at, secrets=secrets)
    codes = tuple(column.code for column in found.columns)
    months = months_of(found.since)
    table = await asyncio.to_thread(_told, found.rows, codes, found.asked, found.cells, found.k_of, months)
    whole = Gaps(
        country=country,
        since=found.since,
        rows=found.rows,
        columns=found.columns,
        demand=table,
        near={(r, c): table.beside.get((r, c, NEAR), Shown(0)) for r in found.rows for c in codes},
        months={m: table.beside["", "", m] for m in months},
        signals={(r, s): table.beside.get((r, "", s), Shown(0)) for r in (*found.rows, "") for s in Signal},
        cells=found.cells,
        k_of=found.k_of,
        without_sop=found.without_sop,
        ended_agreements=found.ended_agreements,
        stale_places=found.stale_places,
    )
    return whole if found.department is None else _of_department(whole, found.department)


def _of_department(whole: Gaps, department: Code) -> Gaps:
    """What the country's publication says of one department: nothing is counted anew, so nothing can be subtracted. (R-52)"""
    return replace(
        whole,
        columns=tuple(column for column in whole.columns if column.code == department),
        demand=column_of(whole.demand, department),
        near={at: told for at, told in whole.near.items() if at[1] == department},
        signals={},
        months={},
        cells={at: cell for at, cell in whole.cells.items() if at[1] == department},
        without_sop=[],
        ended_agreements=[],
        stale_places=[],
        department=department,
    )


@dataclass(frozen=True, slots=True)
class Gathered:
    """What the graph says, exact: nothing of it is told before `read` has looked at it."""

    since: str
    rows: tuple[str, ...]
    columns: tuple[Area, ...]
    asked: list[Unmet]
    cells: Mapping[tuple[str, str], Cell]
    k_of: Mapping[str, int]
    without_sop: list[dict[str, Any]]
    ended_agreements: list[dict[str, Any]]
    stale_places: list[dict[str, Any]]
    department: Code | None


async def gather(tx: Tx, country: str, *, actor: Actor | Nameless, at: datetime, secrets: Secrets | None) -> Gathered:
    """Demand and supply of one country, and what in the directory needs care. NotFound for an unknown country."""
    department = within(actor, Deed.GAPS_READ)
    columns = tuple(await division.below(tx, country))
    if department is not None and department not in {column.code for column in columns}:
        raise NotFound
    rows = matrix_rows()
    since = first_month(at.date())
    known = {column.code for column in columns}
    asked = [
        Unmet(one["service_type"], one["department"], one["reason"], one["near_miss"], one["asked"], one["month"])
        for one in await demand.since(tx, since)
        if one["department"] in known
    ]
    asked += [one for one in await _planned(tx, since, at=at, secrets=secrets) if one.department in known]
    offered = await _offered(tx, country, rows, columns)
    codes = tuple(column.code for column in columns)
    return Gathered(
        since=since,
        rows=rows,
        columns=columns,
        asked=asked,
        cells=matrix(rows, codes, asked, offered, lineage=_lineage),
        k_of={row: least(row, lineage("service-types", row), _below(row)) for row in rows},
        without_sop=await gaps.without_sop(tx, on=at.date(), limit=LISTED),
        ended_agreements=await gaps.ended_agreements(tx, until=at.date(), limit=LISTED),
        stale_places=await gaps.stale_places(tx, at=at, limit=LISTED),
        department=department,
    )


async def _planned(tx: Tx, since: str, *, at: datetime, secrets: Secrets | None) -> list[Unmet]:
    """Needs that plans state and nobody looked for: counted here unless a search or a decline has counted them. (R-40)

    Without keys there is no case. The key under which a need is counted is known to nobody who has none.
    """
    if secrets is None:
        return []
    window = datetime.fromisoformat(f"{since}-01").replace(tzinfo=UTC)
    needs = await demand.planned(tx, since=window, until=at - RESTS)
    keys = [Demand.key_of(reference(need["id"], secrets), need["service_type"]) for need in needs]
    known = await demand.counted(tx, keys)
    never = Counter(
        (need["service_type"], department_in(need["lineage"]), need["agreed_at"].strftime("%Y-%m"))
        for need, key in zip(needs, keys, strict=True)
        if key not in known
    )
    return [Unmet(kind, place, NEVER_SOUGHT, False, n, month) for (kind, place, month), n in sorted(never.items())]


def department_in(lineage: Sequence[str]) -> str:
    """The department of an area by its way up; the country where nothing finer is stated."""
    return lineage[-2] if len(lineage) > 1 else lineage[-1]


NEAR: Final = "near"
REST: Final = "rest"
"""What of a cell is no near miss: never told, and not to be worked out."""


def _told(
    rows: Sequence[str],
    columns: Sequence[str],
    asked: Sequence[Unmet],
    cells: Mapping[tuple[str, str], Cell],
    k_of: Mapping[str, int],
    months: Sequence[str],
) -> Table:
    """The matrix, its near misses, signals and months as one publication: what is told here is not given away there. (R-21)"""
    beside: dict[At, int] = {}
    sums: list[Sum] = []
    for (row, column), cell in cells.items():
        if cell.unmet:
            parts: dict[At, int] = {(row, column, NEAR): cell.near, (row, column, REST): cell.unmet - cell.near}
            beside |= parts
            sums.append(((row, column), tuple(parts)))
    by_signal = Counter((row_of(one.service_type, _lineage), signal_of(one)) for one in asked for _ in range(one.asked))
    for row in rows:
        if any(cells[row, column].unmet for column in columns):
            parts = {(row, "", signal): by_signal[row, signal] for signal in Signal}
            beside |= parts
            sums.append((row_total(row), tuple(parts)))
    for signal in Signal:
        of_rows = tuple(at for at in beside if at[1:] == ("", signal))
        beside["", "", signal] = sum(beside[at] for at in of_rows)
        sums.append((("", "", signal), of_rows))
    by_month: dict[At, int] = {
        ("", "", month): sum(one.asked for one in asked if one.month == month) for month in months
    }
    beside |= by_month
    sums.append((TOTAL, tuple(by_month)))
    return publish(
        {at: cell.unmet for at, cell in cells.items()},
        rows,
        columns,
        k_of,
        beside=beside,
        beside_sums=sums,
        untold=[at for at in beside if at[-1] == REST],
    )


def matrix_rows() -> tuple[str, ...]:
    """The needs of the matrix: dimensions for what was asked no finer, and the second level of the taxonomy."""
    return tuple(t for t in terms("service-types") if len(_lineage(t)) <= 2)


def first_month(on: date) -> str:
    """The first month of the window that ends with this month."""
    months = on.year * 12 + on.month - MONTHS
    return f"{months // 12:04d}-{months % 12 + 1:02d}"


def months_of(since: str) -> tuple[str, ...]:
    """The months of the window that begins with one."""
    begins = int(since[:4]) * 12 + int(since[5:]) - 1
    return tuple(f"{n // 12:04d}-{n % 12 + 1:02d}" for n in range(begins, begins + MONTHS))


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
    places = await gaps.places(tx, keys)
    none = (0, 0)
    offered = {}
    for row in rows:
        everywhere = covers(country, row)
        shares = shared(
            Reach(service_id, n, column.code, weight)
            for column in columns
            for service_id, (n, weight) in _reaching(places, everywhere, column.code, row).items()
        )
        for column in columns:
            own = found.get(covers(column.code, row), none)
            all_over = found.get(everywhere, none)
            part = found.get(inside(column.code, row), none)
            offered[row, column.code] = Offered(
                whole=own[0] + all_over[0],
                part=part[0],
                full=own[1] + all_over[1] + part[1],
                places=shares.get(column.code),
            )
    return offered


def _reaching(
    places: Mapping[str, Mapping[str, int]], everywhere: str, department: str, row: str
) -> dict[str, tuple[int, float]]:
    """The services with places that reach a department: all of it, or a part, which weighs less."""
    part = {id: (n, PART) for id, n in places.get(inside(department, row), {}).items()}
    whole = {**places.get(everywhere, {}), **places.get(covers(department, row), {})}
    return part | {id: (n, WHOLE) for id, n in whole.items()}
