"""Accounts of the demo network: who they are, drawn anew for every data folder, and put into the graph. (R-25)

No password is fixed: each folder draws its own. Outside the demo nobody has an account until somebody adds one.
"""

from __future__ import annotations

import secrets as dice
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from pydantic import Field

from api.actions import accounts, passwords, second_factor
from api.actions.accounts import OPERATOR, NewAccount
from graph.model.actor import Role
from graph.model.base import Code, Id, Model
from graph.secrets import Secrets
from graph.seed.demo.build import id_of
from graph.store import actors
from graph.store.network import Network

PEOPLE: Final = (
    ("gestora", "gt-acogida", Role.CASE_MANAGER),
    ("clinica", "gt-ixchel", Role.PROVIDER),
    ("comite", "gt-frontera-sanmarcos", Role.COMMITTEE),
    ("comite-dos", "gt-registro", Role.COMMITTEE),
    ("comite-quetzaltenango", "gt-ventanilla-altos", Role.DEPARTMENT_COMMITTEE),
    ("proteccion-datos", "gt-acogida", Role.DATA_PROTECTION_OFFICER),
    ("psicologa", "gt-ixchel", Role.PROFESSIONAL),
    ("admin-uno", "gt-acogida", Role.ADMIN),
    ("admin-dos", "gt-frontera-sanmarcos", Role.ADMIN),
    ("persona", "gt-acogida", Role.PERSON),
)
"""Login, organisation of the demo, role. Two of the committee, because nobody publishes what they drafted. The person's is the organisation that works with them: it hands them their way
in (`api.actions.demo_day`)."""

DEPARTMENTS: Final[Mapping[str, str]] = {"comite-quetzaltenango": "GT09"}
"""Which one a departmental committee answers for."""


class DemoAccount(Model):
    """One account of the demo with all that is needed to use it."""

    login: str
    password: str = Field(repr=False)
    totp: str = Field(repr=False)
    organization_id: Id
    role: Role
    department: Code | None = None


def draw() -> list[DemoAccount]:
    """The demo accounts with passwords and secrets of their own."""
    return [
        DemoAccount(
            login=login,
            password=dice.token_urlsafe(12),
            totp=second_factor.new_secret(),
            organization_id=id_of("organization", key),
            role=role,
            department=DEPARTMENTS.get(login),
        )
        for login, key, role in PEOPLE
    ]


async def is_demo(network: Network) -> bool:
    """Whether the organisations of these accounts are in the network: then it is the demo, else it is not."""
    ids = sorted({id_of("organization", key) for _, key, _ in PEOPLE})
    return len(await network.read(actors.known_organizations, ids)) == len(ids)


async def put(network: Network, drawn: list[DemoAccount], *, at: datetime, secrets: Secrets) -> None:
    """Add those that are not there yet; called again, nothing happens. A person's own comes with their case."""
    members = [account for account in drawn if account.role is not Role.PERSON]
    if await network.read(accounts.count) >= len(members):
        return
    for account in members:
        new = NewAccount(
            organization_id=account.organization_id,
            roles=frozenset({account.role}),
            department=account.department,
            login=account.login,
            password_hash=await passwords.hashed(account.password),
            totp_secret=account.totp,
        )
        await network.write(accounts.add, new, actor=OPERATOR, at=at, secrets=secrets)
