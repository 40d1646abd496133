"""A family is referred together: each decides alone, each has a copy alone, and who stays together goes together. (R-24)"""

from __future__ import annotations

from typing import Any

import pytest

from api.actions import consents, disclosures, households, together
from api.actions.consents import Asked
from api.actions.households import Joining
from api.actions.together import DraftedTogether, DraftTogether, SentTogether
from consent.projection import Packet
from graph.model.log import Entry, Kind
from graph.model.referral import Status
from graph.model.refusal import Reason, Refusal
from graph.secrets import Secrets
from graph.store import log
from graph.store import referrals as referral_store
from graph.store.errors import NotFound
from graph.store.network import Network
from tests.cast import CAST, CLINIC, OWNER, PROVIDER, person_of
from tests.sending import CLINIC_SERVICE, PURPOSE, Walk


class Family:
    """Two adults of one household, each on a walk of their own."""

    def __init__(self, clinic: Network, secrets: Secrets) -> None:
        self.ana, self.beto = Walk(clinic, secrets), Walk(clinic, secrets)

    async def begin(self, *, stays_together: bool = True) -> Family:
        await self.ana.begin(given_name="Ana de prueba")
        await self.beto.begin(given_name="Beto de prueba")
        joining = Joining(case_ids=(self.ana.case_id, self.beto.case_id), stays_together=stays_together)
        await self.ana.network.write(households.live_together, joining, **self.later())
        return self

    def later(self) -> dict[str, Any]:
        self.ana.at = self.beto.at = max(self.ana.at, self.beto.at)
        return self.ana.later()

    async def draft(self, **needs: str) -> DraftedTogether | Refusal:
        wanted = needs or {self.ana.case_id: self.ana.need_id, self.beto.case_id: self.beto.need_id}
        ids = {id: f"{id}-{self.later()['at'].isoformat()}" for id in wanted}
        said = DraftTogether(service_id=CLINIC_SERVICE, needs=wanted, ids=ids)
        return await self.ana.network.write(together.draft, said, **self.later())

    async def drafted(self) -> DraftedTogether:
        drafted = await self.draft()
        assert isinstance(drafted, DraftedTogether), drafted
        return drafted

    async def send(self, id: str, **changes: Any) -> SentTogether | Refusal:
        return await self.ana.network.write(together.send, id, **(self.later() | changes))

    async def status(self, drafted: DraftedTogether) -> list[Status]:
        read = self.ana.network.read
        return [(await read(referral_store.get, d.referral_id)).status for d in drafted.drafts]


@pytest.fixture
async def family(clinic: Network, secrets: Secrets) -> Family:
    return await Family(clinic, secrets).begin()


async def entries(walk: Walk, *kinds: Kind) -> list[Entry]:
    return [e for e in await walk.network.read(log.read, walk.stream) if e.body.kind in kinds]


async def test_who_all_said_yes_goes_each_with_a_copy_and_an_entry_of_their_own(family: Family) -> None:
    given = {w.case_id: (await w.allow()).consent_id for w in (family.ana, family.beto)}
    drafted = await family.drafted()
    sent = await family.send(drafted.together_id)
    assert isinstance(sent, SentTogether) and sent.left_out == ()
    assert {s.referral_id for s in sent.sent} == {d.referral_id for d in drafted.drafts}
    for walk, name, other in ((family.ana, "Ana", "Beto"), (family.beto, "Beto", "Ana")):
        (entry,) = await entries(walk, Kind.TRANSFER)
        assert entry.body.basis_ids == (given[walk.case_id],), "nobody's yes counts for another"
        circumstances = walk.later() | {"actor": PROVIDER}
        packet = await walk.network.write(disclosures.open_copy, entry.body.referral, **circumstances)
        assert isinstance(packet, Packet)
        assert name in str(packet.payload) and other not in str(packet.payload)


async def test_one_missing_decision_keeps_a_family_back_that_stays_together(family: Family) -> None:
    await family.ana.allow()
    no = Asked(organization_id=CLINIC, purpose=PURPOSE, modality="written")
    family.later()
    await family.beto.network.write(consents.refuse, family.beto.case_id, no, **family.beto.later())
    drafted = await family.drafted()
    refused = await family.send(drafted.together_id)
    assert isinstance(refused, Refusal)
    (missing,) = refused.reasons
    assert missing.reason is Reason.DECISION_MISSING
    assert missing.places == {"cases": (family.beto.case_id,)}, "whose decision, and not that it was a no"
    assert await family.status(drafted) == [Status.DRAFT, Status.DRAFT]
    assert await entries(family.ana, Kind.TRANSFER) == await entries(family.beto, Kind.TRANSFER) == []
    (of_ana,), (of_beto,) = [await entries(w, Kind.REFUSED_ATTEMPT) for w in (family.ana, family.beto)]
    assert of_ana.body.reasons == ("decision-missing",), "nothing of the other one stands in one's own log"
    assert of_beto.body.reasons == ("consent-refused",)
    family.later()
    await family.beto.allow()
    assert isinstance(await family.send(drafted.together_id), SentTogether)


async def test_where_they_need_not_stay_together_who_said_yes_goes(clinic: Network, secrets: Secrets) -> None:
    family = await Family(clinic, secrets).begin(stays_together=False)
    await family.ana.allow()
    drafted = await family.drafted()
    sent = await family.send(drafted.together_id)
    assert isinstance(sent, SentTogether)
    assert [s.entry.body.stream for s in sent.sent] == [family.ana.stream]
    assert sent.left_out == (family.beto.case_id,)
    assert await entries(family.beto, Kind.TRANSFER) == []


async def test_nothing_goes_together_without_any_yes_or_twice(family: Family) -> None:
    drafted = await family.drafted()
    assert isinstance(await family.send(drafted.together_id), Refusal)
    for walk in (family.ana, family.beto):
        family.later()
        await walk.allow()
    assert isinstance(await family.send(drafted.together_id), SentTogether)
    assert isinstance(await family.send(drafted.together_id), Refusal)
    assert [len(await entries(w, Kind.TRANSFER)) for w in (family.ana, family.beto)] == [1, 1]


async def test_a_withdrawal_of_one_stops_that_ones_copy_and_not_the_others(family: Family) -> None:
    given = [await w.allow() for w in (family.ana, family.beto)]
    drafted = await family.drafted()
    assert isinstance(await family.send(drafted.together_id), SentTogether)
    family.later()
    await family.ana.network.write(consents.withdraw, given[0].consent_id, **family.ana.later())
    opened = []
    for draft in drafted.drafts:
        circumstances = family.later() | {"actor": PROVIDER}
        found = await family.ana.network.write(disclosures.open_copy, draft.referral_id, **circumstances)
        opened.append((isinstance(found, Packet), draft.entry.body.stream))
    assert sorted(opened) == sorted([(False, family.ana.stream), (True, family.beto.stream)])


async def test_only_people_of_one_household_are_drafted_together(family: Family, secrets: Secrets) -> None:
    other = await Walk(family.ana.network, secrets).begin()
    needs = {family.ana.case_id: family.ana.need_id, other.case_id: other.need_id}
    family.ana.at = max(family.ana.at, other.at)
    refused = await family.draft(**needs)
    assert isinstance(refused, Refusal) and refused.codes == (Reason.NOT_ONE_HOUSEHOLD,)
    unagreed = await family.beto.need(agreed=False)
    needs = {family.ana.case_id: family.ana.need_id, family.beto.case_id: unagreed}
    refused = await family.draft(**needs)
    assert isinstance(refused, Refusal) and refused.codes == (Reason.DECISION_MISSING,)
    assert await entries(family.ana, Kind.REFERRAL_DRAFTED) == [], "all are drafted, or none"


async def test_who_left_the_household_is_no_longer_part_of_it(family: Family) -> None:
    await family.ana.allow()
    drafted = await family.drafted()
    await family.ana.network.write(households.leave_household, family.beto.case_id, **family.later())
    sent = await family.send(drafted.together_id)
    assert isinstance(sent, SentTogether) and len(sent.sent) == 1 and sent.left_out == ()


async def test_only_the_team_of_all_of_them_sends(family: Family) -> None:
    for walk in (family.ana, family.beto):
        family.later()
        await walk.allow()
    drafted = await family.drafted()
    for actor in (*(a for a in CAST if a is not OWNER), person_of(family.ana.case_id)):
        for id in (drafted.together_id, "0" * 32):
            with pytest.raises(NotFound):
                await family.send(id, actor=actor)
    assert await family.status(drafted) == [Status.DRAFT, Status.DRAFT]
