"""The names and fixed words of our profile of HSDS 3.1, written down in docs/profile.md.

How documents become models and back stands in `hsds` and `hsds_write`.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID, uuid5

from graph.model.directory import Location, Organization, Program, ServiceCapacity
from graph.model.sop import Sop

NAME: Final = "https://enlace.example.org/profile/1"

SERVICE_TYPE: Final = "service-type"
"""`link_type` of an attribute whose value is a code of the service types."""

AREA_CODE: Final = "area-code"
"""`extent_type` of a service area, and `external_identifier_type` of a location, that is an area code."""

EMPLOYMENT: Final = "economic.employment"
"""The service type below which a service may state an opening. (R-36)"""

UNIT: Final = "place"
"""The unit of a capacity that names none."""

_NAMESPACE: Final = UUID("8d6f3c52-6a0e-5b0f-9a53-0f7f7b1c3f2e")


def derived(kind: str, owner: str, key: str = "") -> str:
    """The id that HSDS wants where Enlace has none: the same for the same thing, so that import can drop it again."""
    return str(uuid5(_NAMESPACE, f"{kind}|{owner}|{key}"))


# what stands in a document beside what is read is carried; under these names what belongs to list items
AREAS: Final = "@service_areas"
PLACES: Final = "@service_at_locations"
TYPES: Final = "@service_types"
SPOKEN: Final = "@languages"
RESERVED: Final = frozenset({AREAS, PLACES, TYPES, SPOKEN})

SERVICE_SCALARS: Final = (
    "id",
    "name",
    "alternate_name",
    "description",
    "status",
    "level",
    "minimum_age",
    "maximum_age",
    "email",
    "url",
    "fees_description",
    "assured_date",
    "last_modified",
)
SERVICE_READ: Final = frozenset(
    {
        *SERVICE_SCALARS,
        "organization",
        "organization_id",
        "program",
        "program_id",
        "programs",
        "service_areas",
        "service_at_locations",
        "schedules",
        "languages",
        "attributes",
        "phones",
        "capacities",
        "capacity_statements",
        "sop",
        "sop_versions",
        "suspensions",
        "translations",
        "also_serves",
        "requires",
        "teaches",
        "opening",
        "quarantine",
    }
)
"""Properties of a service document that become part of a model; everything else is carried."""

_OWN = frozenset({"carried"})
ORGANIZATION_FIELDS: Final = frozenset(Organization.model_fields) - _OWN
ORGANIZATION_READ: Final = ORGANIZATION_FIELDS | {
    "services",
    "programs",
    "agreements",
    "memberships",
    "suspensions",
    "quarantine",
}
PROGRAM_FIELDS: Final = frozenset(Program.model_fields) - _OWN
LOCATION_FIELDS: Final = frozenset(Location.model_fields) - _OWN - {"area"}
CAPACITY_FIELDS: Final = frozenset(ServiceCapacity.model_fields) - _OWN - {"unit", "unit_id", "service_id"}
SOP_FIELDS: Final = frozenset(Sop.model_fields) - _OWN - {"id", "service_id"}
