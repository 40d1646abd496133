"""Small maps, drawn here and sent with the page: departments as the carried file has them, and marks on them. (R-07)

`choropleth` shades the departments of a country by a number each, for the committee; `points` shows where chosen services
are, for a case manager. Neither tells anything alone: the table beside a map is the truth, so colour is doubled by a hatch
and a number, and every department says its name and its number in words. What may be told is decided before: a hidden
number comes hidden. A service whose place is kept secret is on no map, nor is the department it lies in. (R-26)
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from math import cos, radians, sqrt
from typing import Any, Final, Protocol

from markupsafe import Markup, escape

from api import conventions
from api.actions.directory_view import ServiceView
from api.texts import text
from graph.model.area import Area
from graph.model.base import Code, Language

Ring = tuple[tuple[float, float], ...]
Box = tuple[float, float, float, float]

WIDE: Final = 480
"""Units across a map, and across its tallest."""

APART: Final = 30
"""Units between two marks, so that both can be read."""

AROUND: Final = 0.35
"""Degrees around the departments that are looked at: enough of the neighbours to know where one is."""

EMPTY: Final = Markup()


class Told(Protocol):
    """A number as it may be told: None where it is hidden; a sum may say that more is hidden."""

    @property
    def number(self) -> int | None:
        """What may be told."""

    @property
    def at_least(self) -> bool:
        """Whether there is more that is not told."""


@dataclass(frozen=True, slots=True)
class Department:
    """A department of the carried file: where it is labelled, and its rings (longitude, latitude)."""

    code: Code
    name: str
    at: tuple[float, float]
    rings: tuple[Ring, ...]

    @property
    def box(self) -> Box:
        """West, south, east, north."""
        return _box(point for ring in self.rings for point in ring)


@dataclass(frozen=True, slots=True)
class Mark:
    """A service on a map: its number in the table beside it, and its point; no point, no mark."""

    number: int
    name: str
    at: tuple[float, float] | None = None
    """Longitude, latitude."""
    is_exact: bool = False
    """Its own point; else that of the municipality or department, and said to be so."""
    is_secret: bool = False

    def __post_init__(self) -> None:
        """A place that is kept secret has no point here, whoever asks."""
        if self.is_secret and self.at is not None:
            raise ValueError("a place that is kept secret has no point")


@dataclass(frozen=True, slots=True)
class _Drawn:
    """Departments as paths within a box, ready to be shaded, and how to put a point among them."""

    width: int
    height: int
    west: float
    north: float
    scale: float
    squeeze: float
    paths: Mapping[Code, str]
    labels: Mapping[Code, tuple[int, int]]

    def place(self, at: tuple[float, float]) -> tuple[int, int]:
        """Where a longitude and latitude lies."""
        return round((at[0] - self.west) * self.squeeze * self.scale), round((self.north - at[1]) * self.scale)


@cache
def departments(country: Code) -> Mapping[Code, Department]:
    """The departments of a country that are carried, by code; none for a country that is not carried."""
    carried = json.loads(files("graph.seed").joinpath("areas", "admin1-coarse.geojson").read_text(encoding="utf-8"))
    found = {}
    for feature in carried["features"]:
        told, shape = feature["properties"], feature["geometry"]
        if told["country"] == country:
            several = shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]]
            rings = tuple(tuple((x, y) for x, y in ring) for polygon in several for ring in polygon)
            found[told["pcode"]] = Department(told["pcode"], told["name"], (told["lon"], told["lat"]), rings)
    return found


# ---- shading ---------------------------------------------------------------------------------------------------------

NONE: Final = "none"
HIDDEN: Final = "hidden"
NOT_SAID: Final = "not-said"
DEGREES: Final = ("few", "some", "many")

FILLS: Final[Mapping[str, tuple[str, str, str]]] = {
    NONE: ("--sheet", "--line", ""),
    HIDDEN: ("--dim-bg", "--dim", "M2 2h2v2h-2zM8 8h2v2h-2z"),
    "few": ("--calm-bg", "--calm", "M0 11 11 0"),
    "some": ("--warn-bg", "--warn", "M0 11 11 0M0 5 5 0M6 12 12 6"),
    "many": ("--bad-bg", "--bad", "M0 11 11 0M0 5 5 0M6 12 12 6M0 1 11 12M0 7 5 12M6 0 12 6"),
    NOT_SAID: ("--paper", "--line", ""),
}
"""Ground, stroke and hatch of each class: told apart in grey and on paper too."""


def choropleth(
    country: Code, values: Mapping[Code, Told], *, heading: str, language: Language, k: int, name: str = "map"
) -> Markup:
    """The departments of a country shaded by a number each, with a legend in words; empty where nothing is carried.

    Classes are made of what is told alone, so that their bounds say nothing of what is hidden. (R-21)
    `name` tells several maps of one page apart.
    """
    found = departments(country)
    if not found:
        return EMPTY
    drawn = _drawn(country, ())
    bounds = _bounds([value.number for value in values.values() if value.number])
    shapes, marks, used = [], [], set()
    for code, department in sorted(found.items()):
        value = values.get(code)
        kind = _class_of(value, bounds)
        used.add(kind)
        words = _in_words(value, k, language)
        shapes.append(
            _tag("path", d=drawn.paths[code], fill=_fill(name, kind), inner=_title(f"{department.name}: {words}"))
        )
        short = _short(value, k, language)
        if short:
            x, y = drawn.labels[code]
            marks.append(_tag("text", x=x, y=y + 5, inner=escape(short)))
    kinds = [kind for kind in FILLS if kind in used]
    body = _tag("defs", inner=_join(_pattern(name, kind) for kind in kinds if FILLS[kind][2]))
    body += _tag("g", inner=_join(shapes), **{"stroke": "var(--edge)", "stroke-width": 1, "stroke-linejoin": "round"})
    body += _halo(marks)
    more = "+" if any(value.at_least for value in values.values()) else ""
    legend = _join(_legend_line(name, kind, _class_in_words(kind, bounds, k, language, more)) for kind in kinds)
    return _chart(drawn, heading, body, _tag("dl", inner=legend, **{"class": "legend"}), name, language)


def _class_of(value: Told | None, bounds: Sequence[tuple[int, int]]) -> str:
    if value is None:
        return NOT_SAID
    if value.number is None:
        return HIDDEN
    if value.number == 0:
        return HIDDEN if value.at_least else NONE
    return next(degree for degree, (_, most) in zip(DEGREES, bounds, strict=False) if value.number <= most)


def _bounds(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Least and most of up to three classes with about as many departments each."""
    ordered = sorted(numbers)
    distinct = sorted(set(ordered))
    if len(distinct) <= len(DEGREES):
        return [(n, n) for n in distinct]
    cuts = sorted({ordered[len(ordered) // 3], ordered[2 * len(ordered) // 3], distinct[-1]})
    bounds, least = [], distinct[0]
    for most in cuts:
        bounds.append((least, most))
        least = next((n for n in distinct if n > most), most)
    return bounds


def _in_words(value: Told | None, k: int, language: Language) -> str:
    if value is None:
        return text("maps.not-said", language)
    if value.number is None or (value.at_least and value.number == 0):
        return text("maps.hidden", language, k=k)
    told = _number(value.number, language)
    return text("maps.at-least", language, n=told) if value.at_least else told


def _short(value: Told | None, k: int, language: Language) -> str:
    if value is None:
        return "–"
    if value.number is None or (value.at_least and value.number == 0):
        return "·"  # few, or told nowhere because a few could be worked out from it
    return _number(value.number, language) + ("+" if value.at_least else "") if value.number else ""


def _class_in_words(kind: str, bounds: Sequence[tuple[int, int]], k: int, language: Language, more: str) -> str:
    if kind == HIDDEN:
        return text("maps.hidden", language, k=k)
    if kind not in DEGREES:
        return text(f"maps.{kind}", language)
    least, most = (_number(n, language) + more for n in bounds[DEGREES.index(kind)])
    return least if least == most else text("maps.between", language, least=least, most=most)


def _legend_line(name: str, kind: str, words: str) -> Markup:
    box: dict[str, Any] = {"width": 28, "height": 16, "fill": _fill(name, kind), "stroke": "var(--edge)"}
    sample = _tag("svg", inner=_tag("rect", **box), width=28, height=16, **{"aria-hidden": "true"})
    return _tag("div", inner=_tag("dt", inner=sample) + _tag("dd", inner=escape(words)))


def _pattern(name: str, kind: str) -> Markup:
    ground, stroke, hatch = FILLS[kind]
    inner = _tag("rect", width=12, height=12, fill=f"var({ground})")
    inner += _tag("path", d=hatch, fill="none", stroke=f"var({stroke})", opacity=0.55)
    return _tag("pattern", inner=inner, id=f"{name}-{kind}", width=12, height=12, patternUnits="userSpaceOnUse")


def _fill(name: str, kind: str) -> str:
    return f"url(#{name}-{kind})" if FILLS[kind][2] else f"var({FILLS[kind][0]})"


# ---- marks -----------------------------------------------------------------------------------------------------------


def mark_of(number: int, name: str, found: ServiceView, areas: Mapping[Code, Area]) -> Mark:
    """Where a service is, as far as it may be told: its own point, else that of the area its address lies in.

    Where any of its places is kept secret, nothing is told of any of them.
    """
    if found.sealed:
        return Mark(number, name, is_secret=True)
    places = [x for x in found.locations if x.location_type == "physical"]
    for place in places:
        if place.latitude is not None and place.longitude is not None:
            return Mark(number, name, (place.longitude, place.latitude), is_exact=True)
    for place in places:
        area = areas.get(place.area or "")
        if area is not None and area.latitude is not None and area.longitude is not None:
            return Mark(number, name, (area.longitude, area.latitude))
    return Mark(number, name)


def points(
    country: Code,
    marks: Sequence[Mark],
    *,
    heading: str,
    language: Language,
    here: Code | None = None,
    name: str = "map",
) -> Markup:
    """Numbered marks on the departments around them; `here` is the department of whoever goes there, and is said so.

    A full mark is an address, a ring only says in which municipality or department. Empty where nothing is carried.
    """
    found = departments(country)
    shown = [mark for mark in marks if mark.at is not None and _within(mark.at, found)]
    if not found:
        return EMPTY
    near = {code for mark in shown if mark.at and (code := _department_at(mark.at, found)) is not None}
    if here is not None and here in found:
        near.add(here)
    drawn = _drawn(country, tuple(sorted(near)))
    shapes = _join(
        _tag(
            "path",
            d=path,
            fill="var(--tint)" if code == here else "var(--sheet)",
            inner=_title(
                text("maps.lives-here", language, name=found[code].name) if code == here else found[code].name
            ),
        )
        for code, path in sorted(drawn.paths.items())
    )
    body = _tag("g", inner=shapes, **{"stroke": "var(--edge)", "stroke-width": 1, "stroke-linejoin": "round"})
    body += _halo(
        [_tag("text", x=x, y=y, inner=escape(found[code].name)) for code, (x, y) in sorted(drawn.labels.items())], 14
    )
    taken: list[tuple[int, int]] = []
    for mark in shown:
        assert mark.at is not None
        there = drawn.place(mark.at)
        spot = _free(there, taken, drawn)
        taken.append(spot)
        body += _mark(mark, there, spot, language)
    told = [_tag("p", inner=escape(text("maps.marks", language)), **{"class": "quiet"})] if shown else []
    told += [
        _tag("p", inner=escape(text(key, language, names=", ".join(f"{m.number} {m.name}" for m in left_out))))
        for key, left_out in (
            ("maps.secret", [m for m in marks if m.is_secret]),
            ("maps.no-point", [m for m in marks if not m.is_secret and m not in shown]),
        )
        if left_out
    ]
    return _chart(drawn, heading, body, _join(told), name, language)


def _mark(mark: Mark, there: tuple[int, int], spot: tuple[int, int], language: Language) -> Markup:
    words = text("maps.exact" if mark.is_exact else "maps.about", language, number=mark.number, name=mark.name)
    x, y = spot
    inner = _title(words)
    if spot != there:
        inner += _tag("path", d=f"M{there[0]} {there[1]}L{x} {y}", stroke="var(--ink)")
    ring: dict[str, Any] = {"stroke": "var(--link)", "stroke-width": 2}
    if mark.is_exact:
        inner += _tag("circle", cx=x, cy=y, r=13, fill="var(--brand)", **ring)
    else:
        inner += _tag("circle", cx=x, cy=y, r=13, fill="var(--sheet)", **ring | {"stroke-dasharray": "4 3"})
    said: dict[str, Any] = {
        "fill": "var(--brand-ink)" if mark.is_exact else "var(--ink)",
        "text-anchor": "middle",
        "font-size": 15,
    }
    inner += _tag("text", x=x, y=y + 5, inner=escape(str(mark.number)), **said)
    return _tag("g", inner=inner, **{"class": "exact" if mark.is_exact else "about"})


def _free(there: tuple[int, int], taken: Sequence[tuple[int, int]], drawn: _Drawn) -> tuple[int, int]:
    """The nearest spot that is not covered by another mark and within the picture."""
    ways = ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1))
    for far in range(1, 12):
        for dx, dy in ways:
            x = min(max(there[0] + dx * far * APART, 14), drawn.width - 14)
            y = min(max(there[1] + dy * far * APART, 14), drawn.height - 14)
            if all(sqrt((x - ox) ** 2 + (y - oy) ** 2) >= APART - 2 for ox, oy in taken):
                return x, y
    return there


def _within(at: tuple[float, float], found: Mapping[Code, Department]) -> bool:
    """Whether a point lies about the country: a wrong sign must not draw a map of half the world."""
    if not found:
        return False
    west, south, east, north = _box(corner for d in found.values() for corner in (d.box[:2], d.box[2:]))
    return west - AROUND <= at[0] <= east + AROUND and south - AROUND <= at[1] <= north + AROUND


def _department_at(at: tuple[float, float], found: Mapping[Code, Department]) -> Code | None:
    return next((code for code, one in found.items() if any(_is_in(at, ring) for ring in one.rings)), None)


def _is_in(at: tuple[float, float], ring: Ring) -> bool:
    """Whether a ray from the point crosses the ring an odd number of times."""
    x, y = at
    inside = False
    for (x1, y1), (x2, y2) in zip(ring, (*ring[1:], ring[0]), strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside


# ---- drawing ---------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def _drawn(country: Code, around: tuple[Code, ...]) -> _Drawn:
    """The country, or some of its departments and what lies beside them, flat: longitudes squeezed by the latitude."""
    found = departments(country)
    looked_at = [found[code] for code in around] or list(found.values())
    west, south, east, north = _box(corner for d in looked_at for corner in (d.box[:2], d.box[2:]))
    margin = AROUND if around else 0.02
    west, south, east, north = west - margin, south - margin, east + margin, north + margin
    squeeze = cos(radians((south + north) / 2))
    scale = WIDE / max((east - west) * squeeze, north - south)
    flat = _Drawn(
        round((east - west) * squeeze * scale), round((north - south) * scale), west, north, scale, squeeze, {}, {}
    )
    paths, labels = {}, {}
    for code, one in found.items():
        if one.box[0] <= east and one.box[2] >= west and one.box[1] <= north and one.box[3] >= south:
            paths[code] = "".join(_path([flat.place(point) for point in ring]) for ring in one.rings)
            x, y = flat.place(one.at)
            if 20 < x < flat.width - 20 and 10 < y < flat.height - 10:
                labels[code] = (x, y)
    return _Drawn(flat.width, flat.height, west, north, scale, squeeze, paths, labels)


def _path(ring: Sequence[tuple[int, int]]) -> str:
    """The ring in steps from point to point, which are short; a step of nothing is left out."""
    (x, y), *others = ring
    told = [f"M{x} {y}l"]
    for there in others:
        dx, dy = there[0] - x, there[1] - y
        if dx or dy:
            told.append(f"{'' if dx < 0 or len(told) == 1 else ' '}{dx}{'' if dy < 0 else ' '}{dy}")
            x, y = there
    return "".join(told) + "z" if len(told) > 1 else ""


def _box(corners: Iterable[tuple[float, float]]) -> Box:
    xs, ys = zip(*corners, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def _chart(drawn: _Drawn, heading: str, body: Markup, legend: Markup, name: str, language: Language) -> Markup:
    picture = _tag(
        "svg",
        inner=_tag("title", inner=escape(heading), id=f"{name}-title") + body,
        viewBox=f"0 0 {drawn.width} {drawn.height}",
        width="100%",
        role="img",
        **{"aria-labelledby": f"{name}-title"},
    )
    source = _tag("p", inner=escape(text("pages.footer.geography", language)), **{"class": "quiet"})
    return _tag("div", inner=picture + legend + source, **{"class": "chart"})


def _halo(marks: Sequence[Markup], size: int = 15) -> Markup:
    """Words over shapes, with a rim of the ground around each letter."""
    rim = {"stroke": "var(--sheet)", "stroke-width": 4, "paint-order": "stroke", "stroke-linejoin": "round"}
    return _tag("g", inner=_join(marks), fill="var(--ink)", **rim, **{"font-size": size, "text-anchor": "middle"})


def _title(words: str) -> Markup:
    return _tag("title", inner=escape(words))


def _tag(tag: str, *, inner: str = EMPTY, **attributes: Any) -> Markup:
    """An element; every attribute is escaped, and what stands within is markup already."""
    told = "".join(f' {name}="{escape(str(value))}"' for name, value in attributes.items())
    end = Markup(f"</{tag}>")  # noqa: S704 - a name of ours
    start = Markup(f"<{tag}{told}>")  # noqa: S704 - escaped above
    return start + inner + end


def _join(parts: Iterable[Markup]) -> Markup:
    return EMPTY.join(parts)


def _number(n: int, language: Language) -> str:
    return conventions.number(n, conventions.locale_of(language))
