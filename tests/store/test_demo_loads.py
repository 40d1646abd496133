"""The demo network goes in like any other folder, whole, on every engine. (R-02)"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from api.actions import directory
from graph.exchange.demo import GEOGRAPHY, documents, write
from graph.store.network import Network, Tx

NOW = datetime(2026, 11, 21, 15, 0, tzinfo=UTC)
LATER = datetime(2026, 12, 1, 15, 0, tzinfo=UTC)

COUNTS = """
    MATCH (s:Service) WITH count(s) AS services
    MATCH (o:Organization) WITH services, count(o) AS organizations
    MATCH (m:Mechanism) WITH services, organizations, count(m) AS mechanisms
    MATCH (a:Area) WITH services, organizations, mechanisms, count(a) AS areas
    MATCH (x:Suspension) WITH services, organizations, mechanisms, areas, count(x) AS suspensions
    MATCH (c:ServiceCapacity) WITH services, organizations, mechanisms, areas, suspensions, count(c) AS capacities
    MATCH (p:Program) WITH services, organizations, mechanisms, areas, suspensions, capacities, count(p) AS programs
    MATCH (g:Agreement) WITH services, organizations, mechanisms, areas, suspensions, capacities, programs,
                             count(g) AS agreements
    MATCH (v:Sop)
    RETURN services, organizations, mechanisms, areas, suspensions, capacities, programs, agreements, count(v) AS sops
"""


async def counts(tx: Tx) -> dict[str, int]:
    record = await (await tx.run(COUNTS)).single(strict=True)
    return dict(record)


@pytest.fixture(scope="module")
async def loaded(network: Network, tmp_path_factory: pytest.TempPathFactory) -> directory.Report:
    return await directory.import_(network, write(tmp_path_factory.mktemp("demo"), NOW.date()), at=NOW)


async def test_everything_goes_in(network: Network, loaded: directory.Report) -> None:
    assert [(p.code, p.places, p.place.pointer) for p in loaded.problems] == []
    assert loaded.is_clean and not loaded.set_aside.total()

    stated = documents(NOW.date())
    nested = [service for organization in stated.organizations for service in organization["services"]]
    stops = [x for row in (*stated.organizations, *nested) for x in row.get("suspensions", ())]
    assert await network.read(counts) == {
        "services": len(nested),
        "organizations": len(stated.organizations),
        "mechanisms": len(stated.mechanisms),
        "areas": 3243,
        "suspensions": len(stops) + len(stated.suspensions),
        "capacities": sum(len(s.get("capacities", ())) + len(s.get("capacity_statements", ())) for s in nested),
        "programs": sum(len(o.get("programs", ())) for o in stated.organizations),
        "agreements": sum(len(o.get("agreements", ())) for o in stated.organizations),
        "sops": sum(("sop" in s) + len(s.get("sop_versions", ())) for s in nested),
    }


async def test_a_second_time_changes_nothing(network: Network, loaded: directory.Report, tmp_path: Path) -> None:
    assert loaded.is_clean
    again = await directory.import_(network, write(tmp_path, NOW.date()), at=NOW)
    assert again.wrote_nothing and again.is_clean


async def test_another_day_changes_places_and_agreements_only(
    network: Network, loaded: directory.Report, tmp_path: Path
) -> None:
    assert loaded.is_clean
    folder = write(tmp_path, LATER.date())
    for name in GEOGRAPHY:
        (folder / name).unlink()
    report = await directory.import_(network, folder, at=LATER)
    assert report.is_clean and not report.new
    assert set(+report.changed) == {"capacity", "agreement"}
