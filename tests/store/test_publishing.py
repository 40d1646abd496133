"""Rules are made by two persons: handed in by one, published by another, once, and what was sent keeps its version. (R-10)"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from api.actions import amendments, plans, referrals
from api.actions.amendments import Amended
from api.actions.plans import StatedNeed
from api.actions.referrals import Sent
from graph.log.entry import verify
from graph.model.actor import Actor, Role
from graph.model.amendment import Stage
from graph.model.log import Entry, Kind
from graph.model.refusal import Reason, Refusal
from graph.model.sop import Sop
from graph.secrets import Secrets
from graph.seed.purposes import purpose_of
from graph.store import amendments as store
from graph.store import log, sops, terms
from graph.store import referrals as referral_store
from graph.store.errors import NotFound
from graph.store.network import Network, Tx
from tests.cast import OTHER, OWNER, PROVIDER, STRANGER, opened
from tests.publishing import ADDRESS, BOTH, DRAFTER, ONE, TODAY, TWO, Desk, draft, rules
from tests.sending import CLINIC_SERVICE, OTHER_SERVICE, RECORD, Walk, sop_of


@pytest.fixture
async def desk(clinic: Network, secrets: Secrets) -> Desk:
    """The clinic with its first version alone, whatever was published before."""

    async def anew(tx: Tx) -> None:
        there = (await sops.of_services(tx, [CLINIC_SERVICE])).get(CLINIC_SERVICE, [])
        await sops.delete(tx, [sop.id for sop in there])
        await sops.create(tx, [sop_of(CLINIC_SERVICE)])
        await terms.refresh(tx, [CLINIC_SERVICE])

    await clinic.write(anew)
    return Desk(clinic, secrets)


async def versions(network: Network) -> list[Sop]:
    return (await network.read(sops.of_services, [CLINIC_SERVICE]))[CLINIC_SERVICE]


async def entries(desk: Desk, *kinds: Kind) -> list[Entry]:
    found = await desk.network.read(log.read, log.MECHANISM)
    return [e for e in found if e.body.kind in kinds and desk.id in e.body.basis_ids]


def why(done: Amended | Refusal) -> tuple[Reason, ...]:
    assert isinstance(done, Refusal), done
    return done.codes


async def test_another_person_publishes_and_the_version_before_ends_the_day_before(desk: Desk) -> None:
    await desk.ready(draft(rules(ADDRESS), starts_on=TODAY + timedelta(days=7)))
    done = await desk.published(by=ONE)
    assert isinstance(done, Amended) and done.stage is Stage.PUBLISHED
    old, new = await versions(desk.network)
    assert (old.version, old.valid_to) == (1, TODAY + timedelta(days=6))
    assert (new.version, new.valid_from, new.valid_to) == (2, TODAY + timedelta(days=7), None)
    assert ADDRESS in new.fields
    assert not changed_besides_its_end(old)


def changed_besides_its_end(old: Sop) -> bool:
    return old.model_copy(update={"valid_to": None}) != sop_of(CLINIC_SERVICE).model_copy(update={"valid_to": None})


@pytest.mark.parametrize("hand", ["drafted", "changed", "submitted"])
async def test_nobody_publishes_what_went_through_their_hands(desk: Desk, hand: str) -> None:
    await desk.drafted(draft(rules(ADDRESS)), by=ONE if hand == "drafted" else TWO)
    if hand == "changed":
        await desk.changed(draft(rules(ADDRESS), note="otra vez"), by=ONE)
    await desk.submitted(by=ONE if hand == "submitted" else TWO)
    await desk.worked_out()
    assert why(await desk.published(by=ONE)) == (Reason.SAME_HANDS,)
    assert [s.version for s in await versions(desk.network)] == [1]


async def test_another_role_of_the_same_person_is_no_other_person(desk: Desk) -> None:
    await desk.ready(draft(rules(ADDRESS)), by=DRAFTER)
    assert why(await desk.published(by=BOTH)) == (Reason.SAME_HANDS,)


async def test_of_two_who_publish_at_once_one_does(desk: Desk) -> None:
    await desk.ready(draft(rules(ADDRESS)))
    done = await asyncio.gather(desk.published(by=ONE), desk.published(by=TWO))
    assert sorted(isinstance(one, Amended) for one in done) == [False, True]
    assert [why(one) for one in done if isinstance(one, Refusal)] == [(Reason.AMENDMENT_NOT_OPEN,)]
    assert [s.version for s in await versions(desk.network)] == [1, 2]
    assert len(await entries(desk, Kind.SOP_CHANGE)) == 1


async def test_of_two_amendments_of_one_service_published_at_once_one_is_overtaken(
    desk: Desk, secrets: Secrets
) -> None:
    other = Desk(desk.network, secrets, at=desk.at)
    await desk.ready(draft(rules(ADDRESS)))
    await other.ready(draft(rules(half_life_days=3)), by=TWO)
    done = await asyncio.gather(desk.published(by=ONE), other.published(by=ONE))
    assert [why(one) for one in done if isinstance(one, Refusal)] == [(Reason.AMENDMENT_OVERTAKEN,)]
    assert [s.version for s in await versions(desk.network)] == [1, 2]


BOARD = "MERGE (m:Mechanism {id: 'mechanism-board'}) SET m.name = 'Mesa', m.area = 'GT'"


async def test_of_two_orders_for_one_mechanism_the_one_that_meets_the_other_is_overtaken(
    desk: Desk, secrets: Secrets
) -> None:
    """The first is held between its last writing and its commit until the second has come as far as it can."""

    async def board(tx: Tx) -> None:
        await (await tx.run(BOARD)).consume()

    await desk.network.write(board)
    other = Desk(desk.network, secrets, at=desk.at)
    await desk.ready(draft(policy="nearest-first", policy_version=1), by=TWO, mechanism="mechanism-board")
    await other.ready(draft(policy="agreements-first", policy_version=1), by=TWO, mechanism="mechanism-board")
    inside, go_on = asyncio.Event(), asyncio.Event()

    async def held(tx: Tx, **circumstances: Any) -> Amended | Refusal:
        done = await amendments.publish(tx, desk.id, desk.revision, **circumstances)
        inside.set()
        await go_on.wait()
        return done

    first = asyncio.create_task(desk.network.write(held, **desk.by(ONE)))
    await asyncio.wait_for(inside.wait(), 30)
    second = asyncio.create_task(other.published(by=ONE))
    await asyncio.wait({second}, timeout=0.5)
    go_on.set()
    done = await asyncio.gather(first, second)
    assert [why(one) for one in done if isinstance(one, Refusal)] == [(Reason.AMENDMENT_OVERTAKEN,)]
    assert len(await desk.network.read(store.orders, "mechanism-board")) == 1


async def test_a_change_after_it_was_handed_in_makes_it_a_draft_again(desk: Desk) -> None:
    await desk.ready(draft(rules(ADDRESS)))
    seen = desk.revision
    await desk.changed(draft(rules(half_life_days=3)))
    assert why(await desk.published(by=ONE)) == (Reason.AMENDMENT_NOT_OPEN,)
    await desk.submitted()
    desk.revision, now = seen, desk.revision
    assert why(await desk.published(by=ONE)) == (Reason.AMENDMENT_CHANGED,), "what somebody else read is not this"
    desk.revision = now
    assert why(await desk.published(by=ONE)) == (Reason.DIFFERENCE_MISSING,), (
        "it was worked out for what it said before"
    )
    await desk.worked_out()
    assert isinstance(await desk.published(by=ONE), Amended)


async def test_nothing_is_published_before_the_difference_was_worked_out(desk: Desk) -> None:
    await desk.drafted(draft(rules(ADDRESS)))
    await desk.submitted()
    assert why(await desk.published(by=ONE)) == (Reason.DIFFERENCE_MISSING,)


async def test_every_step_leaves_a_signed_entry_with_reason_and_both_actors(desk: Desk, secrets: Secrets) -> None:
    await desk.ready(draft(rules(ADDRESS), reason="more-data-needed"))
    await desk.published(by=ONE)
    handed, made = await entries(desk, Kind.AMENDMENT_SUBMITTED, Kind.SOP_CHANGE)
    assert all(verify(e, secrets.signer.public_key) for e in (handed, made))
    assert (handed.body.actor, made.body.actor) == (DRAFTER.id, ONE.id)
    assert DRAFTER.id in made.body.basis_ids
    assert handed.body.reasons == made.body.reasons == ("more-data-needed",)
    assert (made.body.sop_version, made.body.role) == (2, "committee")
    assert handed.body.payload_commit == made.body.payload_commit, "what was published is what was handed in"
    found = await desk.network.read(amendments.read, desk.id, actor=ONE)
    assert amendments.commitment_to(found.amendment) == made.body.payload_commit
    assert amendments.commitment_to(found.amendment.model_copy(update={"starts_on": TODAY + timedelta(days=1)})) != (
        made.body.payload_commit
    )


async def test_what_is_withdrawn_leaves_an_entry_and_cannot_be_published(desk: Desk) -> None:
    await desk.ready(draft(rules(ADDRESS)))
    assert isinstance(await desk.withdrawn(), Amended)
    (entry,) = await entries(desk, Kind.AMENDMENT_WITHDRAWN)
    assert (entry.body.actor, entry.body.reasons) == (DRAFTER.id, ("withdrawn",))
    assert why(await desk.published(by=ONE)) == (Reason.AMENDMENT_NOT_OPEN,)


async def test_what_was_sent_keeps_its_version_and_what_is_sent_later_has_the_new_one(
    desk: Desk, secrets: Secrets, clinic: Network
) -> None:
    walk = await Walk(clinic, secrets).begin()
    await walk.allow("given_name", "health_condition")
    sent = await walk.sent()
    walk.need_id = await walk.need()
    desk.at = walk.at
    await desk.ready(draft(rules(ADDRESS)))
    assert isinstance(await desk.published(by=ONE), Amended)
    walk.at = desk.at
    first = await walk.network.read(referral_store.get, sent.referral_id)
    assert first.sop_id == sop_of(CLINIC_SERVICE).id
    later = await walk.draft()
    refused = await walk.send(later.referral_id)
    assert isinstance(refused, Refusal) and refused.codes == (Reason.REQUIRED_NOT_PERMITTED,)
    await walk.allow("given_name", "health_condition", "address")
    assert isinstance(await walk.send(later.referral_id), Sent)
    assert (await walk.network.read(referral_store.get, later.referral_id)).sop_id == (await versions(clinic))[-1].id


@pytest.mark.parametrize("actor", [OWNER, PROVIDER, STRANGER])
async def test_only_the_committee_publishes(desk: Desk, actor: Actor) -> None:
    await desk.ready(draft(rules(ADDRESS)))
    with pytest.raises(NotFound):
        await desk.published(by=actor)


LEAD = Actor(id="a-lead", organization_id="org-lead-demo", roles=frozenset({Role.CASE_MANAGER}))

LEADS = """
    MERGE (m:Mechanism {id: 'mechanism-lead'})
    SET m.name = 'Mesa', m.lead_organization_id = $lead
    MERGE (o:Organization {id: $member})
    MERGE (o)-[:MEMBER_OF]->(m)
"""


async def test_whose_service_it_is_drafts_and_the_lead_organisation_too_and_nobody_else(desk: Desk) -> None:
    async def lead(tx: Tx) -> None:
        await (await tx.run(LEADS, lead="org-lead-demo", member="org-clinic-demo")).consume()

    with pytest.raises(NotFound):
        await desk.drafted(draft(rules(ADDRESS)), by=LEAD)
    await desk.network.write(lead)
    for by in (DRAFTER, LEAD, ONE):
        assert isinstance(await desk.drafted(draft(rules(ADDRESS)), by=by), Amended)
    for by in (OWNER, STRANGER):
        with pytest.raises(NotFound):
            await desk.drafted(draft(rules(ADDRESS)), by=by)
        with pytest.raises(NotFound):
            await desk.network.read(amendments.read, desk.id, actor=by)
        assert desk.id not in [x.amendment.id for x in await desk.network.read(amendments.listed, actor=by)]
    assert desk.id in [x.amendment.id for x in await desk.network.read(amendments.listed, actor=DRAFTER)]


async def test_rules_begin_today_at_the_earliest_and_after_all_others(desk: Desk) -> None:
    yesterday = TODAY - timedelta(days=1)
    assert why(await desk.drafted(draft(rules(ADDRESS), starts_on=yesterday))) == (Reason.STARTS_BEFORE_TODAY,)
    await desk.ready(draft(rules(ADDRESS), starts_on=TODAY + timedelta(days=9)))
    await desk.published(by=ONE)
    again = await desk.drafted(draft(rules(), starts_on=TODAY + timedelta(days=5)))
    assert why(again) == (Reason.STARTS_BEFORE_ANOTHER,)


async def test_rules_that_say_what_holds_are_no_amendment(desk: Desk) -> None:
    assert why(await desk.drafted(draft(rules()))) == (Reason.RULES_THE_SAME,)


async def test_a_draft_that_lay_too_long_is_not_published_into_the_past(desk: Desk) -> None:
    await desk.ready(draft(rules(ADDRESS)))
    desk.at += timedelta(days=2)
    assert why(await desk.published(by=ONE)) == (Reason.STARTS_BEFORE_TODAY,)


RENT = "social.housing.rent"


async def tenant(clinic: Network, secrets: Secrets, *fields: str) -> Walk:
    """Somebody who said yes to the other organisation, for a place to live."""
    walk = Walk(clinic, secrets)
    walk.case_id = (await opened(clinic, secrets, actor=OWNER, **dict[str, Any](RECORD))).case_id
    stated = await walk.network.write(plans.state_need, walk.case_id, StatedNeed(service_type=RENT), **walk.later())
    assert not isinstance(stated, Refusal)
    walk.need_id = stated.id
    await walk.network.write(plans.agree_need, walk.case_id, walk.need_id, **walk.later())
    await walk.allow(*fields, organization_id=OTHER, purpose=purpose_of(RENT))
    return walk


async def test_how_many_consents_would_no_longer_do_is_what_sending_finds_afterwards(
    desk: Desk, secrets: Secrets, clinic: Network
) -> None:
    """A dozen people said yes to what is asked for, half of them to the address too: seen before, and met after."""
    few, all_ = ("given_name", "health_condition"), ("given_name", "health_condition", "address")
    people = [await tenant(clinic, secrets, *(all_ if number % 2 else few)) for number in range(12)]
    desk.at = max(walk.at for walk in people)
    await desk.ready(draft(rules(ADDRESS, service=OTHER_SERVICE)), by=TWO, service=OTHER_SERVICE)
    found = await desk.worked_out(by=ONE)
    (first,) = [c for c in found.consents if c.stage == "first-contact"]
    assert isinstance(await desk.published(by=ONE), Amended)
    refused = 0
    for walk in people:
        walk.at = max(walk.at, desk.at)
        drafted = await walk.draft(OTHER_SERVICE)
        seen = await walk.network.write(referrals.preview, drafted.referral_id, **walk.later())
        refused += isinstance(seen, Refusal) and Reason.REQUIRED_NOT_PERMITTED in seen.codes
    assert refused == 6
    assert (first.open.number, first.uncovered.number) == (10, 5), "told in steps of five, and never more than is so"
    assert first.open.at_least and first.uncovered.at_least


async def test_numbers_of_people_are_for_the_committee_alone(desk: Desk) -> None:
    await desk.ready(draft(rules(ADDRESS)))
    theirs = await desk.network.read(amendments.read, desk.id, actor=DRAFTER)
    ours = await desk.network.read(amendments.read, desk.id, actor=ONE)
    assert theirs.difference is not None and theirs.difference.consents == ()
    assert ours.difference is not None and ours.difference.consents != ()
    assert theirs.difference.fields == ours.difference.fields != ()
