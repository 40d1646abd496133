"""Services with counted places, and what must always hold of them. (R-06)"""

from __future__ import annotations

from typing import Any, Final

from graph.model.directory import CapacityState, ServiceCapacity
from graph.model.lease import Held
from graph.model.stock import Stock
from graph.store import capacity, leases, sops
from graph.store.network import Network, Tx
from tests.cast import CLINIC, COUNTRY, NOW
from tests.sending import SERVICES, TYPE, sop_of

COUNTED: Final = """
    MATCH (s:Service {id: $id})-[:HAS]->(c:ServiceCapacity)
    OPTIONAL MATCH (c)<-[:KEEPS]-(l:Lease)
    RETURN c.available AS available, c.maximum AS maximum, coalesce(c.leased, 0) AS leased,
           coalesce(c.in_use, 0) AS in_use, collect(l.held) AS leases
"""


async def open_places(network: Network, id: str, free: int | None, **stated: Any) -> None:
    """A service of the clinic with so many places, all of them free; a state or a limit may be said as well."""
    sop = stated.pop("sop", {})
    said = {"state": CapacityState.NONE if free == 0 else CapacityState.AVAILABLE, "maximum": free} | stated
    there = ServiceCapacity(
        id=f"c-{id}", service_id=id, available=free, updated=NOW, updated_by="provider", **said
    )  # fmt: skip

    async def make(tx: Tx) -> None:
        rows = [{"id": id, "organization": CLINIC, "type": TYPE, "keys": []}]
        await (await tx.run(SERVICES, rows=rows, country=COUNTRY)).consume()
        await sops.create(tx, [sop_of(id, **sop)])
        await capacity.save(tx, there)

    await network.write(make, deadline=60.0)


async def stock_of(network: Network, id: str) -> Stock:
    found: Stock | None = await network.read(leases.stock, id, deadline=60.0)
    assert found is not None
    return found


async def counts(network: Network, id: str) -> tuple[int | None, int, int]:
    """Free, held, in use: and that the counters are what they count, and no more than there are."""

    async def look(tx: Tx) -> dict[str, Any]:
        return dict(await (await tx.run(COUNTED, id=id)).single(strict=True))

    row = await network.read(look, deadline=60.0)
    held = list(row["leases"])
    assert (row["leased"], row["in_use"]) == (held.count(Held.LEASED.value), held.count(Held.IN_USE.value)), row
    if row["maximum"] is not None:
        assert (row["available"] or 0) + row["leased"] + row["in_use"] <= row["maximum"], row
    return row["available"], row["leased"], row["in_use"]
