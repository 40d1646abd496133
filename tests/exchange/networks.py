"""Networks drawn by hypothesis: everything a directory can hold, with texts and codes as life has them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Final, get_args
from uuid import UUID

from hypothesis import strategies as st

from graph.model.area import Area
from graph.model.directory import (
    ActorCategory,
    Agreement,
    CapacityState,
    Degree,
    Location,
    Mechanism,
    Organization,
    Phone,
    Program,
    Schedule,
    Scope,
    Service,
    ServiceCapacity,
    Status,
    SupportLevel,
    Suspension,
)
from graph.model.job import Opening
from graph.model.sop import Clocks, Costs, Eligibility, Feedback, NationalityRule, Sop, SopContact, SopField
from graph.seed.vocabulary import Scheme, terms

AREAS = (
    Area(code="QA", name="País Ñandú", level=0, latitude=15.5, longitude=-90.25),
    Area(code="QA01", name="Norte", level=1, parent="QA", translations={"en": {"name": "North"}}),
    Area(code="QA02", name="Sur, la Costa", level=1, parent="QA", valid_from=date(2020, 1, 1)),
    Area(
        code="QA0101", name='Villa "Alta"', level=2, parent="QA01", latitude=15.0, longitude=-90.0, point_from="parent"
    ),
    Area(code="QA0102", name="Villa Baja", level=2, parent="QA01"),
    Area(code="QA0201", name="Puerto", level=2, parent="QA02", valid_to=date(2030, 12, 31)),
)
PAIRS = frozenset({("QA01", "QA02"), ("QA0101", "QA0102")})
CODES = tuple(area.code for area in AREAS)
NOW = datetime(2026, 11, 21, 15, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Directory:
    """A whole directory as values."""

    organizations: tuple[Organization, ...] = ()
    services: tuple[Service, ...] = ()
    sops: tuple[Sop, ...] = ()
    capacities: tuple[ServiceCapacity, ...] = ()
    programs: tuple[Program, ...] = ()
    agreements: tuple[Agreement, ...] = ()
    mechanisms: tuple[Mechanism, ...] = ()
    suspensions: tuple[Suspension, ...] = ()
    areas: tuple[Area, ...] = field(default=AREAS)


ids = st.uuids(version=4).map(str)
ODD: Final = (
    "Ñandú",
    "=1+1",
    "a;b,c",
    'di "todo"',
    "K’iche’",
    "0",
    "{x}",
    "[y]",
    "日本",
    "\N{GRINNING FACE}",
    "a/b~c",
    "null",
)
names = st.sampled_from(ODD) | st.text('abcñ /~{}[]"\\:,-', min_size=1, max_size=12).map(str.strip).filter(bool)
maybe_text = st.none() | names
days = st.dates(date(1990, 1, 1), date(2099, 12, 31))
instants = st.integers(946_684_800, 1_795_000_000).map(lambda s: datetime.fromtimestamp(s, UTC))
translations = st.dictionaries(
    st.sampled_from(["es", "en"]),
    st.dictionaries(st.sampled_from(["name", "description"]), names, min_size=1, max_size=2),
    max_size=2,
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | names | st.sampled_from([0.5, -2.25]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=4,
)


def carried(*keys: str) -> st.SearchStrategy[dict[str, Any]]:
    """Properties of HSDS that Enlace does not read."""
    return st.dictionaries(st.sampled_from([*keys, "x_own", "metadata"]), json_values, max_size=2)


def some(scheme: Scheme, *, least: int = 0, most: int = 3) -> st.SearchStrategy[tuple[str, ...]]:
    """Different codes of a vocabulary."""
    return st.lists(st.sampled_from(sorted(terms(scheme))), min_size=least, max_size=most, unique=True).map(tuple)


def one(scheme: Scheme) -> st.SearchStrategy[str]:
    return st.sampled_from(sorted(terms(scheme)))


@st.composite
def periods(draw: st.DrawFn) -> dict[str, date | None]:
    begin, end = sorted([draw(days), draw(days)])
    return {"valid_from": draw(st.sampled_from([None, begin])), "valid_to": draw(st.sampled_from([None, end]))}


money = st.none() | st.integers(0, 10**9)
durations = st.none() | st.sampled_from(["P7D", "P1M", "PT72H", "P1Y2M3DT4H"])
currencies = st.none() | st.sampled_from(["GTQ", "HNL", "USD", "MXN"])


@st.composite
def organizations(draw: st.DrawFn) -> Organization:
    return Organization(
        id=draw(ids),
        name=draw(names),
        alternate_name=draw(maybe_text),
        description=draw(maybe_text),
        email=draw(st.none() | st.just("punto.focal@example.org")),
        website=draw(st.none() | st.just("https://example.org/")),
        actor_category=draw(st.none() | st.sampled_from(ActorCategory)),
        influence=draw(st.none() | st.sampled_from(get_args(Degree))),
        interest=draw(st.none() | st.sampled_from(get_args(Degree))),
        translations=draw(translations),
        carried=draw(carried("contacts", "tax_id", "year_incorporated")),
    )


@st.composite
def locations(draw: st.DrawFn) -> Location:
    return Location(
        id=draw(ids),
        name=draw(maybe_text),
        location_type=draw(st.sampled_from(["physical", "postal", "virtual"])),
        latitude=draw(st.none() | st.floats(-90, 90, allow_nan=False).map(lambda x: round(x, 5))),
        longitude=draw(st.none() | st.floats(-180, 180, allow_nan=False).map(lambda x: round(x, 5))),
        area=draw(st.none() | st.sampled_from(CODES)),
        sealed=draw(st.booleans()),
        carried=draw(carried("addresses", "transportation")),
    )


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    return Schedule(
        id=draw(ids),
        **draw(periods()),
        freq=draw(st.none() | st.sampled_from(["WEEKLY", "MONTHLY"])),
        interval=draw(st.none() | st.integers(1, 366)),
        byday=draw(st.none() | st.just("MO,TU")),
        opens_at=draw(st.none() | st.just("08:30")),
        closes_at=draw(st.none() | st.just("17:00")),
        carried=draw(carried("notes")),
    )


@st.composite
def services(draw: st.DrawFn, *, owners: list[str], programs: list[str], places: list[Location]) -> Service:
    low = draw(st.none() | st.integers(0, 60))
    return Service(
        id=draw(ids),
        organization_id=draw(st.sampled_from(owners)),
        name=draw(names),
        alternate_name=draw(maybe_text),
        description=draw(maybe_text),
        translations=draw(translations),
        status=draw(st.sampled_from(get_args(Status))),
        service_types=draw(st.just(("economic.employment.opening",)) | some("service-types", least=1)),
        level=draw(st.none() | st.sampled_from(SupportLevel)),
        also_serves=draw(some("also-serves")),
        areas=draw(st.none() | st.lists(st.sampled_from(CODES), min_size=1, max_size=3, unique=True).map(tuple)),
        locations=tuple(
            draw(st.lists(st.sampled_from(places), max_size=2, unique_by=lambda x: x.id)) if places else ()
        ),
        schedules=tuple(draw(st.lists(schedules(), max_size=2))),
        languages=draw(st.none() | some("languages", least=1)),
        minimum_age=low,
        maximum_age=draw(st.none() | st.integers(low or 0, 130)),
        requires=draw(st.none() | some("service-types")),
        teaches=draw(st.none() | some("skills")),
        programs=tuple(draw(st.lists(st.sampled_from(programs), max_size=2, unique=True)) if programs else ()),
        phones=tuple(
            Phone(id=draw(ids), number="+502 0000 0000", carried=draw(carried("type")))
            for _ in range(draw(st.integers(0, 2)))
        ),
        email=draw(st.none() | st.just("servicio@example.org")),
        url=draw(st.none() | st.just("https://example.org/s")),
        fees_description=draw(maybe_text),
        assured_date=draw(st.none() | days),
        last_modified=draw(st.none() | instants),
        carried=draw(carried("contacts", "application_process", "funding", "cost_options")),
    )


@st.composite
def openings(draw: st.DrawFn) -> Opening:
    return Opening(
        occupation=draw(one("occupations")),
        skills_required=draw(some("skills")),
        skills_desired=draw(some("skills")),
        experience_months=draw(st.none() | st.integers(0, 720)),
        schedule=draw(st.none() | one("work-schedules")),
    )


def may_state_an_opening(service: Service, rules: list[Sop]) -> bool:
    """A service of employment that shuts nobody out."""
    fair = all(
        rule.eligibility.nationality is None
        and not rule.eligibility.any_factor
        and set(rule.eligibility.genders or ("female", "male", "other")) == {"female", "male", "other"}
        for rule in rules
    )
    employs = any(code.startswith("economic.employment") for code in service.service_types)
    return fair and employs and service.maximum_age is None


@st.composite
def sops(draw: st.DrawFn, *, service_id: str, owners: list[str], version: int | None) -> Sop:
    codes = some("channels")
    rule = draw(st.none() | st.sampled_from(["in", "not_in"]))
    countries = draw(some("countries", least=1))
    return Sop(
        id=draw(ids),
        service_id=service_id,
        version=version,
        **draw(periods()),
        accepts_referrals=draw(st.none() | st.booleans()),
        referral_needed=draw(st.none() | st.booleans()),
        methods=draw(codes),
        response_time=draw(durations),
        first_response=draw(st.none() | one("first-responses")),
        feedback=Feedback(methods=draw(codes), within=draw(durations)),
        eligibility=Eligibility(
            nationality=None
            if rule is None
            else NationalityRule(in_=countries)
            if rule == "in"
            else NationalityRule(not_in=countries),
            documents_any_of=draw(some("papers")),
            open_to_all=draw(st.none() | st.booleans()),
            scored=draw(st.booleans()),
            any_factor=draw(some("factors")),
            genders=draw(st.none() | some("genders")),
        ),
        fields=tuple(
            SopField(
                field=code,
                stage=draw(st.sampled_from(["first-contact", "follow-up"])),
                required=draw(st.booleans()),
                emergency=draw(st.booleans()),
                why_needed=draw(maybe_text),
            )
            for code in draw(some("record-fields"))
        ),
        contacts=tuple(
            SopContact(
                name=draw(names), channel=draw(one("channels")), address=draw(maybe_text), response_time=draw(durations)
            )
            for _ in range(draw(st.integers(0, 2)))
        ),
        clocks=Clocks(receive=draw(durations), decide=draw(durations), start=draw(durations), report=draw(durations)),
        priorities=draw(st.sampled_from([(), ("emergency", "normal"), ("urgent",)])),
        how_provided=draw(maybe_text),
        consent_wording=draw(maybe_text),
        follow_up=draw(some("follow-up-duties")),
        documents_kept=draw(some("kept-documents")),
        costs=Costs(
            payer=draw(st.none() | one("payers")),
            payer_organization_id=draw(st.none() | st.sampled_from(owners)),
            ceiling=draw(money),
            currency=draw(currencies),
            shared_arrangements=draw(some("shared-arrangements")),
        ),
        half_life_days=draw(st.none() | st.integers(1, 365)),
        translations=draw(translations),
        carried=draw(carried("x_note")),
    )


@st.composite
def capacities(draw: st.DrawFn, *, service_id: str) -> ServiceCapacity:
    maximum = draw(st.none() | st.integers(0, 500))
    return ServiceCapacity(
        id=draw(ids),
        service_id=service_id,
        unit=draw(names),
        unit_id=draw(st.none() | ids),
        turnover=draw(st.sampled_from(["reusable", "consumed"])),
        state=draw(st.sampled_from(CapacityState)),
        available=draw(st.none() | st.integers(0, 500 if maximum is None else maximum)),
        maximum=maximum,
        keeps_waiting_list=draw(st.booleans()),
        half_life_days=draw(st.integers(1, 365)),
        updated=draw(instants),
        updated_by=draw(one("updaters")),
        version=draw(st.integers(1, 50)),
        carried=draw(carried("description")),
    )


@st.composite
def directories(draw: st.DrawFn) -> Directory:
    """Some organisations with everything."""
    found = draw(st.lists(organizations(), min_size=1, max_size=2, unique_by=lambda o: o.id))
    owners = [o.id for o in found]
    for index in range(1, len(found)):
        if draw(st.booleans()):
            found[index] = found[index].model_copy(update={"parent_organization_id": owners[0]})
    programs = [
        Program(
            id=draw(ids),
            name=draw(names),
            organization_id=draw(st.none() | st.sampled_from(owners)),
            budget=draw(money),
            spent=draw(money),
            currency=draw(currencies),
            translations=draw(translations),
            carried=draw(carried("alternate_name")),
        )
        for _ in range(draw(st.integers(0, 2)))
    ]
    places = draw(st.lists(locations(), max_size=3, unique_by=lambda x: x.id))
    offered = draw(
        st.lists(
            services(owners=owners, programs=[p.id for p in programs], places=places),
            max_size=2,
            unique_by=lambda s: s.id,
        )
    )
    rules: list[Sop] = []
    stated: list[ServiceCapacity] = []
    for index, service in enumerate(offered):
        versions: list[int | None] = draw(st.sampled_from([[], [None], [1], [1, 2], [3, 7]]))
        own = [draw(sops(service_id=service.id, owners=owners, version=version)) for version in versions]
        if may_state_an_opening(service, own):
            offered[index] = service.model_copy(update={"opening": draw(st.none() | openings())})
        rules += own
        stated += draw(st.lists(capacities(service_id=service.id), max_size=1))
    used = {p for s in offered for p in s.programs}
    top = Mechanism(
        id=draw(ids),
        name=draw(names),
        scope=Scope.NATIONAL,
        area="QA",
        members=tuple(sorted(draw(st.sets(st.sampled_from(owners))))),
    )
    below = Mechanism(
        id=draw(ids),
        name=draw(names),
        scope=draw(st.sampled_from(Scope)),
        part_of=draw(st.sampled_from([None, top.id])),
        lead_organization_id=draw(st.none() | st.sampled_from(owners)),
        translations=draw(translations),
    )
    agreements = tuple(
        Agreement(
            id=draw(ids),
            name=draw(names),
            kind=draw(st.sampled_from(["memorandum", "long-term-agreement"])),
            parties=tuple(draw(st.lists(st.sampled_from(owners), min_size=1, unique=True))),
            mechanism_id=draw(st.sampled_from([None, top.id])),
            **draw(periods()),
            budget_ceiling=draw(money),
            spent=draw(money),
            currency=draw(currencies),
            translations=draw(translations),
        )
        for _ in range(draw(st.integers(0, 2)))
    )
    subjects: list[tuple[str, str]] = [("area", draw(st.sampled_from(CODES))), ("organization", owners[0])]
    subjects += [("service", offered[0].id)] if offered else []
    suspensions = tuple(
        Suspension.model_validate(
            {
                "id": draw(ids),
                "subject": subject,
                "subject_id": subject_id,
                "reason": draw(one("suspension-reasons")),
                "valid_from": date(2026, 1, 1),
                "valid_to": draw(st.none() | st.just(date(2026, 12, 31))),
            }
        )
        for subject, subject_id in subjects
        if draw(st.booleans())
    )
    return Directory(
        tuple(found),
        tuple(offered),
        tuple(rules),
        tuple(stated),
        tuple(p for p in programs if p.organization_id or p.id in used),
        agreements,
        (top, below),
        suspensions,
    )


def uuid(number: int) -> str:
    """A UUID by number, for hand-written documents."""
    return str(UUID(int=number))
