"""The scheduler: looks what is due, does each job in a transaction of its own, and sends the mails that wait. (R-12)

It runs in the served process. Several of them, here or elsewhere, do each job once: a job is leased, and ends in the
transaction that does it. One that fails is pushed on and stops no other. Logged are codes, never values.
"""

from __future__ import annotations

import asyncio
import logging
import secrets as dice
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from api import mail
from api.actions import answer_links, due, outbox, unusual
from api.actions.reminding import Done, Means
from api.mail import Post
from graph.model.timer import Job, Timer
from graph.secrets import Secrets
from graph.store import idempotency, timers
from graph.store.errors import NotFound, StoreError
from graph.store.network import Network

LOG: Final = logging.getLogger("enlace")

LEASE: Final = timedelta(seconds=60)
"""For how long a job is one scheduler's: longer than any takes. Killed in the middle, another does it then."""

ROUNDS: Final = 50
"""How often one look takes more while there is more: a house that was closed for long finds much."""

FIRST_PAUSE: Final = timedelta(seconds=30)
LONGEST_PAUSE: Final = timedelta(days=1)

LONGEST_SLEEP: Final = 60.0
"""Seconds between two looks while none succeeds: the engine is away."""

EVERY: Final = 2.0
"""Seconds between two looks."""

KEPT: Final = timedelta(days=7)
"""How long what was sent twice still counts once: longer than any device keeps a form that got no answer."""

TIDIES: Final = timedelta(hours=1)
"""How often keys older than that are removed."""


@dataclass(frozen=True, slots=True)
class Clockwork:
    """What an operator decides of it: how often it looks, where the committee and the officers are written to, the mail server."""

    every: float = EVERY
    committee: str | None = None
    officer: str | None = None
    post: Post | None = None


def pause_after(tries: int) -> timedelta:
    """How long a job that failed so often waits: twice as long each time, a day at most."""
    return min(FIRST_PAUSE * (1 << min(tries, 20)), LONGEST_PAUSE)


def now() -> datetime:
    """The clock of this machine. What happens to a case is never earlier than what its log knows already."""
    return datetime.now(UTC)


class Scheduler:
    """One of perhaps several that look after the same graph."""

    def __init__(
        self,
        network: Network,
        means: Means,
        post: Post | None = None,
        *,
        every: float = EVERY,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._network, self._means, self._post, self._every, self._clock = network, means, post, every, clock
        self._name = dice.token_hex(8)
        self._jobs = frozenset(due.JOBS) | ({Job.SEND_MAIL} if post else frozenset())

    async def run(self) -> None:
        """Look again and again, until it is cancelled; whatever goes wrong, it looks again."""
        failed, looks_out, tidied = 0, False, None
        while True:
            try:
                if not looks_out:
                    await self._network.write(unusual.look_out, at=self._clock())
                    looks_out = True
                await self.once()
                if tidied is None or self._clock() - tidied >= TIDIES:
                    tidied = self._clock()
                    await self._network.write(idempotency.forget, before=tidied - KEPT)
                failed = 0
            except Exception as error:  # noqa: BLE001 - a look that fails is no reason never to look again
                failed += 1
                LOG.warning("scheduler: %s", type(error).__name__)
            await asyncio.sleep(min(self._every * (1 << min(failed, 10)), LONGEST_SLEEP))

    async def once(self) -> Counter[str]:
        """Do all that is due now; how many of what, as `job:outcome`."""
        found: Counter[str] = Counter()
        for _ in range(ROUNDS):
            at = self._clock()
            taken = await self._network.write(
                timers.take, jobs=self._jobs, by=self._name, at=at, until=at + LEASE, deadline=30.0
            )
            for timer in taken:
                found[f"{timer.job.value}:{await self._one(timer)}"] += 1
            if not taken:
                break
        return found

    async def _one(self, timer: Timer) -> str:
        """How one job ended, in a word; nothing of it is raised."""
        try:
            return await (self._mail(timer) if timer.job is Job.SEND_MAIL else self._job(timer))
        except NotFound:
            with suppress(StoreError):
                await self._network.write(due.give_up, timer, by=self._name, at=self._clock())
            return due.GONE
        except Exception as error:  # noqa: BLE001 - one job that fails must not stop the others
            LOG.warning("scheduler: %s %s", timer.job.value, type(error).__name__)
            with suppress(StoreError):
                until = self._clock() + pause_after(timer.tries)
                await self._network.write(timers.push_on, timer.id, by=self._name, until=until)
            return "failed"

    async def _job(self, timer: Timer) -> str:
        done = await self._network.write(
            due.do, timer, by=self._name, at=self._clock(), means=self._means, deadline=20.0
        )
        if done is None:
            return "another's"
        return "done" if isinstance(done, Done) else "not-needed"

    async def _mail(self, timer: Timer) -> str:
        """Outside of any transaction, because it cannot be taken back; so it is looked at again just before."""
        at = self._clock()
        message = await self._network.write(outbox.begin, timer, by=self._name, at=at, until=at + LEASE)
        if message is None or self._post is None:
            return "not-needed"
        try:
            await mail.send(message, self._post, to=answer_links.leads_to(message, self._means.secrets))
        except mail.Refused:
            await self._network.write(outbox.refused, timer, message, at=self._clock())
            return outbox.REFUSED
        except mail.Later:
            until = self._clock() + pause_after(timer.tries)
            await self._network.write(timers.push_on, timer.id, by=self._name, until=until)
            return "later"
        await self._network.write(outbox.sent, timer, message, at=self._clock())
        return "sent"


@asynccontextmanager
async def running(clockwork: Clockwork | None, network: Network, secrets: Secrets | None) -> AsyncIterator[None]:
    """What is due is done as long as the block lasts; a job that is in the middle then is done by the next who looks.

    Without keys nothing about a person is written, so nothing is done.
    """
    if clockwork is None or secrets is None:
        yield
        return
    means = Means(secrets, clockwork.committee, clockwork.officer)
    task = asyncio.create_task(Scheduler(network, means, clockwork.post, every=clockwork.every).run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
