"""`enlace account add` and what `up` does about keys and demo accounts, as an operator meets them. (R-25)"""

from __future__ import annotations

import asyncio
import os
import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pyotp
import pytest
import typer
from typer.testing import CliRunner, Result

from api.actions import demo_accounts, sign_in
from api.actions.demo_accounts import PEOPLE
from api.cli import accounts
from api.cli.conversation import Conversation
from api.settings import Settings, read_settings
from graph.engine import Server, serve
from graph.secrets import open_secrets
from graph.seed.demo.build import id_of
from graph.store.migrate import migrate
from graph.store.network import Network, Tx

AREAS: Final = """
    MERGE (d:Area {code: 'GT09', name: 'Quetzaltenango', level: 1})
    MERGE (t:Area {code: 'GT0901', name: 'Quetzaltenango', level: 2})
"""
ORGANIZATIONS: Final = "UNWIND $ids AS id MERGE (:Organization {id: id, name: id})"
ADMIN: Final = ("account", "add", "primera.admin", "--organization", "org-home-demo", "--role", "admin")


def enlace(*arguments: str, data: Path, lang: str = "en", **settings: Any) -> Result:
    app = typer.Typer()
    app.command("accounts")(accounts.accounts)
    app.add_typer(accounts.app, name="account")
    return CliRunner().invoke(app, list(arguments), obj=Conversation(read_settings(data=data, lang=lang, **settings)))


async def organizations(server: Server, *ids: str) -> None:
    async def work(tx: Tx) -> None:
        await (await tx.run(ORGANIZATIONS, ids=list(ids))).consume()
        await (await tx.run(AREAS)).consume()

    async with Network.open(server) as network:
        await migrate(network)
        await network.write(work)


@pytest.mark.xdist_group("embedded")
def test_the_first_administrator_outside_the_demo(tmp_path: Path) -> None:
    data, keys = tmp_path / "data", tmp_path / "keys"
    with serve(data) as server:
        asyncio.run(organizations(server, "org-home-demo"))
        without = enlace(*ADMIN, data=data)
        assert without.exit_code == 2 and "ENLACE_KEYS" in without.output
        inside = enlace(*ADMIN, data=data, keys=data / "keys")
        assert inside.exit_code == 2 and not (data / "keys").exists(), "a copy of the data would take the keys along"
        assert enlace(*ADMIN[:-1], "person", data=data, keys=keys).exit_code == 2
        asked = ("account", "add", "el.comite", "--organization", "org-home-demo", "--role", "department-committee")
        assert enlace(*asked, data=data, keys=keys).exit_code == 2, "a departmental committee has a department"
        assert "department" in enlace(*asked, "--department", "GT0901", data=data, keys=keys).output, "a town is none"
        assert enlace(*asked, "--role", "provider", "--department", "GT09", data=data, keys=keys).exit_code == 2
        assert enlace(*asked, "--department", "GT09", data=data, keys=keys).exit_code == 0
        assert enlace(*ADMIN[:3], "--organization", "none", "--role", "admin", data=data, keys=keys).exit_code == 2
        added = enlace(*ADMIN, data=data, keys=keys)
        assert added.exit_code == 0
        told = dict(line.strip().split(": ", 1) for line in added.output.splitlines() if ": " in line)
        assert enlace(*ADMIN, data=data, keys=keys).exit_code == 2, "the login is taken"

        async def signs_in() -> bool:
            async with Network.open(server) as network:
                now = datetime.now(UTC)
                code = pyotp.TOTP(told["TOTP secret"]).at(now)
                login, password = told["login"], told["password"]
                found = await sign_in.sign_in(network, login, password, code, at=now, secrets=open_secrets(keys))
                return found is not None

        assert asyncio.run(signs_in())
    assert enlace("accounts", data=data).exit_code == 2, "there are no demo accounts here"


@pytest.mark.xdist_group("embedded")
def test_demo_accounts_are_drawn_once_per_folder_and_only_for_the_demo(tmp_path: Path) -> None:
    talk = Conversation(read_settings(data=tmp_path, lang="en"))

    async def prepared(server: Server, *, demo: bool) -> bool:
        async with Network.open(server) as network:
            return await accounts.prepare(talk, network, demo=demo) is not None

    with serve(tmp_path) as server:
        asyncio.run(organizations(server, "org-home-demo"))
        assert not asyncio.run(prepared(server, demo=True)), "not the demo: no default account, no keys in the data"
        assert not (tmp_path / "keys").exists()
        asyncio.run(organizations(server, *{id_of("organization", key) for _, key, _ in PEOPLE}))
        assert asyncio.run(prepared(server, demo=True))
        drawn = accounts.recall(tmp_path / "keys")
        assert asyncio.run(prepared(server, demo=True))
        assert accounts.recall(tmp_path / "keys") == drawn and len(drawn) == len(PEOPLE)
        shown = enlace("accounts", "--json", data=tmp_path).output
        assert all(one.password in shown and one.totp in shown for one in drawn)
    other = demo_accounts.draw()
    assert not {one.password for one in other} & {one.password for one in drawn}
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / "keys" / accounts.DEMO_FILE).stat().st_mode) == 0o600


def test_the_numbers_of_another_folder_are_asked_for_with_its_name(tmp_path: Path) -> None:
    assert accounts.command_of(read_settings(data=tmp_path / "mi red").data).endswith("mi red' accounts")
    assert accounts.command_of(Settings.model_fields["data"].default) == "./enlace accounts"
