"""The SOP versions of a demo service: the skeleton of its kind, filled with what the service itself asks. (R-10 to R-15)"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final

from graph.model.base import Id
from graph.model.sop import Clocks, Costs, Eligibility, Feedback, NationalityRule, Sop, SopContact, SopField
from graph.seed.demo.entries import UNSTATED, ServiceEntry, Skeleton, skeletons

FIRST_DAY: Final = date(2026, 1, 15)
LAST_DAY: Final = date(2029, 12, 31)
"""The versions in force hold for years, so that the demo works whenever it is loaded."""

EVERYONE: Final = ("female", "male", "other")
ASSESSED: Final = "assessed"
"""Among the factors: the provider assesses whoever has none of them."""


def skeleton_of(service_type: str) -> tuple[str, Skeleton]:
    """The skeleton whose kinds come closest to the type."""
    fits = [
        (len(kind), name)
        for name, skeleton in skeletons().skeletons.items()
        for kind in skeleton.kinds
        if service_type == kind or service_type.startswith(kind + ".")
    ]
    name = max(fits)[1]
    return name, skeletons().skeletons[name]


def fees(entry: ServiceEntry) -> tuple[str, str]:
    """What the person pays, in both languages: nothing, but for credit. (R-15)"""
    if entry.types[0] == "economic.finance.credit":
        return (
            "Interés según reglamento, dicho por escrito antes de firmar",
            "Interest by the rules, told in writing first",
        )
    return "Sin costo para la persona", "Free of charge for the person"


def versions(
    entry: ServiceEntry,
    *,
    service_id: Id,
    organization: tuple[str, str],
    currency: str,
    email: str,
    phone: str,
    id_of: Callable[[str, str], Id],
) -> tuple[Sop, ...]:
    """All versions of the SOP of a service. `organization` is its name in Spanish and English."""
    if entry.sop in ("none", "no-referrals") and (entry.nationals or entry.papers or entry.for_whom or entry.genders):
        raise ValueError(f"{entry.k}: rules are stated, but no SOP holds them")
    if entry.sop == "none":
        return ()
    if entry.sop == "no-referrals":
        return (
            Sop(
                id=id_of("sop", f"{service_id}/0"),
                service_id=service_id,
                accepts_referrals=False,
                referral_needed=False,
            ),
        )

    def version(number: int | None, starts: date | None, ends: date | None) -> Sop:
        _, skeleton = skeleton_of(entry.types[0])
        fields, english_how, english_consent = _fields(skeleton), skeleton.how[1], skeleton.consent[1]
        return Sop(
            id=id_of("sop", f"{service_id}/{number or 0}"),
            service_id=service_id,
            version=number,
            valid_from=starts,
            valid_to=ends,
            accepts_referrals=entry.referrals,
            referral_needed="social.arrival" not in skeleton.kinds,
            methods=skeleton.methods,
            response_time=skeleton.response,
            first_response=skeleton.first,
            feedback=Feedback.model_validate(skeleton.feedback),
            eligibility=eligibility(entry),
            fields=fields if number != 1 or entry.sop != "two-versions" else fields[:3],
            contacts=_contacts(skeleton, email=email, phone=phone),
            clocks=Clocks(**skeleton.clocks),
            priorities=skeleton.priorities,
            how_provided=skeleton.how[0],
            consent_wording=skeleton.consent[0].format(organization=organization[0]),
            follow_up=skeleton.follow_up,
            documents_kept=skeleton.documents,
            costs=_costs(entry, skeleton, currency),
            half_life_days=skeleton.half_life,
            translations={
                "en": {
                    "how_provided": english_how,
                    "consent_wording": english_consent.format(organization=organization[1]),
                }
            },
        )

    match entry.sop:
        case "expired":
            return (version(1, date(2024, 2, 1), date(2026, 6, 30)),)
        case "undated":
            return (version(None, None, None),)
        case "two-versions":
            return (version(1, date(2025, 1, 15), date(2026, 3, 31)), version(2, date(2026, 4, 1), LAST_DAY))
        case _:
            return (version(1, FIRST_DAY, LAST_DAY),)


def eligibility(entry: ServiceEntry) -> Eligibility:
    """Who may be referred: all, unless the entry names factors; every gender, unless it names some."""
    factors = () if entry.for_whom in (None, UNSTATED) else tuple(entry.for_whom or ())
    genders = EVERYONE if entry.genders is None else None if entry.genders == UNSTATED else tuple(entry.genders)
    return Eligibility(
        nationality=NationalityRule(in_=entry.nationals) if entry.nationals else None,
        documents_any_of=entry.papers,
        open_to_all=None if entry.for_whom == UNSTATED else not factors,
        scored=ASSESSED in factors,
        any_factor=tuple(factor for factor in factors if factor != ASSESSED),
        genders=genders,
    )


def _fields(skeleton: Skeleton) -> tuple[SopField, ...]:
    why = skeletons().why
    first = [
        SopField(
            field=field,
            stage="first-contact",
            required=need == "required",
            emergency=field in skeleton.emergency,
            why_needed=why[field][0],
            translations={"en": {"why_needed": why[field][1]}},
        )
        for field, need in skeleton.first_contact.items()
    ]
    later = [
        SopField(
            field=field,
            stage="follow-up",
            required=need == "required",
            why_needed=why[field][0],
            translations={"en": {"why_needed": why[field][1]}},
        )
        for field, need in skeleton.follow.items()
    ]
    return (*first, *later)


def _contacts(skeleton: Skeleton, *, email: str, phone: str) -> tuple[SopContact, ...]:
    known = skeletons().contacts
    return tuple(
        SopContact(
            name=known[name].es,
            channel=known[name].channel,
            address=phone if known[name].channel == "telephone" else email,
            availability=known[name].availability,
            opens_at=known[name].opens,
            closes_at=known[name].closes,
            response_time=known[name].responds,
            translations={"en": {"name": known[name].en}},
        )
        for name in skeleton.contacts
    )


def _costs(entry: ServiceEntry, skeleton: Skeleton, currency: str) -> Costs:
    ceiling = skeleton.ceiling.get(currency)
    return Costs(
        payer="programme" if entry.program else skeleton.payer,
        ceiling=ceiling,
        currency=currency if ceiling is not None else None,
        shared_arrangements=skeleton.shared,
    )
