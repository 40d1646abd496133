"""`enlace migrate`: bring the graph up to this program, or tell what that would mean."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli.conversation import AsJson, of
from graph.store.migrate import Step
from graph.store.migrate import migrate as apply
from graph.store.network import Network


def migrate(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only tell / solo decir")] = False,
    as_json: AsJson = False,
) -> None:
    """Bring the graph up to date. / Pone el grafo al día."""
    talk = of(context)

    async def work() -> tuple[Step, ...]:
        async with Network.open(server) as network:
            return await apply(network, dry_run)

    with talk.server() as server:
        steps = talk.run(work)
    if as_json:
        talk.json({"dry_run": dry_run, "steps": [{"kind": s.kind, "number": s.number, "name": s.name} for s in steps]})
        return
    if not steps:
        talk.out.print(talk.words("migrate.nothing"))
        return
    talk.out.print(talk.words("migrate.would" if dry_run else "migrate.done", count=len(steps)), highlight=False)
    for step in steps:
        talk.out.print(talk.words(f"migrate.step-{step.kind}", number=step.number, name=step.name), highlight=False)
