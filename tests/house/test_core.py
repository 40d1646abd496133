"""What the core promises beside its imports: no clock of its own; and what the launcher promises: nothing installed."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator

from tests.house.tree import modules, names_of, place

CORE = ("matching", "consent", "graph/model")
CLOCKS = {"now", "today", "utcnow", "time", "time_ns", "monotonic", "perf_counter"}


def calls(tree: ast.Module) -> Iterator[tuple[ast.Call, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            yield node, name


def test_the_core_never_looks_at_a_clock() -> None:
    """Time comes in as an argument, so that yesterday's answer can be had again today."""
    read = [
        place(path, node.lineno)
        for path, tree in modules(*CORE)
        for node, name in calls(tree)
        if name in CLOCKS and (isinstance(node.func, ast.Name) or not node.args)
    ]
    assert read == []


def test_only_settings_and_the_launcher_read_the_environment() -> None:
    read = [
        place(path, node.lineno)
        for path, tree in modules("api", "graph", "matching", "consent")
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "environb", "getenv", "getenvb"}
        if isinstance(node.value, ast.Name) and node.value.id == "os"
    ]
    assert read == []


def test_the_launcher_needs_the_standard_library_only() -> None:
    foreign = [
        place(path, node.lineno)
        for path, tree in modules("launcher")
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in names_of(node)
        if name.split(".")[0] not in sys.stdlib_module_names | {"launcher"}
    ]
    assert foreign == []


def test_every_module_says_what_belongs_in_it() -> None:
    silent = [
        place(path)
        for path, tree in modules("api", "graph", "matching", "consent", "launcher")
        if not ast.get_docstring(tree)
    ]
    assert silent == []
