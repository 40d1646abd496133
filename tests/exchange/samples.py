"""A service document that is right, to be spoilt in one place."""

from __future__ import annotations

from typing import Any

from tests.exchange.networks import uuid


def service(number: int = 1, **more: Any) -> dict[str, Any]:
    """A sound service document."""
    return {
        "id": uuid(number),
        "name": f"Servicio {number}",
        "status": "active",
        "organization": {"id": uuid(900), "name": "Casa Norte (demo)", "description": ""},
        "attributes": [{"id": uuid(1000 + number), "link_type": "service-type", "value": "psychosocial.counselling"}],
        "service_areas": [{"id": uuid(2000 + number), "extent": "QA01", "extent_type": "area-code"}],
        "schedules": [{"id": uuid(3000 + number), "valid_from": "2026-01-01", "valid_to": "2027-12-31"}],
        "sop": {"accepts_referrals": True, "eligibility": {"open_to_all": True}},
        **more,
    }


def capacity(**more: Any) -> dict[str, Any]:
    """A sound statement of places."""
    unit = {"id": uuid(5000), "name": "cama"}
    return {
        "id": uuid(5001),
        "unit": unit,
        "available": 2,
        "maximum": 4,
        "updated": "2026-11-01T08:00:00-06:00",
        **more,
    }
