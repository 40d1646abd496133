"""What the directory tells the world: HSDS documents page by page, each page one transaction. (R-26, R-33, R-42)

Everything passes `consent.release` here, before it becomes a document. How it is written to files does not belong here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from consent.release import release_organization, release_service
from graph.exchange import hsds_write as write
from graph.model.area import Area
from graph.model.directory import ServiceCapacity, Suspension
from graph.store import agreements as agreement_store
from graph.store import areas as area_store
from graph.store import capacities as capacity_store
from graph.store import locations as location_store
from graph.store import mechanisms as mechanism_store
from graph.store import organizations as organization_store
from graph.store import programs as program_store
from graph.store import services as service_store
from graph.store import sops as sop_store
from graph.store import suspensions as suspension_store
from graph.store.network import Tx

T = TypeVar("T")
Document = dict[str, Any]

PAGE: Final = 400


@dataclass(frozen=True, slots=True)
class Page:
    """Some documents, and the id after which the next page begins; None: there is none."""

    documents: list[Document]
    after: str | None


@dataclass(frozen=True, slots=True)
class Frame:
    """What is small enough to be told at once: areas, neighbours, mechanisms, suspensions of areas."""

    areas: list[Area]
    adjacency: list[tuple[str, str]]
    mechanisms: list[Document]
    suspensions: list[Document]


async def frame(tx: Tx) -> Frame:
    """The areas and mechanisms of the network, and the areas that are suspended."""
    areas = await area_store.read_all(tx)
    pairs = {(min(code, other), max(code, other)) for code, found in areas.items() for other in found.beside}
    mechanisms = await mechanism_store.get_all(tx)
    suspensions = await suspension_store.get_all(tx)
    return Frame(
        [found.area for found in areas.values()],
        sorted(pairs),
        [write.mechanism_document(mechanism) for mechanism in mechanisms.values()],
        [write.suspension_document(x) for x in suspensions.values() if x.subject == "area"],
    )


async def organizations(tx: Tx, *, after: str = "", limit: int = PAGE) -> Page:
    """Organisations with their agreements, memberships, programmes and suspensions. (R-03, R-32, R-33)"""
    found = await organization_store.page(tx, after=after, limit=limit)
    if not found:
        return Page([], None)
    sealed = await location_store.sealed(tx)
    agreements = _grouped((a.parties[0], a) for a in (await agreement_store.get_all(tx)).values())
    programs = _grouped((p.organization_id, p) for p in (await program_store.get_all(tx)).values())
    stops = _stops((await suspension_store.get_all(tx)).values(), "organization")
    documents = [
        write.organization_document(
            release_organization(organization, sealed=sealed),
            agreements=agreements.get(organization.id, ()),
            memberships=memberships,
            programs=programs.get(organization.id, ()),
            suspensions=stops.get(organization.id, ()),
        )
        for organization, memberships in found
    ]
    return Page(documents, found[-1][0].id if len(found) == limit else None)


async def services(tx: Tx, *, after: str = "", limit: int = PAGE) -> Page:
    """Services in full form, each with its organisation; of a sealed location that there is one. (R-02, R-26)"""
    found = await service_store.page(tx, after=after, limit=limit)
    if not found:
        return Page([], None)
    ids = [service.id for service in found]
    sealed = await location_store.sealed(tx)
    owners = await organization_store.get(tx, {service.organization_id for service in found})
    programs = await program_store.get_all(tx)
    sops = await sop_store.of_services(tx, ids)
    capacities: dict[str, list[ServiceCapacity]] = {}
    for stock in (await capacity_store.of_services(tx, ids)).values():
        capacities.setdefault(stock.capacity.service_id, []).append(stock.capacity)
    stops = _stops((await suspension_store.get_all(tx)).values(), "service")
    documents = [
        write.service_document(
            release_service(service, sealed=sealed),
            organization=write.organization_document(
                release_organization(owners[service.organization_id], sealed=sealed)
            ),
            programs=programs,
            sops=sops.get(service.id, ()),
            capacities=sorted(capacities.get(service.id, ()), key=lambda c: c.id),
            suspensions=stops.get(service.id, ()),
        )
        for service in found
    ]
    return Page(documents, found[-1].id if len(found) == limit else None)


def _grouped(pairs: Iterable[tuple[str | None, T]]) -> dict[str, list[T]]:
    found: dict[str, list[T]] = {}
    for key, value in pairs:
        if key is not None:
            found.setdefault(key, []).append(value)
    return found


def _stops(suspensions: Iterable[Suspension], subject: str) -> dict[str, list[Suspension]]:
    return _grouped((x.subject_id, x) for x in suspensions if x.subject == subject)
