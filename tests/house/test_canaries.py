"""The watch for canaries sees one wherever it flies, and stays quiet otherwise; with workers and without. (R-21)"""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from tests.canaries import MARKS, VARIABLE
from tests.house.tree import CHECKOUT, texts

INNER = """
import logging, os
import pytest
from starlette.responses import HTMLResponse, JSONResponse

MARK = os.environ["PLANTED"]

def test_log():
    logging.getLogger("enlace").debug("unexpected %s", {"name": MARK.upper()})

def test_problem():
    JSONResponse({"detail": MARK}, status_code=409)

def test_typed_again():
    HTMLResponse('<div class="summary" role="alert"><h2>No</h2></div><textarea>' + MARK + "</textarea>", status_code=422)

def test_quoted_by_what_says_no():
    HTMLResponse('<div class="summary" role="alert"><h2>No ' + MARK + "</h2></div>", status_code=403)

def test_said_on_the_page():
    HTMLResponse("<h1>Not found</h1><p>" + MARK + "</p>", status_code=404)

def test_granted():
    JSONResponse({"name": MARK}, status_code=200)

def test_printed(capfd):
    with capfd.disabled():
        pass
    print(MARK)

def test_engine(tmp_path_factory):
    folder = tmp_path_factory.mktemp("engine") / "log"
    folder.mkdir()
    (folder / "arcadedb.0").write_text("Duplicated key [" + MARK + "]")

def test_data(tmp_path):
    (tmp_path / "node").write_text(MARK)
"""


def run(folder: Path, *options: str, planted: str, watched: str) -> subprocess.CompletedProcess[str]:
    """A run of its own with this watch, in which `planted` is written and `watched` is looked for."""
    (folder / "test_inner.py").write_text(INNER, encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "ENLACE_"))}
    inner = kept | {"PYTHONPATH": str(CHECKOUT), "PLANTED": planted, VARIABLE: watched}
    line = [sys.executable, "-m", "pytest", "-q", "-c", os.devnull, "--rootdir", str(folder), "-p", "tests.watching"]
    base = ["--basetemp", str(folder / "base"), "-p", "no:cacheprovider", *options]
    return subprocess.run(
        [*line, *base, str(folder)], cwd=folder, env=inner, capture_output=True, text=True, timeout=120
    )


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_canary_in_a_log_a_problem_an_output_or_an_engines_log_fails_the_run(tmp_path: Path, workers: str) -> None:
    mark = f"planted-{uuid.uuid4().hex}"
    seen = run(tmp_path, "-n", workers, planted=mark, watched=mark)
    assert "9 passed" in seen.stdout, seen.stdout + seen.stderr
    assert seen.returncode == pytest.ExitCode.TESTS_FAILED
    for place in (
        "log record of enlace",
        "answer of 409",
        "answer of 404",
        "answer of 403",
        "captured stdout",
        "arcadedb.0",
    ):
        assert place in seen.stdout, seen.stdout
    for innocent in ("answer of 200", "answer of 422", "node", mark):
        assert innocent not in seen.stdout.partition("canaries: ")[2]


def test_a_run_without_canaries_is_left_alone(tmp_path: Path) -> None:
    seen = run(tmp_path, "-n", "0", planted="something else", watched=f"planted-{uuid.uuid4().hex}")
    assert seen.returncode == pytest.ExitCode.OK and "canaries" not in seen.stdout, seen.stdout + seen.stderr


def test_the_marks_are_those_that_tests_write() -> None:
    """A mark that no test writes would watch for nothing."""
    written = {mark for path, text in texts() for mark in MARKS if mark in text and path.stem != "canaries"}
    assert written == set(MARKS)
