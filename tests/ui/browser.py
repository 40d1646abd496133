"""A real browser on a real server: how tests get one, and what they ask of every page."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from api.app import create_app
from api.dependencies import Identify
from graph.secrets import Secrets
from graph.server import Server
from tests.conftest import REQUIRED

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
]
NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def path_of_browser() -> str:
    """Where this machine has its browser. None is a visible skip; where one is required, a failure."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found:
        return found
    if "browser" in REQUIRED:
        pytest.fail("a browser is required here: none of " + ", ".join(NAMES), pytrace=False)
    pytest.skip("no browser: none of " + ", ".join(NAMES))


@contextmanager
def browser() -> Iterator[Browser]:
    """One browser for many pages."""
    path = path_of_browser()
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=FLAGS)
        try:
            yield found
        finally:
            found.close()


@contextmanager
def listening(server: Server, secrets: Secrets | None = None, identify: Identify | None = None) -> Iterator[str]:
    """The application on a port of its own, as `enlace up` serves it; its address. `identify`: who asks, told otherwise."""
    app = create_app(server, secrets=secrets)
    app.state.identify = identify or app.state.identify
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=0,
        log_level="warning",
        access_log=False,
        server_header=False,
    )
    web = uvicorn.Server(config)
    thread = threading.Thread(target=web.run, daemon=True)
    thread.start()
    end = time.monotonic() + 20
    while not web.started:
        assert thread.is_alive(), "the server did not start"
        assert time.monotonic() < end, "the server did not start in time"
        time.sleep(0.05)
    (socket,) = web.servers[0].sockets
    try:
        yield f"http://127.0.0.1:{socket.getsockname()[1]}"
    finally:
        web.should_exit = True
        thread.join(20)


@contextmanager
def reading(
    chromium: Browser, address: str, cookie: str = "", *, lang: str, width: int, dark: bool = False, script: bool = True
) -> Iterator[Page]:
    """One page of somebody who is signed in, or of nobody; a telephone is narrow."""
    context = chromium.new_context(
        base_url=address,
        locale=lang,
        viewport={"width": width, "height": 800},
        color_scheme="dark" if dark else "light",
        java_script_enabled=script,
    )
    if cookie:
        context.add_cookies([{"name": "enlace", "value": cookie, "url": address}])
    yield context.new_page()
    context.close()
