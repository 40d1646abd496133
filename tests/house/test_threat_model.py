"""docs/threat-model.md names tests that exist, and says plainly where there is none."""

from __future__ import annotations

import ast
import re

import pytest

from tests.house.tree import CHECKOUT

PAGE = (CHECKOUT / "docs" / "threat-model.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in PAGE.splitlines()
    if line.startswith("| ") and not line.startswith("| who |")
]
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)))
LEAST_ROWS = 29
"""Ways to harm somebody that were thought of at the beginning; none is dropped."""


def test_every_row_says_who_how_what_is_done_and_what_holds_it() -> None:
    assert len(ROWS) >= LEAST_ROWS
    for row in ROWS:
        assert len(row) == 4, row
        assert all(len(cell) >= 3 for cell in row), row
        assert row[3].strip(" |") == "not yet" or re.fullmatch(
            r"(`tests/[\w/]+\.py::\w+`(, )?)+", row[3].strip(" |")
        ), row[0]


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_a_test_that_is_named_exists(file: str, name: str) -> None:
    tree = ast.parse((CHECKOUT / file).read_text(encoding="utf-8"))
    found = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    assert name in found, f"docs/threat-model.md names {file}::{name}"
