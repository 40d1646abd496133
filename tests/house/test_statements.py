"""Statements: values travel as parameters, and every engine understands every statement."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from functools import cache

import pytest

from graph.store.network import Network, Tx
from tests.house.tree import modules, place

PASSED_ON = {
    "graph/store/network.py": "the schema's statements, which `graph.store.migrate` read from graph/schema",
    "graph/store/content.py": "`run` and `records` pass on what their caller names, and the caller is looked at",
    "graph/conformance/dialect.py": "a table of literal constructs, each asked of the engine in turn",
    "graph/conformance/places.py": "a statement with its lock and without, to show what the lock is for",
}
"""Where a statement is an argument and not a constant, and which one it is."""


def runs() -> Iterator[tuple[str, int, ast.expr, ast.Module]]:
    """Every statement that is run: `tx.run(STATEMENT, …)`, or `run(tx, STATEMENT, …)` and `records(tx, STATEMENT, …)`."""
    for path, tree in modules("api", "graph", "matching", "consent"):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and (argument := statement_of(node)) is not None:
                yield place(path), node.lineno, argument, tree


def statement_of(call: ast.Call) -> ast.expr | None:
    """What a call runs, if it runs a statement."""
    of = call.func
    name = of.attr if isinstance(of, ast.Attribute) else of.id if isinstance(of, ast.Name) else ""
    is_tx = [isinstance(argument, ast.Name) and argument.id == "tx" for argument in call.args[:1]]
    if name in {"run", "records"} and is_tx == [True] and len(call.args) > 1:
        return call.args[1]
    on_tx = isinstance(of, ast.Attribute) and isinstance(of.value, ast.Name) and of.value.id in {"tx", "session"}
    return call.args[0] if name == "run" and on_tx and call.args else None


def finals(tree: ast.Module) -> set[str]:
    """Names of module constants declared `Final`."""
    return {
        node.target.id
        for node in tree.body
        if isinstance(node, ast.AnnAssign)
        and isinstance(node.target, ast.Name)
        and "Final" in ast.unparse(node.annotation)
    }


def constants_of(argument: ast.expr) -> list[str] | None:
    """The constants that an argument names: one, or one of a table by key. None: it is put together on the spot."""
    if isinstance(argument, ast.Name):
        return [argument.id]
    if isinstance(argument, ast.Subscript) and isinstance(argument.value, ast.Name):
        return [argument.value.id]
    if isinstance(argument, ast.Constant):
        return []  # a literal on the spot holds no value either
    if isinstance(argument, ast.IfExp):
        both = [constants_of(argument.body), constants_of(argument.orelse)]
        return [name for names in both for name in names or []] if None not in both else None
    return None


def test_nothing_is_glued_into_a_statement() -> None:
    """What runs is a module's `Final`, never a text put together where it runs."""
    glued = []
    for file, line, argument, tree in runs():
        names = constants_of(argument)
        if file not in PASSED_ON and (names is None or not set(names) <= finals(tree)):
            glued.append(f"{file}:{line}")
    assert glued == []


def test_no_constant_statement_is_made_from_values() -> None:
    """A `Final` may join literals; an f-string, `%` or `.format` would be a way in for values."""
    made = [
        place(path, node.lineno)
        for path, tree in modules("graph/store")
        for node in tree.body
        if isinstance(node, ast.AnnAssign) and node.value is not None and "Final" in ast.unparse(node.annotation)
        for part in ast.walk(node.value)
        if isinstance(part, ast.JoinedStr)
        or (isinstance(part, ast.BinOp) and isinstance(part.op, ast.Mod))
        or (isinstance(part, ast.Attribute) and part.attr in {"format", "format_map", "replace"})
    ]
    assert made == []


@cache
def statements() -> dict[str, str]:
    """Every statement the store runs, by `module.NAME`."""
    found: dict[str, str] = {}
    for file, _, argument, tree in runs():
        if file.startswith("graph/store/") and file not in PASSED_ON:
            module = importlib.import_module(file.removesuffix(".py").replace("/", "."))
            for name in set(constants_of(argument) or []) & finals(tree):
                value = getattr(module, name)
                if isinstance(value, str):
                    found[f"{module.__name__}.{name}"] = value
                else:
                    found |= {f"{module.__name__}.{name}[{key}]": text for key, text in value.items()}
    return found


def test_there_are_statements_to_look_at() -> None:
    assert len(statements()) > 10
    assert all(isinstance(text, str) for text in statements().values())


@pytest.mark.parametrize("name", sorted(statements()))
async def test_every_engine_understands_every_statement(network: Network, name: str) -> None:
    explained = "EXPLAIN " + statements()[name]

    async def explain(tx: Tx) -> None:
        await (await tx.run(explained)).consume()

    await network.read(explain)


async def test_an_engine_that_is_asked_to_explain_nonsense_says_so(network: Network) -> None:
    """Else the test above could not fail."""

    async def explain(tx: Tx) -> None:
        await (await tx.run("EXPLAIN MATCH (a:Area {code $code}) RETURN a")).consume()

    with pytest.raises(Exception, match=r".+"):
        await network.read(explain)


def test_a_statement_is_run_by_one_function_only() -> None:
    """Statement, parameters and mapping on one screen; two functions that run one statement are one function."""
    shared = []
    for path, tree in modules("graph/store"):
        users: dict[str, set[str]] = {}
        for function in ast.walk(tree):
            if isinstance(function, ast.AsyncFunctionDef):
                for call in ast.walk(function):
                    argument = statement_of(call) if isinstance(call, ast.Call) else None
                    for name in constants_of(argument) or [] if argument is not None else []:
                        users.setdefault(name, set()).add(function.name)
        ours = finals(tree)
        shared += [
            f"{place(path)}: {name} is run by {sorted(by)}"
            for name, by in users.items()
            if name in ours and len(by) > 1
        ]
    assert shared == []
