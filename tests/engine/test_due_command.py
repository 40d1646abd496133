"""`enlace due`, as an operator types it: what is due in words, and doing it once. (R-12)"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
import typer
from typer.testing import CliRunner, Result

from api.cli import due
from api.cli.conversation import WRONG_INPUT, Conversation
from api.settings import read_settings
from api.texts import catalogue
from graph.engine import serve
from graph.model.base import Language
from graph.model.timer import Job, Rung, Timer
from graph.server import Server
from graph.store import timers
from graph.store.migrate import migrate
from graph.store.network import Network

pytestmark = pytest.mark.xdist_group("embedded")

NUMBER: Final = "ZZCANARYZZ"
"""Of a case that is not there any more: it must not be printed."""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    here = tmp_path_factory.mktemp("data")
    with serve(here) as server:
        asyncio.run(_set(server))
        yield here


async def _set(server: Server) -> None:
    at = datetime.now(UTC) - timedelta(hours=1)
    late = Timer(
        id="r-1-decide", job=Job.REMIND, subject_id="r-1", case_id=NUMBER, due_at=at, rung=Rung.LEAD, clock="decide"
    )
    soon = Timer(id="r-2-hold", job=Job.HOLD_END, subject_id="r-2", case_id=NUMBER, due_at=at + timedelta(days=2))
    far = Timer(id="r-3-hold", job=Job.HOLD_END, subject_id="r-3", case_id=NUMBER, due_at=at + timedelta(days=20))
    async with Network.open(server) as network:
        await migrate(network)
        await network.write(timers.set_, [late, soon, far], deadline=60.0)


def enlace(*arguments: str, data: Path, lang: str = "es", **more: Any) -> Result:
    app = typer.Typer()
    app.command("due")(due.due)
    app.callback()(lambda: None)
    with pytest.MonkeyPatch.context() as wide:
        wide.setenv("COLUMNS", "200")
        talk = Conversation(read_settings(data=data, lang=lang, **more))
        return CliRunner().invoke(app, ["due", *arguments], obj=talk)


@pytest.mark.parametrize("language", ["es", "en"])
def test_every_job_and_rung_has_words(language: Language) -> None:
    keys = [f"clocks.due.job.{job}" for job in Job] + [f"clocks.due.rung.{rung}" for rung in Rung]
    assert [key for key in keys if key not in catalogue(language)] == []


def test_what_is_due_is_shown_by_words_and_done_once(data: Path, tmp_path: Path) -> None:
    done = enlace("--json", data=data)
    assert done.exit_code == 0, done.output
    rows = json.loads(done.stdout)
    assert [(r["job"], r["clock"], r["rung"], r["late"]) for r in rows] == [
        ("remind", "decide", "lead", True),
        ("hold-end", None, None, False),
    ]
    spanish, english = enlace(data=data), enlace(data=data, lang="en")
    assert "avisar a la organización coordinadora: que se decida" in spanish.stdout and "(vencido)" in spanish.stdout
    assert "tell the lead organisation: a decision" in english.stdout and "(late)" in english.stdout
    assert NUMBER not in done.output + spanish.output + english.output
    without = enlace("--run", data=data)
    assert without.exit_code == WRONG_INPUT and "ENLACE_KEYS" in without.output
    ran = enlace("--run", "--json", data=data, keys=tmp_path / "keys")
    assert json.loads(ran.stdout) == {"done": {"remind:gone": 1, "reading-watch:done": 1}}
    again = enlace("--run", data=data, keys=tmp_path / "keys", lang="en")
    assert "nothing to do" in again.stdout
    assert {r["job"] for r in json.loads(enlace("--json", data=data).stdout)} == {"hold-end", "reading-watch"}
