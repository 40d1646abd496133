"""A household is referred together from its case, and a draft takes the waiting list up. (R-06, R-11, R-20, R-24)"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from graph.secrets import Secrets
from graph.server import Server
from graph.store.network import Network
from tests.asking import add_clinics
from tests.cast import CLINIC, OFFICER, OWNER, PROVIDER, STRANGER
from tests.everybody import Callers, callers, set_the_house
from tests.places import open_places
from tests.sending import CLINIC_SERVICE, PURPOSE
from tests.ui.test_referral_pages import YES, drafted, form_to, looked, needed, pressed

FULL = "s-full"
ENGLISH = {"Accept-Language": "en"}


@pytest.fixture(scope="module")
async def house(server: Server, network: Network, secrets: Secrets) -> AsyncIterator[Callers]:
    await set_the_house(network, secrets)
    await add_clinics(network)
    await open_places(network, FULL, 0, keeps_waiting_list=True)
    async with callers(server, secrets) as asked:
        yield asked


async def family(house: Callers, *, stays: bool = True) -> tuple[list[str], list[str]]:
    """Two cases of one household and an agreed need of each."""
    cases = [(await needed(house))[1].split("/")[2::2] for _ in range(2)]
    said = {"case_id": cases[1][0], "stays_together": stays}
    await house.done(OWNER.id, "PUT", f"/v1/cases/{cases[0][0]}/household", said)
    return [one[0] for one in cases], [one[1] for one in cases]


async def allow(house: Callers, case: str) -> str:
    """What the clinic needs; the stream of the case's log."""
    said: dict[str, Any] = {"organization_id": CLINIC, "purpose": PURPOSE, "modality": "written"}
    said |= {"fields": ["given_name", "health_condition"]}
    given = await house.done(OWNER.id, "POST", f"/v1/cases/{case}/consents", said)
    return str(given["entry"]["body"]["stream"])


async def begun(house: Callers, cases: list[str], needs: list[str], **said: Any) -> str:
    """The address of what was drafted for both from the page of the first."""
    assert f"/cases/{cases[0]}/together" in (await looked(house, f"/cases/{cases[0]}")).links
    form = form_to(await looked(house, f"/cases/{cases[0]}/together"), "/together")
    assert ("need", needs[0]) in form.values and (f"need-{cases[1]}", needs[1]) in form.values, "the same kind of help"
    done = await pressed(house, form, **({"service": CLINIC_SERVICE} | said))
    assert done.status_code == 303, done.text[-2500:]
    address, _, told = done.headers["location"].partition("?")
    assert re.fullmatch(r"/referrals/together/[0-9a-f]+", address) and told == "done=drafted"
    return str(address)


async def test_a_household_goes_together_once_each_has_said_yes_and_none_before(house: Callers) -> None:
    cases, needs = await family(house)
    await allow(house, cases[0])
    at = await begun(house, cases, needs)
    page = await looked(house, at)
    assert "Can be sent" in page.text and "Cannot be sent yet" in page.text
    assert not [form for form in page.forms if form.action.endswith("/send")], "all or nobody"
    ask = f"/cases/{cases[1]}/needs/{needs[1]}/choose?service={CLINIC_SERVICE}"
    assert ask in page.links
    early = await house.ask(OWNER.id, "POST", f"{at}/send", {"key": "k" * 20}, headers=ENGLISH)
    assert early.status_code == 409 and cases[1] in early.text
    done = await pressed(house, form_to(await looked(house, f"{ask}&notice=en"), "/choose"), **YES)
    alone = await house.ask(OWNER.id, "GET", done.headers["location"])
    assert (alone.status_code, alone.headers["location"]) == (303, at), (
        "the draft of the household goes on, no second one"
    )
    page = await looked(house, at)
    assert page.text.count("Can be sent") == 2
    for case in cases:
        looks = [look["kind"] for look in await house.done(OWNER.id, "GET", f"/v1/cases/{case}/looks")]
        assert "previewed" in looks
    sent = await pressed(house, form_to(page, f"{at}/send"))
    assert (sent.status_code, sent.headers["location"]) == (303, f"{at}?done=sent")
    after = await looked(house, sent.headers["location"])
    assert "Sent. Each referral" in after.text and not [f for f in after.forms if f.action.endswith("/send")]
    assert "Comes together with" in (await looked(house, "/queue", by=PROVIDER.id)).text


async def test_where_they_may_part_who_said_yes_goes_and_the_other_follows(house: Callers) -> None:
    cases, needs = await family(house, stays=False)
    streams = [await allow(house, cases[0])]
    at = await begun(house, cases, needs)
    first = await pressed(house, form_to(await looked(house, at), f"{at}/send"))
    assert first.status_code == 303
    streams.append(await allow(house, cases[1]))
    second = await pressed(house, form_to(await looked(house, at), f"{at}/send"))
    assert second.status_code == 303
    for stream in streams:
        log = await house.done(OFFICER.id, "GET", f"/v1/log/{stream}?limit=200")
        kinds = [entry["body"]["kind"] for entry in log["entries"]]
        assert kinds.count("transfer") == 1
        assert kinds.count("refused-attempt") == (0 if stream == streams[0] else 1), "who went is not sent again"


async def test_only_who_stands_on_the_page_can_be_named_and_what_is_missing_is_said(house: Callers) -> None:
    cases, needs = await family(house)
    stranger, base = await needed(house)
    form = form_to(await looked(house, f"/cases/{cases[0]}/together"), "/together")
    told = await pressed(house, form, service="")
    assert told.status_code == 422 and 'href="#service"' in told.text
    foreign = {f"need-{cases[1]}": "", f"need-{stranger}": base.rpartition("/")[2], "service": CLINIC_SERVICE}
    alone = await pressed(house, form, **foreign)
    assert alone.status_code == 422 and 'href="#members"' in alone.text and stranger not in alone.text
    unreasoned = await pressed(house, form, service=FULL)
    assert unreasoned.status_code == 409, "not among the suggestions: it says why"
    at = await begun(house, cases, needs)
    for method, end in (("GET", ""), ("POST", "/send"), ("POST", "/waiting-list")):
        body = {"key": "k" * 20} if method == "POST" else None
        none, theirs = [
            await house.ask(STRANGER.id, method, f"/referrals/together/{id}{end}", body, headers=ENGLISH)
            for id in ("none", at.rpartition("/")[2])
        ]
        assert theirs.status_code == none.status_code == 404
        assert re.sub(r"together/[^\"?/]*", "", theirs.text) == re.sub(r"together/[^\"?/]*", "", none.text)
    lonely, _ = await needed(house)
    assert (await house.ask(OWNER.id, "GET", f"/cases/{lonely}/together")).status_code == 404


async def test_a_draft_takes_up_the_waiting_list_that_the_person_accepts_later(house: Callers) -> None:
    case, base = await needed(house)
    draft = await drafted(house, base, FULL, because="person-prefers")
    page = await looked(house, f"/referrals/{draft}/preview")
    assert "Nothing can leave yet" in page.text
    listed = await pressed(house, form_to(page, "/waiting-list"))
    assert (listed.status_code, listed.headers["location"]) == (303, f"/referrals/{draft}/preview")
    page = await looked(house, f"/referrals/{draft}/preview")
    assert (await pressed(house, form_to(page, "/send"))).status_code == 303
    late = await house.ask(OWNER.id, "POST", f"/v1/referrals/{draft}/waiting-list")
    assert late.status_code == 409 and late.json()["reasons"][0]["code"] == "step-not-open"
    kept = await house.drafted(case, base.rpartition("/")[2])
    waits = await house.done(OWNER.id, "POST", f"/v1/referrals/{kept}/waiting-list")
    assert (waits["entry"]["body"]["kind"], waits["entry"]["body"]["reasons"]) == ("referral-drafted", ["waiting-list"])


async def test_whoever_chooses_again_and_would_wait_goes_on_with_the_draft_that_lies_there(house: Callers) -> None:
    _, base = await needed(house)
    draft = await drafted(house, base, FULL, because="person-prefers")
    form = form_to(await looked(house, f"{base}/choose?service={FULL}&notice=en"), "/choose")
    done = await pressed(house, form, answer="as-before", because="person-prefers", waiting="yes")
    assert done.headers["location"] == f"/referrals/{draft}/preview"
    assert form_to(await looked(house, f"/referrals/{draft}/preview"), "/send")


async def test_a_household_waits_together(house: Callers) -> None:
    cases, needs = await family(house)
    for case in cases:
        await allow(house, case)
    at = await begun(house, cases, needs, service=FULL, because="person-prefers")
    listed = await pressed(house, form_to(await looked(house, at), "/waiting-list"))
    assert listed.headers["location"] == f"{at}?done=listed"
    assert (await pressed(house, form_to(await looked(house, at), f"{at}/send"))).status_code == 303
