"""A posted form, within bounds: texts only, so many fields, no files."""

from __future__ import annotations

from typing import Final

from fastapi import Request
from starlette.datastructures import FormData

from api.problems import Problem

MOST_FIELDS: Final = 600


async def form_of(request: Request) -> FormData:
    """The form that was sent. A body that is no form is refused as such."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in ("application/x-www-form-urlencoded", "multipart/form-data"):
        raise Problem("invalid-request")
    return await request.form(max_files=0, max_fields=MOST_FIELDS, max_part_size=64 * 1024)
