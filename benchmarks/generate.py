"""Networks of national size, as documents of our profile: the same seed gives the same bytes. (docs/benchmarks.md)

One made-up country (`ZZ`, an ISO code nobody has) of 3,400 areas: 33 departments, each 17 by 6 municipalities in a
brick pattern, so that an inner one touches six others. Rows are made one at a time and written as they come: memory
does not grow with the network. What is measured on a network does not belong here.

How services are spread follows the two data sets there are: most cover some municipalities or departments, few the
whole country, some do not say; service types are as uneven as in the Jordan mapping.

Two ways to grow:

* `tenfold`: everything ten times; a need finds ten times the candidates.
* `equal`: ten times the services, as many candidates. Areas and service types are fixed, so ten times as many services
  can only mean narrower ones. What a country has of national, departmental and undeclared services stays as many as in
  the small network (three quarters of it, `KEPT`, because the others are found too); all the others serve a single
  municipality. That is how directories really grow: a country does not get ten times the national programmes when all
  its municipalities enter their own desks. The run reports the candidates it found on both.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
from bisect import bisect
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import Any, Final, Literal, TypeVar
from uuid import UUID

from graph.seed.vocabulary import label, lineage, terms

T = TypeVar("T")
Document = dict[str, Any]
Growth = Literal["tenfold", "equal"]

COUNTRY: Final = "ZZ"
ACROSS, DOWN = 11, 3
"""Departments of the country."""
WIDE, HIGH = 17, 6
"""Municipalities of a department."""

ON: Final = date(2026, 11, 1)
"""The day of all questions: nothing here depends on the day of the run."""

SMALL: Final = 20_000
KEPT: Final = 0.775
"""Share of the small network that keeps its shape in a larger one of equal candidates; the rest of the larger one
serves one municipality each. Found by counting the candidates of 300 questions: 54.9 on both."""

FEW_DEPARTMENTS: Final = ((1, 78), (2, 16), (3, 6))
FEW_MUNICIPALITIES: Final = ((1, 62), (2, 18), (3, 10), (5, 7), (8, 3))
COVERAGE: Final = (("municipal", 715), ("departmental", 230), ("unstated", 40), ("national", 15))
LANGUAGES: Final = ("quc", "kek", "mam", "cak", "cab", "miq", "nch", "yua", "tzh", "zai", "eng")
NATIONALITIES: Final = ("GT", "HN", "SV", "MX", "NI")
FIELDS: Final = (
    "given_name",
    "family_name",
    "telephone",
    "municipality",
    "languages",
    "birth_date",
    "vulnerability_factors",
)


@dataclass(frozen=True, slots=True)
class Plan:
    """Which network to make."""

    services: int = SMALL
    growth: Growth = "tenfold"
    seed: str = "enlace"
    small: int = SMALL
    """Services of the smaller network with which one of equal candidates is compared."""

    @property
    def organizations(self) -> int:
        """One for about twenty-five services."""
        return max(3, self.services // 25)

    @property
    def shaped(self) -> int:
        """Services that are spread as in the small network; those after them serve one municipality."""
        return self.services if self.growth == "tenfold" else min(self.services, round(self.small * KEPT))

    def dice(self, what: str, number: int) -> random.Random:
        """Luck of one thing alone, so that a larger network begins like a smaller one."""
        return random.Random(f"{self.seed}|{what}|{number}")


# areas


def department(x: int, y: int) -> str:
    """Code of the department in which the municipality of these coordinates lies."""
    return f"{COUNTRY}{(y // HIGH) * ACROSS + x // WIDE + 1:02d}"


def municipality(x: int, y: int) -> str:
    """Code of a municipality by its coordinates."""
    return f"{department(x, y)}{(y % HIGH) * WIDE + x % WIDE + 1:03d}"


@cache
def grid() -> dict[str, tuple[int, int]]:
    """All municipalities with their coordinates."""
    return {municipality(x, y): (x, y) for y in range(DOWN * HIGH) for x in range(ACROSS * WIDE)}


@cache
def departments() -> tuple[str, ...]:
    """All departments."""
    return tuple(f"{COUNTRY}{n + 1:02d}" for n in range(ACROSS * DOWN))


def areas() -> Iterator[Document]:
    """Rows of `areas.csv`."""
    yield {"code": COUNTRY, "name": "País de prueba (demo)", "level": 0, "parent": "", "lat": 15.0, "lon": -90.0}
    for code in departments():
        yield {
            "code": code,
            "name": f"Departamento {code[2:]} (demo)",
            "level": 1,
            "parent": COUNTRY,
            "lat": "",
            "lon": "",
        }
    for code, (x, y) in grid().items():
        name = f"Municipio {code[2:4]}-{code[4:]} (demo)"
        point = {"lat": round(14 + y * 0.08, 4), "lon": round(-98 + x * 0.05, 4)}
        yield {"code": code, "name": name, "level": 2, "parent": code[:4], **point}


def neighbours(x: int, y: int) -> Iterator[tuple[int, int]]:
    """Coordinates beside these: bricks touch two in their row and two above and below."""
    shift = 0 if y % 2 else -1
    for dx, dy in ((-1, 0), (1, 0), (shift, -1), (shift + 1, -1), (shift, 1), (shift + 1, 1)):
        if 0 <= x + dx < ACROSS * WIDE and 0 <= y + dy < DOWN * HIGH:
            yield x + dx, y + dy


def adjacency() -> Iterator[tuple[str, str]]:
    """Pairs that touch, each once: municipalities, and the departments whose municipalities do."""
    seen: set[tuple[str, str]] = set()
    for code, (x, y) in grid().items():
        for other_x, other_y in neighbours(x, y):
            other = municipality(other_x, other_y)
            if code < other:
                yield code, other
            pair = (code[:4], other[:4])
            if pair[0] < pair[1] and pair not in seen:
                seen.add(pair)
                yield pair


# luck


class Weighted(Sequence[str]):
    """Things that are drawn more or less often."""

    def __init__(self, weights: Iterable[tuple[str, float]]) -> None:
        found = list(weights)
        self._things = [thing for thing, _ in found]
        self._sums = list(accumulate(weight for _, weight in found))

    def draw(self, dice: random.Random) -> str:
        return self._things[min(bisect(self._sums, dice.random() * self._sums[-1]), len(self._things) - 1)]

    def __getitem__(self, index: Any) -> Any:
        return self._things[index]

    def __len__(self) -> int:
        return len(self._things)


@cache
def leaves() -> Weighted:
    """Service types without any below, the ninth as frequent as a fifth of the first: as uneven as Jordan's."""
    above = {term.parent for term in terms("service-types").values()}
    codes = [code for code in terms("service-types") if code not in above]
    random.Random("types").shuffle(codes)
    return Weighted((code, (n + 1) ** -0.7) for n, code in enumerate(codes))


@cache
def places() -> Weighted:
    """Municipalities: the seat of a department has ten times as much of everything."""
    dice = random.Random("places")
    return Weighted((code, 10.0 if code.endswith("053") else dice.uniform(0.4, 1.6)) for code in grid())


@cache
def codes_of(scheme: Any, without: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The codes of a vocabulary."""
    return tuple(code for code in terms(scheme) if code not in without)


def pick(dice: random.Random, choices: Sequence[tuple[T, int]]) -> T:
    """One of these, by its weight."""
    left = dice.random() * sum(weight for _, weight in choices)
    for thing, weight in choices:
        left -= weight
        if left < 0:
            return thing
    return choices[-1][0]


def chance(dice: random.Random, percent: float) -> bool:
    """True so many times of a hundred."""
    return dice.random() * 100 < percent


def new_id(dice: random.Random) -> str:
    """A random UUID, always the same."""
    return str(UUID(int=dice.getrandbits(128), version=4))


def day(offset: int) -> str:
    """A day so many days after the day of the questions."""
    return (ON + timedelta(days=offset)).isoformat()


# organisations


def organization_id(plan: Plan, number: int) -> str:
    """The id of an organisation by its number."""
    return new_id(plan.dice("organization-id", number))


def organization_name(number: int) -> str:
    """Its name."""
    return f"Organización {number + 1} (demo)"


def organizations(plan: Plan) -> Iterator[Document]:
    """Rows of `organizations.json`: eight in ten with an agreement in force; some ended, some without any."""
    for number in range(plan.organizations):
        dice = plan.dice("organization", number)
        id = organization_id(plan, number)
        document: Document = {
            "id": id,
            "name": organization_name(number),
            "description": f"Organización de prueba número {number + 1}; sólo existe para medir.",
            "email": f"o{number + 1}@example.org",
            "actor_category": dice.choice(codes_of("actor-categories")),
        }
        begin, end = pick(dice, (((-700, 700), 80), ((-900, -30), 8), ((30, 900), 3)))
        if chance(dice, 91):
            document["agreements"] = [
                {
                    "id": new_id(dice),
                    "name": f"Convenio {number + 1}",
                    "kind": dice.choice(("memorandum", "long-term-agreement")),
                    "parties": [id],
                    "valid_from": day(begin),
                    "valid_to": day(end),
                }
            ]
        if chance(dice, 0.5):
            document["suspensions"] = [suspension(dice)]
        yield document


def suspension(dice: random.Random) -> Document:
    """Half of them are over."""
    begin = dice.randint(-200, -20)
    return {
        "id": new_id(dice),
        "reason": dice.choice(codes_of("suspension-reasons")),
        "valid_from": day(begin),
        "valid_to": day(begin + dice.randint(10, 200)),
    }


def suspended_areas(plan: Plan) -> Iterator[Document]:
    """Rows of `suspensions.json`: a department and some municipalities, whatever the size of the network."""
    for number in range(6):
        dice = plan.dice("suspended area", number)
        code = dice.choice(departments()) if number == 0 else places().draw(dice)
        yield {**suspension(dice), "subject": "area", "subject_id": code}


# services


def coverage(plan: Plan, number: int, dice: random.Random) -> list[str]:
    """Area codes; none: not stated."""
    home = places().draw(dice)
    if number >= plan.shaped:
        return [home]
    match pick(dice, COVERAGE):
        case "national":
            return [COUNTRY]
        case "unstated":
            return []
        case "departmental":
            found = {home[:4]}
            while len(found) < pick(dice, FEW_DEPARTMENTS):
                found.add(dice.choice(departments()))
            return sorted(found)
        case _:
            codes, wanted = [home], pick(dice, FEW_MUNICIPALITIES)
            while len(codes) < wanted:  # a chain of neighbours
                x, y = grid()[dice.choice(codes)]
                beside = municipality(*dice.choice(list(neighbours(x, y))))
                if beside not in codes:
                    codes.append(beside)
            return codes


def services(plan: Plan) -> Iterator[Document]:
    """Rows of `services.json`."""
    owners = [organization_id(plan, number) for number in range(plan.organizations)]
    for number in range(plan.services):
        yield service(plan, number, owners)


def service(plan: Plan, number: int, owners: Sequence[str]) -> Document:
    """One service with its SOP and its places."""
    dice = plan.dice("service", number)
    owner = int(len(owners) * dice.random() ** 1.5)  # large organisations and small ones
    types = [leaves().draw(dice)]
    if chance(dice, 8) and (other := leaves().draw(dice)) not in types:
        types.append(other)
    extent = coverage(plan, number, dice)
    home = extent[0] if extent else places().draw(dice)
    if len(home) < 7:
        home = places().draw(dice)
    id = new_id(dice)
    what = {language: label("service-types", types[0], language) for language in ("es", "en")}
    document: Document = {
        "id": id,
        "name": f"{what['es']} {number + 1} — {home}",
        "description": f"{what['es']} para personas retornadas y sus familias; ventanilla número {number % 9 + 1}, con cita previa.",
        "translations": {
            "en": {
                "name": f"{what['en']} {number + 1} — {home}",
                "description": f"{what['en']} for returned people and their families; window {number % 9 + 1}, by appointment.",
            }
        },
        "status": pick(dice, (("active", 96), ("temporarily closed", 2), ("inactive", 2))),
        "organization": {"id": owners[owner], "name": organization_name(owner)},
        "attributes": [
            {"id": new_id(dice), "link_entity": "service", "link_type": "service-type", "value": code} for code in types
        ],
        "service_areas": [{"id": new_id(dice), "extent": code, "extent_type": "area-code"} for code in extent],
        "level": pick(dice, (("individual", 85), ("community", 13), ("structural", 2))),
        "assured_date": day(-dice.randint(5, 600)),
    }
    if chance(dice, 70):
        x, y = grid()[home]
        point = {"latitude": round(14 + y * 0.08, 4), "longitude": round(-98 + x * 0.05, 4)}
        location = {"id": new_id(dice), "name": f"Sede {home}", "location_type": "physical", **point}
        location |= {"external_identifier": home, "external_identifier_type": "area-code"}
        document["service_at_locations"] = [{"id": new_id(dice), "location": location}]
    if window := pick(dice, (((-400, 500), 86), ((-900, -40), 7), ((20, 400), 2), (None, 5))):
        document["schedules"] = [
            {
                "id": new_id(dice),
                "valid_from": day(window[0] - dice.randint(0, 30)),
                "valid_to": day(window[1] + dice.randint(0, 30)),
                "freq": "WEEKLY",
                "byday": "MO,TU,WE,TH,FR",
                "opens_at": "08:00",
                "closes_at": dice.choice(("12:00", "16:00")),
            }
        ]
    if chance(dice, 78):
        spoken = ["spa"] if chance(dice, 97) else []
        if chance(dice, 25) or not spoken:
            spoken.append(LANGUAGES[(int(home[2:4]) + dice.randint(0, 1)) % len(LANGUAGES)])
        document["languages"] = [{"id": new_id(dice), "code": code} for code in spoken]
    low, high = pick(
        dice, (((None, None), 45), ((18, None), 30), ((0, 17), 8), ((15, 29), 10), ((60, None), 3), ((18, 65), 4))
    )
    document |= {name: value for name, value in (("minimum_age", low), ("maximum_age", high)) if value is not None}
    usual = sorted({step for code in types for step in terms("service-types")[code].requires})
    if chance(dice, 45):
        document["requires"] = usual if chance(dice, 60) else []
    if chance(dice, 20):
        document["also_serves"] = ["host-community"]
    if chance(dice, 62):
        document["capacities"] = [capacity(dice)]
    if chance(dice, 82):
        document |= sop(dice)
    if chance(dice, 0.15):
        document["suspensions"] = [suspension(dice)]
    return document


def capacity(dice: random.Random) -> Document:
    """Places as somebody stated them: one in three so long ago that nobody knows."""
    maximum = dice.choice((5, 10, 20, 40, 100))
    available = 0 if chance(dice, 18) else dice.randint(1, maximum)
    age = dice.randint(0, 25) if chance(dice, 66) else dice.randint(30, 300)
    return {
        "id": new_id(dice),
        "unit": unit(dice.choice(("place", "seat", "appointment", "bed"))),
        "state": "available" if available else pick(dice, (("none", 60), ("waiting-list", 30), ("assess-first", 10))),
        "available": available,
        "maximum": maximum,
        "updated": f"{day(-age)}T15:00:00Z",
        "updated_by": "provider",
    }


@cache
def unit(name: str) -> Document:
    """What one place is; one description for all that count in it."""
    return {"id": new_id(random.Random(name)), "name": name}


def sop(dice: random.Random) -> Document:
    """One version, sometimes two; its rules as frequent as in the Jordan mapping."""
    if chance(dice, 10):
        first = version(dice, 1, (-800, -100))
        return {"sop_versions": [first, {**version(dice, 2, (-99, 900))}]}
    period = pick(dice, (((-300, 600), 80), (None, 12), ((-700, -15), 8)))
    return {"sop": version(dice, 1 if period else None, period)}


def version(dice: random.Random, number: int | None, period: tuple[int, int] | None) -> Document:
    """One version of the rules of referral."""
    rule: Document = {
        "id": new_id(dice),
        "accepts_referrals": chance(dice, 90),
        "referral_needed": chance(dice, 60),
        "methods": sorted({dice.choice(("email", "telephone", "in-person", "enlace")) for _ in range(2)}),
        "response_time": dice.choice(("P1D", "P3D", "P7D")),
        "feedback": {"methods": ["email"], "within": "P14D"},
        "eligibility": eligibility(dice),
        "fields": [
            {
                "field": field,
                "stage": "first-contact",
                "required": n < 3,
                "why_needed": "Para atender sin repetir preguntas.",
            }
            for n, field in enumerate(FIELDS[: dice.randint(3, len(FIELDS))])
        ],
        "contacts": [
            {
                "name": "Punto focal de derivación",
                "role": "Recepción",
                "channel": "email",
                "address": "punto.focal@example.org",
            }
        ],
        "clocks": {"receive": "P1D", "decide": "P3D", "start": "P14D"},
        "how_provided": "Presencial, con cita.",
    }
    if number is not None:
        rule["version"] = number
    if period is not None:
        rule |= {"valid_from": day(period[0]), "valid_to": day(period[1])}
    return rule


def eligibility(dice: random.Random) -> Document:
    """Who may be referred."""
    rule: Document = {}
    if chance(dice, 15):
        names = dice.sample(NATIONALITIES, dice.randint(1, 3))
        rule["nationality"] = {"in": names} if chance(dice, 75) else {"not_in": names}
    if chance(dice, 35):
        rule["documents_any_of"] = dice.sample(
            ("national-identity-document", "birth-certificate", "return-certificate", "passport"), dice.randint(1, 3)
        )
    kind = pick(dice, (("open", 60), ("scored", 22), ("factors", 13), ("silent", 5)))
    if kind == "open":
        rule["open_to_all"] = True
    elif kind != "silent":
        rule["open_to_all"] = False
        rule["scored"] = kind == "scored"
        rule["any_factor"] = dice.sample(codes_of("factors"), dice.randint(1, 5))
    if chance(dice, 45):
        rule["genders"] = ["female", "male", "other"] if chance(dice, 80) else ["female"]
    return rule


# questions


def needs(count: int, *, seed: str = "questions", level: int = 2) -> list[Document]:
    """Queries as a case manager states them: eight in ten name a leaf type, two an inner node; people tell much."""
    inner = [
        code
        for code in terms("service-types")
        if code not in set(leaves()) and len(lineage("service-types", code)) == 2
    ]
    found = []
    for number in range(count):
        dice = random.Random(f"{seed}|{level}|{number}")
        place = places().draw(dice)
        query: Document = {
            "service_type": dice.choice(leaves()) if chance(dice, 80) else dice.choice(inner),
            "area": {0: COUNTRY, 1: place[:4], 2: place}[level],
            "on": ON.isoformat(),
            "age": dice.randint(1, 75),
            "gender": dice.choice(("female", "male")),
            "nationality": pick(dice, (("GT", 50), ("HN", 30), ("SV", 10), ("MX", 10))),
            "languages": ["spa"] if chance(dice, 80) else ["spa", dice.choice(LANGUAGES)],
            "factors": dice.sample(codes_of("factors"), dice.randint(0, 4)),
            "documents": dice.sample(
                ("national-identity-document", "birth-certificate", "return-certificate"), dice.randint(0, 2)
            ),
        }
        for name in ("age", "gender", "nationality", "languages", "factors", "documents"):
            if chance(dice, 12):
                del query[name]
        found.append(query)
    return found


# files


def write(folder: Path, plan: Plan) -> None:
    """The network as `enlace import` takes it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "areas.csv").open("w", encoding="utf-8", newline="") as stream:
        table = csv.DictWriter(stream, ["code", "name", "level", "parent", "lat", "lon"])
        table.writeheader()
        table.writerows(areas())
    with (folder / "area-adjacency.csv").open("w", encoding="utf-8", newline="") as stream:
        pairs = csv.writer(stream)
        pairs.writerow(("code", "adjacent"))
        pairs.writerows(adjacency())
    _write_list(folder / "organizations.json", organizations(plan))
    _write_list(folder / "services.json", services(plan))
    _write_list(folder / "suspensions.json", suspended_areas(plan))


def _write_list(path: Path, documents: Iterable[Document]) -> None:
    with path.open("w", encoding="utf-8") as stream:
        stream.write("[")
        for number, document in enumerate(documents):
            stream.write((",\n" if number else "\n") + json.dumps(document, ensure_ascii=False))
        stream.write("\n]\n")


def main() -> None:
    """`python -m benchmarks.generate FOLDER [--services N] [--growth equal]`."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--services", type=int, default=SMALL)
    parser.add_argument("--growth", choices=("tenfold", "equal"), default="tenfold")
    options = parser.parse_args()
    write(options.folder, Plan(options.services, options.growth))


if __name__ == "__main__":
    main()
