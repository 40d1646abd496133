"""import(export(x)) = x, for every directory that can be: into itself, and into an empty graph. (R-26, R-33, R-42)"""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings

from api.actions import directory
from api.cli.export import to_file, to_folder
from graph.store import capacities, organizations, services, sops
from graph.store.network import Network
from tests.conftest import wipe
from tests.exchange.networks import NOW, Directory, directories
from tests.store.directories import apart, by_id, content, folder, graph, released

SOME = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)


async def imported(network: Network, path: Path) -> directory.Report:
    report = await directory.import_(network, path, at=NOW)
    assert report.problems == []
    assert report.is_clean
    return report


@SOME
@given(found=directories())
async def test_what_goes_in_comes_out(network: Network, found: Directory) -> None:
    """Sealed places and influence are held, and read back by whoever may."""
    await wipe(network)
    with tempfile.TemporaryDirectory() as scratch:
        await imported(network, folder(found, Path(scratch)))
    ids = [service.id for service in found.services]
    assert await network.read(services.get, ids) == by_id(found.services)
    assert await network.read(organizations.get, [o.id for o in found.organizations]) == by_id(found.organizations)
    rules = [sop for versions in (await network.read(sops.of_services, ids)).values() for sop in versions]
    assert by_id(tuple(rules)) == by_id(found.sops)
    stated = {id: stock.capacity for id, stock in (await network.read(capacities.of_services, ids)).items()}
    assert stated == by_id(found.capacities)


@SOME
@given(found=directories())
async def test_an_export_read_again_changes_nothing(network: Network, found: Directory) -> None:
    await wipe(network)
    with tempfile.TemporaryDirectory() as scratch:
        await imported(network, folder(found, Path(scratch) / "own"))
        before = await graph(network)
        await to_folder(network, made(Path(scratch) / "told"))
        report = await imported(network, Path(scratch) / "told")
    assert report.changes == []
    assert report.wrote_nothing
    assert apart(await graph(network), before) == []


@SOME
@given(found=directories())
async def test_an_export_into_an_empty_graph_gives_the_same_but_for_what_was_withheld(
    network: Network, found: Directory
) -> None:
    await wipe(network)
    with tempfile.TemporaryDirectory() as scratch:
        here = Path(scratch)
        await imported(network, folder(released(found), here / "own"))
        expected = await graph(network)
        await wipe(network)
        await imported(network, folder(found, here / "all"))
        await to_folder(network, made(here / "told"))
        await to_file(network, here / "told.json")
        await wipe(network)
        await imported(network, here / "told")
        assert apart(await graph(network), expected) == []
        await to_folder(network, made(here / "again"))
        assert content(here / "again") == content(here / "told")
        await wipe(network)
        await imported(network, here / "told.json")
        assert apart(await graph(network), expected) == []


def made(path: Path) -> Path:
    path.mkdir()
    return path
