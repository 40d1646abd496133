"""The demo network, loaded on first run: it goes in by the same door as any other folder, and is asked as any other."""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path

from api.actions import directory, suggestions
from api.cli.conversation import FAILED, Conversation
from graph.exchange.demo import write
from graph.seed.demo_needs import needs
from graph.store.network import Network


async def load_demo(talk: Conversation, network: Network, *, at: datetime) -> None:
    """Import the demo network as it looks today, and ask it what fictional people need."""
    await bring_in(talk, network, at=at)
    await ask_demo_needs(network, at=at)


async def bring_in(talk: Conversation, network: Network, *, at: datetime) -> None:
    """The demo network as it looks today; places count back from `at`."""
    talk.note("up.demo")
    with tempfile.TemporaryDirectory(prefix="enlace-demo-") as folder:
        report = await directory.import_(network, write(Path(folder) / "demo", at.date()), at=at)
    if not report.is_clean:
        talk.stop("up.demo-broken", code=FAILED)
    talk.note("up.demo-done", services=report.new["service"], organizations=report.new["organization"])


async def ask_demo_needs(network: Network, *, at: datetime) -> None:
    """Ask every demo need; those that nothing fits are counted as often as people bring them. Asked again: once."""
    for number, (need, times) in enumerate(needs(at.date())):
        found = (await network.read(suggestions.answer, need)).suggestions
        for person in range(times):
            reference = f"demo-need-{at.date()}-{number}-{person}"
            await network.write(suggestions.count_demand, found, at=at, reference=reference)
