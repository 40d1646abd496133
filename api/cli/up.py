"""`enlace up`: the graph, the demo on first run, the server, and where to look."""

from __future__ import annotations

import errno
import socket
import ssl
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from api.actions import accounts as accounts_
from api.actions import overview
from api.app import create_app
from api.cli import accounts, due, serving
from api.cli.conversation import UNAVAILABLE, WRONG_INPUT, Conversation, of
from api.cli.demo import load_demo
from api.settings import EVERYWHERE, Settings, SettingsProblem, with_host
from graph.engine import Server
from graph.secrets import Secrets


def up(
    context: typer.Context,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="port to listen on / puerto en el que atiende")
    ] = None,
    host: Annotated[str | None, typer.Option(help="address to listen on / dirección en la que atiende")] = None,
    demo: Annotated[
        bool, typer.Option("--demo/--no-demo", help="with the demo network / con la red de demostración")
    ] = True,
) -> None:
    """Start Enlace on this machine. / Inicia Enlace en este equipo."""
    talk = of(context)
    if host is not None:
        try:
            talk.settings = with_host(talk.settings, host)
        except SettingsProblem as problem:
            sys.stderr.write(problem.told(talk.language) + "\n")
            raise typer.Exit(WRONG_INPUT) from None
    settings = talk.settings
    tls = _certificate(talk)
    with _listening(talk, settings.host, settings.port if port is None else port) as listener, talk.server() as server:
        secrets = talk.run(lambda: _prepare(talk, server, demo=demo))
        talk.note("up.ready", url=_address(settings, listener.getsockname()[1]), data=settings.data)
        if settings.is_elsewhere and tls is None and not settings.trusted:
            talk.note("up.unencrypted")
        _serve(talk, server, listener, secrets, tls)
    talk.note("up.stopped")


def _certificate(talk: Conversation) -> tuple[Path, Path] | None:
    """What https is served with; said at once where it cannot be read, or the two do not belong together."""
    certificate, key = talk.settings.tls_certificate, talk.settings.tls_key
    if certificate is None or key is None:
        return None
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(certificate, key)
    except OSError:  # what ssl itself raises is one too
        talk.stop("up.certificate-unreadable", certificate=certificate, private=key)
    return certificate, key


def _address(settings: Settings, port: int) -> str:
    """Where to look, from this machine."""
    scheme = "http" if settings.tls_certificate is None else "https"
    host = "127.0.0.1" if settings.host in EVERYWHERE else settings.host
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}/"


def _listening(talk: Conversation, host: str, port: int) -> socket.socket:
    """Take the port before anything is started, so that a taken one is said at once."""
    try:
        return serving.listen(host, port)
    except OSError as error:
        if error.errno == errno.EADDRNOTAVAIL:
            talk.stop("up.address-not-here", code=UNAVAILABLE, host=host)
        talk.stop("up.port-taken", code=UNAVAILABLE, port=port, other=port + 1)


async def _prepare(talk: Conversation, server: Server, *, demo: bool) -> Secrets | None:
    talk.note("up.migrating")
    async with talk.network(server) as network:
        if demo:
            await load_demo(talk, network, at=datetime.now(UTC))
        found = await network.read(overview.read)
        secrets = await accounts.prepare(talk, network, demo=demo)
        if demo and secrets is not None:
            await accounts.play_day(talk, network, secrets)
        if talk.settings.is_elsewhere and (secrets is None or not await network.read(accounts_.count)):
            talk.stop("up.accounts-first", host=talk.settings.host)
    talk.note("up.network", **found.__dict__)
    return secrets


def _serve(
    talk: Conversation,
    server: Server,
    listener: socket.socket,
    secrets: Secrets | None,
    tls: tuple[Path, Path] | None,
) -> None:
    """Serve until told to stop."""
    settings = talk.settings
    application = create_app(
        server,
        hosts=settings.answers_to,
        by_address=settings.is_elsewhere,
        secrets=secrets,
        published_on_loopback=settings.container,
        clockwork=due.clockwork_of(settings) if settings.scheduler else None,
    )
    with suppress(KeyboardInterrupt):  # uvicorn raises again the signal that ended it; here it is the usual way to end
        serving.server_of(application, trusted=settings.trusted, tls=tls).run(sockets=[listener])
