"""A case is opened and a need stated; only once the person agrees is anybody looked for. (R-20, R-40, R-41)"""

from __future__ import annotations

from api.cli.story.checks import Checks, Step, Tale
from api.cli.story.line import Answer
from api.cli.story.persons import FIRST, opened


def _play(tale: Tale, checks: Checks) -> Answer:
    manager, clinic = tale.cast.manager, tale.cast.clinic
    case, stream, need = opened(tale, FIRST)
    suggestions = f"/cases/{case}/needs/{need}/suggestions"
    early = manager.tries("GET", suggestions)
    checks.that("not-matched-before", early.status == 409 and early.reasons == ["need-not-agreed"])
    agreed = manager.post(f"/cases/{case}/needs/{need}/agreement")
    found = manager.get(suggestions).body["suggested"]
    fitting = [one["service"] for one in found if one["organization"]["id"] == clinic.organization_id]
    checks.that("matched-after", bool(fitting), n=len(found))
    receipt = agreed.body["entry"]["body"]
    checks.that(
        "agreement-stands", receipt["kind"] == "need-agreed" and tale.entries(stream)[receipt["n"] - 1] == receipt
    )
    doors = [("GET", f"/cases/{case}"), ("GET", suggestions), ("POST", f"/cases/{case}/needs/{need}/agreement")]
    checks.that("case-hidden", not tale.outsider_sees(*doors))
    tale.kept.update({"case": case, "stream": stream, "need": need, "service": fitting[0]["id"]})
    return agreed


STEP = Step("needs-agreed", ("not-matched-before", "matched-after", "agreement-stands", "case-hidden"), _play)
