"""`enlace suggest`: who could meet a need, as a table, as JSON, or a file of needs at once."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Annotated, Any

import typer
from pydantic import ValidationError
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from api.actions import suggestions
from api.actions.suggestions import UnknownAreaError
from api.answer import fault_text, render, render_together
from api.cli.conversation import WRONG_INPUT, AsJson, Conversation, of
from api.query import Fault, Query, everywhere, faults
from api.texts import text
from graph.store.network import Network

NO_AREA = Fault(pointer="/area", code="query.unknown-area")
LONGEST_LINE = 1_000_000


def suggest(
    context: typer.Context,
    service_type: Annotated[
        list[str] | None,
        typer.Option(
            "--type",
            "-t",
            help="tipo de servicio (código); varias veces: varias necesidades / service type (code); several times: several needs",
        ),
    ] = None,
    area: Annotated[str | None, typer.Option("--area", "-a", help="código del lugar / code of the place")] = None,
    on: Annotated[str | None, typer.Option("--on", help="día, como 2026-11-21; si no, hoy / day; else today")] = None,
    age: Annotated[int | None, typer.Option("--age", help="años / years")] = None,
    gender: Annotated[str | None, typer.Option("--gender", help="female, male, other")] = None,
    nationality: Annotated[str | None, typer.Option("--nationality", help="ISO 3166, p. ej. GT / e.g. GT")] = None,
    language: Annotated[
        list[str] | None,
        typer.Option(
            "--language", help="que entiende la persona; «none»: ninguno / that the person understands; none: none"
        ),
    ] = None,
    factor: Annotated[
        list[str] | None,
        typer.Option("--factor", help="de riesgo o protección; «none» / risk or protective factor; none"),
    ] = None,
    document: Annotated[
        list[str] | None, typer.Option("--document", help="que tiene la persona; «none» / that the person holds; none")
    ] = None,
    limit: Annotated[int | None, typer.Option("--limit", help="cuántas a lo más / at most so many")] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="también lo que queda en otros lugares / what lies elsewhere too")
    ] = False,
    as_json: AsJson = False,
    batch: Annotated[
        str | None, typer.Option("--batch", help="FILE.jsonl o «-»: una respuesta por línea / one answer per line")
    ] = None,
    count: Annotated[
        bool, typer.Option("--count", help="cuenta lo que nadie puede atender / count what nobody can meet")
    ] = False,
) -> None:
    """Suggest services for a need. / Sugiere servicios para una necesidad."""
    talk = of(context)
    if batch is not None:
        _batch(talk, batch, count=count)
        return
    if not service_type or not area:
        talk.stop("suggest.needs-type-and-area")
    told = {
        "area": area,
        "on": on,
        "age": age,
        "gender": gender,
        "nationality": nationality,
        "languages": _list(language),
        "factors": _list(factor),
        "documents": _list(document),
        "limit": limit,
        "explain": "all" if everything else True,
    }
    queries = []
    for one in service_type:
        try:
            queries.append(Query.model_validate({"service_type": one, **told}))
        except ValidationError as error:
            for fault in faults(error.errors()):
                talk.note("suggest.fault", where=fault.pointer, what=fault_text(fault, talk.language))
            raise typer.Exit(WRONG_INPUT) from None

    async def work(network: Network) -> dict[str, Any]:
        if len(queries) == 1:
            return await _answer(network, queries[0], talk, count=count)
        now = datetime.now(UTC)
        needs = [q.need(today=now.date()) for q in queries]
        together = await network.read(suggestions.answer_together, needs, everywhere=everywhere(queries))
        return render_together(together, queries, talk.language)

    try:
        answer = talk.with_network(work)
    except UnknownAreaError:
        talk.note("suggest.fault", where=NO_AREA.pointer, what=fault_text(NO_AREA, talk.language))
        raise typer.Exit(WRONG_INPUT) from None
    if as_json:
        talk.json(answer)
    elif "answers" in answer:
        for query, one in zip(queries, answer["answers"], strict=True):
            talk.out.rule(escape(query.service_type))
            _show(talk, one)
        _show_together(talk, answer)
    else:
        _show(talk, answer)


def _list(values: list[str] | None) -> list[str] | None:
    """Nothing said is unknown; the word `none` says that there are none."""
    if not values:
        return None
    return [] if values == ["none"] else values


async def _answer(network: Network, query: Query, talk: Conversation, *, count: bool) -> dict[str, Any]:
    now = datetime.now(UTC)
    found = await network.read(
        suggestions.answer, query.need(today=now.date()), everywhere=query.explain == "all", deadline=60.0
    )
    if count and found.suggestions.gap:
        await network.write(suggestions.count_demand, found.suggestions, at=now)
    return render(found, query, talk.language)


def _batch(talk: Conversation, path: str, *, count: bool) -> None:
    """One answer per line, in the order of the lines; a line that is wrong is answered with what is wrong in it."""

    async def work(network: Network) -> int:
        wrong = 0
        with _opened(talk, path) as stream:
            for line in _lines(stream):
                try:
                    query = Query.model_validate_json(line)
                    talk.json(await _answer(network, query, talk, count=count))
                except ValidationError as error:
                    wrong += 1
                    talk.json(_refused(talk, faults(error.errors())))
                except UnknownAreaError:
                    wrong += 1
                    talk.json(_refused(talk, [NO_AREA]))
        return wrong

    if talk.with_network(work):
        raise typer.Exit(WRONG_INPUT)


def _opened(talk: Conversation, path: str) -> IO[bytes]:
    if path == "-":
        return sys.stdin.buffer
    try:
        return Path(path).open("rb")
    except OSError:
        talk.stop("suggest.no-such-file", path=path)


def _lines(stream: IO[bytes]) -> Iterator[bytes]:
    """Every line that says something; of one that is too long only the beginning, which is no JSON any more."""
    while line := stream.readline(LONGEST_LINE):
        if line.strip():
            yield line.strip()
        while not line.endswith(b"\n") and (line := stream.readline(LONGEST_LINE)):
            continue


def _refused(talk: Conversation, found: list[Fault]) -> dict[str, Any]:
    errors = [{"pointer": f.pointer, "code": f.code, "detail": fault_text(f, talk.language)} for f in found]
    return {"error": {"code": "invalid-request", "errors": errors}}


def _show(talk: Conversation, answer: dict[str, Any]) -> None:
    """The answer for reading: what fits and why, what nearly fits and what would help, how many do not."""
    say = talk.words
    if answer["gap"]:
        talk.out.print(Panel(escape(f"{say('suggest.nothing-fits')} {answer['gap']['text']}"), border_style="yellow"))
    if answer["suggested"]:
        table = Table(
            title=say("suggest.suggested", n=answer["counts"]["suggested"]), title_justify="left", expand=True
        )
        for heading in ("suggest.service", "suggest.organization", "suggest.why", "suggest.ask"):
            table.add_column(say(heading), overflow="fold")
        for one in answer["suggested"]:
            met = [text(f"rule.{v['rule']}", talk.language) for v in one["verdicts"] if v["verdict"] == "met"]
            asks = "\n".join(f"? {q['text']}" for q in one["unknown"])
            table.add_row(
                escape(f"{one['service']['name']}\n{one['service']['id']}"),
                escape(one["organization"]["name"]),
                escape("\n".join(f"✓ {rule}" for rule in met)),
                escape(asks),
                end_section=True,
            )
        talk.out.print(table)
    if answer["near_misses"]:
        table = Table(title=say("suggest.near", n=answer["counts"]["near_misses"]), title_justify="left", expand=True)
        for heading in ("suggest.service", "suggest.organization", "suggest.why-not", "suggest.change", "suggest.who"):
            table.add_column(say(heading), overflow="fold")
        for one in answer["near_misses"]:
            (unmet,) = one["unmet"]
            table.add_row(
                escape(one["service"]["name"]),
                escape(one["organization"]["name"]),
                escape(unmet["text"]),
                escape(unmet["would_change"]),
                escape(say(f"mender.{unmet['mended_by']}")),
                end_section=True,
            )
        talk.out.print(table)
    for way in answer["pathways"]:
        steps = " → ".join(
            step["label"] + (f" ({say('suggest.step-gap')})" if step["gap"] else "") for step in way["steps"]
        )
        talk.out.print(escape(say("suggest.pathway", steps=steps, n=len(way["opens"]))), highlight=False)
    counts = answer["counts"]
    talk.out.print(
        escape(say("suggest.counts", ruled_out=counts["ruled_out"], elsewhere=counts["elsewhere"])), highlight=False
    )
    for reason, n in sorted(counts["by_reason"].items(), key=lambda item: -item[1]):
        talk.out.print(escape(f"  {n} × {say(f'gap.{reason}')}"), highlight=False)


def _show_together(talk: Conversation, answer: dict[str, Any]) -> None:
    for shared in answer["shared"]:
        numbers = ", ".join(str(n + 1) for n in shared["needs"])
        talk.out.print(
            escape(talk.words("suggest.shared", organization=shared["organization"]["name"], needs=numbers)),
            highlight=False,
        )
    for dimension in answer["untouched"]:
        talk.out.print(escape(talk.words(f"suggest.untouched.{dimension}")), highlight=False)
