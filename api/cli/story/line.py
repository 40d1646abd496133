"""The line to the server: one request, one answer, over HTTP and nothing else. What is said stands in `steps`.

With the standard library, so that the story plays wherever `up` does.
"""

from __future__ import annotations

import http.client
import json
import secrets as dice
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from api.cli.story.sink import Sink

PATIENCE: Final = 60.0
"""Seconds for one answer."""

TRIES: Final = 10
"""How often one request is made while the server says to come back later: a fresh engine plans its first statements."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said to one request."""

    request: str
    status: int
    body: Any
    cookie: str = ""

    @property
    def reasons(self) -> list[str]:
        """The codes of a refusal, in order; none where nothing was refused."""
        return [reason["code"] for reason in self.body.get("reasons", [])] if isinstance(self.body, dict) else []

    @property
    def said(self) -> str:
        """The whole of it as text, to look for what must not be in it."""
        return json.dumps(self.body, ensure_ascii=False)


class Unexpected(Exception):
    """The server answered with another status than the story needs."""

    def __init__(self, answer: Answer, wanted: int) -> None:
        problem = answer.body.get("code", "") if isinstance(answer.body, dict) else ""
        said = ", ".join([problem, *answer.reasons])
        self.places = {"request": answer.request, "status": answer.status, "wanted": wanted, "problem": said}
        super().__init__(f"{answer.request}: {answer.status} {said}, not {wanted}")


class Line:
    """The way to one server."""

    def __init__(self, host: str, port: int, language: str, mails: Sink | None = None) -> None:
        self._host, self._port, self._language = host, port, language
        self.mails = mails
        """What the server mailed meanwhile."""

    def request(self, method: str, path: str, body: Any = None, *, headers: Mapping[str, str] | None = None) -> Answer:
        """One request under /v1; made again when the server says so (503, Retry-After), under the same key."""
        sent = {"Accept": "application/json", "Accept-Language": self._language, **(headers or {})}
        if method != "GET":
            sent["Idempotency-Key"] = dice.token_hex(16)
        content = None
        if body is not None:
            content, sent["Content-Type"] = json.dumps(body).encode(), "application/json"
        for _ in range(TRIES - 1):
            answer, wait = self._once(method, path, content, sent)
            if answer.status != HTTPStatus.SERVICE_UNAVAILABLE:
                return answer
            time.sleep(wait)
        return self._once(method, path, content, sent)[0]

    def _once(self, method: str, path: str, content: bytes | None, sent: Mapping[str, str]) -> tuple[Answer, int]:
        """The answer on a connection of its own, and after how many seconds to come back where it says so."""
        connection = http.client.HTTPConnection(self._host, self._port, timeout=PATIENCE)
        try:
            connection.request(method, f"/v1{path}", body=content, headers=sent)
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        said = json.loads(text) if text else None
        wait = int(answer.getheader("Retry-After", "1"))
        return Answer(f"{method} /v1{path}", answer.status, said, answer.getheader("Set-Cookie", "")), wait

    def browse(self, method: str, path: str, form: Mapping[str, str] | None = None, *, cookie: str = "") -> Answer:
        """A page, as a browser asks for it that nobody signed in with; the body is its text. It follows nobody."""
        sent = {
            "Accept": "text/html",
            "Accept-Language": self._language,
            "Sec-Fetch-Site": "same-origin",
            "Cookie": cookie,
        }
        if form is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPConnection(self._host, self._port, timeout=PATIENCE)
        try:
            connection.request(method, path, body=urlencode(form) if form is not None else None, headers=sent)
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        return Answer(f"{method} {path}", answer.status, text, answer.getheader("Set-Cookie", ""))


class User:
    """One person's program: what it asks carries that person's token."""

    def __init__(self, line: Line, token: str, *, actor_id: str, organization_id: str) -> None:
        self.actor_id, self.organization_id = actor_id, organization_id
        self._line, self._headers = line, {"Authorization": f"Bearer {token}"}

    def ask(self, method: str, path: str, body: Any = None, *, status: int = 200) -> Answer:
        """One request; Unexpected where the answer has another status."""
        answer = self._line.request(method, path, body, headers=self._headers)
        if answer.status != status:
            raise Unexpected(answer, status)
        return answer

    def get(self, path: str, *, status: int = 200) -> Answer:
        """Look at something."""
        return self.ask("GET", path, status=status)

    def post(self, path: str, body: Any = None, *, status: int = 200) -> Answer:
        """Do something."""
        return self.ask("POST", path, body, status=status)

    def put(self, path: str, body: Any = None, *, status: int = 200, seen: int | None = None) -> Answer:
        """Say something anew; `seen` is the version of it that one saw."""
        answer = self.tries("PUT", path, body, seen=seen)
        if answer.status != status:
            raise Unexpected(answer, status)
        return answer

    def browses(self, method: str, path: str, form: Mapping[str, str] | None = None, *, cookie: str = "") -> Answer:
        """A page, without this person's account."""
        return self._line.browse(method, path, form, cookie=cookie)

    def tries(self, method: str, path: str, body: Any = None, *, seen: int | None = None) -> Answer:
        """Try something that may be refused: the step looks at what came."""
        version = {} if seen is None else {"If-Match": f'"{seen}"'}
        return self._line.request(method, path, body, headers=self._headers | version)
