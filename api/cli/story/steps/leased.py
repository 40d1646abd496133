"""One place is left, and it is held for the first who is sent: the second is told so and goes elsewhere. (R-06, R-07)"""

from __future__ import annotations

from typing import Any

from api.cli.story.checks import Checks, Step, Tale
from api.cli.story.line import Answer
from api.cli.story.persons import drafted


def places_of(tale: Tale) -> dict[str, Any]:
    """The places of the clinic's service as the clinic reads them: nobody else sees how many are held."""
    found: dict[str, Any] = tale.cast.clinic.get(f"/services/{tale.kept['service']}/capacity").body
    return found


def says(tale: Tale, change: str, **said: Any) -> Answer:
    """The clinic says something about its places, under the version that it sees."""
    seen = places_of(tale)["version"]
    return tale.cast.clinic.put(f"/services/{tale.kept['service']}/capacity", {"change": change} | said, seen=seen)


def _play(tale: Tale, checks: Checks) -> Answer:
    manager, case, need = tale.cast.manager, tale.kept["third-case"], tale.kept["third-need"]
    tale.kept["places"] = places_of(tale)["available"]
    says(tale, "set", number=1)
    wish = {"change": "set", "number": 9}
    other = tale.cast.outsider.tries("PUT", f"/services/{tale.kept['service']}/capacity", wish, seen=0)
    checks.that("places-not-theirs", other.status == 403)
    first, second = [drafted(tale, case, need)["referral_id"] for _ in range(2)]
    before = places_of(tale)["leased"]
    foreseen = manager.get(f"/referrals/{first}/preview").body["place"]
    sent = manager.post(f"/referrals/{first}/send")
    held = (foreseen, sent.body["place"]) == ("held", "held") and sent.body["held_until"] is not None
    checks.that("place-held", held, until=sent.body["held_until"])
    now = places_of(tale)
    checks.that("counted-at-once", (now["available"], now["leased"]) == (0, before + 1))
    full = manager.tries("POST", f"/referrals/{second}/send")
    checks.that("not-given-twice", full.status == 409 and full.reasons == ["places-full"])
    found = manager.get(f"/cases/{case}/needs/{need}/suggestions").body
    why = [
        unmet["reason"]
        for one in (*found["near_misses"], *found["ruled_out"])
        if one["service"]["id"] == tale.kept["service"]
        for unmet in one["unmet"]
    ]
    checks.that("suggestions-know", "no-places" in why)
    manager.post(f"/referrals/{first}/steps", {"step": "cancel", "reason": "changed-plan"})
    back = places_of(tale)
    checks.that("given-back", (back["available"], back["leased"]) == (1, before))
    manager.post(f"/referrals/{second}/steps", {"step": "cancel", "reason": "changed-plan"})
    return sent


STEP = Step(
    "leased",
    ("places-not-theirs", "place-held", "counted-at-once", "not-given-twice", "suggestions-know", "given-back"),
    _play,
)
