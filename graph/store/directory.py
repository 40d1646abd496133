"""The directory in batches: what belongs together is written together, in one transaction. (R-02)

Each function here joins statements of the nouns' own files; what is new, changed or stale is decided before.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from graph.model.directory import (
    Agreement,
    Location,
    Mechanism,
    Organization,
    Program,
    Service,
    ServiceCapacity,
    Suspension,
)
from graph.model.sop import Sop
from graph.model.stock import Stock
from graph.store import (
    agreements,
    capacities,
    locations,
    mechanisms,
    organizations,
    programs,
    services,
    sops,
    suspensions,
    terms,
)
from graph.store.network import Tx

Lineages = Mapping[str, tuple[str, ...]]


@dataclass(slots=True)
class ServiceChanges:
    """What is to be written of a batch of services. Whatever did not change is not in it."""

    new: list[Service] = field(default_factory=list)
    changed: list[Service] = field(default_factory=list)
    relinked: list[Service] = field(default_factory=list)
    """Those of the changed whose edges are others now."""
    new_locations: list[Location] = field(default_factory=list)
    changed_locations: list[Location] = field(default_factory=list)
    new_sops: list[Sop] = field(default_factory=list)
    changed_sops: list[Sop] = field(default_factory=list)
    stale_sops: list[str] = field(default_factory=list)
    fewer_sops: set[str] = field(default_factory=set)
    """Services whose rules without a version are no longer stated."""
    new_capacities: list[ServiceCapacity] = field(default_factory=list)
    changed_capacities: list[Stock] = field(default_factory=list)
    new_suspensions: list[Suspension] = field(default_factory=list)
    changed_suspensions: list[Suspension] = field(default_factory=list)


async def write_services(
    tx: Tx, changes: ServiceChanges, *, lineages: Lineages, catchments: Collection[str] = frozenset()
) -> frozenset[str]:
    """Write a batch of services with all that hangs on them.

    `catchments` are catchment keys known to be there; so are those that come back.
    """
    await write_locations(tx, changes.new_locations, changes.changed_locations)
    if changes.new:
        await services.create(tx, changes.new)
    if changes.changed:
        await services.update(tx, changes.changed)
    if changes.relinked:
        ids = [service.id for service in changes.relinked]
        await services.unlink(tx, ids)
        await services.unlink_organizations(tx, ids)
        await services.link_organizations(tx, changes.relinked)
    keys = await _link_services(tx, [*changes.new, *changes.relinked], lineages, catchments)
    if changes.stale_sops:
        await sops.delete(tx, changes.stale_sops)
    if changes.changed_sops:
        await sops.update(tx, changes.changed_sops)
    if changes.new_sops:
        await sops.create(tx, changes.new_sops)
    if changes.changed_capacities:
        await capacities.update(tx, changes.changed_capacities)
    if changes.new_capacities:
        await capacities.create(tx, changes.new_capacities)
    await write_suspensions(tx, changes.new_suspensions, changes.changed_suspensions)
    touched = {service.id for service in (*changes.new, *changes.changed)}
    touched |= {sop.service_id for sop in (*changes.new_sops, *changes.changed_sops)} | changes.fewer_sops
    if touched:
        await terms.refresh(tx, sorted(touched))
    return keys


async def _link_services(
    tx: Tx, linked: Sequence[Service], lineages: Lineages, catchments: Collection[str]
) -> frozenset[str]:
    if not linked:
        return frozenset()
    await services.link_types(tx, linked)
    if any(service.areas for service in linked):
        await services.link_areas(tx, linked)
    if any(service.locations for service in linked):
        await services.link_locations(tx, linked)
    if any(service.requires for service in linked):
        await services.link_required(tx, linked)
    if any(service.programs for service in linked):
        await services.link_programs(tx, linked)
    return await _link_catchments(tx, linked, lineages, catchments)


async def _link_catchments(
    tx: Tx, linked: Sequence[Service], lineages: Lineages, catchments: Collection[str] = frozenset()
) -> frozenset[str]:
    keys = {service.id: services.catchment_of(service, lineages.__getitem__) for service in linked}
    found: frozenset[str] = frozenset().union(*keys.values())
    missing = found.difference(catchments)
    if missing:
        await services.ensure_catchments(tx, missing)
    await services.link_catchments(tx, keys)
    return found


async def renew_catchments(tx: Tx, ids: Sequence[str], *, lineages: Lineages) -> None:
    """Find these services from where their areas hang now."""
    if not ids:
        return
    found = await services.get(tx, ids)
    await services.unlink_catchments(tx, list(found))
    await _link_catchments(tx, list(found.values()), lineages)


async def write_locations(tx: Tx, new: Sequence[Location], changed: Sequence[Location]) -> None:
    """Write locations, each in its area."""
    if new:
        await locations.create(tx, new)
    if changed:
        await locations.update(tx, changed)
        await locations.unplace(tx, [x.id for x in changed])
    if any(x.area for x in (*new, *changed)):
        await locations.place(tx, [*new, *changed])


async def write_organizations(tx: Tx, written: Sequence[Organization], *, renamed: Sequence[str] = ()) -> None:
    """Write organisations; the services of renamed ones tell the new name."""
    await organizations.upsert(tx, written)
    if renamed:
        await terms.refresh(tx, await organizations.services_of(tx, renamed))


async def write_programs(tx: Tx, written: Sequence[Program]) -> None:
    """Write programmes."""
    await programs.upsert(tx, written)


async def write_mechanisms(tx: Tx, written: Sequence[Mechanism]) -> None:
    """Write mechanisms with their members and what each is part of. (R-44)"""
    ids = [mechanism.id for mechanism in written]
    await mechanisms.upsert(tx, written)
    await mechanisms.unlink(tx, ids)
    await mechanisms.unlink_members(tx, ids)
    await mechanisms.link(tx, written)
    await mechanisms.link_members(tx, written)


async def write_agreements(tx: Tx, written: Sequence[Agreement], *, parties: Sequence[str]) -> None:
    """Write agreements with their parties; the services of all parties, old and new, tell them. (R-03)"""
    await agreements.upsert(tx, written)
    await agreements.unlink(tx, [agreement.id for agreement in written])
    await agreements.link(tx, written)
    await terms.refresh(tx, await organizations.services_of(tx, parties))


async def write_suspensions(tx: Tx, new: Sequence[Suspension], changed: Sequence[Suspension]) -> None:
    """Write suspensions; each stops its subject. (R-26)"""
    written = [*new, *changed]
    if not written:
        return
    await suspensions.upsert(tx, written)
    if changed:
        await suspensions.unlink(tx, [suspension.id for suspension in changed])
    await suspensions.stop_areas(tx, written)
    await suspensions.stop_organizations(tx, written)
    await suspensions.stop_services(tx, written)
