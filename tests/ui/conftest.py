"""The HTML face on a real engine that holds the small network.

A page calls actions whose statements other tests put to both engines (`tests/store`, `tests/actions`, `tests/v1`), so
each module of pages runs on one of the two, half of them on either; with `--full` on both.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from graph.server import Server
from tests.served import client_of, filled
from tests.sizes import is_full

HERE = Path(__file__).parent


@pytest.hookimpl(trylast=True)  # after -k: whoever asks for one engine gets it
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of a module that would run on every engine keep one: by its place in the alphabet, so that workers share the work."""
    if is_full():
        return
    engines: dict[Path, set[str]] = {}
    for item in items:
        if HERE in item.path.parents and (engine := _engine_of(item)):
            engines.setdefault(item.path, set()).add(engine)
    kept = {path: sorted(named)[n % len(named)] for n, (path, named) in enumerate(sorted(engines.items()))}
    left_out = [item for item in items if _engine_of(item) not in {None, kept.get(item.path, _engine_of(item))}]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]


def _engine_of(item: pytest.Item) -> str | None:
    callspec = getattr(item, "callspec", None)
    return callspec.params.get("server") if callspec else None


@pytest.fixture(scope="module")
def client(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A browser's view of the application, on the small network as each module finds it."""
    filled(server, tmp_path_factory.mktemp("small network"))
    with client_of(server) as client:
        yield client
