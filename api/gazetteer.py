"""Which area is meant by what somebody typed, and how an area is written so that no two look alike. (R-04)"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from api.actions.division import Named
from api.meant import EXACT, closest

OFFERED: Final = 8


class Gazetteer:
    """All areas of the network by code and by name."""

    def __init__(self, areas: Iterable[Named]) -> None:
        self.by_code = {area.code: area for area in areas}
        self._below: dict[str | None, list[Named]] = {}
        for area in self.by_code.values():
            self._below.setdefault(area.parent, []).append(area)
        for found in self._below.values():
            found.sort(key=lambda a: (a.name, a.code))

    @property
    def countries(self) -> list[Named]:
        """The areas that lie in no other, by name."""
        return self.below(None)

    def below(self, code: str | None) -> list[Named]:
        """The areas that lie directly in one, by name."""
        return self._below.get(code, [])

    def called(self, code: str) -> str:
        """An area by its name; the code of one that nobody knows any more."""
        return self.by_code[code].name if code in self.by_code else code

    def way(self, area: Named) -> str:
        """What the area lies in, nearest first: `Quetzaltenango, Guatemala`."""
        return ", ".join(self.by_code[code].name for code in area.lineage[1:] if code in self.by_code)

    def find(self, typed: str, *, within: str | None = None, limit: int = OFFERED) -> list[tuple[Named, float]]:
        """Areas that may be meant, best first; a code is understood too. `within` looks below one area only."""
        code = typed.strip().upper()
        if code in self.by_code and (within is None or within in self.by_code[code].lineage):
            return [(self.by_code[code], EXACT)]
        areas = [a for a in self.by_code.values() if within is None or (within in a.lineage and a.code != within)]
        found = closest(typed, [a.name for a in areas], limit=limit)
        return [(areas[position], score) for position, score in found]

    def meant(self, typed: str, *, within: str | None = None) -> Named | list[Named]:
        """The one area that bears this name, or those that may have been meant."""
        found = self.find(typed, within=within)
        exact = [area for area, score in found if score == EXACT]
        return exact[0] if len(exact) == 1 else [area for area, _ in found]
