"""A job opening in a document: read whole, set aside where it is wrong, and where it shuts somebody out. (R-35, R-36)"""

from __future__ import annotations

from typing import Any

import pytest

from graph.exchange.hsds import Reading, ServiceEntry, read_service
from graph.exchange.hsds_write import service_document
from graph.exchange.problem import Fault, Place
from graph.exchange.register import Register
from graph.model.job import Opening
from tests.exchange.networks import CODES, NOW, uuid
from tests.exchange.samples import service

TYPE = [{"id": uuid(1001), "link_type": "service-type", "value": "economic.employment.opening"}]
WELDER: dict[str, Any] = {
    "occupation": "721",
    "skills_required": ["welding"],
    "skills_desired": ["reading-plans"],
    "experience_months": 12,
    "schedule": "full-time",
}


def read(**more: Any) -> Any:
    with Register() as register:
        document = service(**{"attributes": TYPE, "opening": WELDER} | more)
        return read_service(document, Place("services.json"), Reading(CODES, register, NOW))


def ruled(**rule: Any) -> dict[str, Any]:
    return {"sop": {"accepts_referrals": True, "eligibility": {"open_to_all": True} | rule}}


def test_an_opening_is_read_and_written_as_it_came() -> None:
    entry = read(teaches=["first-aid"])
    assert isinstance(entry, ServiceEntry), entry
    assert entry.service.opening == Opening.model_validate(WELDER) and entry.service.teaches == ("first-aid",)
    assert "opening" not in entry.service.carried and "teaches" not in entry.service.carried
    written = service_document(entry.service, organization={}, programs={})
    assert (written["opening"], written["teaches"]) == (WELDER, ["first-aid"])


def test_what_is_not_stated_stays_so() -> None:
    entry = read(opening={"occupation": "51"})
    assert entry.service.opening == Opening(occupation="51") and entry.service.teaches is None
    assert service_document(entry.service, organization={}, programs={})["opening"] == {"occupation": "51"}


@pytest.mark.parametrize(
    ("more", "fault", "pointer"),
    [
        ({"opening": WELDER | {"occupation": "799"}}, Fault.UNKNOWN_CODE, "/opening/occupation"),
        ({"opening": WELDER | {"occupation": "7215x"}}, Fault.NOT_A_CODE, "/opening/occupation"),
        ({"opening": WELDER | {"skills_required": ["magic"]}}, Fault.UNKNOWN_CODE, "/opening/skills_required/0"),
        ({"opening": WELDER | {"schedule": "always"}}, Fault.UNKNOWN_CODE, "/opening/schedule"),
        ({"opening": WELDER | {"experience_months": -1}}, Fault.OUT_OF_RANGE, "/opening/experience_months"),
        ({"opening": WELDER | {"gender": "male"}}, Fault.UNKNOWN_PROPERTY, "/opening/gender"),
        ({"opening": {}}, Fault.MISSING, "/opening/occupation"),
        ({"opening": "welder"}, Fault.WRONG_TYPE, "/opening"),
        ({"attributes": [TYPE[0] | {"value": "social.health.care"}]}, Fault.NOT_EMPLOYMENT, "/opening"),
        ({"teaches": ["magic"]}, Fault.UNKNOWN_CODE, "/teaches/0"),
        ({"maximum_age": 35}, Fault.OPENING_EXCLUDES, "/maximum_age"),
        (ruled(genders=["male"]), Fault.OPENING_EXCLUDES, "/sop/eligibility/genders"),
        (ruled(nationality={"in": ["GT"]}), Fault.OPENING_EXCLUDES, "/sop/eligibility/nationality"),
        (ruled(open_to_all=False, any_factor=["lgbti"]), Fault.OPENING_EXCLUDES, "/sop/eligibility/any_factor"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(more: dict[str, Any], fault: Fault, pointer: str) -> None:
    found = [(problem.code, problem.place.pointer) for problem in read(**more)]
    assert (fault, pointer) in found


def test_a_lowest_age_may_stand_and_so_may_every_gender() -> None:
    assert isinstance(read(minimum_age=18, **ruled(genders=["female", "male", "other"])), ServiceEntry)
