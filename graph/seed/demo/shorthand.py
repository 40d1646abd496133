"""The short forms in which the demo's YAML is written, and what they mean. Pure; a slip is refused with its text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from graph.model.directory import CapacityState

DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")

_HOURS: Final = re.compile(r"(?P<days>[A-Z,-]+) (?P<opens>\d\d:\d\d)-(?P<closes>\d\d:\d\d)")
_AGES: Final = re.compile(r"(?P<least>\d*)-(?P<most>\d*)")
_PLACES: Final = re.compile(
    r"(?P<unit>[a-z]+) (?P<free>\d+|\?)/(?P<most>\d+) (?P<days>\d+)d(?: ~(?P<half_life>\d+))?(?: (?P<word>list|assess))?"
)

CONSUMED: Final = frozenset({"grant", "loan", "kit", "vacancy"})
"""Units of which one is gone when it was used; a bed comes back. (R-06)"""

HALF_LIFE: Final = 14
"""Days, unless the entry says otherwise with `~3`."""


@dataclass(frozen=True, slots=True)
class Hours:
    """`MO-FR 08:00-16:00`, or `TU,TH 09:00-12:00`."""

    byday: str
    opens_at: str
    closes_at: str


@dataclass(frozen=True, slots=True)
class Places:
    """`bed 3/18 1d ~3 list`: three of eighteen beds free, said a day ago, half-life three days, a list is kept.

    `?` in place of the number and `assess`: the provider looks at each person first.
    """

    unit: str
    available: int | None
    maximum: int
    days_ago: int
    half_life_days: int
    state: CapacityState
    keeps_waiting_list: bool


def hours(text: str) -> Hours:
    """The opening times of a short form."""
    found = _match(_HOURS, text)
    days = found["days"]
    if "-" in days:
        first, last = days.split("-")
        byday = ",".join(DAYS[DAYS.index(first) : DAYS.index(last) + 1])
    else:
        byday = ",".join(DAYS[DAYS.index(day)] for day in days.split(","))
    return Hours(byday, found["opens"], found["closes"])


def ages(text: str) -> tuple[int | None, int | None]:
    """`18-`, `0-17`, `-64`: the lowest and the highest age, both included."""
    found = _match(_AGES, text)
    return (int(found["least"]) if found["least"] else None, int(found["most"]) if found["most"] else None)


def places(text: str) -> Places:
    """The capacity of a short form, with the state that follows from it."""
    found = _match(_PLACES, text)
    available = None if found["free"] == "?" else int(found["free"])
    keeps_list = found["word"] == "list"
    if found["word"] == "assess":
        state = CapacityState.ASSESS_FIRST
    elif available:
        state = CapacityState.AVAILABLE
    else:
        state = CapacityState.WAITING_LIST if keeps_list else CapacityState.NONE
    return Places(
        unit=found["unit"],
        available=available,
        maximum=int(found["most"]),
        days_ago=int(found["days"]),
        half_life_days=int(found["half_life"] or HALF_LIFE),
        state=state,
        keeps_waiting_list=keeps_list,
    )


def _match(pattern: re.Pattern[str], text: str) -> re.Match[str]:
    found = pattern.fullmatch(text)
    if found is None:
        raise ValueError(f"not understood: {text!r}")
    return found
