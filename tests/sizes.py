"""How long proofs run: the sizes of continuous integration, or with `--full` (or ENLACE_FULL=1) those of the goals.

A property test reads `worlds(...)` for its number of examples; the last full run stands dated in `docs/proofs.md`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Final

import pytest
from hypothesis import HealthCheck, settings

VARIABLE: Final = "ENLACE_FULL"


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--full`, for the nightly run."""
    parser.addoption("--full", action="store_true", help="run proofs in the sizes of the goals: takes long")


def pytest_configure(config: pytest.Config) -> None:
    """Generated worlds have no deadline: the machine is shared, and a slow example is no failure."""
    if config.getoption("--full"):
        os.environ[VARIABLE] = "1"  # workers inherit it
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    settings.register_profile("enlace", deadline=None, suppress_health_check=slow, print_blob=True)
    settings.load_profile("enlace")


def is_full() -> bool:
    """Whether the sizes of the goals were asked for."""
    return os.environ.get(VARIABLE, "") not in ("", "0")


def worlds(ci: int, full: int) -> settings:
    """The number of generated examples: the first always, the second with `--full`."""
    return settings(max_examples=full if is_full() else ci)


def races(ci: int, full: int) -> int:
    """The number of races of a proof, per engine: a fifth on a desk; ENLACE_RACES, where it is set, comes first."""
    return _times("ENLACE_RACES", ci, full)


def kills(ci: int, full: int) -> int:
    """How often an engine is killed: a fifth on a desk; ENLACE_KILLS, where it is set, comes first."""
    return _times("ENLACE_KILLS", ci, full)


def writes(ci: int, full: int) -> int:
    """How many writes go over a wire that is cut: a fifth on a desk; ENLACE_WRITES, where it is set, comes first."""
    return _times("ENLACE_WRITES", ci, full)


def reservations(ci: int, full: int) -> int:
    """How many places are asked for in a crowd: a fifth on a desk; ENLACE_RESERVATIONS, where it is set, comes first."""
    return _times("ENLACE_RESERVATIONS", ci, full)


def _times(variable: str, ci: int, full: int) -> int:
    usual = full if is_full() else ci if os.environ.get("CI") else max(1, ci // 5)
    return int(os.environ.get(variable, "0")) or usual


@pytest.fixture
def measured(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Called with one line of what a proof counted: it is printed after the run, for `docs/proofs.md`."""
    return lambda line: request.node.user_properties.append(("measured", f"{request.node.name}: {line}"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """With several workers, every report comes together here, in the process that started them."""
    reports = [r for found in terminalreporter.stats.values() for r in found if isinstance(r, pytest.TestReport)]
    lines = [str(text) for report in reports for name, text in report.user_properties if name == "measured"]
    if lines:
        terminalreporter.section("what proofs counted")
        for line in dict.fromkeys(lines):
            terminalreporter.write_line(line)
