"""`enlace story`: play the story on a server of its own and say of every step what was looked at.

One line a step on standard output (`--json`: step, request, status, checked). The first check that does not hold, or
was left out, ends it with exit code 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http.client import HTTPException
from typing import Annotated, Final

import typer

from api.cli.conversation import Conversation, of
from api.cli.story.cast import assemble
from api.cli.story.checks import Held, LeftOut, NotSo, Played, Step, Tale, play
from api.cli.story.line import Unexpected
from api.cli.story.stage import stage
from api.cli.story.steps import STEPS

BROKEN: Final = 1
"""The exit code when a step does not hold."""


SIGNING_IN: Final = "signing-in"
"""What goes before the first step."""


def story(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="un objeto por paso / an object a step")] = False,
) -> None:
    """Play the demo story over HTTP and check every step. / Recorre la historia por HTTP y comprueba cada paso."""
    talk = of(context)
    with stage(talk) as ready:
        talk.note("story.signing-in")
        with _said(talk, SIGNING_IN):
            cast = assemble(ready.line, ready.accounts)
        tell(talk, Tale(cast), STEPS, as_json=as_json)
    if talk.settings.neo4j_uri:
        talk.note("story.stays")


def tell(talk: Conversation, tale: Tale, steps: Iterable[Step], *, as_json: bool) -> None:
    """Play the steps in order and tell each; the first that does not hold ends the story."""
    played: list[Played] = []
    for step in steps:
        with _said(talk, step.name):
            played.append(play(step, tale))
        if as_json:
            talk.json(line_of(talk, played[-1]))
        else:
            _print(talk, len(played), played[-1])
    if not as_json:
        talk.out.print(talk.words("story.done", steps=len(played), checks=sum(len(p.held) for p in played)))


@contextmanager
def _said(talk: Conversation, step: str) -> Iterator[None]:
    """What does not hold is said in words, and ends the run."""
    try:
        yield
    except NotSo as no:
        what = check_text(talk, Held(no.code, no.facts))
        talk.stop("story.not-so", code=BROKEN, step=step, check=no.code, what=what)
    except LeftOut as missing:
        talk.stop("story.left-out", code=BROKEN, step=step, checks=", ".join(missing.codes))
    except Unexpected as answer:
        talk.stop("story.unexpected", code=BROKEN, step=step, **answer.places)
    except (OSError, HTTPException):
        talk.stop("story.nobody-answers", code=BROKEN, step=step)


def line_of(talk: Conversation, played: Played) -> dict[str, object]:
    """A step as a line of JSON."""
    return {
        "step": played.step.name,
        "request": played.answer.request,
        "status": played.answer.status,
        "checked": [check_text(talk, held) for held in played.held],
    }


def check_text(talk: Conversation, held: Held) -> str:
    """What was looked at, in words, with what was seen."""
    return talk.words(f"story.check.{held.code}", **held.facts)


def _print(talk: Conversation, number: int, played: Played) -> None:
    said = [
        f"{number}. {talk.words(f'story.step.{played.step.name}')} [{played.step.name}]",
        f"   {played.answer.request} → {played.answer.status}",
        *(f"   ✓ {check_text(talk, held)}" for held in played.held),
        "",
    ]
    talk.out.print("\n".join(said), markup=False, highlight=False, soft_wrap=True)
