"""What a check found, and how hard it tries."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from graph.server import Server
from graph.store.network import Network


class Verdict(StrEnum):
    """Whether the server keeps what we rely on."""

    HELD = "held"
    BROKEN = "broken"
    UNSEEN = "unseen"
    """It could not be looked at from here; `reason` says why."""


@dataclass(frozen=True, slots=True)
class Load:
    """How hard to try. The numbers are for a proof in minutes; tests take less, a nightly run may take more."""

    callers: int = 24
    rounds: int = 25
    writes: int = 300
    commits: int = 100


@dataclass(frozen=True, slots=True)
class Bench:
    """The server under proof, over two connections that know nothing of each other."""

    server: Server
    one: Network
    two: Network
    load: Load
    run: str
    """Tells the nodes of this run from those of another one."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found. `facts` are the numbers behind the verdict; names and reasons are codes."""

    check: str
    verdict: Verdict
    facts: Mapping[str, int | float | str] = field(default_factory=dict)
    reason: str | None = None
    seconds: float = 0.0


Check: TypeAlias = Callable[[Bench], Awaitable[Finding]]


def of_race(check: str, *, with_lock: int, without_lock: int, **facts: float) -> Finding:
    """A race is won when the lock holds it and its absence is seen to lose it: a race nobody can lose proves nothing."""
    found = {"with_lock": with_lock, "without_lock": without_lock, **facts}
    if with_lock:
        return Finding(check, Verdict.BROKEN, found, "broken-with-lock")
    if not without_lock:
        return Finding(check, Verdict.UNSEEN, found, "not-provoked")
    return Finding(check, Verdict.HELD, found)
