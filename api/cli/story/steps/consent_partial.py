"""The person allows three fields of four, to one organisation, for one purpose. (R-11, R-20)"""

from __future__ import annotations

from api.cli.story.checks import Checks, Step, Tale
from api.cli.story.line import Answer
from api.cli.story.persons import ALLOWED, PURPOSE, WITHHELD


def _play(tale: Tale, checks: Checks) -> Answer:
    manager, case, clinic = tale.cast.manager, tale.kept["case"], tale.cast.clinic.organization_id
    said = {"organization_id": clinic, "purpose": PURPOSE, "modality": "written", "fields": ALLOWED}
    given = manager.post(f"/cases/{case}/consents", said, status=201)
    covered = given.body["fields"]
    checks.that("only-what-was-said", covered == sorted(ALLOWED) and WITHHELD not in covered, fields=_list(covered))
    receipt = given.body["entry"]["body"]
    checks.that("ends-by-itself", receipt["at"] < given.body["expires_at"], date=given.body["expires_at"][:10])
    checks.that(
        "consent-stands",
        tale.entries(tale.kept["stream"])[-1] == receipt
        and (receipt["kind"], receipt["recipient"], receipt["purpose"]) == ("consent-given", clinic, PURPOSE),
    )
    checks.that("nothing-left-yet", manager.get(f"/cases/{case}/gone").body == [])
    consent = given.body["consent_id"]
    doors = [("POST", f"/consents/{consent}/withdrawal"), ("GET", f"/cases/{case}/gone")]
    checks.that("consent-not-theirs", not tale.outsider_sees(*doors))
    tale.kept["consent"] = consent
    return given


def _list(codes: list[str]) -> str:
    return ", ".join(codes)


STEP = Step(
    "consent-partial",
    ("only-what-was-said", "ends-by-itself", "consent-stands", "nothing-left-yet", "consent-not-theirs"),
    _play,
)
