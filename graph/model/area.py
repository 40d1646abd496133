"""Places of the administrative division: countries, departments, municipalities, districts. (R-04, R-06)

P-codes are the keys. Geometry does not belong here: polygons are drawn from the carried files.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from graph.model.base import Code, Model, Translations

AreaLevel = Literal[0, 1, 2, 3, 4]


class Area(Model):
    """One unit of the division. Level 0 is a country, 1 a department or state, 2 a municipality, 3 a district."""

    code: Code
    name: str = Field(min_length=1, max_length=200)
    level: AreaLevel
    parent: Code | None = None
    latitude: float | None = Field(None, ge=-90, le=90, description="degrees, WGS 84")
    longitude: float | None = Field(None, ge=-180, le=180, description="degrees, WGS 84")
    point_from: str | None = Field(None, description="how the point was found; `parent`: never show it as exact")
    valid_from: date | None = None
    valid_to: date | None = None
    translations: Translations = Field(default_factory=dict)

    def is_valid(self, *, on: date) -> bool:
        """Both ends of the validity are included; an end that is not stated is open."""
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_to is None or on <= self.valid_to)
