"""Nobody answered: the clock ends the referral with a coded reason, signed as everything is, and the sender is told. (R-14)"""

from __future__ import annotations

from api.cli.story.checks import Checks, Step, Tale
from api.cli.story.line import Answer
from api.cli.story.steps.reminded import wait_for


def _play(tale: Tale, checks: Checks) -> Answer:
    manager, referral, mails = tale.cast.manager, tale.kept["fourth-referral"], tale.cast.mails
    wait_for(lambda: manager.get(f"/referrals/{referral}").body["ended_at"] is not None)
    ended = manager.get(f"/referrals/{referral}")
    checks.that(
        "ended-by-the-clock",
        (ended.body["status"], ended.body["reason"], ended.body["owner"]) == ("cancelled", "lapsed", "clock"),
    )
    checks.that("no-clock-runs", ended.body["clocks"] == [])
    last = tale.entries(tale.kept["fourth-stream"])[-1]
    checks.that(
        "lapse-stands",
        (last["kind"], last["actor"], last["referral"], last["reasons"])
        == ("referral-cancelled", "clock", referral, ["lapsed"]),
        n=last["n"],
    )
    wait_for(lambda: "lapsed" in [row["template"] for row in _rows(tale)[:1]] and _rows(tale)[0]["sent_at"] is not None)
    told = _rows(tale)[0]
    checks.that(
        "sender-is-told",
        (told["template"], told["organization_id"]) == ("lapsed", manager.organization_id)
        and mails.told[-1] == told["to"],
    )
    checks.that("lapse-not-theirs", not tale.outsider_sees(("GET", f"/referrals/{referral}")))
    return ended


def _rows(tale: Tale) -> list[dict[str, str | None]]:
    rows: list[dict[str, str | None]] = tale.cast.committee.get("/messages?limit=1").body["messages"]
    return rows


STEP = Step(
    "lapsed",
    ("ended-by-the-clock", "no-clock-runs", "lapse-stands", "sender-is-told", "lapse-not-theirs"),
    _play,
)
