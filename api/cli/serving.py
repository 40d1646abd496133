"""How a server of ours listens and serves: for `up`, and for the story that a server of its own plays."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from pathlib import Path

import uvicorn
from fastapi import FastAPI


def listen(host: str, port: int) -> socket.socket:
    """Take the port before anything is started; OSError where it is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, asyncio sends answers at once; without it every answer waits 40 ms for the reader's nod.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    return listener


def server_of(
    application: FastAPI, *, trusted: Sequence[str] = (), tls: tuple[Path, Path] | None = None
) -> uvicorn.Server:
    """Nothing of a request is logged: addresses and bodies may speak of people.

    Nobody is believed who says to forward for somebody else (uvicorn by itself believes this machine), but the proxies
    that were told. With a certificate and its key it serves https.
    """
    certificate, key = tls or (None, None)
    return uvicorn.Server(
        uvicorn.Config(
            application,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=5,
            proxy_headers=bool(trusted),
            forwarded_allow_ips=list(trusted),
            ssl_certfile=certificate,
            ssl_keyfile=key,
        )
    )
