"""Somebody looks for work: openings that fit and why, skills that are missing and who teaches them. (R-35, R-36)"""

from __future__ import annotations

from typing import Any, Final

from api.cli.story.checks import Checks, Step, Tale
from api.cli.story.line import Answer
from api.cli.story.persons import FIRST

WELDER: Final[dict[str, Any]] = {
    "worked": [{"occupation": "721", "months": 24}],
    "skills": ["welding"],
    "interests": ["721", "741"],
    "schedules": ["full-time"],
}


def _play(tale: Tale, checks: Checks) -> Answer:
    manager = tale.cast.manager
    case = manager.post("/cases", {"data": FIRST | {"gender": "male"}}, status=201).body["case_id"]
    need = manager.post(f"/cases/{case}/needs", {"service_type": "economic.employment"}).body
    written = manager.put(f"/cases/{case}/job-profile", WELDER, seen=need["revised"])
    early = manager.tries("GET", f"/cases/{case}/job-suggestions")
    checks.that("no-job-before-agreement", early.status == 409 and early.reasons == ["need-not-agreed"])
    manager.post(f"/cases/{case}/needs/{need['id']}/agreement")
    found = manager.get(f"/cases/{case}/job-suggestions")
    fitting = [one["service"]["id"] for one in found.body["suggested"]]
    checks.that("openings-fit", bool(fitting), n=len(fitting))
    learn = [row["skill"]["code"] for row in found.body["to_learn"] if row["taught_by"] or row["to_ask"]]
    checks.that("says-what-to-learn-and-where", bool(learn), skills=", ".join(learn))
    candidates = manager.get(f"/services/{fitting[0]}/job-candidates")
    checks.that("ranked-both-ways", case in [row["case_id"] for row in candidates.body["fitting"]])
    other = WELDER | {"areas": [FIRST["municipality"]], "age": 31, "languages": FIRST["languages"]}
    stated = manager.tries("POST", "/job-suggestions", other | {"gender": "female"})
    checks.that("gender-is-not-asked", stated.status == 422)
    doors = [("GET", f"/cases/{case}/job-profile"), ("GET", f"/cases/{case}/job-suggestions")]
    hidden = tale.cast.clinic.tries("GET", f"/services/{fitting[0]}/job-candidates").status == 404
    checks.that("profile-not-theirs", hidden and not tale.outsider_sees(*doors))
    return written


STEP = Step(
    "job-match",
    (
        "no-job-before-agreement",
        "openings-fit",
        "says-what-to-learn-and-where",
        "ranked-both-ways",
        "gender-is-not-asked",
        "profile-not-theirs",
    ),
    _play,
)
