"""A need as it may be stated before anyone is named: what matching reads, and nothing that could name a person."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from graph.model.age import BOUNDS, AgeBand
from graph.model.base import Code, Model


class Need(Model):
    """What is needed, where, and what the person has told about themselves.

    None is *unknown*. A list that is given is complete: `()` means none. (R-20, R-35, R-41)
    """

    service_type: Code
    area: Code
    on: date
    age: int | None = Field(None, ge=0, le=130, description="whole years")
    age_band: AgeBand | None = Field(None, description="what a case tells in place of an age; an age wins")
    gender: Code | None = None
    nationality: Code | None = Field(None, description="ISO 3166 alpha-2")
    languages: frozenset[Code] | None = None
    factors: frozenset[Code] | None = None
    documents: frozenset[Code] | None = None

    @property
    def ages(self) -> tuple[int, int | None] | None:
        """The youngest and the oldest the person may be, both included (None: no limit); None when nothing is told."""
        if self.age is not None:
            return (self.age, self.age)
        return BOUNDS[self.age_band] if self.age_band is not None else None
