"""Watches a whole run for canaries in logs, problems, printed output, logs and spans of engines; fails it if one is seen.

Each worker watches for itself, in a folder of its own, so any number of runs can go on at once. An engine whose folder
does not outlive it is looked at before it goes: `WATCH.look_in`. There are no spans yet: a file of that name is read.
"""

from __future__ import annotations

import logging
from typing import Any, Final

import pytest
from starlette.responses import Response

from tests.canaries import WATCH

OUR_LOGS: Final = ("enlace",)
"""Heard from the lowest level on; all others as the product sets them."""


def pytest_configure() -> None:
    """Listen to every log, and to every answer that is made in this process."""
    logging.getLogger().addHandler(WATCH)
    for name in OUR_LOGS:
        logging.getLogger(name).setLevel(logging.DEBUG)
    made = Response.__init__

    def made_and_seen(self: Response, *args: Any, **kwargs: Any) -> None:
        made(self, *args, **kwargs)
        WATCH.answered(self)

    Response.__init__ = made_and_seen  # type: ignore[method-assign]  # the one place where every answer comes by


@pytest.fixture(scope="session", autouse=True)
def watched(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Remember where this run, or this worker of it, keeps its files."""
    WATCH.base = tmp_path_factory.getbasetemp()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """What a test printed, and what of it nobody captured elsewhere."""
    for name, text in report.sections:
        if "stdout" in name or "stderr" in name:
            WATCH.note(name.lower(), text)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Look through the files; a worker hands what it saw to whoever started it, who fails the run."""
    if WATCH.base is not None:
        WATCH.look_in(WATCH.base)
    output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["canaries"] = sorted(set(WATCH.seen))
    elif WATCH.seen:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """A worker has ended."""
    WATCH.seen += getattr(node, "workeroutput", {}).get("canaries", [])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Where canaries were seen; silence is good."""
    if WATCH.seen and not hasattr(config, "workerinput"):
        terminalreporter.section("canaries: values of a person where none may stand", red=True)
        for place in sorted(set(WATCH.seen)):
            terminalreporter.write_line(place, red=True)
