"""The first person complains of the clinic, which never learns of it; the committee answers. (R-50)"""

from __future__ import annotations

import re
from typing import Any, Final

from api.cli.story.checks import Checks, Step, Tale
from api.cli.story.line import Answer

WORDS: Final = "me hicieron esperar tres horas y no me dejaron hablar en mi idioma"
REPLY: Final = "la clínica atiende ahora con intérprete los martes"


def _play(tale: Tale, checks: Checks) -> Answer:
    cast, case = tale.cast, tale.kept["case"]
    manager, committee = cast.manager, cast.committee
    about = cast.clinic.organization_id
    said = {"about_id": about, "kind": "discrimination", "words": WORDS, "case_id": case}
    made = manager.post("/complaints", said | {"referral_id": tale.kept["referral"]}, status=201)
    stands = made.body["complaint"]
    id, day = stands["id"], stands["answer_by"][:10]
    promised = stands["office"] == "committee" and stands["made_at"] < stands["answer_by"]
    in_words = {day[:4], str(int(day[8:]))} <= set(re.findall(r"[0-9]+", stands["says"]))
    checks.that("says-who-answers-and-when", promised and in_words, date=day)
    own = manager.tries("POST", "/complaints", said | {"about_id": manager.organization_id})
    checks.that("not-by-its-own", own.status == 409 and own.reasons == ["complaint-about-own"])
    theirs = [user.tries("GET", f"/complaints/{id}").status for user in (cast.clinic, cast.assessor)]
    listed = [row["id"] for user in (cast.clinic, cast.assessor) for row in user.get("/complaints").body]
    checks.that("unknown-to-the-clinic", theirs == [404, 404] and listed == [])
    committee.post(f"/complaints/{id}/taking")
    read = committee.post(f"/complaints/{id}/reading")
    checks.that("committee-reads-it", read.body["words"] == WORDS and case not in read.said)
    committee.post(f"/complaints/{id}/answer", {"remedy": "rule-changed", "words": REPLY})
    told = manager.post(f"/complaints/{id}/told").body
    remedy = told["complaint"]["remedy"]
    checks.that("answered-with-a-remedy", (remedy, told["answer"]) == ("rule-changed", REPLY), remedy=remedy)
    kinds = [entry["kind"] for entry in _entries(tale, made, id, case, about)]
    checks.that("log-names-nobody", "complaint-made" in kinds and "complaint-told" in kinds)
    checks.that("complaint-not-theirs", not tale.outsider_sees(("GET", f"/complaints/{id}")))
    return made


def _entries(tale: Tale, made: Answer, *unnamed: str) -> list[dict[str, Any]]:
    """The entries since the complaint, unless one of these stands in them: then none."""
    before = made.body["entry"]["body"]["n"] - 1
    page = tale.cast.officer.get(f"/log/mechanism?after={before}&limit=200")
    return [] if any(name in page.said for name in unnamed) else [entry["body"] for entry in page.body["entries"]]


STEP = Step(
    "complaint",
    (
        "says-who-answers-and-when",
        "not-by-its-own",
        "unknown-to-the-clinic",
        "committee-reads-it",
        "answered-with-a-remedy",
        "log-names-nobody",
        "complaint-not-theirs",
    ),
    _play,
)
