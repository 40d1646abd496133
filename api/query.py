"""What may be asked: the query for suggestions, with codes checked against the vocabularies. (R-05)

An unknown code is refused with the nearest ones, never ignored: a list that silently lost a word would be a lie.
The refused value itself is not repeated in the answer, because people write names into wrong fields.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, Strict
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


def _day(value: Any) -> Any:
    """A day is written out: a number is never read as seconds since 1970."""
    if isinstance(value, str) and not _DAY.fullmatch(value):
        raise PydanticCustomError("not-a-day", "not a day")
    if isinstance(value, (int, float)):
        raise PydanticCustomError("not-a-day", "not a day")
    return value


_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _explained(value: Any) -> Any:
    """Left out, null: true."""
    if value is None:
        return True
    if isinstance(value, bool) or value == "all":
        return value
    raise PydanticCustomError("not-explain", "neither true nor false nor all")


Explain = bool | Literal["all"] | None
Explained = Annotated[bool | Literal["all"], BeforeValidator(_explained, json_schema_input_type=Explain)]
Day = Annotated[date, BeforeValidator(_day)]
Number = Annotated[int, Strict()]  # `true` is no age
ServiceType = Annotated[str, Field(max_length=120), _known("service-types")]
Gender = Annotated[str, Field(max_length=40), _known("genders")]
Country = Annotated[str, Field(max_length=2), _known("countries")]
SpokenLanguage = Annotated[str, Field(max_length=40), _known("languages")]
Factor = Annotated[str, Field(max_length=120), _known("factors")]
Paper = Annotated[str, Field(max_length=120), _known("papers")]
Occupation = Annotated[str, Field(max_length=3), _known("occupations")]
Skill = Annotated[str, Field(max_length=120), _known("skills")]
WorkSchedule = Annotated[str, Field(max_length=40), _known("work-schedules")]


def codes(scheme: str, what: str) -> Any:
    """A list of codes that may be left out."""
    return Field(
        None, max_length=MOST_VALUES, description=f"{what}: codes of `{scheme}` in `GET /v1/vocabularies`; `[]`: none"
    )


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

    service_type: Annotated[
        ServiceType,
        Field(description="a code of `service-types` in `GET /v1/vocabularies`; an inner one means all below it"),
    ]
    area: str = Field(
        min_length=1, max_length=120, description="code of an area of any level (P-code): `GET /v1/areas`"
    )
    on: Day | None = Field(None, description="the day the service is needed; today when left out")
    age: Number | None = Field(None, ge=0, le=130, description="whole years")
    gender: Gender | None = Field(None, description="a code of `genders` in `GET /v1/vocabularies`")
    nationality: Country | None = Field(None, description="citizenship, ISO 3166-1 alpha-2")
    languages: list[SpokenLanguage] | None = codes("languages", "what the person understands")
    factors: list[Factor] | None = codes("factors", "risk and protective factors")
    documents: list[Paper] | None = codes("papers", "papers the person holds")
    limit: Number | None = Field(None, ge=0, le=100_000, description="how many suggestions at most; null: all")
    explain: Explained = Field(
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


def everywhere(queries: Iterable[Query]) -> frozenset[int]:
    """Which of these, by position, ask for what lies elsewhere too."""
    return frozenset(n for n, query in enumerate(queries) if query.explain == "all")


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


EXPECTED: Final[Mapping[str, str]] = {
    "not-a-day": "day",
    "date_type": "day",
    "date_parsing": "day",
    "date_from_datetime_parsing": "day",
    "not-explain": "explain",
    "int_type": "whole-number",
    "int_parsing": "whole-number",
    "int_from_float": "whole-number",
    "greater_than_equal": "at-least",
    "less_than_equal": "at-most",
    "list_type": "list",
    "string_type": "text",
    "string_too_short": "text",
    "model_type": "object",
    "model_attributes_type": "object",
}
"""What was expected, by what pydantic found."""

ONE_OF: Final = frozenset({"enum", "literal_error"})
"""Findings that say which values there are: ours, never the one refused."""

_QUOTED: Final = re.compile(r"'([^']*)'")

_KEY: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}")


def faults(errors: Iterable[Any]) -> list[Fault]:
    """Pydantic's findings as ours: place and code, without the refused value."""
    found = []
    for error in errors:
        steps = [part for part in error["loc"] if part != "body"]
        code = TEXT_OF.get(error["type"], "query.wrong-shape")
        known = ", ".join(_QUOTED.findall(str(error.get("ctx", {}).get("expected", ""))))
        places = error.get("ctx", {}) if error["type"] == "unknown-code" else {}
        if code == "query.wrong-shape" and error["type"] in EXPECTED:
            bound = error.get("ctx", {}).get("ge", error.get("ctx", {}).get("le", ""))
            places = {"expected": EXPECTED[error["type"]], "n": str(bound)}
        elif code == "query.wrong-shape" and error["type"] in ONE_OF and known:
            places = {"expected": "one-of", "n": known}
        found.append(Fault(pointer="".join(f"/{_step(part)}" for part in steps), code=code, places=places))
    return found


def _step(part: str | int) -> str:
    """One step of a pointer. What is no key but somebody's words is not repeated."""
    return str(part) if isinstance(part, int) or _KEY.fullmatch(part) else "…"
