"""The demo network as documents: HSDS 3.1, read back as it was meant, and ready to import. (R-02)"""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from referencing import Registry, Resource

from graph.exchange.demo import GEOGRAPHY, documents, write
from graph.seed import areas
from tests.seed.test_demo_network import DAY

HSDS = Path(__file__).parents[3] / "shared" / "data" / "hsds"


@cache
def organizations() -> tuple[dict[str, Any], ...]:
    return documents(DAY).organizations


def test_every_document_is_hsds() -> None:
    if not HSDS.exists():
        pytest.skip("the HSDS schemas are not beside this checkout (../shared/data/hsds)")
    schemas = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in HSDS.glob("*.json")}
    registry: Registry[Any] = Registry().with_resources(
        (name, Resource.from_contents(schema, default_specification=_spec())) for name, schema in schemas.items()
    )
    checks = Draft202012Validator.FORMAT_CHECKER
    for name, rows in (
        ("organization.json", [{**o, "services": []} for o in organizations()]),
        ("service.json", [service for o in organizations() for service in o["services"]]),
    ):
        validator = Draft202012Validator(schemas[name], registry=registry, format_checker=checks)
        wrong = [
            f"{row['name']}: {error.json_path} {error.message}" for row in rows for error in validator.iter_errors(row)
        ]
        assert rows and wrong == []


def _spec() -> Any:
    from referencing.jsonschema import DRAFT202012

    return DRAFT202012


def test_the_folder_holds_the_network_and_its_geography(tmp_path: Path) -> None:
    folder = write(tmp_path / "red de muestra", DAY)
    assert {path.name for path in folder.iterdir()} == {
        *GEOGRAPHY,
        "organizations.json",
        "mechanisms.json",
        "suspensions.json",
    }
    for name in GEOGRAPHY:
        assert (folder / name).read_bytes() == (Path(areas.__file__).parent / name).read_bytes()
    assert json.loads((folder / "organizations.json").read_text(encoding="utf-8")) == list(organizations())


def test_the_same_day_gives_the_same_bytes(tmp_path: Path) -> None:
    one, two = write(tmp_path / "one", DAY), write(tmp_path / "two", DAY)
    for path in one.iterdir():
        assert path.read_bytes() == (two / path.name).read_bytes()


def test_the_day_shows_only_in_places_and_agreements() -> None:
    def still(rows: tuple[dict[str, Any], ...]) -> list[dict[str, Any]]:
        apart = {"capacities", "capacity_statements"}
        return [
            {**o, "agreements": [], "services": [{k: v for k, v in s.items() if k not in apart} for s in o["services"]]}
            for o in rows
        ]

    assert still(documents(date(2027, 5, 2)).organizations) == still(organizations())
