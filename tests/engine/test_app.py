"""The one door of the commands: what is mistyped is said in a line, never as a stack of calls."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.cli.app import main
from api.cli.conversation import WRONG_INPUT


@pytest.mark.parametrize(
    "arguments",
    [
        ["frobnicate"],
        ["suggest", "--nope"],
        ["suggest", "--age", "abc"],
        ["suggest", "--limit"],
        ["up", "--port", "99999"],
        ["import"],
    ],
)
def test_what_is_mistyped_is_said_and_starts_nothing(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments, "--data", str(tmp_path)]) == WRONG_INPUT
    told = capsys.readouterr().err
    assert told and "Traceback" not in told and "python -m" not in told
    assert list(tmp_path.iterdir()) == []


def test_without_a_command_it_tells_which_there_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--data", str(tmp_path)]) == WRONG_INPUT
    told = "".join(capsys.readouterr())
    for command in ("up", "test", "suggest", "import", "export"):
        assert f" {command} " in told or f"{command}:" in told


def test_help_of_a_command_says_what_each_option_is_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["suggest", "--help"]) == 0
    told = capsys.readouterr().out
    assert "enlace suggest" in told
    assert "one answer per line" in " ".join(told.replace("│", " ").split())
