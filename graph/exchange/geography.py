"""Whether areas fit together: each hangs on one above it, and what touches is there. Pure. (R-04, R-06)"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from graph.exchange.pieces import Collector
from graph.exchange.problem import Fault, Notice, Place, Problem, shown
from graph.model.area import Area


@dataclass(frozen=True, slots=True)
class Division:
    """The areas and neighbours of an import that fit together, with what was known before."""

    areas: Mapping[str, Area]
    """All areas: those known before, replaced by what the import states anew."""
    stated: tuple[Area, ...]
    adjacency: frozenset[tuple[str, str]]
    """The pairs that the import states, each once."""
    problems: tuple[Problem, ...] = field(default=())
    notices: tuple[Problem, ...] = field(default=())
    set_aside: tuple[Place, ...] = field(default=())


def settle(
    stated: Iterable[tuple[Area, Place]], pairs: Iterable[tuple[str, str, Place]], known: Mapping[str, Area]
) -> Division:
    """Which areas and pairs can go in: parents exist and stand higher, neighbours exist and are two."""
    first: dict[str, tuple[Area, Place]] = {}
    problems: list[Problem] = []
    notices: list[Problem] = []
    aside: list[Place] = []
    for area, place in stated:
        if area.code not in first:
            first[area.code] = (area, place)
        elif first[area.code][0] == area:
            notices.append(_notice(Notice.REPEATED, place, area.code, first[area.code][1]))
        else:
            at = first[area.code][1]
            _tell(problems, aside, Fault.OTHER_CONTENT, place, area.code, noun="area", first=f"{at.file}:{at.line}")
    good = {**known, **{code: area for code, (area, _) in first.items()}}
    refused: set[str] = set()
    # by level: whoever hangs on a refused area is refused too
    for area, place in sorted(first.values(), key=lambda found: found[0].level):
        parent = good.get(area.parent) if area.parent is not None else None
        if area.parent is not None and (parent is None or area.parent in refused):
            _tell(problems, aside, Fault.DANGLING, _in(place, "parent"), area.code, noun="area", value=area.parent)
        elif parent is not None and parent.level >= area.level:
            _tell(problems, aside, Fault.LEVEL, _in(place, "level"), area.code, one=area.level, other=parent.level)
        elif (area.parent is None) != (area.level == 0):
            _tell(problems, aside, Fault.MISSING, _in(place, "parent"), area.code, name="parent")
        else:
            continue
        refused.add(area.code)
        if area.code in known:
            good[area.code] = known[area.code]
            refused.discard(area.code)
        else:
            del good[area.code]
    adjacency = set()
    for one, other, place in pairs:
        missing = [code for code in (one, other) if code not in good]
        if missing:
            _tell(problems, aside, Fault.DANGLING, place, one, noun="area", value=missing[0])
        elif one == other:
            _tell(problems, aside, Fault.CIRCLE, place, one, value=one)
        else:
            adjacency.add((min(one, other), max(one, other)))
    kept = tuple(area for area, _ in first.values() if good.get(area.code) is area)
    return Division(good, kept, frozenset(adjacency), tuple(problems), tuple(notices), tuple(aside))


def _in(place: Place, name: str) -> Place:
    return place.at(name)


def _tell(problems: list[Problem], aside: list[Place], code: Fault, place: Place, id: str, **places: object) -> None:
    found = Collector("area", id)
    found.add(code, place, **places)
    problems.extend(found.found)
    aside.append(place)


def _notice(code: Notice, place: Place, id: str, first: Place) -> Problem:
    return Problem(code, place, "area", id, {"first": shown(f"{first.file}:{first.line}")})
