"""May this leave, for this recipient and purpose, now? A permit that names its fields, or every reason why not. (R-11)

Deny by default: only a consent in force, given by who may decide, for exactly this organisation, purpose and stage.
A refusal of the person wins over any of them. What is then sent is computed in `consent.minimisation`; the one door
without consent is `consent.emergency`. Nothing else makes a `Permit`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Final, Self, get_args

from consent.capacity import Decider, can_decide, who_decides
from graph.model.base import Code, Id
from graph.model.case import Case
from graph.model.consent import LONGEST, Consent, ConsentState, Stage
from graph.model.directory import Suspension
from graph.model.disclosure import Basis
from graph.model.referral import Referral
from graph.model.refusal import Denied, Reason, Refusal
from graph.model.sop import Sop

NOT_GIVEN: Final[Mapping[ConsentState, Reason]] = {
    ConsentState.REQUESTED: Reason.CONSENT_REQUESTED,
    ConsentState.REFUSED: Reason.CONSENT_REFUSED,
    ConsentState.WITHDRAWN: Reason.CONSENT_WITHDRAWN,
    ConsentState.REVOKED: Reason.CONSENT_REVOKED,
    ConsentState.EXPIRED: Reason.CONSENT_EXPIRED,
    ConsentState.INVALIDATED: Reason.CONSENT_INVALIDATED,
}

SUSPENDED: Final[Mapping[str, Reason]] = {
    "service": Reason.SERVICE_SUSPENDED,
    "organization": Reason.ORGANIZATION_SUSPENDED,
    "area": Reason.AREA_SUSPENDED,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """The field codes that an SOP asks for at a stage. (R-10, R-12)"""

    required: frozenset[Code]
    optional: frozenset[Code]
    emergency: frozenset[Code]


def asked_by(sop: Sop, stage: Stage) -> Asked:
    """A field that stands twice is required if once; marked for emergencies only if always."""
    rows = [f for f in sop.fields if f.stage == stage]
    required = frozenset(f.field for f in rows if f.required)
    plain = frozenset(f.field for f in rows if not f.emergency)
    everything = frozenset(f.field for f in rows)
    return Asked(required, everything - required, everything - plain)


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody wants to send: whose, to whom, for what. Field codes only, never a value."""

    case: Case
    organization_id: Id
    purpose: Code
    stage: Stage
    countries: frozenset[Code]
    """Countries concerned, that of the recipient among them. The case's own always counts."""
    required: frozenset[Code]
    optional: frozenset[Code]
    emergency: frozenset[Code] = field(default_factory=frozenset)
    """Of these, what the SOP marks for emergencies: all that the door without consent lets through."""
    need_id: Id | None = None
    suspensions: tuple[Suspension, ...] = ()
    """Suspensions of the recipient, its service or the area, as found under the lock. (R-26)"""

    @classmethod
    def under(
        cls,
        sop: Sop,
        *,
        case: Case,
        referral: Referral,
        stage: Stage,
        countries: frozenset[Code],
        suspensions: Iterable[Suspension] = (),
    ) -> Self:
        """The request that a referral makes under an SOP: what a send asks, and what its preview asks."""
        asked = asked_by(sop, stage)
        return cls(
            case=case,
            organization_id=referral.responder_id,
            purpose=referral.purpose,
            stage=stage,
            countries=countries,
            required=asked.required,
            optional=asked.optional,
            emergency=asked.emergency,
            need_id=referral.need_id,
            suspensions=tuple(suspensions),
        )

    @property
    def everywhere(self) -> frozenset[Code]:
        """Every country in which somebody must be allowed to decide: where the person is, too."""
        return self.countries | {self.case.country, self.case.home}

    def crosses_into(self, country: Code) -> bool:
        """Sending takes what is recorded out of the country it is kept in, and into this one. (R-42)"""
        return country in self.countries and country != self.case.home


@dataclass(frozen=True, slots=True)
class Permit:
    """That these fields may leave for this recipient, at this instant and no other. Made in two places only."""

    case_id: Id
    organization_id: Id
    purpose: Code
    stage: Stage
    fields: frozenset[Code]
    basis: Basis
    decided_at: datetime
    until: datetime
    """When what it rests on ends: nobody reads the copy after that."""


def decide(request: Request, consents: Iterable[Consent], *, at: datetime) -> Permit | Refusal:
    """A permit for what the person allowed; refused where that is not enough, with whom to ask for what. (R-11, R-20)"""
    given = tuple(consents)
    decider = who_decides(request.case, purpose=request.purpose, countries=request.everywhere, at=at)
    need = _need_not_agreed(request, at=at)
    no = refused_by(given, request, decider, at=at)
    reasons = [*need, *standing(request, at=at), *decider.lacking, *no]
    ours = [c for c in given if _concerns(c, request)]
    good = [c for c in ours if _flaw(c, request.case, decider, at=at) is None]
    if not good:
        if not no:
            reasons += _why_none(ours, given, request, decider, at=at)
        return Refusal.of(reasons)
    by_country = {c: _covering(good, request, decider, c) for c in request.everywhere}
    reasons += [
        Denied(reason=Reason.CONSENT_NOT_ACROSS_BORDER, places={"country": country})
        for country, found in sorted(by_country.items())
        if not found
    ]
    if all(by_country.values()):
        reasons += _missing(request, by_country)
    if reasons:
        return Refusal.of(reasons)
    fields = _allowed(by_country, request.stage) & (request.required | request.optional)
    used = [c for c in good if not fields or not fields.isdisjoint(_fields(c, request.stage))]
    return Permit(
        case_id=request.case.id,
        organization_id=request.organization_id,
        purpose=request.purpose,
        stage=request.stage,
        fields=fields,
        basis=Basis(kind="consent", consent_ids=tuple(sorted(c.id for c in used))),
        decided_at=at,
        until=min(_ends(c, request.case, at=at) for c in used),
    )


def standing(request: Request, *, at: datetime) -> list[Denied]:
    """What stops every send, consented or not: a closed case, a suspended recipient, service or area. (R-26, R-40)"""
    reasons = []
    if request.case.closed_at is not None and request.case.closed_at <= at:
        reasons.append(Denied(reason=Reason.CASE_CLOSED, places={"date": request.case.closed_at.date().isoformat()}))
    for stop in request.suspensions:
        if stop.is_in_force(on=at.date()):
            until = stop.valid_to.isoformat() if stop.valid_to else "…"
            reasons.append(Denied(reason=SUSPENDED[stop.subject], places={"why": stop.reason, "date": until}))
    return reasons


def refused_by(consents: Iterable[Consent], request: Request, decider: Decider, *, at: datetime) -> list[Denied]:
    """A standing no, of the person or of who decides for them, for this recipient and purpose. It wins. (R-20)

    A barred guardian, or one who no longer stands, cannot block what a child needs. (R-24)
    """
    return [
        Denied(reason=Reason.CONSENT_REFUSED, places={"date": _latest(c, at).date().isoformat()})
        for c in consents
        if _concerns(c, request)
        and c.state(at=at) is ConsentState.REFUSED
        and (c.given_by == "self" or decider.stands(c.guardian_id))
    ][:1]


def _need_not_agreed(request: Request, *, at: datetime) -> list[Denied]:
    if request.need_id is None:
        return []
    agreed = any(n.id == request.need_id and n.is_agreed(at=at) for n in request.case.needs)
    return [] if agreed else [Denied(reason=Reason.NEED_NOT_AGREED)]


def _concerns(consent: Consent, request: Request) -> bool:
    return (
        consent.case_id == request.case.id
        and consent.organization_id == request.organization_id
        and consent.purpose == request.purpose
    )


def _latest(consent: Consent, at: datetime) -> datetime:
    return max((e.at for e in consent.events if e.at <= at), default=at)


def _given_at(consent: Consent, at: datetime) -> datetime:
    return max((e.at for e in consent.events if e.state is ConsentState.GIVEN and e.at <= at), default=at)


def _flaw(consent: Consent, case: Case, decider: Decider, *, at: datetime) -> Reason | None:
    """Why this consent does not count now; None where it does."""
    state = consent.state(at=at)
    if state is not ConsentState.GIVEN:
        not_yet = all(event.at > at for event in consent.events)
        return Reason.CONSENT_NOT_YET if not_yet else NOT_GIVEN[state]
    given_at = _given_at(consent, at)
    if at >= given_at + LONGEST:
        return Reason.CONSENT_EXPIRED
    if consent.modality == "spoken-before-witness" and consent.witness is None:
        return Reason.CONSENT_WITHOUT_WITNESS
    if decider.kind == "self":
        by_decider = consent.given_by == "self" and can_decide(case, at=given_at)
    else:
        guardian = next((g for g in case.guardians if g.id == consent.guardian_id), None)
        by_decider = (
            consent.given_by != "self"
            and guardian is not None
            and decider.stands(guardian.id)
            and guardian.valid_from <= given_at
        )
        if by_decider and case.is_child(on=given_at.date()) and not case.is_child(on=at.date()):
            return Reason.CONSENT_EXPIRED  # on the 18th birthday, also where somebody still stands for the person
    return None if by_decider else Reason.CONSENT_NOT_BY_DECIDER


def _why_none(
    ours: list[Consent], given: tuple[Consent, ...], request: Request, decider: Decider, *, at: datetime
) -> list[Denied]:
    """What became of each consent for this recipient and purpose; else that there is none."""
    flaws = dict.fromkeys(flaw for c in ours if (flaw := _flaw(c, request.case, decider, at=at)))
    if flaws:
        return [Denied(reason=flaw) for flaw in flaws]
    elsewhere = any(
        c.case_id == request.case.id and c.organization_id == request.organization_id and c.is_in_force(at=at)
        for c in given
    )
    return [Denied(reason=Reason.CONSENT_OTHER_PURPOSE if elsewhere else Reason.CONSENT_MISSING)]


def _covering(good: list[Consent], request: Request, decider: Decider, country: Code) -> list[Consent]:
    """The consents that hold in a country: given for that border, by who decides there. (R-24, R-42)"""
    return [
        c
        for c in good
        if (not request.crosses_into(country) or c.crosses(request.case.home, country))
        and (decider.kind == "self" or decider.stands(c.guardian_id, country=country))
    ]


def _fields(consent: Consent, stage: Stage) -> frozenset[Code]:
    return frozenset(f.field for f in consent.fields if f.stage == stage)


def _allowed(by_country: Mapping[Code, list[Consent]], stage: Stage) -> frozenset[Code]:
    """What is allowed in every country that is concerned."""
    sets = [frozenset[Code]().union(*(_fields(c, stage) for c in found)) for found in by_country.values()]
    return sets[0].intersection(*sets[1:])


def _missing(request: Request, by_country: Mapping[Code, list[Consent]]) -> list[Denied]:
    """Required fields that nobody allowed for this stage: named, so that the person can be asked. (R-10, R-11)"""
    missing = request.required - _allowed(by_country, request.stage)
    others: list[Stage] = [stage for stage in get_args(Stage) if stage != request.stage]
    later = missing & frozenset[Code]().union(*(_allowed(by_country, stage) for stage in others))
    return [
        Denied(reason=reason, places={"fields": tuple(sorted(fields))})
        for reason, fields in (
            (Reason.REQUIRED_NOT_PERMITTED, missing - later),
            (Reason.REQUIRED_AT_OTHER_STAGE, later),
        )
        if fields
    ]


def _ends(consent: Consent, case: Case, *, at: datetime) -> datetime:
    """The earliest end of what a consent rests on: its own, eighteen months, and that of somebody else's say. (R-24)"""
    ends = [consent.expires_at, _given_at(consent, at) + LONGEST]
    if consent.given_by != "self":
        ends += [g.valid_to for g in case.guardians if g.id == consent.guardian_id and g.valid_to is not None]
        if case.adult_on is not None and case.is_child(on=at.date()):
            ends.append(datetime.combine(case.adult_on, time.min, tzinfo=at.tzinfo))
        elif unable := [i.valid_to for i in case.incapacities if i.assessed_at <= at < i.valid_to]:
            ends.append(max(unable))
    return min(ends)
