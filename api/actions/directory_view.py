"""Read one service of the directory as everybody may see it. (R-02, R-03, R-26)"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from consent.release import release_organization, release_service
from graph.model.directory import Agreement, Location, Organization, Program, Service, ServiceCapacity, Suspension
from graph.model.places import is_unknown
from graph.model.sop import Sop
from graph.model.stock import Stock
from graph.store import division, leases, service_page
from graph.store.entry_dates import edited_of
from graph.store.mapping import from_properties, native
from graph.store.network import Tx


@dataclass(frozen=True, slots=True)
class Covered:
    """An area that the service covers, and the name of what it lies in."""

    code: str
    name: str
    level: int
    within: str | None


@dataclass(frozen=True, slots=True)
class ServiceView:
    """A service, who offers it, under which rules, with which places. Of sealed locations only that there are some."""

    service: Service
    organization: Organization
    stock: Stock | None
    sop: Sop | None
    sop_is_in_force: bool
    agreements: tuple[Agreement, ...]
    programs: tuple[Program, ...]
    areas: tuple[Covered, ...] | None
    """None: not stated, which is not the same as nowhere."""
    locations: tuple[Location, ...]
    sealed: int
    place_names: Mapping[str, str]
    """Names of the areas in which the locations lie, by code."""
    suspensions: tuple[Suspension, ...]
    """In force on the day."""
    edited: Mapping[str, datetime] = field(default_factory=dict)
    """By property of the service, when it was last edited; what is missing never was since it came in."""
    verified_at: datetime | None = None
    """When somebody last said that the entry is as it is: another thing than an edit."""
    verified_as: str | None = None
    """By which side: provider or committee."""
    kept: tuple[str, str] | None = None
    """Id and name of the entry that stands for this one, where both were found to be one."""
    organization_kept: str | None = None
    """The name of the organisation that this one was found to be."""

    def age_of(self, *properties: str) -> datetime | None:
        """When one of these was last edited (of none named: any), else when the entry was as a whole; None: not stated."""
        told = [at for name, at in self.edited.items() if name in properties or not properties]
        return max(told, default=self.service.last_modified)

    @property
    def capacity(self) -> ServiceCapacity | None:
        """Places as somebody last stated them, and as they were taken since."""
        return self.stock.capacity if self.stock else None

    def for_others(self) -> ServiceView:
        """As whoever may not say its places sees it: those of a sealed place would tell when somebody is sent there. (R-26)"""
        return replace(self, stock=None) if self.sealed else self

    def places_are_unknown(self, *, at: datetime) -> bool:
        """Whether what was said of places is too old, or was contradicted too often. (R-06)"""
        stock = self.stock
        return stock is not None and is_unknown(stock.capacity, at=at, declines=stock.declines)


async def service(tx: Tx, service_id: str, *, on: date) -> ServiceView:
    """The service as of a day; the address of a sealed location stays out. NotFound for an unknown one. (R-26)"""
    row = await service_page.get(tx, service_id)
    locations = tuple(from_properties(Location, node) for node in row["locations"])
    sealed = frozenset(x.id for x in locations if x.sealed)
    found = release_service(from_properties(Service, row["service"], locations=locations), sealed=sealed)
    stocks = sorted((leases.stock_of(c) for c in row["capacities"]), key=lambda stock: stock.capacity.id)
    is_open = sorted((x for x in found.locations if not x.sealed), key=lambda x: (x.name or "", x.id))
    sop = _sop((from_properties(Sop, p) for p in row["sops"]), on)
    stops = (from_properties(Suspension, x) for x in (*row["own_stops"], *row["organization_stops"]))
    return ServiceView(
        service=found,
        organization=release_organization(from_properties(Organization, row["organization"]), sealed=sealed),
        stock=stocks[0] if stocks else None,
        sop=sop,
        sop_is_in_force=sop is not None and sop.is_in_force(on=on),
        agreements=tuple(sorted((from_properties(Agreement, g) for g in row["agreements"]), key=lambda g: g.name)),
        programs=tuple(sorted((from_properties(Program, p) for p in row["programs"]), key=lambda p: p.name)),
        areas=await _covered(tx, row["areas"]) if found.areas is not None else None,
        locations=tuple(is_open),
        sealed=len(sealed),
        place_names=_place_names(row["places"], is_open),
        suspensions=tuple(x for x in stops if x.is_in_force(on=on)),
        edited=edited_of(row["service"]),
        verified_at=native(row["service"].get("verified_at")),
        verified_as=row["service"].get("verified_as"),
        kept=next(((k["id"], k["name"]) for k in row["kept"]), None),
        organization_kept=next((k["name"] for k in row["organization_kept"]), None),
    )


def _sop(versions: Iterable[Sop], on: date) -> Sop | None:
    """The version in force, else the latest one."""
    return max(versions, key=lambda s: (s.is_in_force(on=on), s.version or 0, str(s.valid_from or "")), default=None)


def _place_names(places: list[list[Any]], locations: list[Location]) -> dict[str, str]:
    wanted = {x.area for x in locations}
    return {code: name for code, name in places if code in wanted}


async def _covered(tx: Tx, rows: list[list[Any]]) -> tuple[Covered, ...]:
    above = {lineage[1] for _, _, _, lineage in rows if len(lineage) > 1}
    names = await division.names(tx, above) if above else {}
    found = [
        Covered(code, name, level, names.get(lineage[1]) if len(lineage) > 1 else None)
        for code, name, level, lineage in rows
    ]
    return tuple(sorted(found, key=lambda a: (a.within or "", a.level, a.name)))
