"""A line that can be told to lie: it passes on what the server says, except for the answers that a lie is about."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from api.cli.story.line import Answer, Line

Twist = Callable[[Answer], Answer]


@dataclass(frozen=True)
class Lie:
    """In which step, about which requests, what is said instead, and which checks must no longer hold."""

    step: str
    about: str
    twist: Twist
    seen_by: str
    seen_too: frozenset[str] = frozenset()


class Liar(Line):
    """The way to the server, and a lie on it where one was told."""

    def __init__(self, line: Line) -> None:
        self.__dict__.update(line.__dict__)
        self.lie: Lie | None = None
        self.told = 0

    def request(self, method: str, path: str, body: Any = None, *, headers: Mapping[str, str] | None = None) -> Answer:
        return self._told(method, path, super().request(method, path, body, headers=headers))

    def browse(self, method: str, path: str, form: Mapping[str, str] | None = None, *, cookie: str = "") -> Answer:
        return self._told(method, path, super().browse(method, path, form, cookie=cookie))

    def _told(self, method: str, path: str, answer: Answer) -> Answer:
        if self.lie is None or not re.search(self.lie.about, f"{method} {path.partition('?')[0]}"):
            return answer
        twisted = self.lie.twist(copy.deepcopy(answer))
        self.told += twisted != answer
        return twisted


def let_in(status: int = 404, to: int = 200) -> Twist:
    """What was refused with this status is answered as if it were allowed."""
    return lambda answer: replace(answer, status=to) if answer.status == status else answer


def of_body(change: Callable[[Any], object], *, refused: bool = False) -> Twist:
    """Another body, where the answer was a yes (or, `refused`, a 409)."""

    def twist(answer: Answer) -> Answer:
        if answer.status < 400 or (refused and answer.status == 409):
            changed = change(answer.body)
            return answer if changed is None else replace(answer, body=changed)
        return answer

    return twist


def with_(**members: Any) -> Twist:
    """A yes with other members."""
    return of_body(lambda body: body | members)


def entries(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Twist:
    """A log whose entries say something else."""
    return of_body(lambda page: page | {"entries": [e | {"body": change(e["body"])} for e in page["entries"]]})


def each(**members: Any) -> Twist:
    """A list whose rows have other members."""
    return of_body(lambda rows: [row | members for row in rows])
