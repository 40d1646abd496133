"""A link has one purpose and an end, decides once, and opens nothing without a code given elsewhere. (R-12, mission 3c)"""

from __future__ import annotations

import asyncio
import hmac
import json
from datetime import timedelta
from typing import Any

import pytest

from api.actions import answer_links, by_link, consents, disclosures, enquiries, exchange, passwords, plans, steps
from api.actions import cases as acting
from api.actions.answer_links import CodeMade, LinkMade
from api.actions.by_link import Seen, SeenPlaces
from api.actions.enquiries import Answered
from api.actions.exchange import Exchanged
from api.actions.reminding import Done, Means, lapse
from api.actions.steps import Stepped
from consent.access import Deed
from consent.projection import Packet
from graph.model.actor import Actor, Role
from graph.model.answer_link import CODE_LIVES, LIVES, TRIES
from graph.model.directory import Suspension
from graph.model.log import Kind
from graph.model.places import Change
from graph.model.referral import Status, Step
from graph.model.refusal import Reason, Refusal
from graph.model.timer import Job, Timer
from graph.secrets import Secrets
from graph.store import answer_links as stored
from graph.store import cases, log, referrals, sops, suspensions
from graph.store import consents as given
from graph.store.errors import NotFound
from graph.store.network import Network, Tx
from tests.asking import SECRET_SERVICE, Asker, set_the_clinics
from tests.cast import ADMIN, CLINIC, COLLEAGUE, OFFICER, OTHER, OWNER, PROVIDER, STRANGER, person_of
from tests.sending import CANARY, CLINIC_SERVICE, LATER, OTHER_SERVICE, Patient, Walk, sop_of

NAME = "ZZOPENERZZ Quien Abre"
MAKING: tuple[Any, ...] = (answer_links.for_referral, answer_links.make_code)


@pytest.fixture(scope="module")
async def town(network: Network, secrets: Secrets) -> Network:
    await set_the_clinics(network)
    await Asker(network, secrets, at=LATER).crowd()

    async def rules(tx: Tx) -> None:
        await sops.create(tx, [sop_of(SECRET_SERVICE)])

    await Patient.of(network).write(rules)
    return Patient.of(network)


@pytest.fixture
async def walk(town: Network, secrets: Secrets) -> Asker:
    found = Asker(town, secrets)
    await found.begin(age_band="26-59", languages=["spa"])
    await found.allow()
    return found


def by(walk: Walk, actor: Actor = OWNER) -> dict[str, Any]:
    return walk.later() | {"actor": actor}


def now(walk: Walk) -> dict[str, Any]:
    """As somebody without an account: nobody is named."""
    told = walk.later()
    return {"at": told["at"], "secrets": told["secrets"]}


async def link_of(walk: Walk, subject: str, action: Any = answer_links.for_referral) -> str:
    secret = passwords.new_token()
    made = await walk.network.write(action, subject, passwords.hash_of(secret), **by(walk))
    assert isinstance(made, LinkMade), made
    return secret


async def code_of(walk: Walk, referral: str, code: str = "12345678") -> str:
    made = await walk.network.write(answer_links.make_code, referral, await passwords.hashed(code), **by(walk))
    assert isinstance(made, CodeMade), made
    return code


async def accepts(walk: Walk, secret: str) -> Stepped | Refusal:
    found: Stepped | Refusal = await walk.network.write(by_link.answer_referral, secret, Step.ACCEPT, **now(walk))
    return found


async def opens(walk: Walk, secret: str, code: str = "12345678") -> Packet | Refusal:
    found: Packet | Refusal = await walk.network.write(by_link.open_copy, secret, NAME, code, **now(walk))
    return found


async def state(walk: Walk, referral: str) -> Status:
    return (await walk.network.read(referrals.get, referral)).status


async def everything(network: Network) -> str:
    """All that stands in the graph, as text."""

    async def dump(tx: Tx) -> str:
        rows = await tx.run(
            "MATCH (n) WHERE NOT n:ServiceType AND NOT n:Country RETURN labels(n) AS l, properties(n) AS p"
        )
        return json.dumps([(row["l"], row["p"]) async for row in rows], default=str)

    return str(await network.read(dump))


async def test_a_link_shows_need_area_and_dates_and_decides_once(town: Network, walk: Asker) -> None:
    sent = await walk.sent()
    secret = await link_of(walk, sent.referral_id)
    seen = await town.read(by_link.look, secret, at=walk.at)
    assert isinstance(seen, Seen)
    assert (seen.asked.area, seen.asked.age_band, seen.asked.language) == ("GT09", None, None)
    assert seen.is_open
    done = await accepts(walk, secret)
    assert isinstance(done, Stepped)
    last = done.entry.body
    assert (last.kind, last.channel, last.organization, last.role) == (
        Kind.REFERRAL_ACCEPTED,
        "link",
        CLINIC,
        "provider",
    )
    for again in (Step.ACCEPT, Step.REJECT):
        no = await town.write(by_link.answer_referral, secret, again, "full-now", **now(walk))
        assert isinstance(no, Refusal) and no.codes == (Reason.LINK_USED,)
    assert await state(walk, sent.referral_id) is Status.ACCEPTED
    seen = await town.read(by_link.look, secret, at=walk.at)
    assert isinstance(seen, Seen) and not seen.is_open


async def test_a_decline_by_link_needs_its_reason_and_a_waiting_list_decides_nothing(
    town: Network, walk: Asker
) -> None:
    sent = await walk.sent()
    secret = await link_of(walk, sent.referral_id)
    assert isinstance(await town.write(by_link.waits_on_list, secret, **now(walk)), Stepped)
    for reason, why in ((None, Reason.REASON_MISSING), ("delivered", Reason.REASON_UNKNOWN)):
        no = await town.write(by_link.answer_referral, secret, Step.REJECT, reason, **now(walk))
        assert isinstance(no, Refusal) and no.codes == (why,)
    done = await town.write(by_link.answer_referral, secret, Step.REJECT, "full-now", **now(walk))
    assert isinstance(done, Stepped) and done.status is Status.REJECTED


async def test_it_ends_and_looking_changes_nothing(town: Network, walk: Asker) -> None:
    sent = await walk.sent()
    secret = await link_of(walk, sent.referral_id)
    made = walk.at
    before = await everything(town)
    for _ in range(100):
        await town.read(by_link.look, secret, at=walk.at)
    assert await everything(town) == before
    walk.at = made + LIVES - timedelta(minutes=1)  # the next step comes a minute later: at the very end
    for action, *said in (
        (by_link.answer_referral, Step.ACCEPT),
        (by_link.waits_on_list,),
        (by_link.open_copy, NAME, "12345678"),
    ):
        with pytest.raises(NotFound):
            await town.write(action, secret, *said, at=made + LIVES, secrets=walk.secrets)
    with pytest.raises(NotFound):
        await town.read(by_link.look, secret, at=made + LIVES)
    assert await state(walk, sent.referral_id) is Status.REQUESTED
    last: dict[str, Any] = {"at": made + LIVES - timedelta(seconds=1), "secrets": walk.secrets}
    assert isinstance(await town.write(by_link.answer_referral, secret, Step.ACCEPT, **last), Stepped)


async def test_a_secret_that_is_changed_is_no_link(town: Network, walk: Asker) -> None:
    sent = await walk.sent()
    secret = await link_of(walk, sent.referral_id)
    other = "A" if secret[-1] != "A" else "B"
    for wrong in (secret[:-1] + other, secret[1:], secret + "A", secret.swapcase(), "", passwords.hash_of(secret)):
        with pytest.raises(NotFound):
            await town.read(by_link.look, wrong, at=walk.at)
        with pytest.raises(NotFound):
            await town.write(by_link.answer_referral, wrong, Step.ACCEPT, **now(walk))
    assert await state(walk, sent.referral_id) is Status.REQUESTED


async def test_the_secret_is_found_by_its_hash_and_compared_in_constant_time(
    town: Network, walk: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = await walk.sent()
    secret = await link_of(walk, sent.referral_id)
    looked, compared = [], []

    really_find, really_compare = stored.find, hmac.compare_digest

    async def find(tx: Tx, secret_hash: str) -> Any:
        looked.append(secret_hash)
        return await really_find(tx, secret_hash)

    def compare(one: Any, two: Any) -> bool:
        compared.append((one, two))
        return really_compare(one, two)

    monkeypatch.setattr(stored, "find", find)
    monkeypatch.setattr("api.actions.by_link.hmac.compare_digest", compare)
    await town.read(by_link.look, secret, at=walk.at)
    hashed = passwords.hash_of(secret)
    assert looked == [hashed] and compared == [(hashed, hashed)]
    assert secret not in await everything(town)


async def test_one_purpose_and_one_thing(town: Network, walk: Asker) -> None:
    """A link for one thing lets nothing else be done, and says nothing of it."""
    sent = await walk.sent()
    other = await walk.sent()
    question = (await walk.asked(CLINIC_SERVICE)).enquiries[0]
    referral = await link_of(walk, sent.referral_id)
    enquiry = await link_of(walk, question.id, answer_links.for_enquiry)
    secret = passwords.new_token()
    made = await town.write(answer_links.for_places, CLINIC_SERVICE, passwords.hash_of(secret), **by(walk, PROVIDER))
    assert isinstance(made, LinkMade)
    tries: dict[str, list[Any]] = {
        referral: [(by_link.answer_enquiry, "can"), (by_link.say_places, Change.FULL)],
        enquiry: [(by_link.answer_referral, Step.ACCEPT), (by_link.say_places, Change.FULL), (by_link.waits_on_list,),
                  (by_link.open_copy, NAME, "12345678")],
        secret: [(by_link.answer_referral, Step.ACCEPT), (by_link.answer_enquiry, "can"), (by_link.waits_on_list,),
                 (by_link.open_copy, NAME, "12345678")],
    }  # fmt: skip
    for which, actions in tries.items():
        for action, *said in actions:
            told = now(walk)
            if action is by_link.say_places:
                del told["secrets"]
            with pytest.raises(NotFound):
                await town.write(action, which, *said, **told)
    with pytest.raises(NotFound):
        await town.write(by_link.answer_referral, referral, Step.START, **now(walk))
    assert await state(walk, sent.referral_id) is Status.REQUESTED
    assert isinstance(await accepts(walk, referral), Stepped)
    assert await state(walk, other.referral_id) is Status.REQUESTED, "the other referral of the same person stands"
    # and who bears it may do its one deed, and no other
    bearer = by_link.bearer(await town.read(by_link.find, referral, at=walk.at), Deed.REFERRAL_STEP)
    with pytest.raises(NotFound):
        await town.write(disclosures.open_copy, sent.referral_id, **by(walk, bearer))
    with pytest.raises(NotFound):
        await town.write(enquiries.answer, question.id, "can", **by(walk, bearer))


async def test_places_are_said_by_link_as_often_as_needed(town: Network, walk: Asker) -> None:
    secret = passwords.new_token()
    hashed = passwords.hash_of(secret)
    other = Actor(id="a-provider-other", organization_id=OTHER, roles=frozenset({Role.PROVIDER}))
    for actor, service in ((OWNER, OTHER_SERVICE), (PROVIDER, OTHER_SERVICE), (PROVIDER, "s-nowhere")):
        no = await town.write(answer_links.for_places, service, hashed, **by(walk, actor))
        assert isinstance(no, Refusal) and no.codes == (Reason.ACCESS_RELATION,)
    assert isinstance(await town.write(answer_links.for_places, OTHER_SERVICE, hashed, **by(walk, other)), LinkMade)
    for change in (Change.WAITING_LIST, Change.FULL, Change.STILL_TRUE):
        assert await town.write(by_link.say_places, secret, change, at=now(walk)["at"]) is None
    seen = await town.read(by_link.look, secret, at=walk.at)
    assert isinstance(seen, SeenPlaces) and seen.stock is not None
    assert (seen.stock.capacity.state, seen.stock.capacity.updated_by) == ("none", "provider")


async def test_an_enquiry_is_answered_by_link_once_and_not_after_the_choice(town: Network, walk: Asker) -> None:
    first = (await walk.asked(CLINIC_SERVICE)).enquiries[0]
    secret = await link_of(walk, first.id, answer_links.for_enquiry)
    seen = await town.read(by_link.look, secret, at=walk.at)
    assert isinstance(seen, Seen) and seen.asked == first.asked
    done = await town.write(by_link.answer_enquiry, secret, "can", **now(walk))
    assert isinstance(done, Answered)
    last = (await town.read(log.read, walk.stream))[-1].body
    assert (last.kind, last.channel, last.organization) == (Kind.ENQUIRY_ANSWERED, "link", CLINIC)
    no = await town.write(by_link.answer_enquiry, secret, "cannot", "full-now", **now(walk))
    assert isinstance(no, Refusal) and no.codes == (Reason.LINK_USED,)
    late = await link_of(walk, first.id, answer_links.for_enquiry)
    await town.write(enquiries.choose, first.id, "f" * 24 + walk.need_id[:8], **by(walk))
    no = await town.write(by_link.answer_enquiry, late, "cannot", "full-now", **now(walk))
    assert isinstance(no, Refusal) and no.codes == (Reason.ENQUIRY_ENDED,)
    await town.write(plans.revoke_need, walk.case_id, walk.need_id, **by(walk))


async def ended(walk: Asker, how: str, referral: str) -> None:
    """Bring an open referral to an end, or stop it."""
    if how == "withdrawal":
        yes = next(c for c in await walk.network.read(given.of_case, walk.case_id) if c.organization_id == CLINIC)
        await walk.network.write(consents.withdraw, yes.id, **by(walk))
    elif how == "suspension":
        stop = Suspension(id="x-link", subject="organization", subject_id=CLINIC, reason="security",
                          valid_from=walk.at.date())  # fmt: skip

        async def stopped(tx: Tx) -> None:
            await suspensions.upsert(tx, [stop])

        await walk.network.write(stopped)
    elif how == "lapse":
        case_id = await walk.network.read(referrals.case_of, referral)
        timer = Timer(id="x-lapse", job=Job.LAPSE, subject_id=referral, case_id=case_id, due_at=walk.at, clock="decide")
        assert isinstance(await walk.network.write(lapse, timer, at=walk.at, means=Means(walk.secrets)), Done)
    else:
        step, reason, actor = {
            "rejection": (Step.REJECT, "full-now", PROVIDER),
            "cancelling": (Step.CANCEL, "changed-plan", OWNER),
        }[how]
        done = await walk.network.write(steps.take, referral, step, reason, **by(walk, actor))
        assert isinstance(done, Stepped), done


@pytest.mark.parametrize("how", ["withdrawal", "suspension", "rejection", "cancelling", "lapse"])
async def test_after_an_end_a_link_and_a_code_open_nothing(town: Network, walk: Asker, how: str) -> None:
    sent = await walk.sent()
    secret = await link_of(walk, sent.referral_id)
    code = await code_of(walk, sent.referral_id)
    await ended(walk, how, sent.referral_id)
    before = await state(walk, sent.referral_id)
    try:
        no = await accepts(walk, secret)
        assert isinstance(no, Refusal), how
        assert no.codes == ((Reason.ORGANIZATION_SUSPENDED,) if how == "suspension" else (Reason.STEP_NOT_OPEN,))
        closed = await opens(walk, secret, code)
        assert isinstance(closed, Refusal) and closed.codes == (Reason.COPY_CLOSED,), how
        assert await state(walk, sent.referral_id) is before
        readings = await town.read(log.readings, walk.stream)
        assert not readings
    finally:
        if how == "suspension":
            await town.write(suspensions.remove, "x-link")


async def test_it_opens_with_name_and_code_once(town: Network, walk: Asker) -> None:
    sent = await walk.sent()
    secret = await link_of(walk, sent.referral_id)
    no = await opens(walk, secret)
    assert isinstance(no, Refusal) and no.codes == (Reason.OPENING_CODE_DEAD,), "no code was made"
    code = await code_of(walk, sent.referral_id)
    packet = await opens(walk, secret, code)
    assert isinstance(packet, Packet)
    assert set(packet.payload) == {"given_name", "health_condition"} and packet.withheld is None
    (reading,) = await town.read(log.readings, walk.stream)
    assert (reading.channel, reading.reasons, reading.organization) == ("link", ("opened-by-link",), CLINIC)
    assert set(reading.fields) == set(packet.payload)
    (shown,) = await town.read(answer_links.codes, sent.referral_id, **by(walk))
    assert (shown.opener, shown.opens, shown.tries_left) == (NAME, False, TRIES)
    again = await opens(walk, secret, code)
    assert isinstance(again, Refusal) and again.codes == (Reason.OPENING_CODE_DEAD,)
    told = await everything(town)
    for private in (secret, NAME, CANARY, f'"{code}"'):
        assert private not in told, private


async def test_three_wrong_codes_and_it_is_dead(town: Network, walk: Asker) -> None:
    sent = await walk.sent()
    secret = await link_of(walk, sent.referral_id)
    code = await code_of(walk, sent.referral_id)
    for left in (2, 1):
        no = await opens(walk, secret, "00000000")
        assert isinstance(no, Refusal)
        assert (no.codes, no.reasons[0].places) == ((Reason.OPENING_CODE_WRONG,), {"left": str(left)})
    for typed in ("00000000", code, code):
        no = await opens(walk, secret, typed)
        assert isinstance(no, Refusal) and no.codes == (Reason.OPENING_CODE_DEAD,)
    (shown,) = await town.read(answer_links.codes, sent.referral_id, **by(walk))
    assert (shown.opens, shown.tries_left, shown.opener) == (False, 0, None)
    refused = [e.body for e in await town.read(log.read, walk.stream) if e.body.kind is Kind.REFUSED_ATTEMPT]
    assert [r.reasons for r in refused] == [("opening-code-wrong",)] * 2 + [("opening-code-dead",)] * 3
    assert {r.channel for r in refused} == {"link"}
    new = await code_of(walk, sent.referral_id, "87654321")
    assert isinstance(await opens(walk, secret, new), Packet), "a new call, a new code"


async def test_a_code_ends_and_a_new_one_ends_it(town: Network, walk: Asker) -> None:
    sent = await walk.sent()
    secret = await link_of(walk, sent.referral_id)
    old = await code_of(walk, sent.referral_id, "11111111")
    new = await code_of(walk, sent.referral_id, "22222222")
    no = await opens(walk, secret, old)
    assert isinstance(no, Refusal) and no.codes == (Reason.OPENING_CODE_WRONG,)
    late: dict[str, Any] = {"at": walk.at + CODE_LIVES, "secrets": walk.secrets}
    no = await town.write(by_link.open_copy, secret, NAME, new, **late)
    assert isinstance(no, Refusal) and no.codes == (Reason.OPENING_CODE_DEAD,)


async def test_four_at_once_with_wrong_codes_get_three_tries(town: Network, walk: Asker) -> None:
    sent = await walk.sent()
    secret = await link_of(walk, sent.referral_id)
    code = await code_of(walk, sent.referral_id)
    told = [now(walk) for _ in range(4)]
    tried = await asyncio.gather(
        *(town.write(by_link.open_copy, secret, NAME, f"0000000{n}", **told[n]) for n in range(4))
    )
    assert all(isinstance(no, Refusal) for no in tried)
    (shown,) = await town.read(answer_links.codes, sent.referral_id, **by(walk))
    assert (shown.tries_left, shown.opens) == (0, False)
    assert isinstance(await opens(walk, secret, code), Refusal)


async def test_two_who_answer_the_same_link_at_once_decide_once(town: Network, walk: Asker) -> None:
    for _ in range(5):
        sent = await walk.sent()
        secret = await link_of(walk, sent.referral_id)
        yes, no = now(walk), now(walk)
        done = await asyncio.gather(
            town.write(by_link.answer_referral, secret, Step.ACCEPT, **yes),
            town.write(by_link.answer_referral, secret, Step.REJECT, "full-now", **no),
        )
        stepped = [d for d in done if isinstance(d, Stepped)]
        refused = [d for d in done if isinstance(d, Refusal)]
        assert len(stepped) == 1 and refused[0].codes == (Reason.LINK_USED,)
        assert await state(walk, sent.referral_id) is stepped[0].status


async def test_none_for_a_secret_place_or_for_who_is_protected(town: Network, walk: Asker) -> None:
    drafted = await walk.draft()
    hashed = passwords.hash_of(passwords.new_token())
    no = await town.write(answer_links.for_referral, drafted.referral_id, hashed, **by(walk))
    assert isinstance(no, Refusal) and no.codes == (Reason.NOTHING_TO_ANSWER,)
    await walk.allow(organization_id=OTHER)
    hidden = await walk.send((await walk.draft(SECRET_SERVICE)).referral_id)
    assert not isinstance(hidden, Refusal), hidden
    sent = await walk.sent()
    open_ = await link_of(walk, sent.referral_id)
    code = await code_of(walk, sent.referral_id)
    for action in MAKING:
        no = await town.write(action, hidden.referral_id, hashed, **by(walk))
        assert isinstance(no, Refusal) and no.codes == (Reason.SERVICE_SEALED,)
    await town.write(acting.restrict, walk.case_id, restricted=True, **by(walk))
    for action in MAKING:
        no = await town.write(action, sent.referral_id, hashed, **by(walk))
        assert isinstance(no, Refusal) and no.codes == (Reason.NEVER_FOR_TRAFFICKING,)
    shut = await opens(walk, open_, code)
    assert isinstance(shut, Refusal) and shut.codes == (Reason.COPY_CLOSED,), "made before, and no longer; not why"
    assert (await town.read(log.read, walk.stream))[-1].body.reasons == ("never-for-trafficking",)
    with pytest.raises(NotFound):
        await town.read(by_link.look, open_, at=walk.at)
    for answer in (by_link.answer_referral, by_link.waits_on_list):
        with pytest.raises(NotFound):
            await town.write(answer, open_, *((Step.ACCEPT,) if answer is by_link.answer_referral else ()), **now(walk))
    assert await state(walk, sent.referral_id) is Status.REQUESTED

    async def by_a_clock(tx: Tx) -> str | None:
        case = await cases.get_locked(tx, walk.case_id)
        referral = await referrals.get(tx, sent.referral_id)
        return await answer_links.make(tx, case, referral, **by(walk))

    assert await town.write(by_a_clock) is None
    await town.write(acting.restrict, walk.case_id, restricted=False, **by(walk))
    mailed = await town.write(by_a_clock)
    assert mailed is not None and isinstance(await accepts(walk, mailed), Stepped)


async def test_a_code_opens_no_copy_of_a_later_stage(town: Network, walk: Asker) -> None:
    asked = ("given_name", "health_condition", "allergies")
    await walk.allow(*asked, stages=frozenset({"first-contact", "follow-up"}))
    sent = await walk.sent()
    secret = await link_of(walk, sent.referral_id)
    early = await code_of(walk, sent.referral_id)
    assert isinstance(await accepts(walk, secret), Stepped)
    later = await town.write(exchange.send, sent.referral_id, "follow-up", **by(walk))
    assert isinstance(later, Exchanged), later
    opened = await opens(walk, secret, early)
    assert isinstance(opened, Packet) and opened.stage == "first-contact"
    opened = await opens(walk, secret, await code_of(walk, sent.referral_id, "87654321"))
    assert isinstance(opened, Packet) and opened.stage == "follow-up"


async def test_nobody_else_makes_a_link_or_a_code(town: Network, walk: Asker) -> None:
    sent = await walk.sent()
    question = (await walk.asked(CLINIC_SERVICE)).enquiries[0]
    hashed = passwords.hash_of(passwords.new_token())
    for actor in (COLLEAGUE, STRANGER, PROVIDER, ADMIN, OFFICER, person_of(walk.case_id)):
        for action, subject in (
            (answer_links.for_referral, sent.referral_id),
            (answer_links.make_code, sent.referral_id),
            (answer_links.for_enquiry, question.id),
        ):
            with pytest.raises(NotFound):
                await town.write(action, subject, hashed, **by(walk, actor))
        with pytest.raises(NotFound):
            await town.read(answer_links.codes, sent.referral_id, **by(walk, actor))
    await town.write(plans.revoke_need, walk.case_id, walk.need_id, **by(walk))
