"""What follows from a reason: done at once or a task that somebody ends, and nothing of it forgotten. (R-02, R-07, R-14)"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from api.actions import case_suggestions, consequences, referral_view, steps, tasks, verifying
from api.actions.consequences import RULES, TABLE, TASK
from api.actions.steps import Stepped
from api.actions.suggestions import Answer
from api.actions.tasks import TaskDone
from api.texts import LANGUAGES, catalogue
from graph.model.actor import Actor, Role
from graph.model.referral import Referral, Step
from graph.model.refusal import Reason, Refusal
from graph.model.status_reason import Consequence
from graph.seed.status_reasons import status_reasons
from graph.store import referrals
from graph.store.errors import NotFound
from graph.store.network import Network, Tx
from tests.cast import COLLEAGUE, HOME, OTHER, OWNER, PROVIDER, STRANGER
from tests.sending import CLINIC_SERVICE, Walk

COMMITTEE = Actor(id="a-committee", organization_id=HOME, roles=frozenset({Role.COMMITTEE}))
OTHER_PROVIDER = Actor(id="a-provider-other", organization_id=OTHER, roles=frozenset({Role.PROVIDER}))
AT = datetime(2026, 12, 1, tzinfo=UTC)

IDS = dict.fromkeys(("id", "case_id", "need_id", "service_id", "requester_id", "responder_id"), "x")


async def declined(walk: Walk, reason: str) -> Referral:
    """A referral that the clinic rejected for this reason."""
    sent = await walk.sent()
    by = walk.later() | {"actor": PROVIDER}
    done = await walk.network.write(steps.take, sent.referral_id, Step.REJECT, reason, **by)
    assert isinstance(done, Stepped), done
    return await walk.network.read(referrals.get, sent.referral_id)


async def demands(clinic: Network, reason: str) -> list[dict[str, Any]]:
    async def all_(tx: Tx) -> list[dict[str, Any]]:
        rows = await tx.run("MATCH (d:Demand {reason: $reason}) RETURN properties(d) AS d", reason=reason)
        return [dict(row["d"]) async for row in rows]

    return await clinic.read(all_)


async def listed(clinic: Network, actor: Actor) -> dict[tuple[str, str], verifying.ToVerify]:
    found = await clinic.read(verifying.listed, actor=actor, at=AT, limit=200)
    return {(entry.reason, entry.consequence.value): entry for entry in found.entries}


def test_every_consequence_is_done_or_is_a_task() -> None:
    assert set(TABLE) == set(Consequence)
    for reason in status_reasons().values():
        lone = Referral(**IDS, purpose="health-care", reason=reason.code, created_at=AT)
        for consequence in reason.consequences:
            assert (TABLE[consequence] is not TASK) != (consequence in consequences.open_tasks(lone)), reason.code


def test_what_is_counted_as_a_gap_has_words_for_the_committee() -> None:
    for reason in status_reasons().values():
        if Consequence.COUNT_GAP in reason.consequences:
            assert all(f"gap.{reason.code}" in catalogue(language) for language in LANGUAGES), reason.code


def test_every_reason_that_doubts_an_entry_names_its_rules() -> None:
    doubting = {r.code for r in status_reasons().values() if Consequence.RE_VERIFY in r.consequences}
    assert set(RULES) == doubting


async def test_a_gap_is_counted_once_for_a_need_and_names_nobody(clinic: Network, walk: Walk) -> None:
    before = len(await demands(clinic, "full-now"))
    referral = await declined(walk, "full-now")
    await declined(walk, "full-now")
    counted = await demands(clinic, "full-now")
    assert len(counted) == before + 1
    assert set(counted[-1]) == {"key", "service_type", "department", "month", "reason", "near_miss"}
    assert not {walk.case_id, walk.need_id, referral.id} & {str(v) for d in counted for v in d.values()}


async def test_a_decline_against_our_data_doubts_the_entry_until_it_is_verified(clinic: Network, walk: Walk) -> None:
    first = await declined(walk, "outside-coverage")
    assert "coverage" in first.met
    assert first.against_data
    own = (await listed(clinic, PROVIDER))["outside-coverage", "re-verify"]
    assert (own.service_id, own.count, own.against_data) == (CLINIC_SERVICE, 1, 1)
    await declined(walk, "outside-coverage")
    again = (await listed(clinic, PROVIDER))["outside-coverage", "re-verify"]
    assert (again.id, again.since, again.count) == (own.id, own.since, 2)
    seen = (await listed(clinic, COMMITTEE))["outside-coverage", "re-verify"]
    assert (seen.service_id, seen.count, seen.against_data) == (CLINIC_SERVICE, None, None)
    assert await listed(clinic, OTHER_PROVIDER) == {}
    assert (await offer(walk)).to_verify_since == own.since.date()
    for stranger in (OTHER_PROVIDER, OWNER, STRANGER):
        with pytest.raises(NotFound):
            await clinic.write(verifying.verify, CLINIC_SERVICE, **walk.later() | {"actor": stranger})
    done = await clinic.write(verifying.verify, CLINIC_SERVICE, **walk.later() | {"actor": PROVIDER})
    assert "outside-coverage" in done.cleared
    assert ("outside-coverage", "re-verify") not in await listed(clinic, COMMITTEE)
    assert (await offer(walk)).to_verify_since is None
    await declined(walk, "outside-coverage")
    assert (await listed(clinic, PROVIDER))["outside-coverage", "re-verify"].count == 1
    await clinic.write(verifying.verify, CLINIC_SERVICE, **walk.later() | {"actor": COMMITTEE})


async def offer(walk: Walk) -> Any:
    answer = await walk.network.read(case_suggestions.suggest, walk.case_id, walk.need_id, **walk.later())
    assert isinstance(answer, Answer)
    judged = (*answer.suggestions.suggested, *answer.suggestions.ruled_out)
    return next(j.offer for j in judged if j.offer.terms.service_id == CLINIC_SERVICE)


async def test_what_our_data_had_said_already_is_no_doubt(clinic: Network, walk: Walk) -> None:
    sent = await walk.sent()
    draft = await clinic.read(referrals.get, sent.referral_id)
    await clinic.write(referrals.save, draft.model_copy(update={"met": ("status",), "unmet": ("age",)}))
    by = walk.later() | {"actor": PROVIDER}
    await clinic.write(steps.take, sent.referral_id, Step.REJECT, "not-eligible-age", **by)
    now = await clinic.read(referrals.get, sent.referral_id)
    assert not now.against_data
    assert ("not-eligible-age", "re-verify") not in await listed(clinic, PROVIDER)


async def test_the_committee_is_told_and_the_organisation_does_not_clear_that(clinic: Network, walk: Walk) -> None:
    await declined(walk, "funds-exhausted")
    assert ("funds-exhausted", "tell-committee") in await listed(clinic, COMMITTEE)
    assert ("funds-exhausted", "tell-committee") not in await listed(clinic, PROVIDER)
    await clinic.write(verifying.verify, CLINIC_SERVICE, **walk.later() | {"actor": PROVIDER})
    assert ("funds-exhausted", "tell-committee") in await listed(clinic, COMMITTEE)
    await clinic.write(verifying.verify, CLINIC_SERVICE, **walk.later() | {"actor": COMMITTEE})
    assert ("funds-exhausted", "tell-committee") not in await listed(clinic, COMMITTEE)


async def test_declines_though_eligible_are_an_indicator_that_hides_the_few(clinic: Network, walk: Walk) -> None:
    for _ in range(2):
        await declined(walk, "outside-coverage")
    found = await clinic.read(verifying.listed, actor=COMMITTEE, at=AT)
    assert [(c.service_type, c.declined) for c in found.declined_though_eligible] == [("social.health.care", None)]
    for _ in range(10):
        await declined(walk, "outside-coverage")
    found = await clinic.read(verifying.listed, actor=COMMITTEE, at=AT)
    assert (found.declined_though_eligible[0].declined or 0) >= 10
    assert (await clinic.read(verifying.listed, actor=PROVIDER, at=AT)).declined_though_eligible == ()
    for nobody in (OWNER, COLLEAGUE):
        with pytest.raises(NotFound):
            await clinic.read(verifying.listed, actor=nobody, at=AT)


async def test_a_task_stands_until_the_team_has_done_it(clinic: Network, walk: Walk) -> None:
    referral = await declined(walk, "document-missing")
    mine = await clinic.read(referral_view.view, referral.id, actor=OWNER, at=walk.at)
    assert mine.tasks == (Consequence.BACK_TO_SENDER, Consequence.CALL_PERSON)
    assert (await clinic.read(referral_view.view, referral.id, actor=PROVIDER, at=walk.at)).tasks == ()
    for other in (PROVIDER, COLLEAGUE, STRANGER):
        with pytest.raises(NotFound):
            await clinic.write(tasks.done, referral.id, Consequence.CALL_PERSON, **walk.later() | {"actor": other})
    done = await clinic.write(tasks.done, referral.id, Consequence.CALL_PERSON, **walk.later())
    assert isinstance(done, TaskDone)
    assert done.tasks == (Consequence.BACK_TO_SENDER,)
    assert done.entry.body.reasons == ("call-person",)
    again = await clinic.write(tasks.done, referral.id, Consequence.CALL_PERSON, **walk.later())
    assert isinstance(again, Refusal)
    assert again.codes == (Reason.TASK_NOT_OPEN,)
    assert again.reasons[0].places == {"tasks": ("back-to-sender",)}


async def test_another_reason_begins_its_own_tasks(clinic: Network, walk: Walk) -> None:
    sent = await walk.sent()
    for step, reason in ((Step.ACCEPT, None), (Step.HOLD, "document-missing")):
        await clinic.write(steps.take, sent.referral_id, step, reason, **walk.later() | {"actor": PROVIDER})
    await clinic.write(tasks.done, sent.referral_id, Consequence.CALL_PERSON, **walk.later())
    await clinic.write(steps.take, sent.referral_id, Step.FAIL, "did-not-come", **walk.later() | {"actor": PROVIDER})
    now = await clinic.read(referral_view.view, sent.referral_id, actor=OWNER, at=walk.at)
    assert now.tasks == (Consequence.CALL_PERSON,)
