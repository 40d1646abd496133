"""A provider's day on its pages: what waits, what was shared, answering in one screen, what comes later. (R-10, R-12, R-20)"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from httpx2 import Response

from api.actions import became, queue
from api.actions.referral_view import RunningClock
from graph.model.clock import Due
from graph.model.enquiry import LIVES, Asked, Enquiry
from graph.model.referral import Outcome, Referral, Status
from graph.secrets import Secrets
from graph.server import Server
from graph.store import enquiries
from graph.store.network import Network
from tests.cast import CLINIC, COLLEAGUE, OFFICER, OWNER, PROFESSIONAL, PROVIDER
from tests.everybody import COMMITTEE, NOBODY, OTHER_PROVIDER, Callers, callers, set_the_house
from tests.sending import CANARY, CLINIC_SERVICE, PURPOSE, TYPE, Patient
from tests.ui.pages import Page

EN = {"Accept-Language": "en"}
ALLOWED = {"organization_id": CLINIC, "purpose": PURPOSE, "modality": "written"}


@pytest.fixture(scope="module")
async def house(server: Server, network: Network, secrets: Secrets) -> AsyncIterator[Callers]:
    await set_the_house(network, secrets)
    async with callers(server, secrets) as asked:
        yield asked


async def sent(house: Callers, **data: Any) -> str:
    """A referral that was sent to the clinic."""
    case = await house.opened(**data)
    need = await house.needed(case)
    fields = {"fields": ["given_name", "health_condition"]}
    await house.done(OWNER.id, "POST", f"/v1/cases/{case}/consents", ALLOWED | fields)
    referral = await house.drafted(case, need)
    await house.done(OWNER.id, "POST", f"/v1/referrals/{referral}/send")
    return referral


async def page(house: Callers, path: str, by: str = PROVIDER.id, status: int = 200) -> Page:
    answer = await house.ask(by, "GET", path, headers=EN)
    assert answer.status_code == status, (path, answer.status_code, answer.text[:500])
    assert answer.headers["cache-control"] == "no-store"
    return Page(answer)


async def press(house: Callers, path: str, form: str, nth: int = 0, by: str = PROVIDER.id, **said: Any) -> Response:
    """A form of the page sent as a browser does, with what was chosen and pressed."""
    found = [f for f in (await page(house, path, by)).forms if f.action == form]
    values = dict(found[nth].values) | said
    return await house.ask(by, "POST", form, values, EN)


async def follow(house: Callers, answer: Response) -> Page:
    assert answer.status_code == 303, (answer.status_code, answer.text[:800])
    return await page(house, answer.headers["location"])


async def status_of(house: Callers, referral: str) -> Any:
    return await house.done(OWNER.id, "GET", f"/v1/referrals/{referral}")


async def test_the_queue_says_clocks_and_field_names_and_nothing_of_a_person(house: Callers) -> None:
    referral = await sent(house)
    found = await page(house, "/queue")
    assert f"/received/{referral}" in found.links
    assert "Answer, by" in found.text and "Due" in found.text
    assert CANARY not in found.text and "Health" in found.text
    opened = await page(house, f"/received/{referral}")
    assert CANARY not in opened.text and "written down" in opened.text, "it says so before"
    assert opened.h1.startswith(f"Referral {referral[:6].upper()}")


async def test_opening_shows_it_once_it_is_written_down_and_the_sender_sees_that_it_was_seen(house: Callers) -> None:
    referral = await sent(house)
    shown = await press(house, f"/received/{referral}", f"/received/{referral}/opening")
    assert shown.status_code == 200 and f"{CANARY} Nombre" in shown.text and f"{CANARY} 5550" not in shown.text
    assert shown.headers["cache-control"] == "no-store"
    assert (await status_of(house, referral))["business_status"] == "received"
    part = await house.ask(
        PROVIDER.id, "POST", f"/received/{referral}/opening", {"stage": "first-contact"}, EN | {"HX-Request": "true"}
    )
    assert part.status_code == 200 and part.text.lstrip().startswith("<section") and CANARY in part.text
    assert CANARY not in (await page(house, f"/received/{referral}")).text, "reloading shows nothing"


async def test_a_yes_is_one_press_thanks_and_leads_to_the_next(house: Callers) -> None:
    first, second = await sent(house), await sent(house)
    at = f"/received/{first}"
    forms = (await page(house, at)).forms
    assert ("do", "accept") in [b for f in forms for b in f.buttons]
    done = await follow(house, await press(house, at, f"{at}/answer", do="accept"))
    assert "Whoever referred sees that you accepted" in done.text
    assert any(link.startswith("/received/") and link != at for link in done.links), second
    assert (await status_of(house, first))["status"] == "accepted"
    buttons = {value for f in done.forms for _, value in f.buttons}
    assert {"start", "schedule", "hold", "complete", "fail", "cancel"} <= buttons and "accept" not in buttons
    assert "can you not after all?" in done.text and "#reason-fail" in done.links
    assert "#reason-fail" not in (await page(house, at)).links, "said right after the yes alone"
    slip = await press(house, f"{at}?said=accept", f"{at}/answer", nth=2, do="fail", reason="staff-unavailable")
    assert slip.status_code == 303
    assert (await status_of(house, first))["reason"] == "staff-unavailable"


async def test_the_same_form_twice_counts_once(house: Callers) -> None:
    referral = await sent(house)
    at = f"/received/{referral}"
    form = next(f for f in (await page(house, at)).forms if f.action == f"{at}/answer")
    values = dict(form.values) | {"do": "accept"}
    for _ in range(2):
        assert (await house.ask(PROVIDER.id, "POST", f"{at}/answer", values)).status_code == 303
    without_key = await house.ask(PROVIDER.id, "POST", f"{at}/answer", {"do": "accept"}, EN)
    assert without_key.status_code == 409 and "no longer possible" in without_key.text


async def test_a_no_needs_a_coded_reason_said_beside_the_field(house: Callers) -> None:
    referral = await sent(house)
    at = f"/received/{referral}"
    none = await press(house, at, f"{at}/answer", do="reject")
    assert none.status_code == 422
    asked = Page(none)
    assert "#reason-reject" in asked.links and "Choose a reason" in asked.text
    assert ("select", "true") in [(tag, has.get("aria-invalid")) for tag, has in asked.tags]
    wrong = await press(house, at, f"{at}/answer", do="reject", reason="delivered")
    assert wrong.status_code == 409 and "not for this step" in wrong.text
    done = await follow(house, await press(house, at, f"{at}/answer", do="reject", reason="full-now"))
    assert "another option now" in done.text and "nothing left to answer" in done.text
    assert (await status_of(house, referral))["reason"] == "full-now"
    assert f"/received/{referral}" not in (await page(house, "/queue")).links


async def test_an_appointment_a_report_and_a_cost_are_said_on_the_same_page(house: Callers) -> None:
    referral = await sent(house)
    at = f"/received/{referral}"
    await press(house, at, f"{at}/answer", do="accept")
    day = (datetime.now(UTC) + timedelta(days=3)).date().isoformat()
    bad = await press(house, at, f"{at}/answer", do="schedule", day="2026-13-40", hour="9")
    assert bad.status_code == 422 and "#day" in Page(bad).links
    past = await press(house, at, f"{at}/answer", do="schedule", day="2020-01-01", hour="09:00")
    assert past.status_code == 422
    await follow(house, await press(house, at, f"{at}/answer", do="schedule", day=day, hour="09:30"))
    view = await status_of(house, referral)
    assert (view["business_status"], view["scheduled_at"][11:16]) == ("scheduled", "15:30"), "Guatemala is UTC-6"
    empty = await press(house, at, f"{at}/report")
    assert empty.status_code == 422
    await follow(house, await press(house, at, f"{at}/report", attended="yes", note=f"{CANARY} nota"))
    (told,) = await house.done(OWNER.id, "GET", f"/v1/referrals/{referral}/reports")
    assert (told["attended"], told["note"]) == (True, f"{CANARY} nota")
    for amount in ("", "0", "-3", "1.234", "NaN", "1e99", "1e9999999", "٣"):
        no = await press(house, at, f"{at}/costs", amount=amount, currency="GTQ", what_for="transport")
        assert no.status_code == 422, amount
    done = await press(house, at, f"{at}/costs", amount="1,012.50", currency="GTQ", what_for="transport")
    await follow(house, done)
    assert (await status_of(house, referral))["account"]["spent"] == 101250
    assert "Q1,012.50" in (await house.ask(PROVIDER.id, "GET", at, headers={"Accept-Language": "es"})).text


async def test_what_stands_in_the_way_is_said_instead_of_a_button(house: Callers) -> None:
    referral = await sent(house)
    await press(house, f"/received/{referral}", f"/received/{referral}/answer", do="accept")
    reason = {"subject": "service", "subject_id": CLINIC_SERVICE, "reason": "security-conditions"}
    stop = await house.done(COMMITTEE.id, "POST", "/v1/suspensions", reason)
    try:
        found = await page(house, f"/received/{referral}")
        assert "start" not in {value for f in found.forms for _, value in f.buttons}
        assert "“The service has begun” is not possible now" in found.text
        assert "suspended the service" in found.text
        forced = await press(house, f"/received/{referral}", f"/received/{referral}/answer", do="start")
        assert forced.status_code == 409
    finally:
        await house.done(COMMITTEE.id, "POST", f"/v1/suspensions/{stop['id']}/lifting")


async def test_a_stop_notice_is_acknowledged_from_the_queue(house: Callers) -> None:
    case = await house.opened()
    need = await house.needed(case)
    allowed = ALLOWED | {"fields": ["given_name", "health_condition"]}
    consent = await house.done(OWNER.id, "POST", f"/v1/cases/{case}/consents", allowed)
    referral = await house.drafted(case, need)
    await house.done(OWNER.id, "POST", f"/v1/referrals/{referral}/send")
    stop = await house.done(OWNER.id, "POST", f"/v1/consents/{consent['consent_id']}/withdrawal")
    action = f"/queue/notices/{stop['stop_notice_id']}/acknowledgement"
    found = await page(house, "/queue")
    assert action in [f.action for f in found.forms] and "taken back" in found.text
    assert case not in (await house.ask(PROVIDER.id, "GET", "/queue")).text
    done = await follow(house, await press(house, "/queue", action))
    assert "Confirmed" in done.text and action not in [f.action for f in done.forms]
    closed = await press(house, "/queue", action) if action in [f.action for f in done.forms] else None
    assert closed is None


async def test_the_page_is_the_receiving_providers_and_nobody_elses(house: Callers) -> None:
    referral = await sent(house)
    for path in ("/queue", f"/received/{referral}"):
        for by in (OWNER.id, COLLEAGUE.id, COMMITTEE.id, OFFICER.id, PROFESSIONAL.id):
            answer = await house.ask(by, "GET", path, headers=EN)
            assert answer.status_code == 403 and "/access" in answer.text, (by, path)
        assert (await house.ask(NOBODY, "GET", path)).headers["location"].startswith("/sign-in?to=")
    seen = []
    for id in (referral, "0" * 32):
        for method, part in (("GET", ""), ("POST", "/opening"), ("POST", "/answer"), ("POST", "/report")):
            answer = await house.ask(
                OTHER_PROVIDER.id, method, f"/received/{id}{part}", {"do": "accept"} if part else None
            )
            seen.append((answer.status_code, answer.text.replace(f"{id}{part}", "")))
    assert {status for status, _ in seen} == {404} and len(set(seen)) == 1
    assert referral not in (await house.ask(OTHER_PROVIDER.id, "GET", "/queue")).text


@pytest.mark.parametrize("lang", ["es", "en"])
async def test_every_word_of_the_pages_is_written(house: Callers, lang: str) -> None:
    referral = await sent(house)
    at = f"/received/{referral}"
    for do in (None, "accept", "start"):
        if do:
            await press(house, at, f"{at}/answer", do=do)
        for path in ("/queue", at, f"{at}?said={do}"):
            text = (await house.ask(PROVIDER.id, "GET", f"{path}{'&' if '?' in path else '?'}lang={lang}")).text
            assert not [word for word in ("queue.", "received.", "clocks.") if f">{word}" in text or f" {word}" in text]


async def test_a_question_without_identity_is_answered_on_its_page(house: Callers, network: Network) -> None:
    id = await asked(house, network)
    found = await page(house, "/enquiries")
    action = f"/enquiries/{id}/answer"
    assert action in [f.action for f in found.forms]
    none = await press(house, "/enquiries", action, say="cannot")
    assert none.status_code == 422 and f"#reason-{id}" in Page(none).links
    assert (await press(house, "/enquiries", action, say="perhaps")).status_code == 422
    done = await follow(house, await press(house, "/enquiries", action, say="cannot", reason="full-now"))
    assert "you said: We cannot" in done.text
    done = await follow(house, await press(house, "/enquiries", action, say="can"))
    assert "you said: Yes" in done.text, "a better word while it is listened to"
    for other in (id, "0" * 32):
        for said in ({"say": "can"}, {"say": "cannot"}, {"say": "perhaps"}):
            answer = await house.ask(OTHER_PROVIDER.id, "POST", f"/enquiries/{other}/answer", said)
            assert answer.status_code == 404
    assert id not in (await house.ask(OTHER_PROVIDER.id, "GET", "/enquiries")).text


async def asked(house: Callers, network: Network) -> str:
    """A question that lies with the clinic."""
    at = datetime.now(UTC)
    case = await house.opened()
    need = await house.needed(case)
    question = Enquiry(
        id="q" * 32, case_id=case, need_id=need, service_id=CLINIC_SERVICE, organization_id=CLINIC,
        asked=Asked(service_type=TYPE, area="GT09"), asked_at=at, asked_by=OWNER.id, expires_at=at + LIVES,
    )  # fmt: skip
    await Patient.of(network).write(enquiries.create, question)
    return question.id


async def test_outcomes_are_the_own_word_and_of_who_withdrew_nothing(house: Callers) -> None:
    served, withdrawn = await sent(house), await sent(house)
    for do, reason in (("accept", None), ("start", None), ("complete", "delivered")):
        await house.done(PROVIDER.id, "POST", f"/v1/referrals/{served}/steps", {"step": do, "reason": reason})
    case = (await status_of(house, withdrawn))["case_id"]
    (consent,) = await house.done(OWNER.id, "GET", f"/v1/cases/{case}/consents")
    await house.done(OWNER.id, "POST", f"/v1/consents/{consent['id']}/withdrawal")
    found = await page(house, "/outcomes")
    rows = found.text.split("One by one")[1]
    assert "service provided" in rows.split(served[:6].upper())[1][:400]
    assert "consent taken back" in rows.split(withdrawn[:6].upper())[1][:400]
    assert CANARY not in found.text
    assert served not in (await house.ask(OTHER_PROVIDER.id, "GET", "/outcomes")).text


@pytest.mark.parametrize(
    ("same", "other", "shown"),
    [
        (0, 0, (0, 0)),
        (9, 0, (None, None)),
        (10, 0, (10, 10)),
        (10, 1, (11, None)),
        (0, 10, (10, None)),
        (12, 10, (22, 12)),
    ],
)
def test_what_the_people_said_is_a_number_that_tells_of_nobody(
    same: int, other: int, shown: tuple[int | None, int | None]
) -> None:
    at = datetime(2026, 11, 1, tzinfo=UTC)

    def said(n: int, word: Outcome) -> Referral:
        ends = {"case_id": "c", "need_id": "n", "service_id": "s", "requester_id": "q", "responder_id": "r"}
        return Referral(
            id=f"r-{word}-{n}",
            purpose=PURPOSE,
            created_at=at,
            provider_outcome=Outcome.SERVED,
            person_outcome=word,
            **ends,
        )

    words = [said(n, Outcome.SERVED) for n in range(same)] + [said(n, Outcome.NOT_SERVED) for n in range(other)]
    told = became.word_of(words)
    assert (told.said, told.agreed) == shown


def test_a_household_stands_together_where_its_most_urgent_member_does() -> None:
    at = datetime(2026, 11, 21, tzinfo=UTC)

    def row(id: str, days: int, *together: str) -> queue.InQueue:
        clock = RunningClock(clock=Due.DECIDE, since=at, due_at=at + timedelta(days=days), is_late=days < 0)
        return queue.InQueue(
            id=id, service_id="s", requester_id="q", purpose=PURPOSE, status=Status.REQUESTED, priority="normal",
            sent_at=at, clocks=(clock,), together=together,
        )  # fmt: skip

    rows = [row("alone", 2), row("child", 9, "mother"), row("last", 10), row("mother", 1, "child"), row("late", -1)]
    assert [one.id for one in queue.in_order(rows)] == ["late", "mother", "child", "alone", "last"]


async def test_the_way_to_places_leads_a_provider_to_its_own_services(house: Callers) -> None:
    mine = Page(await house.ask(PROVIDER.id, "GET", "/places", headers=EN))
    assert f"/services/{CLINIC_SERVICE}/places" in mine.links
    assert "/places?of=all" in mine.links
    everybody = Page(await house.ask(PROVIDER.id, "GET", "/places?of=all", headers=EN))
    assert f"/places?of={CLINIC}" in everybody.links, "and out of it again"
    others = Page(await house.ask(OWNER.id, "GET", "/places", headers=EN))
    assert f"/services/{CLINIC_SERVICE}/places" not in others.links and f"/places?of={CLINIC}" in others.links
    said = await house.ask(PROVIDER.id, "GET", f"/services/{CLINIC_SERVICE}/places", headers=EN)
    assert f"<title>{Page(said).h1} · " in said.text, "a title names the service"
