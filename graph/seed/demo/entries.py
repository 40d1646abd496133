"""What may stand in the demo's YAML: closed models, so that a mistyped key is refused and not ignored."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Final, Literal

import yaml
from pydantic import BeforeValidator, ConfigDict, Field

from graph.model.base import Code, Model
from graph.model.directory import ActorCategory, Degree, Scope, Status, SupportLevel
from graph.model.job import Opening

Text = tuple[str, str]
"""A name and a description."""

Codes = Annotated[tuple[Code, ...], BeforeValidator(lambda v: (v,) if isinstance(v, str) else v)]
"""One code, or a list of codes."""

OrUnstated = Literal["unstated"]

UNSTATED: Final = "unstated"
"""Where a provider says nothing: shown as unknown, never taken as a no."""


class Entry(Model):
    """A part of a YAML file; its keys may be Python's own words."""

    model_config = ConfigDict(**{**Model.model_config, "populate_by_name": True})


class Site(Entry):
    """Where a service is delivered: a municipality, or a department if the address is sealed."""

    area: Code
    sealed: bool = False


class ServiceEntry(Entry):
    """One service in its short form.

    Left out means: all ages (from 16 in the economic dimension), all genders, everybody, nothing first. What the
    provider does not say is written `unstated`.
    """

    k: Code
    types: Codes = Field(alias="is")
    es: Text
    en: Text
    areas: tuple[Code, ...] | OrUnstated | None = Field(None, alias="in")
    at: Site | Literal["virtual"] | Code | None = None
    speaks: tuple[Code, ...] | OrUnstated | None = None
    hours: str | None = None
    starts: date | None = Field(None, alias="from")
    until: date | None = None
    ages: str | None = None
    genders: tuple[Code, ...] | OrUnstated | None = None
    nationals: tuple[Code, ...] | None = None
    papers: tuple[Code, ...] = ()
    for_whom: tuple[Code, ...] | OrUnstated | None = Field(None, alias="for")
    after: tuple[Code, ...] | OrUnstated = ()
    places: str | None = None
    status: Status = "active"
    referrals: bool = True
    level: SupportLevel = SupportLevel.INDIVIDUAL
    also: tuple[Code, ...] = ()
    teaches: tuple[Code, ...] | None = None
    opening: Opening | None = None
    program: Code | None = None
    sop: Literal["in-force", "none", "expired", "undated", "two-versions", "no-referrals"] = "in-force"


class AgreementEntry(Entry):
    """How the organisation is tied to the mechanism."""

    kind: Literal["memorandum", "long-term-agreement"] = "memorandum"
    until: date | Literal["soon"]
    ceiling: int | None = None
    spent: int | None = None
    currency: str | None = None


class ProgramEntry(Entry):
    """A programme with its money."""

    key: Code
    es: str
    en: str
    budget: int
    spent: int
    currency: str


class OrganizationEntry(Entry):
    """One organisation; `areas`, `at`, `speaks` and `hours` hold for its services unless they say otherwise."""

    key: Code
    es: Text
    en: Text
    category: ActorCategory
    influence: Degree
    interest: Degree
    areas: tuple[Code, ...] = Field(alias="in")
    at: Code
    speaks: tuple[Code, ...]
    hours: str
    mechanisms: tuple[Code, ...] = Field(min_length=1)
    leads: tuple[Code, ...] = ()
    agreement: AgreementEntry | None = None
    programs: tuple[ProgramEntry, ...] = ()
    services: tuple[ServiceEntry, ...] = Field(min_length=1)


class MechanismEntry(Entry):
    """A mechanism; who belongs to it is told by the organisations."""

    key: Code
    es: str
    en: str
    scope: Scope
    area: Code | None = None
    part_of: Code | None = None
    lead: Code | None = None


class SuspensionEntry(Entry):
    """A stop of referrals; `id` is an area code, an organisation's key, or organisation/service."""

    key: Code
    subject: Literal["area", "organization", "service"]
    id: str
    reason: Code
    starts: date = Field(alias="from")
    ends: date | None = Field(None, alias="to")


class ContactEntry(Entry):
    """A function that answers referrals."""

    es: str
    en: str
    channel: Code
    availability: str
    opens: str
    closes: str
    responds: str


class Skeleton(Entry):
    """The rules that services of one kind share."""

    kinds: tuple[Code, ...] = Field(alias="for")
    methods: tuple[Code, ...]
    first: Code
    response: str
    feedback: dict[str, Any]
    contacts: tuple[Code, ...]
    clocks: dict[str, str]
    priorities: tuple[Literal["emergency", "urgent", "normal"], ...]
    how: Text
    consent: Text
    first_contact: dict[Code, Literal["required", "optional"]]
    follow: dict[Code, Literal["required", "optional"]]
    emergency: tuple[Code, ...]
    follow_up: tuple[Code, ...]
    documents: tuple[Code, ...]
    payer: Code
    ceiling: dict[str, int] = Field(default_factory=dict)
    shared: tuple[Code, ...] = ()
    half_life: int | None = None


class Skeletons(Entry):
    """All of them, with what they share."""

    why: dict[Code, Text]
    contacts: dict[Code, ContactEntry]
    skeletons: dict[Code, Skeleton]


class Whole(Entry):
    """What holds the network together."""

    mechanisms: tuple[MechanismEntry, ...]
    suspensions: tuple[SuspensionEntry, ...]


APART: Final = frozenset({"network.yaml", "skeletons.yaml"})
"""All other YAML files of the folder hold organisations."""


def organizations() -> Iterator[OrganizationEntry]:
    """All organisations, file by file in the order of the names."""
    for file in sorted(files("graph.seed.demo").iterdir(), key=lambda f: f.name):
        if file.name.endswith(".yaml") and file.name not in APART:
            for row in yaml.safe_load(file.read_text(encoding="utf-8")):
                yield OrganizationEntry.model_validate(row)


@cache
def skeletons() -> Skeletons:
    """The SOP skeletons."""
    return Skeletons.model_validate(_read("skeletons.yaml"))


def network() -> Whole:
    """Mechanisms and suspensions."""
    return Whole.model_validate(_read("network.yaml"))


def _read(name: str) -> Any:
    return yaml.safe_load(files("graph.seed.demo").joinpath(name).read_text(encoding="utf-8"))
