"""Say how many places a service has, and read what was said last. (R-06)"""

from __future__ import annotations

from datetime import datetime

from graph.model.directory import ServiceCapacity
from graph.model.places import Change, change_places
from graph.store import capacity
from graph.store.network import Tx


async def read(tx: Tx, service_id: str) -> ServiceCapacity | None:
    """The places as last stated; None when nobody ever did. NotFound for an unknown service."""
    return await capacity.get(tx, service_id)


async def change(
    tx: Tx,
    service_id: str,
    what: Change,
    *,
    by: str,
    at: datetime,
    expected: int | None,
    number: int | None = None,
    maximum: int | None = None,
    unit: str | None = None,
) -> ServiceCapacity:
    """Lock, read, change, write. `expected` is the version the speaker saw (0: none stated); None: whatever it is.

    Conflict when somebody else spoke in between; OutOfRange when there cannot be that many. (R-06)
    """
    before = await capacity.get_for_update(tx, service_id)
    capacity.check_version(before, expected)
    after = change_places(before, what, service_id=service_id, by=by, at=at, number=number, maximum=maximum, unit=unit)
    await capacity.save(tx, after)
    return after
