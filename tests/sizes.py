"""How long proofs run: the sizes of continuous integration, or with `--full` (or ENLACE_FULL=1) those of the goals.

A property test reads `worlds(...)` for its number of examples; the last full run stands dated in `docs/proofs.md`.
"""

from __future__ import annotations

import os
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
    usual = full if is_full() else ci if os.environ.get("CI") else ci // 5
    return int(os.environ.get("ENLACE_RACES", "0")) or usual
