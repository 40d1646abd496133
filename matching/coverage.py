"""How many places reach a department, when each service shares its own among those that it serves. (R-06, R-07)

A floating catchment, balanced on the side of supply: no place counts twice, so all departments together have as many as
there are. Every department weighs the same, because no population is carried; where a service reaches a part of one, that
weighs half.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

WHOLE: Final = 1.0
PART: Final = 0.5


@dataclass(frozen=True, slots=True)
class Reach:
    """A service with its places, and one department that it reaches."""

    service_id: str
    places: int
    department: str
    weight: float = WHOLE


def shared(reaches: Iterable[Reach]) -> dict[str, float]:
    """The places that fall to each department that somebody with places reaches. (R-07)"""
    every = list(reaches)
    weighs: defaultdict[str, float] = defaultdict(float)
    for one in every:
        weighs[one.service_id] += one.weight
    found: defaultdict[str, float] = defaultdict(float)
    for one in every:
        found[one.department] += one.places * one.weight / weighs[one.service_id]
    return dict(found)
