"""`enlace import` and `enlace export`, as a person types them: exit codes, reports, quarantine, words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from api.cli import export, import_
from api.cli.conversation import Conversation
from api.cli.told import told, what
from api.settings import read_settings
from api.texts import LANGUAGES, catalogue
from graph.engine import serve
from graph.exchange.problem import Fault, Notice, Place, Problem, Refusal
from tests.exchange.networks import uuid
from tests.exchange.samples import service
from tests.store.directories import content, put

AREAS = "code,name,level,parent\nQA,País,0,\nQA01,Norte,1,QA\n"

pytestmark = pytest.mark.xdist_group("embedded")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data folder whose engine runs, so that each command need not start one."""
    folder = tmp_path_factory.mktemp("data of the office")
    with serve(folder):
        yield folder


def enlace(*arguments: object, data: Path, lang: str = "es") -> Result:
    app = typer.Typer()
    app.command("import")(import_.import_)
    app.command("export")(export.export)
    talk = Conversation(read_settings(data=data, lang=lang))
    return CliRunner().invoke(app, [str(argument) for argument in arguments], obj=talk, env={"COLUMNS": "200"})


def folder(path: Path, *rows: Any) -> Path:
    put(path / "services.json", list(rows))
    (path / "areas.csv").write_text(AREAS, encoding="utf-8")
    return path


def test_what_is_right_goes_in_and_a_second_time_changes_nothing(data: Path, tmp_path: Path) -> None:
    here = folder(tmp_path / "con espacio", service(1), service(2))
    first = enlace("import", here, data=data)
    assert (first.exit_code, "Todo entró." in first.stdout) == (0, True)
    again = enlace("import", here, data=data, lang="en")
    assert (again.exit_code, "Nothing changed" in again.stdout) == (0, True)
    assert "import." not in first.stdout + again.stdout, "no key without its text"
    assert "Servicios" in first.stderr, "progress is beside the answer"


def test_wrong_rows_are_kept_with_their_reasons_to_be_mended(data: Path, tmp_path: Path) -> None:
    here = folder(tmp_path / "in", service(10), service(11, status="open"))
    done = enlace("import", here, "--report", tmp_path / "report.json", data=data)
    assert done.exit_code == 3
    assert "services.json, línea 1 /1/status" in done.stdout
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert report["exit_code"] == 3
    assert report["counts"]["service"] == {"read": 2, "new": 1, "changed": 0, "unchanged": 0, "quarantined": 1}
    assert report["faults"] == {"unknown-code": 1}
    [fault] = report["quarantined"]
    assert (fault["id"], fault["row"], fault["line"], fault["pointer"]) == (uuid(11), 2, 1, "/1/status")
    assert fault["text"] == "«open» no es un código que se conozca (estados de servicio)."
    kept = Path(report["quarantine"])
    assert kept.parent == data / "quarantine"
    rows = json.loads(kept.read_text(encoding="utf-8"))
    assert rows["contents"][0]["quarantine"][0]["text"] == fault["text"]
    rows["contents"][0]["status"] = "active"
    put(kept, rows)
    mended = enlace("import", kept, data=data)
    assert (mended.exit_code, "Todo entró." in mended.stdout) == (0, True)


def test_a_rehearsal_writes_nothing_and_keeps_a_quarantine_only_when_asked(data: Path, tmp_path: Path) -> None:
    here = folder(tmp_path / "in", service(20), service(21, status="open"))
    before = set((data / "quarantine").glob("*")) if (data / "quarantine").exists() else set()
    told_ = enlace("import", here, "--dry-run", data=data)
    assert (told_.exit_code, "no se escribió nada" in told_.stdout) == (3, True)
    assert (set((data / "quarantine").glob("*")) if before else before) == before
    enlace("import", here, "--dry-run", "--quarantine", tmp_path / "q.json", data=data)
    assert len(json.loads((tmp_path / "q.json").read_text(encoding="utf-8"))["contents"]) == 1
    assert "nuevos" in enlace("import", here, "--dry-run", data=data).stdout


@pytest.mark.parametrize(
    ("content_", "code", "words"),
    [
        (b"[{", Refusal.TRUNCATED, "breaks off"),
        (None, Refusal.NOT_THERE, "does not exist"),
        (b"[" * 5000, Refusal.NESTED, "nested deeper than 200"),
        (b'["\xff"]', Refusal.ENCODING, "not UTF-8"),
    ],
)
def test_what_cannot_be_read_is_said_and_nothing_is_written(
    data: Path, tmp_path: Path, content_: bytes | None, code: Refusal, words: str
) -> None:
    path = tmp_path / "services.json"
    if content_ is not None:
        path.write_bytes(content_)
    done = enlace("import", path, "--report", tmp_path / "r.json", data=data, lang="en")
    assert done.exit_code == 2
    assert "Nothing was imported." in done.stderr
    assert words in done.stderr
    assert json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))["refused"]["code"] == code


def test_an_export_is_a_folder_a_file_or_a_stream_and_is_read_again(data: Path, tmp_path: Path) -> None:
    enlace("import", folder(tmp_path / "in", service(30)), data=data)
    for out in ("told", "told.json"):
        done = enlace("export", "--out", tmp_path / out, data=data)
        assert done.exit_code == 0
        again = enlace("import", tmp_path / out, data=data)
        assert (again.exit_code, "No cambió nada" in again.stdout) == (0, True)
    streamed = enlace("export", data=data)
    assert json.loads(streamed.stdout) == json.loads((tmp_path / "told.json").read_text(encoding="utf-8"))
    assert set(content(tmp_path / "told")) == {
        "areas.csv",
        "area-adjacency.csv",
        "organizations.json",
        "services.json",
        "mechanisms.json",
        "suspensions.json",
    }


def test_what_cannot_be_written_is_said(data: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    done = enlace("export", "--out", tmp_path / "file" / "below", data=data)
    assert done.exit_code == 2
    assert "No se puede escribir" in done.stderr


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_its_words(language: Any) -> None:
    wanted = [f"import.{code.value}" for code in (*Fault, *Notice)]
    wanted += [f"import.refused.{code.value}" for code in Refusal]
    assert [key for key in wanted if key not in catalogue(language)] == []


def test_words_without_all_their_places_are_still_said() -> None:
    assert what("unknown-code", {"value": "x"}, "en") == "“x” is not a known code (—)."
    problem = Problem(Fault.DANGLING, Place("s.json", "/0"), "service", "1", {"noun": "organization", "value": "o"})
    assert (
        told(problem, "en")["text"]
        == "It names organisation “o”, which is neither in the network nor in what is imported."
    )
