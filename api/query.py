"""What may be asked: the query for suggestions, with codes checked against the vocabularies. (R-05)

An unknown code is refused with the nearest ones, never ignored: a list that silently lost a word would be a lie.
The refused value itself is not repeated in the answer, because people write names into wrong fields.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError
from rapidfuzz import process

from graph.model.need import Need
from graph.seed.vocabulary import Scheme, terms

MOST_VALUES: Final = 200


def _known(scheme: Scheme) -> AfterValidator:
    def check(value: str) -> str:
        if value not in terms(scheme):
            raise unknown_code(scheme, value)
        return value

    return AfterValidator(check)


def unknown_code(scheme: Scheme, value: str) -> PydanticCustomError:
    """The refusal of a code that is in no vocabulary, naming the nearest ones there are."""
    near = [code for code, _, _ in process.extract(value[:80], list(terms(scheme)), limit=3, score_cutoff=60)]
    return PydanticCustomError("unknown-code", "unknown code", {"scheme": scheme, "like": ", ".join(near)})


ServiceType = Annotated[str, Field(max_length=120), _known("service-types")]
Gender = Annotated[str, Field(max_length=40), _known("genders")]
Country = Annotated[str, Field(max_length=2), _known("countries")]
SpokenLanguage = Annotated[str, Field(max_length=40), _known("languages")]
Factor = Annotated[str, Field(max_length=120), _known("factors")]
Paper = Annotated[str, Field(max_length=120), _known("papers")]
Many = Field(None, max_length=MOST_VALUES)


class Query(BaseModel):
    """A need as it is stated, before anyone is named. Only `service_type` and `area` are required.

    A key that is left out or null is *unknown*; a list that is given is complete (`[]` = none).
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "service_type": "social.health",
                    "area": "GT09",
                    "age": 34,
                    "gender": "female",
                    "nationality": "GT",
                    "languages": ["quc", "spa"],
                    "documents": ["national-identity-document"],
                    "limit": 10,
                }
            ]
        },
    )

    service_type: Annotated[ServiceType, Field(description="a service type, or an inner node with all below it")]
    area: str = Field(min_length=1, max_length=120, description="code of an area of any level (P-code)")
    on: date | None = Field(None, description="the day the service is needed; today when left out")
    age: int | None = Field(None, ge=0, le=130, description="whole years")
    gender: Gender | None = None
    nationality: Country | None = Field(None, description="ISO 3166-1 alpha-2")
    languages: list[SpokenLanguage] | None = Many
    factors: list[Factor] | None = Many
    documents: list[Paper] | None = Many
    limit: int | None = Field(None, ge=0, le=100_000, description="how many suggestions at most; null: all")
    explain: bool | Literal["all"] = Field(
        True, description="true: verdicts and what is ruled out; false: suggestions and counts; all: also elsewhere"
    )

    def need(self, *, today: date) -> Need:
        """The need that matching reads."""
        return Need(
            service_type=self.service_type,
            area=self.area,
            on=self.on or today,
            age=self.age,
            gender=self.gender,
            nationality=self.nationality,
            languages=_set(self.languages),
            factors=_set(self.factors),
            documents=_set(self.documents),
        )


class Queries(BaseModel):
    """Several needs of one person, answered together."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    needs: list[Query] = Field(min_length=1, max_length=20)


def _set(values: Iterable[str] | None) -> frozenset[str] | None:
    return None if values is None else frozenset(values)


class Fault(BaseModel):
    """One thing that is wrong with what was asked: where (a JSON pointer), and which text says so."""

    pointer: str
    code: str
    places: dict[str, str] = {}


TEXT_OF: Final = {
    "missing": "query.missing",
    "extra_forbidden": "query.unknown-key",
    "too_long": "query.too-many",
    "unknown-code": "query.unknown-code",
    "json_invalid": "query.not-json",
}


def faults(errors: Iterable[Any]) -> list[Fault]:
    """Pydantic's findings as ours: place and code, without the refused value."""
    found = []
    for error in errors:
        pointer = "".join(f"/{part}" for part in error["loc"] if part != "body")
        context = error.get("ctx", {}) if error["type"] == "unknown-code" else {}
        found.append(Fault(pointer=pointer, code=TEXT_OF.get(error["type"], "query.wrong-shape"), places=context))
    return found
