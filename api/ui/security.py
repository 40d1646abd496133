"""Who may speak to this server from a browser, and what a page of it may do: hosts, origins, headers.

A page runs nothing that is not ours. A form counts only when it comes from our own page. While the server is for this
machine only, it answers to this machine's names only: otherwise any page on the web could reach it by a name of its
own that points here.
"""

from __future__ import annotations

from collections.abc import Collection
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from fastapi import FastAPI, Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import Problem, leave
from api.settings import LOOPBACK
from api.ui import pages

MOST_BYTES: Final = 1024 * 1024
"""The largest request: nobody states a need or a place in more."""

LARGER: Final = {"/entry/workbook": 5 * MOST_BYTES + 64 * 1024}
"""Where more is taken: a workbook with the form around it. What it holds is looked at in a process of its own."""

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})

POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)

ALWAYS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""`Referrer-Policy: no-referrer` would make browsers send `Origin: null` with our own forms."""


STRICT_TRANSPORT: Final = ("Strict-Transport-Security", "max-age=31536000")
"""Over https only: for a year browsers use nothing else for this name."""


def install(
    app: FastAPI,
    *,
    hosts: Collection[str] | None = LOOPBACK,
    by_address: bool = False,
    most_bytes: int = MOST_BYTES,
) -> None:
    """Guard every request. `hosts` are the names this server answers to; None: any.

    `by_address`: it answers to the address at which it was reached too, since no foreign page can pose as an address.

    The limit of the body is here and not FastAPI's `max_body_size`: that one answers before everything of ours, in
    plain text, without these headers and without a problem document.
    """
    app.add_middleware(Guard, hosts=hosts, by_address=by_address, most_bytes=most_bytes)


class Guard:
    """Refuses foreign hosts, foreign forms and what is too large; puts the headers on every answer."""

    def __init__(self, app: ASGIApp, *, hosts: Collection[str] | None, by_address: bool, most_bytes: int) -> None:
        self.app = app
        self.most_bytes, self.by_address = most_bytes, by_address
        self.hosts = None if hosts is None else frozenset(host.casefold() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in ALWAYS.items():
                    headers.setdefault(name, value)
                if scope["scheme"] == "https":
                    headers.setdefault(*STRICT_TRANSPORT)
                headers.setdefault("Cache-Control", _keeping(scope))
            await send(message)

        received = 0

        async def measured() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._most(scope):  # a body that did not say how long it is
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return message

        refusal = self._refusal(scope)
        if refusal is None:
            await self.app(scope, measured, guarded)
        else:
            await leave(refusal, Request(scope), pages.as_page)(scope, receive, guarded)

    def _refusal(self, scope: Scope) -> Problem | None:
        headers = Headers(scope=scope)
        if not self._is_called_by_name(scope, _name(headers.get("host", ""))):
            return Problem("foreign-host")
        if scope["method"] not in SAFE and not is_own(headers, is_api=scope["path"].startswith("/v1/")):
            return Problem("foreign-origin")
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > self._most(scope):
            return Problem("too-large")
        return None

    def _most(self, scope: Scope) -> int:
        return max(self.most_bytes, LARGER.get(scope["path"], 0)) if scope["method"] == "POST" else self.most_bytes

    def _is_called_by_name(self, scope: Scope, name: str) -> bool:
        return self.hosts is None or name in self.hosts or (self.by_address and name == _reached_at(scope))


def _reached_at(scope: Scope) -> str:
    """The address of this machine at which the connection came in, as a browser writes it."""
    address = (scope.get("server") or ("",))[0]
    plain = address.removeprefix("::ffff:") if "." in address else address
    return f"[{plain}]" if ":" in plain else plain


def is_own(headers: Headers, *, is_api: bool) -> bool:
    """Whether an unsafe request comes from our own page, or from a program that is no browser (API only).

    Browsers of today say `Sec-Fetch-Site`; where they do not (plain http over a local network), `Origin` must be us.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    if origin is not None:
        return urlsplit(origin).netloc.casefold() == headers.get("host", "").casefold() != ""
    return is_api


def _name(host: str) -> str:
    """The host without its port."""
    host = host.strip().casefold()
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() and ":" in host else host


def _keeping(scope: Scope) -> str:
    """How long an answer may be kept where nobody said so: a versioned file for ever, what was posted never.

    Nothing that was asked by somebody who may be signed in is kept: it may speak of people.
    """
    if scope["path"].startswith("/static/"):
        return "public, max-age=31536000, immutable" if b"v=" in scope["query_string"] else "public, max-age=300"
    headers = Headers(scope=scope)
    if "authorization" in headers or "enlace=" in headers.get("cookie", ""):
        return "no-store"
    return "no-cache" if scope["method"] in SAFE else "no-store"
