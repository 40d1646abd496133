"""What of the directory may leave, and what our own export read again does not undo. (R-26, R-33)"""

from __future__ import annotations

from typing import Any

from consent.release import WITHHELD_NAME, keep_withheld, release_location, release_organization, release_service
from graph.model.directory import Location, Organization, Phone, Service

HOUSE = Location(
    id="casa",
    name="Casa Segura",
    latitude=14.6,
    longitude=-90.5,
    area="GT01",
    sealed=True,
    carried={"addresses": [{"address_1": "4a calle"}]},
)
OFFICE = Location(id="oficina", name="Oficina", area="GT01")


def service(**more: Any) -> Service:
    return Service(
        id="s",
        organization_id="o",
        name="Refugio",
        status="active",
        service_types=("social.housing.emergency-shelter",),
        locations=(HOUSE, OFFICE),
        phones=(Phone(id="1", number="0", carried={"location_id": "casa"}), Phone(id="2", number="1")),
        carried={
            "@service_at_locations": [
                {"location_id": "casa", "description": "Puerta azul"},
                {"location_id": "oficina"},
            ],
            "contacts": [{"id": "c", "location_id": "casa"}, {"id": "d"}],
        },
        **more,
    )


ORGANIZATION = Organization(
    id="o",
    name="Casa Norte (demo)",
    influence="high",
    interest="low",
    carried={
        "locations": [
            {
                "id": "casa",
                "location_type": "physical",
                "name": "Casa Segura",
                "addresses": [{"address_1": "4a calle"}],
            },
            {"id": "otra", "location_type": "postal", "sealed": True, "latitude": 1},
            {"id": "oficina", "location_type": "physical", "name": "Oficina"},
        ]
    },
)


def test_a_sealed_place_leaves_as_an_id_and_nothing_more() -> None:
    assert release_location(HOUSE) == Location(id="casa", name=WITHHELD_NAME, sealed=True)
    assert release_location(OFFICE) is OFFICE


def test_nothing_that_hangs_on_a_sealed_place_leaves_with_the_service() -> None:
    told = release_service(service(), sealed=()).model_dump_json()
    for secret in ("Casa Segura", "14.6", "4a calle", "Puerta azul", '"c"'):
        assert secret not in told
    assert [p.id for p in release_service(service(), sealed=()).phones] == ["2"]


def test_an_organization_leaves_without_how_it_is_weighed_and_without_sealed_places() -> None:
    told = release_organization(ORGANIZATION, sealed={"casa"})
    assert (told.influence, told.interest) == (None, None)
    assert [x.get("name") for x in told.carried["locations"]] == [WITHHELD_NAME, WITHHELD_NAME, "Oficina"]
    assert "calle" not in told.model_dump_json() and "latitude" not in told.model_dump_json()


def test_our_own_export_read_again_changes_nothing() -> None:
    told = release_service(service(), sealed=())
    assert keep_withheld(service(), told, released=told) == service()
    organization = release_organization(ORGANIZATION, sealed={"casa"})
    assert keep_withheld(ORGANIZATION, organization, released=organization) == ORGANIZATION


def test_what_became_empty_and_was_left_out_is_kept_too() -> None:
    only = service().model_copy(update={"carried": {"contacts": [{"location_id": "casa"}]}})
    told = release_service(only, sealed=())
    left_out = told.model_copy(update={"carried": {}})
    assert keep_withheld(only, left_out, released=told) == only


def test_what_was_said_anew_is_taken_beside_what_is_kept() -> None:
    told = release_service(service(), sealed=())
    renamed = told.model_copy(update={"name": "Albergue", "carried": {**told.carried, "contacts": [{"id": "e"}]}})
    found = keep_withheld(service(), renamed, released=told)
    assert found.name == "Albergue"
    assert found.locations == service().locations
    assert found.carried["contacts"] == [{"id": "e"}]
    assert found.carried["@service_at_locations"] == service().carried["@service_at_locations"]


def test_what_may_leave_anyway_is_not_kept_when_it_is_no_longer_said() -> None:
    plain = service().model_copy(
        update={"locations": (OFFICE,), "phones": (), "carried": {"x": 1}, "description": "Ya no"}
    )
    told = release_service(plain, sealed=())
    assert (
        keep_withheld(plain, told.model_copy(update={"description": None, "carried": {}}), released=told).description
        is None
    )
