"""`enlace account add`, `enlace accounts`, and what `up` does about keys and demo accounts. (R-25)

The keys lie outside the data, except in the demo, whose people are fictional.
"""

from __future__ import annotations

import os
import secrets as dice
import shlex
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Final

import pyotp
import typer
from pydantic import TypeAdapter

from api import rights
from api.actions import accounts as accounts_
from api.actions import demo_accounts, demo_day, passwords, second_factor
from api.actions.accounts import OPERATOR, NewAccount
from api.actions.demo_accounts import DemoAccount
from api.cli.conversation import FAILED, AsJson, Conversation, of
from api.settings import Settings
from graph.blind_index import normalised
from graph.keystore import KeystoreProblem
from graph.model.actor import Role
from graph.model.base import Language
from graph.model.refusal import Refusal
from graph.secrets import Secrets, lies_within, open_secrets
from graph.seed.demo import entries
from graph.seed.demo.build import id_of
from graph.store.errors import NotFound
from graph.store.network import Network

DEMO_FILE: Final = "demo-accounts.json"
DRAWN: Final = TypeAdapter(list[DemoAccount])
GIVEN: Final = frozenset(Role) - {Role.PERSON}
SHORTEST_LOGIN: Final = 3

app = typer.Typer(no_args_is_help=True, help="Accounts. / Cuentas.")


@app.callback()
def account() -> None:
    """Accounts. / Cuentas."""


def opened(talk: Conversation, folder: Path) -> Secrets:
    """The keys of a folder; what is wrong with them is said in words."""
    try:
        return open_secrets(folder)
    except KeystoreProblem as problem:
        talk.stop(problem.code, code=FAILED, **problem.places)


def keys_of(talk: Conversation, *, is_demo: bool) -> Path | None:
    """Where the keys are; None where nobody said so outside the demo. Keys inside the data are for the demo only."""
    keys, data = talk.settings.keys, talk.settings.data
    if keys is None:
        return data / "keys" if is_demo else None
    if not is_demo and lies_within(keys, data):
        talk.stop("identity.keys-in-data", path=keys)
    return keys


async def prepare(talk: Conversation, network: Network, *, demo: bool) -> Secrets | None:
    """The keys that the server works with; in the demo its accounts too, told each time. None: nobody signs in."""
    is_demo = demo and await demo_accounts.is_demo(network)
    keys = keys_of(talk, is_demo=is_demo)
    if keys is None:
        talk.note("identity.keys-missing")
        return None
    secrets = opened(talk, keys)
    if is_demo:
        tell(talk, await enrol(network, keys, secrets))
    return secrets


async def enrol(network: Network, keys: Path, secrets: Secrets) -> list[DemoAccount]:
    """The demo accounts of a folder, drawn where there are none yet, and put into the graph."""
    drawn = recall(keys) or keep(keys, demo_accounts.draw())
    await demo_accounts.put(network, drawn, at=datetime.now(UTC), secrets=secrets)
    return drawn


async def play_day(talk: Conversation, network: Network, secrets: Secrets) -> None:
    """Work for every desk of the demo, the first time; of a house of one's own nothing is touched."""
    drawn = recall(talk.settings.keys or talk.settings.data / "keys")
    if drawn and await demo_accounts.is_demo(network):
        talk.note("identity.demo.day")
        await demo_day.play(network, drawn, at=datetime.now(UTC), secrets=secrets)


def recall(keys: Path) -> list[DemoAccount]:
    """The demo accounts of a folder; none where none were drawn."""
    file = keys / DEMO_FILE
    return DRAWN.validate_json(file.read_bytes()) if file.exists() else []


def keep(keys: Path, drawn: list[DemoAccount]) -> list[DemoAccount]:
    """Keep what was drawn, readable by the owner alone. It stands before the accounts do: none is ever unknown."""
    descriptor = os.open(keys / DEMO_FILE, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(DRAWN.dump_json(drawn))
    return drawn


def tell(talk: Conversation, drawn: list[DemoAccount]) -> None:
    """The demo accounts with what is needed to use them."""
    talk.note("identity.demo")
    for one in drawn:
        line(talk, one)
    talk.note("identity.demo.hint", command=command_of(talk.settings.data))


def command_of(data: Path) -> str:
    """What tells the numbers of the accounts in this folder: of another folder than the usual one, with its name."""
    usual = Settings.model_fields["data"].default
    return "./enlace accounts" if data == usual else f"./enlace --data {shlex.quote(str(data))} accounts"


def line(talk: Conversation, one: DemoAccount) -> None:
    """One demo account: role, organisation by its name, and what signing in asks for."""
    roles = rights.names(frozenset({one.role}), talk.language)
    shown = {"login": one.login, "password": one.password, "totp": one.totp}
    organization = organization_names(talk.language)[one.organization_id]
    talk.note("identity.demo.line", roles=roles, organization=organization, **shown)


@cache
def organization_names(language: Language) -> dict[str, str]:
    """The organisations of the demo by id."""
    rows = entries.organizations()
    return {id_of("organization", row.key): (row.es if language == "es" else row.en)[0] for row in rows}


def accounts(context: typer.Context, as_json: AsJson = False) -> None:
    """The demo accounts and the number each has now. / Las cuentas de demostración y su número de ahora."""
    talk = of(context)
    drawn = recall(talk.settings.keys or talk.settings.data / "keys")
    if as_json:
        talk.json([one.model_dump(mode="json") | {"code": pyotp.TOTP(one.totp).now()} for one in drawn])
        return
    if not drawn:
        talk.stop("identity.demo.none")
    for one in drawn:
        line(talk, one)
        talk.note("identity.demo.number", code=pyotp.TOTP(one.totp).now())


@app.command("add")
def add(
    context: typer.Context,
    login: Annotated[str, typer.Argument(help="login / nombre de acceso")],
    organization: Annotated[str, typer.Option("--organization", help="its id / su id")],
    role: Annotated[list[str], typer.Option("--role", help="one or more / una o varias")],
    department: Annotated[
        str | None, typer.Option("--department", help="of a departmental committee / de un comité departamental")
    ] = None,
) -> None:
    """Add an account, e.g. the first administrator. / Crea una cuenta, p. ej. la primera de administración."""
    talk = of(context)
    if not set(role) <= {known.value for known in GIVEN}:
        talk.stop("identity.role-unknown", roles=", ".join(sorted(GIVEN)))
    if len(normalised(login)) < SHORTEST_LOGIN:
        talk.stop("identity.login-short")
    password, secret = dice.token_urlsafe(15), second_factor.new_secret()

    async def work(network: Network) -> None:
        keys = keys_of(talk, is_demo=await demo_accounts.is_demo(network))
        if keys is None:
            talk.stop("identity.keys-missing")
        new = NewAccount(
            organization_id=organization,
            roles=frozenset(Role(name) for name in role),
            department=department,
            login=login,
            password_hash=await passwords.hashed(password),
            totp_secret=secret,
        )
        secrets = opened(talk, keys)
        try:
            written = await network.write(accounts_.add, new, actor=OPERATOR, at=datetime.now(UTC), secrets=secrets)
        except NotFound:
            talk.stop("identity.organization-unknown" if department is None else "identity.place-unknown")
        if isinstance(written, Refusal):
            talk.stop(f"reason.{written.reasons[0].reason.value}")

    talk.with_network(work)
    talk.note("identity.added")
    shown = {"login": login, "password": password, "totp": secret}
    roles = rights.names(frozenset(Role(name) for name in role), talk.language)
    talk.out.print(
        talk.words("identity.demo.line", roles=roles, organization=organization, **shown), markup=False, highlight=False
    )
