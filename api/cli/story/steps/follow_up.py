"""While the clinic serves: what the follow-up asks for leaves under a yes of its own, and the clinic reports back. (R-13)"""

from __future__ import annotations

from typing import Final

from api.cli.story.checks import Checks, Step, Tale
from api.cli.story.line import Answer
from api.cli.story.persons import PURPOSE, THIRD, drafted

LATER: Final = ("person_wishes",)
"""The SOP of the clinic's counselling needs this at the follow-up; it is recorded."""

NOTE: Final = "vino contenta; quiere otra cita"


def _play(tale: Tale, checks: Checks) -> Answer:
    manager, clinic, case = tale.cast.manager, tale.cast.clinic, tale.kept["third-case"]
    referral = drafted(tale, case, tale.kept["third-need"])["referral_id"]
    manager.post(f"/referrals/{referral}/send")
    for step in ("accept", "start"):
        clinic.post(f"/referrals/{referral}/steps", {"step": step})
    refused = manager.tries("POST", f"/referrals/{referral}/follow-up-send")
    checks.that(
        "first-yes-is-not-enough",
        refused.status == 409 and refused.reasons == ["required-not-permitted"],
        reasons=", ".join(refused.reasons),
    )
    about = {"organization_id": clinic.organization_id, "purpose": PURPOSE, "modality": "written"}
    manager.post(f"/cases/{case}/consents", about | {"fields": LATER, "stages": ["follow-up"]}, status=201)
    sent = manager.post(f"/referrals/{referral}/follow-up-send")
    checks.that("only-the-follow-up-left", sent.body["fields"] == list(LATER), fields=", ".join(sent.body["fields"]))
    opened = {
        stage: clinic.post(f"/received/{referral}/opening", {"stage": stage}).body["payload"]
        for stage in ("first-contact", "follow-up")
    }
    checks.that(
        "each-copy-for-itself",
        opened["follow-up"] == {field: THIRD[field] for field in LATER}
        and not set(LATER) & set(opened["first-contact"]),
    )
    said = {"duties": ["attendance-report"], "attended": True, "note": NOTE}
    given = clinic.post(f"/referrals/{referral}/reports", said, status=201)
    read = manager.get(f"/referrals/{referral}/reports").body
    shut = clinic.tries("GET", f"/referrals/{referral}/reports").status == 404
    checks.that(
        "note-for-the-team-alone",
        [(row["attended"], row["note"]) for row in read] == [(True, NOTE)] and shut and NOTE not in given.said,
    )
    entries = [e for e in tale.entries(tale.kept["third-stream"]) if e.get("referral") == referral]
    stages = [e["stage"] for e in entries if e["kind"] == "transfer"]
    kinds = [e["kind"] for e in entries]
    checks.that(
        "exchange-stands",
        stages == ["first-contact", "follow-up"] and kinds[-2:] == ["report-given", "report-read"],
    )
    clinic.post(f"/referrals/{referral}/steps", {"step": "complete", "reason": "delivered"})
    checks.that("reports-not-theirs", not tale.outsider_sees(("GET", f"/referrals/{referral}/reports")))
    return sent


STEP = Step(
    "follow-up",
    (
        "first-yes-is-not-enough",
        "only-the-follow-up-left",
        "each-copy-for-itself",
        "note-for-the-team-alone",
        "exchange-stands",
        "reports-not-theirs",
    ),
    _play,
)
