"""What a route may ask for: the network, the time, the reader's language, the areas by name."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, Final

from fastapi import Depends, Request
from starlette.exceptions import HTTPException

from api.actions import division
from api.gazetteer import Gazetteer
from api.texts import choose
from graph.model.actor import Actor
from graph.model.base import Language
from graph.secrets import Secrets
from graph.store.network import Network

LANGUAGE_COOKIE = "lang"


def network_of(request: Request) -> Network:
    """The network that this server speaks to; opened when the server starts."""
    network: Network = request.app.state.network
    return network


def now() -> datetime:
    """The one clock of a request."""
    return datetime.now(UTC)


def language_of(request: Request) -> Language:
    """`?lang=`, else the cookie, else what the browser prefers, else Spanish."""
    accepted = [part.split(";")[0].strip() for part in request.headers.get("accept-language", "").split(",")]
    return choose(request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE), *accepted)


REMEMBERED: Final = 60.0
"""Seconds for which the areas are kept in memory: they change by an import only."""


async def gazetteer_of(request: Request) -> Gazetteer:
    """All areas by name, read anew once a minute at most; an empty division is never remembered."""
    clock = asyncio.get_running_loop().time()
    known: tuple[float, Gazetteer] | None = getattr(request.app.state, "gazetteer", None)
    if known and clock - known[0] < REMEMBERED:
        return known[1]
    gazetteer = Gazetteer(await network_of(request).read(division.areas, on=now().date()))
    if gazetteer.by_code:
        request.app.state.gazetteer = (clock, gazetteer)
    return gazetteer


async def actor_of(request: Request) -> Actor:
    """Who asks, as the graph knows them now. Whoever starts the server says how to tell (`app.state.identify`).

    Deny by default: where nobody can tell, nobody is signed in.
    """
    identify: Identify | None = getattr(request.app.state, "identify", None)
    actor = await identify(request) if identify is not None else None
    if actor is None:
        raise HTTPException(401)
    return actor


Identify = Callable[[Request], Awaitable[Actor | None]]
"""From a request to who signed in; None for nobody."""


def secrets_of(request: Request) -> Secrets:
    """The keys this server was started with; without them nothing about a person is read or written."""
    secrets: Secrets | None = getattr(request.app.state, "secrets", None)
    if secrets is None:
        raise HTTPException(401)
    return secrets


def keys_of(request: Request) -> Secrets | None:
    """The keys, where there are any: for what is read about nobody, and holds more once there are cases."""
    found: Secrets | None = getattr(request.app.state, "secrets", None)
    return found


ActorDep = Annotated[Actor, Depends(actor_of)]
SecretsDep = Annotated[Secrets, Depends(secrets_of)]
KeysDep = Annotated[Secrets | None, Depends(keys_of)]
NetworkDep = Annotated[Network, Depends(network_of)]
NowDep = Annotated[datetime, Depends(now)]
LanguageDep = Annotated[Language, Depends(language_of)]
GazetteerDep = Annotated[Gazetteer, Depends(gazetteer_of)]
