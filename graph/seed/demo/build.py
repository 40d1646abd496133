"""Makes the demo network of models: pure, and the same for the same day.

Ids are derived from the keys of the YAML. Days are fixed and far apart, so that the network holds for years; what must
look fresh or stale whenever the demo is loaded is counted back from `today`: when places were last stated, and which
agreements are about to end.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from importlib.resources import files
from typing import Final
from uuid import UUID, uuid5

from graph.model.base import Id
from graph.model.directory import (
    Agreement,
    Location,
    Mechanism,
    Organization,
    Phone,
    Program,
    Schedule,
    Service,
    ServiceCapacity,
    Suspension,
)
from graph.model.sop import Sop
from graph.seed.demo import entries, shorthand, sops
from graph.seed.demo.entries import UNSTATED, OrganizationEntry, ServiceEntry, Site

_NAMESPACE: Final = UUID("5f6f0e8e-7f0a-5b0c-8a76-0c2d2c7a4e11")

OPEN_SINCE: Final = date(2026, 1, 5)
"""From this day the services are offered, unless they say otherwise; most have no last day."""

AGREED_SINCE: Final = date(2024, 1, 15)
SOON: Final = timedelta(days=25)
"""An agreement `until: soon` ends so long after the day on which the demo is loaded."""

CURRENCIES: Final = {"gt": "GTQ", "hn": "HNL", "sv": "USD", "mx": "MXN", "reg": "USD"}
DIALLING: Final = {"gt": "+502", "hn": "+504", "sv": "+503", "mx": "+52", "reg": "+502"}
"""Numbers go on with zeros: no subscriber's number begins so, nobody is called by a demo."""


@dataclass(frozen=True, slots=True)
class Offered:
    """A service with all that hangs on it."""

    service: Service
    sops: tuple[Sop, ...]
    capacities: tuple[ServiceCapacity, ...]
    suspensions: tuple[Suspension, ...]


@dataclass(frozen=True, slots=True)
class Member:
    """An organisation with all that hangs on it."""

    organization: Organization
    agreements: tuple[Agreement, ...]
    memberships: tuple[Id, ...]
    programs: tuple[Program, ...]
    suspensions: tuple[Suspension, ...]
    services: tuple[Offered, ...]


@dataclass(frozen=True, slots=True)
class DemoNetwork:
    """The whole network; `suspensions` are those of areas."""

    members: tuple[Member, ...]
    mechanisms: tuple[Mechanism, ...]
    suspensions: tuple[Suspension, ...]


def id_of(kind: str, key: str) -> Id:
    """The id of a thing of the demo, from its key."""
    return str(uuid5(_NAMESPACE, f"{kind}/{key}"))


def network(today: date) -> DemoNetwork:
    """The demo network as it looks on a day."""
    organizations = tuple(entries.organizations())
    whole = entries.network()
    stops: dict[tuple[str, str], tuple[Suspension, ...]] = {}
    for entry in whole.suspensions:
        subject_id = entry.id if entry.subject == "area" else id_of(entry.subject, entry.id)
        stop = Suspension(
            id=id_of("suspension", entry.key),
            subject=entry.subject,
            subject_id=subject_id,
            reason=entry.reason,
            valid_from=entry.starts,
            valid_to=entry.ends,
        )
        stops[entry.subject, subject_id] = (*stops.get((entry.subject, subject_id), ()), stop)
    leads = {mechanism: o.key for o in organizations for mechanism in o.leads}
    leads |= {m.key: m.lead for m in whole.mechanisms if m.lead}
    areas = _areas()
    return DemoNetwork(
        members=tuple(
            _member(entry, number, today=today, leads=leads, stops=stops, areas=areas)
            for number, entry in enumerate(organizations, start=1)
        ),
        mechanisms=tuple(
            Mechanism(
                id=id_of("mechanism", m.key),
                name=m.es,
                scope=m.scope,
                area=m.area,
                part_of=id_of("mechanism", m.part_of) if m.part_of else None,
                lead_organization_id=id_of("organization", leads[m.key]),
                members=tuple(id_of("organization", o.key) for o in organizations if m.key in o.mechanisms),
                translations={"en": {"name": m.en}},
            )
            for m in whole.mechanisms
        ),
        suspensions=tuple(stop for (subject, _), found in stops.items() if subject == "area" for stop in found),
    )


@dataclass(frozen=True, slots=True)
class _Place:
    name: str
    latitude: float | None
    longitude: float | None


def _areas() -> dict[str, _Place]:
    """Names and points of the carried areas; a point that only stands for the department is left out."""
    text = files("graph.seed.areas").joinpath("areas.csv").read_text(encoding="utf-8")
    return {
        row["code"]: _Place(
            row["name"],
            float(row["lat"]) if row["point_from"] != "parent" else None,
            float(row["lon"]) if row["point_from"] != "parent" else None,
        )
        for row in csv.DictReader(text.splitlines())
    }


def _member(
    entry: OrganizationEntry,
    number: int,
    *,
    today: date,
    leads: Mapping[str, str],
    stops: Mapping[tuple[str, str], tuple[Suspension, ...]],
    areas: Mapping[str, _Place],
) -> Member:
    organization_id = id_of("organization", entry.key)
    domain = f"{entry.key}.example.org"
    organization = Organization(
        id=organization_id,
        name=entry.es[0],
        description=entry.es[1],
        email=f"contacto@{domain}",
        website=f"https://{domain}",
        actor_category=entry.category,
        influence=entry.influence,
        interest=entry.interest,
        translations={"en": {"name": entry.en[0], "description": entry.en[1]}},
    )
    offered = (
        _offered(service, entry, today=today, phone=_phone(entry.key, number), domain=domain, stops=stops, areas=areas)
        for service in entry.services
    )
    return Member(
        organization=organization,
        agreements=tuple(_agreements(entry, today=today, leads=leads)),
        memberships=tuple(id_of("mechanism", key) for key in entry.mechanisms),
        programs=tuple(
            Program(
                id=id_of("program", p.key),
                name=p.es,
                organization_id=organization_id,
                budget=p.budget,
                spent=p.spent,
                currency=p.currency,
                translations={"en": {"name": p.en}},
            )
            for p in entry.programs
        ),
        suspensions=stops.get(("organization", organization_id), ()),
        services=tuple(offered),
    )


def _phone(key: str, number: int) -> str:
    return f"{DIALLING[key.split('-', maxsplit=1)[0]]} 0000-{number:04d}"


def _agreements(entry: OrganizationEntry, *, today: date, leads: Mapping[str, str]) -> Iterator[Agreement]:
    """The agreement of an organisation with whoever leads its first mechanism. (R-03)"""
    stated = entry.agreement
    if stated is None:
        return
    mechanism = entry.mechanisms[0]
    parties = dict.fromkeys((entry.key, leads[mechanism]))
    words = {
        "memorandum": ("Memorando de entendimiento con {}", "Memorandum of understanding with {}"),
        "long-term-agreement": ("Acuerdo a largo plazo con {}", "Long-term agreement with {}"),
    }[stated.kind]
    yield Agreement(
        id=id_of("agreement", entry.key),
        name=words[0].format(entry.es[0]),
        kind=stated.kind,
        parties=tuple(id_of("organization", key) for key in parties),
        mechanism_id=id_of("mechanism", mechanism),
        valid_from=AGREED_SINCE,
        valid_to=today + SOON if stated.until == "soon" else stated.until,
        budget_ceiling=stated.ceiling,
        spent=stated.spent,
        currency=stated.currency,
        translations={"en": {"name": words[1].format(entry.en[0])}},
    )


def _offered(
    entry: ServiceEntry,
    owner: OrganizationEntry,
    *,
    today: date,
    phone: str,
    domain: str,
    stops: Mapping[tuple[str, str], tuple[Suspension, ...]],
    areas: Mapping[str, _Place],
) -> Offered:
    service_id = id_of("service", f"{owner.key}/{entry.k}")
    email = f"derivaciones@{domain}"
    opening = shorthand.hours(entry.hours or owner.hours)
    least, most = _ages(entry)
    fees = sops.fees(entry)
    speaks = owner.speaks if entry.speaks is None else entry.speaks
    covers = owner.areas if entry.areas is None else entry.areas
    location = _location(entry.at or owner.at, owner, areas)
    service = Service(
        id=service_id,
        organization_id=id_of("organization", owner.key),
        name=entry.es[0],
        description=entry.es[1],
        translations={"en": {"name": entry.en[0], "description": entry.en[1], "fees_description": fees[1]}},
        status=entry.status,
        service_types=entry.types,
        level=entry.level,
        also_serves=entry.also,
        areas=None if covers == UNSTATED else tuple(covers),
        locations=(location,) if location else (),
        schedules=(
            Schedule(
                id=id_of("schedule", service_id),
                valid_from=entry.starts or OPEN_SINCE,
                valid_to=entry.until,
                freq="WEEKLY",
                interval=1,
                byday=opening.byday,
                opens_at=opening.opens_at,
                closes_at=opening.closes_at,
            ),
        ),
        languages=None if speaks == UNSTATED else tuple(speaks),
        minimum_age=least,
        maximum_age=most,
        requires=None if entry.after == UNSTATED else tuple(entry.after),
        teaches=entry.teaches,
        opening=entry.opening,
        programs=(id_of("program", entry.program),) if entry.program else (),
        phones=(Phone(id=id_of("phone", service_id), number=phone),),
        email=email,
        fees_description=fees[0],
    )
    return Offered(
        service=service,
        sops=sops.versions(
            entry,
            service_id=service_id,
            organization=(owner.es[0], owner.en[0]),
            currency=CURRENCIES[owner.key.split("-")[0]],
            email=email,
            phone=phone,
            id_of=id_of,
        ),
        capacities=_capacities(entry, service_id, today=today),
        suspensions=stops.get(("service", service_id), ()),
    )


def _ages(entry: ServiceEntry) -> tuple[int | None, int | None]:
    """Work and business are not for children; all else is for all ages, unless the entry says otherwise. (R-24)"""
    if entry.ages == UNSTATED:
        return (None, None)
    if entry.ages is None:
        return (16 if entry.types[0].startswith("economic.") else 0, None)
    return shorthand.ages(entry.ages)


def _location(at: Site | str, owner: OrganizationEntry, areas: Mapping[str, _Place]) -> Location | None:
    """Where it is delivered. A sealed place has no name and no point, here neither. (R-26)"""
    if at == "virtual":
        return Location(
            id=id_of("location", f"{owner.key}/virtual"), name="Atención a distancia", location_type="virtual"
        )
    if isinstance(at, Site) and at.sealed:
        return Location(
            id=id_of("location", f"{owner.key}/sealed/{at.area}"), name="Lugar reservado", area=at.area, sealed=True
        )
    code = at.area if isinstance(at, Site) else at
    place = areas[code]
    return Location(
        id=id_of("location", f"{owner.key}/{code}"),
        name=f"{owner.es[0].removesuffix(' (demo)')}, {place.name}",
        latitude=place.latitude,
        longitude=place.longitude,
        area=code,
    )


def _capacities(entry: ServiceEntry, service_id: Id, *, today: date) -> tuple[ServiceCapacity, ...]:
    if entry.places is None:
        return ()
    stated = shorthand.places(entry.places)
    return (
        ServiceCapacity(
            id=id_of("capacity", service_id),
            service_id=service_id,
            unit=stated.unit,
            turnover="consumed" if stated.unit in shorthand.CONSUMED else "reusable",
            state=stated.state,
            available=stated.available,
            maximum=stated.maximum,
            keeps_waiting_list=stated.keeps_waiting_list,
            half_life_days=stated.half_life_days,
            updated=datetime.combine(today - timedelta(days=stated.days_ago), time(14, 30), UTC),
            updated_by="case-manager" if stated.days_ago % 5 == 4 else "provider",
        ),
    )
