"""The receipt has the fields that ISO/IEC TS 27560 asks for, in the person's language, and nothing about them. (R-11)"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any, Final

import pytest

from api.texts import text
from consent.receipt import FieldWords, Party, Words, receipt
from graph.model.base import Language
from graph.model.consent import ConsentState
from graph.seed.catalogue import fields
from graph.seed.notices import wording
from graph.seed.purposes import purposes
from tests.consent.worlds import DAY, NOW, consent_of, everything

HOLDER: Final = Party(
    id="holder", name="Casa de Acogida (demo)", address="Ciudad de Guatemala", contact="Punto focal",
    email="datos@example.org",
)  # fmt: skip
CLINIC: Final = Party(id="clinic", name="Clínica Norte (demo)", address="Cobán", contact="Coordinación clínica")

MANDATORY: Final = {
    "": {"schema_version", "record_id", "receipt_id", "pii_principal_id", "pii_processing", "party_identification", "events"},
    "pii_processing": {"privacy_notice", "language", "purposes"},
    "purposes": {
        "purpose", "pii_information", "pii_controllers", "storage_locations", "retention_period", "jurisdiction",
        "recipient_third_parties", "withdrawal_method",
    },
    "pii_information": {"pii_type"},
    "party_identification": {"party_id", "party_address", "party_name", "party_contact", "party_type"},
    "events": {"event_time", "validity_duration", "entity_id", "event_type", "event_state"},
}  # fmt: skip
"""What the standard's table marks as mandatory, by part."""


def words(language: Language) -> Words:
    shown = wording("sharing", 1, language)
    assert shown
    return Words(
        language=language,
        notice_title=shown.title,
        purpose=purposes()["health-care"].label(language),
        service="Atención de salud",
        retention=text("consent.receipt.retention", language, date="2027-02-19"),
        withdrawal=text("consent.receipt.withdrawal", language, holder=HOLDER.name),
        rights=text("consent.receipt.rights", language),
        collection=text("consent.receipt.collection", language),
        processing=text("consent.receipt.processing", language),
        fields={c: FieldWords(f.label(language), f.category, f.sensitivity) for c, f in fields().items()},
        modality=text("consent.modality.written", language),
        given_by=text("consent.given-by.self", language),
        explained=text("consent.receipt.explained", language, holder=HOLDER.name),
        states={s: text(f"consent.state.{s.value}", language) for s in ConsentState},
    )


def issued(language: Language = "es", **changes: Any) -> dict[str, Any]:
    consent = consent_of(everything("first-contact"), **changes)
    return receipt(
        consent,
        receipt_id="receipt-1",
        holder=HOLDER,
        recipient=CLINIC,
        jurisdiction="GT",
        words=words(language),
        at=NOW,
    )


@pytest.mark.parametrize("language", ["es", "en"])
def test_every_mandatory_field_is_there_and_filled(language: Language) -> None:
    found = issued(language)
    processing = found["pii_processing"]
    parts = {
        "": [found],
        "pii_processing": [processing],
        "purposes": processing["purposes"],
        "pii_information": processing["purposes"][0]["pii_information"],
        "party_identification": found["party_identification"],
        "events": found["events"],
    }
    for name, rows in parts.items():
        assert rows
        for row in rows:
            for key in MANDATORY[name]:
                assert row[key] not in (None, "", []), (name, key)
    assert json.loads(json.dumps(found, ensure_ascii=False)) == found
    assert not any("consent." in str(value) for value in json.dumps(found).split('"') if value.startswith("consent."))


def test_spanish_and_english_say_the_same_in_their_own_words() -> None:
    spanish, english = issued("es")["pii_processing"]["purposes"][0], issued("en")["pii_processing"]["purposes"][0]
    assert spanish.keys() == english.keys()
    for key in ("purpose", "withdrawal_method", "retention_period", "privacy_rights"):
        assert spanish[key] != english[key]
    assert [f["pii_attribute_id"] for f in spanish["pii_information"]] == sorted(
        f.field for f in everything("follow-up")
    )


def test_events_tell_what_became_of_it_up_to_the_instant() -> None:
    withdrawn = issued(state=ConsentState.WITHDRAWN)
    assert [e["event_state"] for e in withdrawn["events"]] == ["dpv:ConsentGiven", "dpv:ConsentWithdrawn"]
    later = issued(state=ConsentState.WITHDRAWN, changed=NOW + timedelta(seconds=1))
    assert [e["event_state"] for e in later["events"]] == ["dpv:ConsentGiven"]
    expired = issued(state=ConsentState.EXPIRED)
    assert [e["event_state_label"] for e in expired["events"]] == ["Dado", "Vencido"]
    assert expired["events"][-1]["event_time"] == (NOW - timedelta(hours=2)).isoformat()


def test_it_names_the_countries_where_the_data_will_be_and_the_sensitive_fields() -> None:
    found = issued(countries=frozenset({"MX"}))["pii_processing"]["purposes"][0]
    assert found["storage_locations"] == ["GT", "MX"]
    assert found["crossings"] == [{"from": "GT", "to": "MX"}]
    assert issued()["pii_processing"]["purposes"][0]["crossings"] == []
    special = {f["pii_attribute_id"] for f in found["pii_information"] if f["special_pii_category"]}
    assert "health_condition" in special
    assert "given_name" not in special


def test_who_explained_it_stands_in_it_and_who_recorded_and_witnessed_it_do_not() -> None:
    found = issued(given=NOW - DAY, witness="canary-witness", explained_by="who-explained")
    explained = found["pii_processing"]["explained_by"]
    assert (explained["party_id"], explained["actor_id"]) == (HOLDER.id, "who-explained")
    assert HOLDER.name in explained["label"]
    assert "canary" not in json.dumps(found)
    assert "manager" not in json.dumps(found)
