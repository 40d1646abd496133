"""The words of the network: every code that may be asked with, and what it is called."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from graph.seed.vocabulary import SCHEMES, terms

router = APIRouter(tags=["vocabularies"])


class TermOut(BaseModel):
    """One code with its words."""

    code: str
    es: str
    en: str
    parent: str | None = Field(None, description="the broader term of the same vocabulary")
    requires: list[str] | None = Field(None, description="service types: what usually comes first, a hint")
    yielded_by: str | None = Field(None, description="papers: the service type by which the paper can be had")
    given_by: list[str] | None = Field(None, description="skills: service types in which it can be learnt or proven")
    asked_by: list[str] | None = Field(None, description="skills: occupations (ISCO-08) that ask for it")


class VocabulariesOut(BaseModel):
    """All vocabularies by name."""

    vocabularies: dict[str, list[TermOut]]


@router.get("/vocabularies", response_model=VocabulariesOut, summary="All codes and their words")
async def read() -> Any:
    """Service types, factors, papers, languages, countries and the rest, each in the order in which it is shown."""
    found = {
        scheme: [
            term.model_dump(exclude={"source"}, exclude_defaults=True, mode="json") for term in terms(scheme).values()
        ]
        for scheme in SCHEMES
    }
    return JSONResponse({"vocabularies": found}, headers={"Cache-Control": "public, max-age=3600"})
