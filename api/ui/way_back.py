"""Sign in first, then back to where one was, with what one had typed. Only to pages of ours that ask for a name. (R-25)

What travels is said about a service, never about a person: it stands in an address.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, urlencode

from fastapi.responses import RedirectResponse

OURS: Final = re.compile(r"/(?!/)[A-Za-z0-9/%._~-]{0,600}(?:\?[A-Za-z0-9%._~=&+-]{1,300})?", flags=re.ASCII)
"""An address of this house: one slash first, so no other host; nothing that a browser would read as another slash."""

ELSEWHERE: Final = ("/v1", "/static", "/sign-in", "/sign-out", "/leave", "/answer")
"""Of this house, and no page to come back to."""


def sign_in_first(path: str, said: Mapping[str, str] | None = None) -> RedirectResponse:
    """To the sign-in page, which leads back to this path."""
    back = quote(path, safe="/") + (f"?{urlencode(said)}" if said else "")
    return RedirectResponse(
        f"/sign-in?{urlencode({'to': back})}", status_code=303, headers={"Cache-Control": "no-store"}
    )


def back_to(asked: str) -> str:
    """Where to go after signing in; nothing where that is no page of ours."""
    path = asked.partition("?")[0]
    is_ours = OURS.fullmatch(asked) and ".." not in path and "//" not in path
    return asked if is_ours and not any(path == e or path.startswith(f"{e}/") for e in ELSEWHERE) else ""
