"""What may not stand in any file of the house, and what the pages about the house promise."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.house.tree import CHECKOUT, place, texts, tracked

INDEX_HOSTS = [
    ".".join(parts) for parts in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("maven", "org"))
]
"""Put together here, so that this file does not name them either."""

INDEX_LINE = re.compile(r"^\s*(--(extra-)?index-url|--find-links|registry\s*=)|\"resolved\":\s*\"http", re.MULTILINE)
OF_ONE_MACHINE = re.compile(r"(?<![\w.$}>])/(?:home|Users|root)/[A-Za-z0-9_.-]+|[A-Z]:\\\\?Users\\")


def test_no_file_names_a_package_index() -> None:
    named = [f"{place(path)}: {host}" for path, text in texts() for host in INDEX_HOSTS if host in text] + [
        place(path) for path, text in texts() if INDEX_LINE.search(text)
    ]
    assert named == []


def test_no_lock_file_of_another_tool() -> None:
    """It would name the addresses of an index. (requirements/README.md)"""
    assert [
        place(path)
        for path in tracked()
        if path.name in {"uv.lock", "poetry.lock", "Pipfile.lock", "package-lock.json"}
    ] == []


def test_no_file_carries_a_path_of_one_machine() -> None:
    ours = {f"{CHECKOUT.parent}/", f"{Path.home()}/"} - {"/", "//"}
    carried = [
        f"{place(path)}: {found}"
        for path, text in texts()
        for found in [*(o for o in ours if o in text), *OF_ONE_MACHINE.findall(text)]
    ]
    assert carried == []


def test_no_page_or_script_of_ours_loads_anything_from_outside() -> None:
    """No CDN: a page works in an office without internet, and tells nobody who reads it."""
    outside = [
        f"{place(path)}: {found}"
        for path, text in texts()
        if path.suffix in {".html", ".css"}
        for found in re.findall(r"""(?:src=|<link[^>]+href=|@import |url\()["']?(https?:)?//[^"' )>]+""", text)
    ]
    assert outside == []


def test_layers_are_named_for_what_they_decide() -> None:
    vague = {"utils", "util", "helpers", "helper", "manager", "common", "misc", "base_service"}
    assert [place(path) for path in tracked() if path.suffix == ".py" and path.stem in vague] == []


DECISIONS = CHECKOUT / "docs" / "decisions"


def test_decisions_are_numbered_and_say_where_they_are_held() -> None:
    files = sorted(path.name for path in DECISIONS.glob("*.md") if path.name != "README.md")
    assert all(re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", name) for name in files), files
    numbers = [name[:4] for name in files]
    assert len(numbers) == len(set(numbers)), "two decisions with one number"
    for name in files:
        text = (DECISIONS / name).read_text(encoding="utf-8")
        assert text.startswith(f"# {name[:4]} "), f"{name} begins with its number"
        for needed in ("Decision", "Context", "Consequences", "Held"):
            assert re.search(rf"^(?:## |\*\*){needed}\b", text, re.MULTILINE), f"{name} does not say: {needed}"


def test_decisions_that_are_cited_exist() -> None:
    known = {path.name[:4] for path in DECISIONS.glob("*.md")}
    cited = {
        (place(path), number)
        for path, text in texts()
        for number in re.findall(r"docs/decisions/(\d{4})|\]\(decisions/(\d{4})", text)
        for number in number
        if number
    }
    assert sorted(where for where in cited if where[1] not in known) == []


def test_every_requirement_is_listed_and_every_label_that_is_cited_exists() -> None:
    listed = set(re.findall(r"\bR-\d{2}\b", (CHECKOUT / "docs" / "requirements.md").read_text(encoding="utf-8")))
    assert len(listed) >= 36
    wrong = [
        f"{place(path)}: {label}"
        for path, text in texts()
        if path.suffix in {".py", ".yaml", ".md", ".po", ".cypher"}
        for label in set(re.findall(r"\bR-\d{2,3}\b", text)) - listed
    ]
    assert sorted(wrong) == []


def paths_named_in(page: Path) -> set[str]:
    """Things in backticks that look like a path of the checkout."""
    text = page.read_text(encoding="utf-8")
    named = set(re.findall(r"`([A-Za-z_.][\w./-]*/[\w./-]*)`", text)) | set(
        re.findall(r"\]\(([\w./-]+\.md)(?:#[\w-]*)?\)", text)
    )
    return {name.rstrip("/") for name in named if not name.startswith((".enlace", "http"))}


@pytest.mark.parametrize("page", ["README.md", "docs/house.md", "docs/walk.md", "requirements/README.md"])
def test_what_a_page_points_at_is_there(page: str) -> None:
    """Whoever moves a file moves the walk."""
    file = CHECKOUT / page
    named = paths_named_in(file)
    assert named
    gone = [name for name in named if not any((base / name).exists() for base in (CHECKOUT, file.parent))]
    assert sorted(gone) == []
