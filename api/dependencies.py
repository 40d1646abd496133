"""What a route may ask for: the network, the time, the reader's language."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Request

from api.texts import choose
from graph.model.base import Language
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


NetworkDep = Annotated[Network, Depends(network_of)]
NowDep = Annotated[datetime, Depends(now)]
LanguageDep = Annotated[Language, Depends(language_of)]
