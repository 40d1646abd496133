"""`enlace up`: the graph, the demo on first run, the server, and where to look."""

from __future__ import annotations

import socket
from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated

import typer

from api.actions import overview
from api.app import create_app
from api.cli import accounts, serving
from api.cli.conversation import UNAVAILABLE, Conversation, of
from api.cli.demo import load_demo
from graph.engine import Server
from graph.secrets import Secrets


def up(
    context: typer.Context,
    port: Annotated[int | None, typer.Option(min=0, max=65535)] = None,
    demo: Annotated[bool, typer.Option("--demo/--no-demo")] = True,
) -> None:
    """Start Enlace on this machine. / Inicia Enlace en este equipo."""
    talk = of(context)
    host = talk.settings.host
    with _listening(talk, host, talk.settings.port if port is None else port) as listener, talk.server() as server:
        secrets = talk.run(lambda: _prepare(talk, server, demo=demo))
        address, taken = listener.getsockname()[:2]
        shown = f"[{address}]" if ":" in address else address
        talk.note("up.ready", url=f"http://{shown}:{taken}/", data=talk.settings.data)
        _serve(talk, server, listener, secrets)
    talk.note("up.stopped")


def _listening(talk: Conversation, host: str, port: int) -> socket.socket:
    """Take the port before anything is started, so that a taken one is said at once."""
    try:
        return serving.listen(host, port)
    except OSError:
        talk.stop("up.port-taken", code=UNAVAILABLE, port=port, other=port + 1)


async def _prepare(talk: Conversation, server: Server, *, demo: bool) -> Secrets | None:
    talk.note("up.migrating")
    async with talk.network(server) as network:
        if demo:
            await load_demo(talk, network, at=datetime.now(UTC))
        found = await network.read(overview.read)
        secrets = await accounts.prepare(talk, network, demo=demo)
    talk.note("up.network", **found.__dict__)
    return secrets


def _serve(talk: Conversation, server: Server, listener: socket.socket, secrets: Secrets | None) -> None:
    """Serve until told to stop."""
    application = create_app(server, secrets=secrets, published_on_loopback=talk.settings.container)
    with suppress(KeyboardInterrupt):  # uvicorn raises again the signal that ended it; here it is the usual way to end
        serving.server_of(application).run(sockets=[listener])
