"""Worlds for the proofs of consent: a case, an SOP, consents, a record, in order and then spoilt in up to three ways.

The oracle reads the rules of design §5 field by field with plain loops, and shares no code with `consent`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from typing import Any, Final, Literal

from hypothesis import strategies as st

from consent.decision import Permit, Request, decide
from consent.minimisation import disclose
from graph.model.case import BestInterests, Case, ChildView, Guardianship, Incapacity, Need
from graph.model.consent import Consent, ConsentEvent, ConsentState, FieldConsent, NoticeShown, Stage
from graph.model.directory import Suspension
from graph.model.disclosure import Disclosure
from graph.model.referral import Referral
from graph.model.refusal import Refusal
from graph.model.sop import Sop, SopField

NOW: Final = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY: Final = timedelta(days=1)
FIELDS: Final = ("given_name", "telephone", "need_description", "health_condition", "skills")
STAGES: Final[tuple[Stage, ...]] = ("first-contact", "follow-up")
HOME, ABROAD = "GT", "MX"
NOTICE: Final = NoticeShown(id="sharing", version=1, language="es", sha256="0" * 64)


def referral_for(case: Case, **changes: Any) -> Referral:
    values: dict[str, Any] = {
        "id": "referral-1",
        "case_id": case.id,
        "need_id": "need-1",
        "service_id": "service-1",
        "requester_id": case.organization_id,
        "responder_id": "clinic",
        "purpose": "health-care",
        "created_at": NOW - DAY,
    }
    return Referral(**{**values, **changes})


def case_of(**changes: Any) -> Case:
    values: dict[str, Any] = {
        "id": "case-1",
        "person_id": "person-1",
        "stream": "stream-1",
        "organization_id": "holder",
        "team": frozenset({"manager"}),
        "country": HOME,
        "area": "GT0101",
        "opened_at": NOW - 30 * DAY,
        "needs": (Need(id="need-1", service_type="social.health.care", agreed_at=NOW - 20 * DAY),),
    }
    return Case(**{**values, **changes})


def consent_of(
    fields: frozenset[FieldConsent],
    *,
    state: ConsentState = ConsentState.GIVEN,
    given: datetime = NOW - DAY,
    changed: datetime = NOW - timedelta(hours=1),
    **changes: Any,
) -> Consent:
    """A consent given and then brought to a state; one that was never given is only requested or refused."""
    first = ConsentState.GIVEN if state not in (ConsentState.REQUESTED, ConsentState.REFUSED) else state
    events = [ConsentEvent(state=first, at=given, by="manager")]
    if state not in (first, ConsentState.EXPIRED):
        events.append(ConsentEvent(state=state, at=changed, by="manager"))
    values: dict[str, Any] = {
        "id": "consent-1",
        "case_id": "case-1",
        "organization_id": "clinic",
        "purpose": "health-care",
        "fields": fields,
        "notice": NOTICE,
        "explained_by": "manager",
        "modality": "written",
        "expires_at": NOW - timedelta(hours=2) if state is ConsentState.EXPIRED else NOW + 90 * DAY,
        "events": tuple(events),
        "leaves": HOME if changes.get("countries") else None,
    }
    return Consent(**{**values, **changes})


def everything(*stages: Stage) -> frozenset[FieldConsent]:
    return frozenset(FieldConsent(field=f, stage=s) for f in FIELDS for s in (stages or STAGES))


@dataclass(frozen=True, slots=True)
class World:
    """All that a send is computed from."""

    case: Case
    sop: Sop
    consents: tuple[Consent, ...]
    record: dict[str, Any]
    stage: Stage
    countries: frozenset[str]
    suspensions: tuple[Suspension, ...]
    sendable: frozenset[str]

    @property
    def request(self) -> Request:
        return Request.under(
            self.sop,
            case=self.case,
            referral=referral_for(self.case),
            stage=self.stage,
            countries=self.countries,
            suspensions=self.suspensions,
        )

    def permit(self, at: datetime = NOW) -> Permit | Refusal:
        return decide(self.request, self.consents, at=at)

    def send(self, at: datetime = NOW) -> Disclosure | Refusal:
        permit = self.permit(at)
        if isinstance(permit, Refusal):
            return permit
        return disclose(
            self.record,
            self.sop,
            permit,
            referral=referral_for(self.case),
            stage=self.stage,
            id="disclosure-1",
            at=at,
            sendable=self.sendable,
        )

    def sent(self) -> frozenset[str]:
        """The fields that leave; none where it is refused."""
        answer = self.send()
        return frozenset(answer.payload) if isinstance(answer, Disclosure) else frozenset()

    def without(self, field: str, taken_from: Literal["consent", "sop", "record"]) -> World:
        """The same world, one field poorer."""
        if taken_from == "consent":
            kept = [
                c.model_copy(update={"fields": frozenset(f for f in c.fields if f.field != field)})
                for c in self.consents
            ]
            return replace(self, consents=tuple(kept))
        if taken_from == "sop":
            rows = tuple(f for f in self.sop.fields if f.field != field)
            return replace(self, sop=self.sop.model_copy(update={"fields": rows}))
        return replace(self, record={k: v for k, v in self.record.items() if k != field})


# --- drawing: a world in which all is in order, then up to three things spoilt


SOME: Final = tuple(frozenset(some) for n in range(1, len(FIELDS)) for some in combinations(FIELDS, n))
SUBSET: Final = st.sampled_from((*[frozenset(FIELDS)] * len(SOME) * 2, *SOME))
FAMILY: Final = ("parent", "guardian", "lawful-representative", "child-protection-authority")
COUNTRIES: Final = ({HOME}, {HOME, ABROAD}, set[str]())


def guardians(kinds: tuple[str, ...]) -> tuple[Guardianship, ...]:
    return tuple(
        Guardianship(
            id=f"guardian-{n}",
            kind=kind,
            countries=frozenset({HOME, ABROAD}),
            document="court-order",
            valid_from=NOW - 100 * DAY,
        )
        for n, kind in enumerate(kinds)
    )


def case_in_order(who: str, kinds: tuple[str, ...]) -> Case:
    """An adult, one of today, a child, or somebody who cannot decide, with all that the rules ask."""
    if who == "adult":
        return case_of()
    if who == "new-adult":
        return case_of(adult_on=NOW.date() - DAY, guardians=guardians(kinds))
    best = tuple(
        BestInterests(id=f"best-{c}", country=c, determined_at=NOW - 3 * DAY, determined_by="officer")
        for c in (HOME, ABROAD)
    )
    if who == "child":
        view = ChildView(id="view-1", heard_at=NOW - 4 * DAY, heard_by="officer", agrees=True)
        grown = NOW.date() + DAY
        return case_of(guardians=guardians(kinds), best_interests=best, child_views=(view,), adult_on=grown)
    unable = Incapacity(id="i", assessed_by="doctor", assessed_at=NOW - DAY, valid_to=NOW + DAY)
    return case_of(guardians=guardians(kinds), best_interests=best, incapacities=(unable,))


@st.composite
def made(draw: st.DrawFn) -> World:
    """A world in which something may, or may not, be sent."""
    stage: Stage = draw(st.sampled_from((*STAGES, "first-contact")))
    who = draw(st.sampled_from(("adult", "adult", "child", "child", "incapacitated", "new-adult")))
    kinds = tuple(draw(st.lists(st.sampled_from(FAMILY), min_size=1, max_size=3)))
    case = case_in_order(who, kinds)
    givers: list[tuple[str, str | None]] = [("self", None)]
    if who in ("child", "incapacitated"):
        givers = [("guardian", g.id) for g in case.guardians]
    rows = []
    for name in draw(SUBSET):
        required, emergency, at_stage = draw(st.sampled_from(ROWS))
        rows.append(
            SopField(
                field=name,
                stage=stage if at_stage else STAGES[stage == "first-contact"],
                required=required,
                emergency=emergency,
            )
        )
    consents = []
    for n in range(draw(st.sampled_from((1, 1, 2, 3, 0)))):
        given_by, guardian_id = draw(st.sampled_from(givers))
        fields = frozenset(FieldConsent(field=f, stage=stage) for f in draw(SUBSET))
        consents.append(
            consent_of(
                fields,
                id=f"consent-{n}",
                given_by=given_by,
                guardian_id=guardian_id,
                countries=frozenset({ABROAD}),
                leaves=HOME,
                given=NOW - timedelta(hours=2),
            )
        )
    world = World(
        case=case,
        sop=Sop(id="sop-1", service_id="service-1", version=1, valid_from=NOW.date() - DAY, fields=tuple(rows)),
        consents=tuple(consents),
        record={f: f"value of {f}" for f in draw(SUBSET)},
        stage=stage,
        countries=frozenset(draw(st.sampled_from(COUNTRIES))),
        suspensions=(),
        sendable=frozenset(FIELDS),
    )
    for spoil in draw(st.lists(st.sampled_from(SPOILS), max_size=3)):
        world = spoil(world, draw(st.integers(0, 2)))
    return world


ROWS: Final = [(False, False, True)] * 3 + [(True, True, True), (True, False, True), (False, True, True)] + [
    (True, False, False)
]  # fmt: skip

Spoil = Callable[[World, int], World]


def the_case(**changes: Any) -> Spoil:
    return lambda world, _: replace(world, case=world.case.model_copy(update=changes))


def a_guardian(**changes: Any) -> Spoil:
    def spoil(world: World, n: int) -> World:
        them = [g.model_copy(update=changes) if i == n else g for i, g in enumerate(world.case.guardians)]
        return replace(world, case=world.case.model_copy(update={"guardians": tuple(them)}))

    return spoil


def a_consent(**changes: Any) -> Spoil:
    def spoil(world: World, n: int) -> World:
        them = [c.model_copy(update=changes) if i == n else c for i, c in enumerate(world.consents)]
        return replace(world, consents=tuple(them))

    return spoil


def then(state: ConsentState, at: datetime) -> Spoil:
    def spoil(world: World, n: int) -> World:
        event = ConsentEvent(state=state, at=at, by="manager")
        them = [
            c.model_copy(update={"events": tuple(sorted([*c.events, event], key=lambda e: e.at))}) if i == n else c
            for i, c in enumerate(world.consents)
        ]
        return replace(world, consents=tuple(them))

    return spoil


def first(state: ConsentState, at: datetime) -> Spoil:
    return a_consent(events=(ConsentEvent(state=state, at=at, by="manager"),))


def the_sop(**changes: Any) -> Spoil:
    return lambda world, _: replace(world, sop=world.sop.model_copy(update=changes))


def suspended(subject: Literal["area", "organization", "service"], *, from_day: date) -> Spoil:
    stop = Suspension(id=subject, subject=subject, subject_id="x", reason="security", valid_from=from_day)
    return lambda world, _: replace(world, suspensions=(*world.suspensions, stop))


def blank(value: object) -> Spoil:
    return lambda world, n: replace(world, record={**world.record, FIELDS[n]: value})


def at_the_other_stage(world: World, n: int) -> World:
    other = STAGES[world.stage == "first-contact"]
    fields = frozenset(FieldConsent(field=f, stage=other) for f in FIELDS)
    return a_consent(fields=fields)(world, n)


def abroad_from_here(world: World, n: int) -> World:
    """The case is kept in the country of return, and every consent names that border."""
    case = world.case.model_copy(update={"opened_in": ABROAD})
    said = [c.model_copy(update={"leaves": ABROAD, "countries": frozenset({HOME})}) for c in world.consents]
    return replace(world, case=case, consents=tuple(said))


BEST_AT_HOME = (BestInterests(id="b", country=HOME, determined_at=NOW - 3 * DAY, determined_by="officer"),)
BEST_TO_COME = (BestInterests(id="b", country=HOME, determined_at=NOW + DAY, determined_by="officer"),)
SAID_NO = (ChildView(id="v", heard_at=NOW - 2 * DAY, heard_by="officer", agrees=False),)
SAID_NO_BEFORE = (ChildView(id="v", heard_at=NOW - 5 * DAY, heard_by="officer", agrees=False),)
UNABLE_NOW = (Incapacity(id="i", assessed_by="doctor", assessed_at=NOW - DAY, valid_to=NOW + DAY),)
UNABLE_THEN = (Incapacity(id="i", assessed_by="doctor", assessed_at=NOW - DAY, valid_to=NOW - timedelta(hours=1)),)

SPOILS: Final[tuple[Spoil, ...]] = (
    the_case(closed_at=NOW - DAY),
    the_case(closed_at=NOW + DAY),
    the_case(needs=()),
    the_case(needs=(Need(id="need-1", service_type="social.health.care"),)),
    the_case(separated=True),
    the_case(child_views=()),
    the_case(child_views=SAID_NO),
    the_case(child_views=SAID_NO_BEFORE),
    the_case(best_interests=BEST_AT_HOME),
    the_case(best_interests=BEST_TO_COME),
    the_case(adult_on=NOW.date()),
    the_case(incapacities=UNABLE_THEN),
    the_case(incapacities=UNABLE_NOW),
    a_guardian(barred=True),
    a_guardian(document=None),
    a_guardian(purposes=frozenset({"housing"})),
    a_guardian(purposes=frozenset({"health-care"})),
    a_guardian(valid_from=NOW + DAY),
    a_guardian(valid_from=NOW - timedelta(hours=1)),
    a_guardian(valid_to=NOW),
    a_guardian(countries=frozenset({HOME})),
    a_guardian(countries=frozenset({ABROAD})),
    a_consent(case_id="case-2"),
    a_consent(organization_id="shelter"),
    a_consent(purpose="housing"),
    a_consent(given_by="self", guardian_id=None),
    a_consent(given_by="guardian", guardian_id="guardian-2"),
    a_consent(given_by="guardian", guardian_id="guardian-9"),
    a_consent(countries=frozenset()),
    a_consent(leaves=None),
    a_consent(leaves=ABROAD, countries=frozenset({HOME})),
    the_case(opened_in=ABROAD),
    the_case(opened_in=HOME, country=ABROAD),
    abroad_from_here,
    a_consent(modality="spoken-before-witness"),
    a_consent(modality="spoken-before-witness", witness="neighbour"),
    a_consent(expires_at=NOW),
    at_the_other_stage,
    first(ConsentState.REQUESTED, NOW - DAY),
    first(ConsentState.REFUSED, NOW - DAY),
    first(ConsentState.GIVEN, NOW + DAY),
    first(ConsentState.GIVEN, NOW - 600 * DAY),
    first(ConsentState.GIVEN, NOW - 3 * DAY),
    *(then(state, NOW - timedelta(hours=1)) for state in ConsentState),
    then(ConsentState.WITHDRAWN, NOW + timedelta(hours=1)),
    the_sop(version=None),
    the_sop(valid_from=None),
    the_sop(valid_from=NOW.date() + DAY),
    suspended("area", from_day=NOW.date()),
    suspended("service", from_day=NOW.date()),
    suspended("organization", from_day=NOW.date() - DAY),
    suspended("area", from_day=NOW.date() + DAY),
    blank(""),
    blank(None),
    blank(False),
    lambda world, n: replace(world, sendable=world.sendable - {FIELDS[n]}),
)


# --- the oracle


def allowed_by_the_rules(world: World) -> frozenset[str] | None:
    """The fields that design §5 lets leave, or None where nothing may; written from the prose, field by field."""
    case, at, today = world.case, NOW, NOW.date()
    if case.closed_at and case.closed_at <= at:
        return None
    if any(s.valid_from <= today for s in world.suspensions):
        return None
    if not any(n.id == "need-1" and n.agreed_at and n.agreed_at <= at for n in case.needs):
        return None
    child = case.adult_on is not None and today < case.adult_on
    unable = any(i.assessed_at <= at < i.valid_to for i in case.incapacities)
    kept = case.opened_in or case.country
    lands = set(world.countries) | {case.country, kept}
    speakers: dict[str, set[str | None]] = {land: {None} for land in lands}
    if child or unable:
        heard = [v for v in case.child_views if v.heard_at <= at]
        for land in lands:
            stand = [
                g
                for g in case.guardians
                if land in g.countries
                and (g.purposes is None or "health-care" in g.purposes)
                and g.document
                and not g.barred
                and g.valid_from <= at
                and (g.valid_to is None or at < g.valid_to)
            ]
            office = {g.id for g in stand if g.kind == "child-protection-authority"}
            family = {g.id for g in stand} - office
            if not child:
                speakers[land] = {g.id for g in stand if g.kind in ("guardian", "lawful-representative")}
            elif case.separated:
                speakers[land] = set(office)
            elif any(g.barred for g in case.guardians):
                speakers[land] = {*family, *office}
            else:
                speakers[land] = set(family or office)
            days = [b.determined_at for b in case.best_interests if b.country == land and b.determined_at <= at]
            if (
                not days
                or (child and not heard)
                or (heard and heard[-1].agrees is False and max(days) < heard[-1].heard_at)
            ):
                return None
    counted = []
    for c in world.consents:
        if (c.case_id, c.organization_id, c.purpose) != (case.id, "clinic", "health-care"):
            continue
        past = [e for e in c.events if e.at <= at]
        last = past[-1] if past else None
        by_self = c.given_by == "self"
        stands = not by_self and any(c.guardian_id in ids for ids in speakers.values())
        if last and last.state is ConsentState.REFUSED and (by_self or stands):
            return None
        if last is None or last.state is not ConsentState.GIVEN or at >= c.expires_at or at >= last.at + 548 * DAY:
            continue
        if c.modality == "spoken-before-witness" and not c.witness:
            continue
        if by_self:
            was_child = case.adult_on is not None and last.at.date() < case.adult_on
            was_unable = any(i.assessed_at <= last.at < i.valid_to for i in case.incapacities)
            if child or unable or was_child or was_unable:
                continue
        else:
            grew_up = case.adult_on is not None and last.at.date() < case.adult_on <= today
            if grew_up or not stands or next(g for g in case.guardians if g.id == c.guardian_id).valid_from > last.at:
                continue
        counted.append(c)

    def at_the_border(c: Consent, land: str) -> bool:
        """Nothing crosses from where it is kept into another country without a yes that names both."""
        if land == kept or land not in world.countries:
            return True
        return c.leaves == kept and land in c.countries

    def is_allowed(field: str) -> bool:
        return all(
            any(
                FieldConsent(field=field, stage=world.stage) in c.fields
                and at_the_border(c, land)
                and c.guardian_id in speakers[land]
                for c in counted
            )
            for land in lands
        )

    def covers(land: str) -> bool:
        return any(at_the_border(c, land) and c.guardian_id in speakers[land] for c in counted)

    if not counted or not all(covers(land) for land in lands):
        return None
    rows = [f for f in world.sop.fields if f.stage == world.stage]
    present = {f for f, value in world.record.items() if value not in ("", None)}
    may = {f.field for f in rows if is_allowed(f.field)}
    needed = {f.field for f in rows if f.required}
    going = may & present & world.sendable
    in_force = world.sop.valid_from is not None and world.sop.valid_from <= today and world.sop.version is not None
    return frozenset(going) if in_force and needed <= going and going else None
