"""`enlace engine check`: put the server under the graph to the proof, before anybody relies on it."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any, Final

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from api.cli.conversation import AsJson, Conversation, of
from graph.conformance.finding import Finding, Load, Verdict
from graph.conformance.suite import CHECKS, check_engine
from graph.server import Server

BROKEN: Final = 1
"""The exit code when the server does not keep what we rely on."""

COLOURS: Final = {Verdict.HELD: "green", Verdict.BROKEN: "bold red", Verdict.UNSEEN: "yellow"}
QUICK: Final = Load(callers=12, rounds=5, writes=80, commits=20)

app = typer.Typer(no_args_is_help=True, help="The graph engine. / El motor del grafo.")


@app.callback()
def engine() -> None:
    """The graph engine. / El motor del grafo."""


@app.command("check")
def check(
    context: typer.Context,
    uri: Annotated[str | None, typer.Option("--uri", help="server to check / servidor que se prueba")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="fewer rounds / menos rondas")] = False,
    as_json: AsJson = False,
) -> None:
    """Prove on this server what Enlace relies on. / Prueba en este servidor aquello en que Enlace confía."""
    talk = of(context)
    if uri is not None:
        talk = Conversation(talk.settings.model_copy(update={"neo4j_uri": uri}))
    with talk.server() as server:
        findings = _run(talk, server, QUICK if quick else Load())
    if as_json:
        talk.json({"findings": [_plain(finding) for finding in findings]})
    else:
        _print(talk, findings)
    if any(finding.verdict is Verdict.BROKEN for finding in findings):
        raise typer.Exit(BROKEN)


def _run(talk: Conversation, server: Server, load: Load) -> list[Finding]:
    columns = (SpinnerColumn(), TextColumn("{task.completed}/{task.total} {task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=talk.err, transient=True, disable=not talk.err.is_terminal) as progress:
        bar = progress.add_task("", total=len(CHECKS))

        async def work() -> list[Finding]:
            found = []
            async for finding in check_engine(
                server, load, on_start=lambda name: progress.update(bar, description=talk.words(f"engine-check.{name}"))
            ):
                found.append(finding)
                progress.advance(bar)
            return found

        return talk.run(work)


def _plain(finding: Finding) -> dict[str, Any]:
    return dataclasses.asdict(finding) | {"facts": dict(finding.facts)}


def _print(talk: Conversation, findings: list[Finding]) -> None:
    table = Table(show_lines=True)
    for column in ("what", "verdict", "facts", "seconds"):
        table.add_column(talk.words(f"engine-check.{column}"), justify="right" if column == "seconds" else "left")
    for finding in findings:
        verdict = talk.words(f"engine-check.{finding.verdict}")
        table.add_row(
            talk.words(f"engine-check.{finding.check}"),
            f"[{COLOURS[finding.verdict]}]{verdict}[/]",
            facts_of(talk, finding),
            f"{finding.seconds:.1f}",
        )
    talk.out.print(table)
    broken = sum(finding.verdict is Verdict.BROKEN for finding in findings)
    unseen = sum(finding.verdict is Verdict.UNSEEN for finding in findings)
    key = "engine-check.some-broken" if broken else "engine-check.all-held"
    talk.out.print(talk.words(key, held=len(findings) - broken - unseen, broken=broken, unseen=unseen), highlight=False)


def facts_of(talk: Conversation, finding: Finding) -> str:
    """The numbers behind a verdict as a sentence, after the reason where there is one."""
    sentences = []
    if finding.reason is not None:
        sentences.append(talk.words(f"engine-check.because-{finding.reason}", **finding.facts))
    measured = f"engine-check.{finding.check}-facts"
    if finding.reason in (None, "broken-with-lock", "broken-with-key", "not-provoked", "not-synced"):
        sentences.append(talk.words(measured, **finding.facts))
    return " ".join(sentences)
