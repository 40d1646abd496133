"""Sign in first, then back to where one was, with what one had typed. Only to pages of ours that ask for a name. (R-25)

What travels is said about a service, never about a person: it stands in an address.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, urlencode

from fastapi.responses import RedirectResponse

OURS: Final = re.compile(
    r"/(?:gaps|mine|r/[0-9a-f]{32}|receipts/[0-9a-f]{32}|services/[A-Za-z0-9%._~-]{1,400}/places)(?:\?[A-Za-z0-9%._~=&+-]{1,300})?",
    flags=re.ASCII,
)
"""The pages that send somebody to sign in. Anything else is nowhere: a link must not lead people away from here."""


def sign_in_first(path: str, said: Mapping[str, str] | None = None) -> RedirectResponse:
    """To the sign-in page, which leads back to this path."""
    back = quote(path, safe="/") + (f"?{urlencode(said)}" if said else "")
    return RedirectResponse(
        f"/sign-in?{urlencode({'to': back})}", status_code=303, headers={"Cache-Control": "no-store"}
    )


def back_to(asked: str) -> str:
    """Where to go after signing in; nothing where that is no page of ours."""
    return asked if OURS.fullmatch(asked) else ""
