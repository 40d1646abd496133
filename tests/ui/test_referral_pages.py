"""From choosing with the person to what became of the referral: screens, forms and paper. (R-10 to R-15, R-20, R-22, R-50)"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from httpx2 import Response

from graph.model.referral import Side, Status, open_steps
from graph.secrets import Secrets
from graph.seed.notices import wording
from graph.server import Server
from graph.store.network import Network
from tests.asking import add_clinics
from tests.cast import CLINIC, COLLEAGUE, OWNER, PROFESSIONAL, PROVIDER, STRANGER, TOWN
from tests.everybody import Callers, callers, set_the_house
from tests.sending import CANARY, CLINIC_SERVICE, NO_SOP_SERVICE, OTHER_SERVICE, PURPOSE
from tests.ui.pages import Form, Page

ENGLISH = {"Accept-Language": "en"}
NEEDED = ["first-contact:given_name", "first-contact:health_condition"]
YES: dict[str, Any] = {"answer": "yes", "modality": "written", "item": NEEDED}


@pytest.fixture(scope="module")
async def house(server: Server, network: Network, secrets: Secrets) -> AsyncIterator[Callers]:
    await set_the_house(network, secrets)
    await add_clinics(network)
    async with callers(server, secrets) as asked:
        yield asked


async def looked(house: Callers, path: str, *, by: str = OWNER.id, status: int = 200) -> Page:
    answer = await house.ask(by, "GET", path, headers=ENGLISH)
    assert answer.status_code == status, answer.text[:2000]
    assert answer.headers["cache-control"] == "no-store"
    return Page(answer)


def form_to(page: Page, end: str) -> Form:
    return next(form for form in page.forms if form.action.endswith(end) and form.method == "post")


async def pressed(house: Callers, form: Form, *, by: str = OWNER.id, **said: Any) -> Response:
    return await house.ask(by, "POST", form.action, dict(form.values) | said, headers=ENGLISH)


async def needed(house: Callers, **data: Any) -> tuple[str, str]:
    """A case, and the address of an agreed need of it."""
    case = await house.opened(languages=["spa"], **data)
    return case, f"/cases/{case}/needs/{await house.needed(case)}"


async def drafted(house: Callers, base: str, service: str = CLINIC_SERVICE, **said: Any) -> str:
    """Chosen with the person: the number of the draft."""
    page = await looked(house, f"{base}/choose?service={service}&notice=en")
    done = await pressed(house, form_to(page, "/choose"), **(YES | said))
    assert done.status_code == 303, Page(done).text[:3000]
    found = re.fullmatch(r"/referrals/([0-9a-f]+)/preview", done.headers["location"])
    assert found
    return found[1]


async def sent(house: Callers) -> tuple[str, str, str]:
    """Case, need's address, referral that was sent from its page."""
    case, base = await needed(house)
    referral = await drafted(house, base)
    page = await looked(house, f"/referrals/{referral}/preview")
    done = await pressed(house, form_to(page, "/send"))
    assert (done.status_code, done.headers["location"]) == (303, f"/referrals/{referral}?done=sent"), done.text[:3000]
    return case, base, referral


async def test_the_screen_that_is_turned_round_tells_who_what_why_and_until_when_and_ticks_nothing(
    house: Callers,
) -> None:
    _, base = await needed(house)
    page = await looked(house, f"{base}/choose?service={CLINIC_SERVICE}&notice=en")
    assert CLINIC in page.h1
    form = form_to(page, "/choose")
    assert form.options["item"] == [*NEEDED, "first-contact:telephone", "follow-up:allergies"] or set(NEEDED) < set(
        form.options["item"]
    )
    assert not [value for name, value in form.values if name == "item"], "nothing is ticked beforehand"
    assert {("answer", "yes"), ("answer", "no")} == set(form.buttons)
    words = wording("sharing", 1, "en")
    assert words is not None and words.title in page.text
    assert ("select", "because") not in [(tag, has.get("name")) for tag, has in page.tags], (
        "suggested: no reason is asked"
    )


async def test_it_is_in_the_persons_language_and_the_next_page_in_the_readers(house: Callers) -> None:
    _, base = await needed(house)
    spanish = await house.ask(OWNER.id, "GET", f"{base}/choose?service={CLINIC_SERVICE}&notice=es", headers=ENGLISH)
    assert spanish.headers["content-language"] == "es" and "¿Quiere que pidamos ayuda" in spanish.text
    assert "set-cookie" not in spanish.headers
    none = await looked(house, f"{base}/choose?service={CLINIC_SERVICE}&notice=quc")
    assert "está sin traducir" in none.text, "a wording that nobody translated is not shown"


async def test_a_yes_is_kept_with_exactly_what_was_ticked_and_leads_to_what_would_leave(house: Callers) -> None:
    case, base = await needed(house)
    referral = await drafted(house, base)
    (consent,) = await house.done(OWNER.id, "GET", f"/v1/cases/{case}/consents")
    assert {f["field"] for f in consent["fields"]} == {"given_name", "health_condition"}
    assert (consent["organization_id"], consent["purpose"]) == (CLINIC, PURPOSE)
    page = await looked(house, f"/referrals/{referral}/preview")
    assert f"{CANARY} Nombre" in page.text and f"{CANARY} asma" in page.text
    assert "5550" not in page.text and f"{CANARY} calle" not in page.text, (
        "neither what was not ticked nor what was not asked"
    )
    kinds = [look["kind"] for look in await house.done(OWNER.id, "GET", f"/v1/cases/{case}/looks")]
    assert "previewed" in kinds
    again = await looked(house, f"{base}/choose?service={CLINIC_SERVICE}&notice=en")
    assert form_to(again, "/choose").buttons == [("answer", "as-before")], "who said yes already is not asked again"
    assert "There is an open referral" not in again.text


async def test_a_form_sent_twice_makes_one_draft_and_one_consent(house: Callers) -> None:
    case, base = await needed(house)
    page = await looked(house, f"{base}/choose?service={CLINIC_SERVICE}&notice=en")
    first, second = [await pressed(house, form_to(page, "/choose"), **YES) for _ in range(2)]
    assert first.headers["location"] == second.headers["location"]
    assert len(await house.done(OWNER.id, "GET", f"/v1/cases/{case}/consents")) == 1


async def test_whoever_is_asked_again_for_what_was_missing_goes_on_with_the_same_draft(house: Callers) -> None:
    _, base = await needed(house)
    lacking = await drafted(house, base, item=NEEDED[:1])
    no = (await looked(house, f"/referrals/{lacking}/preview")).text
    assert "Nothing can leave yet" in no and "(health_condition)" not in no, (
        "a field is said in words, never as its code"
    )
    assert await drafted(house, base) == lacking
    assert f"{CANARY} asma" in (await looked(house, f"/referrals/{lacking}/preview")).text


async def test_a_no_is_kept_and_nothing_is_drafted(house: Callers) -> None:
    case, base = await needed(house)
    page = await looked(house, f"{base}/choose?service={CLINIC_SERVICE}&notice=en")
    done = await pressed(house, form_to(page, "/choose"), answer="no", modality="written")
    assert (done.status_code, done.headers["location"]) == (303, f"{base}?done=refused")
    (consent,) = await house.done(OWNER.id, "GET", f"/v1/cases/{case}/consents")
    assert consent["state"] == "refused"
    assert "the person said no" in (await looked(house, done.headers["location"])).text


async def test_what_is_missing_is_said_beside_what_was_ticked(house: Callers) -> None:
    case, base = await needed(house)
    form = form_to(await looked(house, f"{base}/choose?service={CLINIC_SERVICE}&notice=en"), "/choose")
    nothing = await pressed(house, form, answer="yes", modality="written")
    assert nothing.status_code == 422 and 'href="#items"' in nothing.text
    bare = await pressed(house, form, answer="yes")
    assert 'href="#items"' in bare.text and "Say how the person answered." in Page(bare).text, "each by its name"
    no_way = await pressed(house, form, answer="yes", item=NEEDED)
    assert no_way.status_code == 422 and 'href="#modality"' in no_way.text
    kept = form_to(Page(no_way), "/choose")
    assert [value for name, value in kept.values if name == "item"] == NEEDED
    foreign = await pressed(house, form, answer="yes", modality="written", item=["first-contact:address"])
    assert foreign.status_code == 422, "nobody is made to allow what the service does not ask for"
    assert await house.done(OWNER.id, "GET", f"/v1/cases/{case}/consents") == []


async def test_a_service_that_is_not_suggested_needs_a_reason(house: Callers) -> None:
    _, base = await needed(house)
    page = await looked(house, f"{base}/choose?service={NO_SOP_SERVICE}&notice=en")
    assert "no rules in force" in page.text
    other = await looked(house, f"{base}/choose?service={OTHER_SERVICE}&notice=en")
    selects = [has.get("name") for tag, has in other.tags if tag == "select"]
    assert "because" in selects


@pytest.mark.parametrize("part", ["/choose?service=s-clinic", "/choose?service=none"])
async def test_choosing_for_others_is_not_there(house: Callers, part: str) -> None:
    _, base = await needed(house)
    for by in (STRANGER.id, COLLEAGUE.id):
        assert (await house.ask(by, "GET", f"{base}{part}")).status_code == 404
    assert (await house.ask(PROVIDER.id, "GET", f"{base}{part}")).status_code == 403


async def test_without_permission_the_preview_says_what_is_missing_and_shows_nothing_of_the_person(
    house: Callers,
) -> None:
    case, base = await needed(house)
    need = base.rpartition("/")[2]
    referral = await house.drafted(case, need)
    page = await looked(house, f"/referrals/{referral}/preview")
    assert "Nothing can leave yet" in page.text and CANARY not in page.text
    assert f"{base}/choose?service={CLINIC_SERVICE}" in page.links
    assert not [f for f in page.forms if f.action.endswith("/send")]
    refused = await house.ask(OWNER.id, "POST", f"/referrals/{referral}/send", {"key": "k" * 20}, headers=ENGLISH)
    assert refused.status_code == 409 and CANARY not in refused.text


async def test_where_life_is_in_danger_a_professional_is_asked_from_the_preview(house: Callers) -> None:
    case, base = await needed(house)
    referral = await house.drafted(case, base.rpartition("/")[2])
    form = form_to(await looked(house, f"/referrals/{referral}/preview"), "/exception")
    assert PROFESSIONAL.id in form.options["assessor"] and OWNER.id not in form.options["assessor"]
    nobody = await pressed(house, form, requested_by="organisation")
    assert nobody.status_code == 422 and 'href="#assessor"' in nobody.text
    relative = await pressed(house, form, assessor=PROFESSIONAL.id, requested_by="relative")
    assert relative.status_code == 409
    done = await pressed(house, form, assessor=PROFESSIONAL.id, requested_by="organisation")
    assert (done.status_code, done.headers["location"]) == (303, f"/referrals/{referral}?done=pleaded")
    asked = (await house.done(PROFESSIONAL.id, "GET", "/v1/exceptions/asked"))["requests"]
    assert referral in [one["referral_id"] for one in asked]
    assert "No answer since" in (await looked(house, f"/referrals/{referral}?done=pleaded")).text
    assert not [f for f in (await looked(house, f"/referrals/{referral}")).forms if f.action.endswith("/told")]
    (plea,) = [one["id"] for one in asked if one["referral_id"] == referral]
    word = {"ground": "suicide-risk", "representative_reachable": False, "narrative": f"{CANARY} grave"}
    await house.done(PROFESSIONAL.id, "POST", f"/v1/exceptions/asked/{plea}/word", word)
    page = await looked(house, f"/referrals/{referral}/preview")
    assert "Life in danger" in page.text
    assert (await pressed(house, form_to(page, "/send"))).status_code == 303
    told = form_to(await looked(house, f"/referrals/{referral}"), "/told")
    assert (await pressed(house, told)).status_code == 422
    done = await pressed(house, told, how=f"{CANARY} por teléfono")
    assert (done.status_code, done.headers["location"]) == (303, f"/referrals/{referral}?done=told")
    after = await looked(house, f"/referrals/{referral}")
    assert "The person was told" in after.text and CANARY not in after.text
    _, _, other = await sent(house)
    assert (await house.ask(OWNER.id, "POST", f"/referrals/{other}/told", {"how": "x"})).status_code == 404


async def test_the_way_of_a_referral_shows_what_was_and_what_is_owed_with_buttons_from_the_table(
    house: Callers,
) -> None:
    case, _, referral = await sent(house)
    page = await looked(house, f"/referrals/{referral}?done=sent")
    for words in ("Sent", "Seen by the provider", "Answered", "Awaited", "Due by"):
        assert words in page.text
    steps = {value for form in page.forms for name, value in form.values if name == "step"}
    assert steps == {step.value for step in open_steps(Status.REQUESTED, Side.REQUESTER)}
    assert {f"/referrals/{referral}/letter", f"/cases/{case}/gone"} <= set(page.links)
    assert CANARY not in page.text and TOWN not in page.text
    assert any(link.startswith("/receipts/") for link in page.links)
    await house.done(PROVIDER.id, "POST", f"/v1/referrals/{referral}/steps", {"step": "accept"})
    accepted = await looked(house, f"/referrals/{referral}")
    assert f"/referrals/{referral}/follow-up" in accepted.links


async def test_a_late_answer_is_said_by_colour_and_word(house: Callers, monkeypatch: pytest.MonkeyPatch) -> None:
    from datetime import UTC, datetime, timedelta

    from api.actions.referral_view import RunningClock
    from api.ui.casework.referral import Moment
    from graph.model.clock import Due

    due = datetime(2026, 11, 1, tzinfo=UTC)
    late = RunningClock(clock=Due.DECIDE, since=due - timedelta(days=14), due_at=due, is_late=True)
    assert Moment("answered", None, late).state == "late"
    assert Moment("answered", None, late.model_copy(update={"is_late": False})).state == "due"
    assert (Moment("answered", due).state, Moment("answered").state) == ("done", "open")


async def test_cancelling_needs_a_reason_and_what_follows_stands_as_a_task(house: Callers) -> None:
    _, base, referral = await sent(house)
    page = await looked(house, f"/referrals/{referral}")
    form = next(f for f in page.forms if ("step", "cancel") in f.values)
    none = await pressed(house, form)
    assert none.status_code == 409
    done = await pressed(house, form, reason="moved")
    assert done.status_code == 303
    after = await looked(house, done.headers["location"])
    assert f"{base}?after={referral}" in after.links
    todo = [f for f in after.forms if f.action.endswith("/tasks")]
    assert {value for f in todo for _, value in f.buttons} == {"call-person", "next-suggestion"}
    one = todo[0]
    ticked = await pressed(house, one, task=one.buttons[0][1])
    assert ticked.status_code == 303
    assert len([f for f in (await looked(house, f"/referrals/{referral}")).forms if f.action.endswith("/tasks")]) == 1
    nexts = await looked(house, f"{base}?after={referral}")
    assert f"{base}/choose?service={CLINIC_SERVICE}" not in nexts.links, "who was tried is not suggested again"
    _, other = await needed(house)
    await looked(house, f"{other}?after={referral}", status=404)


async def test_the_persons_word_is_written_down_and_a_difference_is_said(house: Callers) -> None:
    _, _, referral = await sent(house)
    for step in ({"step": "accept"}, {"step": "start"}, {"step": "complete", "reason": "delivered"}):
        await house.done(PROVIDER.id, "POST", f"/v1/referrals/{referral}/steps", step)
    form = form_to(await looked(house, f"/referrals/{referral}"), "/outcome")
    empty = await pressed(house, form)
    assert empty.status_code == 422
    done = await pressed(house, form, outcome="not-served", barrier="affordability")
    assert done.status_code == 303
    assert "do not say the same" in (await looked(house, f"/referrals/{referral}")).text


async def test_a_link_and_a_code_for_a_provider_without_an_account_are_told_once(house: Callers) -> None:
    _, _, referral = await sent(house)
    page = await looked(house, f"/referrals/{referral}")
    link = form_to(page, "/answer-link")
    told = await pressed(house, link)
    assert re.search(r"<code>http[^<]+</code>", told.text) and told.headers["cache-control"] == "no-store"
    assert "<code>http" not in (await pressed(house, link)).text
    code = form_to(page, "/opening-code")
    spoken = re.search(r"<span>(\d{4} \d{4})</span>", (await pressed(house, code)).text)
    assert spoken
    assert spoken[1] not in (await house.ask(OWNER.id, "GET", f"/referrals/{referral}")).text


async def test_what_leaves_later_is_shown_and_sent_from_its_own_page(house: Callers) -> None:
    case, base = await needed(house)
    referral = await drafted(house, base, item=[*NEEDED, "follow-up:allergies"])
    await house.done(OWNER.id, "POST", f"/v1/referrals/{referral}/send")
    early = await looked(house, f"/referrals/{referral}/follow-up")
    assert "Nothing can leave yet" in early.text
    await house.done(PROVIDER.id, "POST", f"/v1/referrals/{referral}/steps", {"step": "accept"})
    page = await looked(house, f"/referrals/{referral}/follow-up")
    assert f"{CANARY} ninguna" in page.text and f"{CANARY} asma" not in page.text
    done = await pressed(house, form_to(page, "/follow-up"))
    assert (done.status_code, done.headers["location"]) == (303, f"/referrals/{referral}?done=later")
    gone = await house.done(OWNER.id, "GET", f"/v1/cases/{case}/gone")
    assert ["allergies"] in [copy["fields"] for copy in gone]
    treated = await looked(house, f"/referrals/{referral}/continuity")
    assert "Nothing can leave yet" in treated.text


async def test_reports_are_read_on_their_own_page_and_the_reading_is_written_down(house: Callers) -> None:
    case, _, referral = await sent(house)
    await house.done(PROVIDER.id, "POST", f"/v1/referrals/{referral}/steps", {"step": "accept"})
    note = f"{CANARY} vino con su hermana"
    await house.done(PROVIDER.id, "POST", f"/v1/referrals/{referral}/reports", {"attended": True, "note": note})
    page = await looked(house, f"/referrals/{referral}/reports")
    assert note in page.text and "They came" in page.text
    assert "report-read" in [look["kind"] for look in await house.done(OWNER.id, "GET", f"/v1/cases/{case}/looks")]
    assert note not in (await looked(house, f"/referrals/{referral}")).text


async def test_the_letter_has_a_code_and_names_of_fields_and_neither_name_nor_value(house: Callers) -> None:
    case, _, referral = await sent(house)
    page = await looked(house, f"/referrals/{referral}/letter")
    assert referral[:6].upper() in page.text, "the number by which the receiver's queue calls it"
    assert case in page.text and "code, no name" in page.h1
    assert CANARY not in page.text and TOWN not in page.text
    assert "svg" in [tag for tag, _ in page.tags]
    looks = await house.done(OWNER.id, "GET", f"/v1/cases/{case}/looks")
    printed = [look for look in looks if look["kind"] == "export"]
    assert [sorted(look["fields"]) for look in printed] == [["given_name", "health_condition"]]


async def test_no_letter_is_given_once_nothing_may_be_read_any_more(house: Callers) -> None:
    case, _, referral = await sent(house)
    (consent,) = await house.done(OWNER.id, "GET", f"/v1/cases/{case}/consents")
    await house.done(OWNER.id, "POST", f"/v1/consents/{consent['id']}/withdrawal")
    page = await looked(house, f"/referrals/{referral}/letter", status=409)
    assert case not in page.text
    danger = await house.opened(languages=["spa"])
    need = await house.needed(danger)
    base = f"/cases/{danger}/needs/{need}"
    other = await drafted(house, base)
    await house.done(OWNER.id, "POST", f"/v1/referrals/{other}/send")
    await house.done(OWNER.id, "PUT", f"/v1/cases/{danger}/restriction", {"restricted": True})
    refused = await looked(house, f"/referrals/{other}/letter", status=409)
    assert danger not in refused.text, "whoever finds the paper would know where somebody is"


PAGES = ["", "/preview", "/letter", "/reports", "/follow-up", "/continuity"]


@pytest.mark.parametrize("part", PAGES)
async def test_a_referral_of_others_looks_like_one_that_is_not_there(house: Callers, part: str) -> None:
    _, _, referral = await sent(house)
    theirs = await house.ask(STRANGER.id, "GET", f"/referrals/{referral}{part}", headers=ENGLISH)
    none = await house.ask(STRANGER.id, "GET", f"/referrals/none{part}", headers=ENGLISH)
    assert theirs.status_code == none.status_code == 404
    assert re.sub(r"/referrals/[^\"?/]*", "", theirs.text) == re.sub(r"/referrals/[^\"?/]*", "", none.text)
    nobody = await house.ask("nobody", "GET", f"/referrals/{referral}{part}", headers=ENGLISH)
    assert nobody.status_code == 303 and nobody.headers["location"].startswith("/sign-in")


async def test_who_received_it_sees_its_way_and_is_led_to_their_own_page(house: Callers) -> None:
    case, base, referral = await sent(house)
    page = await looked(house, f"/referrals/{referral}", by=PROVIDER.id)
    assert f"/received/{referral}" in page.links
    assert case not in page.text and base not in " ".join(page.links)
    assert not [f for f in page.forms if f.action.startswith("/referrals/")]


async def test_a_colleague_reads_and_changes_nothing(house: Callers) -> None:
    _, _, referral = await sent(house)
    page = await looked(house, f"/referrals/{referral}", by=COLLEAGUE.id)
    assert not [f for f in page.forms if f.action.startswith("/referrals/")]
    assert (await house.ask(COLLEAGUE.id, "GET", f"/referrals/{referral}/letter")).status_code == 404
