"""The fifth signal: what a plan states and nobody looked for, counted once and without anybody's id. (R-07, R-40)"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.actions import gaps
from api.actions.case_suggestions import reference
from api.actions.gaps import NEVER_SOUGHT, Gathered, Signal, signal_of
from graph.model.demand import Demand
from graph.secrets import Secrets
from graph.store import demand
from graph.store.network import Network, Tx
from tests.cast import DEPARTMENT, TOWN
from tests.everybody import COMMITTEE
from tests.sending import TYPE, Patient, set_the_clinic

NOW = datetime(2026, 11, 21, 15, 0, tzinfo=UTC)
LONG = NOW - timedelta(days=40)

NEEDS = """
    UNWIND $rows AS row
    MATCH (a:Area {code: $town})
    MATCH (t:ServiceType {code: $type})
    CREATE (c:Case {id: row.id, closed_at: row.closed_at})
    CREATE (c)-[:LIVES_IN]->(a)
    CREATE (n:CaseNeed {id: row.id, agreed_at: row.agreed_at, revoked_at: row.revoked_at})
    CREATE (c)-[:HAS]->(n)
    CREATE (n)-[:OF_TYPE]->(t)
"""
SOUGHT = """
    MATCH (n:CaseNeed {id: 'drafted'}) CREATE (:Referral {id: 'drafted', status: 'draft'})-[:FOR]->(n)
    WITH count(*) AS one
    MATCH (n:CaseNeed {id: 'asked'}) CREATE (n)-[:ASKS]->(:Enquiry {id: 'asked'})
"""
JOIN = """
    MATCH (d:Area {code: $department}) MATCH (c:Area {code: 'GT'})
    MERGE (d)-[:PART_OF]->(c)
"""


@pytest.fixture(scope="module")
async def planned(network: Network, secrets: Secrets) -> Gathered:
    """Two of twelve needs that count; the others were looked for, taken back, are of yesterday, of long ago, or over."""
    await set_the_clinic(network)
    other: dict[str, dict[str, Any]] = {
        "first": {}, "second": {}, "drafted": {}, "asked": {}, "searched": {},
        "yesterday": {"agreed_at": NOW - timedelta(days=1)}, "old": {"agreed_at": NOW - timedelta(days=500)},
        "taken-back": {"revoked_at": NOW}, "over": {"closed_at": NOW}, "stated": {"agreed_at": None},
    }  # fmt: skip
    rows = [{"id": id, "agreed_at": LONG, "revoked_at": None, "closed_at": None} | says for id, says in other.items()]

    async def write(tx: Tx) -> None:
        await (await tx.run(NEEDS, rows=rows, town=TOWN, type=TYPE)).consume()
        await (await tx.run(SOUGHT)).consume()
        await (await tx.run(JOIN, department=DEPARTMENT)).consume()
        counted = {"service_type": TYPE, "department": DEPARTMENT, "month": "2026-11", "reason": "no-places"}
        key = Demand.key_of(reference("searched", secrets), TYPE)
        await demand.count(tx, Demand.model_validate(counted | {"key": key, "near_miss": False}))

    await Patient.of(network).write(write)
    found = await Patient.of(network).read(gaps.gather, "GT", actor=COMMITTEE, at=NOW, secrets=secrets)
    assert isinstance(found, Gathered)
    return found


async def test_what_a_plan_states_and_nobody_looked_for_counts_as_unmet(planned: Gathered) -> None:
    never = [one for one in planned.asked if one.reason == NEVER_SOUGHT]
    assert [(one.service_type, one.department, one.asked, one.near_miss) for one in never] == [
        (TYPE, DEPARTMENT, 2, False)
    ]
    assert signal_of(never[0]) is Signal.PLANNED


async def test_what_a_search_has_counted_is_not_counted_again(planned: Gathered) -> None:
    assert sum(one.asked for one in planned.asked) == 3
    assert "first" not in repr(planned.asked)


async def test_a_house_without_keys_has_no_plans(planned: Gathered, network: Network) -> None:
    assert planned
    found: Any = await Patient.of(network).read(gaps.gather, "GT", actor=COMMITTEE, at=NOW, secrets=None)
    assert sum(one.asked for one in found.asked) == 1
