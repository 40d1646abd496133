"""A send is computed, and what follows from it: previewed, sent, opened, withdrawn. (R-10, R-11, R-20, R-21)"""

from __future__ import annotations

from typing import Any

import pytest

from api.actions import consents, disclosures, gone, plans, referrals, steps, stopping
from api.actions import standing as standing_actions
from api.actions.consents import Allowing, Asked, Stopped
from api.actions.plans import StatedNeed
from api.actions.referrals import Draft, Sent
from api.actions.standing import NamedGuardian
from api.actions.steps import Stepped
from consent.projection import Packet
from graph.log.entry import verify
from graph.model.consent import ConsentState
from graph.model.log import Entry, Kind
from graph.model.referral import Referral, Status, Step
from graph.model.refusal import Reason, Refusal
from graph.secrets import Secrets
from graph.store import cases, log
from graph.store import consents as consent_store
from graph.store import referrals as referral_store
from graph.store.errors import NotFound
from graph.store.network import Network, Tx
from tests.cast import CAST, CLINIC, COLLEAGUE, OTHER, OWNER, PROVIDER, STRANGER, person_of
from tests.sending import CANARY, CLINIC_SERVICE, NO_SOP_SERVICE, PURPOSE, RECORD, TYPE, Walk


@pytest.fixture
async def walk(clinic: Network, secrets: Secrets) -> Walk:
    return await Walk(clinic, secrets).begin()


async def entries(walk: Walk, *kinds: Kind) -> list[Entry]:
    found = await walk.network.read(log.read, walk.stream)
    assert all(verify(e, walk.secrets.signer.public_key) for e in found)
    assert [e.body.n for e in found] == list(range(1, len(found) + 1))
    return [e for e in found if e.body.kind in kinds]


async def standing(walk: Walk, id: str) -> Referral:
    return await walk.network.read(referral_store.get, id)


async def opened(walk: Walk, id: str) -> Packet | Refusal:
    return await walk.network.write(disclosures.open_copy, id, **(walk.later() | {"actor": PROVIDER}))


async def go(walk: Walk, id: str, *way: tuple[Step, str | None]) -> None:
    """The provider takes these steps."""
    for step, reason in way:
        done = await walk.network.write(steps.take, id, step, reason, **(walk.later() | {"actor": PROVIDER}))
        assert isinstance(done, Stepped), done


async def test_a_preview_shows_exactly_what_the_send_then_freezes(walk: Walk) -> None:
    await walk.allow()
    drafted = await walk.draft()
    assert drafted.purpose == PURPOSE
    shown = await walk.network.write(referrals.preview, drafted.referral_id, **walk.later())
    assert isinstance(shown, Packet)
    assert shown.payload == {f: RECORD[f] for f in ("given_name", "health_condition")}
    assert shown.withheld == ("telephone",) and shown.organization_id == CLINIC
    (looked,) = await entries(walk, Kind.PREVIEWED)
    assert (looked.body.actor, looked.body.referral, looked.body.fields) == (
        OWNER.id, drafted.referral_id, tuple(shown.payload)
    )  # fmt: skip
    sent = await walk.send(drafted.referral_id)
    assert isinstance(sent, Sent)
    assert (sent.fields, sent.withheld, sent.readable_until) == (
        tuple(shown.payload), shown.withheld, shown.readable_until
    )  # fmt: skip
    received = await opened(walk, drafted.referral_id)
    assert isinstance(received, Packet)
    assert received.payload == shown.payload and received.withheld is None


async def test_a_send_leaves_one_signed_entry_with_codes_and_no_values(walk: Walk) -> None:
    given = await walk.allow()
    sent = await walk.sent()
    (entry,) = await entries(walk, Kind.TRANSFER)
    assert entry == sent.entry
    body = entry.body
    assert (body.recipient, body.purpose, body.basis, body.basis_ids) == (
        CLINIC, PURPOSE, "consent", (given.consent_id,)
    )  # fmt: skip
    assert (body.fields, body.disclosure, body.referral) == (sent.fields, sent.disclosure_id, sent.referral_id)
    assert body.payload_commit and body.subject_commit and body.sop_id == f"sop-{CLINIC_SERVICE}"
    referral = await standing(walk, sent.referral_id)
    assert (referral.status, referral.sop_id, referral.sent_by) == (Status.REQUESTED, body.sop_id, OWNER.id)


async def test_a_field_that_is_not_allowed_stops_the_send_if_it_is_required(walk: Walk) -> None:
    await walk.allow("given_name", "telephone")
    drafted = await walk.draft()
    shown = await walk.network.write(referrals.preview, drafted.referral_id, **walk.later())
    refused = await walk.send(drafted.referral_id)
    assert isinstance(refused, Refusal) and refused == shown
    (denied,) = refused.reasons
    assert denied.reason is Reason.REQUIRED_NOT_PERMITTED and denied.places == {"fields": ("health_condition",)}
    (attempt,) = await entries(walk, Kind.REFUSED_ATTEMPT)
    assert attempt.body.reasons == ("required-not-permitted",) and attempt.body.referral == drafted.referral_id
    assert (await standing(walk, drafted.referral_id)).status is Status.DRAFT


async def test_nothing_is_sent_without_consent(walk: Walk) -> None:
    refused = await walk.send((await walk.draft()).referral_id)
    assert isinstance(refused, Refusal) and refused.codes == (Reason.CONSENT_MISSING,)
    assert await entries(walk, Kind.TRANSFER) == []


async def test_a_consent_for_another_organisation_or_purpose_opens_nothing(walk: Walk) -> None:
    await walk.allow(organization_id=OTHER)
    await walk.allow(purpose="housing")
    refused = await walk.send((await walk.draft()).referral_id)
    assert isinstance(refused, Refusal) and refused.codes == (Reason.CONSENT_OTHER_PURPOSE,)


async def test_a_group_of_fields_is_expanded_to_what_may_be_sent(walk: Walk) -> None:
    allowing = Allowing(
        organization_id=CLINIC, purpose=PURPOSE, modality="digital", categories=frozenset({"health", "identity"})
    )
    given = await walk.network.write(consents.give, walk.case_id, allowing, **walk.later())
    assert not isinstance(given, Refusal)
    assert {"given_name", "health_condition"} <= set(given.fields) and "age_band" not in given.fields
    assert isinstance(await walk.send((await walk.draft()).referral_id), Sent)


async def test_a_wording_that_nobody_translated_cannot_be_consented_to(walk: Walk) -> None:
    asked = {"organization_id": CLINIC, "purpose": PURPOSE, "modality": "written", "language": "quc"}
    allowing = Allowing(fields=frozenset({"given_name"}), **asked)
    refused = await walk.network.write(consents.give, walk.case_id, allowing, **walk.later())
    assert isinstance(refused, Refusal)
    assert set(refused.codes) <= {Reason.NOTICE_NOT_TRANSLATED, Reason.NOTICE_UNKNOWN}
    assert len(await entries(walk, Kind.REFUSED_ATTEMPT)) == 1


async def test_only_an_agreed_need_is_drafted(walk: Walk) -> None:
    stated = await walk.need(agreed=False)
    draft = Draft(need_id=stated, service_id=CLINIC_SERVICE)
    refused = await walk.network.write(referrals.draft, walk.case_id, draft, **walk.later())
    assert isinstance(refused, Refusal) and refused.codes == (Reason.NEED_NOT_AGREED,)


async def test_a_service_without_an_sop_is_not_sent_to(walk: Walk) -> None:
    await walk.allow()
    refused = await walk.send((await walk.draft(NO_SOP_SERVICE)).referral_id)
    assert isinstance(refused, Refusal) and refused.codes == (Reason.SOP_NOT_STATED,)


async def test_what_was_sent_is_sent_once_and_a_repeat_is_refused_with_the_open_steps(walk: Walk) -> None:
    await walk.allow()
    sent = await walk.sent()
    again = await walk.send(sent.referral_id)
    assert isinstance(again, Refusal) and again.codes == (Reason.STEP_NOT_OPEN,)
    assert again.reasons[0].places == {"step": "send", "status": "requested", "steps": ("cancel", "void")}
    assert len(await entries(walk, Kind.TRANSFER)) == 1


async def test_only_the_team_sends_and_only_the_receiver_opens(walk: Walk) -> None:
    await walk.allow()
    drafted = await walk.draft()
    for actor in (*(a for a in CAST if a is not OWNER), person_of(walk.case_id)):
        with pytest.raises(NotFound):
            await walk.network.write(referrals.send, drafted.referral_id, **(walk.later() | {"actor": actor}))
    with pytest.raises(NotFound):  # received by nobody yet
        await opened(walk, drafted.referral_id)
    sent = await walk.send(drafted.referral_id)
    assert isinstance(sent, Sent)
    for actor in (*(a for a in CAST if a is not PROVIDER), person_of(walk.case_id)):
        with pytest.raises(NotFound):
            await walk.network.write(disclosures.open_copy, sent.referral_id, **(walk.later() | {"actor": actor}))
        assert sent.referral_id not in [
            q.id for q in await walk.network.read(disclosures.queue, actor=actor, limit=500)
        ]
    assert sent.referral_id in [q.id for q in await walk.network.read(disclosures.queue, actor=PROVIDER, limit=500)]
    assert await entries(walk, Kind.READING) == []


async def test_every_reading_stands_in_the_log(walk: Walk) -> None:
    await walk.allow()
    sent = await walk.sent()
    assert isinstance(await opened(walk, sent.referral_id), Packet)
    assert isinstance(await opened(walk, sent.referral_id), Packet)
    found = await entries(walk, Kind.READING)
    assert [(e.body.actor, e.body.role, e.body.fields) for e in found] == [(PROVIDER.id, "provider", sent.fields)] * 2


async def test_a_withdrawal_cancels_closes_tells_and_lists_what_had_gone(walk: Walk) -> None:
    given = await walk.allow()
    sent = await walk.sent()
    drafted = await walk.draft()
    await opened(walk, sent.referral_id)
    person = person_of(walk.case_id)
    stopped = await walk.network.write(consents.withdraw, given.consent_id, **(walk.later() | {"actor": person}))
    assert isinstance(stopped, Stopped)
    assert set(stopped.cancelled) == {sent.referral_id, drafted.referral_id} and stopped.in_service == ()
    for id in stopped.cancelled:
        referral = await standing(walk, id)
        assert (referral.status, referral.reason) == (Status.CANCELLED, "consent-withdrawn")
    (gone_one,) = stopped.gone
    assert (gone_one.referral_id, gone_one.fields) == (sent.referral_id, sent.fields)
    assert [o.actor_id for o in gone_one.opened] == [PROVIDER.id]
    assert stopped.entry.body.role == "person"
    refused = await opened(walk, sent.referral_id)
    assert isinstance(refused, Refusal) and refused.codes == (Reason.COPY_CLOSED,)
    (attempt,) = await entries(walk, Kind.REFUSED_ATTEMPT)
    assert set(attempt.body.reasons) == {"copy-closed", "consent-withdrawn"}
    assert [len(await entries(walk, kind)) for kind in (Kind.REFERRAL_CANCELLED, Kind.STOP_NOTICE)] == [2, 1]
    listed = await walk.network.read(gone.gone, walk.case_id, actor=person)
    assert len(listed) == 1 and listed[0].closed_at is not None


async def test_a_withdrawal_is_said_once_and_a_repeat_is_refused_aloud(walk: Walk) -> None:
    given = await walk.allow()
    await walk.network.write(consents.withdraw, given.consent_id, **walk.later())
    again = await walk.network.write(consents.withdraw, given.consent_id, **walk.later())
    assert isinstance(again, Refusal) and again.codes == (Reason.NOTHING_TO_WITHDRAW,)


async def test_a_stop_notice_waits_for_the_organisation_it_is_for(walk: Walk) -> None:
    given = await walk.allow()
    await walk.sent()
    stopped = await walk.network.write(consents.withdraw, given.consent_id, **walk.later())
    assert isinstance(stopped, Stopped) and stopped.stop_notice_id
    waiting = await walk.network.read(stopping.notices_to, actor=PROVIDER)
    assert stopped.stop_notice_id in [n.id for n in waiting] and walk.case_id not in [n.case_id for n in waiting]
    for actor in (OWNER, STRANGER, PROVIDER.model_copy(update={"organization_id": OTHER})):
        circumstances = walk.later() | {"actor": actor}
        with pytest.raises(NotFound):
            await walk.network.write(stopping.acknowledge, stopped.stop_notice_id, **circumstances)
    for entries_wanted in (True, False):
        circumstances = walk.later() | {"actor": PROVIDER}
        seen = await walk.network.write(stopping.acknowledge, stopped.stop_notice_id, **circumstances)
        assert seen.in_time and (seen.entry is not None) is entries_wanted
    assert stopped.stop_notice_id not in [n.id for n in await walk.network.read(stopping.notices_to, actor=PROVIDER)]


@pytest.mark.parametrize("goes_on", [True, False])
@pytest.mark.parametrize("status", [Status.IN_PROGRESS, Status.ON_HOLD])
async def test_a_service_in_progress_goes_on_only_by_the_persons_answer(
    walk: Walk, goes_on: bool, status: Status
) -> None:
    given = await walk.allow()
    sent = await walk.sent()
    early = await walk.network.write(stopping.answer_service_goes_on, sent.referral_id, False, **walk.later())
    assert isinstance(early, Refusal) and early.codes == (Reason.NOT_ASKED,)
    await go(walk, sent.referral_id, (Step.ACCEPT, None), (Step.START, None))
    if status is Status.ON_HOLD:
        await go(walk, sent.referral_id, (Step.HOLD, "did-not-come"))
    stopped = await walk.network.write(consents.withdraw, given.consent_id, **walk.later())
    assert isinstance(stopped, Stopped)
    assert (stopped.cancelled, stopped.in_service) == ((), (sent.referral_id,))
    assert (await standing(walk, sent.referral_id)).status is status
    assert isinstance(await opened(walk, sent.referral_id), Refusal)
    circumstances = walk.later() | {"actor": person_of(walk.case_id)}
    answer = await walk.network.write(stopping.answer_service_goes_on, sent.referral_id, goes_on, **circumstances)
    assert not isinstance(answer, Refusal)
    assert answer.status is (status if goes_on else Status.CANCELLED)
    assert (await standing(walk, sent.referral_id)).status is answer.status
    assert isinstance(await opened(walk, sent.referral_id), Refusal)


async def test_a_service_on_hold_that_never_began_ends_with_the_consent(walk: Walk) -> None:
    given = await walk.allow()
    sent = await walk.sent()
    await go(walk, sent.referral_id, (Step.ACCEPT, None), (Step.HOLD, "document-missing"))
    stopped = await walk.network.write(consents.withdraw, given.consent_id, **walk.later())
    assert isinstance(stopped, Stopped)
    assert (stopped.cancelled, stopped.in_service) == ((sent.referral_id,), ())
    referral = await standing(walk, sent.referral_id)
    assert (referral.status, referral.reason) == (Status.CANCELLED, "consent-withdrawn")


async def test_a_refusal_wins_over_a_permit_and_ends_it_until_the_person_says_yes_again(walk: Walk) -> None:
    await walk.allow()
    asked = Asked(organization_id=CLINIC, purpose=PURPOSE, modality="written")
    said = await walk.network.write(consents.refuse, walk.case_id, asked, **walk.later())
    assert isinstance(said, Stopped)
    refused = await walk.send((await walk.draft()).referral_id)
    assert isinstance(refused, Refusal) and refused.codes == (Reason.CONSENT_REFUSED,)
    await walk.allow()
    assert isinstance(await walk.send((await walk.draft()).referral_id), Sent)
    found = await walk.network.read(consent_store.of_case, walk.case_id)
    assert sorted(c.state(at=walk.at).value for c in found) == [
        ConsentState.GIVEN, ConsentState.INVALIDATED, ConsentState.WITHDRAWN
    ]  # fmt: skip


async def test_what_a_later_consent_leaves_out_is_no_longer_shown(walk: Walk) -> None:
    given = await walk.allow("given_name", "health_condition", "telephone")
    sent = await walk.sent()
    assert "telephone" in sent.fields
    await walk.network.write(consents.withdraw, given.consent_id, **walk.later())
    await walk.allow()
    assert isinstance(await opened(walk, sent.referral_id), Refusal)
    fresh = await walk.sent()
    received = await opened(walk, fresh.referral_id)
    assert isinstance(received, Packet) and set(received.payload) == {"given_name", "health_condition"}


async def test_an_expired_consent_sends_and_shows_nothing(walk: Walk) -> None:
    given = await walk.allow()
    sent = await walk.sent()
    walk.at = given.expires_at
    assert isinstance(await opened(walk, sent.referral_id), Refusal)
    refused = await walk.send((await walk.draft()).referral_id)
    assert isinstance(refused, Refusal) and Reason.CONSENT_EXPIRED in refused.codes


async def test_transfers_and_entries_and_received_referrals_are_the_same_ones(walk: Walk) -> None:
    await walk.allow()
    for _ in range(3):
        await walk.sent()
    await walk.send((await walk.draft(NO_SOP_SERVICE)).referral_id)

    async def copies(tx: Tx) -> Any:
        found = await tx.run(
            "MATCH (c:Case {id: $id})-[:HAS]->(:CaseNeed)<-[:FOR]-(r:Referral)-[:SENT]->(d:Disclosure) "
            "MATCH (r)<-[:RECEIVES]-(o:Organization) RETURN d.id AS d, r.id AS r, o.id AS o",
            id=walk.case_id,
        )
        return {(row["d"], row["r"], row["o"]) async for row in found}

    written = await entries(walk, Kind.TRANSFER)
    assert {(e.body.disclosure, e.body.referral, e.body.recipient) for e in written} == await walk.network.read(copies)
    assert len(written) == 3


async def test_no_value_of_a_person_stands_in_the_graph(walk: Walk) -> None:
    given = await walk.allow("given_name", "health_condition", "telephone")
    sent = await walk.sent()
    await opened(walk, sent.referral_id)
    await walk.network.write(consents.withdraw, given.consent_id, **walk.later())

    async def everything(tx: Tx) -> str:
        nodes = await tx.run("MATCH (n) RETURN labels(n) AS l, properties(n) AS p")
        edges = await tx.run("MATCH ()-[r]->() RETURN type(r) AS l, properties(r) AS p")
        return " ".join([str(row.data()) async for row in nodes] + [str(row.data()) async for row in edges])

    found = await walk.network.read(everything)
    assert sent.disclosure_id in found and CANARY not in found


async def test_nobody_else_withdraws(walk: Walk) -> None:
    given = await walk.allow()
    for actor in (*(a for a in CAST if a not in (OWNER, COLLEAGUE)), person_of("another")):
        with pytest.raises(NotFound):
            await walk.network.write(consents.withdraw, given.consent_id, **(walk.later() | {"actor": actor}))


async def test_a_send_that_waited_behind_a_no_is_judged_after_it(walk: Walk) -> None:
    """Its clock was read before the lock was got: a withdrawal may not lie in the future of a slow caller."""
    given = await walk.allow()
    slow = walk.later()
    await walk.network.write(consents.withdraw, given.consent_id, **walk.later())
    drafted = await walk.draft()
    # nor is the no forgotten when the last to write before the send has a clock that runs behind
    await walk.network.write(plans.state_need, walk.case_id, StatedNeed(service_type=TYPE), **slow)
    refused = await walk.network.write(referrals.send, drafted.referral_id, **slow)
    assert isinstance(refused, Refusal) and refused.codes == (Reason.CONSENT_WITHDRAWN,)


async def test_help_that_is_no_longer_wanted_is_not_sent_for(walk: Walk) -> None:
    await walk.allow()
    sent, drafted = await walk.sent(), await walk.draft()
    await walk.network.write(plans.revoke_need, walk.case_id, walk.need_id, **walk.later())
    refused = await walk.send(drafted.referral_id)
    assert isinstance(refused, Refusal) and refused.codes == (Reason.NEED_NOT_AGREED,)
    assert isinstance(await opened(walk, sent.referral_id), Refusal)


async def test_a_destroyed_key_leaves_nothing_to_open(walk: Walk) -> None:
    await walk.allow()
    sent = await walk.sent()
    person = (await walk.network.read(cases.get, walk.case_id, actor=OWNER)).person_id
    walk.secrets.keystore.destroy(person)
    with pytest.raises(NotFound):
        await opened(walk, sent.referral_id)


async def test_a_child_is_not_their_own_voice_and_a_guardian_is(walk: Walk) -> None:
    child = await Walk(walk.network, walk.secrets).begin(age_band="6-11")
    asked = {"organization_id": CLINIC, "purpose": PURPOSE, "modality": "written"}
    own = Allowing(fields=frozenset({"given_name", "health_condition"}), **asked)
    refused = await child.network.write(consents.give, child.case_id, own, **child.later())
    assert isinstance(refused, Refusal) and refused.codes == (Reason.CONSENT_NOT_BY_DECIDER,)
    named = NamedGuardian(kind="parent", countries=frozenset({"GT"}), document="birth-certificate")
    await child.network.write(standing_actions.name_guardian, child.case_id, named, **child.later())
    theirs = own.model_copy(update={"given_by": "guardian", "guardian_id": named.id, "id": "k-" + child.case_id})
    given = await child.network.write(consents.give, child.case_id, theirs, **child.later())
    assert not isinstance(given, Refusal)
    drafted = await child.draft()
    early = await child.send(drafted.referral_id)
    assert isinstance(early, Refusal) and set(early.codes) == {Reason.CHILD_NOT_HEARD, Reason.BEST_INTERESTS_MISSING}
    await child.network.write(standing_actions.hear_child, child.case_id, agrees=True, **child.later())
    await child.network.write(
        standing_actions.determine_best_interests, child.case_id, country="GT", conclusion="x", **child.later()
    )
    assert isinstance(await child.send(drafted.referral_id), Sent)
    await child.network.write(standing_actions.bar_guardian, child.case_id, named.id, **child.later())
    assert isinstance(await opened(child, drafted.referral_id), Refusal)
