"""A job market small enough to know by heart: one employer, three openings, four trainings, as an import folder.

Beside it the cast of `tests.cast`, whose owner keeps a case of somebody who lays bricks and would like to weld.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from api.actions import directory
from graph.exchange.hsds_write import organization_document, service_document
from graph.model.directory import ActorCategory, CapacityState, Organization, Schedule, Service, ServiceCapacity
from graph.model.job import JobProfile, Opening, WorkedAs
from graph.model.sop import Eligibility, Sop, SopField
from graph.store.network import Network
from tests.cast import NOW, set_the_stage

AREAS: Final = """code,name,level,parent
GT,Guatemala,0,
GT09,Quetzaltenango,1,GT
GT0901,Quetzaltenango,2,GT09
GT0902,Salcajá,2,GT09
GT13,Huehuetenango,1,GT
GT1301,Huehuetenango,2,GT13
GT18,Izabal,1,GT
GT1801,Puerto Barrios,2,GT18
"""
ADJACENCY: Final = "code,adjacent\nGT09,GT13\n"

EMPLOYER: Final = "o-employer"
SCHOOL: Final = "o-school"
JOB: Final = "economic.employment.opening"
COURSE: Final = "economic.skills.vocational-training"
OPENINGS: Final = {
    "j-welder": Opening(
        occupation="721",
        skills_required=("welding",),
        skills_desired=("reading-plans",),
        experience_months=0,
        schedule="full-time",
    ),
    "j-mason": Opening(occupation="711", skills_required=("bricklaying",), experience_months=12, schedule="full-time"),
    "j-coast": Opening(occupation="711", skills_required=("bricklaying",), experience_months=0, schedule="full-time"),
}

PROFILE: Final = JobProfile(
    worked=(WorkedAs(occupation="711", months=60),),
    skills=frozenset({"bricklaying"}),
    interests=frozenset({"721"}),
    schedules=frozenset({"full-time"}),
)
"""Fits the mason's opening, lacks a skill for the welder's."""


def service(id: str, organization: str, kind: str, areas: Sequence[str], **more: Any) -> Service:
    return Service(
        id=id,
        organization_id=organization,
        name=f"Servicio {id} (demo)",
        status="active",
        service_types=(kind,),
        areas=tuple(areas),
        schedules=(Schedule(id=f"t-{id}", valid_from=date(2020, 1, 1), valid_to=date(2099, 12, 31)),),
        **{"minimum_age": 18, "requires": (), "languages": ("spa",), **more},
    )


SERVICES: Final = (
    service("j-welder", EMPLOYER, JOB, ["GT0901", "GT0902"], opening=OPENINGS["j-welder"]),
    service("j-mason", EMPLOYER, JOB, ["GT09"], opening=OPENINGS["j-mason"]),
    service("j-coast", EMPLOYER, JOB, ["GT18"], opening=OPENINGS["j-coast"]),
    service("j-exchange", SCHOOL, "economic.employment.job-placement", ["GT09"]),
    service("c-welding", SCHOOL, COURSE, ["GT09"], teaches=("welding",)),
    service("c-silent", SCHOOL, COURSE, ["GT09"]),
    service("c-baking", SCHOOL, COURSE, ["GT09"], teaches=("baking",)),
    service("c-far", SCHOOL, COURSE, ["GT18"], teaches=("welding",)),
)


def sop_of(service_id: str) -> Sop:
    fields = [("given_name", True), ("job_skills", True), ("job_experience", False), ("job_schedules", False)]
    return Sop(
        id=f"p-{service_id}",
        service_id=service_id,
        version=1,
        valid_from=date(2020, 1, 1),
        valid_to=date(2099, 12, 31),
        accepts_referrals=True,
        eligibility=Eligibility(open_to_all=True, genders=("female", "male", "other")),
        fields=tuple(SopField(field=code, stage="first-contact", required=must) for code, must in fields),
    )


def _places(service_id: str, at: datetime) -> tuple[ServiceCapacity, ...]:
    return (
        ServiceCapacity(
            id=f"k-{service_id}",
            service_id=service_id,
            unit="vacancy",
            turnover="consumed",
            state=CapacityState.AVAILABLE,
            available=2,
            maximum=3,
            updated=at.astimezone(UTC) - timedelta(days=1),
            updated_by="provider",
        ),
    )


def folder(to: Path, *, at: datetime) -> Path:
    """The market as files; places count back from `at`."""
    to.mkdir(parents=True, exist_ok=True)
    (to / "areas.csv").write_text(AREAS, encoding="utf-8")
    (to / "area-adjacency.csv").write_text(ADJACENCY, encoding="utf-8")
    organizations = [
        Organization(id=EMPLOYER, name="Taller Dos Ríos (demo)", actor_category=ActorCategory.PRIVATE_SECTOR),
        Organization(id=SCHOOL, name="Escuela Taller (demo)"),
    ]
    names = {organization.id: organization.name for organization in organizations}
    documents = [
        service_document(
            one,
            organization={"id": one.organization_id, "name": names[one.organization_id]},
            programs={},
            sops=[sop_of(one.id)],
            capacities=_places(one.id, at),
        )
        for one in SERVICES
    ]
    (to / "organizations.json").write_text(
        json.dumps([organization_document(o) for o in organizations]), encoding="utf-8"
    )
    (to / "services.json").write_text(json.dumps(documents, default=str), encoding="utf-8")
    return to


async def open_the_market(network: Network, at: Path) -> None:
    """The market goes in by the same door as any directory; then the cast comes on."""
    report = await directory.import_(network, folder(at, at=NOW), at=NOW)
    assert report.is_clean, [str(problem) for problem in report.problems]
    await set_the_stage(network)
