"""A graph server as everybody else sees it: where it is and how to sign in; and what can be wrong with one.

How one comes to be does not belong here: see `graph.engine`.
"""

from __future__ import annotations

import contextlib
import ipaddress
import logging
import time
from dataclasses import dataclass, field
from typing import Any, Final, Literal
from urllib.parse import SplitResult, urlsplit

from neo4j import GraphDatabase
from neo4j.exceptions import AuthError, ConfigurationError, DriverError, Neo4jError

Kind = Literal["embedded", "neo4j"]

ENCRYPTED: Final = frozenset({"bolt+s", "bolt+ssc", "neo4j+s", "neo4j+ssc"})
PLAIN: Final = frozenset({"bolt", "neo4j"})


class EngineProblem(Exception):
    """Why there is no engine. `code` names the text that a person reads, `places` fill it; neither holds a secret."""

    def __init__(self, code: str, /, **places: object) -> None:
        super().__init__(code)
        self.code = code
        self.places = places

    def __str__(self) -> str:
        return " ".join([self.code, *(f"{name}={value}" for name, value in self.places.items())])


@dataclass(frozen=True)
class Server:
    """Address and credentials of a server that speaks Bolt."""

    uri: str
    user: str
    password: str = field(repr=False)
    database: str
    kind: Kind

    @property
    def auth(self) -> tuple[str, str] | None:
        """User and password; None for a server that asks for none."""
        return (self.user, self.password) if self.user else None

    @property
    def routes(self) -> bool:
        """Whether the address is that of a cluster, so that reads may go to followers."""
        return urlsplit(self.uri).scheme.startswith("neo4j")


def is_loopback(host: str) -> bool:
    """Whether an address can be reached from this machine only. A name other than `localhost` is not trusted."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost"
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return address.is_loopback


def examine_uri(uri: str, *, allow_unencrypted: bool = False) -> None:
    """Refuse an address that is none of ours, that carries a password, or that would send data in the clear."""
    parts = urlsplit(uri)
    if parts.scheme not in ENCRYPTED | PLAIN or not parts.hostname or not _has_sound_port(parts):
        raise EngineProblem("engine.bad-uri")
    if parts.username or parts.password:
        raise EngineProblem("engine.password-in-uri")
    if parts.scheme in PLAIN and not is_loopback(parts.hostname) and not allow_unencrypted:
        raise EngineProblem("engine.unencrypted", host=parts.hostname)


def _has_sound_port(parts: SplitResult) -> bool:
    try:
        return parts.port != 0
    except ValueError:
        return False


def hush() -> None:
    """Keep the driver's log quiet: its messages quote refused values. Who sets a level of their own keeps it."""
    log = logging.getLogger("neo4j")
    if log.level == logging.NOTSET:
        log.setLevel(logging.CRITICAL)


def answers(server: Server, *, timeout: float = 2.0) -> bool:
    """Whether the server answers `RETURN 1` now. A wrong password is told, silence is False."""
    return _ask(server, timeout) is not None


def wait_until_ready(server: Server, *, within: float) -> str:
    """Wait for the first answer to `RETURN 1`; says which product answered, e.g. `Neo4j/5.26.0`."""
    end = time.monotonic() + within
    while True:
        agent = _ask(server, max(0.5, min(2.0, end - time.monotonic())))
        if agent is not None:
            return agent
        if time.monotonic() >= end:
            raise EngineProblem("engine.unreachable", address=urlsplit(server.uri).netloc, seconds=round(within))
        time.sleep(0.1)


def _ask(server: Server, timeout: float) -> str | None:
    hush()
    settings: dict[str, Any] = {"connection_timeout": timeout, "connection_acquisition_timeout": timeout}
    denied = False
    try:
        with GraphDatabase.driver(server.uri, auth=server.auth, telemetry_disabled=True, **settings) as driver:
            with driver.session(database=server.database) as session, session.begin_transaction(timeout=timeout) as tx:
                tx.run("RETURN 1").consume()
            with contextlib.suppress(Neo4jError, DriverError):
                return str(driver.get_server_info().agent)
            return ""
    except AuthError:
        denied = True
    except ConfigurationError:
        raise EngineProblem("engine.bad-uri") from None
    except (Neo4jError, DriverError, OSError):
        return None
    if denied:
        raise EngineProblem("engine.denied", address=urlsplit(server.uri).netloc)
    return None
