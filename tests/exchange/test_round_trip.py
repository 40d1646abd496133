"""What is written is read again as it was: model -> document -> model, for everything a directory can hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]  # it brings no types
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from consent.release import WITHHELD_NAME, release_organization, release_service
from graph.exchange import hsds_write as write
from graph.exchange.document import plain
from graph.exchange.hsds import Reading, ServiceEntry, read_service
from graph.exchange.organizations import OrganizationEntry, read_mechanism, read_organization
from graph.exchange.pieces import Collector
from graph.exchange.problem import Place
from graph.exchange.register import Register
from tests.exchange.networks import CODES, NOW, Directory, directories

FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A directory takes long to draw; the store suite draws more."""

HSDS = Path(__file__).parents[3] / "shared" / "data" / "hsds"


def documents(found: Directory, *, sealed: frozenset[str]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The directory as an export tells it."""
    programs = {p.id: p for p in found.programs}
    organizations = [
        write.organization_document(
            release_organization(o, sealed=sealed),
            agreements=[a for a in found.agreements if a.parties[0] == o.id],
            memberships=[m.id for m in found.mechanisms if o.id in m.members],
            programs=[p for p in found.programs if p.organization_id == o.id],
            suspensions=[x for x in found.suspensions if x.subject_id == o.id],
        )
        for o in found.organizations
    ]
    owners = {o["id"]: o for o in organizations}
    services = [
        write.service_document(
            release_service(s, sealed=sealed),
            organization=owners[s.organization_id],
            programs=programs,
            sops=[p for p in found.sops if p.service_id == s.id],
            capacities=[c for c in found.capacities if c.service_id == s.id],
            suspensions=[x for x in found.suspensions if x.subject_id == s.id],
        )
        for s in found.services
    ]
    return organizations, services


def through_json(document: dict[str, Any]) -> dict[str, Any]:
    row = plain(json.loads(json.dumps(document)), Place("x"))
    assert row.fault is None
    return dict(row.value)


def read(document: dict[str, Any]) -> ServiceEntry:
    with Register() as register:
        entry = read_service(through_json(document), Place("x"), Reading(CODES, register, NOW))
    assert isinstance(entry, ServiceEntry), entry
    return entry


@FEW
@given(directories())
def test_services_come_back_as_they_were(found: Directory) -> None:
    _, told = documents(found, sealed=frozenset())
    for service, document in zip(found.services, told, strict=True):
        entry = read(document)
        assert entry.service == release_service(service, sealed=frozenset())
        assert sorted(entry.sops, key=lambda p: p.id) == sorted(
            (p for p in found.sops if p.service_id == service.id), key=lambda p: p.id
        )
        assert sorted(entry.capacities, key=lambda c: c.id) == sorted(
            (c for c in found.capacities if c.service_id == service.id), key=lambda c: c.id
        )
        assert entry.suspensions == tuple(x for x in found.suspensions if x.subject_id == service.id)


@FEW
@given(directories())
def test_organizations_come_back_without_what_the_committee_alone_reads(found: Directory) -> None:
    """R-33"""
    told, _ = documents(found, sealed=frozenset())
    for organization, document in zip(found.organizations, told, strict=True):
        assert not {"influence", "interest"} & document.keys()
        entry = read_organization(through_json(document), Place("x"), whole=True)
        assert isinstance(entry, OrganizationEntry), entry
        assert entry.organization == organization.model_copy(update={"influence": None, "interest": None})
        assert [a for a, _ in entry.agreements] == [a for a in found.agreements if a.parties[0] == organization.id]
        assert [x for x, _ in entry.suspensions] == [x for x in found.suspensions if x.subject_id == organization.id]


@FEW
@given(directories())
def test_mechanisms_come_back(found: Directory) -> None:
    with Register() as register:
        reading = Reading(CODES, register, NOW)
        for mechanism in found.mechanisms:
            problems = Collector("mechanism", mechanism.id)
            told = through_json(write.mechanism_document(mechanism))
            assert read_mechanism(told, Place("x"), reading, problems) == mechanism
            assert problems.found == []


@FEW
@given(directories())
def test_of_a_sealed_place_only_leaves_that_there_is_one(found: Directory) -> None:
    """R-26"""
    _, told = documents(found, sealed=frozenset())
    for service, document in zip(found.services, told, strict=True):
        for place, link in zip(service.locations, document.get("service_at_locations", ()), strict=True):
            if place.sealed:
                assert link["location"] == {
                    "id": place.id,
                    "name": WITHHELD_NAME,
                    "location_type": place.location_type,
                    "sealed": True,
                }


def schema(name: str) -> Draft202012Validator:
    if not (HSDS / "service.json").exists():
        pytest.skip("the HSDS schemas are not beside this checkout (../shared/data/hsds)")
    files = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in HSDS.glob("*.json")}
    registry: Registry[Any] = Registry().with_resources(
        [(key, Resource.from_contents(value, default_specification=DRAFT202012)) for key, value in files.items()]
    )
    return Draft202012Validator(files[name], registry=registry, format_checker=FormatChecker())


@FEW
@given(directories())
def test_what_is_written_is_valid_hsds(found: Directory) -> None:
    organizations, services = documents(found, sealed=frozenset())
    of_organization, of_service = schema("organization.json"), schema("service.json")
    for document in organizations:
        assert [e.message for e in of_organization.iter_errors(without_carried(document))] == []
    for document in services:
        assert [e.message for e in of_service.iter_errors(without_carried(document))] == []


def without_carried(document: dict[str, Any]) -> dict[str, Any]:
    """What we write ourselves: what was carried in as nonsense is given back as nonsense."""
    drawn = {"contacts", "tax_id", "year_incorporated", "addresses", "transportation", "notes", "type", "description"}
    drawn |= {"application_process", "funding", "cost_options", "alternate_name", "metadata", "x_own", "x_note"}

    def clean(value: Any, top: bool) -> Any:
        if isinstance(value, dict):
            return {
                n: clean(v, False)
                for n, v in value.items()
                if n not in drawn or (isinstance(v, str) and n in {"description", "alternate_name"})
            } | ({"description": ""} if "description" in value else {})
        return [clean(v, False) for v in value] if isinstance(value, list) else value

    return dict(clean(document, True))


def test_hsds_examples_are_carried_whole() -> None:
    """What Enlace does not read of a foreign document comes back as it was."""
    path = HSDS / "examples" / "service_full.json"
    if not path.exists():
        pytest.skip("the HSDS examples are not beside this checkout (../shared/data/hsds)")
    document = json.loads(path.read_text(encoding="utf-8"))
    ours = {
        "id": "0d6e7a7c-5f0e-4a58-9a4e-2f4f8a1d3c11",
        "link_entity": "service",
        "link_type": "service-type",
        "value": "psychosocial.counselling",
    }
    document["attributes"].append(ours)
    document["description"] = document["description"].strip()
    document["service_areas"] = [
        {"id": a["id"], "name": a["name"], "extent": "QA01", "extent_type": "area-code"}
        for a in document["service_areas"]
    ]
    for link in document["service_at_locations"]:
        link.pop("service_areas", None)
        link["location"]["latitude"] = 15.5  # the example stands at 100° north
    document["languages"] = [{**language, "code": "spa"} for language in document["languages"]]
    for capacity in document["capacities"]:
        capacity |= {"updated": "2026-11-01T10:00:00Z", "available": 9}  # the example has 12 of 10 places
    entry = read(document)
    back = write.service_document(
        entry.service, organization=document["organization"], programs={}, sops=entry.sops, capacities=entry.capacities
    )
    read_as_models = {
        "attributes",
        "program",
        "program_id",
        "organization",
        "organization_id",
        "capacities",
        "last_modified",
    }
    assert {n: v for n, v in back.items() if n not in read_as_models} == {
        n: v for n, v in document.items() if n not in read_as_models
    }
    assert [a for a in back["attributes"] if a["id"] != ours["id"]] == document["attributes"][:-1]
    assert ours in back["attributes"]
