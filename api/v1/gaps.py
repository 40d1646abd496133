"""Where the network fails people, as numbers that name nobody. (R-07)"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.actions import gaps
from api.dependencies import KeysDep, LanguageDep, NetworkDep, NowDep
from api.identity import GapsReaderDep
from api.texts import text
from graph.seed.vocabulary import label

router = APIRouter(tags=["gaps"])


class CountOut(BaseModel):
    """A count, in steps of five. `number` is null where it is not told: few people, or a few could be worked out from it.

    `at_least`: it is this number or up to four more.
    """

    number: int | None
    at_least: bool = False


class CellOut(BaseModel):
    """One need in one department: unmet demand, the near misses among it, and the supply beside it."""

    service_type: str
    department: str
    unmet: CountOut
    near_misses: CountOut
    main_reason: str | None
    main_reason_text: str | None
    supply: str = Field(description="missing | part-only | full | there")
    services_whole: int
    services_part: int
    services_full: int
    places: float | None = Field(
        description="places that fall to it when each service shares its own among the departments it reaches; null: not said"
    )


class SignalOut(BaseModel):
    """How often a need came to light in one way; the empty service type is all of them."""

    service_type: str
    signal: str = Field(description="nothing-fits | near-miss | declined | lapsed | planned")
    unmet: CountOut


class MonthOut(BaseModel):
    """All unmet needs of the country that were last seen in one month."""

    month: str
    unmet: CountOut


class RowOut(BaseModel):
    """A need, with its total."""

    service_type: str
    label: str
    unmet: CountOut


class ColumnOut(BaseModel):
    """A department, with its total."""

    code: str
    name: str
    unmet: CountOut


class EntryOut(BaseModel):
    """An entry of the directory that needs care."""

    id: str
    name: str
    organization: str
    date: str | None = None


class GapsOut(BaseModel):
    """The gaps of one country."""

    country: str
    department: str | None = Field(description="the code of the one that a departmental committee reads")
    since: str = Field(description="the first month counted; the window is always twelve months")
    rows: list[RowOut]
    columns: list[ColumnOut]
    cells: list[CellOut]
    signals: list[SignalOut]
    months: list[MonthOut] = Field(description="of the whole country; finer than a month nothing is kept")
    coarsened: bool = Field(description="only totals of needs are told: a small number could be worked out otherwise")
    unmet: CountOut
    without_sop: list[EntryOut]
    ended_agreements: list[EntryOut]
    stale_places: list[EntryOut]


@router.get("/gaps", response_model=GapsOut, summary="Where the network fails people")
async def read(
    country: Annotated[str, Query(min_length=2, max_length=20)],
    network: NetworkDep,
    actor: GapsReaderDep,
    now: NowDep,
    keys: KeysDep,
    language: LanguageDep,
) -> Any:
    """Needs by department for one country: unmet demand of twelve months beside supply; counts under k are hidden.

    Totals are true, and other counts are kept back until no hidden one can be worked out from what is told. A departmental
    committee reads its column of the same table; another country is not found.
    """
    found = await gaps.read(network, country, actor=actor, at=now, secrets=keys)
    cells = []
    for (row, column), cell in found.cells.items():
        reason = found.main_reason((row, column))
        cells.append(
            CellOut(
                service_type=row,
                department=column,
                unmet=_count(found.demand.cells[row, column]),
                near_misses=_count(found.near[row, column]),
                main_reason=reason,
                main_reason_text=text(f"gap.{reason}", language) if reason else None,
                supply=cell.offered.supply,
                services_whole=cell.offered.whole,
                services_part=cell.offered.part,
                services_full=cell.offered.full,
                places=None if cell.offered.places is None else round(cell.offered.places, 1),
            )
        )
    return GapsOut(
        country=found.country,
        department=found.department,
        since=found.since,
        rows=[
            RowOut(service_type=r, label=label("service-types", r, language), unmet=_count(found.demand.rows[r]))
            for r in found.rows
        ],
        columns=[
            ColumnOut(code=c.code, name=c.name, unmet=_count(found.demand.columns[c.code])) for c in found.columns
        ],
        cells=cells,
        signals=[
            SignalOut(service_type=row, signal=signal, unmet=_count(told))
            for (row, signal), told in found.signals.items()
        ],
        months=[MonthOut(month=month, unmet=_count(told)) for month, told in found.months.items()],
        coarsened=found.demand.coarsened,
        unmet=_count(found.demand.all),
        without_sop=[_entry(e) for e in found.without_sop],
        ended_agreements=[_entry(e, "valid_to") for e in found.ended_agreements],
        stale_places=[_entry(e, "updated") for e in found.stale_places],
    )


def _count(shown: Any) -> CountOut:
    return CountOut(number=shown.number, at_least=shown.at_least)


def _entry(entry: dict[str, Any], dated: str | None = None) -> EntryOut:
    day = entry[dated] if dated else None
    return EntryOut(
        id=entry["id"],
        name=entry["name"],
        organization=entry["organization"],
        date=day.isoformat() if day else None,
    )
