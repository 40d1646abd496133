"""What becomes of a directory when files come again, come newer, come older, or come wrong. (R-02, R-06, R-10, R-26)"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from api.actions import directory, division, intake, overview
from graph.exchange.problem import Fault, Notice, Refusal, Refused
from graph.exchange.quarantine import Quarantine
from graph.model import stock
from graph.model.directory import CapacityState, ServiceCapacity
from graph.store import capacities, leases, locations, mechanisms, organizations, services, sops
from graph.store.content import run
from graph.store.network import Network, Tx
from tests.conftest import wipe
from tests.exchange.networks import NOW, uuid
from tests.exchange.samples import capacity as places
from tests.exchange.samples import service
from tests.store.directories import graph, put

AREAS = "code,name,level,parent,lat,lon\nQA,Pais,0,,,\nQA01,Norte,1,QA,,\nQA02,Sur,1,QA,,\nQA0101,Villa,2,QA01,,\n"
OWNER = {"id": uuid(900), "name": "Casa Norte (demo)", "description": ""}


@pytest.fixture(autouse=True)
async def empty(network: Network, tmp_path: Path) -> None:
    """Nothing but four areas and an organisation."""
    await wipe(network)
    (tmp_path / "start").mkdir()
    (tmp_path / "start" / "areas.csv").write_text(AREAS, encoding="utf-8")
    put(tmp_path / "start" / "organizations.json", [OWNER])
    await directory.import_(network, tmp_path / "start", at=NOW)


async def take(
    network: Network, tmp_path: Path, *rows: Any, name: str = "services.json", **more: Any
) -> directory.Report:
    """Import rows of one file."""
    return await directory.import_(network, put(tmp_path / "in" / name, list(rows)), at=NOW, **more)


def faults(report: directory.Report) -> list[tuple[Fault, str]]:
    return [(Fault(p.code), p.place.pointer) for p in report.problems]


async def keys(network: Network, number: int = 1) -> list[str]:
    async def read(tx: Tx) -> list[str]:
        found = await tx.run("MATCH (:Service {id: $id})-[:REACHES]->(k) RETURN k.key AS key", id=uuid(number))
        return sorted([row["key"] async for row in found])

    return await network.read(read)


async def test_a_network_of_places_only_is_counted_and_is_not_empty(network: Network) -> None:
    """Else `up` would put the demo into it."""
    assert await network.read(overview.read) == overview.Overview(services=0, organizations=1, areas=4)
    await wipe(network)
    assert await network.read(overview.is_empty)
    await network.write(one_area)
    assert await network.read(overview.read) == overview.Overview(services=0, organizations=0, areas=1)
    assert not await network.read(overview.is_empty)


async def one_area(tx: Tx) -> None:
    await (await tx.run("CREATE (:Area {code: 'QA', name: 'Pais', level: 0})")).consume()


async def test_an_organization_works_where_its_services_are_and_in_no_one_country_where_there_are_two(
    network: Network, tmp_path: Path
) -> None:
    assert await network.read(division.country_of, uuid(900)) is None
    await take(
        network, tmp_path, service(1, service_areas=[{"extent": "QA0101", "extent_type": "area-code"}]), service(2)
    )
    assert await network.read(division.country_of, uuid(900)) == "QA"

    async def delivered_abroad(tx: Tx) -> None:
        there = "CREATE (:Location {id: 'l'})-[:IN]->(:Area {code: 'QB', name: 'Otro', level: 0, lineage: ['QB']})"
        await run(tx, there)
        await run(
            tx,
            "MATCH (s:Service {id: $id}) MATCH (l:Location {id: 'l'}) CREATE (s)-[:DELIVERED_AT]->(l)",
            id=uuid(2),
        )

    await network.write(delivered_abroad)
    assert await network.read(organizations.countries, uuid(900)) == {"QA", "QB"}
    assert await network.read(division.country_of, uuid(900)) is None


# -- again and newer -------------------------------------------------------------------------------------------------


async def test_a_second_time_writes_nothing(network: Network, tmp_path: Path) -> None:
    assert (await take(network, tmp_path, service(capacities=[places()]))).new["service"] == 1
    before = await graph(network)
    report = await take(network, tmp_path, service(capacities=[places()]))
    assert report.wrote_nothing
    assert report.unchanged["service"] == 1
    assert await graph(network) == before


async def test_the_same_in_another_order_and_another_zone_writes_nothing(network: Network, tmp_path: Path) -> None:
    at = "2026-11-01T08:00:00-06:00"
    await take(network, tmp_path, service(last_modified=at, x_own={"a": 1, "b": 2}))
    report = await take(network, tmp_path, service(last_modified="2026-11-01T14:00:00Z", x_own={"b": 2, "a": 1}))
    assert report.wrote_nothing


async def test_a_newer_file_tells_what_changed(network: Network, tmp_path: Path) -> None:
    await take(network, tmp_path, service(1), service(2))
    report = await take(network, tmp_path, service(1), service(2, description="Nuevo", minimum_age=12))
    assert report.changes == [intake.Change("service", uuid(2), ("description", "minimum_age"))]
    assert (report.changed["service"], report.unchanged["service"]) == (1, 1)


async def test_edges_that_no_longer_hold_go(network: Network, tmp_path: Path) -> None:
    def at(number: int) -> list[dict[str, Any]]:
        return [{"location": {"id": uuid(number), "location_type": "physical"}}]

    await take(
        network,
        tmp_path,
        service(
            service_areas=[{"extent": "QA0101", "extent_type": "area-code"}],
            service_at_locations=at(700),
            requires=["social.documents.identity"],
        ),
    )
    await take(
        network,
        tmp_path,
        service(
            organization={**OWNER, "id": uuid(901), "name": "Otra (demo)"},
            attributes=[{"link_type": "service-type", "value": "social.legal.aid"}],
            service_areas=[{"extent": "QA02", "extent_type": "area-code"}],
            service_at_locations=at(701),
            requires=[],
        ),
    )
    me = f"Service {uuid(1)}"
    edges = [e for e in (await graph(network))[1] if me in e and "REACHES" not in e and "GOVERNED_BY" not in e]
    assert edges == [
        f"Organization {uuid(901)} OFFERS {me}",
        f"{me} COVERS Area QA02",
        f"{me} DELIVERED_AT Location {uuid(701)}",
        f"{me} OF_TYPE ServiceType social.legal.aid",
    ]
    assert {key.partition("|")[2] for key in await keys(network)} == {"social.legal.aid", "social.legal", "social"}


async def test_a_service_is_found_from_where_its_areas_hang_now(network: Network, tmp_path: Path) -> None:
    """R-06"""
    await take(network, tmp_path, service(service_areas=[{"extent": "QA0101", "extent_type": "area-code"}]))
    assert "QA01/|psychosocial" in await keys(network)
    moved = tmp_path / "areas.csv"
    moved.write_text(AREAS.replace("QA0101,Villa,2,QA01", "QA0101,Villa,2,QA02"), encoding="utf-8")
    report = await directory.import_(network, moved, at=NOW)
    assert [c.id for c in report.changes] == ["QA0101"]
    found = await keys(network)
    assert "QA02/|psychosocial" in found
    assert "QA01/|psychosocial" not in found


async def test_a_dry_run_writes_nothing_and_tells_the_same(network: Network, tmp_path: Path) -> None:
    await take(network, tmp_path, service(1))
    before = await graph(network)
    rows = (service(1, name="Otro"), service(2), service(3, status="open"))
    told = await take(network, tmp_path, *rows, dry_run=True)
    assert await graph(network) == before
    done = await take(network, tmp_path, *rows)
    assert (told.new, told.changed, told.faults) == (done.new, done.changed, done.faults)


async def test_an_interrupted_import_is_run_again(
    network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory, "BATCH", 2)
    take_in, calls = intake.take_in_services, 0

    async def fails(*args: Any, **kwargs: Any) -> intake.Taken:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise RuntimeError("the power went")
        return await take_in(*args, **kwargs)

    monkeypatch.setattr(intake, "take_in_services", fails)
    rows = [service(number) for number in range(1, 8)]
    with pytest.raises(RuntimeError):
        await take(network, tmp_path, *rows)
    monkeypatch.setattr(intake, "take_in_services", take_in)
    assert len(await network.read(services.existing, [row["id"] for row in rows])) == 4
    report = await take(network, tmp_path, *rows)
    assert (report.new["service"], report.unchanged["service"]) == (3, 4)


# -- places ----------------------------------------------------------------------------------------------------------


async def stated(network: Network) -> ServiceCapacity:
    found = await network.read(capacities.of_services, [uuid(1)])
    return found[uuid(5001)].capacity


async def says(network: Network, at: datetime, available: int) -> None:
    """A provider states places."""

    async def write(tx: Tx) -> None:
        before, _ = await leases.for_update(tx, uuid(1))
        assert before is not None
        version = before.capacity.version + 1
        after = {"available": available, "updated": at, "updated_by": "provider", "version": version}
        await leases.write(tx, stock.stated(before, before.capacity.model_copy(update=after)))

    await network.write(write)


async def test_a_provider_who_spoke_later_is_not_overruled_by_a_file(network: Network, tmp_path: Path) -> None:
    """R-06"""
    await take(network, tmp_path, service(capacities=[places(available=2)]))
    await says(network, datetime(2026, 11, 10, tzinfo=UTC), 0)
    report = await take(network, tmp_path, service(capacities=[places(available=4, updated="2026-11-09T00:00:00Z")]))
    assert report.wrote_nothing
    assert [n.code for n in report.notices if n.code is Notice.OLDER_CAPACITY] == [Notice.OLDER_CAPACITY]
    assert ((await stated(network)).available, (await stated(network)).updated_by) == (0, "provider")


async def test_a_file_that_is_newer_is_taken_and_the_version_grows(network: Network, tmp_path: Path) -> None:
    await take(network, tmp_path, service(capacities=[places(available=2)]))
    await says(network, datetime(2026, 11, 10, tzinfo=UTC), 0)
    report = await take(
        network,
        tmp_path,
        service(capacities=[places(available=3, state="assess-first", updated="2026-11-11T00:00:00Z")]),
    )
    assert report.changes[0].noun == "capacity"
    found = await stated(network)
    assert (found.available, found.state, found.version) == (3, CapacityState.ASSESS_FIRST, 3)


async def holds_one(network: Network) -> None:
    """Somebody is sent there."""

    async def write(tx: Tx) -> None:
        before, _ = await leases.for_update(tx, uuid(1))
        assert before is not None
        await leases.write(tx, stock.taken(before, 1))

    await network.write(write)


async def test_a_file_gives_no_place_back_that_is_held_for_somebody(network: Network, tmp_path: Path) -> None:
    """R-06"""
    await take(network, tmp_path, service(capacities=[places(available=2, maximum=2)]))
    await holds_one(network)
    again = await take(network, tmp_path, service(capacities=[places(available=2, maximum=2)]))
    assert again.wrote_nothing
    found = await network.read(leases.stock, uuid(1))
    assert found is not None
    assert (found.free, found.leased) == (1, 1)
    newer = places(available=2, maximum=2, updated="2026-11-11T00:00:00Z")
    assert not (await take(network, tmp_path, service(capacities=[newer]))).wrote_nothing
    found = await network.read(leases.stock, uuid(1))
    assert found is not None
    assert (found.free, found.leased, found.said) == (1, 1, 2), "the file knows nothing of who is held a place"


async def test_what_a_file_leaves_out_of_places_stays(network: Network, tmp_path: Path) -> None:
    await take(network, tmp_path, service(capacities=[places()]))
    await take(network, tmp_path, service())
    assert (await stated(network)).available == 2


# -- rules -----------------------------------------------------------------------------------------------------------


def rule(**more: Any) -> dict[str, Any]:
    return {"accepts_referrals": True, "eligibility": {"open_to_all": True}, **more}


async def versions(network: Network) -> list[tuple[int | None, bool | None]]:
    found = (await network.read(sops.of_services, [uuid(1)])).get(uuid(1), [])
    return [(sop.version, sop.referral_needed) for sop in found]


async def test_a_numbered_version_is_never_edited(network: Network, tmp_path: Path) -> None:
    """R-10"""
    await take(network, tmp_path, service(sop=rule(version=1)))
    report = await take(network, tmp_path, service(sop=rule(version=1, referral_needed=True), name="Otro"))
    assert faults(report) == [(Fault.SOP_EDITED, "/0/sop")]
    assert await versions(network) == [(1, None)]
    assert (await network.read(services.get, [uuid(1)]))[uuid(1)].name == "Servicio 1", "nothing of the row went in"


async def test_a_new_version_stands_beside_the_old_one(network: Network, tmp_path: Path) -> None:
    await take(network, tmp_path, service(sop=rule(version=1)))
    report = await take(network, tmp_path, service(sop=rule(version=2, referral_needed=True)))
    assert report.changes == [intake.Change("service", uuid(1), ("sop",))]
    assert await versions(network) == [(1, None), (2, True)]


async def test_rules_without_a_version_follow_their_source(network: Network, tmp_path: Path) -> None:
    await take(network, tmp_path, service(sop=rule()))
    await take(network, tmp_path, service(sop=rule(referral_needed=True)))
    assert await versions(network) == [(None, True)]
    await take(network, tmp_path, service(sop=rule(version=1)))
    assert await versions(network) == [(1, None)]
    await take(network, tmp_path, service(2, sop=rule()))
    report = await take(network, tmp_path, service(2, sop=None))
    assert report.changes == [intake.Change("service", uuid(2), ("sop",))]


# -- sealed ----------------------------------------------------------------------------------------------------------


def shelter(**more: Any) -> list[dict[str, Any]]:
    place = {"id": uuid(700), "location_type": "physical", "sealed": True, "name": "Casa Segura", "latitude": 14.6}
    return [{"location": {**place, **more}}]


async def test_an_import_does_not_unseal_a_place(network: Network, tmp_path: Path) -> None:
    """R-26"""
    await take(network, tmp_path, service(1, service_at_locations=shelter()))
    report = await take(network, tmp_path, service(2, service_at_locations=shelter(sealed=False, name="Abierta")))
    assert Notice.SEALED_KEPT in report.noticed
    found = (await network.read(locations.get, [uuid(700)]))[uuid(700)]
    assert (found.sealed, found.name) == (True, "Casa Segura")


async def test_its_own_house_may_say_that_a_sealed_place_moved(network: Network, tmp_path: Path) -> None:
    await take(network, tmp_path, service(service_at_locations=shelter()))
    await take(network, tmp_path, service(service_at_locations=shelter(latitude=15.0)))
    assert (await network.read(locations.get, [uuid(700)]))[uuid(700)].latitude == 15.0


async def test_the_service_itself_does_not_know_where_its_sealed_place_is(network: Network, tmp_path: Path) -> None:
    """R-26"""
    await take(network, tmp_path, service(service_at_locations=shelter()))
    nodes, _ = await graph(network)
    told = str({k: v for k, v in nodes.items() if not k.startswith("Location")})
    assert "Casa Segura" not in told and "14.6" not in told


# -- one thing, many descriptions ------------------------------------------------------------------------------------


FRESH = {"id": uuid(905), "name": "Casa Sur (demo)", "description": ""}
"""An organisation that the network does not know."""
ALIAS = FRESH | {"name": "Casa Oeste (demo)"}


async def test_of_two_organizations_under_one_id_neither_goes_in(network: Network, tmp_path: Path) -> None:
    """Nothing speaks for one of two names: to take one of them would be a guess."""
    report = await take(
        network,
        tmp_path,
        service(1, organization=FRESH),
        service(2, organization=ALIAS),
        service(3, organization=None, organization_id=uuid(905)),
        service(4),
    )
    assert faults(report) == [
        (Fault.OTHER_NAME, "/0/organization/name"),
        (Fault.OTHER_NAME, "/1/organization/name"),
        (Fault.OWNER_IN_QUARANTINE, "/2/organization_id"),
    ]
    assert [p.places.get("first") for p in report.problems[:2]] == ["/1/organization", "/0/organization"]
    assert (report.new["service"], report.new["organization"]) == (1, 0)
    assert uuid(905) not in await network.read(organizations.names)


@pytest.mark.parametrize("odd", [0, 1, 2])
async def test_of_two_names_the_one_that_more_rows_tell_holds_wherever_the_other_stands(
    network: Network, tmp_path: Path, odd: int
) -> None:
    rows = [service(n, organization=ALIAS if n == odd else FRESH) for n in range(3)]
    rows[(odd + 1) % 3]["organization"] = FRESH | {"description": "Otra descripción"}
    report = await take(network, tmp_path, *rows)
    assert faults(report) == [(Fault.OTHER_NAME, f"/{odd}/organization/name")]
    assert report.new["service"] == 2
    assert (await network.read(organizations.names))[uuid(905)] == FRESH["name"]
    assert report.noticed[Notice.DIFFERS] == 0, "what was empty may be added"


async def test_of_two_names_that_of_the_organizations_own_document_holds(network: Network, tmp_path: Path) -> None:
    rows = [service(n, organization=ALIAS) for n in (1, 2, 3)]
    report = await take(network, tmp_path, {**FRESH, "services": [service(4, organization=None)]}, *rows)
    assert {code for code, _ in faults(report)} == {Fault.OTHER_NAME}
    assert (report.set_aside["service"], report.new["service"]) == (3, 1)


async def test_of_two_documents_of_one_organization_neither_goes_in(network: Network, tmp_path: Path) -> None:
    one = {**FRESH, "email": "a@example.org", "services": [service(1, organization=None)]}
    other = {**FRESH, "email": "b@example.org"}
    for rows in ([one, other, one], [other, one]):
        report = await take(network, tmp_path, *rows, service(2, organization=FRESH), service(3))
        n = len(rows)
        assert faults(report) == [
            *((Fault.OTHER_CONTENT, f"/{i}") for i in range(n)),
            (Fault.OWNER_IN_QUARANTINE, f"/{n}/organization"),
        ]
        assert all(p.places["properties"] == "email" for p in report.problems[:n])
        assert (report.new["service"] + report.unchanged["service"], report.set_aside["organization"]) == (1, n)
    assert uuid(905) not in await network.read(organizations.names)


async def test_what_contradicts_itself_leaves_what_is_there_as_it_is(network: Network, tmp_path: Path) -> None:
    await take(network, tmp_path, service(1, description="Como era"))
    before = await graph(network)
    report = await take(network, tmp_path, service(1, description="Uno"), service(1, description="Otro"))
    assert report.wrote_nothing
    assert await graph(network) == before


async def test_of_two_names_the_known_one_holds(network: Network, tmp_path: Path) -> None:
    report = await take(network, tmp_path, service(1, organization={**OWNER, "name": "Falsa"}), service(2), service(3))
    assert faults(report) == [(Fault.OTHER_NAME, "/0/organization/name")]
    assert report.new["service"] == 2
    assert (await network.read(organizations.names))[uuid(900)] == "Casa Norte (demo)"


async def test_an_organization_that_only_stands_nested_adds_and_a_whole_one_replaces(
    network: Network, tmp_path: Path
) -> None:
    rich = {**OWNER, "actor_category": "ngo", "email": "a@example.org", "influence": "high"}
    await take(network, tmp_path, rich, name="organizations.json")
    await take(network, tmp_path, service(1, organization={**OWNER, "website": "https://example.org/"}))
    found = (await network.read(organizations.get, [uuid(900)]))[uuid(900)]
    assert (found.email, found.website, found.influence) == ("a@example.org", "https://example.org/", "high")
    await take(network, tmp_path, {**OWNER, "actor_category": "ngo"}, name="organizations.json")
    found = (await network.read(organizations.get, [uuid(900)]))[uuid(900)]
    assert (found.email, found.website, found.influence) == (None, None, "high"), "influence is never exported"


async def test_a_document_of_its_own_counts_as_one_though_it_says_what_was_said_in_passing(
    network: Network, tmp_path: Path
) -> None:
    await take(network, tmp_path, {**OWNER, "email": "a@example.org"}, name="organizations.json")
    await take(network, tmp_path, service(1, organization=OWNER), OWNER)
    assert (await network.read(organizations.get, [uuid(900)]))[uuid(900)].email is None


async def test_of_two_services_with_one_id_neither_goes_in(network: Network, tmp_path: Path) -> None:
    """To send a person to one of them would be to guess which one is meant."""
    report = await take(network, tmp_path, service(1), service(1, name="Otro"), service(1), service(2))
    assert faults(report) == [(Fault.OTHER_CONTENT, f"/{row}/id") for row in range(3)]
    assert [p.places["first"] for p in report.problems] == ["/1", "/0", "/0"]
    assert (report.read["service"], report.new["service"], report.set_aside["service"]) == (4, 1, 3)
    assert uuid(1) not in await network.read(services.get, [uuid(1)])


async def test_which_of_two_services_is_wrong_in_itself_does_not_matter(network: Network, tmp_path: Path) -> None:
    report = await take(network, tmp_path, service(1, status="x"), service(1))
    assert faults(report) == [(Fault.OTHER_CONTENT, "/0/id"), (Fault.OTHER_CONTENT, "/1/id")]


async def test_the_same_service_said_twice_is_one(network: Network, tmp_path: Path) -> None:
    """Word for word, or in a row of its own and in the document of its organisation; `1.0` is `1`."""
    priced = service(2, x_price=1.0)
    nested = {**OWNER, "services": [service(1, organization=None), {**priced, "organization": None, "x_price": 1}]}
    report = await take(network, tmp_path, service(1), service(1), priced, nested)
    assert report.is_clean
    assert report.noticed[Notice.REPEATED] == 3
    assert (report.read["service"], report.new["service"]) == (2, 2)


async def test_places_and_rules_of_another_service_are_not_taken_over(network: Network, tmp_path: Path) -> None:
    await take(network, tmp_path, service(1, capacities=[places()], sop=rule(id=uuid(800))))
    report = await take(
        network, tmp_path, service(2, capacities=[places()]), service(3, sop=rule(id=uuid(800))), service(4)
    )
    assert [code for code, _ in faults(report)] == [Fault.ID_ELSEWHERE, Fault.ID_ELSEWHERE]
    assert report.new["service"] == 1
    inside = await take(network, tmp_path, service(5, sop=rule(id=uuid(801))), service(6, sop=rule(id=uuid(801))))
    assert [code for code, _ in faults(inside)] == [Fault.ID_ELSEWHERE]


async def test_a_location_may_be_named_by_id_once_it_is_known(network: Network, tmp_path: Path) -> None:
    named = [{"location_id": uuid(700)}]
    assert faults(await take(network, tmp_path, service(1, service_at_locations=named))) == [
        (Fault.DANGLING, "/0/service_at_locations")
    ]
    await take(network, tmp_path, service(2, service_at_locations=shelter(sealed=False)))
    report = await take(network, tmp_path, service(1, service_at_locations=named))
    assert report.is_clean
    assert (await network.read(services.get, [uuid(1)]))[uuid(1)].locations[0].name == "Casa Segura"


# -- what leans on what ----------------------------------------------------------------------------------------------


async def test_services_of_an_organization_in_quarantine_are_set_aside_with_it(
    network: Network, tmp_path: Path
) -> None:
    bad = {
        "id": uuid(910),
        "name": "Mala (demo)",
        "actor_category": "circus",
        "services": [service(1, organization=None)],
    }
    good = {
        "id": uuid(911),
        "name": "Buena (demo)",
        "services": [service(2, organization=None), "no", service(3, status="x", organization=None)],
    }
    report = await take(network, tmp_path, bad, good, name="organizations.json")
    assert faults(report) == [
        (Fault.UNKNOWN_CODE, "/0/actor_category"),
        (Fault.WRONG_TYPE, "/1/services/1"),
        (Fault.UNKNOWN_CODE, "/1/services/2/status"),
    ]
    assert (report.new["service"], report.set_aside["service"], report.set_aside["organization"]) == (1, 3, 1)


async def test_what_names_nobody_is_set_aside(network: Network, tmp_path: Path) -> None:
    report = await take(
        network,
        tmp_path,
        service(1, organization=None, organization_id=uuid(999)),
        service(2, program_id=uuid(998)),
        service(3, sop=rule(costs={"payer_organization_id": uuid(997)})),
        service(4, organization={"id": uuid(900)}),
    )
    assert faults(report) == [
        (Fault.DANGLING, "/0/organization_id"),
        (Fault.DANGLING, "/1/program_id"),
        (Fault.DANGLING, "/2/sop/costs/payer_organization_id"),
    ]
    assert report.new["service"] == 1, "naming a known organisation is enough"


async def test_an_organization_below_nobody_is_set_aside_with_all_below_it(network: Network, tmp_path: Path) -> None:
    def below(number: int, parent: int) -> dict[str, Any]:
        return {"id": uuid(number), "name": f"Sede {number}", "parent_organization_id": uuid(parent)}

    report = await take(
        network, tmp_path, below(920, 999), below(921, 920), below(922, 900), below(923, 922), name="organizations.json"
    )
    assert [code for code, _ in faults(report)] == [Fault.DANGLING, Fault.DANGLING]
    assert report.new["organization"] == 2


async def test_agreements_memberships_and_mechanisms_lean_on_known_ones(network: Network, tmp_path: Path) -> None:
    """R-03, R-04, R-44"""

    def agreement(number: int, **more: Any) -> dict[str, Any]:
        return {"id": uuid(number), "name": "Convenio", "kind": "memorandum", **more}

    def mechanism(number: int, **more: Any) -> dict[str, Any]:
        return {"id": uuid(number), "name": f"Mesa {number}", "scope": "local", **more}

    here = tmp_path / "in"
    put(
        here / "organizations.json",
        [
            {
                **OWNER,
                "agreements": [agreement(1, mechanism_id=uuid(31)), agreement(2, parties=[uuid(900), uuid(999)])],
                "memberships": [uuid(30), uuid(99)],
            }
        ],
    )
    put(
        here / "mechanisms.json",
        [
            mechanism(30),
            mechanism(31, part_of=uuid(30), members=[uuid(900)]),
            mechanism(32, part_of=uuid(33)),
            mechanism(33, part_of=uuid(32)),
            mechanism(34, lead_organization_id=uuid(999)),
            mechanism(35, part_of=uuid(34)),
        ],
    )
    report = await directory.import_(network, here, at=NOW)
    assert sorted((p.code, p.noun, p.id) for p in report.problems) == sorted(
        [
            (Fault.DANGLING, "mechanism", uuid(34)),
            (Fault.CIRCLE, "mechanism", uuid(32)),
            (Fault.CIRCLE, "mechanism", uuid(33)),
            (Fault.DANGLING, "mechanism", uuid(35)),
            (Fault.DANGLING, "organization", uuid(900)),
            (Fault.DANGLING, "agreement", uuid(2)),
        ]
    )
    found = await network.read(mechanisms.get_all)
    assert {id: m.members for id, m in found.items()} == {uuid(30): (uuid(900),), uuid(31): (uuid(900),)}
    again = await directory.import_(network, here, at=NOW)
    assert again.wrote_nothing


async def test_suspensions_stop_what_there_is(network: Network, tmp_path: Path) -> None:
    """R-26"""

    def stop(number: int, subject: str, subject_id: str) -> dict[str, Any]:
        return {
            "id": uuid(number),
            "subject": subject,
            "subject_id": subject_id,
            "reason": "security-conditions",
            "valid_from": "2026-01-01",
        }

    here = tmp_path / "in"
    put(here / "services.json", [service(1)])
    put(
        here / "suspensions.json",
        [
            stop(1, "area", "QA01"),
            stop(2, "area", "QA99"),
            stop(3, "service", uuid(1)),
            stop(4, "service", uuid(999)),
            stop(5, "organization", uuid(900)),
        ],
    )
    told = await directory.import_(network, here, at=NOW, dry_run=True)
    report = await directory.import_(network, here, at=NOW)
    assert sorted(p.id or "" for p in report.problems) == [uuid(2), uuid(4)]
    assert told.faults == report.faults
    edges = [edge for edge in (await graph(network))[1] if " STOPS " in edge]
    assert edges == [
        f"Suspension {uuid(1)} STOPS Area QA01",
        f"Suspension {uuid(3)} STOPS Service {uuid(1)}",
        f"Suspension {uuid(5)} STOPS Organization {uuid(900)}",
    ]


# -- what cannot be read, and what is mended ----------------------------------------------------------------------------


async def test_a_file_that_cannot_be_read_refuses_all_before_anything_is_written(
    network: Network, tmp_path: Path
) -> None:
    before = await graph(network)
    put(tmp_path / "in" / "services.json", [service(1)])
    (tmp_path / "in" / "mechanisms.json").write_text('[{"id": "a"},\n{"id', encoding="utf-8")
    with pytest.raises(Refused) as found:
        await directory.import_(network, tmp_path / "in", at=NOW)
    assert (found.value.code, found.value.place.file, found.value.place.line) == (
        Refusal.TRUNCATED,
        "mechanisms.json",
        2,
    )
    assert await graph(network) == before


async def test_too_many_wrong_rows_stop_the_import(
    network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graph.exchange.quarantine.MAX_ROWS", 5)
    monkeypatch.setattr(directory, "BATCH", 2)
    report = await take(network, tmp_path, *(service(n, status="x") for n in range(1, 50)))
    assert report.stopped is not None and report.stopped.code is Refusal.TOO_MANY_FAULTS
    assert not report.is_clean
    assert report.set_aside["service"] == 5


async def test_what_was_set_aside_is_mended_and_imported_alone(network: Network, tmp_path: Path) -> None:
    import json

    path = tmp_path / "aside.json"
    owner = {**OWNER, "services": [service(1, organization=None, status="open")]}
    with Quarantine() as aside:
        await take(network, tmp_path, owner, service(2), name="organizations.json", quarantine=aside)
        aside.write(path, head={}, say=lambda _: "")
    again = await directory.import_(network, path, at=NOW)
    assert faults(again) == [(Fault.UNKNOWN_CODE, "/contents/0/status")]
    kept = json.loads(path.read_text(encoding="utf-8"))
    kept["contents"][0]["status"] = "active"
    report = await directory.import_(network, put(path, kept), at=NOW)
    assert report.is_clean
    assert report.new["service"] == 1


async def test_an_area_that_hangs_on_nothing_takes_its_services_with_it(network: Network, tmp_path: Path) -> None:
    here = tmp_path / "in"
    put(
        here / "services.json",
        [service(1, service_areas=[{"extent": "QA0901", "extent_type": "area-code"}]), service(2)],
    )
    (here / "areas.csv").write_text("code,name,level,parent\nQA0901,Aldea,2,QA09\n", encoding="utf-8")
    report = await directory.import_(network, here, at=NOW)
    assert [(p.code, p.noun, p.place.line) for p in report.problems] == [
        (Fault.DANGLING, "area", 2),
        (Fault.UNKNOWN_CODE, "service", 1),
    ]
    assert report.new["service"] == 1
