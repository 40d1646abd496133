"""The carried geography: complete, connected, honest about its points, and made by its script. (R-04, R-06)"""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from graph.model.area import Area
from graph.seed import areas
from graph.seed.areas import build

CARRIED = Path(areas.__file__).parent
SOURCE = Path(__file__).parents[3] / "shared" / "data" / "geo"


FIELDS = {"lat": "latitude", "lon": "longitude"}


def area_of(row: dict[str, str]) -> Area:
    stated = {FIELDS.get(column, column): value for column, value in row.items() if value}
    return Area.model_validate({**stated, "level": int(row["level"])})


def carried() -> dict[str, Area]:
    with (CARRIED / "areas.csv").open(encoding="utf-8", newline="") as stream:
        rows = [area_of(row) for row in csv.DictReader(stream)]
    assert len({row.code for row in rows}) == len(rows)
    return {row.code: row for row in rows}


def touching() -> list[tuple[str, str]]:
    with (CARRIED / "area-adjacency.csv").open(encoding="utf-8", newline="") as stream:
        return [(row["code"], row["adjacent"]) for row in csv.DictReader(stream)]


def test_four_countries_with_all_their_departments_and_municipalities() -> None:
    assert Counter(area.level for area in carried().values()) == {0: 4, 1: 86, 2: 3153}
    departments = Counter(area.parent for area in carried().values() if area.level == 1)
    assert departments == {"GT": 22, "HN": 18, "SV": 14, "MX": 32}


def test_every_area_hangs_one_level_below_its_parent() -> None:
    known = carried()
    for area in known.values():
        if area.parent is None:
            assert area.level == 0
        else:
            assert known[area.parent].level == area.level - 1
            assert known[area.parent].code[:2] == area.code[:2]


def test_the_municipalities_of_el_salvador_begin_with_the_reform() -> None:
    of_sv = [a for a in carried().values() if a.level == 2 and a.code.startswith("SV")]
    assert len(of_sv) == 44
    for area in of_sv:
        assert not area.is_valid(on=date(2024, 4, 30)) and area.is_valid(on=date(2024, 5, 1))


def test_names_are_spanish() -> None:
    assert not [a.name for a in carried().values() if "Municip" in a.name or " City" in a.name]
    assert carried()["MX15"].name == "Estado de México"


def test_a_pair_stands_once_and_joins_areas_of_one_level() -> None:
    known, pairs = carried(), touching()
    assert all(a < b for a, b in pairs) and len(set(pairs)) == len(pairs)
    assert all(known[a].level == known[b].level in (1, 2) for a, b in pairs)


def test_departments_touch_as_on_the_map() -> None:
    of_quetzaltenango = {b if a == "GT09" else a for a, b in touching() if "GT09" in (a, b)}
    # Sololá, Totonicapán, Suchitepéquez, Retalhuleu, San Marcos, Huehuetenango
    assert of_quetzaltenango == {"GT07", "GT08", "GT10", "GT11", "GT12", "GT13"}
    assert ("GT12", "MX07") in touching(), "San Marcos and Chiapas, across the frontier"
    assert not [pair for pair in touching() if "HN11" in pair], "the Bay Islands touch nobody"


def test_municipalities_touch_only_within_the_same_or_touching_departments() -> None:
    known, pairs = carried(), touching()
    departments = {pair for pair in pairs if known[pair[0]].level == 1}
    for a, b in pairs:
        if known[a].level == 2:
            above = sorted((str(known[a].parent), str(known[b].parent)))
            assert above[0] == above[1] or (above[0], above[1]) in departments


def test_a_point_taken_from_the_department_makes_no_neighbours() -> None:
    known = carried()
    guessed = {code for code, area in known.items() if area.point_from == "parent"}
    assert len(guessed) == 187
    assert not [pair for pair in touching() if guessed & set(pair)]


def test_the_attribution_is_carried() -> None:
    readme = (CARRIED / "README.md").read_text(encoding="utf-8")
    assert "Made with Natural Earth. Place names and points: GeoNames, CC BY 4.0." in readme


def test_a_third_seat_between_two_parts_them() -> None:
    def seat(code: str, lon: float) -> build.Row:
        return build.Row(code, code, 2, "XX01", lat=15.0, lon=lon, point_from="place")

    rows = [seat("XX0101", -90.0), seat("XX0102", -90.1), seat("XX0103", -90.2), seat("XX0104", -95.0)]
    assert build.municipalities_that_touch(rows, set()) == {("XX0101", "XX0102"), ("XX0102", "XX0103")}


def test_the_script_makes_the_carried_files_again(tmp_path: Path) -> None:
    if not SOURCE.exists():
        pytest.skip("the geographic sources are not beside this checkout (../shared/data/geo)")
    build.build(SOURCE, tmp_path)
    for name in ("areas.csv", "area-adjacency.csv", "admin1-coarse.geojson"):
        assert (tmp_path / name).read_bytes() == (CARRIED / name).read_bytes(), name
