"""Before anything leaves: exactly what would leave, to whom, for what and until when. (R-10, R-11)"""

from __future__ import annotations

from api.cli.story.checks import Checks, Step, Tale
from api.cli.story.line import Answer
from api.cli.story.persons import ALLOWED, FIRST, NOT_ASKED, PURPOSE, WITHHELD, drafted


def _play(tale: Tale, checks: Checks) -> Answer:
    manager, clinic = tale.cast.manager, tale.cast.clinic
    referral = drafted(tale, tale.kept["case"], tale.kept["need"])["referral_id"]
    preview = manager.get(f"/referrals/{referral}/preview")
    shown = preview.body["payload"]
    checks.that("payload-is-allowed", shown == {f: FIRST[f] for f in ALLOWED}, fields=", ".join(sorted(shown)))
    checks.that("withheld-is-named", preview.body["withheld"] == [WITHHELD], field=WITHHELD)
    checks.that("unasked-stays", not set(shown) & set(NOT_ASKED), fields=", ".join(NOT_ASKED))
    addressed = (preview.body["organization_id"], preview.body["purpose"], preview.body["basis"])
    checks.that(
        "addressed",
        addressed == (clinic.organization_id, PURPOSE, "consent"),
        until=preview.body["readable_until"][:10],
    )
    unseen = clinic.tries("POST", f"/received/{referral}/opening").status == 404 and not tale.queued(referral)
    checks.that("draft-is-unseen", unseen and manager.get(f"/cases/{tale.kept['case']}/gone").body == [])
    checks.that("preview-not-theirs", not tale.outsider_sees(("GET", f"/referrals/{referral}/preview")))
    tale.kept.update({"referral": referral, "preview": shown})
    return preview


STEP = Step(
    "previewed",
    (
        "payload-is-allowed",
        "withheld-is-named",
        "unasked-stays",
        "addressed",
        "draft-is-unseen",
        "preview-not-theirs",
    ),
    _play,
)
