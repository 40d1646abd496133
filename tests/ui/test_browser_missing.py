"""A missing browser is seen: as a skip, and as a failure where one is required."""

from __future__ import annotations

import shutil

import pytest

from tests.ui import browser


@pytest.fixture(autouse=True)
def none_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)


def test_it_is_a_skip_on_a_machine_of_somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser, "REQUIRED", [""])
    with pytest.raises(pytest.skip.Exception, match="no browser"):
        browser.path_of_browser()


def test_it_is_a_failure_where_it_is_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser, "REQUIRED", ["neo4j", "browser"])
    with pytest.raises(pytest.fail.Exception, match="a browser is required"):
        browser.path_of_browser()
