"""Where the story is played: an engine of its own or an empty graph that was named, the demo network, a server. (R-21)

Everything lies in a temporary folder and goes with it. The data folder and the keys of this machine are not touched.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import uvicorn

from api.actions import directory, overview
from api.actions.demo_accounts import DemoAccount
from api.app import create_app
from api.cli import accounts, serving
from api.cli.conversation import FAILED, WRONG_INPUT, Conversation
from api.cli.demo import bring_in
from api.cli.story import quick
from api.cli.story.line import Line
from api.cli.story.sink import Sink, sink
from api.scheduler import Clockwork
from graph.engine import Server
from graph.secrets import Secrets

LOOPBACK: Final = "127.0.0.1"

OFTEN: Final = 0.1
"""Seconds between two looks of the scheduler: the story does not wait long."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A server that answers, and the demo accounts that may sign in."""

    line: Line
    accounts: tuple[DemoAccount, ...]


@contextmanager
def stage(talk: Conversation) -> Iterator[Stage]:
    """A fresh server with the demo network and its accounts, for as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix="enlace-story-", ignore_cleanup_errors=True) as folder:
        data = Path(folder) / "data"
        own = Conversation(
            talk.settings.model_copy(update={"data": data, "keys": data / "keys", "lang": talk.language})
        )
        with own.server() as server:
            secrets, drawn = own.run(lambda: _prepare(own, server, data / "keys"))
            with sink() as mails, serving_on(server, secrets, language=talk.language, mails=mails) as line:
                yield Stage(line, tuple(drawn))


async def _prepare(talk: Conversation, server: Server, keys: Path) -> tuple[Secrets, list[DemoAccount]]:
    """The demo network and its accounts, as `up` makes them; a graph that holds anything already is left alone.

    Only what fictional people asked for before is left out: the story counts no gaps.
    """
    async with talk.network(server) as network:
        if not await network.read(overview.is_empty):
            talk.stop("story.not-empty", code=WRONG_INPUT)
        at = datetime.now(UTC)
        await bring_in(talk, network, at=at)
        with tempfile.TemporaryDirectory(prefix="enlace-story-") as folder:
            silent = await directory.import_(network, quick.write(Path(folder) / "silent", at.date()), at=at)
        if not silent.is_clean:
            talk.stop("up.demo-broken", code=FAILED)
        secrets = accounts.opened(talk, keys)
        return secrets, await accounts.enrol(network, keys, secrets)


@contextmanager
def serving_on(server: Server, secrets: Secrets, *, language: str, mails: Sink | None = None) -> Iterator[Line]:
    """Our application on a free port of this machine, in a thread of its own; it ends with the block."""
    listener = serving.listen(LOOPBACK, 0)
    clockwork = Clockwork(every=OFTEN, committee=quick.COMMITTEE, post=mails.post) if mails else None
    web = serving.server_of(create_app(server, secrets=secrets, clockwork=clockwork))
    thread = threading.Thread(target=web.run, kwargs={"sockets": [listener]}, name="story server")
    thread.start()
    try:
        _wait(web, thread)
        yield Line(LOOPBACK, listener.getsockname()[1], language, mails)
    finally:
        web.should_exit = True
        thread.join()
        listener.close()


def _wait(web: uvicorn.Server, thread: threading.Thread) -> None:
    while not web.started:
        if not thread.is_alive():
            raise RuntimeError("the server did not start")
        time.sleep(0.02)
