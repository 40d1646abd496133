"""A network small enough to know by heart: two departments of Guatemala and a bit of Honduras, as an import folder.

`FIT` is the woman most tests ask for. Every service is there for one reason, which its key says.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from graph.exchange.hsds_write import organization_document, service_document
from graph.model.directory import (
    Agreement,
    CapacityState,
    Location,
    Organization,
    Schedule,
    Service,
    ServiceCapacity,
    SupportLevel,
)
from graph.model.sop import Clocks, Costs, Eligibility, Feedback, NationalityRule, Sop, SopContact, SopField

SECRET_STREET: Final = "Calle del Sello 77"
"""Where the sealed shelter lies: may stand in no answer."""

HOSTILE: Final = "<script>alert('nombre')</script>"
HOSTILE_TEXT: Final = '"><img src=x onerror=alert(1)> {{ 7 * 7 }}'

FIT: Final[dict[str, Any]] = {
    "age": 34,
    "gender": "female",
    "nationality": "GT",
    "languages": ["spa", "quc"],
    "documents": ["birth-certificate"],
    "factors": [],
}

AREAS: Final = """code,name,level,parent
GT,Guatemala,0,
GT09,Quetzaltenango,1,GT
GT0901,Quetzaltenango,2,GT09
GT0902,Salcajá,2,GT09
GT0909,San Martín Sacatepéquez,2,GT09
GT13,Huehuetenango,1,GT
GT1301,Huehuetenango,2,GT13
GT1320,Santa Bárbara,2,GT13
HN,Honduras,0,
HN08,Francisco Morazán,1,HN
HN0801,Distrito Central,2,HN08
HN16,Santa Bárbara,1,HN
"""

ADJACENCY: Final = "code,adjacent\nGT09,GT13\nHN08,HN16\n"


def folder(to: Path, *, at: datetime) -> Path:
    """The network as files; places count back from `at`."""
    to.mkdir(parents=True, exist_ok=True)
    (to / "areas.csv").write_text(AREAS, encoding="utf-8")
    (to / "area-adjacency.csv").write_text(ADJACENCY, encoding="utf-8")
    organizations = [organization_document(o, agreements=_agreements(o, at.date())) for o in ORGANIZATIONS]
    services = [
        service_document(
            service,
            organization={"id": service.organization_id, "name": _named(service.organization_id)},
            programs={},
            sops=_sops(service, at.date()),
            capacities=_capacities(service, at),
        )
        for service in SERVICES
    ]
    (to / "organizations.json").write_text(json.dumps(organizations, default=str), encoding="utf-8")
    (to / "services.json").write_text(json.dumps(services, default=str), encoding="utf-8")
    return to


ORGANIZATIONS: Final = (
    Organization(
        id="o-desk",
        name="Ventanilla Municipal de Retorno (demo)",
        description="Oficina que recibe a quien regresa.",
        translations={"en": {"name": "Municipal Return Desk (demo)"}},
    ),
    Organization(id="o-house", name="Casa Abierta (demo)", description="Casa de acogida."),
    Organization(id="o-registry", name="Registro Ciudadano (demo)", description="Registro civil."),
)


def _named(organization_id: str) -> str:
    return next(o.name for o in ORGANIZATIONS if o.id == organization_id)


def _service(
    key: str,
    organization: str,
    name: str,
    english: str,
    types: Sequence[str],
    areas: Sequence[str] | None,
    **more: Any,
) -> Service:
    return Service(
        id=f"s-{key}",
        organization_id=f"o-{organization}",
        name=name,
        status="active",
        service_types=tuple(types),
        areas=None if areas is None else tuple(areas),
        translations={"en": {"name": english}},
        schedules=(
            Schedule(
                id=f"t-{key}",
                valid_from=date(2020, 1, 1),
                valid_to=date(2099, 12, 31),
                freq="WEEKLY",
                byday="MO,TU,WE,TH,FR",
                opens_at="08:00",
                closes_at="16:00",
            ),
        ),
        **{"languages": ("spa", "quc"), "minimum_age": 18, "maximum_age": 99, "requires": (), **more},
    )


SERVICES: Final = (
    _service(
        "rent",
        "desk",
        "Tres meses de alquiler",
        "Three months of rent",
        ["social.housing.rent"],
        ["GT09"],
        description="Paga el alquiler de un cuarto mientras llega el primer ingreso.",
        level=SupportLevel.INDIVIDUAL,
        also_serves=("host-community",),
        locations=(
            Location(
                id="l-desk",
                name="Ventanilla del parque",
                area="GT0901",
                carried={"addresses": [{"address_1": "Parque Central, local 4", "city": "Quetzaltenango"}]},
            ),
        ),
    ),
    _service(
        "shelter",
        "house",
        "Casa de acogida para mujeres",
        "Refuge for women",
        ["social.housing.emergency-shelter"],
        ["GT09"],
        locations=(
            Location(
                id="l-sealed",
                name="Casa Sin Letrero",
                area="GT0902",
                sealed=True,
                carried={"addresses": [{"address_1": SECRET_STREET, "city": "Salcajá"}]},
            ),
        ),
    ),
    _service(
        "counsel", "desk", "Acompañamiento emocional", "Emotional support", ["psychosocial.counselling"], ["GT09"]
    ),
    _service("hostile", "house", HOSTILE, HOSTILE, ["social.health.care"], ["GT09"], description=HOSTILE_TEXT),
    _service(
        "birth",
        "registry",
        "Partida de nacimiento",
        "Birth certificate",
        ["social.documents.birth-registration"],
        ["GT"],
    ),
    _service(
        "identity",
        "registry",
        "Documento de identidad",
        "Identity card",
        ["social.documents.identity"],
        ["GT09"],
        requires=("social.documents.birth-registration",),
    ),
    _service(
        "job",
        "desk",
        "Bolsa de trabajo",
        "Job exchange",
        ["economic.employment.job-placement"],
        ["GT09"],
        requires=("social.documents.identity",),
    ),
    _service(
        "stale", "desk", "Aprendizaje en taller", "Workshop training", ["economic.employment.apprenticeship"], ["GT09"]
    ),
    _service(
        "next-door", "house", "Mediación familiar", "Family mediation", ["psychosocial.family-mediation"], ["GT13"]
    ),
    _service(
        "nowhere", "house", "Clases por la radio", "Lessons by radio", ["social.education.learning-support"], None
    ),
)

WITHOUT_SOP: Final = frozenset({"s-counsel", "s-nowhere"})


def _agreements(organization: Organization, today: date) -> tuple[Agreement, ...]:
    """Everybody has one in force; the open house also has one that ended."""

    def agreement(key: str, until: date) -> Agreement:
        return Agreement(
            id=f"a-{organization.id}-{key}",
            name=f"Memorando {key}",
            kind="memorandum",
            parties=(organization.id,),
            valid_from=date(2020, 1, 1),
            valid_to=until,
        )

    old = (agreement("viejo", today - timedelta(days=10)),) if organization.id == "o-house" else ()
    return (agreement("vigente", date(2099, 12, 31)), *old)


def _sops(service: Service, today: date) -> tuple[Sop, ...]:
    if service.id in WITHOUT_SOP:
        return ()
    return (
        Sop(
            id=f"p-{service.id}",
            service_id=service.id,
            version=2,
            valid_from=date(2020, 1, 1),
            valid_to=date(2099, 12, 31),
            accepts_referrals=True,
            referral_needed=True,
            methods=("email",),
            response_time="P2D",
            first_response="follow-up-call",
            feedback=Feedback(methods=("email",), within="P7D"),
            eligibility=Eligibility(
                open_to_all=True,
                genders=("female",) if service.id == "s-shelter" else ("female", "male", "other"),
                nationality=NationalityRule(in_=("GT",)) if service.id == "s-identity" else None,
            ),
            fields=(
                SopField(field="given_name", stage="first-contact", required=True),
                SopField(field="telephone", stage="follow-up", required=False),
            ),
            contacts=(SopContact(name="Punto focal", channel="telephone", availability="FREQ=WEEKLY;BYDAY=MO,TU"),),
            clocks=Clocks(receive="P1D", decide="PT72H"),
            how_provided="En persona, con cita.",
            consent_wording="Acepto que se comparta lo necesario.",
            follow_up=("attendance-report",),
            documents_kept=("referral-form",),
            costs=Costs(payer="state"),
        ),
    )


CAPACITIES: Final[Mapping[str, tuple[CapacityState, int | None, int | None, int]]] = {
    "s-rent": (CapacityState.AVAILABLE, 5, 10, 3),
    "s-shelter": (CapacityState.WAITING_LIST, 0, 8, 1),
    "s-counsel": (CapacityState.AVAILABLE, 4, 20, 2),
    "s-hostile": (CapacityState.ASSESS_FIRST, None, None, 1),
    "s-birth": (CapacityState.AVAILABLE, 9, 30, 1),
    "s-identity": (CapacityState.AVAILABLE, 6, 30, 1),
    "s-job": (CapacityState.AVAILABLE, 7, 30, 1),
    "s-stale": (CapacityState.AVAILABLE, 2, 6, 90),
    "s-next-door": (CapacityState.AVAILABLE, 3, 5, 1),
}
"""Service -> state, available, maximum, and how many days ago somebody said so."""


def _capacities(service: Service, at: datetime) -> tuple[ServiceCapacity, ...]:
    if service.id not in CAPACITIES:
        return ()
    state, available, maximum, days = CAPACITIES[service.id]
    return (
        ServiceCapacity(
            id=f"c-{service.id}",
            service_id=service.id,
            unit="household",
            state=state,
            available=available,
            maximum=maximum,
            updated=at.astimezone(UTC) - timedelta(days=days),
            updated_by="provider",
        ),
    )
