"""Disclosures: the frozen copies that left, each payload in an envelope under the person's key. (R-10, R-21)

Written by a send alone, under the case's lock. What of a copy is shown to whom is `consent.projection`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from graph.envelope import seal, unseal
from graph.keystore import Keystore
from graph.log.entry import instant
from graph.model.case import Case
from graph.model.consent import Stage
from graph.model.disclosure import Disclosure
from graph.model.referral import Referral
from graph.store import log, referrals
from graph.store.errors import NotFound
from graph.store.mapping import from_properties, native, to_properties
from graph.store.network import Tx

EDGES: Final = frozenset({"referral_id", "case_id", "organization_id", "payload"})
FROZEN: Final = 1
"""The version that an envelope is bound to: a copy is never written anew."""


def place(id: str) -> str:
    """What the envelope of a copy is bound to beside its case."""
    return f"disclosure/{id}"


CREATE: Final = (
    """
    MATCH (r:Referral {id: $referral_id})-[:ADDRESSED_TO]->(o:Organization)
    CREATE (r)-[:SENT]->(d:Disclosure {id: $id})
    SET d += $properties, r += $referral
    MERGE (o)-[:RECEIVES]->(r)
    WITH d.id AS made
    """
    + log.NEXT
)


async def create(tx: Tx, disclosure: Disclosure, *, referral: Referral, case: Case, keystore: Keystore) -> int:
    """Freeze a copy of a locked case, with the referral as the send leaves it; the number of the entry it must have.

    Beside the envelope stand field codes, never a value. Nothing else writes `RECEIVES`.
    """
    key = keystore.key_of(case.person_id)
    if key is None:
        raise NotFound
    values = dict(disclosure.payload)
    envelope = seal(key, case_id=case.id, field=place(disclosure.id), version=FROZEN, value=values)
    properties = to_properties(disclosure, without=EDGES) | {"payload": envelope, "fields": list(values)}
    result = await tx.run(
        CREATE,
        referral_id=referral.id,
        id=disclosure.id,
        properties=properties,
        referral=referrals.properties(referral),
        stream=case.stream,
        at=instant(disclosure.sent_at),
    )
    record = await result.single()
    if record is None:
        raise NotFound
    return int(record["n"])


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy as it lies there: what it is, without what it says."""

    id: str
    referral_id: str
    organization_id: str
    purpose: str
    stage: Stage
    fields: tuple[str, ...]
    sent_at: datetime
    readable_until: datetime
    closed_at: datetime | None
    closed_for: str | None
    properties: Mapping[str, Any]
    """As stored, the envelope among them."""

    def opened(self, *, case: Case, keystore: Keystore) -> Disclosure:
        """The disclosure with its payload in the clear. NotFound once the person's key is destroyed."""
        key = keystore.key_of(case.person_id)
        if key is None:
            raise NotFound
        payload = unseal(key, self.properties["payload"], case_id=case.id, field=place(self.id), version=FROZEN)
        rest = {name: value for name, value in self.properties.items() if name != "payload"}
        return from_properties(
            Disclosure,
            rest,
            referral_id=self.referral_id,
            case_id=case.id,
            organization_id=self.organization_id,
            payload=payload,
        )


OF_CASE: Final = """
    MATCH (c:Case {id: $case_id})-[:HAS]->(:CaseNeed)<-[:FOR]-(r:Referral)
    WHERE $referrals IS NULL OR r.id IN $referrals
    MATCH (r)-[:SENT]->(d:Disclosure)
    MATCH (r)-[:ADDRESSED_TO]->(o:Organization)
    RETURN properties(d) AS copy, r.id AS referral_id, o.id AS organization_id
    ORDER BY d.sent_at, d.id
"""


async def of_case(tx: Tx, case_id: str, *, referrals: Collection[str] | None = None) -> list[Copy]:
    """The copies that left of a case, the oldest first; of these referrals only, if they are named."""
    named = None if referrals is None else sorted(referrals)
    return [whole(row.data()) async for row in await tx.run(OF_CASE, case_id=case_id, referrals=named)]


@dataclass(frozen=True, slots=True)
class Received:
    """A copy as its receiver may list it: field codes, no envelope."""

    referral_id: str
    stage: Stage
    fields: tuple[str, ...]
    sent_at: datetime
    readable_until: datetime
    closed_at: datetime | None
    closed_for: str | None


RECEIVED: Final = """
    MATCH (:Organization {id: $organization_id})-[:RECEIVES]->(r:Referral)-[:SENT]->(d:Disclosure)
    WHERE r.id IN $ids
    RETURN r.id AS referral_id, d.stage AS stage, d.fields AS fields, d.sent_at AS sent_at,
           d.readable_until AS readable_until, d.closed_at AS closed_at, d.closed_for AS closed_for
    ORDER BY sent_at, d.id
"""


async def received(tx: Tx, ids: Collection[str], *, organization_id: str | None) -> list[Received]:
    """The copies that an organisation received under these referrals, the oldest first; nothing for any other one."""
    if not ids:
        return []
    found = [row.data() async for row in await tx.run(RECEIVED, ids=sorted(ids), organization_id=organization_id)]
    rows = [{name: native(value) for name, value in row.items()} for row in found]
    return [Received(**row | {"fields": tuple(row["fields"])}) for row in rows]


def whole(row: Mapping[str, Any]) -> Copy:
    """A copy with the ends of its edges."""
    properties = row["copy"]
    return Copy(
        id=properties["id"],
        referral_id=row["referral_id"],
        organization_id=row["organization_id"],
        purpose=properties["purpose"],
        stage=properties["stage"],
        fields=tuple(properties["fields"]),
        sent_at=native(properties["sent_at"]),
        readable_until=native(properties["readable_until"]),
        closed_at=native(properties.get("closed_at")),
        closed_for=properties.get("closed_for"),
        properties=properties,
    )


CLOSE: Final = """
    UNWIND $ids AS id
    MATCH (d:Disclosure {id: id})
    WHERE d.closed_at IS NULL
    SET d.closed_at = $at, d.closed_for = $reason
"""


async def close(tx: Tx, ids: Collection[str], *, reason: str, at: datetime) -> None:
    """Nobody reads these copies of a locked case any more."""
    if ids:
        await (await tx.run(CLOSE, ids=sorted(ids), reason=reason, at=at)).consume()
