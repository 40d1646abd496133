"""Makes `areas.csv` and `area-adjacency.csv` from a gazetteer and polygons of the first level. (R-04, R-06)

    python -m graph.seed.areas.build SOURCE_FOLDER OUT_FOLDER

The source folder holds `gazetteer.csv`, `admin1.geojson` and `admin1-coarse.geojson`. The same source gives the same
bytes. Whoever finds a wrong name or neighbour mends it here, never in the CSV files.
"""

from __future__ import annotations

import csv
import io
import json
import math
import shutil
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any, Final, TypeAlias

Point: TypeAlias = tuple[float, float]
"""Longitude and latitude, degrees, as GeoJSON has them."""

Pair: TypeAlias = tuple[str, str]
"""Two areas that touch, the smaller code first."""

COUNTRIES: Final = {"GT": "Guatemala", "HN": "Honduras", "SV": "El Salvador", "MX": "México"}

NAMES: Final = {
    "GT0506": "Tiquisate",
    "GT1419": "Chicamán",
    "GT1420": "Ixcán",
    "GT1615": "Fray Bartolomé de las Casas",
    "MX07019": "Comitán de Domínguez",
    "MX15": "Estado de México",
    "MX26002": "Agua Prieta",
    "MX26059": "Santa Cruz",
}
"""Names that the gazetteer has in another language, misspelt, or not as people say them."""

SV_REFORM: Final = "2024-05-01"
"""From this day El Salvador has 44 municipalities; the 262 before them are districts now."""

EXACT: Final = frozenset({"place", "same-name"})
"""Points good enough to tell who is next to whom. `parent` is the department's point: it tells nothing."""

FRONTIER_TOLERANCE: Final = 0.01
"""Degrees. Two countries' polygons were drawn apart, so their common line does not share its vertices everywhere."""

FRONTIER_LENGTH: Final = 0.03
"""Degrees that two departments must run beside each other across a frontier; less is a corner."""

NEIGHBOUR_KM: Final = 100.0
"""Seats further apart than this are not called neighbours, even if nothing lies between them."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of `areas.csv`."""

    code: str
    name: str
    level: int
    parent: str
    lat: float
    lon: float
    point_from: str
    valid_from: str = ""
    valid_to: str = ""

    def cells(self) -> tuple[str, ...]:
        """The values in the order of the columns."""
        return (
            self.code,
            self.name,
            str(self.level),
            self.parent,
            f"{self.lat:.4f}",
            f"{self.lon:.4f}",
            self.point_from,
            self.valid_from,
            self.valid_to,
        )


def units(source: Path) -> list[Row]:
    """The units of level 1 and 2, as the gazetteer has them."""
    with (source / "gazetteer.csv").open(encoding="utf-8", newline="") as stream:
        return [
            Row(
                code=row["id"],
                name=NAMES.get(row["id"], row["name"]),
                level=int(row["level"]),
                parent=row["parent_pcode"] or row["country"],
                lat=float(row["lat"]),
                lon=float(row["lon"]),
                point_from=row["point_from"],
                valid_from=SV_REFORM if row["country"] == "SV" and row["level"] == "2" else "",
            )
            for row in csv.DictReader(stream)
        ]


def rings(source: Path) -> dict[str, list[list[Point]]]:
    """The outlines of the level-1 units, by code."""
    collection: dict[str, Any] = json.loads((source / "admin1.geojson").read_text(encoding="utf-8"))
    found: dict[str, list[list[Point]]] = {}
    for feature in collection["features"]:
        geometry = feature["geometry"]
        polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
        found[feature["properties"]["pcode"]] = [[(x, y) for x, y in ring] for polygon in polygons for ring in polygon]
    return found


def countries(outlines: Mapping[str, list[list[Point]]]) -> Iterator[Row]:
    """One row per country; its point is the centroid of its departments' outlines."""
    for code, name in COUNTRIES.items():
        total = x = y = 0.0
        for unit, its_rings in outlines.items():
            if unit.startswith(code):
                for ring in its_rings:
                    for (x1, y1), (x2, y2) in pairwise(ring):
                        cross = x1 * y2 - x2 * y1
                        total += cross
                        x += (x1 + x2) * cross
                        y += (y1 + y2) * cross
        yield Row(code, name, 0, "", lat=y / (3 * total), lon=x / (3 * total), point_from="centroid")


def departments_that_touch(outlines: Mapping[str, list[list[Point]]]) -> set[Pair]:
    """Level 1: a common piece of border; a common corner alone does not count."""
    owners: dict[frozenset[Point], set[str]] = defaultdict(set)
    for code, its_rings in outlines.items():
        for ring in its_rings:
            for a, b in pairwise(ring):
                owners[frozenset((a, b))].add(code)
    pairs = {pair for codes in owners.values() for pair in combinations(sorted(codes), 2)}
    return pairs | across_frontiers(outlines)


def across_frontiers(outlines: Mapping[str, list[list[Point]]]) -> set[Pair]:
    """Departments of two countries that run beside each other."""
    points = {code: {point for ring in its_rings for point in ring} for code, its_rings in outlines.items()}
    found: set[Pair] = set()
    for a, b in combinations(sorted(points), 2):
        if a[:2] != b[:2]:
            common = [p for p in points[a] if any(math.dist(p, q) <= FRONTIER_TOLERANCE for q in _near(p, points[b]))]
            if any(math.dist(p, q) >= FRONTIER_LENGTH for p, q in combinations(common, 2)):
                found.add((a, b))
    return found


def _near(p: Point, points: Iterable[Point]) -> Iterator[Point]:
    return (q for q in points if abs(p[0] - q[0]) <= FRONTIER_TOLERANCE and abs(p[1] - q[1]) <= FRONTIER_TOLERANCE)


def municipalities_that_touch(rows: Iterable[Row], departments: set[Pair]) -> set[Pair]:
    """Level 2, derived: neighbours in the Gabriel graph of the seats, within the same or touching departments.

    Two seats are neighbours if no third seat lies in the circle whose diameter joins them.
    """
    exact = [row for row in rows if row.level == 2 and row.point_from in EXACT]
    reachable = {(a, b) for a, b in departments} | {(b, a) for a, b in departments}
    cells: dict[tuple[int, int], list[int]] = defaultdict(list)
    flat = [_kilometres(row) for row in exact]
    for n, (x, y) in enumerate(flat):
        cells[_cell(x, y)].append(n)
    pairs: set[Pair] = set()
    for n, here in enumerate(flat):
        near = [m for m in _around(cells, *_cell(*here)) if m != n and math.dist(here, flat[m]) <= NEIGHBOUR_KM]
        near.sort(key=lambda m: (math.dist(here, flat[m]), exact[m].code))
        for position, m in enumerate(near):
            a, b = exact[n], exact[m]
            if a.code < b.code and (a.parent == b.parent or (a.parent, b.parent) in reachable):
                centre = ((here[0] + flat[m][0]) / 2, (here[1] + flat[m][1]) / 2)
                radius = math.dist(here, flat[m]) / 2
                # Whatever lies in the circle is nearer to `here` than `m` is.
                if not any(math.dist(centre, flat[k]) < radius - 1e-9 for k in near[:position]):
                    pairs.add((a.code, b.code))
    return pairs


def _kilometres(row: Row) -> Point:
    """A flat map that is good enough over 100 km: degrees of longitude shrink with the latitude of the seat's belt."""
    return (row.lon * 111.320 * math.cos(math.radians(20.0)), row.lat * 110.574)


def _cell(x: float, y: float) -> tuple[int, int]:
    return (math.floor(x / NEIGHBOUR_KM), math.floor(y / NEIGHBOUR_KM))


def _around(cells: Mapping[tuple[int, int], list[int]], x: int, y: int) -> Iterator[int]:
    for dx in (-1, 0, 1):
        for dy in (-1, 0, 1):
            yield from cells.get((x + dx, y + dy), ())


def _csv(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


def build(source: Path, out: Path) -> None:
    """Writes the three files of the carried geography."""
    outlines = rings(source)
    rows = units(source)
    departments = departments_that_touch(outlines)
    municipalities = municipalities_that_touch(rows, departments)
    every = [*countries(outlines), *rows]
    header = ("code", "name", "level", "parent", "lat", "lon", "point_from", "valid_from", "valid_to")
    (out / "areas.csv").write_text(_csv(header, (row.cells() for row in every)), encoding="utf-8")
    pairs = [*sorted(departments), *sorted(municipalities)]
    (out / "area-adjacency.csv").write_text(_csv(("code", "adjacent"), pairs), encoding="utf-8")
    shutil.copyfile(source / "admin1-coarse.geojson", out / "admin1-coarse.geojson")


if __name__ == "__main__":
    build(Path(sys.argv[1]), Path(sys.argv[2]))
