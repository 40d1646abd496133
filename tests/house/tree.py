"""The files of the house, as the tests of this folder read them."""

from __future__ import annotations

import ast
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

CHECKOUT: Final = Path(__file__).resolve().parents[2]
PACKAGES: Final = ("api", "graph", "matching", "consent", "launcher")
NOT_OURS: Final = {".git", ".enlace", ".venv", "venv", "target", "build", "node_modules"}


@cache
def tracked() -> tuple[Path, ...]:
    """Every file under version control; where there is no git, every file that is not somebody's cache."""
    if shutil.which("git") and (CHECKOUT / ".git").exists():
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=CHECKOUT, capture_output=True, text=True, check=True)
        found = [CHECKOUT / name for name in listed.stdout.split("\0") if name]
    else:
        found = [path for path in CHECKOUT.rglob("*") if not NOT_OURS & set(path.relative_to(CHECKOUT).parts)]
    return tuple(path for path in found if path.is_file() and "__pycache__" not in path.parts)


def texts() -> Iterator[tuple[Path, str]]:
    """Tracked files that are text, with what they say."""
    for path in tracked():
        content = path.read_bytes()
        if b"\0" not in content:
            yield path, content.decode("utf-8", errors="replace")


def modules(*packages: str) -> Iterator[tuple[Path, ast.Module]]:
    """The Python files of packages (`graph/store` names a package too), parsed."""
    for package in packages:
        for path in sorted((CHECKOUT / package).rglob("*.py")):
            yield path, ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def place(path: Path, line: int = 0) -> str:
    """Where something is, as an editor understands it."""
    return f"{path.relative_to(CHECKOUT).as_posix()}" + (f":{line}" if line else "")


def names_of(node: ast.Import | ast.ImportFrom) -> list[str]:
    """The modules that an import names."""
    return [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
