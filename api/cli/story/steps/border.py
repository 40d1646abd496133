"""Somebody abroad prepares to return: matched before a name, sent with consent for that border, stopped whole. (R-04, R-42)"""

from __future__ import annotations

from typing import Any, Final

from api.cli.story.checks import Checks, Step, Tale
from api.cli.story.line import Answer
from api.cli.story.persons import ALLOWED, FIRST, NEED, PURPOSE, tells_of

ABROAD: Final[dict[str, Any]] = FIRST | {
    "municipality": "MX02004",
    "given_name": "Persona Cuatro (ficticia)",
    "safe_contact_way": "por la oficina del albergue",
    "mental_health_summary": "teme el regreso",
    "telephone": "5550-0004",
    "address": "un cuarto que no existe",
}
RETURNS_TO: Final = "GT0901"
BORDER: Final = {"from": "MX", "to": "GT"}
BECAUSE: Final = "where-the-person-goes"


def _play(tale: Tale, checks: Checks) -> Answer:
    host, clinic, service = tale.cast.host, tale.cast.clinic, tale.kept["service"]
    case = host.post("/cases", {"data": ABROAD}, status=201).body["case_id"]
    need = host.post(f"/cases/{case}/needs", {"service_type": NEED}).body["id"]
    host.post(f"/cases/{case}/needs/{need}/agreement")
    found = host.post(f"/cases/{case}/needs/{need}/suggestions", {"area": RETURNS_TO}).body["suggested"]
    checks.that("fits-over-there", service in [one["service"]["id"] for one in found], n=len(found))

    def sending() -> tuple[str, Answer]:
        wish = {"need_id": need, "service_id": service, "chosen_because": BECAUSE}
        referral = host.post(f"/cases/{case}/referrals", wish, status=201).body["referral_id"]
        return referral, host.tries("POST", f"/referrals/{referral}/send")

    about = {"organization_id": clinic.organization_id, "purpose": PURPOSE, "modality": "written"}
    said = {**about, "fields": list(ALLOWED)}
    host.post(f"/cases/{case}/consents", said, status=201)
    _, stays = sending()
    checks.that("nothing-crosses-unasked", stays.status == 409 and "consent-not-across-border" in stays.reasons)
    given = host.post(f"/cases/{case}/consents", said | {"countries": ["GT"]}, status=201).body["consent_id"]
    (purpose,) = host.get(f"/consents/{given}/receipt").body["pii_processing"]["purposes"]
    checks.that("receipt-names-the-border", purpose["crossings"] == [BORDER])
    leaving = f"/cases/{case}/departure"
    journey = {"to": "GT", "on": "2027-06-01", "receiver_id": clinic.organization_id}
    planned = host.post(leaving, journey, status=201).body["departure"]["id"]
    expected = clinic.get("/arrivals")
    unnamed = case not in expected.said and not tells_of(expected, ABROAD)
    checks.that("expected-without-a-name", planned in [row["id"] for row in expected.body] and unnamed)
    referral, sent = sending()
    crossed = sent.status == 200 and sorted(sent.body["fields"]) == sorted(ALLOWED)
    checks.that("crosses-with-consent", crossed, fields=", ".join(ALLOWED))
    halted = host.post(f"{leaving}/word", {"word": "did-not-depart"})
    ended = referral in halted.body["cancelled"] and given in halted.body["consent_ids"]
    checks.that("not-departing-stops-all", ended, n=len(halted.body["cancelled"]))
    shut, late = clinic.tries("POST", f"/received/{referral}/opening"), sending()[1]
    checks.that("nothing-sent-or-read-after", (shut.status, late.status) == (409, 409), reasons=", ".join(late.reasons))
    host.post(f"/cases/{case}/consents", said | {"countries": ["GT"]}, status=201)
    again = host.post(leaving, journey, status=201).body["departure"]["id"]
    host.post(f"{leaving}/word", {"word": "departed"})
    arrived = clinic.post(f"/arrivals/{again}/confirmation").body["departure"]
    checks.that("both-sides-saw-it", arrived["confirmed_by_both"] is True and arrived["state"] == "arrived")
    doors = [("GET", leaving), ("POST", f"/arrivals/{again}/confirmation")]
    checks.that("journey-not-theirs", not tale.outsider_sees(*doors))
    return halted


STEP = Step(
    "border",
    (
        "fits-over-there",
        "nothing-crosses-unasked",
        "receipt-names-the-border",
        "expected-without-a-name",
        "crosses-with-consent",
        "not-departing-stops-all",
        "nothing-sent-or-read-after",
        "both-sides-saw-it",
        "journey-not-theirs",
    ),
    _play,
)
