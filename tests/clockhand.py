"""A scheduler in a process of its own, for tests that need several, or one that is killed."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

from api.actions import due
from api.actions.reminding import Means
from api.scheduler import Scheduler
from graph.model.timer import Job
from graph.secrets import open_secrets
from graph.server import Server
from graph.store.network import Network

IN_THE_MIDDLE = "in the middle"


def look(server: Server, keys: Path, at: datetime) -> Counter[str]:
    """Do once all that is due at an instant; how many of what."""

    async def once() -> Counter[str]:
        async with Network.open(server) as network:
            return await Scheduler(network, Means(open_secrets(keys)), clock=lambda: at).once()

    return asyncio.run(once())


def hang(server: Server, keys: Path, at: datetime) -> None:
    """Begin what is due, say so once it is written and not committed, and never end."""
    usual = due.JOBS[Job.REMIND]

    async def hanging(*args: Any, **more: Any) -> Any:
        await usual(*args, **more)
        sys.stdout.write(IN_THE_MIDDLE + "\n")
        sys.stdout.flush()
        await asyncio.sleep(600)

    due.JOBS = {**due.JOBS, Job.REMIND: hanging}  # type: ignore[misc]
    look(server, keys, at)


if __name__ == "__main__":
    uri, user, password, database, kind, keys_, at_ = sys.argv[1:]
    hang(Server(uri, user, password, database, kind), Path(keys_), datetime.fromisoformat(at_))  # type: ignore[arg-type]
