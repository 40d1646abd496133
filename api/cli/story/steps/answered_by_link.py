"""Somebody of the clinic who has no account answers by link; what was sent opens with a code read out by telephone. (R-12)"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from api.cli.story.checks import Checks, Step, Tale
from api.cli.story.line import Answer
from api.cli.story.persons import ALLOWED, PURPOSE
from api.cli.story.steps.asked_without_identity import ASKED

SCANS: Final = 3
OPENER: Final = "Persona de guardia (ficticia)"


def _play(tale: Tale, checks: Checks) -> Answer:
    manager, clinic = tale.cast.manager, tale.cast.clinic
    case, referral = tale.kept["asked-case"], tale.kept["chosen-referral"]
    allowed = {"organization_id": clinic.organization_id, "purpose": PURPOSE, "fields": list(ALLOWED)}
    manager.post(f"/cases/{case}/consents", allowed | {"modality": "written"}, status=201)
    manager.post(f"/referrals/{referral}/send")
    made = manager.post(f"/referrals/{referral}/answer-link", status=201)
    path = urlsplit(made.body["link"]).path
    let_in = clinic.browses("GET", path)
    cookie = let_in.cookie.partition(";")[0]
    page = clinic.browses("GET", "/answer", cookie=cookie)
    secret = path.rpartition("/")[2]
    unsaid = [secret, case, *(v for v in ASKED.values() if isinstance(v, str) and " " in v)]
    checks.that("page-names-nobody", page.status == 200 and not any(word in page.body for word in unsaid))
    for _ in range(SCANS):
        for method in ("GET", "HEAD"):
            clinic.browses(method, path)
            clinic.browses(method, "/answer", cookie=cookie)
    status = manager.get(f"/referrals/{referral}").body["status"]
    checks.that("looking-changes-nothing", status == "requested")
    confirm = {"confirm": "".join(re.findall(r'name="confirm" value="([0-9a-f]{64})"', page.body)[:1])}
    clinic.browses("POST", "/answer", confirm | {"say": "accept"}, cookie=cookie)
    status = manager.get(f"/referrals/{referral}").body["status"]
    again = clinic.browses("POST", "/answer", confirm | {"say": "reject", "reason": "full-now"}, cookie=cookie)
    checks.that("decides-once", (status, again.status) == ("accepted", 409))
    code = manager.post(f"/referrals/{referral}/opening-code", status=201).body["code"]
    wrong = "0" * len(code) if code.strip("0") else "1" * len(code)
    shut = clinic.browses("POST", "/answer/opening", confirm | {"name": OPENER, "code": wrong}, cookie=cookie)
    opened = clinic.browses("POST", "/answer/opening", confirm | {"name": OPENER, "code": code}, cookie=cookie)
    used = clinic.browses("POST", "/answer/opening", confirm | {"name": OPENER, "code": code}, cookie=cookie)
    told = [ASKED["given_name"] in answer.body for answer in (shut, opened, used)]
    checks.that("opens-with-the-code-once", told == [False, True, False])
    (shown, *_) = manager.get(f"/referrals/{referral}/opening-code").body
    checks.that("opener-is-named", shown["opener"] == OPENER and not shown["opens"])
    kept = tale.entries(tale.kept["asked-stream"])
    by_link = [(e["kind"], e.get("channel")) for e in kept if e["kind"] in ("referral-accepted", "reading")]
    checks.that("channel-stands", by_link == [("referral-accepted", "link"), ("reading", "link")])
    doors = [("POST", f"/referrals/{referral}/answer-link"), ("POST", f"/referrals/{referral}/opening-code")]
    checks.that("links-not-theirs", not tale.outsider_sees(*doors))
    return made


STEP = Step(
    "answered-by-link",
    (
        "page-names-nobody",
        "looking-changes-nothing",
        "decides-once",
        "opens-with-the-code-once",
        "opener-is-named",
        "channel-stands",
        "links-not-theirs",
    ),
    _play,
)
