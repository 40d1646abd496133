"""`enlace bench`: how quick suggestions, sends and pages are, beside the least that it could take. What: `benchmarks/`.

It makes its own networks in a temporary folder; the data folder is not touched.
"""

from __future__ import annotations

import json
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.markdown import Markdown

from api.cli.conversation import FAILED, UNAVAILABLE, AsJson, of

SMALL: Final = 2_000
LARGEST_TO_GROW: Final = 20_000
"""A larger network is not made ten times larger still."""


class Part(StrEnum):
    """What can be measured by itself."""

    SUGGESTIONS = "suggestions"
    SEND = "send"
    USERS = "users"


def bench(
    context: typer.Context,
    services: Annotated[int, typer.Option(min=100, max=200_000, help="servicios / services")] = LARGEST_TO_GROW,
    quick: Annotated[bool, typer.Option("--quick", help="corta: red pequeña / short: small network")] = False,
    as_json: AsJson = False,
    neo4j: Annotated[bool, typer.Option("--neo4j", help="también Neo4j / Neo4j too")] = False,
    only: Annotated[Part | None, typer.Option("--only", help="una parte / one part")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE.md", help="la tabla como archivo / the table as a file")
    ] = None,
) -> None:
    """Measure suggestions, sends and pages on made-up networks. / Mide sugerencias, envíos y páginas en redes inventadas."""
    talk = of(context)
    try:
        from benchmarks import run
        from benchmarks.contenders import NotTheSame
        from benchmarks.intake import ImportFailed
        from benchmarks.send import NotSent, Sending
        from benchmarks.users import Crowd, NotThere
    except ModuleNotFoundError as missing:
        talk.stop("bench.not-here", code=UNAVAILABLE, module=missing.name)
    plan = run.Plan(services, grown=services <= LARGEST_TO_GROW)
    if quick:
        quickly = Sending(turns=2, each=2, warm=1)
        plan = run.Plan(min(services, SMALL), questions=20, rounds=2, warm_calls=60, grown=False, sending=quickly)
        plan = replace(plan, crowd=Crowd(pages=4, alone=100))

    def tell(key: str, **places: Any) -> None:
        talk.note(f"bench.{key}", **places)

    try:
        report = run.run(plan, neo4j=neo4j, only=only, tell=tell)
    except NotTheSame as difference:
        talk.stop("bench.not-same", code=FAILED, what=difference)
    except ImportFailed as failed:
        talk.stop("bench.import-failed", code=FAILED, said=failed)
    except NotSent as refused:
        talk.stop("bench.not-sent", code=FAILED, why=refused)
    except NotThere as why:
        talk.stop("bench.not-there", code=FAILED, why=why)
    table = report.markdown(talk.words)
    if out is not None:
        out.write_text(table, encoding="utf-8")
        talk.note("bench.written", path=out)
    if as_json:
        talk.json(json.loads(report.as_json()))
    else:
        talk.out.print(Markdown(table))
