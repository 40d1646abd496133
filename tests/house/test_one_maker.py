"""What may leave is made in one place: nobody else makes a disclosure or a permit, and consent reads no clock. (R-10)"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

HOUSE: Final = Path(__file__).parents[2]
PACKAGES: Final = ("api", "benchmarks", "consent", "graph", "launcher", "matching")
MAKERS: Final = {
    "Disclosure": {"consent/minimisation.py", "graph/store/disclosures.py"},  # the store reads it back
    "Permit": {"consent/decision.py", "consent/emergency.py"},
}
READING_BACK: Final = {"model_validate", "model_validate_json", "model_construct", "model_copy", "parse_obj", "__new__"}
REPLACING: Final = {"replace", "evolve", "copy", "deepcopy", "loads"}
CLOCKS: Final = {"now", "utcnow", "today", "time", "time_ns", "monotonic", "perf_counter", "fromtimestamp"}


def sources(*packages: str) -> Iterator[tuple[str, ast.Module]]:
    for package in packages:
        for file in sorted((HOUSE / package).rglob("*.py")):
            yield file.relative_to(HOUSE).as_posix(), ast.parse(file.read_text(encoding="utf-8"))


def names_of(tree: ast.Module, wanted: str) -> set[str]:
    """The class under the names by which a file knows it: imported as something else, assigned, or inherited from."""
    known = {wanted}
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(names=names):
                known |= {alias.asname for alias in names if alias.name == wanted and alias.asname}
            case ast.Assign(targets=[ast.Name(id=new)], value=ast.Name(id=old)) if old in known:
                known.add(new)
            case ast.ClassDef(name=new, bases=bases) if any(isinstance(b, ast.Name) and b.id in known for b in bases):
                known.add(new)
    return known


def is_of(node: ast.expr, known: set[str], wanted: str) -> bool:
    match node:
        case ast.Name(id=name):
            return name in known
        case ast.Attribute(attr=name):
            return name == wanted
    return False


def makings(tree: ast.Module, wanted: str) -> list[int]:
    """Lines that make one: called, read back, or copied with changes."""
    known = names_of(tree, wanted)
    lines = []
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=func) if is_of(func, known, wanted):
                lines.append(node.lineno)
            case ast.Attribute(value=value, attr=attr) if attr in READING_BACK and is_of(value, known, wanted):
                lines.append(node.lineno)
            case ast.Call(func=ast.Name(id="TypeAdapter"), args=[of, *_]) if is_of(of, known, wanted):
                lines.append(node.lineno)
            case ast.Call(func=ast.Attribute(attr="model_copy", value=ast.Name(id=held))) if held in held_as(
                tree, known
            ):
                lines.append(node.lineno)
            case ast.Call(func=ast.Name(id=how) | ast.Attribute(attr=how), args=[ast.Name(id=held), *_]) if (
                how in REPLACING and held in held_as(tree, known)
            ):
                lines.append(node.lineno)
    return lines


def held_as(tree: ast.Module, known: set[str]) -> set[str]:
    """Variables and arguments that an annotation says are one."""
    held = set()
    for node in ast.walk(tree):
        match node:
            case (
                ast.arg(arg=name, annotation=ast.expr() as note)
                | ast.AnnAssign(target=ast.Name(id=name), annotation=note)
            ):
                if any(isinstance(part, ast.Name) and part.id in known for part in ast.walk(note)):
                    held.add(name)
    return held


@pytest.mark.parametrize("wanted", MAKERS)
def test_only_its_makers_make_one(wanted: str) -> None:
    found = {path: lines for path, tree in sources(*PACKAGES) if (lines := makings(tree, wanted))}
    assert found.keys() <= MAKERS[wanted], found
    assert "consent/minimisation.py" in found or wanted != "Disclosure"


@pytest.mark.parametrize(
    "code",
    [
        "Disclosure(id='x')",
        "disclosure.Disclosure(id='x')",
        "from graph.model.disclosure import Disclosure as D\nD(id='x')",
        "D = Disclosure\nD(id='x')",
        "class Other(Disclosure): ...\nOther(id='x')",
        "Disclosure.model_validate({})",
        "Disclosure.model_construct(id='x')",
        "make = Disclosure.model_construct",
        "TypeAdapter(Disclosure).validate_python({})",
        "def f(sent: Disclosure):\n    return sent.model_copy(update={})",
        "def f(sent: Disclosure | None):\n    return copy.replace(sent, payload={})",
    ],
)
def test_the_guard_sees_every_way_to_make_one(code: str) -> None:
    assert makings(ast.parse(code), "Disclosure")


def clocks(tree: ast.Module) -> list[int]:
    return [
        node.lineno
        for node in ast.walk(tree)
        if (isinstance(node, ast.Attribute) and node.attr in CLOCKS)
        or (isinstance(node, ast.Import) and any(alias.name == "time" for alias in node.names))
        or (isinstance(node, ast.ImportFrom) and node.module == "time")
    ]


def test_the_core_reads_no_clock() -> None:
    """Instants and days come as arguments: a decision can be made again, and looked at later."""
    assert {
        path: lines for path, tree in sources("consent", "matching", "graph/model") if (lines := clocks(tree))
    } == {}
    assert clocks(ast.parse("datetime.now(UTC)"))
    assert clocks(ast.parse("from time import time"))
