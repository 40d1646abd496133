"""What a recipient's rules ask for is told, and answered item by item, each at its own stage. (R-10, R-11, R-20)"""

from __future__ import annotations

from tests.cast import CLINIC
from tests.sending import PURPOSE
from tests.ui.casework_office import Office, office

__all__ = ["office"]
ABOUT = {"organization_id": CLINIC, "purpose": PURPOSE}


def test_what_to_ask_is_told_with_what_is_needed_and_what_is_written_down_already(office: Office) -> None:
    case = office.opened(allergies=None)
    told = office.done("the.manager", "POST", f"/cases/{case}/notices", ABOUT)
    assert told["wanted"] == [
        {"field": "given_name", "stage": "first-contact", "required": True, "recorded": True},
        {"field": "telephone", "stage": "first-contact", "required": False, "recorded": True},
        {"field": "health_condition", "stage": "first-contact", "required": True, "recorded": True},
        {"field": "allergies", "stage": "follow-up", "required": False, "recorded": False},
    ]
    elsewhere = office.done("the.manager", "POST", f"/cases/{case}/notices", ABOUT | {"purpose": "housing"})
    assert elsewhere["wanted"] == [], "its rules for another purpose are not this one's"


def test_an_item_is_allowed_at_its_own_stage_and_at_no_other(office: Office) -> None:
    case = office.opened()
    items = [{"field": "given_name", "stage": "first-contact"}, {"field": "allergies", "stage": "follow-up"}]
    office.done("the.manager", "POST", f"/cases/{case}/consents", ABOUT | {"modality": "written", "items": items}, 201)
    (kept,) = office.done("the.manager", "GET", f"/cases/{case}/consents")
    assert kept["fields"] == items


def test_what_may_never_be_sent_is_no_item_and_nothing_is_no_yes(office: Office) -> None:
    case = office.opened()
    said = ABOUT | {"modality": "written"}
    for items in (
        [],
        [{"field": "closure_notes", "stage": "first-contact"}],
        [{"field": "given_name", "stage": "never"}],
    ):
        office.done("the.manager", "POST", f"/cases/{case}/consents", said | {"items": items}, 422)
