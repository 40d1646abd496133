"""The first person takes the consent back: from the answer on nothing more is sent or read. (R-20)"""

from __future__ import annotations

from api.cli.story.checks import Checks, Step, Tale
from api.cli.story.line import Answer
from api.cli.story.persons import drafted


def _play(tale: Tale, checks: Checks) -> Answer:
    manager, clinic = tale.cast.manager, tale.cast.clinic
    case, referral = tale.kept["case"], tale.kept["referral"]
    waiting = drafted(tale, case, tale.kept["need"])["referral_id"]
    stopped = manager.post(f"/consents/{tale.kept['consent']}/withdrawal")
    checks.that("unstarted-cancelled", sorted(stopped.body["cancelled"]) == sorted([referral, waiting]))
    gone = [(row["referral_id"], [reading["actor_id"] for reading in row["opened"]]) for row in stopped.body["gone"]]
    checks.that("gone-is-listed", gone == [(referral, [clinic.actor_id])])
    late = manager.tries("POST", f"/referrals/{drafted(tale, case, tale.kept['need'])['referral_id']}/send")
    old = manager.tries("POST", f"/referrals/{waiting}/send")
    checks.that(
        "sending-refused",
        (late.status, old.status) == (409, 409)
        and late.reasons == ["consent-withdrawn"]
        and old.reasons == ["step-not-open"],
        reasons=", ".join(late.reasons),
    )
    opening = clinic.tries("POST", f"/received/{referral}/opening")
    checks.that("opening-refused", opening.status == 409 and opening.reasons == ["copy-closed"], reasons="copy-closed")
    notice = stopped.body["stop_notice_id"]
    seen = clinic.get("/stop-notices")
    checks.that(
        "stop-notice-there",
        [row["referral_ids"] for row in seen.body["stop_notices"] if row["id"] == notice] == [[referral]]
        and case not in seen.said,
    )
    elsewhere = tale.cast.outsider.get("/stop-notices").body["stop_notices"]
    doors = [("POST", f"/stop-notices/{notice}/acknowledgement")]
    checks.that("notice-not-theirs", elsewhere == [] and not tale.outsider_sees(*doors))
    acknowledged = clinic.post(f"/stop-notices/{notice}/acknowledgement").body
    left = [row["id"] for row in clinic.get("/stop-notices").body["stop_notices"]]
    checks.that("acknowledged", acknowledged["in_time"] is True and notice not in left)
    kinds = [entry["kind"] for entry in tale.entries(tale.kept["stream"])]
    after = kinds[kinds.index("consent-withdrawn") :]
    checks.that("withdrawal-stands", "stop-notice" in after and not {"transfer", "reading"} & set(after))
    return stopped


STEP = Step(
    "withdrawn",
    (
        "unstarted-cancelled",
        "gone-is-listed",
        "sending-refused",
        "opening-refused",
        "stop-notice-there",
        "notice-not-theirs",
        "acknowledged",
        "withdrawal-stands",
    ),
    _play,
)
