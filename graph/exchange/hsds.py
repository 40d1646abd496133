"""HSDS 3.1 documents with our profile become models: services with all that hangs on them. (R-02, R-10 to R-15)

What may be wrong comes back as problems, never as a default. Organisations and what hangs on them stand in
`organizations`, the way back in `hsds_write`. docs/profile.md is the same for people.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from graph.exchange import openings, profile
from graph.exchange.pieces import Collector, in_order, instant, known, listed, piece, possible, text, texts, whole
from graph.exchange.problem import Fault, Notice, Place, Problem, shown
from graph.exchange.register import First, Register, differing
from graph.model.directory import Phone, Program, Schedule, Service, ServiceCapacity, Suspension
from graph.model.sop import Sop
from graph.seed.vocabulary import terms

MAX_AREAS: Final = 2_000
MAX_TYPES: Final = 40
MAX_NESTED: Final = 500
"""Locations, schedules, phones, capacities, SOP versions of one service."""
NOWHERE: Final = Place("")
NOTICES: Final = 200
"""How many notices of one kind are kept with their places."""


@dataclass(frozen=True, slots=True)
class ServiceEntry:
    """One service as a file states it, with all that is stated in its document."""

    service: Service
    sops: tuple[Sop, ...] = ()
    capacities: tuple[ServiceCapacity, ...] = ()
    suspensions: tuple[Suspension, ...] = ()
    organizations: frozenset[str] = frozenset()
    """Organisations named elsewhere in the document: who pays."""
    location_ids: tuple[str, ...] = ()
    """All locations in order, also those that the document names by id only."""
    place: Place = NOWHERE
    document: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Reading:
    """What a reader of rows knows: the areas there are, what was described before, and the instant of reading."""

    areas: Collection[str]
    register: Register
    at: datetime
    names: Mapping[str, str] = field(default_factory=dict)
    """What the organisations of the network are called: of two names, the known one holds."""
    notices: list[Problem] = field(default_factory=list)
    """The first of each kind; how many there are in all is counted."""
    noticed: Counter[Notice] = field(default_factory=Counter)
    pending: dict[tuple[str, str], tuple[dict[str, Any], Place]] = field(default_factory=dict)
    """What the present row describes first; see `settle`."""

    def notice(self, code: Notice, place: Place, noun: str, id: str | None, /, **places: object) -> None:
        """Something worth knowing of a row that goes in."""
        self.noticed[code] += 1
        if self.noticed[code] <= NOTICES:
            self.notices.append(Problem(code, place, noun, id, {name: shown(value) for name, value in places.items()}))

    def reference(self, kind: str, document: dict[str, Any], place: Place) -> dict[str, Any]:
        """The first description of a nested object; a later one that says otherwise is told and not taken."""
        id = document.get("id")
        if not isinstance(id, str):
            return document
        known = self.pending.get((kind, id))
        if known is not None:
            first: First | None = First(known[0], known[1], whole=False, same=known[0] == document)
        else:
            first = self.register.find(kind, id, document)
        if first is None:
            self.pending[kind, id] = (document, place)
            return document
        if first.same:
            return document
        other = differing(first.document, document)
        if other:
            self.notice(Notice.DIFFERS, place, kind, id, properties=", ".join(other), first=first.place.pointer)
        return first.document

    def settle(self, *, accepted: bool) -> None:
        """The row goes in, and what it described first holds from now on; or it does not, and nothing of it holds."""
        if accepted:
            for (kind, id), (document, place) in self.pending.items():
                self.register.put(kind, id, document, place)
        self.pending.clear()


def id_of(document: Any) -> str | None:
    """The id of a document, if it has one that can be one."""
    id = document.get("id") if isinstance(document, dict) else None
    return id.strip() if isinstance(id, str) and 0 < len(id.strip()) <= 120 else None


def read_service(
    document: dict[str, Any], place: Place, reading: Reading, *, organization_id: str | None = None
) -> ServiceEntry | list[Problem]:
    """The service of a document, or everything that is wrong with it. (R-02)"""
    problems = Collector("service", id_of(document))
    whole(document, place, problems)
    if problems.found:
        return problems.found
    owner = _organization_id(document, organization_id, place, problems)
    service_id = id_of(document) or ""
    where: dict[tuple[str | int, ...], tuple[str | int, ...]] = {("organization_id",): ("organization", "id")}
    carried = {name: value for name, value in document.items() if name not in profile.SERVICE_READ}
    for name in carried.keys() & profile.RESERVED:
        problems.add(Fault.RESERVED_NAME, place.at(name), name=name)

    types = _service_types(document, service_id, place, reading, problems, carried, where)
    areas = _areas(document, service_id, place, reading, problems, carried, where)
    locations, location_ids = _locations(document, service_id, place, reading, problems, carried, where)
    languages = _languages(document, service_id, place, problems, carried, where)
    requires = texts(document, "requires", place, problems)
    also_serves = texts(document, "also_serves", place, problems)
    teaches = texts(document, "teaches", place, problems)
    opening = openings.read(document, types, place, problems)
    known(requires or (), "service-types", (place.at("requires", i) for i in range(len(requires or ()))), problems)
    known(
        also_serves or (), "also-serves", (place.at("also_serves", i) for i in range(len(also_serves or ()))), problems
    )
    known(teaches or (), "skills", (place.at("teaches", i) for i in range(len(teaches or ()))), problems)
    programs = _programs(document, place, reading, problems)
    schedules = _nested(document, "schedules", Schedule, place, problems)
    phones = _nested(document, "phones", Phone, place, problems)
    if problems.found:
        return problems.found

    service = piece(
        Service,
        {
            **{name: document.get(name) for name in profile.SERVICE_SCALARS},
            "organization_id": owner,
            "translations": document.get("translations"),
            "service_types": types,
            "areas": areas,
            "locations": locations,
            "languages": languages,
            "requires": requires,
            "also_serves": also_serves,
            "teaches": teaches,
            "opening": opening,
            "programs": programs,
            "schedules": schedules,
            "phones": phones,
            "carried": carried,
        },
        place,
        problems,
        where,
    )
    if service is None:
        return problems.found
    _service_holds(service, place, problems)
    sops = _sops(document, service, place, reading, problems)
    openings.exclude_nobody(service, sops, place, problems)
    capacities = _capacities(document, service.id, place, reading, problems)
    suspensions = suspensions_of(document, "service", service.id, place, problems)
    if problems.found:
        return problems.found
    return ServiceEntry(
        service,
        sops,
        capacities,
        suspensions,
        frozenset(s.costs.payer_organization_id for s in sops if s.costs.payer_organization_id),
        location_ids,
        place,
        document,
    )


def _organization_id(document: dict[str, Any], implied: str | None, place: Place, problems: Collector) -> str | None:
    nested = document.get("organization")
    if nested is not None and not isinstance(nested, dict):
        problems.add(Fault.WRONG_TYPE, place.at("organization"), name="organization", value="…", expected="object")
        return None
    stated = [
        id
        for id in (text(document, "organization_id", place, problems), nested.get("id") if nested else None, implied)
        if id
    ]
    if not stated and not problems.found:
        problems.add(Fault.MISSING, place.at("organization"), name="organization")
    if len(set(map(str, stated))) > 1:
        problems.add(Fault.CONTRADICTION, place.at("organization_id"), one=stated[0], other=stated[1])
    return stated[0] if stated else None


def _service_holds(service: Service, place: Place, problems: Collector) -> None:
    for index, schedule in enumerate(service.schedules):
        in_order(schedule.valid_from, schedule.valid_to, place.at("schedules", index), problems)
    possible(service.assured_date, place.at("assured_date"), problems)
    instant(service.last_modified, place.at("last_modified"), problems)
    low, high = service.minimum_age, service.maximum_age
    if low is not None and high is not None and high < low:
        problems.add(Fault.CONTRADICTION, place.at("maximum_age"), one=low, other=high)


_Where = dict[tuple[str | int, ...], tuple[str | int, ...]]


def _service_types(
    document: dict[str, Any],
    service_id: str,
    place: Place,
    reading: Reading,
    problems: Collector,
    carried: dict[str, Any],
    where: _Where,
) -> list[str]:
    """The codes of the attributes that are service types; their remains and all other attributes are carried."""
    codes: list[str] = []
    remains: list[dict[str, Any]] = []
    others: list[dict[str, Any]] = []
    words = terms("service-types")
    for item, at in listed(document, "attributes", place, problems):
        if item.get("link_type") != profile.SERVICE_TYPE:
            others.append(item)
            continue
        term = item.get("taxonomy_term")
        named = term.get("code") if isinstance(term, dict) else None
        code = item.get("value") or named
        if not isinstance(code, str):
            problems.add(Fault.MISSING, at.at("value"), name="value")
            continue
        if named not in (None, code):
            problems.add(Fault.CONTRADICTION, at.at("taxonomy_term", "code"), one=code, other=named)
        if code not in words:
            problems.add(Fault.UNKNOWN_CODE, at.at("value"), value=code, scheme="service-types")
        rest = {n: v for n, v in item.items() if n not in ("value", "link_type")}
        if isinstance(term, dict):
            rest["taxonomy_term"] = reading.reference("taxonomy_term", term, at.at("taxonomy_term"))
        if rest.get("link_entity") == "service":
            del rest["link_entity"]
        if rest.get("id") == profile.derived("attribute", service_id, code):
            del rest["id"]
        if rest:
            remains.append({"value": code, **rest})
        if code not in codes:
            where["service_types", len(codes)] = (*_steps(at, place), "value")
            codes.append(code)
    if not codes and not problems.found:
        problems.add(Fault.NO_SERVICE_TYPE, place.at("attributes"))
    if len(codes) > MAX_TYPES:
        problems.add(Fault.TOO_MANY, place.at("attributes"), name="attributes", limit=MAX_TYPES)
    if remains:
        carried[profile.TYPES] = remains
    if others:
        carried["attributes"] = others
    return codes


def _areas(
    document: dict[str, Any],
    service_id: str,
    place: Place,
    reading: Reading,
    problems: Collector,
    carried: dict[str, Any],
    where: _Where,
) -> list[str] | None:
    """The area codes served; None when nothing is stated, which is *unknown* and not *nowhere*. (R-06)"""
    codes: list[str] = []
    remains: list[dict[str, Any]] = []
    items = listed(document, "service_areas", place, problems)
    for at_location, at in listed(document, "service_at_locations", place, problems):
        items += listed(at_location, "service_areas", at, problems)
    for item, at in items:
        code = item.get("extent")
        if item.get("extent_type") != profile.AREA_CODE or not isinstance(code, str) or not code:
            problems.add(Fault.EXTENT_NOT_A_CODE, at.at("extent"), value=item.get("extent_type"))
            continue
        if code not in reading.areas:
            problems.add(Fault.UNKNOWN_CODE, at.at("extent"), value=code, scheme="areas")
            continue
        rest = {n: v for n, v in item.items() if n not in ("extent", "extent_type")}
        if rest.get("id") == profile.derived("service_area", service_id, code):
            del rest["id"]
        if code in codes:
            continue
        if rest:
            remains.append({"extent": code, **rest})
        where["areas", len(codes)] = (*_steps(at, place), "extent")
        codes.append(code)
    if len(codes) > MAX_AREAS:
        problems.add(Fault.TOO_MANY, place.at("service_areas"), name="service_areas", limit=MAX_AREAS)
    if remains:
        carried[profile.AREAS] = remains
    sop = document.get("sop")
    stated = sop.get("coverage_stated") if isinstance(sop, dict) else None
    if isinstance(stated, bool) and stated != bool(codes) and not problems.found:
        problems.add(Fault.CONTRADICTION, place.at("sop", "coverage_stated"), one=str(stated).lower(), other=len(codes))
    elif stated is not None and not isinstance(stated, bool):
        problems.add(
            Fault.WRONG_TYPE, place.at("sop", "coverage_stated"), name="coverage_stated", value=stated, expected="bool"
        )
    return codes or None


def _locations(
    document: dict[str, Any],
    service_id: str,
    place: Place,
    reading: Reading,
    problems: Collector,
    carried: dict[str, Any],
    where: _Where,
) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """The places of delivery, each described once, and the ids of all. (R-26)"""
    found: dict[str, dict[str, Any] | None] = {}
    remains: list[dict[str, Any]] = []
    items = listed(document, "service_at_locations", place, problems)
    for item, at in items:
        nested = item.get("location")
        if nested is not None and not isinstance(nested, dict):
            problems.add(Fault.WRONG_TYPE, at.at("location"), name="location", value="…", expected="object")
            continue
        id = nested.get("id") if nested else item.get("location_id")
        if not isinstance(id, str) or not id:
            problems.add(Fault.MISSING, at.at("location", "id"), name="id")
            continue
        if item.get("location_id") not in (None, id):
            problems.add(Fault.CONTRADICTION, at.at("location_id"), one=id, other=item["location_id"])
        rest = {n: v for n, v in item.items() if n not in ("location", "location_id", "service_id", "service_areas")}
        if rest.get("id") == profile.derived("service_at_location", service_id, id):
            del rest["id"]
        if rest:
            remains.append({"location_id": id, **rest})
        if nested is not None and found.get(id) is None:
            values = location_values(reading.reference("location", nested, at.at("location")))
            found[id] = values
            where["locations", sum(1 for v in found.values() if v) - 1] = (*_steps(at, place), "location")
            area = values.get("area")
            if area is not None and area not in reading.areas:
                problems.add(Fault.UNKNOWN_CODE, at.at("location", "external_identifier"), value=area, scheme="areas")
        else:
            found.setdefault(id, None)
    if len(items) > MAX_NESTED:
        problems.add(Fault.TOO_MANY, place.at("service_at_locations"), name="service_at_locations", limit=MAX_NESTED)
    if remains:
        carried[profile.PLACES] = remains
    return [values for values in found.values() if values is not None], tuple(found)


def location_values(document: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a location; what Enlace does not read of it is carried."""
    values = {n: document[n] for n in profile.LOCATION_FIELDS if document.get(n) not in (None, "")}
    carried = {n: v for n, v in document.items() if n not in profile.LOCATION_FIELDS}
    if carried.get("external_identifier_type") == profile.AREA_CODE:
        values["area"] = carried.pop("external_identifier", None)
        del carried["external_identifier_type"]
    return {**values, "carried": carried}


def _languages(
    document: dict[str, Any],
    service_id: str,
    place: Place,
    problems: Collector,
    carried: dict[str, Any],
    where: _Where,
) -> list[str] | None:
    """ISO 639-3 codes of the languages spoken; None when none is stated. A language without code is no answer."""
    codes: list[str] = []
    remains = []
    for item, at in listed(document, "languages", place, problems):
        code = item.get("code")
        if not isinstance(code, str) or not code:
            problems.add(Fault.LANGUAGE_WITHOUT_CODE, at.at("code"), value=item.get("name"))
            continue
        known([code], "languages", [at.at("code")], problems)
        if code in codes:
            continue
        rest = {n: v for n, v in item.items() if n not in ("code", "service_id")}
        if rest.get("id") == profile.derived("language", service_id, code):
            del rest["id"]
        if rest:
            remains.append({"code": code, **rest})
        where["languages", len(codes)] = (*_steps(at, place), "code")
        codes.append(code)
    if remains:
        carried[profile.SPOKEN] = remains
    return codes or None


def _programs(document: dict[str, Any], place: Place, reading: Reading, problems: Collector) -> list[str]:
    """The ids of the programmes under which the service is delivered; HSDS's one stands first. (R-43)"""
    ids: list[str] = []
    first = document.get("program")
    if first is not None and not isinstance(first, dict):
        problems.add(Fault.WRONG_TYPE, place.at("program"), name="program", value="…", expected="object")
        return []
    named = text(document, "program_id", place, problems)
    nested = [(first, place.at("program"))] if first else []
    for item, at in [*nested, *listed(document, "programs", place, problems)]:
        id = id_of(item)
        if id is None:
            problems.add(Fault.MISSING, at.at("id"), name="id")
        elif id not in ids:
            ids.append(id)
    if named and first and named != first.get("id"):
        problems.add(Fault.CONTRADICTION, place.at("program_id"), one=named, other=first.get("id"))
    elif named and named not in ids:
        ids.insert(0, named)
    return ids


def _nested(
    document: dict[str, Any], name: str, cls: type[Schedule | Phone], place: Place, problems: Collector
) -> list[dict[str, Any]]:
    """Objects that belong to the service alone; what Enlace does not read of each is carried with it."""
    fields = frozenset(cls.model_fields) - {"carried"}
    items = listed(document, name, place, problems)
    if len(items) > MAX_NESTED:
        problems.add(Fault.TOO_MANY, place.at(name), name=name, limit=MAX_NESTED)
    return [_with_carried(item, fields, without=("service_id",)) for item, _ in items]


def _with_carried(item: Mapping[str, Any], fields: Collection[str], *, without: Iterable[str] = ()) -> dict[str, Any]:
    values = {n: v for n, v in item.items() if n in fields and v not in (None, "")}
    carried = {n: v for n, v in item.items() if n not in fields and n not in without}
    return {**values, "carried": carried} if carried else values


def _sops(
    document: dict[str, Any], service: Service, place: Place, reading: Reading, problems: Collector
) -> tuple[Sop, ...]:
    """All versions of the SOP that a document states. (R-10 to R-15)"""
    stated = [(item, at) for item, at in listed(document, "sop_versions", place, problems)]
    one = document.get("sop")
    if isinstance(one, dict):
        stated.insert(0, (one, place.at("sop")))
    elif one is not None:
        problems.add(Fault.WRONG_TYPE, place.at("sop"), name="sop", value="…", expected="object")
    if len(stated) > MAX_NESTED:
        problems.add(Fault.TOO_MANY, place.at("sop_versions"), name="sop_versions", limit=MAX_NESTED)
        return ()
    found: dict[int | None, Sop] = {}
    for item, at in stated:
        sop = _sop(item, service.id, at, reading, problems)
        if sop is None:
            continue
        before = found.get(sop.version)
        if before is not None and before != sop:
            problems.add(Fault.OTHER_CONTENT, at, noun="sop", first=place.pointer)
        found[sop.version] = sop
    return tuple(found.values())


def _sop(item: dict[str, Any], service_id: str, place: Place, reading: Reading, problems: Collector) -> Sop | None:
    values = {n: stated(v) for n, v in item.items() if n in profile.SOP_FIELDS}
    carried = {
        n: v
        for n, v in item.items()
        if n not in profile.SOP_FIELDS and n not in ("id", "service_id", "coverage_stated")
    }
    version = item.get("version")
    id = item.get("id") or profile.derived("sop", service_id, str(version or ""))
    if item.get("service_id") not in (None, service_id):
        problems.add(Fault.CONTRADICTION, place.at("service_id"), one=item["service_id"], other=service_id)
    sop = piece(Sop, {**values, "id": id, "service_id": service_id, "carried": carried}, place, problems)
    if sop is None:
        return None
    if carried:
        reading.notice(Notice.CARRIED, place, "sop", service_id, properties=", ".join(sorted(carried)))
    in_order(sop.valid_from, sop.valid_to, place, problems)
    sop_codes(sop, place, problems)
    return sop


def stated(value: Any) -> Any:
    """A value without its nulls: null means *not stated*, just as leaving out does."""
    if isinstance(value, dict):
        return {n: stated(v) for n, v in value.items() if v is not None}
    if isinstance(value, list):
        return [stated(v) for v in value]
    return value


def sop_codes(sop: Sop, place: Place, problems: Collector) -> None:
    """Every code of a SOP stands in its vocabulary."""

    def each(codes: Iterable[str] | None, scheme: Any, *steps: str | int) -> None:
        listed_codes = tuple(codes or ())
        known(listed_codes, scheme, (place.at(*steps, i) for i in range(len(listed_codes))), problems)

    each(sop.methods, "channels", "methods")
    each(sop.feedback.methods, "channels", "feedback", "methods")
    if sop.first_response is not None:
        known([sop.first_response], "first-responses", [place.at("first_response")], problems)
    rules = sop.eligibility
    at = place.at("eligibility")
    if rules.nationality is not None:
        if (rules.nationality.in_ is None) == (rules.nationality.not_in is None):
            problems.add(Fault.CONTRADICTION, at.at("nationality"), one="in", other="not_in")
        each(rules.nationality.in_, "countries", "eligibility", "nationality", "in")
        each(rules.nationality.not_in, "countries", "eligibility", "nationality", "not_in")
    each(rules.documents_any_of, "papers", "eligibility", "documents_any_of")
    each(rules.any_factor, "factors", "eligibility", "any_factor")
    each(rules.genders, "genders", "eligibility", "genders")
    for index, asked in enumerate(sop.fields):
        known([asked.field], "record-fields", [place.at("fields", index, "field")], problems)
    for index, contact in enumerate(sop.contacts):
        known([contact.channel], "channels", [place.at("contacts", index, "channel")], problems)
    if sop.costs.payer is not None:
        known([sop.costs.payer], "payers", [place.at("costs", "payer")], problems)


def _capacities(
    document: dict[str, Any], service_id: str, place: Place, reading: Reading, problems: Collector
) -> tuple[ServiceCapacity, ...]:
    """Places as the file states them; those whose number is not stated stand in `capacity_statements`. (R-06)"""
    found: dict[str, ServiceCapacity] = {}
    for name in ("capacities", "capacity_statements"):
        items = listed(document, name, place, problems)
        if len(items) > MAX_NESTED:
            problems.add(Fault.TOO_MANY, place.at(name), name=name, limit=MAX_NESTED)
        for item, at in items[:MAX_NESTED]:
            capacity = _capacity(item, service_id, at, reading, problems)
            if capacity is not None:
                if capacity.id in found:
                    problems.add(Fault.OTHER_CONTENT, at.at("id"), noun="capacity", first=place.at(name).pointer)
                found[capacity.id] = capacity
    return tuple(found.values())


def _capacity(
    item: dict[str, Any], service_id: str, place: Place, reading: Reading, problems: Collector
) -> ServiceCapacity | None:
    values = _with_carried(item, profile.CAPACITY_FIELDS | {"unit", "unit_id"}, without=("service_id",))
    carried = dict(values.get("carried", {}))
    unit = values.pop("unit", None)
    unit_id = values.pop("unit_id", None)
    if isinstance(unit, dict):
        unit = reading.reference("unit", unit, place.at("unit"))
        values["unit"] = unit.get("name")
        unit_id = unit.get("id") or unit_id
        rest = {n: v for n, v in unit.items() if n not in ("id", "name")}
        if rest:
            carried["unit"] = rest
    elif unit is not None:
        values["unit"] = unit
    if unit_id is not None and unit_id != profile.derived("unit", "", str(values.get("unit") or profile.UNIT)):
        values["unit_id"] = unit_id
    if item.get("service_id") not in (None, service_id):
        problems.add(Fault.CONTRADICTION, place.at("service_id"), one=item["service_id"], other=service_id)
    available = values.get("available")
    if "state" not in values and isinstance(available, int):
        values["state"] = "available" if available > 0 else "none"
    values.setdefault("updated_by", "import")
    capacity = piece(
        ServiceCapacity,
        {**values, "service_id": service_id, "carried": carried},
        place,
        problems,
        {("unit",): ("unit", "name")},
    )
    if capacity is None:
        return None
    known([capacity.updated_by], "updaters", [place.at("updated_by")], problems)
    instant(capacity.updated, place.at("updated"), problems)
    if capacity.updated.tzinfo is not None and capacity.updated > reading.at + timedelta(days=1):
        problems.add(Fault.STATED_IN_FUTURE, place.at("updated"), value=capacity.updated.isoformat())
    if capacity.maximum is not None and capacity.available is not None and capacity.available > capacity.maximum:
        problems.add(Fault.CONTRADICTION, place.at("available"), one=capacity.available, other=capacity.maximum)
    return capacity


def suspensions_of(
    document: Mapping[str, Any], subject: str, subject_id: str, place: Place, problems: Collector
) -> tuple[Suspension, ...]:
    """Suspensions that stand in the document of their subject. (R-26)"""
    found = []
    for item, at in listed(document, "suspensions", place, problems)[:MAX_NESTED]:
        if item.get("subject_id") not in (None, subject_id) or item.get("subject") not in (None, subject):
            problems.add(Fault.CONTRADICTION, at.at("subject_id"), one=item.get("subject_id"), other=subject_id)
            continue
        suspension = read_suspension({**item, "subject": subject, "subject_id": subject_id}, at, problems)
        if suspension is not None:
            found.append(suspension)
    return tuple(found)


def read_suspension(document: Mapping[str, Any], place: Place, problems: Collector) -> Suspension | None:
    """A suspension; whether its subject exists is not asked here. (R-26)"""
    suspension = piece(Suspension, {n: v for n, v in document.items() if n != "quarantine"}, place, problems)
    if suspension is None:
        return None
    known([suspension.reason], "suspension-reasons", [place.at("reason")], problems)
    in_order(suspension.valid_from, suspension.valid_to, place, problems)
    return suspension


def read_program(document: Mapping[str, Any], place: Place, problems: Collector) -> Program | None:
    """A programme with its budget, so that several can be told apart. (R-43)"""
    return piece(Program, _with_carried(document, profile.PROGRAM_FIELDS), place, problems)


def has_ended(service: Service, *, on: date) -> bool:
    """Whether every window of the service is over."""
    return bool(service.schedules) and all(s.valid_to is not None and s.valid_to < on for s in service.schedules)


def _steps(inner: Place, outer: Place) -> tuple[str | int, ...]:
    return tuple(inner.pointer[len(outer.pointer) + 1 :].split("/"))
