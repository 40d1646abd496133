"""What Enlace relies on holds on every engine of the tests, and the proof can tell when it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from graph import child
from graph.conformance.finding import Finding, Load, Verdict
from graph.conformance.suite import CHECKS, check_engine
from graph.engine import Server, serve
from graph.store.network import Network, Tx

SMALL = Load(callers=12, rounds=4, writes=80, commits=20)

MAY_BE_UNSEEN = {"synced"}
"""Where strace is missing or not allowed, or the server is elsewhere."""


async def labels(tx: Tx) -> list[str]:
    answer = await tx.run("MATCH (n) UNWIND labels(n) AS label RETURN collect(DISTINCT label) AS labels")
    return list((await answer.single(strict=True))["labels"])


async def test_the_engine_keeps_what_we_rely_on_and_is_left_as_it_was(server: Server, network: Network) -> None:
    before = await network.read(labels)
    started: list[str] = []
    found = {finding.check: finding async for finding in check_engine(server, SMALL, on_start=started.append)}
    assert started == list(found) == [name for name, _ in CHECKS]
    for name, finding in found.items():
        seen = finding.verdict is Verdict.HELD or (finding.verdict is Verdict.UNSEEN and name in MAY_BE_UNSEEN)
        assert seen, finding
    for race in ("places-forced", "places-load", "withdrawal"):
        facts = found[race].facts
        assert (facts["with_lock"], facts["without_lock"] != 0) == (0, True)
    assert found["repetition-cuts"].facts["without_key"] != 0
    assert sorted(await network.read(labels)) == sorted(before)


@pytest.mark.xdist_group("embedded")
async def test_an_engine_that_does_not_sync_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = child.command

    def careless(*args: object, **kwargs: object) -> list[str]:
        line = command(*args, **kwargs)  # type: ignore[arg-type]
        return [part.replace("txWalFlush=2", "txWalFlush=0") for part in line]

    monkeypatch.setattr(child, "command", careless)
    with serve(tmp_path) as server:
        finding = await one_finding(server, "synced")
    if finding.verdict is Verdict.UNSEEN:
        pytest.skip(f"sync calls cannot be seen here: {finding.reason}")
    assert (finding.verdict, finding.reason) == (Verdict.BROKEN, "not-synced")


async def one_finding(server: Server, check: str) -> Finding:
    from graph.conformance.finding import Bench

    async with Network.open(server) as one, Network.open(server) as two:
        return await dict(CHECKS)[check](Bench(server, one, two, SMALL, "test"))
