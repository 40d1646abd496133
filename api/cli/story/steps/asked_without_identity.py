"""Before anybody is named, two services are asked whether they would have a place for somebody like this. (R-10, R-35)"""

from __future__ import annotations

from typing import Any, Final

from api.cli.story.checks import Checks, Step, Tale
from api.cli.story.line import Answer
from api.cli.story.persons import FIRST, opened, tells_of

RARE: Final = "mam"
OTHERS: Final = 4
"""Beside the one person: five could be meant."""

ASKED: Final = FIRST | {"given_name": "Persona Siete (ficticia)", "languages": ["spa", RARE]}
ROW: Final = {"id", "service_id", "asked", "state", "asked_at", "expires_at", "answer", "reason"}


def _play(tale: Tale, checks: Checks) -> Answer:
    manager, clinic = tale.cast.manager, tale.cast.clinic
    case, stream, need = opened(tale, ASKED)
    at = f"/cases/{case}/needs/{need}"
    service = tale.kept["service"]
    early = manager.tries("POST", f"{at}/enquiries", {"service_ids": [service]})
    checks.that("only-what-is-agreed", early.status == 409 and "need-not-agreed" in early.reasons)
    manager.post(f"{at}/agreement")
    for _ in range(OTHERS):
        other, _, theirs = opened(tale, FIRST)
        manager.post(f"/cases/{other}/needs/{theirs}/agreement")
    found = manager.get(f"{at}/suggestions").body["suggested"]
    second = next(one["service"]["id"] for one in found if one["organization"]["id"] != clinic.organization_id)
    asked = manager.post(f"{at}/enquiries", {"service_ids": [service, second], "language": RARE}, status=201)
    left = asked.body["asked"]
    checks.that(
        "rare-is-widened", left["language"] is None and "language-left-out" in asked.body["widened"], area=left["area"]
    )
    mine = {question["service_id"]: question["id"] for question in asked.body["enquiries"]}
    rows = {row["id"]: row for row in clinic.get("/enquiries?limit=200").body["enquiries"]}
    row: dict[str, Any] = rows.get(mine[service], {})
    names_nobody = not any(word in str(row) for word in (case, need, stream, manager.actor_id))
    silent = set(row) == ROW and row["asked"] == left and names_nobody
    checks.that("nobody-is-named", silent and not tells_of(asked, ASKED))
    entries = tale.entries(stream)[-2:]
    checks.that(
        "each-question-stands",
        [entry["kind"] for entry in entries] == ["ask-first"] * 2
        and {entry["recipient"] for entry in entries} == {q["organization_id"] for q in asked.body["enquiries"]},
        n=len(entries),
    )
    questions = manager.get(f"{at}/enquiries").body
    checks.that("person-can-read", {question["id"] for question in questions} == set(mine.values()))
    doors = [("GET", f"{at}/enquiries"), ("POST", f"/enquiries/{mine[service]}/choice")]
    checks.that("questions-not-theirs", not tale.outsider_sees(*doors))
    tale.kept.update({"asked-case": case, "asked-stream": stream, "asked": mine[service], "asked-too": mine[second]})
    tale.kept.update({"asked-need": need})
    return asked


STEP = Step(
    "asked-without-identity",
    (
        "only-what-is-agreed",
        "rare-is-widened",
        "nobody-is-named",
        "each-question-stands",
        "person-can-read",
        "questions-not-theirs",
    ),
    _play,
)
