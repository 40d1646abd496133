"""The clinic serves the third person after all, and both sides say so. (R-12, R-14, R-50)"""

from __future__ import annotations

from api.cli.story.checks import Checks, Step, Tale
from api.cli.story.line import Answer
from api.cli.story.persons import drafted

WAY = (("accept", None), ("start", None), ("complete", "delivered"))


def _play(tale: Tale, checks: Checks) -> Answer:
    manager, clinic, case = tale.cast.manager, tale.cast.clinic, tale.kept["third-case"]
    referral = drafted(tale, case, tale.kept["third-need"])["referral_id"]
    manager.post(f"/referrals/{referral}/send")
    early = clinic.tries("POST", f"/referrals/{referral}/steps", {"step": "complete", "reason": "delivered"})
    open_now = [step["step"] for step in clinic.get(f"/referrals/{referral}").body["steps"]]
    checks.that(
        "no-step-skipped",
        early.status == 409 and early.reasons == ["step-not-open"] and open_now == ["accept", "reject", "cancel"],
        steps=", ".join(open_now),
    )
    stood = []
    for step, reason in WAY:
        wish = {"step": step} | ({"reason": reason} if reason else {})
        stood.append(clinic.post(f"/referrals/{referral}/steps", wish).body["status"])
    checks.that("served", stood == ["accepted", "in-progress", "completed"])
    before = manager.get(f"/referrals/{referral}").body
    said = manager.put(f"/referrals/{referral}/outcome", {"outcome": "served"})
    checks.that(
        "both-say-the-same",
        (before["provider_outcome"], before["agreed"]) == ("served", None)
        and (said.body["person_outcome"], said.body["agreed"], said.body["follow_up_id"]) == ("served", True, None),
    )
    kinds = [entry["kind"] for entry in tale.entries(tale.kept["third-stream"]) if entry.get("referral") == referral]
    checks.that(
        "whole-way-stands",
        [k for k in kinds if k != "refused-attempt"]
        == ["referral-drafted", "transfer", "referral-accepted", "referral-started", "referral-completed",
            "outcome-said"],
    )  # fmt: skip
    doors = [("GET", f"/referrals/{referral}")]
    checks.that("life-not-theirs", not tale.outsider_sees(*doors))
    tale.kept["third-referral"] = referral
    return said


STEP = Step(
    "confirmed-both",
    ("no-step-skipped", "served", "both-say-the-same", "whole-way-stands", "life-not-theirs"),
    _play,
)
