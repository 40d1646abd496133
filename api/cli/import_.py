"""`enlace import`: a folder or file into the directory, with a report that says of every row what became of it. (R-02)

Exit codes: 0 everything went in; 2 it cannot be read and nothing was written; 3 some rows are in quarantine;
4 it stopped halfway because too many rows are wrong; 69 no engine; 70 the engine failed; 130 interrupted.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from api.actions import directory
from api.actions.directory import Report
from api.cli.conversation import WRONG_INPUT, Conversation, of
from api.cli.told import refused, told, what, where
from graph.exchange.problem import Fault, Notice, Problem, Refused, shown
from graph.exchange.quarantine import Quarantine
from graph.exchange.sources import find
from graph.store.network import Network

IN_QUARANTINE: Final = 3
STOPPED: Final = 4
SHOWN: Final = 20
SHOWN_OF_KIND: Final = 3

NOUNS: Final = (
    "area",
    "organization",
    "mechanism",
    "agreement",
    "program",
    "service",
    "location",
    "sop",
    "capacity",
    "suspension",
)


def import_(
    context: typer.Context,
    path: Annotated[Path, typer.Argument(help="carpeta o archivo / folder or file", metavar="PATH")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="solo ensayar / only rehearse")] = False,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="FILE.json", help="el informe como JSON / the report as JSON")
    ] = None,
    quarantine: Annotated[
        Path | None,
        typer.Option(
            "--quarantine", metavar="FILE.json", help="dónde quedan las filas apartadas / where rows set aside are kept"
        ),
    ] = None,
) -> None:
    """Import services, organisations and places. / Importa servicios, organizaciones y lugares."""
    talk = of(context)
    at = datetime.now(UTC)
    with Quarantine() as aside:
        try:
            find(path)  # what cannot be read is said before an engine is started
            found = _run(talk, path, aside, at=at, dry_run=dry_run)
        except Refused as problem:
            if report is not None:
                _write(talk, report, _refusal(talk, problem))
            place = where(problem.place, talk.language)
            talk.stop("import.refused", place=place, what=refused(problem, talk.language))
        kept = _keep(talk, path, aside, quarantine, at=at, dry_run=dry_run)
        code = STOPPED if found.stopped else 0 if found.is_clean else IN_QUARANTINE
        if report is not None:
            _write(talk, report, as_json(talk, found, code, kept))
        _show(talk, found, aside, kept)
    raise typer.Exit(code)


def _run(talk: Conversation, path: Path, aside: Quarantine, *, at: datetime, dry_run: bool) -> Report:
    async def work(network: Network) -> Report:
        with progress_of(talk) as progress:
            return await directory.import_(network, path, at=at, dry_run=dry_run, quarantine=aside, progress=progress)

    return talk.with_network(work)


@contextmanager
def progress_of(talk: Conversation) -> Iterator[directory.Progress]:
    """A bar per stage on a terminal, a line per stage elsewhere."""
    if not talk.err.is_terminal:
        seen: set[str] = set()

        def line(stage: str, done: int, of: int) -> None:
            if stage not in seen:
                seen.add(stage)
                talk.note(f"import.stage.{stage}")

        yield line
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=talk.err, transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def bar(stage: str, done: int, of: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(talk.words(f"import.stage.{stage}"), total=of)
            bars.update(tasks[stage], completed=done, total=of)

        yield bar


def _keep(
    talk: Conversation, path: Path, aside: Quarantine, wished: Path | None, *, at: datetime, dry_run: bool
) -> Path | None:
    """Where the rows that were set aside are kept: the file asked for, else one of the data folder."""
    if not aside.rows or (dry_run and wished is None):
        return None
    name = f"{at:%Y%m%dT%H%M%SZ}-{path.resolve().stem}.json"
    kept = wished or talk.settings.data / "quarantine" / name
    head = {"quarantined_at": at.isoformat(), "source": path.name}
    try:
        aside.write(kept, head=head, say=lambda r: what(r["code"], r["places"], talk.language))
    except OSError as error:
        talk.stop("import.cannot-write", path=kept, reason=error.strerror or "", code=WRONG_INPUT)
    return kept


def as_json(talk: Conversation, found: Report, code: int, kept: Path | None) -> dict[str, Any]:
    """The whole report as one value."""
    language = talk.language
    return {
        "exit_code": code,
        "dry_run": found.dry_run,
        "files": list(found.files),
        "counts": {
            noun: {
                "read": found.read[noun],
                "new": found.new[noun],
                "changed": found.changed[noun],
                "unchanged": found.unchanged[noun],
                "quarantined": found.set_aside[noun],
            }
            for noun in NOUNS
            if any(c[noun] for c in (found.read, found.new, found.changed, found.unchanged, found.set_aside))
        },
        "changes": [{"noun": c.noun, "id": c.id, "fields": list(c.fields)} for c in found.changes],
        "faults": {fault.value: count for fault, count in sorted(found.faults.items())},
        "quarantined": [told(problem, language) for problem in found.problems],
        "notices": {notice.value: count for notice, count in sorted(found.noticed.items())},
        "noticed": [told(problem, language) for problem in found.notices],
        "stopped": refused(found.stopped, language) if found.stopped else None,
        "quarantine": str(kept) if kept else None,
    }


def _refusal(talk: Conversation, problem: Refused) -> dict[str, Any]:
    place = problem.place
    return {
        "exit_code": WRONG_INPUT,
        "refused": {
            "code": problem.code.value,
            "file": place.file,
            "row": place.row,
            "line": place.line,
            "text": refused(problem, talk.language),
        },
    }


def _write(talk: Conversation, path: Path, value: Any) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch = path.with_name(f".{path.name}.{os.getpid()}")
        scratch.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        scratch.replace(path)
    except OSError as error:
        talk.stop("import.cannot-write", path=path, reason=error.strerror or "", code=WRONG_INPUT)


# -- on the screen ---------------------------------------------------------------------------------------------------


def _show(talk: Conversation, found: Report, aside: Quarantine, kept: Path | None) -> None:
    _say(talk, "import.summary.read", files=", ".join(found.files))
    if found.dry_run:
        _say(talk, "import.summary.dry-run")
    talk.out.print(_table(talk, found))
    _show_changes(talk, found)
    _show_faults(talk, found)
    _show_notices(talk, found)
    if found.stopped is not None:
        _say(talk, "import.stopped", what=refused(found.stopped, talk.language))
    if found.is_clean:
        _say(talk, "import.summary.same" if found.wrote_nothing else "import.summary.clean")
    else:
        key = "import.summary.aside-stopped" if found.stopped else "import.summary.aside"
        _say(talk, key, count=found.set_aside.total())
    if kept is not None:
        _say(talk, "import.summary.kept", path=kept)
    if aside.left_out:
        _say(talk, "import.summary.left-out", count=aside.left_out)


def _table(talk: Conversation, found: Report) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column(talk.words("import.table.noun"))
    for column in ("new", "changed", "unchanged", "aside"):
        table.add_column(talk.words(f"import.table.{column}"), justify="right")
    for noun in NOUNS:
        counts = [c[noun] for c in (found.new, found.changed, found.unchanged, found.set_aside)]
        if any(counts):
            table.add_row(talk.words(f"import.nouns.{noun}"), *(str(count) for count in counts))
    return table


def _show_changes(talk: Conversation, found: Report) -> None:
    if not found.changes:
        return
    _heading(talk, "import.heading.changes")
    for change in found.changes[:SHOWN]:
        noun = talk.words(f"import.noun.{change.noun}")
        _line(talk, f"  {noun} {change.id}: {', '.join(change.fields)}")
    _more(talk, found.changed.total() - SHOWN)


def _show_faults(talk: Conversation, found: Report) -> None:
    if not found.problems:
        return
    _heading(talk, "import.heading.faults")
    for problem in found.problems[:SHOWN]:
        _problem(talk, problem, "  ")
    _more(talk, found.faults.total() - SHOWN)


def _show_notices(talk: Conversation, found: Report) -> None:
    if not found.notices:
        return
    _heading(talk, "import.heading.notices")
    for notice in Notice:
        here = [problem for problem in found.notices if problem.code is notice]
        for problem in here[:SHOWN_OF_KIND]:
            _problem(talk, problem, "  ")
        if here:
            _more(talk, found.noticed[notice] - SHOWN_OF_KIND)


def _problem(talk: Conversation, problem: Problem, indent: str) -> None:
    words = what(problem.code.value, problem.places, talk.language)
    subject = ""
    if isinstance(problem.code, Fault):
        subject = f"{talk.words(f'import.noun.{problem.noun}')} {shown(problem.id or '?')}: "
    _line(talk, f"{indent}{where(problem.place, talk.language)}: {subject}{words}")


def _say(talk: Conversation, key: str, **places: Any) -> None:
    _line(talk, talk.words(key, **places))


def _heading(talk: Conversation, key: str) -> None:
    talk.out.print("\n" + talk.words(key), style="bold", markup=False, highlight=False)


def _more(talk: Conversation, count: int) -> None:
    if count > 0:
        _line(talk, "    " + talk.words("import.more", count=count))


def _line(talk: Conversation, words: str) -> None:
    talk.out.print(words, markup=False, highlight=False, soft_wrap=True)
