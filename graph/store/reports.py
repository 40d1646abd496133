"""Reports of a provider on a referral, written and read under the case's lock. (R-13, R-14)"""

from __future__ import annotations

from typing import Final

from graph.envelope import seal, unseal
from graph.keystore import Keystore
from graph.model.case import Case
from graph.model.report import Report
from graph.store.mapping import from_properties, to_properties
from graph.store.network import Tx

ONCE: Final = 1
"""The version that an envelope is bound to: a report is never written anew."""


def place(id: str) -> str:
    """What the envelope of a note is bound to beside its case."""
    return f"report/{id}"


def sealed(report: Report, note: str | None, *, case: Case, keystore: Keystore) -> Report:
    """The report with its note in an envelope. Nothing is kept once the person's key is destroyed."""
    key = keystore.key_of(case.person_id)
    if note is None or key is None:
        return report
    envelope = seal(key, case_id=case.id, field=place(report.id), version=ONCE, value=note)
    return report.model_copy(update={"note": envelope})


def opened(report: Report, *, case: Case, keystore: Keystore) -> Report:
    """The report with its note in the clear; without it once the person's key is destroyed."""
    key = keystore.key_of(case.person_id)
    if report.note is None or key is None:
        return report.model_copy(update={"note": None})
    note = unseal(key, report.note, case_id=case.id, field=place(report.id), version=ONCE)
    return report.model_copy(update={"note": note})


CREATE: Final = """
    MATCH (r:Referral {id: $referral_id})
    CREATE (r)-[:REPORTED]->(p:Report {id: $id})
    SET p += $properties
"""


async def create(tx: Tx, referral_id: str, report: Report) -> None:
    """Write a report on a referral of a locked case; its note lies in an envelope already."""
    properties = to_properties(report)
    await (await tx.run(CREATE, referral_id=referral_id, id=report.id, properties=properties)).consume()


OF_REFERRAL: Final = """
    MATCH (:Referral {id: $referral_id})-[:REPORTED]->(p:Report)
    RETURN properties(p) AS report ORDER BY p.reported_at, p.id
"""


async def of_referral(tx: Tx, referral_id: str) -> list[Report]:
    """All reports on a referral, the oldest first, notes in their envelopes."""
    result = await tx.run(OF_REFERRAL, referral_id=referral_id)
    return [from_properties(Report, row["report"]) async for row in result]
