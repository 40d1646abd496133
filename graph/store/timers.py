"""Timers in the graph: set, taken under a lease by one scheduler of several, ended in the transaction of what they did. (R-12)

`waits_until` says from when somebody may take one: until it is due, then until a lease ends, then never again. Whoever
takes or ends one locks it first, in a statement of its own, and only then looks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from graph.model.timer import Job, Timer
from graph.store.content import records, run
from graph.store.mapping import from_properties, to_properties
from graph.store.network import Tx

SET: Final = """
    UNWIND $rows AS row
    MERGE (t:Timer {id: row.id})
    SET t += row.properties
"""


async def set_(tx: Tx, timers: Iterable[Timer]) -> None:
    """Let these be due, whatever stood under their ids before."""
    empty: dict[str, Any] = dict.fromkeys(Timer.model_fields)
    rows = [{"id": t.id, "properties": empty | to_properties(t) | {"waits_until": t.due_at}} for t in timers]
    await run(tx, SET, rows=sorted(rows, key=lambda row: str(row["id"])))


SET_ONCE: Final = """
    MERGE (t:Timer {id: $id})
    WITH t
    WHERE t.waits_until IS NULL
    SET t += $properties
"""


async def set_once(tx: Tx, timer: Timer) -> None:
    """Let this be due, unless it is already or somebody is doing it."""
    empty: dict[str, Any] = dict.fromkeys(Timer.model_fields)
    await run(tx, SET_ONCE, id=timer.id, properties=empty | to_properties(timer) | {"waits_until": timer.due_at})


READY: Final = """
    MATCH (t:Timer)
    WHERE t.waits_until <= $at AND t.job IN $jobs
    RETURN t.id AS id
    ORDER BY t.waits_until, id LIMIT $limit
"""

LOCK: Final = """
    UNWIND $ids AS id
    MATCH (t:Timer {id: id})
    SET t.lock = coalesce(t.lock, 0) + 1
"""


async def _lock(tx: Tx, ids: Sequence[str]) -> None:
    """Hold these timers until the transaction ends: what is read before is no answer."""
    await run(tx, LOCK, ids=list(ids))


LEASE: Final = """
    UNWIND $ids AS id
    MATCH (t:Timer {id: id})
    WHERE t.waits_until <= $at
    SET t.leased_by = $by, t.leased_until = $until, t.waits_until = $until
    RETURN properties(t) AS timer
"""


async def take(
    tx: Tx, *, jobs: Collection[Job], by: str, at: datetime, until: datetime, limit: int = 20
) -> list[Timer]:
    """Lease what is due of these jobs, the longest due first: nobody else gets it before the lease ends."""
    wanted = sorted(job.value for job in jobs)
    ids = sorted(row["id"] for row in await records(tx, READY, at=at, jobs=wanted, limit=limit))
    if not ids:
        return []
    await _lock(tx, ids)
    found = [_timer(row) for row in await records(tx, LEASE, ids=ids, at=at, by=by, until=until)]
    return sorted(found, key=lambda timer: (timer.due_at, timer.id))


GET: Final = "MATCH (t:Timer {id: $id}) RETURN properties(t) AS timer"


async def hold(tx: Tx, id: str, *, by: str) -> Timer | None:
    """A timer that this scheduler leased, locked until the transaction ends; None if it is no longer this one's to do."""
    await _lock(tx, [id])
    found = [_timer(row) for row in await records(tx, GET, id=id)]
    return found[0] if found and found[0].leased_by == by and found[0].done_at is None else None


END: Final = """
    MATCH (t:Timer {id: $id})
    SET t.done_at = $at, t.undone_because = $because, t.waits_until = null, t.leased_by = null, t.leased_until = null
"""


async def end(tx: Tx, id: str, *, at: datetime, because: str | None = None) -> None:
    """It was done; or it was not needed any more, and why."""
    await run(tx, END, id=id, at=at, because=because)


LEASE_ON: Final = "MATCH (t:Timer {id: $id}) SET t.leased_until = $until, t.waits_until = $until"


async def lease_on(tx: Tx, id: str, *, until: datetime) -> None:
    """Keep a timer that is held for longer."""
    await run(tx, LEASE_ON, id=id, until=until)


PUSH_ON: Final = """
    MATCH (t:Timer {id: $id})
    WHERE t.leased_by = $by
    SET t.tries = coalesce(t.tries, 0) + 1, t.waits_until = $until, t.leased_by = null, t.leased_until = null
"""


async def push_on(tx: Tx, id: str, *, by: str, until: datetime) -> None:
    """It came to nothing this time: again later, by whoever gets to it."""
    await _lock(tx, [id])
    await run(tx, PUSH_ON, id=id, by=by, until=until)


WAITING: Final = """
    MATCH (t:Timer)
    WHERE t.waits_until <= $until
    RETURN properties(t) AS timer
    ORDER BY t.waits_until, t.id LIMIT $limit
"""


async def waiting(tx: Tx, *, until: datetime, limit: int = 200) -> list[Timer]:
    """What may be taken up to an instant, the longest due first."""
    return [_timer(row) for row in await records(tx, WAITING, until=until, limit=limit)]


def _timer(row: dict[str, Any]) -> Timer:
    return from_properties(Timer, row["timer"])
