"""`enlace due`: what is due in this network; `--run` does it once, as the served process does all the time. (R-12)"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

import typer
from rich.table import Table

from api.actions import demo_accounts, outlook, unusual
from api.actions.reminding import Means
from api.cli import accounts
from api.cli.conversation import AsJson, Conversation, of
from api.mail import Post
from api.scheduler import Clockwork, Scheduler
from api.settings import Settings
from graph.model.timer import Timer
from graph.secrets import Secrets
from graph.store.network import Network

AHEAD: Final = timedelta(days=7)
"""What will be due within a week is shown too."""


def due(
    context: typer.Context,
    run: Annotated[bool, typer.Option("--run", help="do it once / hacerlo una vez")] = False,
    as_json: AsJson = False,
) -> None:
    """What is due, and doing it once. / Lo que vence, y hacerlo una vez."""
    talk = of(context)
    at = datetime.now(UTC)

    async def look(network: Network) -> list[Timer]:
        return await network.read(outlook.timers_until, at + AHEAD)

    async def work(network: Network) -> dict[str, int]:
        clockwork, secrets = clockwork_of(talk.settings), await _keys(talk, network)
        await network.write(unusual.look_out, at=datetime.now(UTC))
        return dict(await Scheduler(network, Means(secrets, clockwork.committee), clockwork.post).once())

    if run:
        done = talk.with_network(work)
        if as_json:
            talk.json({"done": done})
        elif done:
            jobs = ", ".join(f"{job} {n}" for job, n in sorted(done.items()))
            talk.out.print(talk.words("clocks.due.ran", jobs=jobs), markup=False, highlight=False)
        else:
            talk.out.print(talk.words("clocks.due.ran-nothing"))
        return
    found = talk.with_network(look)
    if as_json:
        talk.json([_told(timer, at) for timer in found])
    elif found:
        _print(talk, found, at)
    else:
        talk.out.print(talk.words("clocks.due.nothing"))


def clockwork_of(settings: Settings) -> Clockwork:
    """What the operator decided of mails and reminders."""
    post = None
    if settings.mail_host:
        post = Post(
            settings.mail_host,
            settings.mail_port,
            settings.mail_sender,
            settings.url,
            settings.mail_tls,
            settings.mail_username or None,
            settings.mail_password.get_secret_value() or None,
        )
    return Clockwork(committee=settings.mail_committee or None, officer=settings.mail_officer or None, post=post)


async def _keys(talk: Conversation, network: Network) -> Secrets:
    """The keys that the server would work with."""
    folder = accounts.keys_of(talk, is_demo=await demo_accounts.is_demo(network))
    if folder is None:
        talk.stop("clocks.due.without-keys")
    return accounts.opened(talk, folder)


def _told(timer: Timer, at: datetime) -> dict[str, object]:
    """Codes and instants: no number of a case."""
    return {
        "job": timer.job.value,
        "clock": timer.clock,
        "rung": timer.rung,
        "due_at": timer.due_at.isoformat(),
        "late": timer.due_at <= at,
        "tries": timer.tries,
    }


def _print(talk: Conversation, found: list[Timer], at: datetime) -> None:
    """In words; what is alike at the same minute stands in one row, with how often."""
    table = Table(talk.words("clocks.due.job"), talk.words("clocks.due.at"), talk.words("clocks.due.tries"))
    rows: Counter[tuple[str, str, str]] = Counter()
    for timer in found:
        late = f" ({talk.words('clocks.due.late')})" if timer.due_at <= at else ""
        rows[_in_words(talk, timer), f"{timer.due_at:%Y-%m-%d %H:%M}Z{late}", str(timer.tries)] += 1
    for (what, when, tries), n in rows.items():
        table.add_row(f"{what} × {n}" if n > 1 else what, when, tries)
    talk.out.print(table)


def _in_words(talk: Conversation, timer: Timer) -> str:
    """What is to be done, and what is awaited."""
    said = talk.words(f"clocks.due.rung.{timer.rung}" if timer.rung else f"clocks.due.job.{timer.job}")
    return f"{said}: {talk.words(f'clocks.awaited.{timer.clock}')}" if timer.clock else said
