"""The clinic opens what it received: judged anew, and written down before the first byte. (R-20, R-21)"""

from __future__ import annotations

from api.cli.story.checks import Checks, Step, Tale
from api.cli.story.line import Answer


def _play(tale: Tale, checks: Checks) -> Answer:
    manager, clinic, referral = tale.cast.manager, tale.cast.clinic, tale.kept["referral"]
    unread = manager.get(f"/cases/{tale.kept['case']}/gone").body[0]["opened"]
    packet = clinic.post(f"/received/{referral}/opening")
    checks.that(
        "packet-is-the-preview",
        packet.body["payload"] == tale.kept["preview"],
        fields=", ".join(sorted(packet.body["payload"])),
    )
    checks.that("more-is-not-hinted-at", "withheld" not in packet.body and tale.kept["case"] not in packet.said)
    reading = tale.entries(tale.kept["stream"])[-1]
    checks.that(
        "reading-stands",
        (reading["kind"], reading["actor"], reading["referral"]) == ("reading", clinic.actor_id, referral)
        and sorted(reading["fields"]) == sorted(packet.body["payload"]),
        n=reading["n"],
    )
    (copy,) = manager.get(f"/cases/{tale.kept['case']}/gone").body
    seen = [{"actor_id": clinic.actor_id, "at": reading["at"]}]
    checks.that("sender-sees-who-read", unread == [] and copy["opened"] == seen)
    shut = manager.tries("POST", f"/received/{referral}/opening").status == 404
    doors = [("POST", f"/received/{referral}/opening"), ("GET", f"/referrals/{referral}/preview")]
    checks.that("only-the-receiver-opens", shut and not tale.outsider_sees(*doors))
    return packet


STEP = Step(
    "opened",
    (
        "packet-is-the-preview",
        "more-is-not-hinted-at",
        "reading-stands",
        "sender-sees-who-read",
        "only-the-receiver-opens",
    ),
    _play,
)
