"""A third person: the clinic proposes another service. A draft waits, and nothing is passed on. (R-01, R-11)"""

from __future__ import annotations

from typing import Any

from api.cli.story.checks import Checks, Step, Tale
from api.cli.story.line import Answer
from api.cli.story.persons import ALLOWED, PURPOSE, THIRD, drafted, opened


def _play(tale: Tale, checks: Checks) -> Answer:
    manager, clinic = tale.cast.manager, tale.cast.clinic
    case, stream, need = opened(tale, THIRD)
    manager.post(f"/cases/{case}/needs/{need}/agreement")
    said = {"organization_id": clinic.organization_id, "purpose": PURPOSE, "modality": "written", "fields": ALLOWED}
    manager.post(f"/cases/{case}/consents", said, status=201)
    referral = drafted(tale, case, need)["referral_id"]
    manager.post(f"/referrals/{referral}/send")
    elsewhere = _elsewhere(tale, case, need)
    alone = clinic.tries("POST", f"/referrals/{referral}/steps", {"step": "reject", "reason": "redirected"})
    checks.that("proposal-names-a-service", alone.status == 409 and alone.reasons == ["redirect-without-service"])
    wish = {"step": "reject", "reason": "redirected", "proposed_service_id": elsewhere}
    rejected = clinic.post(f"/referrals/{referral}/steps", wish)
    old = manager.get(f"/referrals/{referral}").body
    draft = old["redirected_as"]
    new = manager.get(f"/referrals/{draft}").body
    checks.that(
        "draft-waits",
        (old["status"], old["proposed_service_id"]) == ("rejected", elsewhere)
        and (new["status"], new["redirected_from"], new["service_id"]) == ("draft", referral, elsewhere),
    )
    checks.that("person-is-asked", "ask-person" in old["tasks"], tasks=", ".join(old["tasks"]))
    refused = manager.tries("POST", f"/referrals/{draft}/send")
    gone = [row["organization_id"] for row in manager.get(f"/cases/{case}/gone").body]
    checks.that(
        "own-consent-needed",
        refused.status == 409 and "consent-missing" in refused.reasons and gone == [clinic.organization_id],
    )
    hidden = clinic.tries("GET", f"/referrals/{draft}").status == 404
    checks.that("draft-hidden", hidden and not tale.outsider_sees(("GET", f"/referrals/{draft}")))
    manager.post(f"/referrals/{draft}/steps", {"step": "cancel", "reason": "prefers-another"})
    tale.kept.update({"third-case": case, "third-stream": stream, "third-need": need})
    return rejected


def _elsewhere(tale: Tale, case: str, need: str) -> str:
    """A service of another organisation that the directory knows for this need."""
    found: dict[str, Any] = tale.cast.manager.get(f"/cases/{case}/needs/{need}/suggestions").body
    mine = {tale.cast.clinic.organization_id, tale.cast.outsider.organization_id}
    every = [*found["suggested"], *found["ruled_out"]]
    return str(next(one["service"]["id"] for one in every if one["organization"]["id"] not in mine))


STEP = Step(
    "redirected",
    ("proposal-names-a-service", "draft-waits", "person-is-asked", "own-consent-needed", "draft-hidden"),
    _play,
)
