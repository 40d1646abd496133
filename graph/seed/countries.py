"""Writes `vocabulary/countries.yaml` from the CLDR names that babel carries: run once, the result is committed.

    python -m graph.seed.countries > graph/seed/vocabulary/countries.yaml

Nobody imports this: a newer CLDR may word a name differently, and the committed file is what holds.
"""

from __future__ import annotations

import sys
from typing import Final

from babel import Locale

FIRST: Final = ("GT", "HN", "SV", "MX")
"""The four countries of the demo stand at the head of every list; the others follow by their Spanish name."""

NOT_IN_ISO: Final = frozenset(
    ["AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ"]
)
"""Two-letter codes of CLDR that ISO 3166-1 does not assign: regions, reserved and private codes."""


def rows() -> list[str]:
    """One YAML line per country, Spanish name first."""
    spanish, english = _names("es"), _names("en")
    codes = [code for code in spanish if len(code) == 2 and code.isalpha() and code not in NOT_IN_ISO]
    codes.sort(key=lambda code: (FIRST.index(code) if code in FIRST else len(FIRST), _sortable(spanish[code])))
    return [f'- {{code: "{c}", es: "{spanish[c]}", en: "{english[c]}", source: "R-04"}}' for c in codes]


def _names(language: str) -> dict[str, str]:
    return {str(code): str(name) for code, name in Locale(language).territories.items()}


def _sortable(name: str) -> str:
    return name.translate(str.maketrans("ÁÉÍÓÚÑÅáéíóúñå", "AEIOUNAaeiouna")).casefold()


if __name__ == "__main__":
    head = (
        "# Countries and nationalities: ISO 3166-1 alpha-2, names from Unicode CLDR (Unicode License v3) through babel."
    )
    sys.stdout.write("\n".join([head, *rows()]) + "\n")
