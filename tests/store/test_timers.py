"""The ladder from the first reminder to the lapse, each job once, whatever goes wrong meanwhile. (R-12, R-14)"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, Final

import pytest

from api import scheduler
from api.actions import by_link, consents, disclosures, due, outbox, referral_view, steps
from api.actions.referrals import Sent
from api.actions.reminding import Done, Means
from api.actions.steps import Stepped
from api.actions.timers import CLOCK
from api.scheduler import Scheduler
from graph.log.entry import verify
from graph.model.clock import Due
from graph.model.complaint import Complaint, ComplaintKind
from graph.model.complaint import Office as ComplaintOffice
from graph.model.log import Kind
from graph.model.owed import LADDER, LAPSES_AT, owed
from graph.model.referral import Referral, Status, Step
from graph.model.sop import Clocks, Sop, SopContact
from graph.model.timer import Job, Message, Rung, Timer
from graph.secrets import Secrets
from graph.server import Server
from graph.store import clocks, complaints, log, messages, referrals, timers
from graph.store.content import run
from graph.store.errors import NotFound
from graph.store.mapping import to_properties
from graph.store.network import Network, Tx
from tests.cast import CLINIC, HOME, OTHER, OWNER, PROVIDER
from tests.places import open_places, stock_of
from tests.post_office import BUSY, NO_SUCH, Office, office
from tests.sending import CLINIC_SERVICE, Patient, Walk, set_the_clinic, sop_of

COMMITTEE_MAIL: Final = "comite@example.org"
LADDER_OF_MAIL: Final = ["desk@example.org", "focal@example.org", "lead@example.org", COMMITTEE_MAIL]

DRESS: Final = """
    MATCH (o:Organization {id: $clinic})
    MATCH (h:Organization {id: $home})
    MERGE (l:Organization {id: 'org-lead-demo'})
    MERGE (m:Mechanism {id: 'm-local'})
    MERGE (o)-[:MEMBER_OF]->(m)
    SET o.email = 'focal@example.org', h.email = 'sender@example.org', l.email = 'lead@example.org',
        m.scope = 'local', m.lead_organization_id = l.id
    MERGE (x:Actor {id: $provider})
    MERGE (:Account {id: 'account-clinic'})-[:OF]->(x)
"""
SIGNS_IN: Final = "MATCH (a:Account {id: 'account-clinic'}) SET a.disabled_at = $disabled_at"
RULES: Final = "MATCH (p:Sop {id: $id}) SET p += $properties"
WIPE: Final = "MATCH (n) WHERE n:Timer OR n:Message DETACH DELETE n"


class Clock:
    """The clock of a scheduler, which goes when it is told to."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture(scope="module")
def post_office() -> Iterator[Office]:
    with office() as found:
        yield found


@pytest.fixture(scope="module")
async def clinic(network: Network) -> Network:
    await set_the_clinic(network)
    patient = Patient.of(network)
    await patient.write(run, DRESS, clinic=CLINIC, home=HOME, provider=PROVIDER.id)
    await state(patient, clocks=Clocks(decide="PT40H", receive="P1Y", start="PT10H", report="PT20H"))
    return patient


async def state(network: Network, **changes: Any) -> Sop:
    """Let the clinic's SOP say this."""
    desk = SopContact(name="Recepción", channel="email", address="desk@example.org")
    said = sop_of(CLINIC_SERVICE, **({"contacts": (desk,)} | changes))
    await network.write(run, RULES, id=said.id, properties=to_properties(said, without=("id",)))
    return said


@pytest.fixture
async def walk(clinic: Network, secrets: Secrets, post_office: Office) -> Walk:
    await clinic.write(run, WIPE)
    post_office.taken.clear()
    post_office.refuses.clear()
    found = await Walk(clinic, secrets).begin()
    await found.allow()
    return found


def looking(walk: Walk, post_office: Office | None = None, **more: Any) -> tuple[Scheduler, Clock]:
    clock = Clock(walk.at)
    means = Means(walk.secrets, COMMITTEE_MAIL)
    return Scheduler(walk.network, means, post_office.post if post_office else None, clock=clock, **more), clock


async def decide_of(walk: Walk, referral_id: str) -> tuple[Referral, Callable[[float], datetime]]:
    found = await walk.network.read(referrals.get, referral_id)
    terms = await walk.network.read(clocks.terms_of, found)
    return found, next(one for one in owed(found, terms, stands_still=False) if one.due is Due.DECIDE).at


async def test_the_whole_ladder_in_its_order_and_then_the_lapse(walk: Walk, post_office: Office) -> None:
    sent = await walk.sent()
    referral, at = await decide_of(walk, sent.referral_id)
    scheduler_, clock = looking(walk, post_office)
    assert not await scheduler_.once()
    for n, part in enumerate(LADDER.values()):
        clock.at = at(part) - timedelta(seconds=1)
        assert not await scheduler_.once()
        clock.at = at(part)
        assert await scheduler_.once() == {"remind:done": 1, "send-mail:sent": 1}
        assert post_office.told == LADDER_OF_MAIL[: n + 1]
        assert not await scheduler_.once()
    clock.at = at(LAPSES_AT) - timedelta(seconds=1)
    assert not await scheduler_.once()
    clock.at = at(LAPSES_AT)
    assert await scheduler_.once() == {"lapse:done": 1, "send-mail:sent": 1}
    assert post_office.told[-1] == "sender@example.org"
    ended = await walk.network.read(referrals.get, referral.id)
    assert (ended.status, ended.reason, ended.ended_at) == (Status.CANCELLED, "lapsed", clock.at)
    entry = (await walk.network.read(log.read, walk.stream))[-1]
    assert verify(entry, walk.secrets.signer.public_key)
    said = entry.body
    assert (said.kind, said.actor, said.role, said.reasons) == ("referral-cancelled", "clock", "clock", ("lapsed",))
    clock.at += timedelta(days=400)
    assert set(await scheduler_.once()) <= {"remind:not-needed"}


async def test_a_mail_says_nothing_of_a_person_a_service_or_a_case(walk: Walk, post_office: Office) -> None:
    sent = await walk.sent()
    _, at = await decide_of(walk, sent.referral_id)
    scheduler_, clock = looking(walk, post_office)
    clock.at = at(0.5)
    await scheduler_.once()
    (mail,) = post_office.taken
    whole = mail.as_string() + mail.get_content()
    for secret in (walk.case_id, walk.need_id, sent.referral_id, CLINIC_SERVICE, CLINIC, "ZZCANARYZZ", "health"):
        assert secret not in whole
    (message,) = await walk.network.read(messages.page)
    assert f"https://enlace.example.org/r/{message.id}" in mail.get_content()
    assert await walk.network.read(outbox.subject, message.id, actor=OWNER) == (sent.referral_id, None)


async def test_who_has_no_account_is_mailed_a_link_that_answers_and_whose_secret_stands_nowhere(
    walk: Walk, post_office: Office
) -> None:
    sent, hidden = await walk.sent(), await walk.sent()
    _, at = await decide_of(walk, sent.referral_id)
    scheduler_, clock = looking(walk, post_office)
    await walk.network.write(run, SIGNS_IN, disabled_at=walk.at)
    try:
        clock.at = at(0.55)
        await scheduler_.once()
        clock.at += timedelta(seconds=1)  # the second is told a moment after the link of the first was written down
        await scheduler_.once()
    finally:
        await walk.network.write(run, SIGNS_IN, disabled_at=None)
    first, second = (re.search(r"https://enlace\.example\.org(/\S+)", m.get_content()) for m in post_office.taken)
    assert first and second and first[1] != second[1]
    made = [e.body for e in await walk.network.read(log.read, walk.stream) if e.body.kind == Kind.ANSWER_LINK_MADE]
    assert [(e.actor, e.role, e.recipient) for e in made] == [("clock", "clock", CLINIC)] * 2
    assert {e.referral for e in made} == {sent.referral_id, hidden.referral_id}
    secret = first[1].removeprefix("/answer/")
    stored = await walk.network.read(messages.page)
    assert all(m.answers and secret not in m.model_dump_json() for m in stored)
    circumstances: dict[str, Any] = {"at": at(0.6), "secrets": walk.secrets}
    done = await walk.network.write(by_link.answer_referral, secret, Step.ACCEPT, **circumstances)
    assert isinstance(done, Stepped)
    clock.at = at(1.0)
    await scheduler_.once()
    assert f"/r/{(await walk.network.read(messages.page))[0].id}" in post_office.taken[-1].get_content()


async def test_nothing_is_told_after_it_moved_on(walk: Walk, post_office: Office) -> None:
    sent = await walk.sent()
    _, at = await decide_of(walk, sent.referral_id)
    waiting, clock = looking(walk)
    clock.at = at(0.5)
    assert await waiting.once() == {"remind:done": 1}
    walk.at = at(0.6)
    done = await walk.network.write(steps.take, sent.referral_id, Step.ACCEPT, **walk.later() | {"actor": PROVIDER})
    assert isinstance(done, Stepped)
    scheduler_, clock = looking(walk, post_office)
    clock.at = at(1.0)
    found = await scheduler_.once()
    assert (found["send-mail:not-needed"], found["remind:not-needed"]) == (1, 1)
    assert not any("decida" in mail.get_content() for mail in post_office.taken), "only the beginning is awaited now"
    (message,) = [m for m in await walk.network.read(messages.page) if m.clock == "decide"]
    assert (message.undone_because, message.sent_at) == ("moved-on", None)


async def test_where_nobody_states_an_address_the_next_is_told_at_once_and_it_is_listed(
    walk: Walk, post_office: Office
) -> None:
    await state(walk.network, clocks=Clocks(decide="PT40H", receive="P1Y"), contacts=())
    try:
        sent = await walk.sent()
        _, at = await decide_of(walk, sent.referral_id)
        scheduler_, clock = looking(walk, post_office)
        clock.at = at(0.5)
        assert await scheduler_.once() == {"remind:done": 1, "send-mail:sent": 1}
        assert post_office.told == ["focal@example.org"]
        gaps = [m for m in await walk.network.read(messages.page) if m.failed_because]
        assert [(m.rung, m.organization_id, m.failed_because) for m in gaps] == [
            (Rung.PROVIDER, CLINIC, outbox.NO_ADDRESS)
        ]
        clock.at = at(1.0)
        assert not await scheduler_.once()
        clock.at = at(1.25)
        await scheduler_.once()
        assert post_office.told == ["focal@example.org", "lead@example.org"]
    finally:
        await state(walk.network, clocks=Clocks(decide="PT40H", receive="P1Y", start="PT10H", report="PT20H"))


async def test_a_house_that_was_closed_does_not_tell_all_at_once(walk: Walk, post_office: Office) -> None:
    sent = await walk.sent()
    _, at = await decide_of(walk, sent.referral_id)
    scheduler_, clock = looking(walk, post_office)
    clock.at = at(30.0)
    assert (await scheduler_.once())["remind:done"] == 1
    assert post_office.told == LADDER_OF_MAIL[:1]
    clock.at += at(1.0) - at(0.5) - timedelta(seconds=1)
    assert not await scheduler_.once()
    clock.at += timedelta(seconds=1)
    await scheduler_.once()
    assert post_office.told == LADDER_OF_MAIL[:2]


async def test_a_refused_mail_is_seen_and_a_busy_server_is_asked_again(walk: Walk, post_office: Office) -> None:
    sent = await walk.sent()
    _, at = await decide_of(walk, sent.referral_id)
    scheduler_, clock = looking(walk, post_office)
    post_office.refuses = {"desk@example.org": BUSY}
    clock.at = at(0.5)
    assert await scheduler_.once() == {"remind:done": 1, "send-mail:later": 1}
    assert not await scheduler_.once()
    clock.at += scheduler.pause_after(0)
    assert await scheduler_.once() == {"send-mail:later": 1}
    clock.at += scheduler.pause_after(0)
    assert not await scheduler_.once(), "it waits longer each time"
    post_office.refuses = {"desk@example.org": NO_SUCH}
    clock.at += scheduler.pause_after(1)
    assert await scheduler_.once() == {"send-mail:refused": 1}
    clock.at += timedelta(hours=1)
    assert not await scheduler_.once()
    (message,) = await walk.network.read(messages.page)
    assert (message.failed_because, message.sent_at) == ("refused", None)


async def test_without_a_mail_server_mails_wait_and_the_ladder_goes_on(walk: Walk) -> None:
    sent = await walk.sent()
    _, at = await decide_of(walk, sent.referral_id)
    scheduler_, clock = looking(walk)
    for part in (*LADDER.values(), LAPSES_AT):
        clock.at = at(part)
        await scheduler_.once()
    assert (await walk.network.read(referrals.get, sent.referral_id)).reason == "lapsed"
    listed: list[Message] = await walk.network.read(messages.page)
    assert [m.to for m in reversed(listed)] == [*LADDER_OF_MAIL, "sender@example.org"]
    assert all(m.sent_at is None for m in listed)


@pytest.mark.parametrize("minutes", [-10, 10])
async def test_a_clock_ten_minutes_off_writes_nothing_before_what_the_log_knows(walk: Walk, minutes: int) -> None:
    sent = await walk.sent()
    _, at = await decide_of(walk, sent.referral_id)
    scheduler_, clock = looking(walk)
    for part in LADDER.values():
        clock.at = at(part)
        await scheduler_.once()
    refused = timedelta(minutes=minutes)
    walk.at = at(LAPSES_AT) - refused  # somebody whose clock is right looks at it: the log knows that instant
    await walk.network.write(steps.take, sent.referral_id, Step.START, **walk.later() | {"actor": OWNER})
    before = (await walk.network.read(log.read, walk.stream))[-1].body.at
    clock.at = at(LAPSES_AT)
    assert (await scheduler_.once())["lapse:done"] == 1
    entries = [e.body for e in await walk.network.read(log.read, walk.stream)]
    assert entries[-1].reasons == ("lapsed",)
    assert entries[-1].at > before
    assert [e.at for e in entries] == sorted(e.at for e in entries)
    ended = await walk.network.read(referrals.get, sent.referral_id)
    assert ended.ended_at is not None
    assert f"{ended.ended_at:%Y-%m-%dT%H:%M:%S}" == entries[-1].at[:19]


async def test_one_failing_job_stops_no_other(
    walk: Walk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = await walk.sent(), await walk.sent()
    _, at = await decide_of(walk, second.referral_id)
    usual = due.JOBS[Job.REMIND]

    async def failing(tx: Tx, timer: Timer, **more: Any) -> Any:
        if timer.subject_id == first.referral_id:
            raise RuntimeError("ZZCANARYZZ")
        return await usual(tx, timer, **more)

    monkeypatch.setattr(due, "JOBS", {**due.JOBS, Job.REMIND: failing})
    scheduler_, clock = looking(walk)
    clock.at = at(0.5)
    assert await scheduler_.once() == {"remind:failed": 1, "remind:done": 1}
    assert [m.about for m in await walk.network.read(messages.page)] == [second.referral_id]
    assert "remind RuntimeError" in caplog.text
    assert "ZZCANARYZZ" not in caplog.text
    monkeypatch.setattr(due, "JOBS", {**due.JOBS, Job.REMIND: usual})
    assert not await scheduler_.once()
    clock.at += scheduler.pause_after(0)
    assert await scheduler_.once() == {"remind:done": 1}


async def test_what_is_gone_is_given_up(walk: Walk) -> None:
    at = walk.at
    lost = Timer(id="t-lost", job=Job.REMIND, subject_id="r-lost", case_id="c-lost", due_at=at, clock="decide")
    await walk.network.write(timers.set_, [lost])
    scheduler_, _ = looking(walk)
    assert await scheduler_.once() == {"remind:gone": 1}
    assert not await scheduler_.once()


async def test_several_schedulers_at_once_do_each_job_once(walk: Walk, post_office: Office) -> None:
    sent = [await walk.sent() for _ in range(12)]
    _, at = await decide_of(walk, sent[-1].referral_id)
    several = [looking(walk, post_office) for _ in range(4)]
    for _, clock in several:
        clock.at = at(0.5)
    found = await asyncio.gather(*(one.once() for one, _ in several))
    assert sum(one["remind:done"] for one in found) == 12
    assert sum(one["send-mail:sent"] for one in found) == 12
    assert sorted(m.about or "" for m in await walk.network.read(messages.page)) == sorted(s.referral_id for s in sent)
    assert len(post_office.taken) == 12


async def test_killed_between_lease_and_end_it_is_done_once_by_another(walk: Walk, server: Server) -> None:
    """A scheduler that leased and died, and one that wakes up after its lease ended and another did its job."""
    sent = await walk.sent()
    _, at = await decide_of(walk, sent.referral_id)
    (taken,) = await walk.network.write(
        timers.take, jobs=due.JOBS, by="dead", at=at(0.5), until=at(0.5) + scheduler.LEASE
    )
    scheduler_, clock = looking(walk)
    clock.at = at(0.5) + scheduler.LEASE - timedelta(seconds=1)
    assert not await scheduler_.once(), "it is leased"
    clock.at = at(0.5) + scheduler.LEASE
    assert await scheduler_.once() == {"remind:done": 1}
    means = Means(walk.secrets, COMMITTEE_MAIL)
    late = await walk.network.write(due.do, taken, by="dead", at=clock.at, means=means)
    assert late is None
    assert len(await walk.network.read(messages.page)) == 1


async def test_a_transaction_that_is_cut_in_the_middle_leaves_nothing_of_the_job(
    walk: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = await walk.sent()
    _, at = await decide_of(walk, sent.referral_id)
    scheduler_, clock = looking(walk)
    clock.at = at(0.5)

    async def cut(*_: Any, **__: Any) -> None:
        raise asyncio.CancelledError

    with monkeypatch.context() as patch:
        patch.setattr(timers, "end", cut)
        with pytest.raises(asyncio.CancelledError):
            await scheduler_.once()
    assert await walk.network.read(messages.page) == []
    clock.at += scheduler.LEASE
    assert await scheduler_.once() == {"remind:done": 1}
    assert len(await walk.network.read(messages.page)) == 1


async def test_the_clock_stands_still_while_the_sender_must_bring_something(walk: Walk) -> None:
    sent = await walk.sent()
    by = {"actor": PROVIDER}
    await walk.network.write(steps.take, sent.referral_id, Step.ACCEPT, **walk.later() | by)
    before = await walk.network.read(referral_view.view, sent.referral_id, actor=OWNER, at=walk.at)
    assert [c.clock for c in before.clocks] == ["start"]
    await walk.network.write(steps.take, sent.referral_id, Step.HOLD, "document-missing", **walk.later() | by)
    held = await walk.network.read(referral_view.view, sent.referral_id, actor=PROVIDER, at=walk.at)
    assert (held.clocks, held.stands_still) == ((), True)
    scheduler_, clock = looking(walk)
    clock.at = walk.at + timedelta(hours=19)
    assert set(await scheduler_.once()) == {"remind:not-needed"}
    clock.at = walk.at + timedelta(hours=20)
    assert (await scheduler_.once())["hold-end:done"] == 1
    (message,) = await walk.network.read(messages.page)
    assert (message.template, message.to) == ("hold-end", "sender@example.org")
    walk.at += timedelta(hours=30)
    await walk.network.write(steps.take, sent.referral_id, Step.RESUME, **walk.later() | by)
    after = await walk.network.read(referral_view.view, sent.referral_id, actor=OWNER, at=walk.at)
    assert [c.clock for c in after.clocks] == ["report"]
    assert after.clocks[0].due_at == walk.at + timedelta(hours=20 + 30, minutes=1)
    assert not after.clocks[0].is_late


async def test_what_the_view_says_of_the_clocks(walk: Walk) -> None:
    sent = await walk.sent()
    referral, at = await decide_of(walk, sent.referral_id)
    for moment, late in ((at(1.0), False), (at(1.0) + timedelta(seconds=1), True)):
        view = await walk.network.read(referral_view.view, referral.id, actor=PROVIDER, at=moment)
        told = {c.clock: (c.due_at, c.is_late) for c in view.clocks}
        assert told[Due.DECIDE] == (at(1.0), late)
        assert Due.RECEIVE in told


def test_the_clock_has_no_rights() -> None:
    assert CLOCK.roles == frozenset()
    assert Done.__slots__


async def test_a_stop_notice_nobody_acknowledged_is_told(walk: Walk, post_office: Office) -> None:
    given = await walk.allow("given_name", "health_condition", "telephone")
    sent = await walk.sent()
    await walk.network.write(disclosures.open_copy, sent.referral_id, **walk.later() | {"actor": PROVIDER})
    stopped = await walk.network.write(consents.withdraw, given.consent_id, **walk.later())
    scheduler_, clock = looking(walk, post_office)
    clock.at = walk.at + timedelta(hours=72)
    found = await scheduler_.once()
    assert found["stop-late:done"] == 1, stopped
    assert sorted(post_office.told) == [COMMITTEE_MAIL, "focal@example.org"]


async def test_only_those_who_may_read_what_was_mailed(walk: Walk) -> None:
    for actor in (OWNER, PROVIDER):
        with pytest.raises(NotFound):
            await walk.network.read(outbox.read, actor=actor)


async def test_a_complaint_that_the_committee_did_not_answer_is_told_and_no_other(
    walk: Walk, post_office: Office
) -> None:
    at = walk.at
    made = {
        "about_id": CLINIC, "kind": "quality", "made_at": at, "recorded_by": OWNER.id, "answer_by": at,
        "case_id": walk.case_id,
    }  # fmt: skip
    for office_ in ("committee", "data-protection-officer"):
        complaint = Complaint.model_validate(made | {"id": f"k-{office_}-{walk.case_id}", "office": office_})
        late = Timer(
            id=f"{complaint.id}-late", job=Job.COMPLAINT_DUE, subject_id=complaint.id, case_id=walk.case_id, due_at=at
        )
        await walk.network.write(complaints.create, complaint, words="-")
        await walk.network.write(timers.set_, [late])
    scheduler_, clock = looking(walk, post_office)
    clock.at = at
    assert await scheduler_.once() == {"complaint-due:done": 1, "complaint-due:not-needed": 1, "send-mail:sent": 1}
    assert post_office.told == [COMMITTEE_MAIL]


async def test_a_late_complaint_about_a_member_of_the_committee_is_not_written_to_its_address(
    walk: Walk, post_office: Office
) -> None:
    """Their people read that address too: told of a late one, and finding none, they would know."""
    at, id = walk.at, f"k-member-{walk.case_id}"
    complaint = Complaint(
        id=id, about_id=OTHER, kind=ComplaintKind.QUALITY, office=ComplaintOffice.COMMITTEE, made_at=at, answer_by=at
    )
    late = Timer(id=f"{id}-late", job=Job.COMPLAINT_DUE, subject_id=id, due_at=at)
    member: dict[str, Any] = {"id": f"a-member-{walk.case_id}", "organization": OTHER}

    async def sits(tx: Tx) -> None:
        await (await tx.run(SITS, **member)).consume()

    await walk.network.write(sits)
    await walk.network.write(complaints.create, complaint, words="-")
    await walk.network.write(timers.set_, [late])
    scheduler_, clock = looking(walk, post_office)
    clock.at = at
    assert await scheduler_.once() == {"complaint-due:not-needed": 1}
    assert not post_office.told


SITS: Final = """
    MATCH (o:Organization {id: $organization})
    CREATE (x:Actor {id: $id, roles: ['committee']})-[:WORKS_FOR]->(o)
    CREATE (:Account {id: $id + '-account'})-[:OF]->(x)
"""


async def test_a_place_on_which_nobody_decided_is_free_again(walk: Walk) -> None:
    await open_places(walk.network, "s-timed", 1, sop={"clocks": Clocks(decide="PT40H", receive="P1Y")})
    sent = await walk.send((await walk.draft("s-timed")).referral_id)
    assert isinstance(sent, Sent), sent
    assert (await stock_of(walk.network, "s-timed")).free == 0
    _, at = await decide_of(walk, sent.referral_id)
    scheduler_, clock = looking(walk)
    clock.at = at(LAPSES_AT) - timedelta(seconds=1)
    assert not (await scheduler_.once())["lease-end:done"]
    clock.at = at(LAPSES_AT) + timedelta(seconds=1)
    assert (await scheduler_.once())["lease-end:done"] == 1
    assert (await stock_of(walk.network, "s-timed")).free == 1
