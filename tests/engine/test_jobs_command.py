"""`enlace jobs`, as a person or a program types it: the table, JSON, and what is wrong with a question. (R-36)"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from api.cli import import_, jobs
from api.cli.conversation import WRONG_INPUT, Conversation
from api.settings import read_settings
from graph.engine import serve
from tests.job_market import folder

pytestmark = pytest.mark.xdist_group("embedded")

MASON = ["jobs", "-a", "GT0901", "--worked", "711:60", "-s", "bricklaying", "-i", "721", "--schedule", "full-time"]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data folder with the job market in it, whose engine runs."""
    here = tmp_path_factory.mktemp("data of the labour office")
    with serve(here):
        files = folder(tmp_path_factory.mktemp("files"), at=datetime.now(UTC))
        assert enlace("import", str(files), data=here).exit_code == 0
        yield here


def enlace(*arguments: str, data: Path, lang: str = "es") -> Result:
    app = typer.Typer()
    app.command("jobs")(jobs.jobs)
    app.command("import")(import_.import_)
    with pytest.MonkeyPatch.context() as wide:
        wide.setenv("COLUMNS", "200")  # a terminal's width, read where the conversation begins
        talk = Conversation(read_settings(data=data, lang=lang))
        return CliRunner().invoke(app, list(arguments), obj=talk)


def told(*arguments: str, data: Path) -> dict[str, Any]:
    done = enlace(*arguments, "--json", data=data)
    assert done.exit_code == 0, done.output
    (line,) = done.stdout.splitlines()
    found: dict[str, Any] = json.loads(line)
    return found


def test_a_profile_is_answered_as_tables_in_both_languages(data: Path) -> None:
    spanish, english = enlace(*MASON, data=data), enlace(*MASON, data=data, lang="en")
    assert (spanish.exit_code, english.exit_code) == (0, 0)
    for words in ("Plazas que encajan (1)", "Servicio j-mason", "Soldadura de arco", "Servicio c-welding", "2 libres"):
        assert words in spanish.stdout, words
    assert "Openings that fit (1)" in english.stdout and "Arc welding" in english.stdout
    assert "jobs." not in spanish.stdout + english.stdout, "no key without its text"


def test_as_json_it_is_one_line_with_what_is_missing_and_the_way_there(data: Path) -> None:
    answer = told(*MASON, data=data)
    assert [one["service"]["id"] for one in answer["suggested"]] == ["j-mason"]
    assert [one["skill"]["code"] for one in answer["to_learn"]] == ["welding", "reading-plans"]
    assert [way["opens"] for way in answer["pathways"]] == [["j-welder"]]


def test_several_areas_are_several_places_to_look(data: Path) -> None:
    here = told(*MASON, data=data)
    both = told(*MASON, "-a", "GT1801", data=data)
    assert here["counts"]["suggested"] + 1 == both["counts"]["suggested"]


def test_none_is_not_the_same_as_not_told(data: Path) -> None:
    silent = told("jobs", "-a", "GT0901", data=data)
    assert silent["to_learn"] == [] and silent["counts"]["suggested"] == 2, "everything is a question"
    unskilled = told("jobs", "-a", "GT0901", "-s", "none", data=data)
    assert {one["skill"]["code"] for one in unskilled["to_learn"]} == {"bricklaying", "welding", "reading-plans"}


@pytest.mark.parametrize(
    ("arguments", "pointer"),
    [
        (["-a", "GT0901", "-s", "weldin"], "/skills/0"),
        (["-a", "GT0901", "--worked", "711:many"], "/worked/0/months"),
        (["-a", "GT0901", "--worked", "799"], "/worked/0/occupation"),
        (["-a", "GT0901", "-a", "XX"], "/areas/1"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(data: Path, arguments: list[str], pointer: str) -> None:
    done = enlace("jobs", *arguments, data=data)
    assert done.exit_code == WRONG_INPUT and pointer in done.stderr


def test_without_an_area_it_says_how_to_ask(data: Path) -> None:
    done = enlace("jobs", "-s", "welding", data=data)
    assert done.exit_code == WRONG_INPUT and "--area" in done.stderr
