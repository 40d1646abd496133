"""What of the directory may leave the house: a sealed place never says where it is, and how partners are weighed
stays with the committee. Pure. (R-26, R-33)

Every export and every public answer about the directory passes through here.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final, TypeVar

from graph.model.base import Model
from graph.model.directory import Location, Organization, Service

M = TypeVar("M", bound=Model)

WITHHELD_NAME: Final = "Lugar reservado / Withheld place"
"""The only name under which a sealed place leaves: the same for all."""


def release_location(location: Location) -> Location:
    """A sealed place leaves as an id and the fact that it is sealed. (R-26)"""
    if not location.sealed:
        return location
    return Location(id=location.id, name=WITHHELD_NAME, location_type=location.location_type, sealed=True)


def release_service(service: Service, *, sealed: Collection[str]) -> Service:
    """A service without what would tell where its sealed places are. (R-26)"""
    here = frozenset(x.id for x in service.locations if x.sealed) | frozenset(sealed)
    return service.model_copy(
        update={
            "locations": tuple(release_location(x) for x in service.locations),
            "phones": tuple(p for p in service.phones if p.carried.get("location_id") not in here),
            "carried": withhold(service.carried, sealed=here),
        }
    )


def release_organization(organization: Organization, *, sealed: Collection[str]) -> Organization:
    """An organisation without its influence and interest, which the committee alone reads. (R-33)"""
    return organization.model_copy(
        update={"influence": None, "interest": None, "carried": withhold(organization.carried, sealed=sealed)}
    )


def withhold(value: Any, *, sealed: Collection[str]) -> Any:
    """A carried document without anything that belongs to a sealed place. (R-26)"""
    if isinstance(value, dict):
        if _is_place(value) and (value.get("sealed") is True or value.get("id") in sealed):
            kind = value.get("location_type")
            return {"id": value.get("id"), "name": WITHHELD_NAME, "location_type": kind or "physical", "sealed": True}
        return {name: withhold(item, sealed=sealed) for name, item in value.items()}
    if isinstance(value, list):
        return [withhold(item, sealed=sealed) for item in value if not _belongs_to(item, sealed)]
    return value


def _is_place(value: dict[str, Any]) -> bool:
    return "location_type" in value or value.get("sealed") is True


def _belongs_to(value: Any, sealed: Collection[str]) -> bool:
    return isinstance(value, dict) and value.get("location_id") in sealed


def keep_withheld(stored: M, incoming: M, *, released: M) -> M:
    """What came in, but where it says just what a release of ours says, what we hold.

    So our own export, read again, neither unseals a place nor forgets what it did not carry. (R-26, R-33)
    """
    update: dict[str, Any] = {}
    for name in type(stored).model_fields:
        mine, theirs, told = getattr(stored, name), getattr(incoming, name), getattr(released, name)
        if mine == told:
            continue
        if theirs == told:
            update[name] = mine
        elif name == "carried":
            update[name] = {
                key: mine[key] if key in mine and item == told.get(key) else item for key, item in theirs.items()
            } | {key: item for key, item in mine.items() if key not in theirs and not told.get(key)}
    return incoming.model_copy(update=update) if update else incoming
