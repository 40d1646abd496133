"""The receipt of a consent: what the person keeps, in the fields of ISO/IEC TS 27560:2023. (R-11, R-20)

A JSON-able value, the same for the printed page and for the document; words come from outside, in the person's
language. No name and no value of the record stands in it: who finds the paper learns what was allowed, not whose. Of
whoever explained it stands the organisation and an opaque id, so that the person can ask after them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from graph.model.base import Code, Id, Language
from graph.model.consent import Consent, ConsentState

SCHEMA: Final = "https://w3id.org/dpv/schema/dpv-27560"
"""The published profile of ISO/IEC TS 27560:2023 that the field names follow."""

STATES: Final[Mapping[ConsentState, str]] = {
    ConsentState.REQUESTED: "dpv:ConsentRequested",
    ConsentState.GIVEN: "dpv:ConsentGiven",
    ConsentState.REFUSED: "dpv:ConsentRefused",
    ConsentState.WITHDRAWN: "dpv:ConsentWithdrawn",
    ConsentState.REVOKED: "dpv:ConsentRevoked",
    ConsentState.EXPIRED: "dpv:ConsentExpired",
    ConsentState.INVALIDATED: "dpv:ConsentInvalidated",
}


@dataclass(frozen=True, slots=True)
class Party:
    """An organisation as the person can find it."""

    id: Id
    name: str
    address: str
    contact: str
    """A function, never a person."""
    email: str | None = None
    phone: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class FieldWords:
    """A field of the catalogue in words."""

    label: str
    category: str
    sensitivity: int


@dataclass(frozen=True, slots=True)
class Words:
    """All sentences of a receipt, in one language."""

    language: Language
    notice_title: str
    purpose: str
    service: str
    retention: str
    withdrawal: str
    rights: str
    collection: str
    processing: str
    fields: Mapping[Code, FieldWords]
    modality: str
    given_by: str
    explained: str
    states: Mapping[ConsentState, str]
    crossing: str = ""
    """That the data leave a country for another, where they do. (R-42)"""


def receipt(
    consent: Consent,
    *,
    receipt_id: Id,
    holder: Party,
    recipient: Party,
    jurisdiction: Code,
    words: Words,
    at: datetime,
) -> dict[str, Any]:
    """The whole receipt as it stands at that instant: record, processing, parties, events. (R-11, R-20)"""
    return {
        "schema_version": SCHEMA,
        "record_id": consent.id,
        "receipt_id": receipt_id,
        "pii_principal_id": consent.case_id,
        "receipt_time": at.isoformat(),
        "pii_processing": _processing(consent, holder, recipient, jurisdiction, words),
        "party_identification": [_party(holder, "dpv:DataController"), _party(recipient, "dpv:Recipient")],
        "events": _events(consent, holder, words, at),
    }


def _processing(consent: Consent, holder: Party, recipient: Party, jurisdiction: Code, words: Words) -> dict[str, Any]:
    countries = sorted(consent.countries | {jurisdiction})
    notice = consent.notice
    return {
        "privacy_notice": {
            "id": notice.id,
            "version": notice.version,
            "language": notice.language,
            "sha256": notice.sha256,
            "title": words.notice_title,
        },
        "language": words.language,
        "explained_by": {"party_id": holder.id, "actor_id": consent.explained_by, "label": words.explained},
        "purposes": [
            {
                "purpose": words.purpose,
                "purpose_type": consent.purpose,
                "lawful_basis": "dpv:ExpressedConsent",
                "service": words.service,
                "pii_information": _information(consent, words),
                "pii_controllers": [holder.id],
                "recipient_third_parties": [recipient.id],
                "collection_method": words.collection,
                "processing_method": words.processing,
                "storage_locations": countries,
                "processing_locations": countries,
                "geographic_restrictions": countries,
                "crossings": [{"from": from_, "to": to} for from_, to in consent.crossings],
                "crossings_label": words.crossing,
                "retention_period": words.retention,
                "jurisdiction": jurisdiction,
                "withdrawal_method": words.withdrawal,
                "privacy_rights": words.rights,
                "authority_party": None,
            }
        ],
    }


def _information(consent: Consent, words: Words) -> list[dict[str, Any]]:
    """One row per field and stage, as they were listed when the person answered."""
    return [
        {
            "pii_attribute_id": row.field,
            "pii_type": words.fields[row.field].category,
            "label": words.fields[row.field].label,
            "stage": row.stage,
            "pii_optional": True,
            "sensitivity": words.fields[row.field].sensitivity,
            "sensitive_pii_category": words.fields[row.field].sensitivity >= 2,
            "special_pii_category": words.fields[row.field].sensitivity >= 3,
        }
        for row in sorted(consent.fields, key=lambda f: (f.stage, f.field))
    ]


def _party(party: Party, role: str) -> dict[str, Any]:
    return {
        "party_id": party.id,
        "party_name": party.name,
        "party_address": party.address,
        "party_contact": party.contact,
        "party_email": party.email,
        "party_phone": party.phone,
        "party_url": party.url,
        "party_role": role,
        "party_type": "organization",
    }


def _events(consent: Consent, holder: Party, words: Words, at: datetime) -> list[dict[str, Any]]:
    """What happened up to now, and the expiry that happens by itself. Who recorded it stays in the log."""
    past = [(event.at, event.state) for event in consent.events if event.at <= at]
    if consent.state(at=at) is ConsentState.EXPIRED and past[-1][1] is not ConsentState.EXPIRED:
        past.append((consent.expires_at, ConsentState.EXPIRED))
    return [
        {
            "event_time": when.isoformat(),
            "event_type": "dpv:ExpressedConsent",
            "event_state": STATES[state],
            "event_state_label": words.states[state],
            "valid_until": consent.expires_at.isoformat(),
            "validity_duration": f"P{max((consent.expires_at - when).days, 0)}D",
            "entity_id": holder.id,
            "given_by": words.given_by,
            "modality": words.modality,
        }
        for when, state in past
    ]
