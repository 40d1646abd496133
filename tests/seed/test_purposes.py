"""Every type of service has exactly one purpose, and a person can read what it is. (R-21)"""

from __future__ import annotations

import pytest

from graph.seed.purposes import purpose_of, purposes
from graph.seed.vocabulary import lineage, terms


@pytest.mark.parametrize("service_type", terms("service-types"))
def test_every_type_of_service_has_one_purpose(service_type: str) -> None:
    found = purposes()[purpose_of(service_type)]
    assert not set(found.service_types).isdisjoint(lineage("service-types", service_type))


def test_the_nearest_type_above_decides() -> None:
    assert purpose_of("social.health.care") == "health-care"
    assert purpose_of("psychosocial.mental-health") == "mental-health-care"
    assert purpose_of("psychosocial.peer-support") == "psychosocial-support"
    assert purpose_of("psychosocial.trafficking") == "protection-from-trafficking"
    assert purpose_of("social") == "social-reintegration"


def test_a_type_that_is_none_of_ours_has_no_purpose() -> None:
    with pytest.raises(KeyError):
        purpose_of("social.magic")


def test_purposes_name_types_that_exist_and_read_well_in_both_languages() -> None:
    for purpose in purposes().values():
        assert purpose.service_types
        assert set(purpose.service_types) <= terms("service-types").keys()
        assert purpose.source.startswith("R-")
    for language in ("es", "en"):
        labels = [p.label(language) for p in purposes().values()]
        assert len(set(labels)) == len(labels)
        assert all(label.strip() for label in labels)
