"""What the person says on their own page: what became of it, whether it goes on, what was wrong; and how quiet it is. (R-20, R-50)"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from httpx2 import Response

from graph.secrets import Secrets
from graph.server import Server
from graph.store.network import Network
from tests.cast import CLINIC, OTHER, OWNER, PROVIDER
from tests.everybody import Callers, callers, set_the_house
from tests.sending import PURPOSE
from tests.ui.pages import Page

EN = {"Accept-Language": "en"}


@pytest.fixture(scope="module")
async def house(server: Server, network: Network, secrets: Secrets) -> AsyncIterator[Callers]:
    await set_the_house(network, secrets)
    async with callers(server, secrets) as asked:
        yield asked


async def served(house: Callers, *steps: str) -> tuple[str, str, str]:
    """A case, its referral to the clinic after these steps, and its consent."""
    case = await house.opened()
    need = await house.needed(case)
    said = {"organization_id": CLINIC, "purpose": PURPOSE, "modality": "written",
            "fields": ["given_name", "health_condition"]}  # fmt: skip
    consent = await house.done(OWNER.id, "POST", f"/v1/cases/{case}/consents", said)
    referral = await house.drafted(case, need)
    await house.done(OWNER.id, "POST", f"/v1/referrals/{referral}/send")
    for step in steps:
        reason = {"reason": "delivered"} if step == "complete" else {}
        await house.done(PROVIDER.id, "POST", f"/v1/referrals/{referral}/steps", {"step": step} | reason)
    return case, referral, consent["consent_id"]


async def mine(house: Callers, case: str) -> Page:
    answer = await house.ask(f"person:{case}", "GET", "/mine", headers=EN)
    assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
    return Page(answer)


async def press(house: Callers, case: str, action: str, **said: Any) -> Response:
    form = next(f for f in (await mine(house, case)).forms if f.action == action)
    return await house.ask(f"person:{case}", "POST", action, dict(form.values) | said, EN)


async def test_the_person_says_what_became_of_it_and_how_it_was_in_one_form(house: Callers) -> None:
    case, referral, _ = await served(house, "accept", "start", "complete")
    at = f"/mine/referrals/{referral}/feedback"
    assert (await press(house, case, at, outcome="partly-served", helped="partly")).status_code == 303
    view = await house.done(OWNER.id, "GET", f"/v1/referrals/{referral}")
    assert (view["person_outcome"], view["agreed"]) == ("partly-served", False)
    assert (await house.done(OWNER.id, "GET", f"/v1/referrals/{referral}/feedback"))["helped"] == "partly"
    form = next(f for f in (await mine(house, case)).forms if f.action == at)
    assert ("outcome", "partly-served") in form.values, "what was said stands there, to be changed"
    assert (await press(house, case, at, outcome="anything")).status_code == 422
    other, _, _ = await served(house)
    assert (await house.ask(f"person:{other}", "POST", at, {"outcome": "served"})).status_code == 404


async def test_after_a_withdrawal_the_person_says_whether_the_service_goes_on(house: Callers) -> None:
    case, referral, consent = await served(house, "accept", "start")
    taken_back = await press(house, case, f"/mine/consents/{consent}/withdrawal")
    assert taken_back.status_code == 303
    assert "You decide whether the service goes on" in (await mine(house, case)).text
    at = f"/mine/referrals/{referral}/going-on"
    assert (await press(house, case, at)).status_code == 422
    assert (await press(house, case, at, goes_on="yes")).status_code == 303
    assert (await house.done(OWNER.id, "GET", f"/v1/referrals/{referral}"))["status"] == "in-progress"
    assert at not in [f.action for f in (await mine(house, case)).forms]


async def test_a_complaint_says_what_happens_next_and_nothing_typed_is_lost(house: Callers) -> None:
    case, _, _ = await served(house)
    wrong = await press(house, case, "/mine/complaints", kind="delay", words="Nadie contesta.")
    assert wrong.status_code == 422
    page = Page(wrong)
    assert "#about_id" in page.links and "Nadie contesta." in wrong.text
    form = next(f for f in (await mine(house, case)).forms if f.action == "/mine/complaints")
    said = dict(form.values) | {"about_id": CLINIC, "kind": "delay", "words": "Nadie contesta."}
    for _ in range(2):
        assert (await house.ask(f"person:{case}", "POST", form.action, said)).status_code == 303
    made = await house.done(f"person:{case}", "GET", "/v1/complaints")
    assert len(made) == 1, "sent twice on a bad line, it counts once"
    assert "by" in (await mine(house, case)).text


async def test_a_complaint_names_only_what_stands_on_ones_own_page(house: Callers) -> None:
    case, _, _ = await served(house)
    _, foreign, _ = await served(house)
    said = {"about_id": CLINIC, "kind": "delay", "words": "Nadie contesta."}
    for odd in ({"about_id": OTHER}, {"about_id": "nobody"}):
        told = await house.ask(f"person:{case}", "POST", "/mine/complaints", said | odd, EN)
        assert told.status_code == 422 and "#about_id" in Page(told).links
        named = await house.ask(f"person:{case}", "POST", "/mine/complaints", said | odd | {"unnamed": "true"}, EN)
        assert named.status_code == 422
    assert await house.done(f"person:{case}", "GET", "/v1/complaints") == []
    for odd in ({"id": "mine"}, {"case_id": "another"}, {"referral_id": foreign}):
        assert (await house.ask(f"person:{case}", "POST", "/mine/complaints", said | odd, EN)).status_code == 303
    made = await house.done(f"person:{case}", "GET", "/v1/complaints")
    assert len(made) == 3 and "mine" not in {one["id"] for one in made}, "what is nobody's to say is not read"


async def test_the_page_is_quiet_and_one_is_away_at_once(house: Callers) -> None:
    case, _, _ = await served(house)
    answer = await house.ask(f"person:{case}", "GET", "/mine", headers=EN)
    title = answer.text.split("<title>")[1].split("</title>")[0]
    assert title == "My page · Enlace"
    exits = [f for f in Page(answer).forms if f.action == "/leave"]
    assert len(exits) == 1 and "still shows that you were here" in answer.text, "what it cannot do is said"
    gone = await house.ask(f"person:{case}", "POST", "/leave", {})
    assert gone.status_code == 200 and "wikipedia.org" in gone.headers["refresh"]
    assert gone.headers["cache-control"] == "no-store" and case not in gone.text
