"""Models become HSDS 3.1 documents with our profile: the way back of `hsds` and `organizations`.

What may leave is decided before (`consent.release`); influence and interest have no line here. (R-26, R-33)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from graph.exchange import profile
from graph.model.area import Area
from graph.model.base import Model
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

Document = dict[str, Any]


def service_document(
    service: Service,
    *,
    organization: Document,
    programs: Mapping[str, Program],
    sops: Sequence[Sop] = (),
    capacities: Sequence[ServiceCapacity] = (),
    suspensions: Sequence[Suspension] = (),
) -> Document:
    """A service in full form, as it was read. (R-02)"""
    carried = dict(service.carried)
    remains = {name: carried.pop(name, ()) for name in profile.RESERVED}
    document: Document = {name: _json(getattr(service, name)) for name in profile.SERVICE_SCALARS}
    document["organization_id"] = service.organization_id
    document["organization"] = organization
    if service.programs:
        document["program_id"] = service.programs[0]
        nested = [program_document(programs[id]) for id in service.programs if id in programs]
        document["program"] = nested[0] if nested and nested[0]["id"] == service.programs[0] else None
        document["programs"] = nested if len(nested) > 1 else None
    document["attributes"] = [
        *_types(service, remains[profile.TYPES]),
        *carried.pop("attributes", ()),
    ]
    document["service_areas"] = _areas(service, remains[profile.AREAS])
    document["service_at_locations"] = _places(service, remains[profile.PLACES])
    document["languages"] = _languages(service, remains[profile.SPOKEN])
    document["schedules"] = [{**_plain(x, "carried"), **x.carried} for x in service.schedules]
    document["phones"] = [{**_plain(x, "carried"), **x.carried} for x in service.phones]
    document["capacities"] = [capacity_document(c) for c in capacities if c.available is not None]
    document["capacity_statements"] = [capacity_document(c) for c in capacities if c.available is None]
    document["translations"] = service.translations
    document["also_serves"] = list(service.also_serves)
    versions = [sop_document(sop, service) for sop in sops]
    document["sop"] = versions[0] if len(versions) == 1 else None
    document["sop_versions"] = versions if len(versions) > 1 else None
    document["suspensions"] = [suspension_document(x) for x in suspensions]
    document = {name: value for name, value in document.items() if value not in (None, [], {})}
    if service.requires is not None:
        document["requires"] = list(service.requires)
    if service.teaches is not None:
        document["teaches"] = list(service.teaches)
    if service.opening is not None:
        document["opening"] = _plain(service.opening)
    return {**document, **carried}


def _types(service: Service, remains: Iterable[Document]) -> list[Document]:
    kept = _by(remains, "value")
    return [
        {
            "id": profile.derived("attribute", service.id, code),
            "link_entity": "service",
            **rest,
            "link_type": profile.SERVICE_TYPE,
            "value": code,
        }
        for code in service.service_types
        for rest in kept.get(code, [{}])
    ]


def _areas(service: Service, remains: Iterable[Document]) -> list[Document]:
    kept = _by(remains, "extent")
    return [
        {
            "id": profile.derived("service_area", service.id, code),
            **rest,
            "extent": code,
            "extent_type": profile.AREA_CODE,
        }
        for code in service.areas or ()
        for rest in kept.get(code, [{}])
    ]


def _places(service: Service, remains: Iterable[Document]) -> list[Document]:
    kept = _by(remains, "location_id")
    return [
        {
            "id": profile.derived("service_at_location", service.id, location.id),
            **rest,
            "location": location_document(location),
        }
        for location in service.locations
        for rest in kept.get(location.id, [{}])
    ]


def _languages(service: Service, remains: Iterable[Document]) -> list[Document]:
    kept = _by(remains, "code")
    return [
        {"id": profile.derived("language", service.id, code), **rest, "code": code}
        for code in service.languages or ()
        for rest in kept.get(code, [{}])
    ]


def _by(remains: Iterable[Document], key: str) -> dict[str, list[Document]]:
    found: dict[str, list[Document]] = {}
    for rest in remains:
        found.setdefault(rest[key], []).append({n: v for n, v in rest.items() if n != key})
    return found


def location_document(location: Location) -> Document:
    """A location; its area is its external identifier."""
    document = {"location_type": location.location_type, **_plain(location, "carried", "area", "sealed")}
    if location.sealed:
        document["sealed"] = True
    if location.area is not None:
        document |= {"external_identifier": location.area, "external_identifier_type": profile.AREA_CODE}
    return {**document, **location.carried}


def capacity_document(capacity: ServiceCapacity) -> Document:
    """Places as last stated; with a number they are HSDS, without they are ours. (R-06)"""
    carried = dict(capacity.carried)
    unit = {
        "id": capacity.unit_id or profile.derived("unit", "", capacity.unit),
        "name": capacity.unit,
        **carried.pop("unit", {}),
    }
    return {**_plain(capacity, "carried", "unit", "unit_id"), "unit": unit, **carried}


def sop_document(sop: Sop, service: Service) -> Document:
    """The six elements of one version. (R-10 to R-15)"""
    document = _plain(sop, "carried", "service_id")
    if sop.id == profile.derived("sop", service.id, str(sop.version or "")):
        del document["id"]
    # what a reader of the mapping looks for is said even where nothing is
    document["methods"] = list(sop.methods)
    document["feedback"] = sop.feedback.model_dump(mode="json")
    rules = sop.eligibility.model_dump(mode="json", by_alias=True, exclude_none=True)
    document["eligibility"] = {"nationality": None, **rules}
    return {**document, "coverage_stated": service.areas is not None, **sop.carried}


def organization_document(
    organization: Organization,
    *,
    agreements: Sequence[Agreement] = (),
    memberships: Sequence[str] = (),
    programs: Sequence[Program] = (),
    suspensions: Sequence[Suspension] = (),
) -> Document:
    """An organisation; how partners weigh it is not in it. (R-32, R-33)"""
    document = _plain(organization, "carried", "influence", "interest")
    lists: Document = {
        "agreements": [_plain(x) for x in agreements],
        "memberships": list(memberships),
        "programs": [program_document(x) for x in programs],
        "suspensions": [suspension_document(x) for x in suspensions],
    }
    found = {**document, **{n: v for n, v in lists.items() if v}, **organization.carried}
    found.setdefault("description", "")
    return found


def program_document(program: Program) -> Document:
    """A programme; HSDS wants a description."""
    return {"description": "", **_plain(program, "carried"), **program.carried}


def suspension_document(suspension: Suspension) -> Document:
    """A suspension. (R-26)"""
    return _plain(suspension)


def mechanism_document(mechanism: Mechanism) -> Document:
    """A referral mechanism with its members. (R-04, R-44)"""
    return _plain(mechanism)


def area_row(area: Area) -> Document:
    """An area as a row of `areas.csv`."""
    row: Document = {
        "code": area.code,
        "name": area.name,
        "level": area.level,
        "parent": area.parent,
        "lat": area.latitude,
        "lon": area.longitude,
        "point_from": area.point_from,
        "valid_from": _json(area.valid_from),
        "valid_to": _json(area.valid_to),
        "name_es": area.translations.get("es", {}).get("name"),
        "name_en": area.translations.get("en", {}).get("name"),
    }
    return {name: value for name, value in row.items() if value is not None}


def _plain(model: Model, *without: str) -> Document:
    """The fields of a model as JSON; what is not stated, and what is empty by default, is left out."""
    document = model.model_dump(mode="python", by_alias=True, exclude=set(without), exclude_defaults=True)
    for name, info in type(model).model_fields.items():
        if info.is_required() and name not in without:
            document.setdefault(name, getattr(model, name))
    return {name: _json(value) for name, value in document.items() if value is not None}


def _json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Mapping):
        return {str(n): _json(v) for n, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_json(v) for v in value]
    return value
