"""The demo network as `up` brings it in: told while it goes in, and finished by whoever starts again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from api.actions import overview
from api.cli.conversation import Conversation
from api.cli.demo import UNFINISHED, load_demo
from api.settings import read_settings
from graph.engine import serve
from graph.exchange.demo import write
from graph.store.network import Tx
from tests.store.imports import imported

AT = datetime(2026, 11, 20, 23, 50, tzinfo=UTC)


class Told(Conversation):
    """A conversation that remembers what it said, and is interrupted at one of its sentences."""

    def __init__(self, data: Path, *, until: str | None = None) -> None:
        super().__init__(read_settings(data=data))
        self.said: list[str] = []
        self.until = until

    def note(self, key: str, **places: Any) -> None:
        self.said.append(key)
        if key == self.until:
            raise KeyboardInterrupt


async def demand(tx: Tx) -> int:
    record = await (await tx.run("MATCH (d:Demand) RETURN count(d) AS n")).single()
    assert record is not None
    return int(record["n"])


@pytest.mark.xdist_group("embedded")
async def test_a_demo_that_was_interrupted_is_finished_the_next_time(tmp_path: Path) -> None:
    data = tmp_path / "data of the office"
    with serve(data) as server:
        first = Told(data, until="import.stage.services")
        async with first.network(server) as network:
            with pytest.raises(KeyboardInterrupt):
                await load_demo(first, network, at=AT)
            assert (await network.read(overview.read)).services == 0
            assert not await network.read(overview.is_empty)

            again = Told(data)
            await load_demo(again, network, at=AT + timedelta(days=1))
            assert again.said[0] == "up.demo" and again.said[-1] == "up.demo-done"
            assert "import.stage.services" in again.said, "progress is shown"
            assert not (data / UNFINISHED).exists()
            whole = await network.read(overview.read)
            assert whole.services > 250 and await network.read(demand) > 0
            as_it_was = await imported(network, write(tmp_path / "demo", AT.date()))
            assert as_it_was.wrote_nothing, "as of the instant at which it was begun"

            third = Told(data)
            await load_demo(third, network, at=AT)
            assert third.said == [], "a network that is not empty is left alone"


@pytest.mark.xdist_group("embedded")
async def test_a_network_of_somebody_elses_never_gets_the_demo(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "areas.csv").write_text("code,name,level,parent\nQA,Pais,0,\n", encoding="utf-8")
    talk = Told(tmp_path / "data")
    with serve(tmp_path / "data") as server:
        async with talk.network(server) as network:
            await imported(network, tmp_path / "in")
            await load_demo(talk, network, at=AT)
            assert (await network.read(overview.read)).services == 0
    assert talk.said == []
