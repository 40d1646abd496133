"""The clinic could, and she chooses it: a referral is drafted, and the other is told that it is no longer needed. (R-20)"""

from __future__ import annotations

from api.cli.story.checks import Checks, Step, Tale
from api.cli.story.line import Answer


def _play(tale: Tale, checks: Checks) -> Answer:
    manager, clinic = tale.cast.manager, tale.cast.clinic
    question, other = tale.kept["asked"], tale.kept["asked-too"]
    at = f"/cases/{tale.kept['asked-case']}/needs/{tale.kept['asked-need']}/enquiries"
    early = manager.tries("POST", f"/enquiries/{question}/choice")
    checks.that("not-before-it-answered", early.status == 409 and early.reasons == ["nothing-to-choose"])
    clinic.post(f"/enquiries/{question}/answer", {"answer": "can"})
    answers = {row["id"]: row["answer"] for row in manager.get(at).body}
    checks.that("answer-came-back", answers == {question: "can", other: None})
    chosen = manager.post(f"/enquiries/{question}/choice", status=201)
    states = {row["id"]: row["state"] for row in manager.get(at).body}
    checks.that("others-are-told", states == {question: "chosen", other: "no-longer-needed"})
    referral = chosen.body["referral_id"]
    gone = manager.get(f"/cases/{tale.kept['asked-case']}/gone").body
    checks.that("identity-stays", gone == [] and not tale.queued(referral))
    late = clinic.tries("POST", f"/enquiries/{question}/answer", {"answer": "cannot", "reason": "full-now"})
    checks.that("nothing-after-the-choice", late.status == 409 and late.reasons == ["enquiry-ended"])
    tale.kept["chosen-referral"] = referral
    return chosen


STEP = Step(
    "chosen",
    (
        "not-before-it-answered",
        "answer-came-back",
        "others-are-told",
        "identity-stays",
        "nothing-after-the-choice",
    ),
    _play,
)
