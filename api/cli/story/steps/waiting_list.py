"""Nothing is free but a list is kept: who wants to wait holds no place, and has one with the acceptance. (R-06)"""

from __future__ import annotations

from api.cli.story.checks import Checks, Step, Tale
from api.cli.story.line import Answer
from api.cli.story.persons import BECAUSE, drafted
from api.cli.story.steps.leased import places_of, says


def _play(tale: Tale, checks: Checks) -> Answer:
    manager, clinic = tale.cast.manager, tale.cast.clinic
    case, need = tale.kept["third-case"], tale.kept["third-need"]
    says(tale, "waiting-list")
    before = places_of(tale)
    plain = drafted(tale, case, need)["referral_id"]
    refused = manager.tries("POST", f"/referrals/{plain}/send")
    checks.that("list-is-offered", refused.status == 409 and refused.reasons == ["waiting-list-only"])
    manager.post(f"/referrals/{plain}/steps", {"step": "cancel", "reason": "changed-plan"})
    wish = {"need_id": need, "service_id": tale.kept["service"], "chosen_because": BECAUSE, "waiting": True}
    waits = manager.post(f"/cases/{case}/referrals", wish, status=201).body["referral_id"]
    sent = manager.post(f"/referrals/{waits}/send")
    checks.that(
        "waits-without-a-place",
        (sent.body["place"], sent.body["held_until"]) == ("waiting-list", None)
        and places_of(tale)["leased"] == before["leased"],
    )
    early = clinic.tries("POST", f"/referrals/{waits}/steps", {"step": "accept"})
    checks.that("no-place-no-acceptance", early.status == 409 and early.reasons == ["no-place-to-give"])
    says(tale, "plus")
    clinic.post(f"/referrals/{waits}/steps", {"step": "accept"})
    now = places_of(tale)
    checks.that("taken-with-the-acceptance", (now["available"], now["in_use"]) == (0, before["in_use"] + 1))
    clinic.post(f"/referrals/{waits}/steps", {"step": "cancel", "reason": "moved"})
    back = places_of(tale)
    checks.that("bed-is-back", (back["available"], back["in_use"]) == (1, before["in_use"]))
    says(tale, "set", number=tale.kept["places"] or 1)
    return sent


STEP = Step(
    "waiting-list",
    (
        "list-is-offered",
        "waits-without-a-place",
        "no-place-no-acceptance",
        "taken-with-the-acceptance",
        "bed-is-back",
    ),
    _play,
)
