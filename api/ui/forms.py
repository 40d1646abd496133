"""A posted form, within bounds: texts only, so many fields, no files; and read as the thing it states."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeVar, get_origin

from fastapi import Request
from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData

from api.answer import fault_text
from api.problems import Problem
from api.query import faults
from graph.model.base import Language

MOST_FIELDS: Final = 600

Stated = TypeVar("Stated", bound=BaseModel)


async def form_of(request: Request) -> FormData:
    """The form that was sent. A body that is no form is refused as such."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in ("application/x-www-form-urlencoded", "multipart/form-data"):
        raise Problem("invalid-request")
    return await request.form(max_files=0, max_fields=MOST_FIELDS, max_part_size=64 * 1024)


def read(form: FormData, model: type[Stated], language: Language, **known: Any) -> Stated | dict[str, str]:
    """What the form states, as the model; or what is wrong, a sentence for each field.

    A field left empty was not stated. A field of the model that holds several takes all that were sent. `known` is
    what the page knows beside the form.
    """
    said: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        values = [v.strip() for v in form.getlist(name) if isinstance(v, str) and v.strip()]
        if values:
            several = get_origin(field.annotation) in (list, tuple, set, frozenset)
            said[name] = values if several else values[-1]
    try:
        return model.model_validate(said | known)
    except ValidationError as error:
        return {fault.pointer.split("/")[1]: fault_text(fault, language) for fault in reversed(faults(error.errors()))}


def typed(form: FormData) -> Mapping[str, str]:
    """What was typed, to show a form again; the last of several values."""
    return {name: value for name, value in form.multi_items() if isinstance(value, str)}
