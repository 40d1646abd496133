"""Asking first: what leaves says nothing of who it is, answers come back, one is chosen, and it ends by itself. (R-10, R-35)"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from api.actions import cases, enquiries, plans
from api.actions.case_change import new_id
from api.actions.enquiries import Answered, AskedOf, Chosen
from api.actions.plans import MadeAssessment
from graph.model.actor import Actor, Role
from graph.model.case import Closure
from graph.model.directory import Suspension
from graph.model.enquiry import LIVES, Asked, EnquiryState
from graph.model.log import Kind
from graph.model.referral import Status
from graph.model.refusal import Reason, Refusal
from graph.secrets import Secrets
from graph.store import log, referrals, suspensions
from graph.store.errors import NotFound
from graph.store.network import Network, Tx
from tests.asking import SECOND_SERVICE, SECRET_SERVICE, SHELTER, Asker, set_the_clinics
from tests.cast import ADMIN, COLLEAGUE, OFFICER, OTHER, OWNER, PROVIDER, STRANGER, TOWN, person_of
from tests.sending import CANARY, CLINIC_SERVICE, LATER, OTHER_SERVICE, TYPE, Patient

OTHER_PROVIDER = Actor(id="a-provider-other", organization_id=OTHER, roles=frozenset({Role.PROVIDER}))


@pytest.fixture(scope="module")
async def town(network: Network, secrets: Secrets) -> Network:
    """Enough others that one more is not known among them."""
    await set_the_clinics(network)
    await Asker(network, secrets, at=LATER).crowd()
    return Patient.of(network)


@pytest.fixture
async def asker(town: Network, secrets: Secrets) -> AsyncIterator[Asker]:
    found = Asker(town, secrets)
    await found.begin(age_band="26-59", languages=["quc", "spa"])
    yield found
    await town.write(plans.revoke_need, found.case_id, found.need_id, **found.later())  # no longer one of the crowd


def by(asker: Asker, actor: Actor) -> dict[str, Any]:
    return asker.later() | {"actor": actor}


async def answered(asker: Asker, id: str, said: Any, reason: str | None = None, *, actor: Actor = PROVIDER) -> Any:
    return await asker.network.write(enquiries.answer, id, said, reason, **by(asker, actor))


async def states(asker: Asker) -> dict[str, EnquiryState]:
    found = await asker.network.read(
        enquiries.of_need, asker.case_id, asker.need_id, actor=OWNER, at=asker.at + timedelta(seconds=1)
    )
    return {question.id: question.state for question in found}


async def test_what_leaves_says_nothing_of_who_it_is(town: Network, asker: Asker) -> None:
    found = await asker.asked()
    assert found.asked == Asked(service_type=TYPE, area=TOWN, age_band="26-59", language="spa")
    assert found.widened == ()
    for actor, service in ((PROVIDER, CLINIC_SERVICE), (OTHER_PROVIDER, SECOND_SERVICE)):
        (row,) = [
            q for q in await town.read(enquiries.queue, actor=actor, at=asker.at, limit=200)
            if q.id in {e.id for e in found.enquiries}
        ]  # fmt: skip
        assert row.service_id == service
        told = json.dumps(row.model_dump(mode="json"))
        for private in (asker.case_id, asker.need_id, asker.stream, OWNER.id, CANARY, "quc"):
            assert private not in told
        assert set(row.model_dump()) == {
            "id", "service_id", "asked", "state", "asked_at", "expires_at", "answer", "reason",
        }  # fmt: skip


async def test_each_question_is_an_entry_of_its_own_that_the_person_can_read(town: Network, asker: Asker) -> None:
    before = await town.read(log.length, asker.stream)
    found = await asker.asked()
    entries = (await town.read(log.read, asker.stream))[before:]
    assert [e.body.kind for e in entries] == [Kind.ASK_FIRST] * 2 == [e.body.kind for e in found.entries]
    assert tuple(entries) == found.entries
    for entry, question in zip(entries, found.enquiries, strict=True):
        assert entry.body.fields == ("needs", "municipality", "age_band", "languages")
        assert (entry.body.recipient, entry.body.request_id) == (question.organization_id, question.id)
    person = person_of(asker.case_id)
    mine = await town.read(enquiries.of_case, asker.case_id, actor=person, at=asker.at)
    assert {q.id for q in mine} == {q.id for q in found.enquiries}
    for stranger in (STRANGER, PROVIDER, ADMIN, person_of("another")):
        with pytest.raises(NotFound):
            await town.read(enquiries.of_case, asker.case_id, actor=stranger, at=asker.at)


async def test_one_too_few_and_nothing_is_asked(town: Network, asker: Asker, secrets: Secrets) -> None:
    rare = Asker(town, secrets)
    await rare.begin(age_band="60-", languages=["mam"])
    try:
        found = await rare.ask(language="mam")
        assert isinstance(found, AskedOf)
        assert found.asked == Asked(service_type=TYPE, area=TOWN, age_band="18-", language=None)
        assert found.widened == ("age-widened", "language-left-out")
    finally:
        await town.write(plans.revoke_need, rare.case_id, rare.need_id, **rare.later())
    child = Asker(town, secrets)
    await child.begin(age_band="6-11")
    found = await child.ask(language=None)
    assert isinstance(found, AskedOf) and found.asked.age_band is None, "other children are too few"
    await town.write(plans.revoke_need, child.case_id, child.need_id, **child.later())


async def test_with_fewer_than_k_in_the_whole_country_it_is_refused_and_written_down(
    town: Network, secrets: Secrets
) -> None:
    """Of ten there are nine until the asker comes: without any one of them it is refused."""
    asker = Asker(town, secrets)
    await asker.begin(age_band="26-59", languages=["spa"])

    async def one_less(tx: Tx) -> str:
        found = await tx.run(
            "MATCH (c:Case)-[:HAS]->(n:CaseNeed) WHERE n.agreed_at IS NOT NULL AND n.revoked_at IS NULL "
            "AND c.id <> $id RETURN n.id AS id, c.id AS case_id ORDER BY id LIMIT 1",
            id=asker.case_id,
        )
        row = await found.single(strict=True)
        await (await tx.run("MATCH (c:Case {id: $id}) SET c.closed_at = $at", id=row["case_id"], at=asker.at)).consume()
        return str(row["case_id"])

    async def back(tx: Tx, case_id: str) -> None:
        await (await tx.run("MATCH (c:Case {id: $id}) SET c.closed_at = null", id=case_id)).consume()

    closed = await town.write(one_less)
    entries = await town.read(log.length, asker.stream)
    refused = await asker.ask()
    assert isinstance(refused, Refusal) and refused.codes == (Reason.TOO_FEW_PEOPLE,)
    last = (await town.read(log.read, asker.stream))[-1].body
    assert (last.kind, last.reasons, last.n) == (Kind.REFUSED_ATTEMPT, ("too-few-people",), entries + 1)
    assert not await states(asker)
    await town.write(back, closed)
    assert isinstance(await asker.ask(), AskedOf)
    await town.write(plans.revoke_need, asker.case_id, asker.need_id, **asker.later())


async def test_never_for_trafficking_for_a_secret_place_or_what_nobody_agreed_to(town: Network, asker: Asker) -> None:
    for service, why in (
        (SHELTER, {Reason.NEVER_FOR_TRAFFICKING, Reason.TYPE_NOT_OFFERED}),
        (SECRET_SERVICE, {Reason.SERVICE_SEALED}),
        (OTHER_SERVICE, {Reason.TYPE_NOT_OFFERED}),
    ):
        for services in ((service,), (CLINIC_SERVICE, service)):
            no = await asker.ask(*services)
            assert isinstance(no, Refusal) and set(no.codes) == why, (services, no)
    no = await asker.ask(language="mam")
    assert isinstance(no, Refusal) and no.codes == (Reason.LANGUAGE_NOT_THEIRS,)
    with pytest.raises(NotFound):
        await asker.ask(CLINIC_SERVICE, "s-nowhere")
    agreed, asker.need_id = asker.need_id, await asker.need(agreed=False)
    no = await asker.ask()
    assert isinstance(no, Refusal) and no.codes == (Reason.NEED_NOT_AGREED,)
    asker.need_id = agreed
    await town.write(cases.restrict, asker.case_id, restricted=True, **asker.later())
    no = await asker.ask()
    assert isinstance(no, Refusal) and no.codes == (Reason.NEVER_FOR_TRAFFICKING,)
    assert not await states(asker)


async def test_what_is_suspended_is_not_asked(town: Network, asker: Asker) -> None:
    stop = Suspension(
        id="x-ask", subject="service", subject_id=CLINIC_SERVICE, reason="security", valid_from=asker.at.date()
    )

    async def stopped(tx: Tx) -> None:
        await suspensions.upsert(tx, [stop])

    await town.write(stopped)
    no = await asker.ask()
    assert isinstance(no, Refusal) and no.codes == (Reason.SERVICE_SUSPENDED,)
    await town.write(suspensions.remove, stop.id)
    assert isinstance(await asker.ask(), AskedOf)


async def test_nobody_else_asks_chooses_or_answers(town: Network, asker: Asker) -> None:
    found = await asker.asked()
    id = found.enquiries[0].id
    asking = enquiries.Asking(service_ids=(CLINIC_SERVICE,))
    for actor in (COLLEAGUE, STRANGER, PROVIDER, ADMIN, OFFICER, person_of(asker.case_id)):
        with pytest.raises(NotFound):
            await town.write(enquiries.ask, asker.case_id, asker.need_id, asking, **by(asker, actor))
        with pytest.raises(NotFound):
            await town.write(enquiries.choose, id, "r" * 32, **by(asker, actor))
    for actor in (OWNER, COLLEAGUE, STRANGER, OTHER_PROVIDER, ADMIN, OFFICER, person_of(asker.case_id)):
        with pytest.raises(NotFound):
            await answered(asker, id, "can", actor=actor)
    assert (await states(asker))[id] is EnquiryState.OPEN


async def test_answers_and_their_reasons(town: Network, asker: Asker) -> None:
    first, second = (await asker.asked()).enquiries
    for said, reason, why in (
        ("cannot", None, Reason.REASON_MISSING),
        ("cannot", "delivered", Reason.REASON_UNKNOWN),
        ("can", "full-now", Reason.REASON_UNKNOWN),
    ):
        no = await answered(asker, first.id, said, reason)
        assert isinstance(no, Refusal) and no.codes == (why,)
    yes = await answered(asker, first.id, "cannot", "full-now")
    assert isinstance(yes, Answered) and (yes.answer, yes.reason) == ("cannot", "full-now")
    last = (await town.read(log.read, asker.stream))[-1].body
    assert (last.kind, last.reasons, last.role) == (Kind.ENQUIRY_ANSWERED, ("cannot", "full-now"), Role.PROVIDER)
    no = await asker.network.write(enquiries.choose, first.id, "0" * 31 + "a", **asker.later())
    assert isinstance(no, Refusal) and no.codes == (Reason.NOTHING_TO_CHOOSE,)
    no = await asker.network.write(enquiries.choose, second.id, "0" * 31 + "b", **asker.later())
    assert isinstance(no, Refusal) and no.codes == (Reason.NOTHING_TO_CHOOSE,), "it has not answered"
    again = await asker.ask()
    assert isinstance(again, Refusal) and again.codes == (Reason.ALREADY_ASKED,)
    assert isinstance(await answered(asker, first.id, "can"), Answered), "a place became free"


async def test_the_chosen_one_has_a_draft_and_the_others_are_no_longer_needed(town: Network, asker: Asker) -> None:
    first, second = (await asker.asked()).enquiries
    assert isinstance(await answered(asker, first.id, "can"), Answered)
    referral = "c" * 24 + asker.case_id.replace("-", "")[:8].lower()
    chosen = await town.write(enquiries.choose, first.id, referral, **asker.later())
    assert isinstance(chosen, Chosen), chosen
    assert (chosen.referral_id, chosen.no_longer_needed) == (referral, (second.id,))
    drafted = await town.read(referrals.get, referral)
    assert (drafted.status, drafted.service_id, drafted.need_id) == (Status.DRAFT, CLINIC_SERVICE, asker.need_id)
    assert await states(asker) == {first.id: EnquiryState.CHOSEN, second.id: EnquiryState.NOT_NEEDED}
    for id, actor in ((first.id, PROVIDER), (second.id, OTHER_PROVIDER)):
        no = await answered(asker, id, "can", actor=actor)
        assert isinstance(no, Refusal) and no.codes == (Reason.ENQUIRY_ENDED,)
    no = await town.write(enquiries.choose, first.id, "d" * 32, **asker.later())
    assert isinstance(no, Refusal) and no.codes == (Reason.ENQUIRY_ENDED,)


async def test_it_ends_by_itself_with_the_need_and_with_the_case(town: Network, asker: Asker) -> None:
    first, _ = (await asker.asked()).enquiries
    assert isinstance(await answered(asker, first.id, "can"), Answered)
    asker.at = first.asked_at + LIVES - timedelta(minutes=2)
    assert isinstance(await answered(asker, first.id, "can"), Answered)
    asker.at = first.asked_at + LIVES
    no = await answered(asker, first.id, "can")
    assert isinstance(no, Refusal) and no.codes == (Reason.ENQUIRY_ENDED,)
    assert set((await states(asker)).values()) == {EnquiryState.EXPIRED}
    third, _ = (await asker.asked()).enquiries
    await town.write(plans.revoke_need, asker.case_id, asker.need_id, **asker.later())
    await town.write(plans.agree_need, asker.case_id, asker.need_id, **asker.later())
    assert (await states(asker))[third.id] is EnquiryState.NOT_NEEDED, "a new yes opens no old question"
    fourth, _ = (await asker.asked()).enquiries
    await town.write(cases.close, asker.case_id, Closure.SUPPORT_ENDS, **asker.later())
    assert (await states(asker))[fourth.id] is EnquiryState.NOT_NEEDED
    no = await answered(asker, fourth.id, "can")
    assert isinstance(no, Refusal) and no.codes == (Reason.ENQUIRY_ENDED,)


async def test_an_answer_and_a_choice_at_the_same_time_come_one_after_the_other(town: Network, asker: Asker) -> None:
    first, second = (await asker.asked()).enquiries
    assert isinstance(await answered(asker, first.id, "can"), Answered)
    choice = town.write(enquiries.choose, first.id, "e" * 24 + asker.need_id[:8], **asker.later())
    late, chosen = await asyncio.gather(answered(asker, second.id, "can", actor=OTHER_PROVIDER), choice)
    assert isinstance(chosen, Chosen)
    assert (await states(asker))[second.id] is EnquiryState.NOT_NEEDED
    assert isinstance(late, Answered) or late.codes == (Reason.ENQUIRY_ENDED,)


async def test_two_questions_laid_side_by_side_tell_no_more_than_one(town: Network, secrets: Secrets) -> None:
    """In each language there are enough people, in both at once there are not: the second question leaves it out."""
    others = Asker(town, secrets)
    await others.crowd(languages=["quc"])
    asker = Asker(town, secrets, at=others.at)
    await asker.begin(age_band="26-59", languages=["quc", "spa"])
    first = await asker.ask(CLINIC_SERVICE, language="spa")
    assert isinstance(first, AskedOf) and first.asked.language == "spa"
    for service in (CLINIC_SERVICE, SECOND_SERVICE):
        asker.at += LIVES
        second = await asker.ask(service, language="quc")
        assert isinstance(second, AskedOf) and second.asked.language is None, (service, second)
    await town.write(plans.revoke_need, asker.case_id, asker.need_id, **asker.later())
    asker.need_id = await asker.need()
    anew = await asker.ask(CLINIC_SERVICE, language="quc")
    assert isinstance(anew, AskedOf) and anew.asked.language is None, "a new need of the same kind forgets nothing"
    await town.write(plans.revoke_need, asker.case_id, asker.need_id, **asker.later())
    alone = Asker(town, secrets, at=asker.at)
    await alone.begin(age_band="26-59", languages=["quc", "spa"])
    only = await alone.ask(CLINIC_SERVICE, language="quc")
    assert isinstance(only, AskedOf) and only.asked.language == "quc", "by itself it may be said"
    await town.write(plans.revoke_need, alone.case_id, alone.need_id, **alone.later())


async def test_whom_the_person_chose_is_drafted_also_where_another_was_suggested_first(
    town: Network, asker: Asker
) -> None:
    for service, actor in ((CLINIC_SERVICE, PROVIDER), (SECOND_SERVICE, OTHER_PROVIDER)):
        (question,) = (await asker.asked(service)).enquiries
        assert isinstance(await answered(asker, question.id, "can", actor=actor), Answered)
        chosen = await town.write(enquiries.choose, question.id, new_id(), **asker.later())
        assert isinstance(chosen, Chosen), chosen


@pytest.mark.parametrize("how", ["restricted", "assessed"])
async def test_what_was_asked_ends_once_it_is_known_that_somebody_may_be_looked_for(
    town: Network, asker: Asker, how: str
) -> None:
    first, _ = (await asker.asked()).enquiries
    if how == "restricted":
        await town.write(cases.restrict, asker.case_id, restricted=True, **asker.later())
    else:
        found = MadeAssessment(kind="needs", factors={"threatened": None})
        await town.write(plans.assess, asker.case_id, found, **asker.later())
    assert set((await states(asker)).values()) == {EnquiryState.NOT_NEEDED}
    no = await answered(asker, first.id, "can")
    assert isinstance(no, Refusal) and no.codes == (Reason.ENQUIRY_ENDED,)
