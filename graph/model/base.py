"""What every noun shares: frozen, closed models, and the few types used all over the house.

Does not belong here: anything with a meaning of its own in the domain.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Code = Annotated[str, Field(min_length=1, max_length=120, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
"""A code of one of our vocabularies, or of an area: never free text."""

Id = Annotated[str, Field(min_length=1, max_length=120)]
"""An opaque identifier (HSDS: a UUID). Kept exactly as it came."""

Language = Literal["es", "en"]
"""A language of the screen. Languages that people speak are ISO 639-3 codes of the vocabulary."""

Translations = dict[Language, dict[str, str]]
"""Texts in another screen language: {"en": {"name": …, "description": …}}. The plain field is the original."""

Carried = dict[str, Any]
"""HSDS properties that Enlace does not read: kept as they came and given back at export."""


class Model(BaseModel):
    """A frozen value whose fields are exactly the ones declared."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)
