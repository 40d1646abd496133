"""The whole house, for tests of every page: a network, everybody at work, something of every kind, and every page there is.

Pages come from the routes of the application. One whose path names a thing that `tests/everything.py` does not make
is told by name (`unmade`), so that none is left out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fastapi import FastAPI

from graph.secrets import Secrets, open_secrets
from graph.server import Server
from graph.store.network import Network
from tests.cast import ADMIN, OFFICER, OWNER, PROFESSIONAL, PROVIDER
from tests.everybody import COMMITTEE, DEPARTMENTAL, NOBODY, callers, set_the_house
from tests.everything import MISSING, Ids, everything
from tests.routes import Route, routes
from tests.sending import CLINIC_SERVICE
from tests.served import filled

STAFF: Final = {
    "case manager": OWNER.id,
    "provider": PROVIDER.id,
    "committee": COMMITTEE.id,
    "departmental committee": DEPARTMENTAL.id,
    "data protection officer": OFFICER.id,
    "professional": PROFESSIONAL.id,
    "administrator": ADMIN.id,
}
READERS: Final = (*STAFF, "person", "nobody")
"""Every role, the person themselves, and who has not signed in."""

FEW: Final = 4
PUBLIC: Final[Mapping[str, tuple[str, ...]]] = {
    "service_id": (CLINIC_SERVICE, "s-rent", "s-shelter", "s-hostile", "s-nowhere"),
    "secret": ("x" * 43,),
}
"""Things of the small network, which anybody may look at; a link that leads nowhere."""


@dataclass(frozen=True, slots=True)
class Whole:
    """The house as it stands."""

    server: Server
    secrets: Secrets
    ids: Ids

    def named(self, reader: str) -> str:
        """What the header says of this reader."""
        return {**STAFF, "person": f"person:{self.ids['need_id'][0]}", "nobody": NOBODY}[reader]

    def addresses(self, app: FastAPI, *, each: int = FEW, missing: bool = True) -> Iterator[tuple[Route, str]]:
        """Every page with things that are there, and once with one that is not."""
        for route in pages(app):
            if not route.params:
                yield route, route.path
                continue
            for known in self._things(route, each):
                yield route, route.to(known)
            if missing:
                yield route, route.to(dict.fromkeys(route.params, MISSING))

    def _things(self, route: Route, each: int) -> Iterator[dict[str, str]]:
        last = route.params[-1]
        if last in PUBLIC:
            case, found = "", list(PUBLIC[last])
        else:
            case, found = self.ids.get(kind_of(route), ("", []))
        for id in found[:each]:
            others = {name: self.ids[name][1][0] for name in route.params[:-1] if name in self.ids}
            yield {"case_id": case, **others, last: id}

    def unmade(self, app: FastAPI) -> list[str]:
        """Pages about a kind of thing that this house has none of."""
        known = self.ids.keys() | PUBLIC.keys()
        return [str(route) for route in pages(app) if not known.issuperset([*route.params[:-1], kind_of(route)][-2:])]


def pages(app: FastAPI) -> list[Route]:
    """Every page that is looked at: a GET that is not of the JSON face."""
    return [route for route in routes(app) if route.method == "GET" and not route.is_api]


def kind_of(route: Route) -> str:
    """Of what kind the last thing in a path is."""
    return "received" if route.path.startswith("/received/") else (route.params or ("service_id",))[-1]


def furnished(server: Server, folder: Path) -> Whole:
    """Leave nothing in the graph but the small network and, on top of it, the whole house."""
    secrets = open_secrets(folder / "keys")
    filled(server, folder / "network")

    async def furnish() -> Ids:
        async with Network.open(server) as network:
            await set_the_house(network, secrets)
            async with callers(server, secrets) as house:
                return await everything(house, network, secrets, FEW)

    return Whole(server, secrets, asyncio.run(furnish()))
