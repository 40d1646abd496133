"""The person says something else than the clinic: neither word overrules the other, and a follow-up opens. (R-14, R-50)"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from api.cli.story.checks import Checks, Step, Tale
from api.cli.story.line import Answer

WITHIN = timedelta(days=8)
"""A week, and the hours until midnight where the server stands."""


def _play(tale: Tale, checks: Checks) -> Answer:
    manager, clinic, referral = tale.cast.manager, tale.cast.clinic, tale.kept["third-referral"]
    wish = {"outcome": "not-served", "barrier": "accommodation"}
    said = manager.put(f"/referrals/{referral}/outcome", wish)
    now = manager.get(f"/referrals/{referral}").body
    checks.that(
        "both-words-stand",
        (now["provider_outcome"], now["person_outcome"], now["agreed"]) == ("served", "not-served", False)
        and now["status"] == "completed",
    )
    meetings = manager.get(f"/cases/{tale.kept['third-case']}").body["meetings"]
    days = [row["on"] for row in meetings if row["id"] == said.body["follow_up_id"]]
    checks.that(
        "somebody-asks-within-a-week",
        len(days) == 1 and date.fromisoformat(days[0]) <= datetime.now(UTC).date() + WITHIN,
        date=", ".join(days),
    )
    said_so = [e["reasons"] for e in tale.entries(tale.kept["third-stream"]) if e["kind"] == "outcome-said"]
    checks.that("barrier-stands", said_so[-1:] == [["not-served", "accommodation"]], barrier="accommodation")
    theirs = clinic.get(f"/referrals/{referral}").body
    checks.that("clinic-is-not-told", (theirs["person_outcome"], theirs["agreed"]) == (None, None))
    others = (clinic, tale.cast.outsider)
    shut = [user.tries("PUT", f"/referrals/{referral}/outcome", {"outcome": "served"}).status for user in others]
    checks.that("word-is-the-persons", shut == [404, 404])
    return said


STEP = Step(
    "disagreement",
    (
        "both-words-stand",
        "somebody-asks-within-a-week",
        "barrier-stands",
        "clinic-is-not-told",
        "word-is-the-persons",
    ),
    _play,
)
