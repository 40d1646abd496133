"""The one door without consent, walked by the cast: asked, attested, sent, told, reviewed, registered. (R-22)"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from api.actions import (
    capacity,
    consents,
    credentials,
    disclosures,
    exceptions,
    households,
    referrals,
    register,
    reviewing,
    steps,
    together,
)
from api.actions.consents import Asked, Stopped
from api.actions.credentials import Proposal
from api.actions.exceptions import Excepted, Plea, Word
from api.actions.households import Joining
from api.actions.referrals import Sent
from api.actions.register import lines
from api.actions.reviewing import Concluded
from api.actions.steps import Stepped
from api.actions.together import DraftedTogether, DraftTogether, SentTogether
from consent.projection import Packet
from consent.small_numbers import K_SENSITIVE
from graph.model.actor import Actor, CredentialKind, Role
from graph.model.consent import Finding, Ground
from graph.model.log import Entry, Kind
from graph.model.places import Change
from graph.model.referral import Step
from graph.model.refusal import Reason, Refusal
from graph.model.sop import Costs
from graph.model.stock import Place
from graph.secrets import Secrets
from graph.store import cases, log, records
from graph.store.attestations import Used
from graph.store.errors import NotFound
from graph.store.network import Network, Tx
from tests.cast import ADMIN, CAST, CLINIC, DEPARTMENT, HOME, OFFICER, OWNER, PROFESSIONAL, PROVIDER
from tests.places import counts, open_places
from tests.sending import CANARY, LATER, PURPOSE, RECORD, Patient, Walk, set_the_clinic

SECOND_ADMIN = Actor(id="a-admin-2", organization_id=HOME, roles=frozenset({Role.ADMIN}))
OTHER_ASSESSOR = Actor(id="a-professional-2", organization_id=CLINIC, roles=frozenset({Role.PROFESSIONAL}))
COMMITTEE = Actor(id="a-committee", organization_id=HOME, roles=frozenset({Role.COMMITTEE}))


async def credential_for(
    network: Network, secrets: Secrets, kind: CredentialKind, *, days: int = 300, at: datetime = LATER
) -> str:
    proposal = Proposal(actor_id=PROFESSIONAL.id, kind=kind, valid_to=at + timedelta(days=days))
    proposed = await network.write(credentials.propose, proposal, actor=ADMIN, at=at, secrets=secrets)
    assert isinstance(proposed, Entry)
    issued = await network.write(credentials.issue, proposal.id, actor=SECOND_ADMIN, at=at, secrets=secrets)
    assert isinstance(issued, Entry)
    return proposal.id


@pytest.fixture(scope="module")
async def clinic(network: Network, secrets: Secrets) -> Network:
    await set_the_clinic(network)
    await credential_for(network, secrets, "mental-health")
    return Patient.of(network)


@pytest.fixture
async def walk(clinic: Network, secrets: Secrets) -> Walk:
    return await Walk(clinic, secrets).begin()


async def asked(walk: Walk, referral_id: str) -> Excepted | Refusal:
    plea = Plea(assessor_id=PROFESSIONAL.id, requested_by="organisation")
    return await walk.network.write(exceptions.request, referral_id, plea, **walk.later())


async def attested(
    walk: Walk, referral_id: str, *, ground: Ground = Ground.SUICIDE_RISK, reachable: bool = False
) -> Excepted | Refusal:
    request = await asked(walk, referral_id)
    assert isinstance(request, Excepted), request
    word = Word(ground=ground, representative_reachable=reachable, narrative=f"{CANARY} relato")
    circumstances = walk.later() | {"actor": PROFESSIONAL}
    return await walk.network.write(exceptions.attest, request.id, word, **circumstances)


async def kinds(walk: Walk) -> list[Kind]:
    return [e.body.kind for e in await walk.network.read(log.read, walk.stream)]


async def test_an_attested_danger_sends_what_is_marked_for_emergencies_and_nothing_else(walk: Walk) -> None:
    drafted = await walk.draft()
    assert isinstance(await walk.send(drafted.referral_id), Refusal)
    word = await attested(walk, drafted.referral_id)
    assert isinstance(word, Excepted)
    sent = await walk.send(drafted.referral_id)
    assert isinstance(sent, Sent)
    assert sent.fields == ("given_name", "telephone")
    assert sent.readable_until - timedelta(hours=72) < walk.at
    body = sent.entry.body
    assert (body.basis, body.basis_ids) == ("life-in-danger", (word.id,))
    circumstances = walk.later() | {"actor": PROVIDER}
    received = await walk.network.write(disclosures.open_copy, drafted.referral_id, **circumstances)
    assert isinstance(received, Packet)
    assert received.payload == {f: RECORD[f] for f in sent.fields}
    found = await kinds(walk)
    for kind in (Kind.EXCEPTION_REQUESTED, Kind.EXCEPTION_ATTESTED, Kind.EXCEPTION_USED, Kind.READING):
        assert found.count(kind) == 1


async def test_who_does_not_attest_closes_the_request_and_opens_nothing(walk: Walk) -> None:
    drafted = await walk.draft()
    request = await asked(walk, drafted.referral_id)
    assert isinstance(request, Excepted)
    with pytest.raises(NotFound):
        await walk.network.write(exceptions.decline, request.id, **walk.later() | {"actor": OTHER_ASSESSOR})
    done = await walk.network.write(exceptions.decline, request.id, **walk.later() | {"actor": PROFESSIONAL})
    assert (done.id, done.entry.body.kind, done.entry.body.role) == (
        request.id, Kind.EXCEPTION_DECLINED, "professional",
    )  # fmt: skip
    assert request.id not in {r.id for r in await walk.network.read(exceptions.asked_of_me, actor=PROFESSIONAL)}
    word = Word(ground=Ground.SUICIDE_RISK, representative_reachable=False, narrative="relato")
    for again, said in ((exceptions.decline, ()), (exceptions.attest, (word,))):
        with pytest.raises(NotFound):
            await walk.network.write(again, request.id, *said, **walk.later() | {"actor": PROFESSIONAL})
    assert isinstance(await walk.send(drafted.referral_id), Refusal)
    assert isinstance(await attested(walk, drafted.referral_id), Excepted), "another request may be made"


async def test_administrators_see_what_waits_for_a_second_word_and_what_holds(
    clinic: Network, secrets: Secrets
) -> None:
    proposal = Proposal(actor_id="a-stranger", kind="health", valid_to=LATER + timedelta(days=30))
    await clinic.write(credentials.propose, proposal, actor=ADMIN, at=LATER, secrets=secrets)
    found = await clinic.read(credentials.listed, actor=SECOND_ADMIN)
    (waiting,) = [one for one in found.proposed if one.id == proposal.id]
    assert (waiting.actor_id, waiting.proposed_by, waiting.kind) == ("a-stranger", ADMIN.id, "health")
    assert isinstance(await clinic.write(
        credentials.issue, proposal.id, actor=SECOND_ADMIN, at=LATER, secrets=secrets
    ), Entry)  # fmt: skip
    found = await clinic.read(credentials.listed, actor=ADMIN)
    assert proposal.id not in {one.id for one in found.proposed}
    assert {ADMIN.id, SECOND_ADMIN.id} == set(next(c for c in found.issued if c.id == proposal.id).issued_by)
    for other in (*(CAST), COMMITTEE):
        if Role.ADMIN not in other.roles:
            with pytest.raises(NotFound):
                await clinic.read(credentials.listed, actor=other)


@pytest.mark.parametrize("why", ["full", "paused", "no-money"])
async def test_no_want_of_places_keeps_back_whose_life_is_in_danger(clinic: Network, walk: Walk, why: str) -> None:
    id = f"s-danger-{why}"
    costs = {"sop": {"costs": Costs(payer="programme", currency="GTQ", ceiling=100)}} if why == "no-money" else {}
    await open_places(clinic, id, 0 if why == "full" else 1, maximum=1, **costs)
    if why == "no-money":
        await clinic.write(programme_without_money, id)
    if why == "paused":
        said: dict[str, Any] = {"until": (walk.at + timedelta(days=9)).date()}
        await clinic.write(capacity.change, id, Change.PAUSE, actor=PROVIDER, expected=None, at=walk.at, **said)
    before = await counts(clinic, id)
    drafted = await walk.draft(id)
    assert isinstance(await walk.send(drafted.referral_id), Refusal), "no consent, and no attestation"
    await attested(walk, drafted.referral_id)
    seen = await clinic.write(referrals.preview, drafted.referral_id, **walk.later())
    assert isinstance(seen, Packet) and seen.place in ({Place.NONE_FREE, Place.HELD} if costs else {Place.NONE_FREE})
    sent = await walk.send(drafted.referral_id)
    assert isinstance(sent, Sent), sent
    assert (sent.place, sent.held_until) == (Place.NONE_FREE, None)
    assert await counts(clinic, id) == before
    by = walk.later() | {"actor": PROVIDER}
    accepted = await clinic.write(steps.take, drafted.referral_id, Step.ACCEPT, None, **by)
    assert isinstance(accepted, Stepped), accepted
    assert await counts(clinic, id) == ((0, 0, 0) if why == "full" else (0, 0, 1))
    if why == "no-money":
        assert await clinic.read(committed, id) == 0, "what nobody can pay is not promised"


@pytest.mark.parametrize("free", [1, 0])
async def test_of_a_household_only_whose_life_is_in_danger_goes_without_a_place(
    clinic: Network, walk: Walk, secrets: Secrets, free: int
) -> None:
    id = f"s-danger-family-{free}"
    await open_places(clinic, id, free, maximum=1)
    other = await Walk(clinic, secrets).begin()
    await other.allow()
    other.at = walk.at = max(walk.at, other.at)
    joining = Joining(case_ids=(walk.case_id, other.case_id), stays_together=False)
    await clinic.write(households.live_together, joining, **walk.later())
    needs = {one.case_id: one.need_id for one in (walk, other)}
    said = DraftTogether(
        service_id=id, needs=needs, ids={n: f"r-{n}" for n in needs}, chosen_because="person-prefers"
    )  # fmt: skip
    drafted = await clinic.write(together.draft, said, **walk.later())
    assert isinstance(drafted, DraftedTogether), drafted
    await attested(walk, f"r-{walk.case_id}")
    sent = await clinic.write(together.send, drafted.together_id, **walk.later())
    if free:
        assert isinstance(sent, SentTogether), sent
        found = {one.referral_id: one.place for one in sent.sent}
        assert found == {f"r-{walk.case_id}": Place.NONE_FREE, f"r-{other.case_id}": Place.HELD}
        assert await counts(clinic, id) == (0, 1, 0)
    else:
        assert isinstance(sent, Refusal) and sent.codes == (Reason.PLACES_FULL,), "the other one has no place"
        alone = await walk.send(f"r-{walk.case_id}")
        assert isinstance(alone, Sent) and alone.place is Place.NONE_FREE, "who is in danger goes alone"


async def programme_without_money(tx: Tx, service_id: str) -> None:
    statement = """
        MATCH (s:Service {id: $id})
        CREATE (s)-[:IN_PROGRAM]->(:Program {id: $id + '-program', budget: 50, currency: 'GTQ', spent: 0, committed: 0})
    """
    await (await tx.run(statement, id=service_id)).consume()


async def committed(tx: Tx, service_id: str) -> int:
    found = await tx.run("MATCH (:Service {id: $id})-[:IN_PROGRAM]->(p) RETURN p.committed AS n", id=service_id)
    return int((await found.single(strict=True))["n"])


async def test_after_72_hours_nothing_is_sent_or_read(walk: Walk) -> None:
    first, second = await walk.draft(), await walk.draft()
    await attested(walk, first.referral_id)
    await attested(walk, second.referral_id)
    assert isinstance(await walk.send(first.referral_id), Sent)
    walk.at += timedelta(hours=72)
    late = await walk.send(second.referral_id)
    assert isinstance(late, Refusal) and Reason.ATTESTATION_EXPIRED in late.codes
    circumstances = walk.later() | {"actor": PROVIDER}
    closed = await walk.network.write(disclosures.open_copy, first.referral_id, **circumstances)
    assert isinstance(closed, Refusal) and closed.codes == (Reason.COPY_CLOSED,)


async def test_only_the_named_professional_attests_and_never_who_asks(walk: Walk) -> None:
    drafted = await walk.draft()
    self_asked = Plea(assessor_id=OWNER.id, requested_by="organisation")
    refused = await walk.network.write(exceptions.request, drafted.referral_id, self_asked, **walk.later())
    assert isinstance(refused, Refusal) and Reason.ATTESTED_BY_SENDER in refused.codes
    request = await asked(walk, drafted.referral_id)
    assert isinstance(request, Excepted)
    mine = await walk.network.read(exceptions.asked_of_me, actor=PROFESSIONAL)
    assert request.id in [r.id for r in mine]
    word = Word(ground=Ground.SUICIDE_RISK, representative_reachable=False, narrative="x")
    other = PROFESSIONAL.model_copy(update={"id": "a-professional-2"})
    for actor in (other, *(a for a in CAST if a is not PROFESSIONAL)):
        with pytest.raises(NotFound):
            await walk.network.write(exceptions.attest, request.id, word, **(walk.later() | {"actor": actor}))
    assert isinstance(
        await walk.network.write(exceptions.attest, request.id, word, **(walk.later() | {"actor": PROFESSIONAL})),
        Excepted,
    )
    with pytest.raises(NotFound):  # a word is given once
        await walk.network.write(exceptions.attest, request.id, word, **(walk.later() | {"actor": PROFESSIONAL}))


async def test_a_reachable_representative_is_asked_instead(walk: Walk) -> None:
    drafted = await walk.draft()
    refused = await attested(walk, drafted.referral_id, reachable=True)
    assert isinstance(refused, Refusal) and refused.codes == (Reason.REPRESENTATIVE_REACHABLE,)
    assert isinstance(await walk.send(drafted.referral_id), Refusal)


async def test_a_relative_who_asks_says_how_they_are_related(walk: Walk) -> None:
    drafted = await walk.draft()
    plea = Plea(assessor_id=PROFESSIONAL.id, requested_by="relative")
    refused = await walk.network.write(exceptions.request, drafted.referral_id, plea, **walk.later())
    assert isinstance(refused, Refusal) and refused.codes == (Reason.RELATIVE_NOT_STATED,)
    told = plea.model_copy(update={"relation": "sister"})
    assert isinstance(await walk.network.write(exceptions.request, drafted.referral_id, told, **walk.later()), Excepted)


async def test_a_persons_no_stands_against_other_danger_and_not_against_suicide_risk(walk: Walk) -> None:
    asked_for = Asked(organization_id=CLINIC, purpose=PURPOSE, modality="written")
    assert isinstance(await walk.network.write(consents.refuse, walk.case_id, asked_for, **walk.later()), Stopped)
    other, suicide = await walk.draft(), await walk.draft()
    await attested(walk, other.referral_id, ground=Ground.OTHER_DANGER_TO_LIFE)
    await attested(walk, suicide.referral_id)
    refused = await walk.send(other.referral_id)
    assert isinstance(refused, Refusal) and refused.codes == (Reason.CONSENT_REFUSED,)
    assert isinstance(await walk.send(suicide.referral_id), Sent)


async def test_a_withdrawal_does_not_undo_what_danger_opened(walk: Walk) -> None:
    given = await walk.allow()
    urgent = await walk.draft()
    await attested(walk, urgent.referral_id)
    assert isinstance(await walk.send(urgent.referral_id), Sent)
    stopped = await walk.network.write(consents.withdraw, given.consent_id, **walk.later())
    assert isinstance(stopped, Stopped) and stopped.cancelled == () and stopped.stop_notice_id is None
    assert [g.referral_id for g in stopped.gone] == [urgent.referral_id]
    circumstances = walk.later() | {"actor": PROVIDER}
    assert isinstance(await walk.network.write(disclosures.open_copy, urgent.referral_id, **circumstances), Packet)


async def test_told_reviewed_and_on_the_register_without_a_place_or_a_person(walk: Walk) -> None:
    drafted = await walk.draft()
    word = await attested(walk, drafted.referral_id)
    assert isinstance(word, Excepted)
    before = await walk.network.read(register.register, actor=COMMITTEE)
    await walk.send(drafted.referral_id)
    told = await walk.network.write(exceptions.tell, word.id, f"{CANARY} en persona", **walk.later())
    assert told.referral_id == drafted.referral_id
    waiting = await walk.network.read(register.to_review, actor=OFFICER)
    assert word.id in [use.id for use in waiting]
    for actor in (OWNER, COMMITTEE, PROFESSIONAL, PROVIDER, ADMIN):
        assert await walk.network.read(register.to_review, actor=actor) == []
        with pytest.raises(NotFound):
            await walk.network.write(exceptions.review, word.id, **(walk.later() | {"actor": actor}))
    reviewed = await walk.network.write(exceptions.review, word.id, **(walk.later() | {"actor": OFFICER}))
    assert reviewed.narrative == f"{CANARY} relato" and reviewed.attestation.reviewed_by == OFFICER.id
    assert word.id not in [use.id for use in await walk.network.read(register.to_review, actor=OFFICER)]
    now = await walk.network.read(register.register, actor=COMMITTEE)
    assert len(now) == len(before) + 1
    assert {line.department for line in now} == {None if len(now) < K_SENSITIVE else DEPARTMENT}
    assert any(line.reviewed and line.person_told for line in now)
    assert walk.case_id not in str(now)
    for actor in (OWNER, PROVIDER, PROFESSIONAL, ADMIN):
        with pytest.raises(NotFound):
            await walk.network.read(register.register, actor=actor)


async def test_the_papers_stand_in_the_record_sealed(walk: Walk) -> None:
    drafted = await walk.draft()
    word = await attested(walk, drafted.referral_id)
    assert isinstance(word, Excepted)

    async def narrative(tx: Tx) -> list[tuple[str, str | None]]:
        case = await cases.get(tx, walk.case_id, actor=OWNER)
        told = await records.everything(tx, case, walk.secrets.keystore, {"attestation_narrative"})
        return [(t.value, t.of) for t in told]

    assert await walk.network.read(narrative) == [(f"{CANARY} relato", word.id)]


async def test_two_administrators_issue_and_neither_is_the_holder(clinic: Network, secrets: Secrets) -> None:
    holder_admin = PROFESSIONAL.model_copy(update={"roles": frozenset({Role.ADMIN})})
    proposal = Proposal(actor_id=PROFESSIONAL.id, kind="health", valid_to=LATER + timedelta(days=1))
    circumstances: dict[str, Any] = {"at": LATER, "secrets": secrets}
    own = await clinic.write(credentials.propose, proposal, actor=holder_admin, **circumstances)
    assert isinstance(own, Refusal)
    await clinic.write(credentials.propose, proposal, actor=ADMIN, **circumstances)
    for actor in (ADMIN, holder_admin):
        refused = await clinic.write(credentials.issue, proposal.id, actor=actor, **circumstances)
        assert isinstance(refused, Refusal) and refused.codes == (Reason.CREDENTIAL_BADLY_ISSUED,)
    with pytest.raises(NotFound):
        await clinic.write(credentials.issue, proposal.id, actor=OWNER, **circumstances)
    assert isinstance(await clinic.write(credentials.issue, proposal.id, actor=SECOND_ADMIN, **circumstances), Entry)
    with pytest.raises(NotFound):
        await clinic.write(credentials.issue, proposal.id, actor=SECOND_ADMIN, **circumstances)


async def test_a_revoked_credential_sends_and_shows_nothing(walk: Walk, secrets: Secrets) -> None:
    id = await credential_for(walk.network, secrets, "protection")
    sent, unsent = await walk.draft(), await walk.draft()
    for drafted in (sent, unsent):
        word = await attested(walk, drafted.referral_id, ground=Ground.OTHER_DANGER_TO_LIFE)
        assert isinstance(word, Excepted)
    # both kinds may attest this ground; the one that is used is the one that is revoked
    used = await walk.network.read(log.read, walk.stream)
    held = {e.body.basis_ids[1] for e in used if e.body.kind is Kind.EXCEPTION_ATTESTED}
    assert isinstance(await walk.send(sent.referral_id), Sent)
    for credential in sorted(held):
        await credentials.stop(walk.network, credential, actor=ADMIN, at=walk.at, secrets=secrets)
    refused = await walk.send(unsent.referral_id)
    assert isinstance(refused, Refusal) and refused.codes == (Reason.CREDENTIAL_NOT_IN_FORCE,)
    circumstances = walk.later() | {"actor": PROVIDER}
    closed = await walk.network.write(disclosures.open_copy, sent.referral_id, **circumstances)
    assert isinstance(closed, Refusal)
    if id not in held:
        await credentials.stop(walk.network, id, actor=ADMIN, at=walk.at, secrets=secrets)
    await credential_for(walk.network, secrets, "mental-health", at=walk.at)


def test_a_place_is_named_only_where_enough_were_there() -> None:
    def use(n: int, month: int) -> Used:
        at = LATER.replace(month=month)
        return Used(f"a{n}", "suicide-risk", "psychosocial.mental-health.care", "GT0901", at, at, None, None)

    found = [use(n, 10) for n in range(10)] + [use(n, 11) for n in range(9)]
    shown = lines(found, {"GT0901": DEPARTMENT})
    assert {line.department for line in shown if line.month.endswith("10")} == {DEPARTMENT}
    assert {line.department for line in shown if line.month.endswith("11")} == {None}
    assert {line.service_class for line in shown} == {"psychosocial.mental-health"}


async def test_the_officer_sees_all_of_a_use_but_whose_it_was_and_says_what_the_review_found(walk: Walk) -> None:
    drafted = await walk.draft()
    word = await attested(walk, drafted.referral_id)
    assert isinstance(word, Excepted)
    with pytest.raises(NotFound):
        await walk.network.read(reviewing.use, word.id, actor=OFFICER)
    assert isinstance(await walk.send(drafted.referral_id), Sent)
    seen = await walk.network.read(reviewing.use, word.id, actor=OFFICER)
    assert (seen.ground, seen.recipient_id, seen.fields) == (Ground.SUICIDE_RISK, CLINIC, ("given_name", "telephone"))
    assert (seen.assessor_id, seen.assessor_organization_id, seen.credential) == (
        PROFESSIONAL.id,
        CLINIC,
        "mental-health",
    )
    assert seen.person_told_at is None and seen.waits
    assert walk.case_id not in seen.model_dump_json()
    assert word.id in [one.id for one in await walk.network.read(reviewing.uses, actor=OFFICER) if one.waits]

    async def conclude(finding: Finding = Finding.WELL_FOUNDED, by: Actor = OFFICER) -> Any:
        said = walk.later() | {"actor": by}
        return await walk.network.write(reviewing.conclude, word.id, finding, f"{CANARY} conforme", **said)

    early = await conclude()
    assert isinstance(early, Refusal) and early.codes == (Reason.PAPERS_NOT_READ,)
    await walk.network.write(exceptions.review, word.id, **walk.later() | {"actor": OFFICER})
    for actor in (*CAST, COMMITTEE):
        if actor != OFFICER:
            with pytest.raises(NotFound):
                await conclude(by=actor)
            with pytest.raises(NotFound):
                await walk.network.read(reviewing.uses, actor=actor)
    done = await conclude()
    assert isinstance(done, Concluded) and done.entry is not None
    assert (done.entry.body.kind, done.entry.body.reasons) == (Kind.EXCEPTION_FOUND, ("well-founded",))
    assert CANARY not in done.entry.model_dump_json()
    again = await conclude(Finding.NOT_WELL_FOUNDED)
    assert isinstance(again, Concluded)
    assert (again.finding, again.found_at, again.entry) == (Finding.WELL_FOUNDED, done.found_at, None)
    seen = await walk.network.read(reviewing.use, word.id, actor=OFFICER)
    assert (seen.finding, seen.found_by, seen.waits) == (Finding.WELL_FOUNDED, OFFICER.id, False)

    async def told(tx: Tx) -> Any:
        case = await cases.get_locked(tx, walk.case_id)
        return await records.everything(tx, case, walk.secrets.keystore, {"review_words"})

    assert [t.value for t in await walk.network.write(told)] == [f"{CANARY} conforme"]
