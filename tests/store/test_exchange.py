"""After the first contact: later stages leave under a yes of their own; reports come back; a treatment goes on. (R-13)"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from api.actions import consents, disclosures, exchange, gone, referral_view, reports, steps
from api.actions.exchange import Exchanged
from api.actions.reports import Reported, Reporting
from api.actions.steps import Stepped
from consent.projection import Packet
from graph.model.actor import Actor, Role
from graph.model.log import Kind
from graph.model.referral import Status, Step
from graph.model.refusal import Reason, Refusal
from graph.model.sop import SopField
from graph.seed.catalogue import WrongValue
from graph.store import log, sops, terms
from graph.store.errors import NotFound
from graph.store.network import Network, Tx
from tests.cast import COLLEAGUE, COUNTRY, OTHER, OWNER, PROVIDER, STRANGER, person_of
from tests.sending import CANARY, RECORD, SERVICES, TYPE, Patient, Walk, keys_of_type, set_the_clinic, sop_of

NEXT_SERVICE = "s-next"
NEXT_PROVIDER = Actor(id="a-provider-other", organization_id=OTHER, roles=frozenset({Role.PROVIDER}))
NOTE = f"{CANARY} nota"


@pytest.fixture(scope="module")
async def clinic(network: Network) -> Network:
    await set_the_clinic(network)
    patient = Patient.of(network)

    async def more(tx: Tx) -> None:
        rows = [{"id": NEXT_SERVICE, "organization": OTHER, "type": TYPE, "keys": keys_of_type(TYPE)}]
        await (await tx.run(SERVICES, rows=rows, country=COUNTRY)).consume()
        asked = sop_of(NEXT_SERVICE, follow_up=("attendance-report",))
        field = SopField(field="allergies", stage="continuity", required=True)
        await sops.create(tx, [asked.model_copy(update={"fields": (*asked.fields, field)})])
        await terms.refresh(tx, [NEXT_SERVICE])

    await patient.write(more)
    return patient


def by(walk: Walk, actor: Actor) -> dict[str, Any]:
    return walk.later() | {"actor": actor}


async def taken(walk: Walk, *way: Step, to: str | None = None, provider: Actor = PROVIDER) -> str:
    """A referral that was sent, and how far its provider went with it."""
    drafted = await (walk.draft() if to is None else walk.draft(to))
    sent = await walk.send(drafted.referral_id)
    assert not isinstance(sent, Refusal), sent
    for step in way:
        reason = "delivered" if step is Step.COMPLETE else None
        done = await walk.network.write(steps.take, drafted.referral_id, step, reason, **by(walk, provider))
        assert isinstance(done, Stepped), done
    return drafted.referral_id


async def follow_up(walk: Walk, id: str) -> Exchanged | Refusal:
    return await walk.network.write(exchange.send, id, "follow-up", **walk.later())


async def test_nothing_leaves_at_the_follow_up_without_a_yes_for_it(clinic: Network, walk: Walk) -> None:
    id = await taken(walk, Step.ACCEPT)
    refused = await follow_up(walk, id)
    assert isinstance(refused, Refusal), "a yes for the first contact is none for later"
    await walk.allow("allergies", stages=frozenset({"follow-up"}))
    shown = await clinic.write(exchange.preview, id, "follow-up", **walk.later())
    assert isinstance(shown, Packet), shown
    sent = await follow_up(walk, id)
    assert isinstance(sent, Exchanged), sent
    assert (sent.fields, dict(shown.payload)) == (("allergies",), {"allergies": RECORD["allergies"]})
    body = sent.entry.body
    assert (body.kind, body.stage, body.fields, body.disclosure) == (
        Kind.TRANSFER, "follow-up", ("allergies",), sent.disclosure_id,
    )  # fmt: skip


async def test_each_copy_is_opened_for_itself(clinic: Network, walk: Walk) -> None:
    id = await taken(walk, Step.ACCEPT, Step.START)
    await walk.allow("allergies", stages=frozenset({"follow-up"}))
    first = await clinic.write(disclosures.open_copy, id, stage="first-contact", **by(walk, PROVIDER))
    with pytest.raises(NotFound):
        await clinic.write(disclosures.open_copy, id, stage="follow-up", **by(walk, PROVIDER))
    await follow_up(walk, id)
    later = await clinic.write(disclosures.open_copy, id, stage="follow-up", **by(walk, PROVIDER))
    again = await clinic.write(disclosures.open_copy, id, stage="first-contact", **by(walk, PROVIDER))
    assert isinstance(first, Packet)
    assert isinstance(later, Packet)
    assert isinstance(again, Packet)
    assert (set(first.payload), set(later.payload)) == ({"given_name", "health_condition"}, {"allergies"})
    assert again.payload == first.payload
    view = await clinic.read(referral_view.view, id, actor=PROVIDER, at=walk.at)
    assert [copy.stage for copy in view.copies] == ["first-contact", "follow-up"]


@pytest.mark.parametrize(
    "way", [(), (Step.ACCEPT, Step.COMPLETE), (Step.CANCEL,)], ids=["asked", "ended", "taken back"]
)
async def test_an_exchange_is_open_only_while_the_provider_has_it(
    clinic: Network, walk: Walk, way: tuple[Step, ...]
) -> None:
    await walk.allow("allergies", stages=frozenset({"follow-up"}))
    id = await taken(walk, *(step for step in way if step is not Step.CANCEL))
    if Step.CANCEL in way:
        await clinic.write(steps.take, id, Step.CANCEL, "changed-plan", **walk.later())
    refused = await follow_up(walk, id)
    assert isinstance(refused, Refusal)
    assert refused.codes == (Reason.STEP_NOT_OPEN,)
    entries = await clinic.read(log.read, walk.stream)
    assert entries[-1].body.kind is Kind.REFUSED_ATTEMPT
    assert entries[-1].body.stage == "follow-up"


async def test_a_withdrawal_closes_what_came_later_too(clinic: Network, walk: Walk) -> None:
    given = await walk.allow("allergies", stages=frozenset({"follow-up"}))
    id = await taken(walk, Step.ACCEPT, Step.START)
    assert isinstance(await follow_up(walk, id), Exchanged)
    await clinic.write(consents.withdraw, given.consent_id, **walk.later())
    opened = await clinic.write(disclosures.open_copy, id, stage="follow-up", **by(walk, PROVIDER))
    assert isinstance(opened, Refusal)
    assert opened.codes == (Reason.COPY_CLOSED,)
    assert isinstance(await follow_up(walk, id), Refusal)


async def test_nobody_else_exchanges(clinic: Network, walk: Walk) -> None:
    id = await taken(walk, Step.ACCEPT)
    for actor in (PROVIDER, COLLEAGUE, STRANGER):
        for action in (exchange.preview, exchange.send):
            with pytest.raises(NotFound):
                await clinic.write(action, id, "follow-up", **by(walk, actor))


async def test_continuity_has_its_own_yes_and_needs_a_treatment_that_began(clinic: Network, walk: Walk) -> None:
    """From the clinic that treated, through the case's team, to the next provider. (R-13)"""
    fields = ("given_name", "health_condition", "allergies")
    await walk.allow(*fields, organization_id=OTHER, stages=frozenset({"first-contact", "follow-up"}))
    here = await taken(walk, Step.ACCEPT)
    onward = await taken(walk, Step.ACCEPT, to=NEXT_SERVICE, provider=NEXT_PROVIDER)

    async def go_on() -> Exchanged | Refusal:
        return await clinic.write(exchange.send, onward, "continuity", **walk.later())

    refused = await go_on()
    assert isinstance(refused, Refusal)
    assert refused.codes == (Reason.NOTHING_TREATED,)
    await clinic.write(steps.take, here, Step.START, None, **by(walk, PROVIDER))
    refused = await go_on()
    assert isinstance(refused, Refusal), "a yes for other stages is none for this one"
    assert refused.codes == (Reason.REQUIRED_AT_OTHER_STAGE,)
    await walk.allow("allergies", organization_id=OTHER, stages=frozenset({"continuity"}))
    sent = await go_on()
    assert isinstance(sent, Exchanged), sent
    assert (sent.stage, sent.fields, sent.organization_id) == ("continuity", ("allergies",), OTHER)
    packet = await clinic.write(disclosures.open_copy, onward, stage="continuity", **by(walk, NEXT_PROVIDER))
    assert isinstance(packet, Packet)
    assert dict(packet.payload) == {"allergies": RECORD["allergies"]}


async def onward(walk: Walk, *way: Step) -> str:
    await walk.allow("given_name", "health_condition", organization_id=OTHER)
    return await taken(walk, *way, to=NEXT_SERVICE, provider=NEXT_PROVIDER)


async def test_a_report_is_codes_and_a_note_that_only_the_team_reads(clinic: Network, walk: Walk) -> None:
    id = await onward(walk, Step.ACCEPT)
    said = Reporting(duties=("attendance-report",), attended=True, next_on=date(2026, 12, 3), note=NOTE)
    done = await clinic.write(reports.give, id, said, **by(walk, NEXT_PROVIDER))
    assert isinstance(done, Reported), done
    assert NOTE not in done.model_dump_json()
    assert (done.entry.body.kind, done.entry.body.reasons) == (Kind.REPORT_GIVEN, ("attendance-report",))
    for actor in (NEXT_PROVIDER, PROVIDER, COLLEAGUE, STRANGER):
        with pytest.raises(NotFound):
            await clinic.write(reports.read, id, **by(walk, actor))
    (report,) = await clinic.write(reports.read, id, **walk.later())
    assert (report.note, report.attended, report.next_on) == (NOTE, True, date(2026, 12, 3))
    assert (await clinic.read(log.read, walk.stream))[-1].body.kind is Kind.REPORT_READ
    (look,) = await clinic.read(gone.looked, walk.case_id, actor=person_of(walk.case_id))
    assert (look.kind, look.actor_id) == (Kind.REPORT_READ, OWNER.id), "the person reads who looked"

    async def lying(tx: Tx) -> str:
        rows = await tx.run("MATCH (p:Report {id: $id}) RETURN p.note AS note", id=done.report_id)
        return str((await rows.single(strict=True))["note"])

    assert CANARY not in await clinic.read(lying)


async def test_nothing_more_is_told_of_who_took_their_consent_back(clinic: Network, walk: Walk) -> None:
    id = await taken(walk, Step.ACCEPT, Step.START)
    running = await clinic.read(referral_view.view, id, actor=PROVIDER, at=walk.at)
    assert [clock.clock for clock in running.clocks] == ["report"]
    assert isinstance(await clinic.write(reports.give, id, Reporting(attended=True), **by(walk, PROVIDER)), Reported)
    given = await walk.allow()
    await clinic.write(consents.withdraw, given.consent_id, **walk.later())
    refused = await clinic.write(reports.give, id, Reporting(note=NOTE), **by(walk, PROVIDER))
    assert isinstance(refused, Refusal) and refused.codes == (Reason.CONSENT_WITHDRAWN,)
    stands = await clinic.read(referral_view.view, id, actor=PROVIDER, at=walk.at)
    assert stands.status is Status.IN_PROGRESS and not stands.clocks, "nobody reminds them to"
    done = await clinic.write(steps.take, id, Step.COMPLETE, "delivered", **by(walk, PROVIDER))
    assert isinstance(done, Stepped), "that it ended is still said"
    late = await clinic.write(reports.give, id, Reporting(attended=True), **by(walk, PROVIDER))
    assert isinstance(late, Refusal) and late.codes == (Reason.CONSENT_WITHDRAWN,)


async def test_a_report_without_a_note_shows_nothing_of_a_person(clinic: Network, walk: Walk) -> None:
    id = await onward(walk, Step.ACCEPT, Step.START, Step.COMPLETE)
    await clinic.write(reports.give, id, Reporting(attended=False), **by(walk, NEXT_PROVIDER))
    before = await clinic.read(log.length, walk.stream)
    (report,) = await clinic.write(reports.read, id, **walk.later())
    assert (report.attended, report.note) == (False, None)
    assert await clinic.read(log.length, walk.stream) == before


async def test_what_is_no_report_is_refused(clinic: Network, walk: Walk) -> None:
    id = await onward(walk)
    refused = await clinic.write(reports.give, id, Reporting(attended=True), **by(walk, NEXT_PROVIDER))
    assert isinstance(refused, Refusal)
    assert refused.codes == (Reason.STEP_NOT_OPEN,)
    with pytest.raises(WrongValue):
        await clinic.write(reports.give, id, Reporting(duties=("closing-report",)), **by(walk, NEXT_PROVIDER))
    for actor in (OWNER, PROVIDER, STRANGER):
        with pytest.raises(NotFound):
            await clinic.write(reports.give, id, Reporting(attended=True), **by(walk, actor))
