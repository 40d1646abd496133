"""A server that was named: what is refused before a word is sent to it, and what is told when it does not answer."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from graph import engine
from graph.engine import EngineProblem, Server, serve
from graph.server import examine_uri, is_loopback


@pytest.mark.parametrize(
    ("uri", "code"),
    [
        ("bolt://graph.example.org", "engine.unencrypted"),
        ("neo4j://10.1.2.3:7687", "engine.unencrypted"),
        ("bolt://user:secret@localhost", "engine.password-in-uri"),
        ("https://localhost:7473", "engine.bad-uri"),
        ("bolt://", "engine.bad-uri"),
        ("bolt://localhost:port", "engine.bad-uri"),
    ],
)
def test_an_address_that_would_give_data_away_is_refused(uri: str, code: str, tmp_path: Path) -> None:
    with pytest.raises(EngineProblem) as caught, serve(tmp_path, neo4j_uri=uri, within=0):
        pass
    assert caught.value.code == code
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "uri",
    [
        "bolt://127.0.0.1",
        "neo4j://localhost:7687",
        "bolt://[::1]:7687",
        "neo4j+s://graph.example.org",
        "bolt+ssc://10.1.2.3",
    ],
)
def test_this_machine_and_encrypted_addresses_are_welcome(uri: str) -> None:
    examine_uri(uri)


def test_an_unencrypted_address_elsewhere_needs_somebody_to_say_so() -> None:
    examine_uri("bolt://graph.example.org", allow_unencrypted=True)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        *[(host, True) for host in ("127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1", "localhost")],
        *[(host, False) for host in ("0.0.0.0", "::", "10.0.0.1", "localhost.example.org")],
    ],
)
def test_only_this_machine_is_loopback(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


def test_a_server_that_does_not_answer_is_told(tmp_path: Path) -> None:
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        uri = f"bolt://127.0.0.1:{mute.getsockname()[1]}"
        with pytest.raises(EngineProblem) as caught, serve(tmp_path, neo4j_uri=uri, within=0.5):
            pass
    assert caught.value.code == "engine.unreachable"


def test_a_named_server_is_the_one_that_is_used(server: Server, tmp_path: Path) -> None:
    with serve(
        tmp_path,
        neo4j_uri=server.uri,
        neo4j_user=server.user,
        neo4j_password=server.password,
        neo4j_database=server.database,
    ) as named:
        assert (named.uri, named.kind) == (server.uri, "neo4j")
    assert list(tmp_path.iterdir()) == []


def test_neo4j_before_version_5_is_refused() -> None:
    with pytest.raises(EngineProblem) as caught:
        engine._is_new_enough("Neo4j/4.4.30")
    assert caught.value.code == "engine.too-old"
    engine._is_new_enough("Neo4j/5.26.18")
    engine._is_new_enough("Neo4j/2026.10.0")
    engine._is_new_enough("Another/1.0")
