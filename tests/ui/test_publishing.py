"""A SOP on its way through two people's hands, on pages: drafted in a form, tried out, published by another. (R-10, R-51)"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from httpx2 import Response

from api.ui.committee import drafting
from graph.exchange import rules
from graph.model.actor import Actor, Role
from graph.model.sop import Sop
from graph.secrets import Secrets
from graph.seed.demo.build import network as demo_network
from graph.server import Server
from graph.store.network import Network, Tx
from tests.cast import COUNTRY, OTHER, OWNER, PROFESSIONAL, PROVIDER, TOWN
from tests.everybody import COMMITTEE, EVERYBODY, NOBODY, OTHER_PROVIDER, Callers, callers, set_the_house
from tests.sending import CLINIC_SERVICE, TYPE
from tests.ui.pages import Page

EN = {"Accept-Language": "en"}
AT = "/committee/publishing"
NEW = f"{AT}/new?service={CLINIC_SERVICE}"
SECOND = Actor(id="a-committee-two", organization_id=OTHER, roles=frozenset({Role.COMMITTEE}))
TODAY = datetime.now(UTC).date()


@pytest.fixture(scope="module")
async def house(server: Server, network: Network, secrets: Secrets) -> AsyncIterator[Callers]:
    await set_the_house(network, secrets)

    async def mechanism(tx: Tx) -> None:
        made = "MERGE (m:Mechanism {id: 'mesa'}) SET m.name = 'Mesa', m.area = $area, m.scope = 'national'"
        await (await tx.run(made, area=COUNTRY)).consume()

    await network.write(mechanism)
    async with callers(server, secrets, {**EVERYBODY, SECOND.id: SECOND}) as asked:
        yield asked


async def page(house: Callers, path: str, by: str = PROVIDER.id, status: int = 200) -> Page:
    answer = await house.ask(by, "GET", path, headers=EN)
    assert answer.status_code == status, (path, answer.status_code, answer.text[:500])
    assert answer.headers["cache-control"] == "no-store"
    return Page(answer)


async def raw(house: Callers, path: str, by: str = PROVIDER.id) -> str:
    return (await house.ask(by, "GET", path, headers=EN)).text


async def press(house: Callers, at: str, form: str, by: str, **said: Any) -> Response:
    """A form of a page sent as a browser does."""
    found = next(f for f in (await page(house, at, by)).forms if f.action == form)
    sent: dict[str, Any] = {}
    for name, value in found.values:
        sent.setdefault(name, []).append(value)
    return await house.ask(by, "POST", form, sent | said, EN)


def where(answer: Response) -> str:
    assert answer.status_code == 303, (answer.status_code, answer.text[:1500])
    return str(answer.headers["location"]).partition("?")[0].partition("#")[0]


WHYS = {"why-0": "to call", "why-1": "to treat", "why-2": "to reach", "why-3": "later"}


async def drafted(house: Callers, days: int, **more: Any) -> str:
    starts_on = (TODAY + timedelta(days=days)).isoformat()
    said = WHYS | {"starts_on": starts_on, "reason": "more-data-needed"} | more
    return where(await press(house, NEW, NEW, PROVIDER.id, **said))


async def worked_out(house: Callers, at: str, by: str) -> Page:
    assert where(await press(house, at, f"{at}/difference", by)) == at
    for _ in range(200):
        found = await page(house, at, by)
        if "steps" not in found.text:
            return found
        await asyncio.sleep(0.1)
    raise AssertionError("it never came to an end")


async def test_one_drafts_and_hands_in_another_reads_what_would_change_and_publishes(house: Callers) -> None:
    address = {"field-4": "address", "stage-4": "first-contact", "need-4": "required", "why-4": "for the visit"}
    at = await drafted(house, 2, **address)
    assert "Draft" in (await page(house, at)).text
    assert where(await press(house, at, f"{at}/submission", PROVIDER.id)) == at
    theirs = await page(house, at, PROVIDER.id)
    assert "another person of the committee publishes it" in theirs.text
    assert not [f for f in theirs.forms if f.action == f"{at}/publication"]
    early = await page(house, at, COMMITTEE.id)
    assert not [f for f in early.forms if f.action == f"{at}/publication"], "nothing is published unseen"
    found = await worked_out(house, at, COMMITTEE.id)
    assert "Address" in found.text and "Not asked for" in found.text and "Required" in found.text
    assert "none, or too few to say" in found.text or "0" in found.text
    assert "sample needs" in found.text
    assert where(await press(house, at, f"{at}/publication", COMMITTEE.id)) == at
    assert "Published by you" in (await page(house, at, COMMITTEE.id)).text
    assert "Published by another person" in (await page(house, at, PROVIDER.id)).text


async def test_what_is_wrong_is_told_at_its_field_and_what_was_typed_stays(house: Callers) -> None:
    answer = await press(house, NEW, NEW, PROVIDER.id, **{"why-0": "", "how": "en casa", "reason": ""})
    assert answer.status_code == 422
    shown = Page(answer)
    assert "en casa" in answer.text
    links = set(re.findall(r'<li><a href="#([a-z0-9_-]+)"', answer.text))
    assert {"why-0", "reason"} <= links
    assert links <= shown.ids


async def test_the_page_of_ones_own_entry_leads_there(house: Callers) -> None:
    assert AT in (await page(house, "/entry")).links


async def test_rows_are_added_without_script(house: Callers) -> None:
    before = await raw(house, NEW)
    answer = await press(house, NEW, NEW, PROVIDER.id, do="more", **{"why-0": "typed"})
    assert answer.status_code == 200 and "typed" in answer.text
    fields = re.findall(r'id="field-\d+"', answer.text)
    assert len(fields) > len(re.findall(r'id="field-\d+"', before))


async def test_a_change_makes_it_a_draft_again_and_a_withdrawn_one_offers_nothing(house: Callers) -> None:
    at = await drafted(house, 20, how="en el barrio")
    await press(house, at, f"{at}/submission", PROVIDER.id)
    edited = await press(house, f"{at}/edit", f"{at}/edit", PROVIDER.id, how="en la clínica")
    assert where(edited) == at
    assert "Draft" in (await page(house, at)).text
    stale = await house.ask(COMMITTEE.id, "POST", f"{at}/publication", {"revision": "1"}, EN)
    assert stale.status_code == 409 and "has not been handed in yet" in stale.text
    await press(house, at, f"{at}/withdrawal", PROVIDER.id)
    gone = await page(house, at)
    assert "Withdrawn" in gone.text and not [f for f in gone.forms if f.action.startswith(at)]


async def test_an_order_is_drafted_by_one_of_the_committee_and_published_by_another(house: Callers) -> None:
    order = f"{AT}/order"
    await page(house, order, PROVIDER.id, status=404)
    said = {"mechanism": "mesa", "policy": "nearest-first/1", "reason": "fairer-order", "starts_on": TODAY.isoformat()}
    odd = await press(house, order, order, COMMITTEE.id, **said | {"policy": "nearest-first/²"})
    assert odd.status_code in (303, 422), "a sign that looks like a digit is none"
    at = where(await press(house, order, order, COMMITTEE.id, **said))
    for unseen in ("x", "²", ""):
        no = await house.ask(COMMITTEE.id, "POST", f"{at}/edit", said | {"revision": unseen, "note": "otra"}, EN)
        assert no.status_code == 409, "a revision that nobody was shown is changed by nobody"
    await press(house, at, f"{at}/submission", COMMITTEE.id)
    await worked_out(house, at, COMMITTEE.id)
    own = await house.ask(COMMITTEE.id, "POST", f"{at}/publication", {"revision": "1"}, EN)
    assert own.status_code == 409 and "cannot publish it" in own.text
    assert where(await press(house, at, f"{at}/publication", SECOND.id)) == at
    found = await house.done(OWNER.id, "POST", "/v1/suggestions", {"service_type": TYPE, "area": TOWN})
    assert found["policy"]["id"] == "nearest-first"


async def test_it_is_for_whose_rules_they_are_and_for_the_committee(house: Callers) -> None:
    at = await drafted(house, 40, how="otra vez")
    id = at.rpartition("/")[2]
    for by in (OTHER_PROVIDER.id, OWNER.id):
        assert id not in await raw(house, AT, by)
        await page(house, at, by, status=404)
        assert (await house.ask(by, "GET", NEW)).status_code == 404
    assert (await house.ask(PROFESSIONAL.id, "GET", AT)).status_code == 403
    signing = await house.ask(NOBODY, "GET", at)
    assert signing.status_code == 303 and signing.headers["location"].startswith("/sign-in")
    assert id in await raw(house, AT, COMMITTEE.id)


async def test_numbers_of_people_are_not_on_the_providers_page(house: Callers) -> None:
    address = {"field-4": "address", "stage-4": "first-contact", "need-4": "required", "why-4": "for the visit"}
    at = await drafted(house, 60, how="una vez más", **address)
    ours = await worked_out(house, at, COMMITTEE.id)
    theirs = await page(house, at, PROVIDER.id)
    assert "Consents that are there" in ours.text and "Consents that are there" not in theirs.text


def every_sop() -> list[Sop]:
    """The rules of the whole demo."""
    found = [sop for member in demo_network(TODAY).members for one in member.services for sop in one.sops]
    assert len(found) > 50
    return found


def test_a_form_that_nobody_touched_states_the_rules_it_was_made_from() -> None:
    """Whatever the rules are: nothing is lost or changed on the way through the form."""
    for sop in every_sop():
        document, _ = drafting.document_of(drafting.flat(sop), sop)
        again = rules.read(document, sop.service_id, carried=sop.carried)
        assert isinstance(again, Sop), again
        same = {"id", "version", "valid_from", "valid_to"}
        assert again.model_dump(exclude=same) == sop.model_dump(exclude=same)
