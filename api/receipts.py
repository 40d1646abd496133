"""The receipt of a consent in words, for both faces; and the sign on the printed one. (R-11, R-20)

What stands in a receipt is `consent.receipt`. The sign leads to an opaque reference: without signing in, to nothing.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import segno

from api import conventions
from api.actions.receipts import Held
from api.texts import text
from consent.receipt import FieldWords, Party, Words, receipt
from graph.model.base import Language
from graph.model.consent import ConsentState
from graph.model.directory import Organization
from graph.seed.catalogue import fields
from graph.seed.notices import wording
from graph.seed.purposes import purposes
from graph.seed.vocabulary import label


def in_words(held: Held, language: Language, *, at: datetime) -> dict[str, Any]:
    """The receipt as it stands at that instant, as a document."""
    consent = held.consent
    return receipt(
        consent,
        receipt_id=consent.receipt_id or consent.id,
        holder=_party(held.holder, language),
        recipient=_party(held.recipient, language),
        jurisdiction=held.jurisdiction,
        words=_words(held, language),
        at=at,
    )


def _words(held: Held, language: Language) -> Words:
    consent = held.consent
    purpose = purposes()[consent.purpose]
    shown = wording(consent.notice.id, consent.notice.version, consent.notice.language)
    holder = name_of(held.holder, language)
    return Words(
        language=language,
        notice_title=shown.title if shown else consent.notice.id,
        purpose=purpose.label(language),
        service="; ".join(label("service-types", code, language) for code in purpose.service_types),
        retention=text("consent.receipt.retention", language, date=day(consent.expires_at.date(), language)),
        withdrawal=text("consent.receipt.withdrawal", language, holder=holder),
        rights=text("consent.receipt.rights", language),
        collection=text("consent.receipt.collection", language),
        processing=text("consent.receipt.processing", language),
        fields={c: FieldWords(f.label(language), f.category, f.sensitivity) for c, f in fields().items()},
        modality=text(f"consent.modality.{consent.modality}", language),
        given_by=text(f"consent.given-by.{consent.given_by}", language),
        explained=text("consent.receipt.explained", language, holder=holder),
        crossing=crossing(consent.crossings, language),
        states={state: text(f"consent.state.{state.value}", language) for state in ConsentState},
    )


def crossing(borders: tuple[tuple[str, str], ...], language: Language) -> str:
    """That data leave a country for others, in words; nothing where they cross no border. (R-42)"""
    if not borders:
        return ""
    places = {"home": label("countries", borders[0][0], language)}
    return text(
        "consent.crossing", language, to=", ".join(label("countries", to, language) for _, to in borders), **places
    )


def _party(organization: Organization, language: Language) -> Party:
    """An organisation as the directory tells of it. Its places are its services' affair, and some are sealed. (R-26)"""
    return Party(
        id=organization.id,
        name=name_of(organization, language),
        address=text("consent.receipt.address", language),
        contact=text("consent.receipt.contact", language),
        email=organization.email,
        url=organization.website,
    )


def name_of(organization: Organization, language: Language) -> str:
    """Its name in the reader's language where it was translated."""
    return str(organization.translations.get(language, {}).get("name") or organization.name)


def day(value: date, language: Language) -> str:
    """A day in words."""
    return conventions.day(value, conventions.locale_of(language))


def sign(address: str) -> str:
    """The sign (QR) for an address, as a drawing to stand in a page: black on white, whatever the reader's colours."""
    made = segno.make(address, error="m", micro=False)
    return made.svg_inline(scale=1, border=4, dark="#000", light="#fff", omitsize=True, svgclass="sign")
