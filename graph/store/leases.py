"""Places held for referrals: taken, kept and given back under the lock of the service's places. (R-06, R-15)

The lock is the one under which places are stated (`capacity`); it comes after the case's, and a programme's after it.
What follows from what is read here is `graph.model.stock`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from graph.model.directory import ServiceCapacity
from graph.model.lease import HOLDS, Lease
from graph.model.stock import Budget, Stock
from graph.store.errors import NotFound
from graph.store.mapping import from_properties, to_properties
from graph.store.network import Tx

COUNTS: Final = ("leased", "in_use", "declines", "said")
"""What stands on the node of the places beside what somebody stated; no file writes it."""

LOCK: Final = """
    MATCH (s:Service {id: $service_id})
    SET s.capacity_lock = coalesce(s.capacity_lock, 0) + 1
    WITH s
    OPTIONAL MATCH (s)-[:HAS]->(c:ServiceCapacity)
    WITH s, c ORDER BY c.id LIMIT 1
    OPTIONAL MATCH (s)-[:IN_PROGRAM]->(p:Program)
    WHERE p.budget IS NOT NULL AND p.currency = $currency
    WITH c, p ORDER BY p.id LIMIT 1
    SET p.budget_lock = coalesce(p.budget_lock, 0) + 1
    RETURN properties(c) AS stock, properties(p) AS program
"""


async def for_update(tx: Tx, service_id: str, *, currency: str | None = None) -> tuple[Stock | None, Budget | None]:
    """The places of a service, and the budget that pays them in this currency: locked first, read then.

    None: nobody ever stated places; no programme with a budget pays. NotFound for an unknown service.
    """
    record = await (await tx.run(LOCK, service_id=service_id, currency=currency)).single()
    if record is None:
        raise NotFound(service_id)
    return maybe_stock(record["stock"]), budget_of(record["program"])


def maybe_stock(properties: Mapping[str, Any] | None) -> Stock | None:
    """The places as they lie there; None where nobody stated any."""
    return stock_of(properties) if properties else None


def stock_of(properties: Mapping[str, Any]) -> Stock:
    """The places as they lie there: what was stated, and the counts beside it."""
    counts = {name: properties[name] for name in COUNTS if properties.get(name) is not None}
    return Stock(capacity=from_properties(ServiceCapacity, properties), **counts)


def budget_of(properties: Mapping[str, Any] | None) -> Budget | None:
    """The budget of a programme that states one."""
    if not properties or properties.get("budget") is None:
        return None
    counts = {name: properties[name] for name in ("budget", "spent", "committed") if properties.get(name) is not None}
    return Budget(program_id=properties["id"], **counts)


OF_REFERRAL: Final = """
    MATCH (r:Referral {id: $referral_id})-[:TO]->(s:Service)
    SET s.capacity_lock = coalesce(s.capacity_lock, 0) + 1
    WITH r, s
    OPTIONAL MATCH (r)-[:LEASES]->(l:Lease)
    WHERE l.held IN $holds
    WITH s, l ORDER BY l.id LIMIT 1
    OPTIONAL MATCH (l)-[:KEEPS]->(k:ServiceCapacity)
    OPTIONAL MATCH (s)-[:HAS]->(c:ServiceCapacity)
    WITH s, l, k, c ORDER BY c.id LIMIT 1
    OPTIONAL MATCH (l)-[:PAID_BY]->(p:Program)
    SET p.budget_lock = coalesce(p.budget_lock, 0) + 1
    RETURN s.id AS service_id, properties(l) AS lease, properties(k) AS kept, properties(c) AS first,
           properties(p) AS program
"""


@dataclass(frozen=True, slots=True)
class Holding:
    """What one referral holds, under the lock of the places."""

    service_id: str
    lease: Lease | None
    stock: Stock | None
    """The places of which it holds one; without a lease, those of the service."""
    budget: Budget | None
    """Of the programme that pays the lease."""


async def of_referral(tx: Tx, referral_id: str) -> Holding:
    """The place that a referral holds: locked first, read then. NotFound for an unknown referral."""
    record = await (await tx.run(OF_REFERRAL, referral_id=referral_id, holds=sorted(HOLDS))).single()
    if record is None:
        raise NotFound
    service_id = record["service_id"]
    lease = record["lease"]
    budget = budget_of(record["program"])
    ends = {"service_id": service_id, "referral_id": referral_id, "program_id": budget.program_id if budget else None}
    return Holding(
        service_id=service_id,
        lease=from_properties(Lease, lease, **ends) if lease else None,
        stock=maybe_stock(record["kept"] or record["first"]),
        budget=budget,
    )


WRITE: Final = """
    MATCH (c:ServiceCapacity {id: $capacity_id})
    SET c += $stock
    WITH c
    UNWIND $leases AS row
    MATCH (r:Referral {id: row.referral_id})
    MERGE (l:Lease {id: row.id})
    SET l += row.properties
    MERGE (r)-[:LEASES]->(l)
    MERGE (l)-[:KEEPS]->(c)
"""


async def write(tx: Tx, stock: Stock, leases: Iterable[Lease] = ()) -> None:
    """The places as they are now, with these leases of them: under the lock that `stock` was read under."""
    now = stock.capacity
    said = {name: getattr(now, name) for name in ("available", "updated", "updated_by", "version")}
    counts = {name: getattr(stock, name) for name in COUNTS}
    rows = [
        {"id": lease.id, "referral_id": lease.referral_id, "properties": to_properties(lease, without=EDGES)}
        for lease in leases
    ]
    changed = said | counts | {"state": now.state.value}
    await (await tx.run(WRITE, capacity_id=now.id, stock=changed, leases=rows)).consume()


EDGES: Final = frozenset({"service_id", "referral_id", "program_id"})

COMMIT: Final = """
    MATCH (p:Program {id: $program_id})
    SET p.committed = $committed
    WITH p
    UNWIND $leases AS id
    MATCH (l:Lease {id: id})
    MERGE (l)-[:PAID_BY]->(p)
"""


async def commit(tx: Tx, budget: Budget, leases: Iterable[Lease]) -> None:
    """What places commit of a programme's budget, under its lock. (R-15)"""
    ids = [lease.id for lease in leases]
    await (await tx.run(COMMIT, program_id=budget.program_id, committed=budget.committed, leases=ids)).consume()


CASE_OF: Final = """
    MATCH (l:Lease {id: $id})<-[:LEASES]-(r:Referral)-[:FOR]->(:CaseNeed)<-[:HAS]-(c:Case)
    RETURN c.id AS case_id, r.id AS referral_id
"""


async def case_of(tx: Tx, lease_id: str) -> tuple[str, str]:
    """Whose case must be locked before a lease is ended, and for which referral it holds a place. NotFound: no lease."""
    record = await (await tx.run(CASE_OF, id=lease_id)).single()
    if record is None:
        raise NotFound
    return str(record["case_id"]), str(record["referral_id"])


LATEST: Final = """
    MATCH (r:Referral {id: $referral_id})-[:LEASES]->(l:Lease)
    RETURN properties(l) AS lease, [(r)-[:TO]->(s:Service) | s.id][0] AS service_id
    ORDER BY l.taken_at DESC, l.id LIMIT 1
"""


async def latest(tx: Tx, referral_id: str) -> Lease | None:
    """The place that a referral holds or held last; None: it never held one."""
    record = await (await tx.run(LATEST, referral_id=referral_id)).single()
    if record is None:
        return None
    return from_properties(Lease, record["lease"], service_id=record["service_id"], referral_id=referral_id)


STOCK: Final = """
    MATCH (s:Service {id: $service_id})
    OPTIONAL MATCH (s)-[:HAS]->(c:ServiceCapacity)
    RETURN properties(c) AS stock
    ORDER BY c.id LIMIT 1
"""


async def stock(tx: Tx, service_id: str) -> Stock | None:
    """The places of a service as they lie there, to be shown. NotFound for an unknown service."""
    record = await (await tx.run(STOCK, service_id=service_id)).single()
    if record is None:
        raise NotFound(service_id)
    return maybe_stock(record["stock"])
