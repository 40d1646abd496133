"""The one door without consent: a registered professional, not the one who asks, says that life is in danger. (R-22)"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from api.cli.story.checks import Checks, Step, Tale
from api.cli.story.line import Answer
from api.cli.story.persons import EMERGENCY, SECOND

GROUND = "suicide-risk"
LONGEST = timedelta(hours=72)
TICK = timedelta(milliseconds=1)
"""The log counts in these."""


def _play(tale: Tale, checks: Checks) -> Answer:
    _credential(tale, checks)
    manager, assessor, referral = tale.cast.manager, tale.cast.assessor, tale.kept["second-referral"]
    own = manager.tries("POST", f"/referrals/{referral}/exception", _plea(manager.actor_id))
    asked = manager.post(f"/referrals/{referral}/exception", _plea(assessor.actor_id), status=201).body["id"]
    waiting = [row["id"] for row in assessor.get("/exceptions/asked").body["requests"]]
    said = {"ground": GROUND, "representative_reachable": False, "narrative": "relato de una persona que no existe"}
    not_hers = manager.tries("POST", f"/exceptions/asked/{asked}/word", said)
    word = assessor.post(f"/exceptions/asked/{asked}/word", said, status=201)
    checks.that(
        "assessor-is-not-who-asks",
        (own.status, not_hers.status) == (409, 404)
        and "attested-by-sender" in own.reasons
        and asked in waiting
        and word.body["entry"]["body"]["actor"] == assessor.actor_id != manager.actor_id,
    )
    register = len(tale.cast.committee.get("/exceptions/register").body)
    sent = manager.post(f"/referrals/{referral}/send").body
    checks.that(
        "only-emergency-fields-left",
        sorted(sent["fields"]) == list(EMERGENCY),
        fields=", ".join(sorted(sent["fields"])),
    )
    attested_at = datetime.fromisoformat(word.body["entry"]["body"]["at"])
    lasts = datetime.fromisoformat(sent["readable_until"]) - attested_at
    checks.that("seventy-two-hours", timedelta() < lasts < LONGEST + TICK, hours=round(lasts.total_seconds() / 3600))
    packet = tale.cast.clinic.post(f"/received/{referral}/opening").body
    checks.that(
        "receiver-reads-no-more",
        packet["payload"] == {field: SECOND[field] for field in EMERGENCY} and packet["basis"] == "life-in-danger",
    )
    checks.that(
        "exception-stands",
        _kinds(tale) == ["exception-requested", "exception-attested", "transfer", "exception-used", "reading"],
    )
    to_review = [use["id"] for use in tale.cast.officer.get("/exceptions/to-review").body]
    listed = tale.cast.committee.get("/exceptions/register")
    grounds = [line["ground"] for line in listed.body]
    checks.that(
        "watched-over",
        word.body["id"] in to_review
        and len(grounds) == register + 1
        and GROUND in grounds
        and tale.kept["second-case"] not in listed.said,
    )
    return word


def _credential(tale: Tale, checks: Checks) -> None:
    """Two administrators give the assessor a credential; until both have spoken, the door stays shut."""
    cast, referral = tale.cast, tale.kept["second-referral"]
    until = (datetime.now(UTC) + timedelta(days=90)).isoformat()
    wish = {"actor_id": cast.assessor.actor_id, "kind": "mental-health", "valid_to": until}
    proposed = cast.first_admin.post("/credentials", wish, status=201).body
    alone = cast.first_admin.tries("POST", f"/credentials/{proposed['id']}/issue")
    shut = cast.manager.tries("POST", f"/referrals/{referral}/exception", _plea(cast.assessor.actor_id))
    checks.that("shut-without-credential", shut.status == 409 and shut.reasons == ["credential-missing"])
    issued = cast.second_admin.post(f"/credentials/{proposed['id']}/issue").body
    words = [written["entry"]["body"]["actor"] for written in (proposed, issued)]
    tale.kept["credential"] = proposed["id"]
    checks.that(
        "two-administrators",
        alone.status == 409
        and alone.reasons == ["credential-badly-issued"]
        and words == [cast.first_admin.actor_id, cast.second_admin.actor_id]
        and len({*words, cast.assessor.actor_id}) == 3,
    )


def _plea(assessor: str) -> dict[str, str]:
    return {"assessor_id": assessor, "requested_by": "organisation"}


def _kinds(tale: Tale) -> list[str]:
    """What stands in the log of the second case since its refusals, without what was refused."""
    kinds = [entry["kind"] for entry in tale.entries(tale.kept["second-stream"])]
    after = kinds[kinds.index("refused-attempt") :]
    return [kind for kind in after if kind != "refused-attempt"]


STEP = Step(
    "exception-attested",
    (
        "shut-without-credential",
        "two-administrators",
        "assessor-is-not-who-asks",
        "only-emergency-fields-left",
        "seventy-two-hours",
        "receiver-reads-no-more",
        "exception-stands",
        "watched-over",
    ),
    _play,
)
