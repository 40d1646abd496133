"""What an amendment would change: who would see what, and what would be suggested. (R-10, R-11, R-35)

Counts of people are hidden where they are small; nobody is named, and no case.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from graph.model.base import Code, Id, Model, Translations
from graph.model.consent import Stage

Asked = Literal["required", "optional"]


class FieldChange(Model):
    """How one field is asked for at one stage, before and after. None: it is not asked for."""

    field: Code
    stage: Stage
    before: Asked | None
    after: Asked | None
    emergency_before: bool = False
    emergency_after: bool = False


class Count(Model):
    """A number of people as it may be told. None: at least one, and too few to say."""

    number: int | None
    at_least: bool = Field(False, description="rounded down, so that drafts cannot be subtracted from each other")


class Consents(Model):
    """People whose consent lets what is required leave at one stage, and those for whom it no longer would."""

    stage: Stage
    open: Count
    uncovered: Count


class Placed(Model):
    """One service in a suggestion."""

    service_id: Id
    name: str
    translations: Translations = Field(default_factory=dict, description="of the name")
    position: int = Field(ge=1)
    can_be_sent: bool = Field(description="a SOP is in force: it can be sent to, not only suggested")


class Sample(Model):
    """One sample need and what is suggested for it, before and after. None of them is a real person's."""

    service_type: Code
    area: Code
    area_name: str
    age: int | None = None
    gender: Code | None = None
    nationality: Code | None = None
    documents: tuple[Code, ...] | None = None
    before: tuple[Placed, ...]
    after: tuple[Placed, ...]

    @property
    def appear(self) -> tuple[Placed, ...]:
        """Suggested only after."""
        there = {p.service_id for p in self.before}
        return tuple(p for p in self.after if p.service_id not in there)

    @property
    def vanish(self) -> tuple[Placed, ...]:
        """Suggested only before."""
        there = {p.service_id for p in self.after}
        return tuple(p for p in self.before if p.service_id not in there)

    @property
    def move(self) -> tuple[tuple[Placed, Placed], ...]:
        """Suggested both times, at another place or otherwise able to be sent to: as it was, and as it would be."""
        later = {p.service_id: p for p in self.after}
        both = ((p, later[p.service_id]) for p in self.before if p.service_id in later)
        return tuple((one, other) for one, other in both if one != other)

    @property
    def is_changed(self) -> bool:
        """Whether anything of it would be otherwise."""
        return self.before != self.after


class Difference(Model):
    """All that would be otherwise, as it was worked out at an instant for one revision."""

    revision: int
    at: datetime
    on: date = Field(description="the day for which both were worked out: the amendment's first")
    parts: tuple[str, ...] = Field((), description="properties of the SOP that differ")
    fields: tuple[FieldChange, ...] = ()
    consents: tuple[Consents, ...] = ()
    asked: int = Field(0, description="how many sample needs were asked")
    samples: tuple[Sample, ...] = Field((), description="those for which something else would be suggested")
