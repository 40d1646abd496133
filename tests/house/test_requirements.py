"""The requirement files: hashed, compiled, of one mind, and asking for what is used and nothing else."""

from __future__ import annotations

import ast
import re
import sys
from importlib.metadata import packages_distributions

from tests.house.tree import CHECKOUT, PACKAGES, modules, names_of, place

LISTS = ("core", "embedded", "test")

ASKED_FOR_BY_OTHERS = {
    "neo4j-rust-ext": "takes the place of the driver's packing of values",
    "python-multipart": "FastAPI wants it when a form is posted",
    "tzdata": "the standard library wants it where the system has no time zones",
}
"""Never imported by us, and needed."""

COMES_WITH = {
    "starlette": "fastapi",
    "markupsafe": "jinja2",
    "pydantic-core": "pydantic",
    "click": "typer",
    "anyio": "fastapi",
}
"""The surface of a library that another one shows as its own."""


def written(name: str) -> str:
    return (CHECKOUT / "requirements" / f"{name}.in").read_text(encoding="utf-8")


def compiled(name: str) -> str:
    return (CHECKOUT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")


def asked(name: str) -> set[str]:
    """Libraries that a list asks for by name."""
    return {canonical(line) for line in re.findall(r"^([A-Za-z0-9][A-Za-z0-9._-]*)", written(name), re.MULTILINE)}


def pinned(name: str) -> list[str]:
    return re.findall(r"^([a-z0-9][a-z0-9._-]*)==", compiled(name), re.MULTILINE)


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def imported() -> dict[str, str]:
    """Libraries that we import, each with one place where."""
    by_module = packages_distributions()
    found: dict[str, str] = {}
    for path, tree in modules("api", "graph", "matching", "consent"):
        for node in ast.walk(tree):
            if isinstance(node, ast.Import | ast.ImportFrom):
                for name in names_of(node):
                    module = name.split(".", maxsplit=1)[0]
                    if module not in sys.stdlib_module_names and module not in (*PACKAGES, "benchmarks"):
                        library = canonical(by_module.get(module, [module])[0])
                        library = "neo4j" if module == "neo4j" else library  # the Rust extension brings that module too
                        found[COMES_WITH.get(library, library)] = place(path, node.lineno)
    return found


def test_every_library_that_is_imported_is_asked_for() -> None:
    known = asked("core") | asked("embedded")
    assert {library: where for library, where in imported().items() if library not in known} == {}


def test_every_library_that_is_asked_for_is_used() -> None:
    """A list of libraries only grows unless somebody looks."""
    assert sorted(asked("core") - imported().keys() - ASKED_FOR_BY_OTHERS.keys()) == []


def test_only_the_embedded_list_names_the_engine() -> None:
    assert "arcadedb-embedded" in pinned("embedded")
    assert "arcadedb-embedded" not in pinned("core") + pinned("test")


def test_every_list_is_compiled_and_every_pin_is_hashed() -> None:
    for name in LISTS:
        assert asked(name) <= set(pinned(name)), f"compile {name}.in again, see requirements/README.md"
        pins = re.split(r"^(?=[a-z0-9])", compiled(name), flags=re.MULTILINE)
        assert [pin for pin in pins if "==" in pin and "--hash=sha256:" not in pin] == []


def test_one_version_of_a_library_serves_all_lists() -> None:
    seen: dict[tuple[str, str], str] = {}
    for name in LISTS:
        for library, version, mark in re.findall(r"^([a-z0-9._-]+)==(\S+)( ; [^\\\n]*)?", compiled(name), re.MULTILINE):
            if not mark:
                assert seen.setdefault((library, mark), version) == version, library


def test_the_pytest_that_is_locked_keeps_groups_together() -> None:
    """tests/house/test_groups.py would say so too, but only where it runs with workers."""
    assert re.search(r"^pytest<9\.2 ", written("test"), re.MULTILINE)
