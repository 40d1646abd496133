"""Several forms on one page: each has a name, and its fields are `name-field`, so that no two share an address. (R-35)"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel
from starlette.datastructures import FormData

from api.ui.forms import read, typed
from graph.model.base import Language

Stated = TypeVar("Stated", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page shows again of a form that was not taken: what was typed, what is wrong, why it was refused."""

    said: dict[str, str] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    reasons: Any = ()

    @property
    def status(self) -> int:
        """409 where it was refused, 422 where a field is wrong."""
        return 409 if self.reasons else 422 if self.faults else 200


NOTHING = Shown()


def read_part(
    form: FormData, name: str, model: type[Stated], language: Language, **known: Any
) -> Stated | dict[str, str]:
    """What the named form states; or what is wrong, by the fields of the page."""
    start = f"{name}-"
    own = FormData([(key.removeprefix(start), value) for key, value in form.multi_items() if key.startswith(start)])
    found = read(own, model, language, **known)
    return {start + key: said for key, said in found.items()} if isinstance(found, dict) else found


def again(form: FormData, *, faults: dict[str, str] | None = None, reasons: Any = ()) -> Shown:
    """The form as it was typed."""
    return Shown(dict(typed(form)), faults or {}, reasons)
