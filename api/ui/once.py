"""A form that is sent twice on a bad line counts once. (design §10)

The page carries a random key; who sends what under which key is remembered with the answer.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import Any, Final

from markupsafe import Markup
from starlette.datastructures import FormData

from api.identity import Whoever
from graph.model.actor import Actor

NAME: Final = "key"
KEY: Final = re.compile(r"[A-Za-z0-9_-]{16,64}")


def field() -> Markup:
    """A hidden field with a new key, for a form of a page."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(NAME, secrets.token_urlsafe(18))


def again(form: FormData) -> Markup:
    """The key that came with a form, for the same form shown again: what was refused may be mended under it."""
    held = form.get(NAME)
    return field() if not isinstance(held, str) or not KEY.fullmatch(held) else _hidden(held)


def circumstances(form: FormData, actor: Whoever, path: str) -> dict[str, Any]:
    """What `Network.write` needs to do this once: nothing where the form carries no key.

    Another content under the same key is another matter: whoever corrects a refused form sends it under the old key.
    """
    held = form.get(NAME)
    if not isinstance(held, str) or not KEY.fullmatch(held):
        return {}
    said = [(name, value) for name, value in form.multi_items() if isinstance(value, str) and name != NAME]
    who = actor.id if isinstance(actor, Actor) else ""
    what = hashlib.sha256(repr((who, path, said)).encode()).hexdigest()
    return {"idempotency_key": hashlib.sha256(f"{held}|{what}".encode()).hexdigest(), "request_hash": what}


def _hidden(key: str) -> Markup:
    return Markup('<input type="hidden" name="{}" value="{}">').format(NAME, key)
