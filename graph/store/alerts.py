"""Who read how much, counted from the log, and the alerts raised of it. Whose data it was stays a stream. (R-21)

When it is unusual is judged in `consent.unusual`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from graph.log.entry import instant
from graph.model.alert import Alert, Look
from graph.model.log import Kind
from graph.store.content import records, run
from graph.store.errors import NotFound
from graph.store.log import MECHANISM
from graph.store.mapping import from_properties, to_properties
from graph.store.network import Tx

BUSY: Final = """
    MATCH (e:LogEntry)
    WHERE e.at > $since AND e.at <= $until AND e.kind IN $kinds AND e.stream <> $mechanism
    WITH e.actor AS actor, count(DISTINCT e.stream) AS persons
    WHERE persons > $least
    RETURN actor ORDER BY actor
"""


async def busy(tx: Tx, *, kinds: Collection[Kind], since: datetime, until: datetime, least: int) -> list[str]:
    """Who read the data of more people than `least` in a time: each case has one stream."""
    found = await records(
        tx, BUSY, kinds=_values(kinds), since=instant(since), until=instant(until), least=least, mechanism=MECHANISM
    )
    return [str(row["actor"]) for row in found]


@dataclass(frozen=True, slots=True)
class Looked:
    """One look, by whom, for which organisation and in which function."""

    actor_id: str
    organization_id: str | None
    role: str
    look: Look


LOOKS: Final = """
    MATCH (e:LogEntry)
    WHERE e.at > $since AND e.at <= $until AND e.kind IN $kinds AND e.stream <> $mechanism AND e.actor IN $actors
    RETURN e.actor AS actor, e.organization AS organization, e.role AS role, e.at AS at, e.stream AS stream
    ORDER BY at
"""


async def looks(
    tx: Tx, actors: Collection[str], *, kinds: Collection[Kind], since: datetime, until: datetime
) -> list[Looked]:
    """Every look of these readers in a time, the oldest first."""
    found = await records(
        tx,
        LOOKS,
        actors=sorted(actors),
        kinds=_values(kinds),
        since=instant(since),
        until=instant(until),
        mechanism=MECHANISM,
    )
    return [
        Looked(row["actor"], row["organization"], row["role"], Look(datetime.fromisoformat(row["at"]), row["stream"]))
        for row in found
    ]


def _values(kinds: Collection[Kind]) -> list[str]:
    return sorted(kind.value for kind in kinds)


CREATE: Final = """
    CREATE (a:Alert {id: $id, version: 0})
    SET a += $properties
"""


async def create(tx: Tx, alert: Alert) -> None:
    """A new alert."""
    await run(tx, CREATE, id=alert.id, properties=to_properties(alert))


LOCK: Final = "MATCH (a:Alert {id: $id}) SET a.version = a.version + 1 RETURN a.id AS id"


async def lock(tx: Tx, id: str) -> None:
    """Take the alert's own lock; NotFound for an unknown one."""
    if not await records(tx, LOCK, id=id):
        raise NotFound


GET: Final = "MATCH (a:Alert {id: $id}) RETURN properties(a) AS alert"


@dataclass(frozen=True, slots=True)
class Kept:
    """An alert with the sealed note of whoever looked into it."""

    alert: Alert
    note: str | None


async def get(tx: Tx, id: str) -> Kept:
    """One alert as it stands; NotFound for an unknown one."""
    found = await records(tx, GET, id=id)
    if not found:
        raise NotFound
    return _kept(found[0])


SAVE: Final = "MATCH (a:Alert {id: $id}) SET a += $properties"


async def save(tx: Tx, alert: Alert, *, note: str | None = None) -> None:
    """Write a locked alert as it is now, with the sealed note."""
    await run(tx, SAVE, id=alert.id, properties=to_properties(alert) | ({} if note is None else {"note": note}))


LATEST: Final = """
    MATCH (a:Alert {actor_id: $actor_id})
    RETURN properties(a) AS alert
    ORDER BY a.raised_at DESC, a.id LIMIT 1
"""


async def latest(tx: Tx, actor_id: str) -> Alert | None:
    """The last alert about a reader."""
    found = await records(tx, LATEST, actor_id=actor_id)
    return _kept(found[0]).alert if found else None


PAGE: Final = """
    MATCH (a:Alert)
    OPTIONAL MATCH (last:Alert {id: $after})
    WITH a, last
    WHERE $after IS NULL OR a.raised_at < last.raised_at OR (a.raised_at = last.raised_at AND a.id > last.id)
    RETURN properties(a) AS alert
    ORDER BY a.raised_at DESC, a.id LIMIT $limit
"""


async def page(tx: Tx, *, after: str | None = None, limit: int = 50) -> list[Kept]:
    """Alerts, the newest first; those that come after one of them."""
    return [_kept(row) for row in await records(tx, PAGE, after=after, limit=limit)]


OPEN: Final = "MATCH (a:Alert) WHERE a.acknowledged_at IS NULL RETURN count(a) AS n"


async def open_ones(tx: Tx) -> int:
    """How many alerts nobody has looked into."""
    return int((await records(tx, OPEN))[0]["n"])


def _kept(row: dict[str, Any]) -> Kept:
    properties = dict(row["alert"])
    return Kept(from_properties(Alert, properties), properties.get("note"))
