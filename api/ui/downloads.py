"""A table as a file to be kept: a workbook, or text with commas. What stands in it is what its page shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Final, Protocol

from fastapi.responses import Response

from api.sheets import CSV, XLSX, Cell, csv_of, xlsx_of


class Kind(StrEnum):
    """How a table is taken along."""

    XLSX = "xlsx"
    CSV = "csv"


class Told(Protocol):
    """A number as it may be told."""

    @property
    def number(self) -> int | None:
        """What is told; None: it is not."""

    @property
    def at_least(self) -> bool:
        """Whether it may be a few more."""


NOT_TOLD: Final = "·"


def counted(told: Told) -> Cell:
    """A number as a page shows it: `10+`, `0`, or the sign of what is not told."""
    if told.number is None:
        return NOT_TOLD
    return f"{told.number}+" if told.at_least else told.number


def as_file(kind: Kind, name: str, title: str, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Response:
    """The table as a file; its name is ours and made of letters, digits and hyphens."""
    body = xlsx_of(columns, rows, title=title) if kind is Kind.XLSX else csv_of(columns, rows)
    headers = {"Content-Disposition": f'attachment; filename="{name}.{kind}"', "Cache-Control": "no-store"}
    return Response(body, media_type=XLSX if kind is Kind.XLSX else CSV, headers=headers)
