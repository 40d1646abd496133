"""Organisations, agreements, memberships and mechanisms of HSDS documents become models. (R-03, R-04, R-32, R-33)

An organisation is described many times: once whole, and nested in each of its services. `survey` puts the
descriptions together, `read_organization` makes the model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from graph.exchange import profile
from graph.exchange.hsds import Reading, id_of, read_program, suspensions_of
from graph.exchange.pieces import Collector, in_order, listed, piece, texts
from graph.exchange.problem import Fault, Notice, Place, Problem
from graph.exchange.register import differing, merged
from graph.exchange.twice import belongs, name_of, note_service, note_two_documents
from graph.model.directory import Agreement, Mechanism, Organization, Program, Suspension

ONLY_SERVICES: Final = frozenset({"status", "organization", "organization_id", "service_areas", "sop", "capacities"})
"""Properties that a service has and an organisation has not."""


@dataclass(frozen=True, slots=True)
class OrganizationEntry:
    """One organisation as the files state it, with all that is stated in its documents."""

    organization: Organization
    whole: bool
    """Whether one document is about it: only then does what is left out count as no longer stated."""
    stated: frozenset[str]
    agreements: tuple[tuple[Agreement, Place], ...]
    memberships: tuple[tuple[str, Place], ...] | None
    suspensions: tuple[tuple[Suspension, Place], ...]
    place: Place


def is_organization(document: Mapping[str, Any]) -> bool:
    """Whether a row is an organisation with its services, and not a service."""
    return "services" in document or not (document.keys() & ONLY_SERVICES)


def about_organization(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The part of a row that `survey` looks at."""
    if is_organization(document):
        return document
    part = {name: document[name] for name in ("organization", "program", "programs") if name in document}
    return {"status": None, **part}  # still a service


def survey(document: dict[str, Any], place: Place, reading: Reading) -> None:
    """Note the organisations and programmes that a row describes."""
    if is_organization(document):
        _note_organization(document, place, reading, whole=True)
        for service in document.get("services") or ():
            if isinstance(service, dict):
                _note_programs(service, place, reading)
        return
    nested = document.get("organization")
    if isinstance(nested, dict):
        _note_organization(nested, place.at("organization"), reading, whole=False)
    _note_programs(document, place, reading)


def survey_services(document: Mapping[str, Any], place: Place, reading: Reading) -> None:
    """Note the services that a row describes, so that two of one id are known before the first is written."""
    if not is_organization(document):
        note_service(document, place, reading.register)
        return
    services = document.get("services")
    for index, service in enumerate(services if isinstance(services, list) else ()):
        if isinstance(service, dict):
            note_service(service, place.at("services", index), reading.register, organization=document)


def _note_organization(document: dict[str, Any], place: Place, reading: Reading, *, whole: bool) -> None:
    id = id_of(document)
    if id is None or document.keys() <= {"id"}:
        return  # only named, not described
    described = {n: v for n, v in document.items() if n not in ("services", "quarantine")}
    name = name_of(described)
    if name is not None:
        reading.register.name(id, name, own=whole)
    kind, key = belongs(described, id, reading.register)
    first = reading.register.put(kind, key, described, place, whole=whole)
    if first is None:
        _note_programs(document, place, reading, organization_id=id)
        return
    if first.same:
        if whole and first.whole:
            reading.notice(Notice.REPEATED, place, "organization", id, first=first.place.pointer)
        elif whole:
            reading.register.add_to(kind, key, described, whole=True)
        return
    other = differing(first.document, described)
    if other and whole and first.whole:
        note_two_documents(id, first.place, place, other, reading.register)
        return
    if other:
        reading.notice(
            Notice.DIFFERS, place, "organization", id, properties=", ".join(other), first=first.place.pointer
        )
    _note_programs(document, place, reading, organization_id=id)
    reading.register.add_to(kind, key, merged(first.document, described), whole=whole)


def _note_programs(
    document: Mapping[str, Any], place: Place, reading: Reading, organization_id: str | None = None
) -> None:
    one = document.get("program")
    listed_ones = document.get("programs")
    items = [(one, place.at("program"))] if isinstance(one, dict) else []
    if isinstance(listed_ones, list):
        items += [(item, place.at("programs", i)) for i, item in enumerate(listed_ones) if isinstance(item, dict)]
    for item, at in items:
        if id_of(item) is not None:
            owned = {"organization_id": organization_id, **item} if organization_id else item
            first = reading.register.get("program", item["id"])
            reading.reference("program", owned, at)
            reading.settle(accepted=True)
            if first is not None:
                reading.register.add_to("program", item["id"], merged(first.document, owned), whole=False)


def read_organization(document: dict[str, Any], place: Place, *, whole: bool) -> OrganizationEntry | list[Problem]:
    """The organisation of a description, or everything that is wrong with it. (R-32, R-33)"""
    problems = Collector("organization", id_of(document))
    values = {n: document[n] for n in profile.ORGANIZATION_FIELDS if n in document}
    carried = {n: v for n, v in document.items() if n not in profile.ORGANIZATION_READ}
    organization = piece(Organization, {**values, "carried": carried}, place, problems)
    if organization is None:
        return problems.found
    agreements = []
    for item, at in listed(document, "agreements", place, problems):
        agreement = read_agreement(item, organization.id, at, problems)
        if agreement is not None:
            agreements.append((agreement, at))
    memberships = texts(document, "memberships", place, problems)
    suspensions = suspensions_of(document, "organization", organization.id, place, problems)
    if problems.found:
        return problems.found
    return OrganizationEntry(
        organization,
        whole,
        frozenset(values) | frozenset(carried),
        tuple(agreements),
        None if memberships is None else tuple((m, place.at("memberships", i)) for i, m in enumerate(memberships)),
        tuple((s, place.at("suspensions", i)) for i, s in enumerate(suspensions)),
        place,
    )


def read_agreement(
    document: Mapping[str, Any], organization_id: str, place: Place, problems: Collector
) -> Agreement | None:
    """An agreement; the organisation in whose document it stands is a party. (R-03, R-15)"""
    values = dict(document)
    values.setdefault("parties", [organization_id])
    agreement = piece(Agreement, values, place, problems)
    if agreement is None:
        return None
    if organization_id not in agreement.parties:
        problems.add(Fault.CONTRADICTION, place.at("parties"), one=organization_id, other=", ".join(agreement.parties))
    in_order(agreement.valid_from, agreement.valid_to, place, problems)
    return agreement


def read_mechanism(
    document: Mapping[str, Any], place: Place, reading: Reading, problems: Collector
) -> Mechanism | None:
    """A referral mechanism; whether its members exist is not asked here. (R-04, R-44)"""
    mechanism = piece(Mechanism, {n: v for n, v in document.items() if n != "quarantine"}, place, problems)
    if mechanism is not None and mechanism.area is not None and mechanism.area not in reading.areas:
        problems.add(Fault.UNKNOWN_CODE, place.at("area"), value=mechanism.area, scheme="areas")
    return mechanism


def read_programs(reading: Reading) -> tuple[list[tuple[Program, Place]], list[Problem]]:
    """All programmes that were described, and what is wrong with the others."""
    good, bad = [], []
    for id, first in reading.register.all("program"):
        problems = Collector("program", id)
        program = read_program(first.document, first.place, problems)
        if program is None:
            bad += problems.found
        else:
            good.append((program, first.place))
    return good, bad
