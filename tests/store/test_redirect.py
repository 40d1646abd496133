"""A provider proposes another service: a draft waits, and nothing is passed on but by the person's own yes. (R-01, R-11)"""

from __future__ import annotations

import pytest

from api.actions import disclosures, plans, referral_view, steps
from api.actions.steps import Stepped
from graph.model.actor import Actor, Role
from graph.model.log import Kind
from graph.model.referral import Referral, Status, Step
from graph.model.refusal import Reason, Refusal
from graph.store import disclosures as copies
from graph.store import log, referrals
from graph.store.errors import NotFound
from graph.store.network import Network
from tests.cast import OTHER, OWNER, PROVIDER
from tests.sending import CLINIC_SERVICE, OTHER_SERVICE, Walk

OTHER_PROVIDER = Actor(id="a-provider-other", organization_id=OTHER, roles=frozenset({Role.PROVIDER}))


async def redirect(walk: Walk, to: str | None, reason: str = "redirected") -> tuple[str, Stepped | Refusal]:
    sent = await walk.sent()
    by = walk.later() | {"actor": PROVIDER}
    return sent.referral_id, await walk.network.write(steps.take, sent.referral_id, Step.REJECT, reason, to, **by)


async def pair(walk: Walk) -> tuple[Referral, Referral]:
    """The rejected referral and the draft that follows it."""
    id, done = await redirect(walk, OTHER_SERVICE)
    assert isinstance(done, Stepped), done
    old = await walk.network.read(referrals.get, id)
    assert old.redirected_as is not None
    return old, await walk.network.read(referrals.get, old.redirected_as)


async def test_a_draft_waits_for_the_team_and_no_copy_goes_on(clinic: Network, walk: Walk) -> None:
    old, new = await pair(walk)
    assert (old.status, old.reason, old.proposed_service_id) == (Status.REJECTED, "redirected", OTHER_SERVICE)
    assert (new.status, new.redirected_from, new.service_id, new.need_id) == (
        Status.DRAFT, old.id, OTHER_SERVICE, old.need_id,
    )  # fmt: skip
    assert (new.responder_id, new.chosen_because, new.sent_at) == (OTHER, "redirected", None)
    found = await clinic.read(copies.of_case, walk.case_id)
    assert [(copy.referral_id, copy.organization_id) for copy in found] == [(old.id, old.responder_id)]
    kinds = [e.body for e in await clinic.read(log.read, walk.stream)][-2:]
    assert [(b.kind, b.actor, b.role) for b in kinds] == [
        (Kind.REFERRAL_REJECTED, PROVIDER.id, "provider"),
        (Kind.REFERRAL_DRAFTED, PROVIDER.id, "provider"),
    ]


async def test_no_provider_sees_the_draft(clinic: Network, walk: Walk) -> None:
    old, new = await pair(walk)
    for provider in (PROVIDER, OTHER_PROVIDER):
        with pytest.raises(NotFound):
            await clinic.read(referral_view.view, new.id, actor=provider, at=walk.at)
        assert new.id not in [row.id for row in await clinic.read(disclosures.queue, actor=provider)]
    theirs = await clinic.read(referral_view.view, old.id, actor=PROVIDER, at=walk.at)
    assert (theirs.proposed_service_id, theirs.redirected_as) == (OTHER_SERVICE, None)


async def test_both_views_are_linked_for_the_team_and_for_nobody_else(clinic: Network, walk: Walk) -> None:
    old, new = await pair(walk)
    mine = await clinic.read(referral_view.view, old.id, actor=OWNER, at=walk.at)
    assert (mine.redirected_as, mine.proposed_service_id) == (new.id, OTHER_SERVICE)
    next_ = await clinic.read(referral_view.view, new.id, actor=OWNER, at=walk.at)
    assert (next_.redirected_from, next_.chosen_because) == (old.id, "redirected")
    await walk.allow(organization_id=OTHER)
    assert not isinstance(await walk.send(new.id), Refusal)
    theirs = await clinic.read(referral_view.view, new.id, actor=OTHER_PROVIDER, at=walk.at)
    assert (theirs.redirected_from, theirs.chosen_because, theirs.case_id) == (None, None, None)
    assert old.id not in theirs.model_dump_json()


async def test_the_new_organisation_needs_its_own_yes(clinic: Network, walk: Walk) -> None:
    _, new = await pair(walk)
    refused = await walk.send(new.id)
    assert isinstance(refused, Refusal)
    assert Reason.CONSENT_MISSING in refused.codes


async def test_what_is_no_redirection_is_refused(clinic: Network, walk: Walk) -> None:
    for to, reason, why in (
        (None, "redirected", Reason.REDIRECT_WITHOUT_SERVICE),
        (OTHER_SERVICE, "full-now", Reason.REDIRECT_WITHOUT_SERVICE),
        (CLINIC_SERVICE, "redirected", Reason.REDIRECT_TO_ITSELF),
    ):
        id, refused = await redirect(walk, to, reason)
        assert isinstance(refused, Refusal), (to, reason)
        assert refused.codes == (why,)
        assert (await clinic.read(referrals.get, id)).status is Status.REQUESTED
    sent = await walk.sent()
    by = walk.later() | {"actor": PROVIDER}
    with pytest.raises(NotFound):
        await clinic.write(steps.take, sent.referral_id, Step.REJECT, "redirected", "s-nowhere", **by)


async def test_where_help_is_no_longer_sought_nothing_is_drafted(clinic: Network, walk: Walk) -> None:
    sent = await walk.sent()
    await clinic.write(plans.revoke_need, walk.case_id, walk.need_id, **walk.later())
    before = len(await clinic.read(referrals.of_case, walk.case_id))
    by = walk.later() | {"actor": PROVIDER}
    done = await clinic.write(steps.take, sent.referral_id, Step.REJECT, "redirected", OTHER_SERVICE, **by)
    assert isinstance(done, Stepped), done
    assert len(await clinic.read(referrals.of_case, walk.case_id)) == before
    now = await clinic.read(referrals.get, sent.referral_id)
    assert (now.proposed_service_id, now.redirected_as) == (OTHER_SERVICE, None)
