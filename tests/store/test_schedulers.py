"""Schedulers in processes of their own: two at once do each job once, and one that is killed leaves its job to another. (R-12)"""

from __future__ import annotations

import asyncio
import multiprocessing
import subprocess
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from api.actions.reminding import Means
from api.scheduler import KEPT, LEASE, Scheduler
from graph.model.owed import LADDER, LAPSES_AT
from graph.model.referral import Status
from graph.secrets import Secrets, open_secrets
from graph.server import Server
from graph.store import clocks, idempotency, log, messages, referrals, timers
from graph.store.content import run
from graph.store.network import Network, Tx
from tests.clockhand import IN_THE_MIDDLE, look
from tests.house.tree import CHECKOUT
from tests.sending import Walk

SENDS: Final = 15
WIPE: Final = "MATCH (n) WHERE n:Timer OR n:Message DETACH DELETE n"


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("secrets") / "keys"


@pytest.fixture(scope="module")
def secrets(keys: Path) -> Secrets:
    return open_secrets(keys)


@pytest.fixture
async def walk(clinic: Network, secrets: Secrets) -> Walk:
    await clinic.write(run, WIPE)
    found = await Walk(clinic, secrets).begin()
    await found.allow()
    return found


async def test_two_processes_at_once_do_each_job_once(walk: Walk, server: Server, keys: Path) -> None:
    """The whole ladder of fifteen referrals, each rung looked at by two schedulers at the same time, to the lapse."""
    sent = [await walk.sent() for _ in range(SENDS)]
    referral = await walk.network.read(referrals.get, sent[-1].referral_id)
    terms = await walk.network.read(clocks.terms_of, referral)
    assert referral.sent_at is not None
    total: Counter[str] = Counter()
    both = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=both) as pool:
        at = referral.sent_at
        for _ in (*LADDER, LAPSES_AT):
            at += timedelta(days=400)
            for found in [pool.submit(look, server, keys, at) for _ in range(2)]:
                total += found.result()
    assert terms.priority == "normal"
    assert total["lapse:done"] == SENDS
    assert total["remind:failed"] == total["lapse:failed"] == 0
    told = Counter((m.about, m.clock, m.rung) for m in await walk.network.read(messages.page, limit=10_000))
    assert set(told.values()) == {1}
    assert len([rung for _, clock, rung in told if clock == "decide" and rung]) == SENDS * len(LADDER)
    ended = [await walk.network.read(referrals.get, one.referral_id) for one in sent]
    assert {(one.status, one.reason) for one in ended} == {(Status.CANCELLED, "lapsed")}
    entries = [e.body for e in await walk.network.read(log.read, walk.stream)]
    assert Counter(e.referral for e in entries if e.reasons == ("lapsed",)) == {one.referral_id: 1 for one in sent}
    assert [e.n for e in entries] == list(range(1, len(entries) + 1))


async def test_killed_in_the_middle_of_a_job_it_is_done_once_by_who_comes_after(
    walk: Walk, server: Server, keys: Path
) -> None:
    sent = await walk.sent()
    referral = await walk.network.read(referrals.get, sent.referral_id)
    assert referral.sent_at is not None
    at = referral.sent_at + timedelta(days=400)
    named = [server.uri, server.user, server.password, server.database, server.kind, str(keys), at.isoformat()]
    line = [sys.executable, "-m", "tests.clockhand", *named]
    with subprocess.Popen(line, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True) as process:  # noqa: ASYNC220
        assert process.stdout is not None
        try:
            assert process.stdout.readline().strip() == IN_THE_MIDDLE
        finally:
            process.kill()
    assert await walk.network.read(messages.page) == [], "what was not committed is not there"
    assert not await asyncio.to_thread(look, server, keys, at), "its lease still holds"
    found = await asyncio.to_thread(look, server, keys, at + LEASE)
    assert found["remind:done"] == 2
    told = Counter((m.clock, m.rung) for m in await walk.network.read(messages.page))
    assert set(told.values()) == {1}
    assert not [t for t in await walk.network.read(timers.waiting, until=at) if t.leased_by]


async def test_what_was_sent_twice_is_remembered_for_a_week(clinic: Network, secrets: Secrets) -> None:
    async def kept(tx: Tx) -> bool:
        return await idempotency.find(tx, key="an-old-form") is not None

    async def said(tx: Tx) -> str:
        return "once"

    await clinic.write(said, idempotency_key="an-old-form", request_hash="one")
    for later, stays in ((KEPT - timedelta(hours=1), True), (KEPT + timedelta(hours=1), False)):
        at = datetime.now(UTC) + later
        looked = asyncio.Event()

        def clock(at: datetime = at, looked: asyncio.Event = looked) -> datetime:
            looked.set()
            return at

        task = asyncio.create_task(Scheduler(clinic, Means(secrets), every=0.05, clock=clock).run())
        await asyncio.wait_for(looked.wait(), 30)
        for _ in range(10 if stays else 600):
            if not await clinic.read(kept):
                break
            await asyncio.sleep(0.05)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert await clinic.read(kept) is stays
