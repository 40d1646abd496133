"""The commands put together. `--data` and `--lang` may stand anywhere on the line."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import typer
from pydantic import ValidationError

from api.cli import bench, engine, export, import_, migrate, suggest, up
from api.cli.conversation import WRONG_INPUT, Conversation
from api.settings import Settings
from api.texts import choose, text

app = typer.Typer(
    name="enlace",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Enlace: red de derivación para personas retornadas / referral network for returned persons",
    epilog="--data DIR (ENLACE_DATA), --lang es|en (ENLACE_LANG)",
)
app.command("up")(up.up)
app.command("suggest")(suggest.suggest)
app.command("import")(import_.import_)
app.command("export")(export.export)
app.command("migrate")(migrate.migrate)
app.command("bench")(bench.bench)
app.add_typer(engine.app, name="engine")


def main(arguments: Sequence[str]) -> int:
    """Run one command and give back its exit code."""
    rest, options = _split(arguments)
    lang = choose(options.get("lang"))
    try:
        settings = Settings(**_overrides(options))
    except ValidationError as error:
        for one in error.errors():
            where = "/".join(str(part) for part in one["loc"])
            sys.stderr.write(text("cli.wrong-setting", lang, setting=where) + "\n")
        return WRONG_INPUT
    try:
        found = app(args=list(rest), obj=Conversation(settings), standalone_mode=False)
    except typer.Exit as done:
        return done.exit_code
    except (KeyboardInterrupt, typer.Abort):
        sys.stderr.write("\n" + text("cli.interrupted", lang) + "\n")
        return 130
    except typer.BadParameter as error:
        error.show()
        return WRONG_INPUT
    return found if isinstance(found, int) else 0


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


def _overrides(options: dict[str, str]) -> dict[str, object]:
    found: dict[str, object] = {}
    if "data" in options:
        found["data"] = Path(options["data"])
    if "lang" in options:
        found["lang"] = options["lang"]
    return found
