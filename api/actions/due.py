"""What is done when a timer is due: one job, in one transaction, under its case's lock, once. (R-12)

A new kind of job is a line in `JOBS`: a function that gets the timer it is about, looks whether it is still wanted, and
answers `Done` (and what is due next) or `Undone`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Final

from api.actions.reminding import (
    Done,
    Means,
    Undone,
    complaint_is_late,
    hold_ends,
    lapse,
    lease_ends,
    remind,
    stop_is_late,
)
from api.actions.unusual import watch
from graph.model.timer import Job, Timer
from graph.store import cases, timers
from graph.store.network import Tx

Deed = Callable[..., Awaitable[Done | Undone]]
"""`(tx, timer, *, at, means)`, with the timer's case locked."""

JOBS: Final[Mapping[Job, Deed]] = {
    Job.REMIND: remind,
    Job.LAPSE: lapse,
    Job.HOLD_END: hold_ends,
    Job.LEASE_END: lease_ends,
    Job.STOP_LATE: stop_is_late,
    Job.COMPLAINT_DUE: complaint_is_late,
    Job.READING_WATCH: watch,
}
"""Mails are not here: what leaves the house cannot be undone with a transaction (`api.scheduler`)."""

GONE: Final = "gone"
"""What a timer was about is not there any more."""


async def do(tx: Tx, timer: Timer, *, by: str, at: datetime, means: Means) -> Done | Undone | None:
    """Do what one leased timer is for. None: another has done it, or is doing it."""
    if timer.case_id is not None:
        await cases.lock(tx, timer.case_id)
    held = await timers.hold(tx, timer.id, by=by)
    if held is None:
        return None
    outcome = await JOBS[held.job](tx, held, at=at, means=means)
    await timers.end(tx, held.id, at=outcome.at, because=outcome.because if isinstance(outcome, Undone) else None)
    if isinstance(outcome, Done) and outcome.then is not None:
        await timers.set_(tx, [outcome.then])
    return outcome


async def give_up(tx: Tx, timer: Timer, *, by: str, at: datetime) -> None:
    """What it was about is gone: there is nothing to do any more."""
    if await timers.hold(tx, timer.id, by=by) is not None:
        await timers.end(tx, timer.id, at=at, because=GONE)
