"""`enlace jobs`: which openings fit somebody who looks for work, what is missing, and who teaches it. (R-36)"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, NoReturn

import typer
from pydantic import ValidationError
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from api.actions import jobs as openings
from api.actions.suggestions import UnknownAreaError, count_demand
from api.answer import fault_text
from api.cli.conversation import WRONG_INPUT, AsJson, Conversation, of
from api.job_answer import render_jobs
from api.job_query import JobQuery
from api.query import Fault, faults
from api.texts import text
from graph.store.network import Network


def jobs(
    context: typer.Context,
    area: Annotated[list[str] | None, typer.Option("--area", "-a", help="código del lugar / code of the place")] = None,
    worked: Annotated[list[str] | None, typer.Option("--worked", help="711 | 711:60 (months / meses)")] = None,
    skill: Annotated[
        list[str] | None,
        typer.Option("--skill", "-s", help="que tiene la persona (código) / that the person has (code)"),
    ] = None,
    interest: Annotated[
        list[str] | None, typer.Option("--interest", "-i", help="ocupación que le interesa / occupation of interest")
    ] = None,
    schedule: Annotated[
        list[str] | None, typer.Option("--schedule", help="horario posible (código) / possible schedule (code)")
    ] = None,
    on: Annotated[str | None, typer.Option("--on", help="día, como 2026-11-21; si no, hoy / day; else today")] = None,
    age: Annotated[int | None, typer.Option("--age", help="años / years")] = None,
    language: Annotated[
        list[str] | None, typer.Option("--language", help="que habla la persona / that the person speaks")
    ] = None,
    document: Annotated[
        list[str] | None, typer.Option("--document", help="que tiene la persona / that the person holds")
    ] = None,
    limit: Annotated[int | None, typer.Option("--limit", help="cuántas a lo más / at most so many")] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="también lo que queda en otros lugares / what lies elsewhere too")
    ] = False,
    as_json: AsJson = False,
    count: Annotated[
        bool, typer.Option("--count", help="cuenta lo que nadie puede atender / count what nobody can meet")
    ] = False,
) -> None:
    """Openings for a job profile. / Plazas de trabajo para un perfil laboral."""
    talk = of(context)
    if not area:
        talk.stop("jobs.needs-area")
    told = {
        "areas": area,
        "worked": None if (lines := _list(worked)) is None else [_worked(line) for line in lines],
        "skills": _list(skill),
        "interests": _list(interest),
        "schedules": _list(schedule),
        "on": on,
        "age": age,
        "languages": _list(language),
        "documents": _list(document),
        "limit": limit,
        "explain": "all" if everything else True,
    }
    try:
        query = JobQuery.model_validate(told)
    except ValidationError as error:
        _wrong(talk, *faults(error.errors()))

    async def work(network: Network) -> dict[str, Any]:
        now = datetime.now(UTC)
        seeker = query.seeker(today=now.date())
        found = await network.read(openings.answer, seeker, query.areas, everywhere=everything, deadline=60.0)
        if count and found.suggestions.gap:
            await network.write(count_demand, found.suggestions, at=now)
        return render_jobs(found, seeker.profile, openings.given_by(), talk.language, limit=query.limit)

    try:
        answer = talk.with_network(work)
    except UnknownAreaError as unknown:
        at = f"/areas/{query.areas.index(unknown.area)}"
        _wrong(talk, Fault(pointer=at, code="query.unknown-area"))
    if as_json:
        talk.json(answer)
    else:
        _show(talk, answer)


def _list(values: list[str] | None) -> list[str] | None:
    """Nothing said is unknown; the word `none` says that there are none."""
    if not values:
        return None
    return [] if values == ["none"] else values


def _worked(line: str) -> dict[str, Any]:
    """`711`, or `711:60` for sixty months; anything else is left to be refused."""
    occupation, _, months = line.partition(":")
    return {
        "occupation": occupation,
        "months": int(months) if months.isascii() and months.isdigit() else months or None,
    }


def _wrong(talk: Conversation, *found: Fault) -> NoReturn:
    for fault in found:
        talk.note("suggest.fault", where=fault.pointer, what=fault_text(fault, talk.language))
    raise typer.Exit(WRONG_INPUT)


def _show(talk: Conversation, answer: dict[str, Any]) -> None:
    """The answer for reading: what fits and why, what nearly fits, what to learn and where."""
    say = talk.words
    if answer["gap"]:
        talk.out.print(Panel(escape(f"{say('jobs.nothing-fits')} {answer['gap']['text']}"), border_style="yellow"))
    if answer["suggested"]:
        table = _table(
            talk, say("jobs.suggested", n=answer["counts"]["suggested"]), "jobs.opening", "suggest.why", "suggest.ask"
        )
        for one in answer["suggested"]:
            met = [text(f"rule.{v['rule']}", talk.language) for v in one["verdicts"] if v["verdict"] == "met"]
            asks = [f"? {question['text']}" for question in one["unknown"]]
            table.add_row(
                escape(_opening(talk, one)),
                escape("\n".join(f"✓ {rule}" for rule in met)),
                escape("\n".join(asks)),
                end_section=True,
            )
        talk.out.print(table)
    if answer["near_misses"]:
        title = say("jobs.near", n=answer["counts"]["near_misses"])
        table = _table(talk, title, "jobs.opening", "suggest.why-not", "suggest.change", "suggest.who")
        for one in answer["near_misses"]:
            (unmet,) = one["unmet"]
            who = say(f"mender.{unmet['mended_by']}")
            cells = (_opening(talk, one), unmet["text"], unmet["would_change"], who)
            table.add_row(*(escape(cell) for cell in cells), end_section=True)
        talk.out.print(table)
    if answer["to_learn"]:
        table = _table(talk, say("jobs.learn"), "jobs.skill", "jobs.opens", "jobs.taught-by", "jobs.to-ask")
        for one in answer["to_learn"]:
            opens = say("jobs.opens-number", required=one["required_by"], desired=one["desired_by"])
            cells = (one["skill"]["label"], opens, _named(talk, one["taught_by"]), _named(talk, one["to_ask"]))
            table.add_row(*(escape(cell) for cell in cells), end_section=True)
        talk.out.print(table)
    for way in answer["pathways"]:
        steps = " → ".join(
            step["label"] + (f" ({say('suggest.step-gap')})" if step["gap"] else "") for step in way["steps"]
        )
        talk.out.print(escape(say("suggest.pathway", steps=steps, n=len(way["opens"]))), highlight=False)
    counts = answer["counts"]
    told = say("jobs.counts", ruled_out=counts["ruled_out"], elsewhere=counts["elsewhere"])
    talk.out.print(escape(told), highlight=False)
    for reason, n in sorted(counts["by_reason"].items(), key=lambda item: -item[1]):
        talk.out.print(escape(f"  {n} × {say(f'gap.{reason}')}"), highlight=False)


def _table(talk: Conversation, title: str, *headings: str) -> Table:
    table = Table(title=title, title_justify="left", expand=True)
    for heading in headings:
        table.add_column(talk.words(heading), overflow="fold")
    return table


def _opening(talk: Conversation, one: dict[str, Any]) -> str:
    """An opening in a few lines: what, at whom, which occupation, when, how many places, what is wished for."""
    opening, places = one["opening"], one["opening"]["places"]
    known = places is not None and places["available"] is not None
    facts = [opening["occupation"]["label"]]
    facts += [opening["schedule"]["label"]] if opening["schedule"] else []
    facts.append(talk.words("jobs.places", n=places["available"]) if known else talk.words("jobs.places-unknown"))
    lines = [one["service"]["name"], one["organization"]["name"], " · ".join(facts)]
    desired = [skill["label"] for skill in opening["skills_desired"]]
    lines += [talk.words("jobs.desired", skills=", ".join(desired))] if desired else []
    return "\n".join([*lines, one["service"]["id"]])


def _named(talk: Conversation, trainings: list[dict[str, Any]]) -> str:
    if not trainings:
        return talk.words("jobs.nobody")
    return "\n".join(f"{one['service']['name']} ({one['organization']['name']})" for one in trainings)
