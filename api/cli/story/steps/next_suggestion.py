"""What comes next is already there: the same need, suggested anew, without who never answered. (R-05, R-14)"""

from __future__ import annotations

from api.cli.story.checks import Checks, Step, Tale
from api.cli.story.line import Answer
from api.cli.story.quick import SERVICE


def _play(tale: Tale, checks: Checks) -> Answer:
    manager, referral = tale.cast.manager, tale.kept["fourth-referral"]
    due = manager.get("/due").body["items"]
    waits = [item["what"] for item in due if item["referral_id"] == referral and item["waits_for_me"]]
    checks.that("waits-for-the-team", "next-suggestion" in waits, tasks=", ".join(waits))
    found = manager.get(f"/referrals/{referral}/next")
    services = [one["service"]["id"] for one in found.body["suggested"]]
    checks.that("somebody-else-fits", tale.kept["service"] in services, n=len(services))
    every = services + [one["service"]["id"] for one in found.body["ruled_out"]]
    checks.that("without-who-was-silent", SERVICE not in every)
    shut = tale.cast.clinic.tries("GET", f"/referrals/{referral}/next").status == 404
    checks.that("next-not-theirs", shut and not tale.outsider_sees(("GET", f"/referrals/{referral}/next")))
    return found


STEP = Step(
    "next-suggestion",
    ("waits-for-the-team", "somebody-else-fits", "without-who-was-silent", "next-not-theirs"),
    _play,
)
