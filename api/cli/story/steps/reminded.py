"""A fourth person: a provider lets its time run out, and one after the other is told, without a word about anybody. (R-12)"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from api.cli.story.checks import Checks, Step, Tale
from api.cli.story.line import Answer
from api.cli.story.persons import BECAUSE, FOURTH, NEED, PURPOSE, opened, tells_of
from api.cli.story.quick import COMMITTEE, DESK, FOCAL_POINT, SERVICE

PATIENCE: Final = 90.0
"""Seconds within which a ladder of a second and a half has run, on a machine that does much else."""

FIELDS: Final = ("given_name", "languages", "mental_health_summary", "safe_contact_way")


def wait_for(done: Callable[[], bool]) -> None:
    """Let time pass until it is so, or too long."""
    until = time.monotonic() + PATIENCE
    while not done() and time.monotonic() < until:
        time.sleep(0.1)


def _play(tale: Tale, checks: Checks) -> Answer:
    manager, mails = tale.cast.manager, tale.cast.mails
    case, stream, need = opened(tale, FOURTH)
    manager.post(f"/cases/{case}/needs/{need}/agreement")
    draft = manager.post(
        f"/cases/{case}/referrals", {"need_id": need, "service_id": SERVICE, "chosen_because": BECAUSE}, status=201
    ).body
    said = {"organization_id": draft["organization_id"], "purpose": PURPOSE, "modality": "written", "fields": FIELDS}
    manager.post(f"/cases/{case}/consents", said, status=201)
    referral, before = draft["referral_id"], len(mails.mails)
    manager.post(f"/referrals/{referral}/send")
    view = manager.get(f"/referrals/{referral}").body
    runs = [clock["clock"] for clock in view["clocks"]]
    checks.that("clock-is-shown", view["status"] != "requested" or "decide" in runs)
    wait_for(lambda: COMMITTEE in mails.told[before:])
    told = mails.told[before:]
    lead = told[2] if len(told) > 2 else ""
    ladder = [DESK, FOCAL_POINT, lead, COMMITTEE]
    told = told[: len(ladder)]
    listed = tale.cast.committee.get("/messages")
    rows = [row for row in reversed(listed.body["messages"]) if row["clock"] == "decide"][-len(ladder) :]
    rungs = [row["rung"] for row in rows]
    in_order = told == ladder and bool(lead) and rungs == ["provider", "focal-point", "lead", "committee"]
    checks.that("told-in-their-order", in_order, told=", ".join(told))
    checks.that("committee-sees-them", [row["to"] for row in rows] == ladder and all(row["sent_at"] for row in rows))
    written = "".join(mail.as_string() + mail.get_content() for mail in mails.mails[before:])
    hidden = [case, need, referral, SERVICE, NEED, draft["organization_id"]]
    checks.that("mails-name-nobody", not any(word in written + listed.said for word in hidden[:-1])
                and hidden[-1] not in written and not tells_of(listed, FOURTH)
                and not any(str(value) in written for value in FOURTH.values() if " " in str(value)))  # fmt: skip
    shut = [user.tries("GET", "/messages").status for user in (manager, tale.cast.outsider)]
    checks.that("list-is-the-committees", shut == [403, 403])
    tale.kept.update({"fourth-case": case, "fourth-stream": stream, "fourth-need": need, "fourth-referral": referral})
    return listed


STEP = Step(
    "reminded",
    ("clock-is-shown", "told-in-their-order", "committee-sees-them", "mails-name-nobody", "list-is-the-committees"),
    _play,
)
