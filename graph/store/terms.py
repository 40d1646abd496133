"""The terms text of a service: what matching reads of it, kept ready on its node. (docs/decisions/0005)

Derived, never stated. Whoever writes a service, its organisation, a SOP or an agreement calls `refresh` in the same
transaction; places and suspensions are read live and do not belong here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from pydantic import TypeAdapter

from graph.model.directory import Schedule
from graph.model.job import Opening
from graph.model.offer import Period, SopTerms, Terms
from graph.model.sop import Eligibility, Sop
from graph.store.mapping import native, nested
from graph.store.network import Tx

TERMS: Final = TypeAdapter(Terms)
SCHEDULES: Final = TypeAdapter(tuple[Schedule, ...])

READ: Final = """
    UNWIND $ids AS id
    MATCH (s:Service {id: id})<-[:OFFERS]-(o:Organization)
    RETURN o.id AS organization_id, o.name AS organization_name, properties(s) AS service,
           [(s)-[:GOVERNED_BY]->(p:Sop) |
               p {.version, .valid_from, .valid_to, .accepts_referrals, .eligibility}] AS sops,
           [(o)-[:PARTY_TO]->(g:Agreement) | g {.valid_from, .valid_to}] AS agreements,
           EXISTS { (s)-[:DELIVERED_AT]->(l:Location) WHERE l.sealed } AS sealed
"""


async def _read(tx: Tx, ids: Iterable[str]) -> list[Terms]:
    """The terms of these services as their nodes and edges tell them now."""
    return [_terms(record.data()) async for record in await tx.run(READ, ids=list(ids))]


WRITE: Final = """
    UNWIND $rows AS row
    MATCH (s:Service {id: row.id})
    SET s.terms = row.terms
"""


async def refresh(tx: Tx, ids: Iterable[str]) -> None:
    """Write the terms text of these services anew."""
    rows = [
        {"id": t.service_id, "terms": TERMS.dump_json(t, exclude_defaults=True).decode()} for t in await _read(tx, ids)
    ]
    await (await tx.run(WRITE, rows=rows)).consume()


def _terms(row: Mapping[str, Any]) -> Terms:
    service = row["service"]
    schedules = SCHEDULES.validate_python(nested(service.get("schedules")) or ())
    languages, requires, teaches = service.get("languages"), service.get("requires"), service.get("teaches")
    opening = nested(service.get("opening"))
    return Terms(
        service_id=service["id"],
        name=service["name"],
        organization_id=row["organization_id"],
        organization_name=row["organization_name"],
        status=service["status"],
        service_types=tuple(service["service_types"]),
        description=service.get("description"),
        translations=nested(service.get("translations")) or {},
        windows=tuple(Period(s.valid_from, s.valid_to) for s in schedules),
        languages=None if languages is None else frozenset(languages),
        minimum_age=service.get("minimum_age"),
        maximum_age=service.get("maximum_age"),
        requires=None if requires is None else frozenset(requires),
        sops=tuple(
            SopTerms(
                version=sop["version"],
                period=_period(sop),
                accepts_referrals=sop["accepts_referrals"],
                eligibility=Eligibility.model_validate(nested(sop["eligibility"]) or {}),
            )
            for sop in row["sops"]
        ),
        agreements=tuple(_period(agreement) for agreement in row["agreements"]),
        assured_date=native(service.get("assured_date")),
        level=service.get("level"),
        also_serves=tuple(service.get("also_serves") or ()),
        teaches=None if teaches is None else frozenset(teaches),
        opening=None if opening is None else Opening.model_validate(opening),
        sealed=row["sealed"],
    )


def of_sop(sop: Sop) -> SopTerms:
    """What `refresh` writes of one version."""
    return SopTerms(sop.version, Period(sop.valid_from, sop.valid_to), sop.accepts_referrals, sop.eligibility)


def _period(row: Mapping[str, Any]) -> Period:
    return Period(native(row["valid_from"]), native(row["valid_to"]))
