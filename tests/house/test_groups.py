"""Tests that share an engine share a worker. A pytest that ignores the mark would start four engines on two cores."""

from __future__ import annotations

import os

import pytest


@pytest.mark.xdist_group("one-worker")
def test_the_mark_for_a_common_worker_is_heeded(request: pytest.FixtureRequest) -> None:
    if "PYTEST_XDIST_WORKER" not in os.environ:
        pytest.skip("one process, nothing to distribute")
    assert request.node.nodeid.endswith("@one-worker")
