"""The papers of the one door without consent: who was asked, what they attested, what was reviewed. (R-22)

The narrative stands in the record, encrypted. Whether a word opens the door is `consent.emergency`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from graph.model.consent import Attestation, ExceptionRequest
from graph.store.errors import NotFound
from graph.store.mapping import from_properties, native, nested, to_properties
from graph.store.network import Tx

ASK: Final = """
    MATCH (r:Referral {id: $referral_id})
    CREATE (x:ExceptionRequest {id: $id})
    SET x += $properties
    CREATE (x)-[:ASKS_ABOUT]->(r)
    RETURN x.id AS id
"""


async def ask(tx: Tx, request: ExceptionRequest) -> None:
    """A request about a referral of a locked case."""
    result = await tx.run(ASK, referral_id=request.referral_id, id=request.id, properties=to_properties(request))
    if await result.single() is None:
        raise NotFound


REQUEST: Final = """
    MATCH (x:ExceptionRequest {id: $id})
    WHERE x.assessor_id = $assessor_id
    RETURN properties(x) AS request
"""


async def request_to(tx: Tx, id: str, *, assessor_id: str) -> ExceptionRequest:
    """A request, for the professional it names; NotFound for everybody else."""
    record = await (await tx.run(REQUEST, id=id, assessor_id=assessor_id)).single()
    if record is None:
        raise NotFound
    return from_properties(ExceptionRequest, record["request"])


ASKED: Final = """
    MATCH (x:ExceptionRequest {assessor_id: $assessor_id})
    OPTIONAL MATCH (last:ExceptionRequest {id: $after, assessor_id: $assessor_id})
    WITH x, last
    WHERE x.attested_at IS NULL AND x.declined_at IS NULL
      AND ($after IS NULL OR x.asked_at > last.asked_at OR (x.asked_at = last.asked_at AND x.id > last.id))
    RETURN properties(x) AS request
    ORDER BY x.asked_at, x.id LIMIT $limit
"""


async def asked_of(tx: Tx, assessor_id: str, *, after: str | None = None, limit: int = 200) -> list[ExceptionRequest]:
    """What a professional was asked and has not answered, the oldest first; those that come after one of them."""
    result = await tx.run(ASKED, assessor_id=assessor_id, after=after, limit=limit)
    return [from_properties(ExceptionRequest, row["request"]) async for row in result]


OF_REFERRAL: Final = """
    MATCH (:Referral {id: $referral_id})<-[:ASKS_ABOUT]-(x:ExceptionRequest)
    RETURN properties(x) AS request ORDER BY x.asked_at DESC, x.id
"""


async def of_referral(tx: Tx, referral_id: str) -> list[ExceptionRequest]:
    """Who was asked about a referral and what became of it, the newest first; whoever reads it may see the case."""
    result = await tx.run(OF_REFERRAL, referral_id=referral_id)
    return [from_properties(ExceptionRequest, row["request"]) async for row in result]


DECLINE: Final = """
    MATCH (x:ExceptionRequest {id: $id})
    SET x.declined_at = $at
"""


async def decline(tx: Tx, id: str, *, at: datetime) -> None:
    """The professional named in it does not attest it: a request about a locked case."""
    await (await tx.run(DECLINE, id=id, at=at)).consume()


CREATE: Final = """
    MATCH (x:ExceptionRequest {id: $request_id})-[:ASKS_ABOUT]->(r:Referral)
    SET x.attested_at = $at
    CREATE (a:Attestation {id: $id})
    SET a += $properties
    CREATE (a)-[:ANSWERS]->(x)
    CREATE (a)-[:OPENS]->(r)
    RETURN a.id AS id
"""


async def create(tx: Tx, attestation: Attestation, *, request_id: str) -> None:
    """The answer to a request about a locked case."""
    result = await tx.run(
        CREATE,
        request_id=request_id,
        at=attestation.assessed_at,
        id=attestation.id,
        properties=to_properties(attestation),
    )
    if await result.single() is None:
        raise NotFound


GET: Final = "MATCH (a:Attestation {id: $id}) RETURN properties(a) AS attestation"


async def get(tx: Tx, id: str) -> Attestation | None:
    """An attestation as it stands; None if there is none."""
    record = await (await tx.run(GET, id=id)).single()
    return from_properties(Attestation, record["attestation"]) if record else None


REFERRAL_OF: Final = "MATCH (:Attestation {id: $id})-[:OPENS]->(r:Referral) RETURN r.id AS id"


async def referral_of(tx: Tx, id: str) -> str:
    """The referral that an attestation opens the door for."""
    record = await (await tx.run(REFERRAL_OF, id=id)).single()
    if record is None:
        raise NotFound
    return str(record["id"])


SAVE: Final = """
    MATCH (a:Attestation {id: $id})
    SET a += $properties
"""


async def save(tx: Tx, attestation: Attestation) -> None:
    """Write an attestation of a locked case as it is now."""
    await (await tx.run(SAVE, id=attestation.id, properties=to_properties(attestation))).consume()


CASES_OF: Final = """
    MATCH (a:Attestation {credential_id: $credential_id})
    RETURN DISTINCT a.case_id AS case_id ORDER BY case_id
"""


async def cases_of(tx: Tx, credential_id: str) -> list[str]:
    """The cases in which a credential was used, in the order of locks."""
    return [str(row["case_id"]) async for row in await tx.run(CASES_OF, credential_id=credential_id)]


USED: Final = """
    MATCH (a:Attestation)-[:OPENS]->(r:Referral)
    WHERE r.sent_at IS NOT NULL
    MATCH (r)-[:FOR]->(n:CaseNeed)<-[:HAS]-(c:Case)
    RETURN a.id AS id, a.ground AS ground, n.service_type AS service_type, c.area AS area, r.sent_at AS sent_at,
           a.assessed_at AS assessed_at, a.person_told_at AS person_told_at, a.reviewed_at AS reviewed_at
    ORDER BY r.sent_at, a.id
"""


@dataclass(frozen=True, slots=True)
class Used:
    """One use of the door without consent: whose it was stays out."""

    id: str
    ground: str
    service_type: str
    area: str
    sent_at: datetime
    assessed_at: datetime
    person_told_at: datetime | None
    reviewed_at: datetime | None


async def used(tx: Tx) -> list[Used]:
    """Every use, the oldest first: read by the register and by the review, which show less. (R-22)"""
    return [Used(**_native(row.data())) async for row in await tx.run(USED)]


DETAILED: Final = """
    MATCH (a:Attestation)-[:OPENS]->(r:Referral)
    WHERE r.sent_at IS NOT NULL AND ($id IS NULL OR a.id = $id)
    MATCH (r)-[:FOR]->(n:CaseNeed)
    OPTIONAL MATCH (k:Credential {id: a.credential_id})
    OPTIONAL MATCH (x:Actor {id: a.assessor_id})-[:WORKS_FOR]->(o:Organization)
    RETURN properties(a) AS attestation, n.service_type AS service_type, r.sent_at AS sent_at, k.kind AS credential,
           o.id AS assessor_organization_id,
           [(r)-[:SENT]->(d:Disclosure) | {basis: d.basis, fields: d.fields}] AS copies
    ORDER BY r.sent_at DESC, a.id
"""


@dataclass(frozen=True, slots=True)
class Use:
    """One use with all that its review asks, but for the papers: field codes, nobody's name, no number of a case."""

    attestation: Attestation
    service_type: str
    sent_at: datetime
    credential: str | None
    assessor_organization_id: str | None
    fields: tuple[str, ...]


async def uses(tx: Tx, *, id: str | None = None) -> list[Use]:
    """Every use, or one, the newest first: for its review. (R-22)"""
    return [_use(row.data()) async for row in await tx.run(DETAILED, id=id)]


def _use(row: dict[str, Any]) -> Use:
    attestation = from_properties(Attestation, row["attestation"])
    left: set[str] = set()
    for copy in row["copies"]:
        if nested(copy["basis"])["attestation_id"] == attestation.id:
            left |= set(copy["fields"])
    return Use(
        attestation,
        row["service_type"],
        native(row["sent_at"]),
        row["credential"],
        row["assessor_organization_id"],
        tuple(sorted(left)),
    )


def _native(row: dict[str, Any]) -> dict[str, Any]:
    return {name: native(value) for name, value in row.items()}
