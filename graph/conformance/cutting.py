"""A wire that breaks: a proxy on this machine that cuts connections in the middle of a conversation.

Towards an encrypted server it does the encryption itself, with the server's name verified as the address asks.
"""

from __future__ import annotations

import asyncio
import random
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlsplit

from graph.server import Server

GREETING: Final = 4
"""Chunks that are let through first: handshake and sign-in are not what we test."""


@dataclass(slots=True)
class Wire:
    """The proxied server, and how often its wire broke."""

    server: Server
    cuts: int = 0


@asynccontextmanager
async def cut_wire(server: Server, *, rate: float, seed: int) -> AsyncIterator[Wire]:
    """The server behind a wire that breaks at this share of the client's messages, before or after they arrive."""
    parts = urlsplit(server.uri)
    secure = _encryption(parts.scheme)
    dice = random.Random(seed)  # noqa: S311 - a die, not a key
    lines: set[asyncio.StreamWriter] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection(
                parts.hostname, parts.port or 7687, ssl=secure, server_hostname=parts.hostname if secure else None
            )
        except OSError:
            writer.transport.abort()
            return
        both = (writer, far_writer)
        lines.update(both)
        answers = asyncio.create_task(_copy(far_reader, writer))
        try:
            heard = 0
            while chunk := await reader.read(65536):
                heard += 1
                cut = heard > GREETING and dice.random() < rate
                if not cut or dice.random() < 2 / 3:
                    far_writer.write(chunk)
                    await far_writer.drain()
                if cut:
                    wire.cuts += 1
                    answers.cancel()  # the answer never arrives
                    break
        except OSError:
            pass
        finally:
            answers.cancel()
            await asyncio.sleep(0.005)  # let the far side read what was sent before its line goes dead
            for line in both:
                line.transport.abort()
                lines.discard(line)

    proxy = await asyncio.start_server(talk, "127.0.0.1", 0)
    port = proxy.sockets[0].getsockname()[1]
    wire = Wire(replace(server, uri=f"bolt://127.0.0.1:{port}"))
    try:
        yield wire
    finally:
        proxy.close()
        for line in lines:
            line.transport.abort()
        await proxy.wait_closed()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while chunk := await reader.read(65536):
            writer.write(chunk)
            await writer.drain()
    writer.transport.abort()


def _encryption(scheme: str) -> ssl.SSLContext | None:
    if "+" not in scheme:
        return None
    context = ssl.create_default_context()
    if scheme.endswith("+ssc"):  # the address says: trust any certificate
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
