"""Taking what a file states into the directory, a batch per transaction: read, compare, write, tell. (R-02)

Nothing is written when nothing changed, and with `dry_run` nothing at all. What a row means was read before
(`graph.exchange`); the whole import is `api.actions.directory`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, TypeVar

from consent.release import keep_withheld, release_location, release_organization, release_service
from graph.exchange.geography import Division
from graph.exchange.hsds import ServiceEntry
from graph.exchange.organizations import OrganizationEntry
from graph.exchange.pieces import Collector
from graph.exchange.problem import Fault, Notice, Place, Problem
from graph.model.amendment import ended_early
from graph.model.base import Model
from graph.model.directory import (
    Agreement,
    Location,
    Mechanism,
    Program,
    Service,
    ServiceCapacity,
    Suspension,
)
from graph.model.sop import Sop
from graph.model.stock import Stock, as_said, imported
from graph.store import agreements as agreement_store
from graph.store import areas as area_store
from graph.store import capacities as capacity_store
from graph.store import directory, entry_dates
from graph.store import locations as location_store
from graph.store import mechanisms as mechanism_store
from graph.store import organizations as organization_store
from graph.store import programs as program_store
from graph.store import services as service_store
from graph.store import sops as sop_store
from graph.store import suspensions as suspension_store
from graph.store.content import changed, checksum
from graph.store.directory import Lineages, ServiceChanges
from graph.store.network import Tx

M = TypeVar("M", bound=Model)

EDGES: Final = frozenset({"organization_id", "service_types", "areas", "locations", "requires", "programs"})
"""Fields of a service that are edges: only when one of them changed are its edges written anew."""


@dataclass(frozen=True, slots=True)
class Change:
    """What is not as it was before."""

    noun: str
    id: str
    fields: tuple[str, ...]


@dataclass(slots=True)
class Taken:
    """What became of a batch."""

    new: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    unchanged: Counter[str] = field(default_factory=Counter)
    changes: list[Change] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notices: list[Problem] = field(default_factory=list)
    locations: dict[str, Change | None] = field(default_factory=dict)
    """Locations by id, with what changed of each (`id`: all of it is new): many services describe the same one."""

    catchments: frozenset[str] = frozenset()
    """Catchment keys that are there now, so that the next batch need not ask."""

    def same(self, noun: str) -> None:
        """One more that is as it was."""
        self.unchanged[noun] += 1

    def differs(self, noun: str, id: str, fields: tuple[str, ...]) -> None:
        """One more that changed."""
        self.changed[noun] += 1
        self.changes.append(Change(noun, id, fields))


async def take_in_areas(tx: Tx, division: Division, *, dry_run: bool) -> Taken:
    """Write the areas that a file states, and what follows for all others. (R-06)"""
    taken = Taken()
    stored = await area_store.read_all(tx)
    pairs = {(min(code, other), max(code, other)) for code, s in stored.items() for other in s.beside}
    follows = area_store.relations(division.areas, pairs | division.adjacency)
    stated = {area.code for area in division.stated}
    write = []
    moved = []
    for code, area in division.areas.items():
        before = stored.get(code)
        if before is None:
            taken.new["area"] += 1
        elif before.checksum == area_store.checksum_of(area, follows[code]):
            if code in stated:
                taken.same("area")
            continue
        else:
            names = changed(before.area, area)
            if before.relations.lineage != follows[code].lineage:
                names = (*(n for n in names if n != "parent"), "parent")
                moved.append(code)
            if before.relations.touching != follows[code].touching:
                names = (*names, "touching")
            taken.differs("area", code, names)
        write.append((area, follows[code]))
    if dry_run:
        return taken
    await area_store.upsert(tx, write)
    climbs = [area for area, _ in write if area.code not in stored or stored[area.code].area.parent != area.parent]
    again = [area.code for area in climbs if area.code in stored]
    if again:
        await area_store.unlink_parents(tx, again)
    await area_store.link_parents(tx, climbs)
    fresh = division.adjacency - pairs
    await area_store.link_touching(tx, [*fresh, *((other, one) for one, other in fresh)])
    if moved:
        lineages = {code: found.lineage for code, found in follows.items()}
        await directory.renew_catchments(tx, await area_store.services_covering(tx, moved), lineages=lineages)
    return taken


async def take_in_programs(tx: Tx, stated: Sequence[Program], *, dry_run: bool) -> Taken:
    """Write programmes: a later description adds to the stored one. (R-43)"""
    taken = Taken()
    stored = await program_store.get_all(tx)
    write = [
        program
        for program in (_over(stored.get(p.id), p) for p in stated)
        if _compare("program", program, stored.get(program.id), taken)
    ]
    if write and not dry_run:
        await directory.write_programs(tx, write)
    return taken


async def take_in_organizations(
    tx: Tx, entries: Sequence[OrganizationEntry], *, sealed: frozenset[str], dry_run: bool
) -> Taken:
    """Write organisations. What is only a reference adds to what is stored; what is whole replaces it. (R-32, R-33)"""
    taken = Taken()
    stored = await organization_store.get(tx, [entry.organization.id for entry in entries])
    write, renamed = [], []
    for entry in entries:
        before, after = stored.get(entry.organization.id), entry.organization
        if before is not None:
            if not entry.whole:
                after = _over(before, after)
            after = keep_withheld(before, after, released=release_organization(before, sealed=sealed))
        if _compare("organization", after, before, taken):
            write.append(after)
            if before is not None and before.name != after.name:
                renamed.append(after.id)
    if write and not dry_run:
        await directory.write_organizations(tx, write, renamed=renamed)
    return taken


async def take_in_mechanisms(
    tx: Tx, stated: Sequence[Mechanism], memberships: Mapping[str, set[str]], *, dry_run: bool
) -> Taken:
    """Write mechanisms. Members are those that the mechanism names and those that name it. (R-04, R-44)"""
    taken = Taken()
    stored = await mechanism_store.get_all(tx)
    told = {mechanism.id: mechanism for mechanism in stated}
    write = []
    for id in sorted(told.keys() | (memberships.keys() & stored.keys())):
        before = stored.get(id)
        base = told.get(id) or before
        assert base is not None  # by the union above
        members = tuple(sorted({*base.members, *memberships.get(id, ())}))
        after = base.model_copy(update={"members": members})
        if _compare("mechanism", after, before, taken):
            write.append(after)
    if write and not dry_run:
        await directory.write_mechanisms(tx, write)
    return taken


async def take_in_agreements(tx: Tx, stated: Sequence[Agreement], *, dry_run: bool) -> Taken:
    """Write agreements. (R-03, R-15)"""
    taken = Taken()
    stored = await agreement_store.get_all(tx)
    write = [agreement for agreement in stated if _compare("agreement", agreement, stored.get(agreement.id), taken)]
    if write and not dry_run:
        parties = {p for a in write for p in (*a.parties, *(stored[a.id].parties if a.id in stored else ()))}
        await directory.write_agreements(tx, write, parties=sorted(parties))
    return taken


async def take_in_suspensions(tx: Tx, stated: Sequence[tuple[Suspension, Place]], *, dry_run: bool) -> Taken:
    """Write suspensions of areas, organisations and services that are there. (R-26)"""
    taken = Taken()
    stored = await suspension_store.get_all(tx)
    of_services = [x.subject_id for x, _ in stated if x.subject == "service"]
    there = await service_store.existing(tx, of_services) if of_services else set()
    new: list[Suspension] = []
    other: list[Suspension] = []
    for suspension, place in stated:
        if suspension.subject == "service" and suspension.subject_id not in there:
            problems = Collector("suspension", suspension.id)
            problems.add(Fault.DANGLING, place.at("subject_id"), noun="service", value=suspension.subject_id)
            taken.problems += problems.found
        elif _compare("suspension", suspension, before := stored.get(suspension.id), taken):
            (new if before is None else other).append(suspension)
    if not dry_run:
        await directory.write_suspensions(tx, new, other)
    return taken


async def take_in_services(
    tx: Tx,
    entries: Sequence[ServiceEntry],
    *,
    lineages: Lineages,
    sealed: frozenset[str],
    catchments: Collection[str] = frozenset(),
    at: datetime | None = None,
    dry_run: bool,
) -> Taken:
    """Write a batch of services with their places of delivery, SOPs, places and suspensions. (R-02)

    What of a stored entry changed counts as edited `at`, where that is told.
    """
    taken = Taken()
    changes = ServiceChanges()
    edited: dict[str, tuple[str, ...]] = {}
    locations = await location_store.get(tx, {id for entry in entries for id in entry.location_ids})
    marks = await service_store.checksums(tx, [entry.service.id for entry in entries])
    sop_owners = await sop_store.owners(tx, {sop.id for entry in entries for sop in entry.sops})
    capacity_owners = await capacity_store.owners(tx, {c.id for entry in entries for c in entry.capacities})
    sops = await sop_store.of_services(tx, marks)
    suspended = {x.id for entry in entries for x in entry.suspensions}
    suspensions = await suspension_store.get_all(tx) if suspended else {}

    good: list[tuple[ServiceEntry, Service]] = []
    entries = [_without_ended(entry, sops.get(entry.service.id, [])) for entry in entries]
    for entry in entries:
        problems = Collector("service", entry.service.id)
        _owned(entry, sop_owners, capacity_owners, problems)
        _sops_unedited(entry, sops.get(entry.service.id, []), problems)
        service = _with_locations(entry, locations, problems)
        if problems.found:
            taken.problems += problems.found
        else:
            good.append((entry, service))

    _compare_locations([entry for entry, _ in good], locations, changes, taken)
    differing = [s.id for _, s in good if marks.get(s.id) not in (None, checksum(service_store.bare(s)))]
    stored = await service_store.get(tx, differing) if differing else {}
    for entry, service in good:
        before = stored.get(service.id)
        names: tuple[str, ...] = ()
        if service.id not in marks:
            taken.new["service"] += 1
            changes.new.append(service)
        elif before is not None:
            after = keep_withheld(before, service, released=release_service(before, sealed=sealed))
            names = changed(service_store.bare(before), service_store.bare(after))
            if names:
                changes.changed.append(after)
                edited[service.id] = names
            if EDGES & set(names):
                changes.relinked.append(after)
        sop_changed = _compare_sops(entry, sops.get(service.id, []), changes, taken)
        if service.id in marks:
            if names or sop_changed:
                taken.differs("service", service.id, (*names, "sop") if sop_changed else names)
            else:
                taken.same("service")
        for suspension in entry.suspensions:
            if _compare("suspension", suspension, was := suspensions.get(suspension.id), taken):
                (changes.new_suspensions if was is None else changes.changed_suspensions).append(suspension)
    await _compare_capacities(tx, [entry for entry, _ in good], changes, taken, dry_run=dry_run)
    if not dry_run:
        taken.catchments = await directory.write_services(tx, changes, lineages=lineages, catchments=catchments)
        if at is not None:
            await entry_dates.mark(tx, "service", edited, at=at)
    return taken


def _owned(entry: ServiceEntry, sops: Mapping[str, str], capacities: Mapping[str, str], problems: Collector) -> None:
    """What hangs on a service hangs on no other one."""
    for index, sop in enumerate(entry.sops):
        if sops.get(sop.id, entry.service.id) != entry.service.id:
            at = entry.place.at("sop", "id") if len(entry.sops) == 1 else entry.place.at("sop_versions", index, "id")
            problems.add(Fault.ID_ELSEWHERE, at, value=sop.id, noun="sop")
    for capacity in entry.capacities:
        if capacities.get(capacity.id, entry.service.id) != entry.service.id:
            problems.add(Fault.ID_ELSEWHERE, entry.place.at("capacities"), value=capacity.id, noun="capacity")


def _without_ended(entry: ServiceEntry, stored: Sequence[Sop]) -> ServiceEntry:
    """A version that a published one follows keeps the day on which it ended: its source may not know of the newer. (R-10)"""
    ended = {s.version: s.valid_to for s in stored if s.valid_to is not None and ended_early(s, stored)}
    kept = tuple(
        sop.model_copy(update={"valid_to": last})
        if (last := ended.get(sop.version)) is not None and (sop.valid_to is None or sop.valid_to > last)
        else sop
        for sop in entry.sops
    )
    return entry if kept == entry.sops else replace(entry, sops=kept)


def _sops_unedited(entry: ServiceEntry, stored: Iterable[Sop], problems: Collector) -> None:
    """A numbered version of a SOP is never edited: a referral keeps the version it was sent under. (R-10)"""
    before = {sop.version: sop for sop in stored if sop.version is not None}
    for sop in entry.sops:
        if sop.version in before and changed(before[sop.version], sop):
            fields = ", ".join(changed(before[sop.version], sop))
            problems.add(Fault.SOP_EDITED, entry.place.at("sop"), version=sop.version, properties=fields)


def _with_locations(entry: ServiceEntry, stored: Mapping[str, Location], problems: Collector) -> Service:
    """The service with all its locations; one that is only named must be known."""
    described = {location.id: location for location in entry.service.locations}
    places = []
    for id in entry.location_ids:
        location = described.get(id) or stored.get(id)
        if location is None:
            problems.add(Fault.DANGLING, entry.place.at("service_at_locations"), noun="location", value=id)
        else:
            places.append(location)
    return entry.service.model_copy(update={"locations": tuple(places)})


def _compare_locations(
    entries: Iterable[ServiceEntry], stored: Mapping[str, Location], changes: ServiceChanges, taken: Taken
) -> None:
    """Locations are nodes of their own, described by many services; what is sealed is not unsealed here. (R-26)"""
    seen: set[str] = set()
    for entry in entries:
        for location in entry.service.locations:
            if location.id in seen:
                continue
            seen.add(location.id)
            before = stored.get(location.id)
            after = location
            if before is not None and before.sealed:
                if location == release_location(before):
                    after = before
                elif not location.sealed:
                    after = before
                    at = entry.place.at("service_at_locations")
                    taken.notices.append(Problem(Notice.SEALED_KEPT, at, "location", location.id, {}))
            names = ("id",) if before is None else changed(before, after)
            taken.locations[location.id] = Change("location", location.id, names) if names else None
            if names:
                (changes.new_locations if before is None else changes.changed_locations).append(after)


def _compare_sops(entry: ServiceEntry, stored: Sequence[Sop], changes: ServiceChanges, taken: Taken) -> bool:
    """Numbered versions are added; rules without a version follow what the source says now. Whether any changed."""
    before = {sop.id: sop for sop in stored}
    written = [sop for sop in entry.sops if _compare("sop", sop, before.get(sop.id), taken)]
    stated = {sop.id for sop in entry.sops}
    stale = [sop.id for sop in stored if sop.version is None and sop.id not in stated]
    changes.new_sops += [sop for sop in written if sop.id not in before]
    changes.changed_sops += [sop for sop in written if sop.id in before]
    changes.stale_sops += stale
    if stale:
        changes.fewer_sops.add(entry.service.id)
    return bool(written or stale)


async def _compare_capacities(
    tx: Tx, entries: Sequence[ServiceEntry], changes: ServiceChanges, taken: Taken, *, dry_run: bool
) -> None:
    """Places as last stated: an older statement of a file never overwrites a newer one of a provider. (R-06)"""
    with_places = [entry for entry in entries if entry.capacities]
    if not with_places:
        return
    ids = [entry.service.id for entry in with_places]
    stored = await capacity_store.of_services(tx, ids)
    later = {e.service.id for e in with_places for c in e.capacities if c.id in stored and _supersedes(c, stored[c.id])}
    if later and not dry_run:
        # Read again under the lock: a provider may be stating places at this moment.
        await capacity_store.lock(tx, later)
        stored |= await capacity_store.of_services(tx, later)
    for entry in with_places:
        for capacity in entry.capacities:
            before = stored.get(capacity.id)
            if before is not None and _as_said(before) == _said(capacity):
                taken.same("capacity")
            elif before is None:
                taken.new["capacity"] += 1
                changes.new_capacities.append(capacity)
            elif _supersedes(capacity, before):
                fields = changed(as_said(before), capacity)
                taken.differs("capacity", capacity.id, tuple(n for n in fields if n != "version"))
                changes.changed_capacities.append(imported(before, capacity))
            else:
                taken.same("capacity")
                at = entry.place.at("capacities")
                taken.notices.append(Problem(Notice.OLDER_CAPACITY, at, "capacity", capacity.id, {}))


def _supersedes(capacity: ServiceCapacity, before: Stock) -> bool:
    """A later instant does; the same instant only as a correction by the same side, never because places were taken."""
    there = before.capacity
    if capacity.updated != there.updated:
        return capacity.updated > there.updated
    return capacity.updated_by == there.updated_by and _said(capacity) != _as_said(before)


def _as_said(stock: Stock) -> ServiceCapacity:
    return _said(as_said(stock))


def _said(capacity: ServiceCapacity) -> ServiceCapacity:
    return capacity.model_copy(update={"version": 1})


def _compare(noun: str, after: M, before: M | None, taken: Taken) -> bool:
    """Whether it is to be written; counted as new, changed or the same."""
    if before is None:
        taken.new[noun] += 1
        return True
    names = changed(before, after)
    if not names:
        taken.same(noun)
        return False
    taken.differs(noun, str(getattr(after, "id", "")), names)
    return True


def _over(stored: M | None, stated: M) -> M:
    """The stored value, with what a reference states."""
    if stored is None:
        return stated
    update: dict[str, Any] = {n: getattr(stated, n) for n in stated.model_fields_set}
    if "carried" in update:
        update["carried"] = {**getattr(stored, "carried", {}), **update["carried"]}
    return stored.model_copy(update=update)
