"""What of supply hangs by a thread: sole providers, agreements about to end, entries nobody has looked at. (R-02, R-03)"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from api.actions import directory, upkeep
from graph.store.errors import NotFound
from graph.store.network import Network, Tx
from tests import small_network
from tests.cast import OWNER
from tests.everybody import COMMITTEE
from tests.sending import Patient

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
async def loaded(network: Network, tmp_path_factory: pytest.TempPathFactory) -> Network:
    folder = small_network.folder(tmp_path_factory.mktemp("small") / "network", at=NOW)
    report = await directory.import_(network, folder, at=NOW)
    assert report.is_clean, [str(problem) for problem in report.problems]
    return Patient.of(network)


async def test_a_sole_provider_is_the_only_one_that_covers_a_whole_department(loaded: Network) -> None:
    found = await loaded.read(upkeep.read, "GT", actor=COMMITTEE, at=NOW)
    sole = {(one.service_type, one.organization_id): {area.code for area in one.departments} for one in found.sole}
    assert sole["social.housing.rent", "o-desk"] == {"GT09"}
    assert all(len(areas) >= 1 for areas in sole.values())
    counted: dict[tuple[str, str], int] = {}
    for (service_type, _), areas in sole.items():
        for area in areas:
            counted[service_type, area] = counted.get((service_type, area), 0) + 1
    assert set(counted.values()) == {1}, "who is the only one is one"


ANOTHER = """
    MATCH (o:Organization {id: 'o-house'})
    MATCH (k:Catchment {key: 'GT09|social.housing.rent'})
    CREATE (o)-[:OFFERS]->(s:Service {id: 's-second-rent', status: $status, name: 's'})-[:REACHES]->(k)
"""

GONE = "MATCH (s:Service {id: 's-second-rent'}) DETACH DELETE s"


@pytest.mark.parametrize(("status", "still"), [("active", False), ("inactive", True)])
async def test_a_second_one_ends_it_if_it_is_active(loaded: Network, status: str, still: bool) -> None:
    async def run(tx: Tx, statement: str) -> None:
        await (await tx.run(statement, status=status)).consume()

    await loaded.write(run, ANOTHER)
    try:
        found = await loaded.read(upkeep.read, "GT", actor=COMMITTEE, at=NOW)
        assert any(one.service_type == "social.housing.rent" for one in found.sole) is still
    finally:
        await loaded.write(run, GONE)


async def test_agreements_end_soon_or_have_ended_never_both(loaded: Network) -> None:
    found = await loaded.read(upkeep.read, "GT", actor=COMMITTEE, at=NOW)
    (ended,) = found.ended
    assert ended["name"] == "Memorando viejo" and ended["id"] not in {x["id"] for x in found.ending}
    before = datetime.combine(ended["valid_to"], datetime.min.time(), tzinfo=UTC)
    earlier = await loaded.read(upkeep.read, "GT", actor=COMMITTEE, at=before)
    assert ended["id"] in {x["id"] for x in earlier.ending} and ended["id"] not in {x["id"] for x in earlier.ended}


async def test_an_entry_is_old_when_nobody_edited_or_verified_it_for_a_year(loaded: Network) -> None:
    async def touch(tx: Tx) -> None:
        await (await tx.run("MATCH (s:Service {id: 's-rent'}) SET s.verified_at = $at", at=NOW)).consume()

    async def age(tx: Tx) -> None:
        old = NOW - timedelta(days=500)
        await (
            await tx.run("MATCH (s:Service) SET s.last_modified = $at, s.assured_date = $day", at=old, day=old.date())
        ).consume()

    await loaded.write(age)
    await loaded.write(touch)
    found = await loaded.read(upkeep.read, "GT", actor=COMMITTEE, at=NOW)
    old = {entry["id"]: entry["last"] for entry in found.old_entries}
    assert "s-rent" not in old and old["s-job"] == (NOW - timedelta(days=500)).date()


async def test_it_is_the_committees_and_of_a_country_that_is_there(loaded: Network) -> None:
    with pytest.raises(NotFound):
        await loaded.read(upkeep.read, "GT", actor=OWNER, at=NOW)
    with pytest.raises(NotFound):
        await loaded.read(upkeep.read, "XX", actor=COMMITTEE, at=NOW)
