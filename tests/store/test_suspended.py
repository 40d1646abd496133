"""A suspended service, organisation or area receives nothing, and reads nothing, until it is lifted. (R-26)"""

from __future__ import annotations

import pytest

from api.actions import disclosures, referrals, suspensions
from api.actions.referrals import Sent
from consent.projection import Packet
from graph.model.actor import Actor, Role
from graph.model.directory import Suspension
from graph.model.log import Kind
from graph.model.referral import Status
from graph.model.refusal import Reason, Refusal
from graph.secrets import Secrets
from graph.store import log
from graph.store import referrals as referral_store
from graph.store.errors import NotFound
from graph.store.network import Network
from tests.cast import CAST, CLINIC, DEPARTMENT, HOME, PROVIDER
from tests.sending import CLINIC_SERVICE, Walk

COMMITTEE = Actor(id="a-committee", organization_id=HOME, roles=frozenset({Role.COMMITTEE}))
SUBJECTS = {"service": CLINIC_SERVICE, "organization": CLINIC, "area": DEPARTMENT}


async def lifted(network: Network, suspension: Suspension, walk: Walk) -> None:
    """Lifted by the committee, with an entry; by nobody else."""
    for actor in CAST:
        with pytest.raises(NotFound):
            await network.write(suspensions.lift, suspension.id, **(walk.later() | {"actor": actor}))
    entry = await network.write(suspensions.lift, suspension.id, **(walk.later() | {"actor": COMMITTEE}))
    assert (entry.body.kind, entry.body.stream) == (Kind.SUSPENSION_LIFTED, log.MECHANISM)
    assert entry.body.basis_ids == (suspension.id, suspension.subject_id)
    with pytest.raises(NotFound):
        await network.write(suspensions.lift, suspension.id, **(walk.later() | {"actor": COMMITTEE}))


@pytest.mark.parametrize("subject", SUBJECTS)
async def test_what_is_suspended_receives_and_reads_nothing(clinic: Network, secrets: Secrets, subject: str) -> None:
    walk = await Walk(clinic, secrets).begin()
    await walk.allow()
    sent, drafted = await walk.sent(), await walk.draft()
    old = walk.later()
    for _ in range(5):
        walk.later()
    circumstances = walk.later() | {"actor": COMMITTEE}
    suspension = suspensions.suspension_of(subject, SUBJECTS[subject], "security", at=circumstances["at"])
    for actor in CAST:
        with pytest.raises(NotFound):
            await clinic.write(suspensions.suspend, suspension, **(walk.later() | {"actor": actor}))
    stopped = await suspensions.stop(clinic, suspension, **circumstances)
    assert stopped.swept >= 1 and sent.referral_id not in stopped.taken_back
    preview = await clinic.write(referrals.preview, drafted.referral_id, **walk.later())
    for at in (walk.later(), old):
        refused = await clinic.write(referrals.send, drafted.referral_id, **at)
        assert isinstance(refused, Refusal) and refused == preview
        assert refused.codes == (Reason(f"{subject}-suspended"),)
    closed = await clinic.write(disclosures.open_copy, sent.referral_id, **(walk.later() | {"actor": PROVIDER}))
    assert isinstance(closed, Refusal) and closed.codes == (Reason.COPY_CLOSED,)
    await lifted(clinic, suspension, walk)
    assert isinstance(await walk.send(drafted.referral_id), Sent)
    received = await clinic.write(disclosures.open_copy, sent.referral_id, **(walk.later() | {"actor": PROVIDER}))
    assert isinstance(received, Packet)


async def test_what_slipped_in_is_taken_back(clinic: Network, secrets: Secrets) -> None:
    walk = await Walk(clinic, secrets).begin()
    await walk.allow()
    sent = await walk.sent()
    circumstances = {"actor": COMMITTEE, "at": walk.at, "secrets": secrets}
    suspension = suspensions.suspension_of("service", CLINIC_SERVICE, "security", at=walk.at)
    stopped = await suspensions.stop(clinic, suspension, **circumstances)  # type: ignore[arg-type]
    assert sent.referral_id in stopped.taken_back
    referral = await clinic.read(referral_store.get, sent.referral_id)
    assert (referral.status, referral.reason) == (Status.CANCELLED, "suspended")
    await lifted(clinic, suspension, walk)
    closed = await clinic.write(disclosures.open_copy, sent.referral_id, **(walk.later() | {"actor": PROVIDER}))
    assert isinstance(closed, Refusal)
    entries = await clinic.read(log.read, walk.stream)
    assert any(e.body.basis_ids == (suspension.id,) and e.body.role == "committee" for e in entries)
