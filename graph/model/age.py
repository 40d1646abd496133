"""Age: bands that matching may read, and the one day that changes who decides. (R-24)

The date of birth itself is encrypted; from it come the band and, while it lies ahead, the 18th birthday.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final, Literal

AgeBand = Literal["0-5", "6-11", "12-17", "18-25", "26-59", "60-"]

BOUNDS: Final[Mapping[AgeBand, tuple[int, int | None]]] = {
    "0-5": (0, 5),
    "6-11": (6, 11),
    "12-17": (12, 17),
    "18-25": (18, 25),
    "26-59": (26, 59),
    "60-": (60, None),
}
"""The youngest and the oldest of each band, both included; None: no limit."""

CHILDREN: Final[frozenset[AgeBand]] = frozenset({"0-5", "6-11", "12-17"})
ADULT: Final = 18


def age_of(birth_date: date, *, on: date) -> int:
    """Whole years on a day. Born on 29 February, one grows older on 1 March of a common year."""
    had_birthday = (on.month, on.day) >= (birth_date.month, birth_date.day)
    return on.year - birth_date.year - (0 if had_birthday else 1)


def band_of(age: int) -> AgeBand:
    """The band an age lies in."""
    return next(band for band, (_, oldest) in BOUNDS.items() if oldest is None or age <= oldest)


def adult_on(birth_date: date, *, on: date) -> date | None:
    """The 18th birthday while it lies ahead; None for an adult, of whom no such day is kept."""
    try:
        birthday = birth_date.replace(year=birth_date.year + ADULT)
    except ValueError:  # born on 29 February
        birthday = date(birth_date.year + ADULT, 3, 1)
    return birthday if birthday > on else None
