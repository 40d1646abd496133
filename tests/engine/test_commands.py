"""`enlace migrate` and `enlace engine check`, as an operator types them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from api.cli import engine, migrate
from api.cli.app import app as whole
from api.cli.conversation import Conversation
from api.settings import read_settings
from graph.conformance.finding import Load, Verdict
from graph.conformance.suite import CHECKS
from graph.engine import Server, serve
from graph.store.migrate import schema_steps, vocabulary_steps

TINY = Load(callers=4, rounds=2, writes=20, commits=5)
"""The commands are what is tested here; how hard the checks try is tested in tests/store/test_conformance.py."""


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "QUICK", TINY)
    monkeypatch.setenv("COLUMNS", "160")


def enlace(*arguments: str, data: Path, lang: str = "es", **settings: Any) -> Result:
    app = typer.Typer()
    app.command("migrate")(migrate.migrate)
    app.add_typer(engine.app, name="engine")
    talk = Conversation(read_settings(data=data, lang=lang, **settings))
    return CliRunner().invoke(app, list(arguments), obj=talk)


def test_every_option_of_every_command_says_what_it_is_for() -> None:
    def silent(command: Any, name: str) -> list[str]:
        here = [f"{name} {one.opts[0]}" for one in command.params if not getattr(one, "help", "")]
        return here + [w for n, c in getattr(command, "commands", {}).items() for w in silent(c, f"{name} {n}")]

    assert silent(typer.main.get_command(whole), "enlace") == []


@pytest.mark.xdist_group("embedded")
def test_migrate_tells_does_and_is_done(tmp_path: Path) -> None:
    count = len(schema_steps()) + len(vocabulary_steps())
    with serve(tmp_path):  # one engine for all three
        told = enlace("migrate", "--dry-run", data=tmp_path)
        done = enlace("migrate", "--json", data=tmp_path)
        again = enlace("migrate", data=tmp_path, lang="en")
    assert (told.exit_code, f"{count} pasos (nada se ha tocado)" in told.stdout) == (0, True)
    assert len(json.loads(done.stdout)["steps"]) == count
    assert "up to date" in again.stdout


@pytest.mark.xdist_group("embedded")
def test_engine_check_answers_as_a_table_and_as_json(tmp_path: Path) -> None:
    with serve(tmp_path):  # one engine for both
        table = enlace("engine", "check", "--quick", data=tmp_path)
        told = enlace("engine", "check", "--quick", "--json", data=tmp_path)
    assert (table.exit_code, told.exit_code) == (0, 0)
    assert "Nada sale después de confirmado un retiro" in table.stdout
    assert "engine-check." not in table.stdout  # no key without its text
    findings = json.loads(told.stdout)["findings"]
    assert [finding["check"] for finding in findings] == [name for name, _ in CHECKS]
    assert {finding["verdict"] for finding in findings} <= {Verdict.HELD, Verdict.UNSEEN}


def test_engine_check_of_a_named_server(server: Server, tmp_path: Path) -> None:
    settings = {"neo4j_username": server.user, "neo4j_password": server.password}
    told = enlace("engine", "check", "--quick", "--json", "--uri", server.uri, data=tmp_path, **settings)
    assert told.exit_code == 0, told.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_engine_problem_is_said_in_the_readers_language(tmp_path: Path) -> None:
    told = enlace("engine", "check", "--uri", "bolt://graph.example.org", data=tmp_path)
    assert told.exit_code != 0
    assert "iría sin cifrar" in told.stderr
    told = enlace("engine", "check", "--uri", "bolt://graph.example.org", data=tmp_path, lang="en")
    assert "would not be encrypted" in told.stderr
