"""Every way in which a service document can be wrong is told with its reason and its place, and never mended."""

from __future__ import annotations

from typing import Any

import pytest

from graph.exchange.hsds import Reading, ServiceEntry, read_service
from graph.exchange.problem import Fault, Notice, Place
from graph.exchange.register import Register
from tests.exchange.networks import CODES, NOW, uuid
from tests.exchange.samples import capacity, service


def read(document: dict[str, Any], **more: Any) -> Any:
    with Register() as register:
        return read_service(document, Place("services.json"), Reading(CODES, register, NOW), **more)


def sound(document: dict[str, Any]) -> ServiceEntry:
    entry = read(document)
    assert isinstance(entry, ServiceEntry), entry
    return entry


def sop(**more: Any) -> dict[str, Any]:
    return service(sop={"accepts_referrals": True, **more})


SPOILT: dict[str, tuple[dict[str, Any], Fault, str]] = {
    "unknown type": (
        service(attributes=[{"link_type": "service-type", "value": "social.nonsense"}]),
        Fault.UNKNOWN_CODE,
        "/attributes/0/value",
    ),
    "no type": (service(attributes=[]), Fault.NO_SERVICE_TYPE, "/attributes"),
    "two codes for one type": (
        service(
            attributes=[
                {
                    "link_type": "service-type",
                    "value": "social.health.care",
                    "taxonomy_term": {"code": "social.legal.aid"},
                }
            ]
        ),
        Fault.CONTRADICTION,
        "/attributes/0/taxonomy_term/code",
    ),
    "unknown area": (
        service(service_areas=[{"extent": "QA99", "extent_type": "area-code"}]),
        Fault.UNKNOWN_CODE,
        "/service_areas/0/extent",
    ),
    "area as polygon": (
        service(service_areas=[{"extent": "{}", "extent_type": "geojson"}]),
        Fault.EXTENT_NOT_A_CODE,
        "/service_areas/0/extent",
    ),
    "areas are no list": (service(service_areas={}), Fault.WRONG_TYPE, "/service_areas"),
    "coverage said and not said": (
        service(service_areas=[], sop={"coverage_stated": True}),
        Fault.CONTRADICTION,
        "/sop/coverage_stated",
    ),
    "no such day": (
        service(schedules=[{"id": "s", "valid_to": "2026-02-30"}]),
        Fault.IMPOSSIBLE_DATE,
        "/schedules/0/valid_to",
    ),
    "a number is no day": (
        service(schedules=[{"id": "s", "valid_to": 20260228}]),
        Fault.WRONG_TYPE,
        "/schedules/0/valid_to",
    ),
    "ends before it begins": (
        service(schedules=[{"id": "s", "valid_from": "2026-02-02", "valid_to": "2026-02-01"}]),
        Fault.ENDS_BEFORE_BEGIN,
        "/schedules/0/valid_to",
    ),
    "a year nobody meant": (service(assured_date="0202-01-01"), Fault.IMPOSSIBLE_DATE, "/assured_date"),
    "an instant somewhere": (service(last_modified="2026-01-01T10:00:00"), Fault.NO_TIME_ZONE, "/last_modified"),
    "no name": (service(name=""), Fault.MISSING, "/name"),
    "no id": (service(id=None), Fault.MISSING, "/id"),
    "a name that is a number": (service(name=17), Fault.WRONG_TYPE, "/name"),
    "a name without end": (service(name="x" * 301), Fault.TOO_LONG, "/name"),
    "unknown status": (service(status="open"), Fault.UNKNOWN_CODE, "/status"),
    "an age in words": (service(minimum_age="twelve"), Fault.WRONG_TYPE, "/minimum_age"),
    "half a year of age": (service(minimum_age=17.5), Fault.WRONG_TYPE, "/minimum_age"),
    "ages crossed": (service(minimum_age=30, maximum_age=20), Fault.CONTRADICTION, "/maximum_age"),
    "no organization": (service(organization=None), Fault.MISSING, "/organization"),
    "two organizations": (service(organization_id=uuid(901)), Fault.CONTRADICTION, "/organization_id"),
    "language by name": (service(languages=[{"name": "K’iche’"}]), Fault.LANGUAGE_WITHOUT_CODE, "/languages/0/code"),
    "language of two letters": (service(languages=[{"code": "es"}]), Fault.UNKNOWN_CODE, "/languages/0/code"),
    "unknown prerequisite": (service(requires=["nothing"]), Fault.UNKNOWN_CODE, "/requires/0"),
    "unknown level": (service(level="cosmic"), Fault.UNKNOWN_CODE, "/level"),
    "a place outside the world": (
        service(service_at_locations=[{"location": {"id": "p", "location_type": "physical", "latitude": 91}}]),
        Fault.OUT_OF_RANGE,
        "/service_at_locations/0/location/latitude",
    ),
    "a place in no area": (
        service(
            service_at_locations=[
                {
                    "location": {
                        "id": "p",
                        "location_type": "physical",
                        "external_identifier": "QA99",
                        "external_identifier_type": "area-code",
                    }
                }
            ]
        ),
        Fault.UNKNOWN_CODE,
        "/service_at_locations/0/location/external_identifier",
    ),
    "a reserved name": ({**service(), "@languages": []}, Fault.RESERVED_NAME, "/@languages"),
    "unknown paper": (
        sop(eligibility={"documents_any_of": ["library-card"]}),
        Fault.UNKNOWN_CODE,
        "/sop/eligibility/documents_any_of/0",
    ),
    "unknown country": (
        sop(eligibility={"nationality": {"in": ["XX"]}}),
        Fault.UNKNOWN_CODE,
        "/sop/eligibility/nationality/in/0",
    ),
    "both nationality lists": (
        sop(eligibility={"nationality": {"in": ["GT"], "not_in": ["HN"]}}),
        Fault.CONTRADICTION,
        "/sop/eligibility/nationality",
    ),
    "a rule nobody understands": (
        sop(eligibility={"star_sign": "leo"}),
        Fault.UNKNOWN_PROPERTY,
        "/sop/eligibility/star_sign",
    ),
    "soon": (sop(response_time="soon"), Fault.NOT_A_CODE, "/sop/response_time"),
    "unknown channel": (sop(methods=["pigeon"]), Fault.UNKNOWN_CODE, "/sop/methods/0"),
    "unknown datum": (
        sop(fields=[{"field": "shoe_size", "stage": "first-contact", "required": True}]),
        Fault.UNKNOWN_CODE,
        "/sop/fields/0/field",
    ),
    "one version twice": (
        service(sop_versions=[{"version": 1}, {"version": 1, "referral_needed": True}], sop=None),
        Fault.OTHER_CONTENT,
        "/sop_versions/1",
    ),
    "places told in the future": (
        service(capacities=[capacity(updated="2030-01-01T00:00:00Z")]),
        Fault.STATED_IN_FUTURE,
        "/capacities/0/updated",
    ),
    "places told somewhere": (
        service(capacities=[capacity(updated="2026-01-01T00:00:00")]),
        Fault.NO_TIME_ZONE,
        "/capacities/0/updated",
    ),
    "more places than there are": (
        service(capacities=[capacity(available=5)]),
        Fault.CONTRADICTION,
        "/capacities/0/available",
    ),
    "fewer than none": (service(capacities=[capacity(available=-1)]), Fault.OUT_OF_RANGE, "/capacities/0/available"),
    "a suspension of another": (
        service(suspensions=[{"id": "x", "subject_id": "y", "reason": "disaster", "valid_from": "2026-01-01"}]),
        Fault.CONTRADICTION,
        "/suspensions/0/subject_id",
    ),
    "too much of everything": (service(notes="x" * 300_000), Fault.TOO_LONG, ""),
}


@pytest.mark.parametrize("case", SPOILT)
def test_what_is_wrong_is_told_with_its_place(case: str) -> None:
    document, code, pointer = SPOILT[case]
    problems = read(document)
    assert isinstance(problems, list)
    assert [(p.code, p.place.pointer) for p in problems] == [(code, pointer)]


def test_all_of_it_is_told_at_once() -> None:
    document = service(
        attributes=[{"link_type": "service-type", "value": "x"}],
        service_areas=[{"extent": "QA99", "extent_type": "area-code"}],
        requires=["y", "z"],
    )
    assert len(read(document)) == 4


def test_not_stated_is_none_and_an_empty_list_of_prerequisites_is_none_needed() -> None:
    bare = sound(service(service_areas=[], languages=[], sop=None)).service
    assert (bare.areas, bare.languages, bare.requires) == (None, None, None)
    assert sound(service(requires=[])).service.requires == ()


def test_null_and_empty_text_mean_not_stated() -> None:
    entry = sound(service(description=None, email="", minimum_age=None, sop={"response_time": None, "methods": None}))
    assert entry.service.description is None
    assert entry.service.email is None
    assert entry.sops[0].response_time is None


def test_what_is_not_read_is_carried() -> None:
    entry = sound(service(contacts=[{"id": "c", "title": "Punto focal"}], x_own={"a": [1]}))
    assert entry.service.carried["contacts"] == [{"id": "c", "title": "Punto focal"}]
    assert entry.service.carried["x_own"] == {"a": [1]}


def test_whole_numbers_may_be_written_with_a_point() -> None:
    from graph.exchange.document import plain

    row = plain(service(minimum_age=18.0), Place("x"))
    assert sound(row.value).service.minimum_age == 18


def test_areas_of_a_location_count() -> None:
    link = {"location_id": "p", "service_areas": [{"extent": "QA0101", "extent_type": "area-code"}]}
    assert sound(service(service_at_locations=[link])).service.areas == ("QA01", "QA0101")


def test_a_nested_service_belongs_to_the_organization_it_stands_in() -> None:
    entry = read(service(organization=None), organization_id=uuid(900))
    assert entry.service.organization_id == uuid(900)


def test_state_of_places_follows_from_their_number_only_when_it_is_not_said() -> None:
    def state(**more: Any) -> str:
        return sound(service(capacities=[capacity(**more)])).capacities[0].state

    assert state(available=2) == "available"
    assert state(available=0) == "none"
    assert state(available=0, state="waiting-list") == "waiting-list"


def test_the_first_description_of_a_place_holds_and_the_other_is_told() -> None:
    def at(name: str) -> list[dict[str, Any]]:
        return [{"location": {"id": "p", "location_type": "physical", "name": name}}]

    with Register() as register:
        reading = Reading(CODES, register, NOW)
        first = read_service(service(1, service_at_locations=at("Casa")), Place("f", "/0"), reading)
        reading.settle(accepted=True)
        second = read_service(service(2, service_at_locations=at("Otra")), Place("f", "/1"), reading)
    assert isinstance(first, ServiceEntry) and isinstance(second, ServiceEntry)
    assert second.service.locations == first.service.locations
    assert [(n.code, n.places["properties"]) for n in reading.notices] == [(Notice.DIFFERS, "name")]


def test_a_row_that_is_set_aside_describes_nothing() -> None:
    def at(name: str) -> list[dict[str, Any]]:
        return [{"location": {"id": "p", "location_type": "physical", "name": name}}]

    with Register() as register:
        reading = Reading(CODES, register, NOW)
        assert isinstance(
            read_service(service(1, status="x", service_at_locations=at("Mal")), Place("f"), reading), list
        )
        reading.settle(accepted=False)
        second = read_service(service(2, service_at_locations=at("Casa")), Place("f"), reading)
    assert isinstance(second, ServiceEntry)
    assert second.service.locations[0].name == "Casa"
    assert reading.notices == []
