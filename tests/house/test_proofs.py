"""The page of proofs names tests that are there, in the sizes that they run."""

from __future__ import annotations

import re
from typing import Final

from tests.house.tree import CHECKOUT

PAGE: Final = (CHECKOUT / "docs" / "proofs.md").read_text(encoding="utf-8")
SIZES: Final = {
    "tests/store/test_send_killed.py": (
        '"embedded": kills(10, 200), "neo4j": kills(3, 60)',
        "10 kills embedded, 3 Neo4j",
    ),
    "tests/store/test_send_cut.py": ("writes(1_000, 20_000)", "1,000 writes | 20,000"),
    "tests/store/test_send_races.py": ("races(125, 2500)", "500 races of withdrawal and suspension, 250 of revocation"),
    "tests/store/test_places_races.py": ("races(20, 1000)", "40 races | 2,000"),
    "tests/store/test_places_crowd.py": ("reservations(200, 10_000)", "200 asked"),
    "tests/store/test_lifetimes.py": ("worlds(100, 10_000)", "100 lives of 30 deeds on each engine | 10,000 of 50"),
    "tests/model/test_stock.py": ("worlds(300, 20_000)", "300 worlds | 20,000"),
    "tests/consent/test_send_is_computed.py": ("worlds(ci=5_000, full=50_000)", "5,000 worlds | 50,000"),
    "tests/consent/test_one_door.py": ("worlds(ci=1_000, full=10_000)", "1,000 worlds, all combinations | 10,000"),
    "tests/consent/test_who_sees.py": ("20_000 if is_full() else 2_000", "2,000 worlds | 20,000"),
    "tests/v1/test_foreign_ids.py": ("20 if is_full() else 4", "4 ids each"),
    "tests/v1/test_lists.py": ("400 if is_full() else 40", "40 worlds | 400"),
    "tests/v1/test_schemathesis.py": ("50_000 if is_full() else 2_000", "2,000 cases over both engines | 50,000"),
}


def test_every_test_named_on_the_page_is_there() -> None:
    named = set(re.findall(r"`(tests/[\w/]+\.py)`", PAGE))
    assert len(named) > 15
    assert sorted(name for name in named if not (CHECKOUT / name).is_file()) == []


def test_sizes_on_the_page_are_those_of_the_code() -> None:
    for name, (in_code, on_page) in SIZES.items():
        assert in_code in (CHECKOUT / name).read_text(encoding="utf-8"), (
            f"{name}: its size changed, and the page with it"
        )
        row = [line for line in PAGE.splitlines() if line.startswith("|") and f"`{name}`" in line]
        assert any(on_page in line for line in row), name
