"""The demo network goes in like any other folder, whole, on every engine. (R-02)"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from api.actions import directory, suggestions
from graph.exchange.demo import GEOGRAPHY, documents, write
from graph.model.need import Need
from graph.store.network import Network, Tx
from matching.verdict import Met

NOW = datetime(2026, 11, 21, 15, 0, tzinfo=UTC)
LATER = datetime(2026, 12, 1, 15, 0, tzinfo=UTC)

COUNTS = """
    MATCH (s:Service) WITH count(s) AS services
    MATCH (o:Organization) WITH services, count(o) AS organizations
    MATCH (m:Mechanism) WITH services, organizations, count(m) AS mechanisms
    MATCH (a:Area) WITH services, organizations, mechanisms, count(a) AS areas
    MATCH (x:Suspension) WITH services, organizations, mechanisms, areas, count(x) AS suspensions
    MATCH (c:ServiceCapacity) WITH services, organizations, mechanisms, areas, suspensions, count(c) AS capacities
    MATCH (p:Program) WITH services, organizations, mechanisms, areas, suspensions, capacities, count(p) AS programs
    MATCH (g:Agreement) WITH services, organizations, mechanisms, areas, suspensions, capacities, programs,
                             count(g) AS agreements
    MATCH (v:Sop)
    RETURN services, organizations, mechanisms, areas, suspensions, capacities, programs, agreements, count(v) AS sops
"""


async def counts(tx: Tx) -> dict[str, int]:
    record = await (await tx.run(COUNTS)).single(strict=True)
    return dict(record)


@pytest.fixture(scope="module")
async def loaded(network: Network, tmp_path_factory: pytest.TempPathFactory) -> directory.Report:
    return await directory.import_(network, write(tmp_path_factory.mktemp("demo"), NOW.date()), at=NOW)


async def test_everything_goes_in(network: Network, loaded: directory.Report) -> None:
    assert [(p.code, p.places, p.place.pointer) for p in loaded.problems] == []
    assert loaded.is_clean and not loaded.set_aside.total()

    stated = documents(NOW.date())
    nested = [service for organization in stated.organizations for service in organization["services"]]
    stops = [x for row in (*stated.organizations, *nested) for x in row.get("suspensions", ())]
    assert await network.read(counts) == {
        "services": len(nested),
        "organizations": len(stated.organizations),
        "mechanisms": len(stated.mechanisms),
        "areas": 3243,
        "suspensions": len(stops) + len(stated.suspensions),
        "capacities": sum(len(s.get("capacities", ())) + len(s.get("capacity_statements", ())) for s in nested),
        "programs": sum(len(o.get("programs", ())) for o in stated.organizations),
        "agreements": sum(len(o.get("agreements", ())) for o in stated.organizations),
        "sops": sum(("sop" in s) + len(s.get("sop_versions", ())) for s in nested),
    }


async def test_a_second_time_changes_nothing(network: Network, loaded: directory.Report, tmp_path: Path) -> None:
    assert loaded.is_clean
    again = await directory.import_(network, write(tmp_path, NOW.date()), at=NOW)
    assert again.wrote_nothing and again.is_clean


async def test_another_day_changes_places_and_agreements_only(
    network: Network, loaded: directory.Report, tmp_path: Path
) -> None:
    assert loaded.is_clean
    folder = write(tmp_path, LATER.date())
    for name in GEOGRAPHY:
        (folder / name).unlink()
    report = await directory.import_(network, folder, at=LATER)
    assert report.is_clean and not report.new
    assert set(+report.changed) == {"capacity", "agreement"}


@dataclass(frozen=True)
class Shown:
    """What docs/demo.md says is to be seen: a service, and the one reason that speaks against it or is left open."""

    need: dict[str, Any]
    service: str
    reason: str | None = None
    suggested: bool = False


PAPERS = ["national-identity-document", "bank-account"]

NEED = {"nationality": "GT", "gender": "male", "age": 30, "factors": []}

TO_SEE: dict[str, Shown] = {
    "next door": Shown(
        {"service_type": "economic.finance.credit", "area": "GT1201", "age": 40, "documents": PAPERS},
        "Microcrédito de regreso sin fiador",
        "coverage-next-area",
    ),
    "full": Shown(
        {
            "service_type": "social.basic-needs.food",
            "area": "GT1401",
            "factors": ["extreme-poverty"],
        },
        "Canasta de maíz, frijol y aceite por dos meses",
        "no-places",
    ),
    "waiting list": Shown(
        {
            "service_type": "social.housing.rent",
            "area": "GT0901",
            "factors": ["homeless"],
            "documents": PAPERS,
        },
        "Tres meses de alquiler en Xela",
        "waiting-list",
        suggested=True,
    ),
    "full, where it is told to nobody": Shown(
        {
            "service_type": "social.housing.emergency-shelter",
            "area": "GT0101",
            "age": 15,
            "factors": ["unaccompanied-or-separated-child"],
        },
        "Casa hogar para adolescentes que llegan sin familia",
        "capacity-not-public",
        suggested=True,
    ),
    "stale": Shown(
        {"service_type": "social.documents.identity", "area": "HN0601", "age": 20, "nationality": "HN"},
        "Enrolamiento de DNI en Choluteca y Valle",
        "capacity-stale",
        suggested=True,
    ),
    "expired agreement": Shown(
        {"service_type": "social.legal.aid", "area": "GT0909", "age": 40, "gender": "female", "languages": ["mam"]},
        "Asesoría en mam sobre tierra, deuda y pensión",
        "agreement-ended",
    ),
    "ended SOP": Shown(
        {"service_type": "economic.employment.job-placement", "area": "GT1101", "documents": PAPERS},
        "Feria de empleo itinerante de la Costa Sur",
        "sop-not-in-force",
        suggested=True,
    ),
    "missing SOP": Shown(
        {"service_type": "psychosocial.family-mediation", "area": "GT1326"},
        "Mediación con alcaldes auxiliares cuando hay conflicto por el regreso",
        "sop-not-stated",
        suggested=True,
    ),
    "suspended area": Shown(
        {"service_type": "social.health.care", "area": "MX07034"},
        "Consulta y botiquín en Frontera Comalapa",
        "area-suspended",
    ),
    "suspended organisation": Shown(
        {"service_type": "social.housing.emergency-shelter", "area": "GT1705"},
        "Albergue de El Ceibo: cama, ducha y comida caliente",
        "organization-suspended",
    ),
    "suspended service": Shown(
        {
            "service_type": "psychosocial.substance-use",
            "area": "HN0318",
            "age": 30,
            "gender": "male",
            "factors": ["substance-use"],
        },
        "Residencia de seis meses en Siguatepeque",
        "service-suspended",
    ),
    "Q’eqchi’": Shown(
        {"service_type": "psychosocial.counselling", "area": "GT1601", "languages": ["kek"]},
        "Escucha en q’eqchi’ para personas deportadas de la zafra y del norte",
        suggested=True,
    ),
    "before departure": Shown(
        {
            "service_type": "social.departure.return-counselling",
            "area": "MX07089",
            "nationality": "GT",
            "languages": ["mam"],
        },
        "Charla antes de volver a San Marcos o Huehuetenango",
        suggested=True,
    ),
}


async def answered(network: Network, need: dict[str, Any]) -> suggestions.Answer:
    return await network.read(suggestions.answer, Need.model_validate({"on": NOW.date(), **need}))


@pytest.mark.parametrize("name", TO_SEE)
async def test_what_the_page_about_the_demo_promises_is_seen(
    network: Network, loaded: directory.Report, name: str
) -> None:
    assert loaded.is_clean
    shown = TO_SEE[name]
    found = (await answered(network, shown.need)).suggestions
    among = found.suggested if shown.suggested else found.ruled_out
    judged = next(j for j in among if j.offer.terms.name == shown.service)
    reasons = {j.verdict.reason for j in judged.judgements if not isinstance(j.verdict, Met)}
    assert shown.reason is None or shown.reason in reasons


@pytest.mark.parametrize(
    ("service_type", "area"),
    [
        ("psychosocial.mental-health", "GT1703"),
        ("social.health.care", "HN1101"),
        ("social.basic-needs.food", "GT0901"),
        ("social.documents.police-record", "HN0501"),
    ],
)
async def test_where_nobody_helps_a_gap_is_told(
    network: Network, loaded: directory.Report, service_type: str, area: str
) -> None:
    assert loaded.is_clean
    found = (await answered(network, {"service_type": service_type, "area": area})).suggestions
    assert not found.suggested and found.gap is not None


async def test_without_any_paper_the_way_to_a_job_has_three_steps_before_it(
    network: Network, loaded: directory.Report
) -> None:
    assert loaded.is_clean
    answer = await answered(
        network, {"service_type": "economic.employment.job-placement", "area": "GT0901", **NEED, "documents": []}
    )
    ways = [[step.service_type for step in way.steps] for way in answer.pathways]
    assert [
        "social.documents.birth-registration",
        "social.documents.identity",
        "economic.skills.certification",
    ] in ways


async def test_where_several_could_help_the_free_one_stands_first(network: Network, loaded: directory.Report) -> None:
    assert loaded.is_clean
    need = {"service_type": "economic.skills.vocational-training", "area": "GT0901", **NEED}
    found = (await answered(network, {**need, "documents": ["school-certificate"], "languages": ["spa"]})).suggestions
    assert [j.offer.terms.name for j in found.suggested] == [
        "Técnico en invernadero y riego",
        "Quesos, yogur y normas sanitarias",
        "Curso de electricidad domiciliar, jornada de fin de semana",
    ]
