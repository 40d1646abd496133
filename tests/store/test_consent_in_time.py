"""A consent has an end, a withdrawal is no pause, and a stage is a stage: what time does to a yes. (R-13, R-20, R-24)"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from api.actions import consents, disclosures, referrals, standing, stopping
from api.actions.consents import Allowing, Answered, Stopped
from api.actions.referrals import Sent
from api.actions.standing import NamedGuardian
from consent.projection import Packet
from graph.model.consent import Consent, ConsentState
from graph.model.log import Entry, Kind
from graph.model.referral import Status
from graph.model.refusal import Reason, Refusal
from graph.secrets import Secrets
from graph.store import consents as consent_store
from graph.store import log
from graph.store import referrals as referral_store
from graph.store.network import Network, Tx
from tests.cast import CLINIC, OWNER, PROVIDER, person_of
from tests.sending import PURPOSE, RECORD, Walk


@pytest.fixture
async def walk(clinic: Network, secrets: Secrets) -> Walk:
    return await Walk(clinic, secrets).begin()


async def entries(walk: Walk, *kinds: Kind) -> list[Entry]:
    return [e for e in await walk.network.read(log.read, walk.stream) if e.body.kind in kinds]


async def opened(walk: Walk, id: str) -> Packet | Refusal:
    return await walk.network.write(disclosures.open_copy, id, **(walk.later() | {"actor": PROVIDER}))


async def kept(walk: Walk, id: str) -> Consent:
    found = await walk.network.read(consent_store.of_case, walk.case_id)
    return next(consent for consent in found if consent.id == id)


async def test_who_first_meets_an_expired_consent_leaves_an_entry_and_who_meets_it_again_none(walk: Walk) -> None:
    given = await walk.allow()
    sent, drafted = await walk.sent(), await walk.draft()
    assert isinstance(await opened(walk, sent.referral_id), Packet)
    assert await entries(walk, Kind.CONSENT_EXPIRED) == []
    walk.at = given.expires_at
    assert isinstance(await opened(walk, sent.referral_id), Refusal)
    (ended,) = await entries(walk, Kind.CONSENT_EXPIRED)
    assert (ended.body.basis_ids, ended.body.recipient, ended.body.purpose) == ((given.consent_id,), CLINIC, PURPOSE)
    assert (ended.body.actor, ended.body.role) == (PROVIDER.id, "provider")
    assert isinstance(await walk.send(drafted.referral_id), Refusal)
    assert isinstance(await opened(walk, sent.referral_id), Refusal)
    assert await entries(walk, Kind.CONSENT_EXPIRED) == [ended]
    assert "consent-expired" in (await entries(walk, Kind.REFUSED_ATTEMPT))[0].body.reasons
    event = (await kept(walk, given.consent_id)).events[-1]
    assert (event.state, event.at) == (ConsentState.EXPIRED, given.expires_at), "it ended then, whenever it was met"


async def test_an_expired_consent_beside_one_that_holds_is_met_by_nobody(walk: Walk) -> None:
    lasting = await kept(walk, (await walk.allow()).consent_id)
    short = lasting.model_copy(update={"id": f"{lasting.id}-short", "expires_at": walk.at + timedelta(days=1)})
    await walk.network.write(consent_store.create, short)
    walk.at = short.expires_at
    assert isinstance(await walk.send((await walk.draft()).referral_id), Sent)
    assert await entries(walk, Kind.CONSENT_EXPIRED) == []


@pytest.mark.parametrize("running", [False, True])
async def test_a_new_yes_lets_new_copies_leave_and_reopens_none_that_a_withdrawal_closed(
    walk: Walk, running: bool
) -> None:
    given = await walk.allow()
    sent = await walk.sent()
    if running:

        async def start(tx: Tx) -> None:
            referral = await referral_store.get(tx, sent.referral_id)
            await referral_store.save(tx, referral.model_copy(update={"status": Status.IN_PROGRESS}))

        await walk.network.write(start)
    assert isinstance(await walk.network.write(consents.withdraw, given.consent_id, **walk.later()), Stopped)
    if running:
        circumstances = walk.later() | {"actor": person_of(walk.case_id)}
        await walk.network.write(stopping.answer_service_goes_on, sent.referral_id, True, **circumstances)
    assert isinstance(await walk.send((await walk.draft()).referral_id), Refusal)
    again = await walk.allow()
    assert again.consent_id != given.consent_id
    assert (await kept(walk, given.consent_id)).state(at=walk.at) is ConsentState.WITHDRAWN
    assert isinstance(await opened(walk, sent.referral_id), Refusal), "what was closed stays closed"
    status = (await walk.network.read(referral_store.get, sent.referral_id)).status
    assert status is (Status.IN_PROGRESS if running else Status.CANCELLED)
    fresh = await walk.sent()
    assert isinstance(await opened(walk, fresh.referral_id), Packet)
    assert fresh.entry.body.basis_ids == (again.consent_id,)


async def test_a_yes_for_the_follow_up_sends_nothing_at_first_contact(walk: Walk) -> None:
    await walk.allow(stages=frozenset({"follow-up"}))
    refused = await walk.send((await walk.draft()).referral_id)
    assert isinstance(refused, Refusal) and refused.codes == (Reason.REQUIRED_AT_OTHER_STAGE,)
    assert refused.reasons[0].places == {"fields": ("given_name", "health_condition")}


async def test_a_yes_for_both_stages_sends_at_first_contact_what_first_contact_asks_for(walk: Walk) -> None:
    """Today nothing sends at the follow-up: what was allowed for it lies ready and has no door."""
    fields = ("given_name", "health_condition", "allergies")
    await walk.allow(*fields, stages=frozenset({"first-contact", "follow-up"}))
    sent = await walk.sent()
    assert set(sent.fields) == {"given_name", "health_condition"}
    packet = await opened(walk, sent.referral_id)
    assert isinstance(packet, Packet) and packet.stage == "first-contact"
    assert RECORD["allergies"] not in str(packet.payload)


async def a_child(walk: Walk, *, born: datetime) -> tuple[Walk, NamedGuardian, Answered]:
    """A child with a parent who consented, heard, with best interests determined."""
    child = await Walk(walk.network, walk.secrets).begin(birth_date=born.date().isoformat(), age_band=None)
    named = NamedGuardian(kind="parent", countries=frozenset({"GT"}), document="birth-certificate")
    await child.network.write(standing.name_guardian, child.case_id, named, **child.later())
    await child.network.write(standing.hear_child, child.case_id, agrees=True, **child.later())
    await child.network.write(
        standing.determine_best_interests, child.case_id, country="GT", conclusion="x", **child.later()
    )
    return child, named, await child.allow(given_by="guardian", guardian_id=named.id)


async def test_the_18th_birthday_ends_what_a_guardian_allowed_and_only_the_person_allows_anew(walk: Walk) -> None:
    birthday = walk.at + timedelta(days=40)
    born = birthday.replace(year=birthday.year - 18)
    child, named, given = await a_child(walk, born=born)
    assert given.expires_at.date() == birthday.date()
    sent, drafted = await child.sent(), await child.draft()
    child.at = given.expires_at - timedelta(minutes=2)
    assert isinstance(await opened(child, sent.referral_id), Packet)
    child.at = given.expires_at
    assert isinstance(await opened(child, sent.referral_id), Refusal)
    refused = await child.send(drafted.referral_id)
    assert isinstance(refused, Refusal) and refused.codes == (Reason.CONSENT_EXPIRED,)
    fields = frozenset({"given_name", "health_condition"})
    asked: dict[str, Any] = {"organization_id": CLINIC, "purpose": PURPOSE, "modality": "written", "fields": fields}
    late = Allowing(**asked, given_by="guardian", guardian_id=named.id)
    no = await child.network.write(consents.give, child.case_id, late, **child.later())
    assert isinstance(no, Refusal) and no.codes == (Reason.CONSENT_NOT_BY_DECIDER,)
    await child.allow()
    assert isinstance(await child.send(drafted.referral_id), Sent)


async def test_a_preview_leaves_an_entry_and_one_that_is_refused_shows_and_leaves_none(walk: Walk) -> None:
    drafted = await walk.draft()
    assert isinstance(await walk.network.write(referrals.preview, drafted.referral_id, **walk.later()), Refusal)
    assert await entries(walk, Kind.PREVIEWED, Kind.REFUSED_ATTEMPT) == []
    await walk.allow()
    for _ in range(2):
        assert isinstance(await walk.network.write(referrals.preview, drafted.referral_id, **walk.later()), Packet)
    found = await entries(walk, Kind.PREVIEWED)
    assert [(e.body.actor, e.body.recipient, e.body.fields) for e in found] == [
        (OWNER.id, CLINIC, ("given_name", "health_condition"))
    ] * 2
