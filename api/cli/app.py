"""The commands put together. `--data` and `--lang` may stand anywhere on the line."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import Final, NoReturn, cast

import typer

from api.cli import accounts, bench, due, engine, export, import_, jobs, migrate, suggest, up
from api.cli.conversation import WRONG_INPUT, Conversation
from api.cli.story import command as story
from api.settings import SettingsProblem, read_settings
from api.texts import choose

app = typer.Typer(
    name="enlace",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Enlace: red de derivación para personas retornadas / referral network for returned persons",
    epilog="test: corre las pruebas / runs the tests.  Siempre / always: --data DIR (ENLACE_DATA), --lang es|en (ENLACE_LANG)",
)
app.command("up")(up.up)
app.command("suggest")(suggest.suggest)
app.command("jobs")(jobs.jobs)
app.command("import")(import_.import_)
app.command("export")(export.export)
app.command("migrate")(migrate.migrate)
app.command("bench")(bench.bench)
app.command("due")(due.due)
app.command("story")(story.story)
app.command("accounts")(accounts.accounts)
app.add_typer(accounts.app, name="account")
app.add_typer(engine.app, name="engine")


MISUSE: Final = cast(type[typer.BadParameter], typer.BadParameter.__mro__[1])
"""A command or option that there is not, a value that cannot be: typer gives no other name to what they have in common."""


def main(arguments: Sequence[str]) -> int:
    """Run one command and give back its exit code."""
    rest, options = _split(arguments)
    try:
        settings = read_settings(data=options.get("data"), lang=options.get("lang"))
    except SettingsProblem as problem:
        sys.stderr.write(problem.told(choose(options.get("lang"))) + "\n")
        return WRONG_INPUT
    talk = Conversation(settings)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        found = app(args=list(rest), obj=talk, prog_name="enlace", standalone_mode=False)
    except typer.Exit as done:
        return done.exit_code
    except (KeyboardInterrupt, typer.Abort):
        sys.stderr.write("\n" + talk.words("cli.interrupted") + "\n")
        return 130
    except MISUSE as error:
        error.show()
        return WRONG_INPUT
    return found if isinstance(found, int) else 0


def _interrupt(signum: int, frame: FrameType | None) -> NoReturn:
    """Being told to stop is like being interrupted: what was started is stopped, nothing is left half done."""
    raise KeyboardInterrupt


def _split(arguments: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Take `--data` and `--lang` from wherever they stand."""
    rest: list[str] = []
    options: dict[str, str] = {}
    waiting = iter(arguments)
    for argument in waiting:
        name, given, value = argument.partition("=")
        if name in ("--data", "--lang"):
            options[name[2:]] = value if given else next(waiting, "")
        else:
            rest.append(argument)
    return rest, options
