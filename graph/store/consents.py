"""Consents of a case, each for one organisation and one purpose; what happened to them is a list that grows. (R-11, R-20)

Written under the case's lock only. Which of them counts is `consent.decision`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from graph.model.consent import Consent, ConsentEvent, FieldConsent
from graph.store.errors import NotFound
from graph.store.mapping import from_properties, to_properties
from graph.store.network import Tx

EDGES: Final = frozenset({"case_id", "organization_id", "fields"})
BETWEEN: Final = "/"
"""A field of a consent is kept as `stage/field`."""

CREATE: Final = """
    MATCH (c:Case {id: $case_id})
    MATCH (o:Organization {id: $organization_id})
    CREATE (c)-[:GAVE]->(k:Consent {id: $id})
    SET k += $properties
    CREATE (k)-[:TO]->(o)
    RETURN k.id AS id
"""


async def create(tx: Tx, consent: Consent) -> None:
    """A new consent of a locked case. NotFound for an unknown organisation."""
    fields = sorted(f"{f.stage}{BETWEEN}{f.field}" for f in consent.fields)
    result = await tx.run(
        CREATE,
        case_id=consent.case_id,
        organization_id=consent.organization_id,
        id=consent.id,
        properties=to_properties(consent, without=EDGES) | {"fields": fields},
    )
    if await result.single() is None:
        raise NotFound


SAVE: Final = """
    MATCH (k:Consent {id: $id})
    SET k.events = $events
"""


async def add(tx: Tx, consent: Consent, event: ConsentEvent) -> Consent:
    """One more thing that happened to a consent of a locked case. Nothing that happened is ever taken out."""
    grown = consent.model_copy(update={"events": (*consent.events, event)})
    await (await tx.run(SAVE, id=consent.id, events=to_properties(grown, without=EDGES)["events"])).consume()
    return grown


OF_CASE: Final = """
    MATCH (c:Case {id: $case_id})-[:GAVE]->(k:Consent)
    MATCH (k)-[:TO]->(o:Organization)
    RETURN properties(k) AS consent, c.id AS case_id, o.id AS organization_id
    ORDER BY k.id
"""


async def of_case(tx: Tx, case_id: str) -> list[Consent]:
    """All consents of a case, also those that ended or were refused."""
    return [whole(row.data()) async for row in await tx.run(OF_CASE, case_id=case_id)]


CASE_OF: Final = "MATCH (c:Case)-[:GAVE]->(k:Consent {id: $id}) RETURN c.id AS case_id"


async def case_of(tx: Tx, id: str) -> str:
    """Whose consent it is: what must be locked before it is read. NotFound for an unknown one."""
    record = await (await tx.run(CASE_OF, id=id)).single()
    if record is None:
        raise NotFound
    return str(record["case_id"])


OF_RECEIPT: Final = """
    MATCH (c:Case)-[:GAVE]->(k:Consent {receipt_id: $receipt_id})
    RETURN k.id AS consent_id, c.id AS case_id
"""


async def of_receipt(tx: Tx, receipt_id: str) -> tuple[str, str]:
    """The consent that a receipt is about, and its case. NotFound for an unknown one."""
    record = await (await tx.run(OF_RECEIPT, receipt_id=receipt_id)).single()
    if record is None:
        raise NotFound
    return str(record["consent_id"]), str(record["case_id"])


def whole(row: Mapping[str, Any]) -> Consent:
    """A consent with the ends of its edges."""
    properties = dict(row["consent"])
    fields = (text.split(BETWEEN, 1) for text in properties.pop("fields"))
    return from_properties(
        Consent,
        properties,
        case_id=row["case_id"],
        organization_id=row["organization_id"],
        fields=frozenset(FieldConsent.model_validate({"stage": stage, "field": field}) for stage, field in fields),
    )
