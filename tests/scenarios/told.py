"""What a scenario may say, and the plain values it stands for. Unknown words are refused, so that a slip is seen.

Days count from the day of the story, 21 November 2026; recipients and people are fictional.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from pydantic import Field

from consent.capacity import who_decides
from consent.decision import Permit, Request, decide
from consent.emergency import permit_without_consent
from consent.household import Together, go_together
from consent.minimisation import disclose
from graph.model.actor import Credential, CredentialKind
from graph.model.base import Model
from graph.model.case import BestInterests, Case, ChildView, Guardianship, Incapacity, Need
from graph.model.consent import (
    Attestation,
    Consent,
    ConsentEvent,
    ConsentState,
    FieldConsent,
    Ground,
    NoticeShown,
    Stage,
)
from graph.model.directory import Suspension
from graph.model.disclosure import Disclosure
from graph.model.referral import Referral
from graph.model.refusal import Refusal
from graph.model.sop import Sop, SopField

NOW: Final = datetime(2026, 11, 21, 15, tzinfo=UTC)
DAY: Final = timedelta(days=1)
HOME: Final = "GT"
SENDABLE: Final = frozenset({"given_name", "telephone", "health_condition", "address"})


class ToldConsent(Model):
    """What somebody said to an organisation."""

    state: ConsentState = ConsentState.GIVEN
    recipient: str = "clinica_norte_demo"
    purpose: str = "health-care"
    fields: list[str] | Literal["all"] = "all"
    stage: Stage = "first-contact"
    by: str = "self"
    of: str = "ana"
    days_ago: int = 10
    days_left: int = 90
    countries: list[str] = []
    modality: Literal["written", "spoken-before-witness", "thumbprint", "digital"] = "written"
    witness: str | None = None


class ToldGuardian(Model):
    """Somebody who says they stand for the person."""

    id: str
    kind: Literal["parent", "guardian", "lawful-representative", "child-protection-authority"] = "parent"
    document: str | None = "birth-certificate"
    barred: bool = False
    countries: list[str] = [HOME]
    purposes: list[str] | None = None
    days_left: int | None = None


class ToldSop(Model):
    """What the provider's procedure asks for."""

    required: list[str] = ["given_name"]
    optional: list[str] = ["telephone", "health_condition"]
    emergency: list[str] = []
    follow_up: list[str] = []
    in_force: bool = True


class ToldAttestation(Model):
    """What a professional attested, and who they are."""

    ground: Ground = Ground.SUICIDE_RISK
    assessor: str = "psychologist"
    profession: CredentialKind | None = "mental-health"
    credential: Literal["good", "revoked", "expired", "issued-by-one", "issued-to-oneself"] = "good"
    hours_ago: float = 2
    representative_reachable: bool = False
    requested_by: Literal["organisation", "relative"] = "organisation"
    relation: str | None = None
    recipient: str = "clinica_norte_demo"


class Given(Model):
    """The circumstances. What is not said is as it should be; only a consent must be told."""

    person: Literal["adult", "child", "unable"] = "adult"
    days_to_18: int | None = None
    closed: bool = False
    need_agreed: bool = True
    consent: ConsentState | None = None
    consents: list[ToldConsent] = []
    guardians: list[ToldGuardian] = []
    separated: bool = False
    child_said: Literal["yes", "no", "nothing", "no-after-the-decision"] | None = "yes"
    best_interests: list[str] = [HOME]
    recipient: str = "clinica_norte_demo"
    purpose: str = "health-care"
    stage: Stage = "first-contact"
    countries: list[str] = [HOME]
    suspended: list[Literal["area", "organization", "service"]] = []
    sop: ToldSop = ToldSop()
    record: list[str] = ["given_name", "telephone", "health_condition", "address"]
    attestation: ToldAttestation | None = None
    sender: str = "case_manager"
    family: list[str] = []


class Then(Model):
    """What must come of it; only what is told is compared."""

    sent: set[str] | None = None
    left_out: set[str] | None = None
    refused: set[str] | None = None
    ask_for: set[str] | None = None
    decides: Literal["self", "guardians", "authority", "nobody"] | None = None
    carried: set[str] | None = None


class Scenario(Model):
    """One sentence a committee could argue about."""

    name: str
    cites: list[str] = Field(min_length=1)
    given: Given
    when: Literal["send", "send without consent", "send together", "ask who decides"]
    then: Then


def told(scenario: Scenario) -> Then:
    """What came of it, in the same words."""
    given = scenario.given
    if scenario.when == "ask who decides":
        who = who_decides(case(given), purpose=given.purpose, countries=frozenset(given.countries), at=NOW)
        return Then(decides=who.kind, refused={d.reason.value for d in who.lacking})
    consents = [consent(c, n) for n, c in enumerate(said(given))]
    if scenario.when == "send together":
        family = [request(given, case(given, id)) for id in given.family]
        verdicts = {asked.case.id: decide(asked, consents, at=NOW) for asked in family}
        outcome = go_together(verdicts, stays_together=False)
        return Then(carried=set(outcome.carried) if isinstance(outcome, Together) else set())
    asked = request(given, case(given))
    if scenario.when == "send":
        permit = decide(asked, consents, at=NOW)
    else:
        word, credential = attested(given)
        permit = permit_without_consent(asked, word, credential, sender_id=given.sender, at=NOW, consents=consents)
    return answered(given, permit)


def answered(given: Given, permit: Permit | Refusal) -> Then:
    answer: Disclosure | Refusal = (
        permit
        if isinstance(permit, Refusal)
        else disclose(
            {field: f"value of {field}" for field in given.record},
            sop(given.sop),
            permit,
            referral=referral(given),
            stage=given.stage,
            id="disclosure",
            at=NOW,
            sendable=SENDABLE,
        )
    )
    if isinstance(answer, Refusal):
        fields = {f for d in answer.reasons for f in d.places.get("fields", ())}
        return Then(refused={code.value for code in answer.codes}, ask_for=fields, sent=set())
    return Then(sent=set(answer.payload), left_out=set(answer.withheld), refused=set(), ask_for=set())


def said(given: Given) -> list[ToldConsent]:
    short = (
        [ToldConsent(state=given.consent, recipient=given.recipient, purpose=given.purpose)] if given.consent else []
    )
    return [*short, *given.consents]


def consent(told: ToldConsent, number: int) -> Consent:
    began = NOW - told.days_ago * DAY
    first = told.state if told.state in (ConsentState.REQUESTED, ConsentState.REFUSED) else ConsentState.GIVEN
    events = [ConsentEvent(state=first, at=began, by="case_manager")]
    if told.state not in (first, ConsentState.EXPIRED):
        events.append(ConsentEvent(state=told.state, at=NOW - timedelta(minutes=1), by="case_manager"))
    fields = ["given_name", "telephone", "health_condition", "address"] if told.fields == "all" else told.fields
    return Consent(
        id=f"consent-{number}",
        case_id=told.of,
        organization_id=told.recipient,
        purpose=told.purpose,
        fields=frozenset(FieldConsent(field=f, stage=told.stage) for f in fields),
        given_by="self" if told.by == "self" else "guardian",
        guardian_id=None if told.by == "self" else told.by,
        countries=frozenset(told.countries),
        leaves=HOME if told.countries else None,
        notice=NoticeShown(id="sharing", version=1, language="es", sha256="0" * 64),
        explained_by="case_manager",
        modality=told.modality,
        witness=told.witness,
        expires_at=NOW if told.state is ConsentState.EXPIRED else NOW + told.days_left * DAY,
        events=tuple(events),
    )


def case(given: Given, id: str = "ana") -> Case:
    days = given.days_to_18 if given.days_to_18 is not None else 1500 if given.person == "child" else None
    unable = Incapacity(id="i", assessed_by="doctor", assessed_at=NOW - DAY, valid_to=NOW + 30 * DAY)
    heard = NOW - (1 if given.child_said == "no-after-the-decision" else 9) * DAY
    agrees = {"yes": True, "nothing": None}.get(given.child_said or "", False)
    view = ChildView(id="view", heard_at=heard, heard_by="officer", agrees=agrees)
    return Case(
        id=id,
        person_id=f"person-{id}",
        stream=f"stream-{id}",
        organization_id="holder_demo",
        team=frozenset({"case_manager"}),
        country=HOME,
        area="GT0101",
        adult_on=None if days is None else NOW.date() + days * DAY,
        separated=given.separated,
        needs=(Need(id="need", service_type="social.health.care", agreed_at=NOW - DAY if given.need_agreed else None),),
        guardians=tuple(guardian(g) for g in given.guardians),
        best_interests=tuple(
            BestInterests(id=f"b-{c}", country=c, determined_at=NOW - 5 * DAY, determined_by="officer")
            for c in given.best_interests
        ),
        child_views=(view,) if given.child_said else (),
        incapacities=(unable,) if given.person == "unable" else (),
        opened_at=NOW - 60 * DAY,
        closed_at=NOW - DAY if given.closed else None,
    )


def guardian(told: ToldGuardian) -> Guardianship:
    return Guardianship(
        id=told.id,
        kind=told.kind,
        countries=frozenset(told.countries),
        purposes=None if told.purposes is None else frozenset(told.purposes),
        document=told.document,
        barred=told.barred,
        valid_from=NOW - 400 * DAY,
        valid_to=None if told.days_left is None else NOW + told.days_left * DAY,
    )


def referral(given: Given) -> Referral:
    return Referral(
        id="referral",
        case_id="ana",
        need_id="need",
        service_id="service",
        requester_id="holder_demo",
        responder_id=given.recipient,
        purpose=given.purpose,
        created_at=NOW,
    )


def sop(told: ToldSop) -> Sop:
    first = [*told.required, *told.optional]
    rows = [
        SopField(field=f, stage="first-contact", required=f in told.required, emergency=f in told.emergency)
        for f in first
    ]
    rows += [SopField(field=f, stage="follow-up", required=True) for f in told.follow_up]
    began, ended = NOW.date() - 100 * DAY, None if told.in_force else NOW.date() - DAY
    return Sop(id="sop", service_id="service", version=1, valid_from=began, valid_to=ended, fields=tuple(rows))


def request(given: Given, of: Case) -> Request:
    return Request.under(
        sop(given.sop),
        case=of,
        referral=referral(given),
        stage=given.stage,
        countries=frozenset(given.countries),
        suspensions=[
            Suspension(id=s, subject=s, subject_id="x", reason="security", valid_from=NOW.date())
            for s in given.suspended
        ],
    )


def attested(given: Given) -> tuple[Attestation | None, Credential | None]:
    told = given.attestation
    if told is None:
        return None, None
    word = Attestation(
        id="attestation",
        case_id="ana",
        organization_id=told.recipient,
        ground=told.ground,
        requested_by=told.requested_by,
        relation=told.relation,
        representative_reachable=told.representative_reachable,
        assessor_id=told.assessor,
        credential_id="credential",
        assessed_at=NOW - timedelta(hours=told.hours_ago),
    )
    if told.profession is None:
        return word, None
    issuers = {"issued-by-one": ("admin", "admin"), "issued-to-oneself": ("admin", told.assessor)}
    credential = Credential(
        id="credential",
        actor_id=told.assessor,
        kind=told.profession,
        issued_by=issuers.get(told.credential, ("admin", "other_admin")),
        valid_from=NOW - 400 * DAY,
        valid_to=NOW - DAY if told.credential == "expired" else NOW + 400 * DAY,
        revoked_at=NOW - timedelta(hours=1) if told.credential == "revoked" else None,
    )
    return word, credential
