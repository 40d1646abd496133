"""The demo network, loaded on first run: it goes in by the same door as any other folder."""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path

from api.actions import directory
from api.cli.conversation import FAILED, Conversation
from graph.exchange.demo import write
from graph.store.network import Network


async def load_demo(talk: Conversation, network: Network, *, at: datetime) -> None:
    """Import the demo network as it looks today; its places count back from `at`."""
    talk.note("up.demo")
    with tempfile.TemporaryDirectory(prefix="enlace-demo-") as folder:
        report = await directory.import_(network, write(Path(folder) / "demo", at.date()), at=at)
    if not report.is_clean:
        talk.stop("up.demo-broken", code=FAILED)
    talk.note("up.demo-done", services=report.new["service"], organizations=report.new["organization"])
