"""Prints, after a run, how many seconds each folder of the suite took, whichever worker ran it."""

from __future__ import annotations

from collections import Counter

import pytest

SECONDS: Counter[str] = Counter()
TESTS: Counter[str] = Counter()


def part_of(node: str) -> str:
    """The folder below `tests/` that a test lies in."""
    folders = node.partition("::")[0].split("/")[:-1]
    return "/".join(folders[:2]) or "."


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """With several workers, every report passes here, in the process that started them."""
    part = part_of(report.nodeid)
    SECONDS[part] += report.duration  # type: ignore[assignment]  # a Counter counts seconds as well
    TESTS[part] += report.when == "call"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """The slowest part first. Seconds are the tests' own: two workers spend two in each second of the clock."""
    if hasattr(config, "workerinput") or not SECONDS:
        return
    terminalreporter.section("time of each part")
    for part, seconds in SECONDS.most_common():
        terminalreporter.write_line(f"{seconds:8.1f} s  {part}  ({TESTS[part]} tests)")
