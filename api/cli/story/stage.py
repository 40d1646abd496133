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

from api.actions import overview
from api.actions.demo_accounts import DemoAccount
from api.app import create_app
from api.cli import accounts, serving
from api.cli.conversation import WRONG_INPUT, Conversation
from api.cli.demo import bring_in
from api.cli.story.line import Line
from graph.engine import Server
from graph.secrets import Secrets

LOOPBACK: Final = "127.0.0.1"


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
            with serving_on(server, secrets, language=talk.language) as line:
                yield Stage(line, tuple(drawn))


async def _prepare(talk: Conversation, server: Server, keys: Path) -> tuple[Secrets, list[DemoAccount]]:
    """The demo network and its accounts, as `up` makes them; a graph that holds anything already is left alone.

    Only what fictional people asked for before is left out: the story counts no gaps.
    """
    async with talk.network(server) as network:
        if not await network.read(overview.is_empty):
            talk.stop("story.not-empty", code=WRONG_INPUT)
        await bring_in(talk, network, at=datetime.now(UTC))
        secrets = accounts.opened(talk, keys)
        return secrets, await accounts.enrol(network, keys, secrets)


@contextmanager
def serving_on(server: Server, secrets: Secrets, *, language: str) -> Iterator[Line]:
    """Our application on a free port of this machine, in a thread of its own; it ends with the block."""
    listener = serving.listen(LOOPBACK, 0)
    web = serving.server_of(create_app(server, secrets=secrets))
    thread = threading.Thread(target=web.run, kwargs={"sockets": [listener]}, name="story server")
    thread.start()
    try:
        _wait(web, thread)
        yield Line(LOOPBACK, listener.getsockname()[1], language)
    finally:
        web.should_exit = True
        thread.join()
        listener.close()


def _wait(web: uvicorn.Server, thread: threading.Thread) -> None:
    while not web.started:
        if not thread.is_alive():
            raise RuntimeError("the server did not start")
        time.sleep(0.02)
