"""Timing several ways to the same thing side by side, so that a machine that slows down slows all of them."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

Q = TypeVar("Q")


@dataclass(frozen=True, slots=True)
class Figure:
    """Milliseconds of many calls: half were quicker than `p50`, nineteen of twenty quicker than `p95`."""

    p50: float
    p95: float
    calls: int

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Figure:
        """The figures of these calls."""
        ordered = sorted(seconds)
        last = len(ordered) - 1
        return cls(ordered[round(last * 0.5)] * 1000, ordered[round(last * 0.95)] * 1000, len(ordered))


async def interleaved(
    questions: Sequence[Q], ways: Mapping[str, Callable[[Q], Awaitable[object]]], *, rounds: int, warm: int = 1
) -> dict[str, Figure]:
    """Every question is put to every way in turn, and who comes first changes: A B A B, never all A and then all B.

    The first `warm` rounds are not counted: a JVM compiles what it runs often.
    """
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    names = list(ways)
    for round_ in range(-warm, rounds):
        for number, question in enumerate(questions):
            turn = number % len(names)
            for name in (*names[turn:], *names[:turn]):
                began = time.perf_counter()
                await ways[name](question)
                if round_ >= 0:
                    seconds[name].append(time.perf_counter() - began)
    return {name: Figure.of(found) for name, found in seconds.items()}
