"""The story's line to the server comes back when it is told to, with the same key; and gives up in the end."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator

import pytest

from api.cli.story import line
from api.cli.story.line import Line


class Busy(http.server.BaseHTTPRequestHandler):
    """Says 503 as often as it was told to, then 201; keeps what came."""

    busy = 0
    keys: list[tuple[str | None, bytes]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        type(self).keys.append((self.headers["Idempotency-Key"], body))
        status = 503 if len(self.keys) <= self.busy else 201
        self.send_response(status)
        self.send_header("Retry-After", "0")
        self.end_headers()
        self.wfile.write(b'{"code": "said"}')

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def there() -> Iterator[Line]:
    Busy.keys = []
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Busy) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield Line("127.0.0.1", server.server_port, "es")
        server.shutdown()
        thread.join()


def test_a_busy_server_is_asked_again_under_the_same_key(there: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Busy, "busy", 2)
    answer = there.request("POST", "/cases", {"data": {}})
    assert (answer.request, answer.status, answer.body) == ("POST /v1/cases", 201, {"code": "said"})
    assert len(Busy.keys) == 3 and len(set(Busy.keys)) == 1 and len(Busy.keys[0][0] or "") >= 16
    there.request("POST", "/cases", {"data": {}})
    assert len(set(Busy.keys)) == 2, "another request has a key of its own"


def test_a_server_that_stays_busy_is_left_in_the_end(there: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Busy, "busy", 100)
    assert there.request("POST", "/cases", {}).status == 503 and len(Busy.keys) == line.TRIES
