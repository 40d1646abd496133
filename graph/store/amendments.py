"""Amendments of rules, locked before they change; and what publishing writes of orders. (R-10, R-35)

The versions of SOPs themselves are `graph.store.sops`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from graph.model.amendment import Amendment
from graph.model.base import Language
from graph.model.difference import Difference
from graph.model.order import Order
from graph.store.content import records, run
from graph.store.errors import NotFound
from graph.store.mapping import from_properties, nested, to_properties
from graph.store.network import Tx


@dataclass(frozen=True, slots=True)
class Subject:
    """What an amendment is about: a service or a mechanism, and whose rules these are."""

    id: str
    name: str
    organization_id: str | None
    """Who offers the service, or leads the mechanism."""
    organization: str | None = None
    organization_translations: dict[str, Any] = field(default_factory=dict)
    leads: frozenset[str] = frozenset()
    """Who leads a mechanism that the organisation is a member of."""
    service_types: tuple[str, ...] = ()
    translations: dict[str, Any] = field(default_factory=dict)
    area: str | None = None

    def organization_in(self, language: Language) -> str | None:
        """What whose rules these are is called in a language; as it was first written where nobody translated it."""
        return self.organization_translations.get(language, {}).get("name") or self.organization


LOCK_SERVICE: Final = """
    MATCH (s:Service {id: $id})
    SET s.sop_lock = coalesce(s.sop_lock, 0) + 1
    RETURN s.id AS id
"""


async def lock_service(tx: Tx, id: str) -> None:
    """Nobody else publishes for this service until the transaction ends. NotFound for an unknown one."""
    if await (await tx.run(LOCK_SERVICE, id=id)).single() is None:
        raise NotFound


SERVICE: Final = """
    MATCH (o:Organization)-[:OFFERS]->(s:Service {id: $id})
    RETURN s.id AS id, s.name AS name, s.service_types AS service_types, s.translations AS translations,
           o.id AS organization_id, o.name AS organization, o.translations AS organization_translations,
           [(o)-[:MEMBER_OF]->(m:Mechanism) | m.lead_organization_id] AS leads
"""


async def service(tx: Tx, id: str) -> Subject:
    """The service, who offers it, and who leads the mechanisms of that organisation. NotFound for an unknown one."""
    record = await (await tx.run(SERVICE, id=id)).single()
    if record is None:
        raise NotFound
    return _subject(record.data())


LOCK_MECHANISM: Final = """
    MATCH (m:Mechanism {id: $id})
    SET m.order_lock = coalesce(m.order_lock, 0) + 1
    RETURN m.id AS id
"""


async def lock_mechanism(tx: Tx, id: str) -> None:
    """Nobody else publishes an order for this mechanism until the transaction ends. NotFound for an unknown one."""
    if await (await tx.run(LOCK_MECHANISM, id=id)).single() is None:
        raise NotFound


MECHANISM: Final = """
    MATCH (m:Mechanism {id: $id})
    OPTIONAL MATCH (o:Organization {id: m.lead_organization_id})
    RETURN m.id AS id, m.name AS name, m.area AS area, m.translations AS translations,
           o.id AS organization_id, o.name AS organization, o.translations AS organization_translations
"""


async def mechanism(tx: Tx, id: str) -> Subject:
    """The mechanism and who leads it. NotFound for an unknown one."""
    record = await (await tx.run(MECHANISM, id=id)).single()
    if record is None:
        raise NotFound
    return _subject(record.data())


def _subject(row: dict[str, Any]) -> Subject:
    return Subject(
        id=row["id"],
        name=row["name"],
        organization_id=row["organization_id"],
        organization=row["organization"],
        organization_translations=nested(row["organization_translations"]) or {},
        leads=frozenset(lead for lead in row.get("leads") or () if lead),
        service_types=tuple(row.get("service_types") or ()),
        translations=nested(row["translations"]) or {},
        area=row.get("area"),
    )


CREATE: Final = "CREATE (x:Amendment {id: $id}) SET x += $properties"


async def create(tx: Tx, amendment: Amendment) -> None:
    """A new draft."""
    await run(tx, CREATE, id=amendment.id, properties=to_properties(amendment))


LOCK: Final = """
    MATCH (x:Amendment {id: $id})
    SET x.taken = coalesce(x.taken, 0) + 1
    RETURN properties(x) AS amendment
"""


async def get_for_update(tx: Tx, id: str) -> Amendment:
    """The amendment, locked first and only then read: it is published once or not at all. NotFound."""
    record = await (await tx.run(LOCK, id=id)).single()
    if record is None:
        raise NotFound
    return from_properties(Amendment, record["amendment"])


GET: Final = "MATCH (x:Amendment {id: $id}) RETURN properties(x) AS amendment"


async def get(tx: Tx, id: str) -> Amendment:
    """The amendment as it stands. NotFound for an unknown one."""
    record = await (await tx.run(GET, id=id)).single()
    if record is None:
        raise NotFound
    return from_properties(Amendment, record["amendment"])


SAVE: Final = "MATCH (x:Amendment {id: $id}) SET x += $properties"


async def save(tx: Tx, amendment: Amendment) -> None:
    """What a locked amendment has become; what it does not state is taken out."""
    empty: dict[str, Any] = dict.fromkeys(Amendment.model_fields)
    await run(tx, SAVE, id=amendment.id, properties=empty | to_properties(amendment))


ALL: Final = """
    MATCH (x:Amendment)
    RETURN properties(x) AS amendment, x.difference IS NOT NULL AND x.difference_of = x.revision AS is_worked_out
    ORDER BY x.drafted_at DESC, x.id LIMIT $limit
"""


async def latest(tx: Tx, *, limit: int) -> list[tuple[Amendment, bool]]:
    """Amendments, the newest first, each with whether what it would change was worked out as it stands now."""
    return [
        (from_properties(Amendment, row["amendment"]), bool(row["is_worked_out"]))
        for row in await records(tx, ALL, limit=limit)
    ]


KEEP: Final = """
    MATCH (x:Amendment {id: $id})
    SET x.difference = $difference, x.difference_of = $revision, x.difference_at = $at
"""


async def keep_difference(tx: Tx, id: str, difference: Difference, *, at: datetime) -> None:
    """What a locked amendment would change, as it was worked out for this revision."""
    await run(tx, KEEP, id=id, difference=difference.model_dump_json(), revision=difference.revision, at=at)


DIFFERENCE: Final = "MATCH (x:Amendment {id: $id}) RETURN x.difference AS difference"


async def difference(tx: Tx, id: str) -> Difference | None:
    """What was worked out last, whichever revision it was; None: nothing yet."""
    record = await (await tx.run(DIFFERENCE, id=id)).single()
    return Difference.model_validate_json(record["difference"]) if record and record["difference"] else None


ORDERS: Final = """
    MATCH (m:Mechanism {id: $id})-[:ORDERS_BY]->(y:Order)
    RETURN properties(y) AS order
    ORDER BY y.valid_from, y.id
"""


async def orders(tx: Tx, mechanism_id: str) -> list[Order]:
    """The orders of a mechanism, the oldest first."""
    return [from_properties(Order, row["order"]) for row in await records(tx, ORDERS, id=mechanism_id)]


END_ORDERS: Final = """
    MATCH (:Mechanism {id: $id})-[:ORDERS_BY]->(y:Order)
    WHERE y.valid_to IS NULL OR y.valid_to > $last
    SET y.valid_to = $last
"""

CREATE_ORDER: Final = """
    MATCH (m:Mechanism {id: $mechanism_id})
    CREATE (m)-[:ORDERS_BY]->(y:Order {id: $id})
    SET y += $properties
"""


async def publish_order(tx: Tx, order: Order, *, last: date) -> None:
    """What held before ends on its last day, and this order holds after it, in a locked mechanism."""
    await run(tx, END_ORDERS, id=order.mechanism_id, last=last)
    await run(
        tx, CREATE_ORDER, mechanism_id=order.mechanism_id, id=order.id, properties=to_properties(order, without={"id"})
    )


NAMES: Final = """
    UNWIND $ids AS id
    OPTIONAL MATCH (o:Organization)-[:OFFERS]->(s:Service {id: id})
    OPTIONAL MATCH (m:Mechanism {id: id})
    RETURN id, coalesce(s.name, m.name) AS name, coalesce(s.translations, m.translations) AS translations,
           o.id AS organization_id, o.name AS organization, o.translations AS organization_translations,
           [(o)-[:MEMBER_OF]->(n:Mechanism) | n.lead_organization_id] AS leads
"""


async def subjects(tx: Tx, ids: Iterable[str]) -> dict[str, Subject]:
    """What these amendments are about, by id; what was taken out meanwhile is missing."""
    found = await records(tx, NAMES, ids=sorted(set(ids)))
    return {row["id"]: _subject(row) for row in found if row["name"] is not None}


MECHANISMS: Final = """
    MATCH (m:Mechanism)
    RETURN m.id AS id, m.name AS name, m.translations AS translations, m.area AS area,
           null AS organization_id, null AS organization, null AS organization_translations
    ORDER BY name
"""


async def mechanisms(tx: Tx) -> list[Subject]:
    """All mechanisms by name."""
    return [_subject(row) for row in await records(tx, MECHANISMS)]


CONCERNED: Final = """
    MATCH (:Organization {id: $organization_id})<-[:TO]-(k:Consent)<-[:GAVE]-(c:Case)
    WHERE k.purpose IN $purposes AND c.id > $after
    RETURN DISTINCT c.id AS id ORDER BY id LIMIT $limit
"""


async def concerned(tx: Tx, organization_id: str, purposes: Iterable[str], *, after: str, limit: int) -> list[str]:
    """Cases with a consent for one organisation and any of these purposes, in the order of their ids: to be counted."""
    rows = await records(
        tx, CONCERNED, organization_id=organization_id, purposes=sorted(purposes), after=after, limit=limit
    )
    return [row["id"] for row in rows]
