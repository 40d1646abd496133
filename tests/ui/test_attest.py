"""The professional's page: what they are asked, and their word, given or not. (R-22)"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from graph.secrets import Secrets
from graph.server import Server
from graph.store.network import Network
from tests.cast import OWNER, PROFESSIONAL, PROVIDER
from tests.everybody import OTHER_PROFESSIONAL, Callers, callers, set_the_house
from tests.sending import CANARY
from tests.ui.pages import Page

EN = {"Accept-Language": "en"}


@pytest.fixture(scope="module")
async def house(server: Server, network: Network, secrets: Secrets) -> AsyncIterator[Callers]:
    await set_the_house(network, secrets)
    async with callers(server, secrets) as asked:
        yield asked


async def asked(house: Callers) -> tuple[str, str, str]:
    """A case, its draft, and what the professional is asked about it."""
    case = await house.opened()
    referral = await house.drafted(case, await house.needed(case))
    plea = {"assessor_id": PROFESSIONAL.id, "requested_by": "organisation"}
    made = await house.done(OWNER.id, "POST", f"/v1/referrals/{referral}/exception", plea)
    return case, referral, made["id"]


async def test_the_word_is_given_on_one_page_with_what_is_missing_said_beside_it(house: Callers) -> None:
    case, referral, id = await asked(house)
    page = await house.ask(PROFESSIONAL.id, "GET", "/attest", headers=EN)
    assert case[:8] in page.text and CANARY not in page.text and page.headers["cache-control"] == "no-store"
    at = f"/attest/{id}/word"
    form = dict(next(f for f in Page(page).forms if f.action == at).values)
    none = await house.ask(PROFESSIONAL.id, "POST", at, form, EN)
    assert none.status_code == 422
    assert {f"#{part}-{id}" for part in ("ground", "reachable", "narrative")} <= set(Page(none).links)
    word = {"ground": "suicide-risk", "narrative": f"{CANARY} relato"}
    no = await house.ask(PROFESSIONAL.id, "POST", at, form | word | {"reachable": "yes"}, EN)
    assert no.status_code == 409 and f"{CANARY} relato" in no.text, "what was typed stands there still"
    done = await house.ask(PROFESSIONAL.id, "POST", at, form | word | {"reachable": "no"}, EN)
    assert (done.status_code, done.headers["location"]) == (303, "/attest?said=attested")
    assert id not in (await house.ask(PROFESSIONAL.id, "GET", "/attest")).text
    await house.done(OWNER.id, "POST", f"/v1/referrals/{referral}/send")


async def test_who_does_not_attest_says_so_without_a_reason_and_nothing_opens(house: Callers) -> None:
    _, referral, id = await asked(house)
    page = Page(await house.ask(PROFESSIONAL.id, "GET", "/attest", headers=EN))
    form = next(f for f in page.forms if f.action == f"/attest/{id}/declining")
    done = await house.ask(PROFESSIONAL.id, "POST", form.action, dict(form.values), EN)
    assert done.headers["location"] == "/attest?said=declined"
    assert (await house.ask(OWNER.id, "POST", f"/v1/referrals/{referral}/send")).status_code == 409
    assert (
        await house.ask(PROFESSIONAL.id, "POST", f"/attest/{id}/word", {"ground": "suicide-risk"})
    ).status_code == 404


async def test_a_request_is_the_named_professionals_alone(house: Callers) -> None:
    _, _, id = await asked(house)
    assert id not in (await house.ask(OTHER_PROFESSIONAL.id, "GET", "/attest")).text
    for other in (id, "0" * 32):
        for part in ("word", "declining"):
            answer = await house.ask(OTHER_PROFESSIONAL.id, "POST", f"/attest/{other}/{part}", {"ground": "x"})
            assert answer.status_code == 404
            assert (await house.ask(PROVIDER.id, "POST", f"/attest/{other}/{part}", {"ground": "x"})).status_code == 403
