"""docs/referral.md draws the table of steps and the coded reasons from the code: what it shows is what is refused."""

from __future__ import annotations

from collections.abc import Sequence

from api.actions.consequences import TABLE, TASK
from graph.model.referral import MARKS, STEPS, Side
from graph.seed.status_reasons import status_reasons
from tests.house.tree import CHECKOUT

SIDES = {Side.REQUESTER: "who refers", Side.RESPONDER: "the provider"}


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """A table in Markdown."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def steps() -> str:
    rows = [
        (at.value, step.value, to.value, " or ".join(SIDES[side] for side in sorted(sides)))
        for (at, step), (to, sides) in STEPS.items()
    ]
    return table(("from", "step", "to", "by"), rows)


def marks() -> str:
    return table(
        ("while", "the provider says", "it stands at"), [(a.value, m.value, b.value) for (a, m), b in MARKS.items()]
    )


def reasons() -> str:
    rows = [
        (f"`{r.code}`", r.en, r.owner.value, ", ".join(sorted(r.steps)), ", ".join(r.consequences))
        for r in status_reasons().values()
    ]
    return table(("code", "reason", "owner", "steps", "what follows"), rows)


def consequences() -> str:
    rows = [
        (f"`{consequence.value}`", "a task of the case's team" if act is TASK else (act.__doc__ or "").strip())
        for consequence, act in TABLE.items()
    ]
    return table(("consequence", "what is done"), rows)


def test_the_page_shows_the_tables_of_the_code() -> None:
    page = (CHECKOUT / "docs" / "referral.md").read_text(encoding="utf-8")
    for drawn in (steps(), marks(), reasons(), consequences()):
        assert drawn in page, f"docs/referral.md is to hold this table as it stands:\n\n{drawn}\n"
