"""The tools agree: ruff (rules and form), mypy in its strict mode, and the directions of imports."""

from __future__ import annotations

import subprocess
import sys

from tests.house.tree import CHECKOUT


def run(*arguments: str) -> None:
    done = subprocess.run([sys.executable, *arguments], cwd=CHECKOUT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_ruff_finds_nothing() -> None:
    run("-m", "ruff", "check", "--output-format=concise")


def test_every_file_has_the_form_that_ruff_gives_it() -> None:
    run("-m", "ruff", "format", "--check", "--output-format=concise")


def test_types_are_strict_everywhere() -> None:
    run("-m", "mypy", "--no-error-summary")


def test_imports_point_one_way() -> None:
    run("-c", "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))")
