"""Somebody else has not been asked: nothing is sent, every reason is said, and the attempt is written down. (R-11, R-14)"""

from __future__ import annotations

from api.cli.story.checks import Checks, Step, Tale
from api.cli.story.line import Answer
from api.cli.story.persons import SECOND, drafted, opened, tells_of


def _play(tale: Tale, checks: Checks) -> Answer:
    manager, clinic = tale.cast.manager, tale.cast.clinic
    case, stream, need = opened(tale, SECOND)
    manager.post(f"/cases/{case}/needs/{need}/agreement")
    referral = drafted(tale, case, need)["referral_id"]
    refused = manager.ask("POST", f"/referrals/{referral}/send", status=409)
    checks.that("every-reason-said", refused.reasons == ["consent-missing"], reasons=", ".join(refused.reasons))
    what_to_do = [reason["ask"] for reason in refused.body["reasons"]]
    checks.that("says-what-to-do", all(what_to_do) and not tells_of(refused, SECOND))
    preview = manager.tries("GET", f"/referrals/{referral}/preview")
    checks.that("preview-says-the-same", preview.status == 409 and preview.reasons == refused.reasons)
    gone = manager.get(f"/cases/{case}/gone").body
    checks.that("nothing-left", gone == [] and not tale.queued(referral))
    checks.that("nothing-to-open", clinic.tries("POST", f"/received/{referral}/opening").status == 404)
    attempt = tale.entries(stream)[-1]
    checks.that(
        "attempt-stands",
        (attempt["kind"], attempt["actor"], attempt["referral"]) == ("refused-attempt", manager.actor_id, referral)
        and attempt["reasons"] == refused.reasons
        and not attempt["fields"],
        n=attempt["n"],
    )
    tale.kept.update({"second-case": case, "second-stream": stream, "second-referral": referral})
    return refused


STEP = Step(
    "refused-without-consent",
    (
        "every-reason-said",
        "says-what-to-do",
        "preview-says-the-same",
        "nothing-left",
        "nothing-to-open",
        "attempt-stands",
    ),
    _play,
)
