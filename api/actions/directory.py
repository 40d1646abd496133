"""A whole import of the directory. (R-02, R-42, R-43)

An import is many transactions, so that it can be interrupted and run again: what is in stays, what is the same is
passed over. First everything is read once; a file that cannot be read refuses the import before anything is written.
What becomes of one batch stands in `api.actions.intake`.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final

from api.actions import intake
from api.actions.intake import Change, Taken
from graph.exchange import document as documents
from graph.exchange import tables
from graph.exchange.document import Row
from graph.exchange.geography import settle
from graph.exchange.hsds import Reading, ServiceEntry, has_ended, id_of, read_service, read_suspension
from graph.exchange.organizations import (
    OrganizationEntry,
    about_organization,
    is_organization,
    read_mechanism,
    read_organization,
    read_programs,
    survey,
    survey_services,
)
from graph.exchange.pieces import Collector
from graph.exchange.problem import Fault, Notice, Place, Problem, Refusal, Refused, shown
from graph.exchange.quarantine import Quarantine
from graph.exchange.register import Register
from graph.exchange.sources import Found, Source, find
from graph.exchange.twice import contradiction, is_nobody, other_service, settle_names
from graph.model.area import Area
from graph.model.directory import Agreement, Mechanism, Suspension
from graph.store import areas as area_store
from graph.store import locations as location_store
from graph.store import mechanisms as mechanism_store
from graph.store import organizations as organization_store
from graph.store import programs as program_store
from graph.store.network import Network

BATCH: Final = 500
"""Services per transaction: large enough to be quick, small enough to be patient with others."""
DEADLINE: Final = 120.0
MAX_TOLD: Final = 1000
MAX_DESCRIBED: Final = 100_000
"""Organisations, programmes, agreements, mechanisms or suspensions of one import."""

Progress = Callable[[str, int, int], None]
"""Called with the stage, how much of it is done, and of how much."""


@dataclass(slots=True)
class Report:
    """What became of an import."""

    dry_run: bool
    files: tuple[str, ...] = ()
    read: Counter[str] = field(default_factory=Counter)
    new: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    unchanged: Counter[str] = field(default_factory=Counter)
    set_aside: Counter[str] = field(default_factory=Counter)
    changes: list[Change] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    """The first of them; `faults` counts all."""
    faults: Counter[Fault] = field(default_factory=Counter)
    notices: list[Problem] = field(default_factory=list)
    noticed: Counter[Notice] = field(default_factory=Counter)
    located: set[str] = field(default_factory=set)
    """Locations that are counted already."""
    stopped: Refused | None = None
    """Why the import gave up halfway, if it did."""

    @property
    def is_clean(self) -> bool:
        """Whether every row went in."""
        return not self.faults and self.stopped is None

    @property
    def wrote_nothing(self) -> bool:
        """Whether all was as it is."""
        return not self.new and not self.changed

    def add(self, taken: Taken) -> None:
        """Count what became of a batch."""
        for id, change in taken.locations.items():
            if id not in self.located:
                self.located.add(id)
                if change is None:
                    taken.same("location")
                elif change.fields == ("id",):
                    taken.new["location"] += 1
                else:
                    taken.differs("location", id, change.fields)
        self.new += taken.new
        self.changed += taken.changed
        self.unchanged += taken.unchanged
        self.changes += taken.changes[: MAX_TOLD - len(self.changes)]
        for notice in taken.notices:
            self.noticed[Notice(notice.code)] += 1
            if self.noticed[Notice(notice.code)] <= 200:
                self.notices.append(notice)

    def tell(self, problems: Iterable[Problem]) -> None:
        """Count what is wrong."""
        for problem in problems:
            self.faults[Fault(problem.code)] += 1
            if len(self.problems) < MAX_TOLD:
                self.problems.append(problem)


def _silent(stage: str, done: int, of: int) -> None:
    """Tell nobody."""


async def import_(
    network: Network,
    path: Path,
    *,
    at: datetime,
    dry_run: bool = False,
    quarantine: Quarantine | None = None,
    progress: Progress = _silent,
) -> Report:
    """Bring a folder or file into the directory. `Refused`: it cannot be read, and nothing was written. (R-02)

    Many transactions, so no `tx`: each batch is one, and running it all again is harmless.
    """
    found = find(path)
    with Register() as register, Quarantine() as own:
        task = _Import(network, found, register, quarantine or own, at, dry_run, progress)
        return await task.run()


class _Import:
    """One import while it runs."""

    def __init__(
        self,
        network: Network,
        found: Found,
        register: Register,
        quarantine: Quarantine,
        at: datetime,
        dry_run: bool,
        progress: Progress,
    ) -> None:
        self.network = network
        self.sources = found.sources
        self.quarantine = quarantine
        self.dry_run = dry_run
        self.progress = progress
        self.paths = {source.name: source for source in self.sources}
        self.report = Report(dry_run, tuple(dict.fromkeys(source.name for source in self.sources)))
        self.reading = Reading(frozenset(), register, at)
        self.organizations: set[str] = set()
        self.bad_organizations: set[str] = set()
        self.programs: set[str] = set()
        self.bad_programs: set[str] = set()
        self.suspensions: list[tuple[Suspension, Place]] = []
        self.catchments: set[str] = set()
        """Catchment keys that this import knows to be there."""
        for name in found.ignored:
            self.reading.notice(Notice.FILE_IGNORED, Place(name), "file", None, value=name)

    async def run(self) -> Report:
        """Read all, then write in the order in which one thing leans on another."""
        self.reading.names = await self.network.read(organization_store.names, deadline=DEADLINE)
        self._survey()
        lineages = await self._areas()
        try:
            await self._organizations()
            await self._services(lineages)
            await self._suspensions()
        except Refused as refused:
            self.report.stopped = refused
        self.report.notices = [*self.reading.notices, *self.report.notices]
        self.report.noticed += self.reading.noticed
        self._find_lines()
        return self.report

    async def _take(self, action: Callable[..., Awaitable[Taken]], *args: Any, **kwargs: Any) -> Taken:
        taken = await self._run(action, *args, **kwargs)
        self.report.add(taken)
        return taken

    async def _run(self, action: Callable[..., Awaitable[Taken]], *args: Any, **kwargs: Any) -> Taken:
        """Run one batch: reading only, when nothing may be written."""
        way = self.network.read if self.dry_run else self.network.write
        return await way(action, *args, dry_run=self.dry_run, deadline=DEADLINE, **kwargs)

    def _aside(self, kind: Any, noun: str, row: Any, problems: list[Problem]) -> None:
        self.report.set_aside[noun] += 1
        self.report.tell(problems)
        self.quarantine.put(kind, row, problems)
        if self.quarantine.is_full:
            raise Refused(Refusal.TOO_MANY_FAULTS, problems[0].place, limit=self.quarantine.rows)

    def _of(self, *kinds: str) -> list[Source]:
        return [source for source in self.sources if source.kind in kinds]

    def _rows(self, source: Source, stage: str, *, checked: bool = True) -> Iterator[Row]:
        done, size = 0, max(1, source.size)

        def read(count: int) -> None:
            nonlocal done
            done += count
            self.progress(stage, done, size)

        if source.is_table:
            yield from tables.table_rows(source.path, name=source.name, kind=source.kind)
        else:
            yield from documents.rows(source.path, name=source.name, section=source.section, checked=checked, read=read)

    # -- first everything is read once -------------------------------------------------------------------------------

    def _survey(self) -> None:
        """Read every file to its end, and note what is described: organisations, programmes, services of one id."""
        total = 0
        for source in self.sources:
            for row in self._rows(source, "survey", checked=False):
                total += 1
                if total > documents.MAX_ROWS:
                    raise Refused(Refusal.TOO_MANY_ROWS, Place(source.name), limit=documents.MAX_ROWS)
                if source.kind == "directory" and isinstance(row.value, dict):
                    part = documents.plain(about_organization(row.value), row.place)
                    if not part.fault:
                        survey(part.value, row.place, self.reading)
                    survey_services(row.value, row.place, self.reading)
        settle_names(self.reading.register, self.reading.names)

    # -- areas -------------------------------------------------------------------------------------------------------

    async def _areas(self) -> Mapping[str, tuple[str, ...]]:
        stored = await self.network.read(area_store.read_all, deadline=DEADLINE)
        known = {code: area.area for code, area in stored.items()}
        stated, rows = self._area_rows()
        division = settle(stated, self._pairs(rows), known)
        try:
            for place, problems in _by_place(division.problems):
                self._aside(*rows.get(place, ("areas", {}))[:1], "area", rows.get(place, ("", {}))[1], problems)
        except Refused as refused:
            self.report.stopped = refused
        self.report.notices += division.notices
        self.report.noticed.update(Notice(n.code) for n in division.notices)
        self.reading.areas = division.areas.keys()
        lineages = {code: area.relations.lineage for code, area in stored.items()}
        if division.stated or division.adjacency:
            self.progress("areas", 0, 1)
            await self._take(intake.take_in_areas, division)
            self.progress("areas", 1, 1)
            follows = area_store.relations(division.areas, division.adjacency)
            lineages = {code: found.lineage for code, found in follows.items()}
        return lineages

    def _area_rows(self) -> tuple[list[tuple[Area, Place]], dict[tuple[str, Any], tuple[str, Any]]]:
        stated: list[tuple[Area, Place]] = []
        rows: dict[tuple[str, Any], tuple[str, Any]] = {}
        for source in self._of("areas"):
            for row in self._rows(source, "areas"):
                self.report.read["area"] += 1
                problems = Collector("area", _code_of(row.value))
                rows[_key(row.place)] = ("areas", row.value)
                area = None
                if _whole(row, problems):
                    unread = row.value.keys() - set(tables.AREA_COLUMNS) - {"quarantine"}
                    if unread and not self.reading.noticed[Notice.COLUMN_IGNORED]:
                        self.reading.notice(
                            Notice.COLUMN_IGNORED, row.place, "area", None, properties=", ".join(sorted(unread))
                        )
                    area = tables.read_area(row.value, row.place, problems)
                if area is None or problems.found:
                    self._aside("areas", "area", row.value, problems.found)
                else:
                    stated.append((area, row.place))
                if len(stated) > MAX_DESCRIBED:
                    raise Refused(Refusal.TOO_MANY_ROWS, row.place, limit=MAX_DESCRIBED)
        return stated, rows

    def _pairs(self, rows: dict[tuple[str, Any], tuple[str, Any]]) -> Iterator[tuple[str, str, Place]]:
        for source in self._of("adjacency"):
            for row in self._rows(source, "areas"):
                problems = Collector("area", _code_of(row.value))
                rows[_key(row.place)] = ("adjacency", row.value)
                if _whole(row, problems):
                    one, other = row.value.get("code"), row.value.get("adjacent")
                    if isinstance(one, str) and isinstance(other, str):
                        yield one, other, row.place
                        continue
                    problems.add(Fault.MISSING, row.place, name="adjacent" if isinstance(one, str) else "code")
                self._aside("adjacency", "area", row.value, problems.found)

    # -- organisations and what hangs on them ------------------------------------------------------------------------

    async def _organizations(self) -> None:
        stored = set(self.reading.names)
        await self._programs(stored)
        sealed = await self.network.read(location_store.sealed, deadline=DEADLINE)
        entries = self._organization_entries(stored)
        self._similar_names(entries)
        for start in range(0, len(entries), BATCH):
            self.progress("organizations", start, len(entries))
            await self._take(intake.take_in_organizations, entries[start : start + BATCH], sealed=sealed)
        if entries:
            self.progress("organizations", len(entries), len(entries))
        self.organizations = stored | {entry.organization.id for entry in entries}
        self.report.read["organization"] = len(entries) + len(self.bad_organizations)
        await self._mechanisms_and_agreements(entries)
        for entry in entries:
            self.suspensions += entry.suspensions

    def _organization_entries(self, stored: set[str]) -> list[OrganizationEntry]:
        entries: dict[str, OrganizationEntry] = {}
        for id, first in self.reading.register.all("organization"):
            if is_nobody(id, self.reading.register):
                self._bad_organization(id, first.whole, [])  # each of its rows says why
                continue
            entry = read_organization(first.document, first.place, whole=first.whole)
            if isinstance(entry, list):
                self._bad_organization(id, first.whole, entry)
            else:
                entries[entry.organization.id] = entry
            if len(entries) > MAX_DESCRIBED:
                raise Refused(Refusal.TOO_MANY_ROWS, first.place, limit=MAX_DESCRIBED)
        # an organisation below one that is nowhere is set aside, and so is whatever is below it
        while lost := [
            entry
            for entry in entries.values()
            if entry.organization.parent_organization_id is not None
            and entry.organization.parent_organization_id not in entries
            and entry.organization.parent_organization_id not in stored
        ]:
            for entry in lost:
                problems = Collector("organization", entry.organization.id)
                parent = entry.organization.parent_organization_id
                at = entry.place.at("parent_organization_id")
                problems.add(Fault.DANGLING, at, noun="organization", value=parent)
                self._bad_organization(entry.organization.id, entry.whole, problems.found)
                del entries[entry.organization.id]
        return list(entries.values())

    def _bad_organization(self, id: str, whole: bool, problems: list[Problem]) -> None:
        """Its rows are set aside when they are met: the whole one, or each service in which it stands."""
        self.bad_organizations.add(id)
        self.report.tell(problems)
        if not whole:
            self.report.set_aside["organization"] += 1

    def _similar_names(self, entries: list[OrganizationEntry]) -> None:
        for one, other in similar(entries):
            self.reading.notice(
                Notice.SIMILAR_NAMES,
                other.place,
                "organization",
                other.organization.id,
                name=other.organization.name,
                other=one.organization.name,
            )

    async def _programs(self, organizations: set[str]) -> None:
        programs, problems = read_programs(self.reading)
        known = organizations | {id for id, _ in self.reading.register.all("organization")}
        good = []
        for program, place in programs:
            if program.organization_id is not None and program.organization_id not in known:
                told = Collector("program", program.id)
                at = place.at("organization_id")
                told.add(Fault.DANGLING, at, noun="organization", value=program.organization_id)
                problems += told.found
            else:
                good.append(program)
        self.report.tell(problems)
        self.bad_programs = {problem.id for problem in problems if problem.id}
        self.report.set_aside["program"] += len(self.bad_programs)
        stored = await self.network.read(program_store.get_all, deadline=DEADLINE)
        self.programs = stored.keys() | {program.id for program in good}
        self.report.read["program"] = len(good) + len(self.bad_programs)
        for start in range(0, len(good), BATCH):
            await self._take(intake.take_in_programs, good[start : start + BATCH])

    async def _mechanisms_and_agreements(self, entries: list[OrganizationEntry]) -> None:
        stored = await self.network.read(mechanism_store.get_all, deadline=DEADLINE)
        mechanisms = self._mechanisms(stored.keys())
        memberships: dict[str, set[str]] = {}
        known = stored.keys() | mechanisms.keys()
        for entry in entries:
            for id, place in entry.memberships or ():
                if id in known:
                    memberships.setdefault(id, set()).add(entry.organization.id)
                else:
                    self._lost("organization", entry.organization.id, place, "mechanism", id)
        await self._take(intake.take_in_mechanisms, list(mechanisms.values()), memberships)
        agreements = self._agreements(entries, known)
        for start in range(0, len(agreements), BATCH):
            await self._take(intake.take_in_agreements, agreements[start : start + BATCH])

    def _lost(self, noun: str, id: str, place: Place, of: str, value: str) -> None:
        problems = Collector(noun, id)
        problems.add(Fault.DANGLING, place, noun=of, value=value)
        self.report.tell(problems.found)

    def _mechanisms(self, stored: Iterable[str]) -> dict[str, Mechanism]:
        good: dict[str, tuple[Mechanism, Row]] = {}
        for source in self._of("mechanisms"):
            for row in self._rows(source, "mechanisms"):
                self.report.read["mechanism"] += 1
                problems = Collector("mechanism", id_of(row.value))
                mechanism = None
                if _whole(row, problems):
                    mechanism = read_mechanism(row.value, row.place, self.reading, problems)
                if mechanism is not None:
                    self._mechanism_leans(mechanism, row.place, problems)
                    before = good.get(mechanism.id)
                    if before is not None and before[0] != mechanism:
                        first = before[1].place.pointer
                        problems.add(Fault.OTHER_CONTENT, row.place, noun="mechanism", first=first)
                if mechanism is None or problems.found:
                    self._aside("mechanisms", "mechanism", row.value, problems.found)
                elif len(good) >= MAX_DESCRIBED:
                    raise Refused(Refusal.TOO_MANY_ROWS, row.place, limit=MAX_DESCRIBED)
                else:
                    good[mechanism.id] = (mechanism, row)
        known = {*stored}
        while lost := [id for id, (m, _) in good.items() if not _stands(m, good, known)]:
            for id in lost:
                mechanism, row = good[id]
                problems = Collector("mechanism", id)
                code = Fault.CIRCLE if mechanism.part_of in good else Fault.DANGLING
                problems.add(code, row.place.at("part_of"), noun="mechanism", value=mechanism.part_of)
                self._aside("mechanisms", "mechanism", row.value, problems.found)
            for id in lost:
                del good[id]
        return {id: mechanism for id, (mechanism, _) in good.items()}

    def _mechanism_leans(self, mechanism: Mechanism, place: Place, problems: Collector) -> None:
        lead = mechanism.lead_organization_id
        if lead is not None and lead not in self.organizations:
            at = place.at("lead_organization_id")
            problems.add(Fault.DANGLING, at, noun="organization", value=lead)
        for index, member in enumerate(mechanism.members):
            if member not in self.organizations:
                at = place.at("members", index)
                problems.add(Fault.DANGLING, at, noun="organization", value=member)

    def _agreements(self, entries: list[OrganizationEntry], mechanisms: Iterable[str]) -> list[Agreement]:
        good: dict[str, tuple[Agreement, Place]] = {}
        known = set(mechanisms)
        for entry in entries:
            for agreement, place in entry.agreements:
                self.report.read["agreement"] += agreement.id not in good
                problems = Collector("agreement", agreement.id)
                for index, party in enumerate(agreement.parties):
                    if party not in self.organizations:
                        at = place.at("parties", index)
                        problems.add(Fault.DANGLING, at, noun="organization", value=party)
                if agreement.mechanism_id is not None and agreement.mechanism_id not in known:
                    at = place.at("mechanism_id")
                    problems.add(Fault.DANGLING, at, noun="mechanism", value=agreement.mechanism_id)
                before = good.get(agreement.id)
                if before is not None and before[0] != agreement:
                    problems.add(Fault.OTHER_CONTENT, place, noun="agreement", first=before[1].pointer)
                if problems.found:
                    self.report.set_aside["agreement"] += 1
                    self.report.tell(problems.found)
                else:
                    good.setdefault(agreement.id, (agreement, place))
        return [agreement for agreement, _ in good.values()]

    # -- services ----------------------------------------------------------------------------------------------------

    async def _services(self, lineages: Mapping[str, tuple[str, ...]]) -> None:
        """Batch after batch; while one is written, the next is read in a thread of its own."""
        sealed = await self.network.read(location_store.sealed, deadline=DEADLINE)
        entries = self._service_entries()
        batch = await asyncio.to_thread(_next, entries)
        while batch:
            writing = asyncio.ensure_future(
                self._run(
                    intake.take_in_services,
                    batch,
                    lineages=lineages,
                    sealed=sealed,
                    catchments=self.catchments,
                    at=self.reading.at,
                )
            )
            try:
                following = await asyncio.to_thread(_next, entries)
            finally:
                taken = await writing
                self.report.add(taken)
                if len(self.catchments) < MAX_DESCRIBED:
                    self.catchments |= taken.catchments
            by_id = {entry.service.id: entry.document for entry in batch}
            for id, problems in _by_id(taken.problems):
                self._aside("directory", "service", by_id[id], problems)
            batch = following

    def _service_entries(self) -> Iterator[ServiceEntry]:
        """Every service that can go in; the others are set aside on the way."""
        for source in self._of("directory"):
            for row in self._rows(source, "services"):
                if row.fault is None and isinstance(row.value, dict) and is_organization(row.value):
                    yield from self._services_of(row)
                    continue
                self.report.read["service"] += 1
                problems = Collector("service", id_of(row.value))
                if _whole(row, problems):
                    entry = self._service(row.value, row.place, problems)
                    if entry is not None:
                        yield entry
                        continue
                if problems.found:
                    self._aside("directory", "service", row.value, problems.found)

    def _services_of(self, row: Row) -> Iterator[ServiceEntry]:
        """The services that stand in the document of their organisation."""
        id = id_of(row.value)
        listed = row.value.get("services")
        problems = Collector("organization", id)
        if id is None:
            problems.add(Fault.MISSING, row.place.at("id"), name="id")
        contradiction(row.value, row.place, self.reading.register, problems, own=True)
        if listed is not None and not isinstance(listed, list):
            problems.add(Fault.WRONG_TYPE, row.place.at("services"), name="services", value="…", expected="list")
        if problems.found or id in self.bad_organizations:
            services = listed if isinstance(listed, list) else []
            self.report.read["service"] += len(services)
            self.report.set_aside["service"] += len(services)
            if problems.found:
                self._aside("directory", "organization", row.value, problems.found)
            else:
                self.report.set_aside["organization"] += 1
                self.quarantine.put("directory", row.value, [p for p in self.report.problems if p.id == id])
            return
        for index, item in enumerate(listed or ()):
            self.report.read["service"] += 1
            place = row.place.at("services", index)
            told = Collector("service", id_of(item))
            if not isinstance(item, dict):
                told.add(Fault.WRONG_TYPE, place, name="service", value=shown(item), expected="object")
            else:
                entry = self._service(item, place, told, organization_id=id)
                if entry is not None:
                    yield entry
                    continue
            if told.found:
                owner = {"id": id, "name": row.value.get("name"), "description": row.value.get("description") or ""}
                kept = {**item, "organization": item.get("organization") or owner} if isinstance(item, dict) else item
                self._aside("directory", "service", kept, told.found)

    def _service(
        self, value: dict[str, Any], place: Place, problems: Collector, *, organization_id: str | None = None
    ) -> ServiceEntry | None:
        """The service of a row, if it can go in; problems tell why not, none when it only repeats another row."""
        if self._is_repeated(value, place, problems):
            return None
        entry = read_service(value, place, self.reading, organization_id=organization_id)
        if isinstance(entry, list):
            self.reading.settle(accepted=False)
            problems.found += entry
            nested = value.get("organization")
            if isinstance(nested, dict):
                contradiction(nested, place.at("organization"), self.reading.register, problems)
            return None
        self._service_leans(entry, value, place, problems)
        self.reading.settle(accepted=not problems.found)
        if problems.found:
            return None
        self._notice_service(entry)
        return entry

    def _is_repeated(self, value: dict[str, Any], place: Place, problems: Collector) -> bool:
        """Whether the row says again what another says, or something else under the same id: then both are set aside."""
        id = id_of(value)
        if id is None:
            return False
        register = self.reading.register
        if other := other_service(id, place, register):
            problems.add(Fault.OTHER_CONTENT, place.at("id"), noun="service", first=other.pointer)
            return True
        first = register.get("service", id)
        if first is None or (first.place.file, first.place.pointer) == (place.file, place.pointer):
            return False
        self.reading.notice(Notice.REPEATED, place, "service", id, first=first.place.pointer)
        self.report.read["service"] -= 1
        return True

    def _service_leans(self, entry: ServiceEntry, value: dict[str, Any], place: Place, problems: Collector) -> None:
        """All that a service leans on is there and sound."""
        owner = entry.service.organization_id
        nested = value.get("organization")
        at = place.at("organization") if isinstance(nested, dict) else place.at("organization_id")
        if isinstance(nested, dict) and contradiction(
            nested, place.at("organization"), self.reading.register, problems
        ):
            pass
        elif owner in self.bad_organizations:
            problems.add(Fault.OWNER_IN_QUARANTINE, at, noun="organization", value=owner)
        elif owner not in self.organizations:
            problems.add(Fault.DANGLING, at, noun="organization", value=owner)
        for payer in sorted(entry.organizations - self.organizations):
            problems.add(
                Fault.DANGLING, place.at("sop", "costs", "payer_organization_id"), noun="organization", value=payer
            )
        for program in entry.service.programs:
            if program in self.bad_programs:
                problems.add(Fault.OWNER_IN_QUARANTINE, place.at("program"), noun="program", value=program)
            elif program not in self.programs:
                problems.add(Fault.DANGLING, place.at("program_id"), noun="program", value=program)
        for index, sop in enumerate(entry.sops):
            self._only_here("sop", sop.id, entry, place.at("sop_versions", index), problems)
        for capacity in entry.capacities:
            self._only_here("capacity", capacity.id, entry, place.at("capacities"), problems)
        for suspension in entry.suspensions:
            self._only_here("suspension", suspension.id, entry, place.at("suspensions"), problems)

    def _only_here(self, kind: str, id: str, entry: ServiceEntry, place: Place, problems: Collector) -> None:
        first = self.reading.register.put(f"{kind}-of", id, {"service": entry.service.id}, entry.place)
        if first is not None and not first.same:
            problems.add(Fault.ID_ELSEWHERE, place, value=id, noun=kind)

    def _notice_service(self, entry: ServiceEntry) -> None:
        service = entry.service
        mark = f"{service.organization_id}|{service.name}"
        first = self.reading.register.put("name", mark, {"id": service.id}, entry.place)
        if first is not None and not first.same:
            self.reading.notice(
                Notice.SAME_SERVICE, entry.place, "service", service.id, name=service.name, first=first.place.pointer
            )
        if service.areas is None:
            self.reading.notice(Notice.NO_COVERAGE, entry.place, "service", service.id, name=service.name)
        if has_ended(service, on=self.reading.at.date()):
            last = max(s.valid_to for s in service.schedules if s.valid_to is not None)
            self.reading.notice(Notice.ENDED, entry.place, "service", service.id, name=service.name, end=last)

    # -- suspensions, last because they lean on everything -----------------------------------------------------------

    async def _suspensions(self) -> None:
        rows: dict[str, Any] = {}
        for source in self._of("suspensions"):
            for row in self._rows(source, "suspensions"):
                self.report.read["suspension"] += 1
                problems = Collector("suspension", id_of(row.value))
                suspension = read_suspension(row.value, row.place, problems) if _whole(row, problems) else None
                if suspension is None or problems.found:
                    self._aside("suspensions", "suspension", row.value, problems.found)
                elif len(rows) >= MAX_DESCRIBED:
                    raise Refused(Refusal.TOO_MANY_ROWS, row.place, limit=MAX_DESCRIBED)
                else:
                    rows[suspension.id] = row.value
                    self.suspensions.append((suspension, row.place))
        good: dict[str, tuple[Suspension, Place]] = {}
        for suspension, place in self.suspensions:
            problems = Collector("suspension", suspension.id)
            if suspension.subject == "area" and suspension.subject_id not in self.reading.areas:
                problems.add(Fault.DANGLING, place.at("subject_id"), noun="area", value=suspension.subject_id)
            if suspension.subject == "organization" and suspension.subject_id not in self.organizations:
                problems.add(Fault.DANGLING, place.at("subject_id"), noun="organization", value=suspension.subject_id)
            before = good.get(suspension.id)
            if before is not None and before[0] != suspension:
                problems.add(Fault.OTHER_CONTENT, place, noun="suspension", first=before[1].pointer)
            if problems.found:
                row_value = rows.get(suspension.id, suspension.model_dump(mode="json"))
                self._aside("suspensions", "suspension", row_value, problems.found)
            else:
                good[suspension.id] = (suspension, place)
        entries = list(good.values())
        for start in range(0, len(entries), BATCH):
            taken = await self._take(intake.take_in_suspensions, entries[start : start + BATCH])
            for id, problems_found in _by_id(taken.problems):
                if self.dry_run and self.reading.register.has("service", good[id][0].subject_id):
                    continue  # the service would be there by now
                row_value = rows.get(id, good[id][0].model_dump(mode="json"))
                self._aside("suspensions", "suspension", row_value, problems_found)

    # -- where it stands ---------------------------------------------------------------------------------------------

    def _find_lines(self) -> None:
        """Say the line of each problem and notice that is told, where the file is read again quickly."""
        for name, source in self.paths.items():
            if source.is_table:
                continue
            here = [p for p in (*self.report.problems, *self.report.notices) if p.place.file == name]
            wanted = {place for p in here for place in _upwards(p.place.pointer)}
            found = documents.lines(source.path, wanted)
            if found:
                self.report.problems = [_on_line(p, name, found) for p in self.report.problems]
                self.report.notices = [_on_line(p, name, found) for p in self.report.notices]


def _next(entries: Iterator[ServiceEntry]) -> list[ServiceEntry]:
    return list(islice(entries, BATCH))


def _upwards(pointer: str) -> Iterator[str]:
    """A pointer and those above it: what is missing has no line of its own."""
    while pointer:
        yield pointer
        pointer = pointer.rpartition("/")[0]


def _on_line(problem: Problem, name: str, lines: Mapping[str, int]) -> Problem:
    if problem.place.file != name or problem.place.line is not None:
        return problem
    line = next((lines[p] for p in _upwards(problem.place.pointer) if p in lines), None)
    return replace(problem, place=replace(problem.place, line=line))


def _whole(row: Row, problems: Collector) -> bool:
    """Whether a row is an object without faults of its text."""
    if row.fault is not None:
        code, place, places = row.fault
        problems.add(code, place, **places)
        return False
    if not isinstance(row.value, dict):
        problems.add(Fault.WRONG_TYPE, row.place, name="row", value=shown(row.value), expected="object")
        return False
    return True


def _stands(mechanism: Mechanism, good: Mapping[str, Any], stored: set[str]) -> bool:
    """Whether the chain above a mechanism ends, within what is known."""
    seen = {mechanism.id}
    above = mechanism.part_of
    while above is not None:
        if above in seen:
            return False
        seen.add(above)
        if above not in good:
            return above in stored
        above = good[above][0].part_of
    return True


def _by_place(problems: Iterable[Problem]) -> Iterator[tuple[Any, list[Problem]]]:
    grouped: dict[Any, list[Problem]] = {}
    for problem in problems:
        grouped.setdefault(_key(problem.place), []).append(problem)
    yield from grouped.items()


def _by_id(problems: Iterable[Problem]) -> Iterator[tuple[str, list[Problem]]]:
    grouped: dict[str, list[Problem]] = {}
    for problem in problems:
        grouped.setdefault(problem.id or "", []).append(problem)
    yield from grouped.items()


def _key(place: Place) -> tuple[str, Any]:
    return place.file, place.row


def _code_of(value: Any) -> str | None:
    code = value.get("code") if isinstance(value, dict) else None
    return code if isinstance(code, str) else None


def similar(entries: list[OrganizationEntry]) -> Iterator[tuple[OrganizationEntry, OrganizationEntry]]:
    """Pairs of organisations whose names are one word for word, or one the beginning or part of the other."""
    words = [frozenset(re.findall(r"\w+", entry.organization.name.casefold())) for entry in entries]
    holders: dict[str, list[int]] = {}
    for index, found in enumerate(words):
        for word in found:
            holders.setdefault(word, []).append(index)
    told: set[tuple[int, int]] = set()
    for index, found in enumerate(words):
        rare = min((holders[word] for word in found), key=len, default=[])
        if len(rare) > 20:
            continue
        for other in rare:
            pair = (min(index, other), max(index, other))
            if other != index and found <= words[other] and pair not in told:
                told.add(pair)
                yield entries[pair[0]], entries[pair[1]]
