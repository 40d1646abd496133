"""The demo network, loaded on first run: it goes in by the same door as any other folder, and is asked as any other.

While it goes in, a file in the data folder says when that began: whoever interrupts it finds it finished next time.
"""

from __future__ import annotations

import tempfile
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from api.actions import directory, overview, suggestions
from api.cli.conversation import FAILED, Conversation
from api.cli.import_ import progress_of
from graph.exchange.demo import write
from graph.seed.demo_needs import needs
from graph.store.network import Network

UNFINISHED: Final = "demo-unfinished"


async def load_demo(talk: Conversation, network: Network, *, at: datetime) -> None:
    """Import the demo network as it looks today, and ask it what fictional people need.

    Only into an empty network, or where it was begun and not ended: then as of the instant at which it was begun.
    """
    unfinished = talk.settings.data / UNFINISHED
    began = _began(unfinished)
    if began is None and not await network.read(overview.is_empty):
        return
    at = began or at
    unfinished.parent.mkdir(parents=True, exist_ok=True)
    unfinished.write_text(at.isoformat(), encoding="utf-8")
    await bring_in(talk, network, at=at)
    await ask_demo_needs(network, at=at)
    unfinished.unlink(missing_ok=True)


def _began(unfinished: Path) -> datetime | None:
    with suppress(OSError, ValueError):
        return datetime.fromisoformat(unfinished.read_text(encoding="utf-8"))
    return None


async def bring_in(talk: Conversation, network: Network, *, at: datetime) -> None:
    """The demo network as it looks today; places count back from `at`."""
    talk.note("up.demo")
    with tempfile.TemporaryDirectory(prefix="enlace-demo-") as folder, progress_of(talk) as progress:
        files = write(Path(folder) / "demo", at.date())
        report = await directory.import_(network, files, at=at, progress=progress)
    if not report.is_clean:
        talk.stop("up.demo-broken", code=FAILED)
    found = {noun: report.new[noun] + report.unchanged[noun] for noun in ("service", "organization")}
    talk.note("up.demo-done", services=found["service"], organizations=found["organization"])


async def ask_demo_needs(network: Network, *, at: datetime) -> None:
    """Ask every demo need; those that nothing fits are counted as often as people bring them. Asked again: once."""
    for number, (need, times) in enumerate(needs(at.date())):
        found = (await network.read(suggestions.answer, need)).suggestions
        for person in range(times):
            reference = f"demo-need-{at.date()}-{number}-{person}"
            await network.write(suggestions.count_demand, found, at=at, reference=reference)
