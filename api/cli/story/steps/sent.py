"""The referral is sent: a send takes a referral and nothing else. (R-10, R-11, R-14)"""

from __future__ import annotations

from api.cli.story.checks import Checks, Step, Tale
from api.cli.story.line import Answer
from api.cli.story.persons import FIRST, WITHHELD, tells_of


def _play(tale: Tale, checks: Checks) -> Answer:
    manager, outsider, referral = tale.cast.manager, tale.cast.outsider, tale.kept["referral"]
    sent = manager.post(f"/referrals/{referral}/send")
    left = sent.body["fields"]
    checks.that("exactly-the-preview-left", sorted(left) == sorted(tale.kept["preview"]), fields=", ".join(left))
    (copy,) = manager.get(f"/cases/{tale.kept['case']}/gone").body
    stayed = sent.body["withheld"] == [WITHHELD] and WITHHELD not in left and WITHHELD not in copy["fields"]
    checks.that("withheld-stayed", stayed, field=WITHHELD)
    receipt = sent.body["entry"]["body"]
    checks.that(
        "transfer-stands",
        tale.entries(tale.kept["stream"])[-1] == receipt
        and (receipt["kind"], receipt["basis"], receipt["basis_ids"]) == ("transfer", "consent", [tale.kept["consent"]])
        and sorted(receipt["fields"]) == sorted(left),
        n=receipt["n"],
    )
    checks.that("receipt-has-no-values", not tells_of(sent, FIRST))
    checks.that("in-the-queue", tale.queued(referral))
    queue = outsider.get("/received?limit=200").body["referrals"]
    doors = [("POST", f"/received/{referral}/opening"), ("POST", f"/referrals/{referral}/send")]
    checks.that("nobody-else-has-it", queue == [] and not tale.outsider_sees(*doors))
    again = manager.tries("POST", f"/referrals/{referral}/send")
    checks.that("sent-once", again.status == 409 and again.reasons == ["step-not-open"])
    return sent


STEP = Step(
    "sent",
    (
        "exactly-the-preview-left",
        "withheld-stayed",
        "transfer-stands",
        "receipt-has-no-values",
        "in-the-queue",
        "nobody-else-has-it",
        "sent-once",
    ),
    _play,
)
