"""`enlace suggest`, as a person or a program types it: the table, JSON, and a file of needs at once. (R-05)"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from api.cli import import_, suggest
from api.cli.conversation import WRONG_INPUT, Conversation
from api.settings import read_settings
from graph.engine import serve
from graph.store.network import Network, Tx
from tests.small_network import FIT, folder

pytestmark = pytest.mark.xdist_group("embedded")

RENT = {"service_type": "social.housing.rent", "area": "GT0901"}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data folder with the small network in it, whose engine runs."""
    here = tmp_path_factory.mktemp("data of the office")
    with serve(here):
        files = folder(tmp_path_factory.mktemp("files"), at=datetime.now(UTC))
        assert enlace("import", str(files), data=here).exit_code == 0
        yield here


def enlace(*arguments: str, data: Path, lang: str = "es", stdin: bytes | None = None) -> Result:
    app = typer.Typer()
    app.command("suggest")(suggest.suggest)
    app.command("import")(import_.import_)
    with pytest.MonkeyPatch.context() as wide:
        wide.setenv("COLUMNS", "200")  # a terminal's width, read where the conversation begins
        talk = Conversation(read_settings(data=data, lang=lang))
        return CliRunner().invoke(app, list(arguments), obj=talk, input=stdin)


def batch(*lines: bytes | dict[str, Any], data: Path, lang: str = "es") -> tuple[int, list[dict[str, Any]]]:
    """Exit code and answers to these lines, read from standard input."""
    sent = b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
    done = enlace("suggest", "--batch", "-", data=data, lang=lang, stdin=sent)
    return done.exit_code, [json.loads(line) for line in done.stdout.splitlines()]


def suggested(answer: dict[str, Any]) -> list[str]:
    return [one["service"]["id"] for one in answer["suggested"]]


def test_a_need_is_answered_as_a_table_in_both_languages(data: Path) -> None:
    asked = ["suggest", "--type", "social.housing", "--area", "GT0901", "--gender", "male"]
    spanish, english = enlace(*asked, data=data), enlace(*asked, data=data, lang="en")
    assert (spanish.exit_code, english.exit_code) == (0, 0)
    assert "Tres meses de alquiler" in spanish.stdout
    assert "Three months of rent" in english.stdout
    assert "Casa de acogida para mujeres" in spanish.stdout, "a near miss: only the gender stands in the way"
    assert "suggest." not in spanish.stdout + english.stdout, "no key without its text"


def test_as_json_it_is_one_line(data: Path) -> None:
    done = enlace("suggest", "--json", "-t", "social.housing.rent", "-a", "GT0901", data=data)
    (line,) = done.stdout.splitlines()
    assert suggested(json.loads(line)) == ["s-rent"]


def test_several_needs_are_answered_together(data: Path) -> None:
    types = ["-t", "social.housing.rent", "-t", "psychosocial.counselling"]
    told = json.loads(enlace("suggest", "--json", *types, "-a", "GT0901", data=data).stdout)
    assert told["shared"] == [
        {"organization": {"id": "o-desk", "name": "Ventanilla Municipal de Retorno (demo)"}, "needs": [0, 1]}
    ]
    assert told["untouched"] == ["economic"]
    shown = enlace("suggest", *types, "-a", "GT0901", data=data).stdout
    assert "Ventanilla Municipal de Retorno (demo)" in shown


def test_a_word_none_says_that_there_are_none(data: Path) -> None:
    asked = ["suggest", "--json", "-t", "social.documents.identity", "-a", "GT0901"]
    unknown = json.loads(enlace(*asked, data=data).stdout)
    none = json.loads(enlace(*asked, "--document", "none", data=data).stdout)
    assert suggested(unknown) == ["s-identity"]
    assert suggested(none) == []
    assert [step["service_type"] for step in none["pathways"][0]["steps"]] == ["social.documents.birth-registration"]


def test_what_is_wrong_is_said_with_its_place(data: Path) -> None:
    done = enlace("suggest", "-t", "social.houssing", "-a", "GT0901", data=data)
    assert done.exit_code == WRONG_INPUT
    assert "/service_type" in done.stderr and "social.housing" in done.stderr
    done = enlace("suggest", "-t", "social.housing", "-a", "GT77", data=data)
    assert (done.exit_code, "/area" in done.stderr) == (WRONG_INPUT, True)
    assert enlace("suggest", data=data).exit_code == WRONG_INPUT


def test_a_file_is_answered_line_by_line_in_its_order(data: Path) -> None:
    needs = [
        RENT | FIT,
        RENT | {"area": "HN0801"},
        {"service_type": "psychosocial", "area": "GT0901", "limit": None},
        RENT | {"limit": 0},
    ]
    code, answers = batch(*needs, data=data)
    assert code == 0
    assert [suggested(answer) for answer in answers] == [["s-rent"], [], ["s-counsel"], []]
    assert answers[3]["counts"]["suggested"] == 1


def test_a_wrong_line_is_answered_in_its_place_and_the_others_as_ever(data: Path) -> None:
    code, answers = batch(
        RENT,
        b"no json",
        b"",
        b'{"area": "\xff"}',
        RENT | {"area": "GT77"},
        RENT | {"surprise": 1},
        b'{"x": "' + b"a" * (2 * suggest.LONGEST_LINE) + b'"}',
        RENT,
        data=data,
    )
    assert code == WRONG_INPUT
    told = [a["error"]["errors"][0]["code"] if "error" in a else suggested(a) for a in answers]
    assert told == [
        ["s-rent"],
        "query.not-json",
        "query.not-json",
        "query.unknown-area",
        "query.unknown-key",
        "query.not-json",
        ["s-rent"],
    ], "a blank line asks nothing; one without end is one line"


def test_a_file_that_is_not_there_is_said(data: Path) -> None:
    done = enlace("suggest", "--batch", "nowhere.jsonl", data=data)
    assert (done.exit_code, "nowhere.jsonl" in done.stderr) == (WRONG_INPUT, True)


def test_asking_here_counts_only_when_it_is_said(data: Path) -> None:
    """Planning and tests ask thousands of questions: none of them is anyone's need. (R-07)"""
    nobody = json.dumps({"service_type": "social.legal", "area": "GT0901"}).encode()
    for option, more in (([], 0), (["--count"], 1)):
        before = demand(data)
        assert enlace("suggest", "--batch", "-", *option, data=data, stdin=nobody).exit_code == 0
        assert demand(data) == before + more


def demand(data: Path) -> int:
    """How many needs are counted as unmet."""

    async def count(network: Network) -> int:
        async def read(tx: Tx) -> int:
            record = await (await tx.run("MATCH (d:Demand) RETURN count(d) AS n")).single()
            assert record is not None
            return int(record["n"])

        return await network.read(read)

    return Conversation(read_settings(data=data)).with_network(count)
