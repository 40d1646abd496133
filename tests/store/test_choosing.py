"""A choice by hand says why, and a repeat is warned of: neither passes any rule, neither is refused for itself. (R-05, R-35)"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from api.actions import households, referrals, steps, together
from api.actions.case_change import new_id
from api.actions.households import Joining
from api.actions.referrals import Draft, Drafted
from api.actions.together import DraftTogether
from consent.projection import Packet
from graph.model.directory import CapacityState, ServiceCapacity
from graph.model.referral import Step
from graph.model.refusal import Reason, Refusal
from graph.secrets import Secrets
from graph.seed.vocabulary import terms
from graph.store import capacity
from graph.store import referrals as stored
from graph.store.network import Network
from tests.cast import PROVIDER
from tests.sending import CLINIC_SERVICE, NO_SOP_SERVICE, OTHER_SERVICE, Walk


async def drafted(walk: Walk, service: str, because: str | None = None, **changes: Any) -> Drafted | Refusal:
    draft = Draft(need_id=walk.need_id, service_id=service, chosen_because=because, **changes)
    return await walk.network.write(referrals.draft, walk.case_id, draft, **walk.later())


@pytest.mark.parametrize("service", [CLINIC_SERVICE, NO_SOP_SERVICE], ids=["the-first", "behind-another"])
async def test_what_is_suggested_needs_no_reason_and_keeps_none(clinic: Network, walk: Walk, service: str) -> None:
    for because in (None, "nearer"):
        made = await drafted(walk, service, because)
        assert isinstance(made, Drafted), made
        kept = await clinic.read(stored.get, made.referral_id)
        assert (kept.chosen_because, "coverage" in kept.met, kept.unmet) == (None, True, ())
        assert made.entry.body.reasons == ()


async def test_any_other_choice_says_why(clinic: Network, walk: Walk) -> None:
    service = OTHER_SERVICE  # not of the type
    refused = await drafted(walk, service)
    assert isinstance(refused, Refusal)
    assert refused.codes == (Reason.CHOICE_UNREASONED,)
    assert refused.reasons[0].places == {"reasons": tuple(terms("choice-reasons"))}
    unknown = await drafted(walk, service, "because")
    assert isinstance(unknown, Refusal)
    assert unknown.codes == (Reason.CHOICE_UNKNOWN,)
    made = await drafted(walk, service, "person-prefers")
    assert isinstance(made, Drafted)
    assert (await clinic.read(stored.get, made.referral_id)).chosen_because == "person-prefers"
    assert made.entry.body.reasons == ("person-prefers",)


async def test_a_reason_opens_nothing(clinic: Network, walk: Walk) -> None:
    """Neither an SOP that is missing nor a consent for another is passed by choosing by hand. (R-11, R-12)"""
    for service, why in ((NO_SOP_SERVICE, Reason.SOP_NOT_STATED), (OTHER_SERVICE, Reason.CONSENT_MISSING)):
        made = await drafted(walk, service, "nobody-else")
        assert isinstance(made, Drafted)
        sent = await walk.send(made.referral_id)
        assert isinstance(sent, Refusal)
        assert why in sent.codes


async def test_a_service_without_places_is_a_choice_by_hand(clinic: Network, walk: Walk) -> None:
    full = ServiceCapacity(
        id="c-clinic", service_id=CLINIC_SERVICE, unit="household", state=CapacityState.NONE, available=0, maximum=3,
        updated=datetime(2026, 11, 21, 12, tzinfo=UTC), updated_by="provider",
    )  # fmt: skip
    await clinic.write(capacity.save, full)
    refused = await drafted(walk, CLINIC_SERVICE)
    assert isinstance(refused, Refusal)
    assert refused.codes == (Reason.CHOICE_UNREASONED,)
    made = await drafted(walk, CLINIC_SERVICE, "provider-agreed")
    assert isinstance(made, Drafted)
    assert (await clinic.read(stored.get, made.referral_id)).unmet == ("capacity",)
    await clinic.write(capacity.save, full.model_copy(update={"state": CapacityState.AVAILABLE, "available": 3}))


async def test_a_household_says_why_once_for_all(clinic: Network, secrets: Secrets, walk: Walk) -> None:
    other = await Walk(clinic, secrets).begin()
    await clinic.write(households.live_together, Joining(case_ids=(walk.case_id, other.case_id)), **walk.later())
    needs = {w.case_id: w.need_id for w in (walk, other)}

    async def both(because: str | None) -> Any:
        wish = DraftTogether(
            service_id=OTHER_SERVICE, chosen_because=because, needs=needs, ids={id: new_id() for id in needs}
        )
        return await clinic.write(together.draft, wish, **walk.later())

    refused = await both(None)
    assert isinstance(refused, Refusal)
    assert refused.codes == (Reason.CHOICE_UNREASONED,)
    assert len((await both("stays-with-family")).drafts) == 2


async def test_a_repeat_is_warned_of_and_not_refused(clinic: Network, walk: Walk) -> None:
    first = await walk.draft()
    assert first.overlaps == ()
    assert (await walk.draft()).overlaps == (), "a draft is nothing open yet"
    await walk.send(first.referral_id)
    again = await walk.draft()
    (overlap,) = again.overlaps
    assert (overlap.referral_id, overlap.same_need, overlap.status.value) == (first.referral_id, True, "requested")
    shown = await clinic.write(referrals.preview, again.referral_id, **walk.later())
    assert isinstance(shown, Packet)
    assert shown.overlaps == (first.referral_id,)
    walk.need_id = await walk.need()
    alike = await walk.draft()
    assert [(o.referral_id, o.same_need) for o in alike.overlaps] == [(first.referral_id, False)]
    await clinic.write(steps.take, first.referral_id, Step.REJECT, "full-now", **walk.later() | {"actor": PROVIDER})
    assert (await walk.draft()).overlaps == ()
