"""What is somebody else's answers exactly as what is not there: status, headers and body, to the byte. (R-21, R-25)

Every route of the application with an id in its path, as every role, with ids that exist and are foreign, of every
state that things of a kind may be in. Routes come from the application: one whose ids this test does not know fails,
and so does an exemption that nobody needs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

import pytest
from httpx2 import Response

from api.actions import outbox, passwords
from graph.model.account import ApiToken
from graph.model.actor import Actor, Role
from graph.model.directory import Suspension
from graph.model.enquiry import Asked, Enquiry
from graph.secrets import Secrets
from graph.server import Server
from graph.store import accounts, enquiries, messages, sessions, suspensions, tokens
from graph.store.contacts import Told
from graph.store.network import Network, Tx
from tests.cast import ADMIN, CLINIC, COLLEAGUE, HOME, OFFICER, OTHER, OWNER, PROFESSIONAL, PROVIDER, STRANGER
from tests.everybody import (
    COMMITTEE,
    EVERYBODY,
    NOBODY,
    OTHER_PROFESSIONAL,
    OTHER_PROVIDER,
    Callers,
    account_of,
    callers,
    give_credential,
    set_the_house,
)
from tests.routes import Route, bodies, routes
from tests.sending import CLINIC_SERVICE, PURPOSE, TYPE, Patient
from tests.sizes import is_full

EACH: Final = 20 if is_full() else 4
MISSING: Final = "0" * 32
LOOKING: Final = (
    COLLEAGUE.id,  # of the same organisation; the cases are restricted to their team
    STRANGER.id,
    OTHER_PROVIDER.id,
    OTHER_PROFESSIONAL.id,
    COMMITTEE.id,
    OFFICER.id,
    ADMIN.id,
)
"""One of each role who has nothing to do with what this world holds; the person of another case comes beside them."""

PUBLIC: Final = {
    "service_id": "the directory is everybody's to read",
    "secret": "a link lets anybody in, and the page behind it says whether it leads anywhere (test_by_link)",
}
THEIRS: Final = {
    (ADMIN.id, "PUT /v1/accounts/{account_id}/roles"): "administrators run all accounts",
    (ADMIN.id, "POST /v1/accounts/{account_id}/disabling"): "administrators run all accounts",
    (ADMIN.id, "POST /v1/credentials/{credential_id}/issue"): "administrators issue what another one proposed",
    (ADMIN.id, "POST /v1/credentials/{credential_id}/revocation"): "administrators revoke any credential",
    (COMMITTEE.id, "POST /v1/suspensions/{suspension_id}/lifting"): "the committee lifts what it suspended",
    (OFFICER.id, "GET /v1/log/{stream}"): "the officer reads every stream of the log",
}
"""Nothing of this kind is foreign to them: the table of rights says so."""

Ids = Mapping[str, tuple[str, list[str]]]
"""By the name of a parameter: the case the things belong to, and the things."""


@pytest.fixture(scope="module")
async def house(server: Server, network: Network, secrets: Secrets) -> AsyncIterator[Callers]:
    await set_the_house(network, secrets)
    async with callers(server, secrets) as asked:
        yield asked


@pytest.fixture(scope="module")
async def ids(house: Callers, network: Network, secrets: Secrets) -> Ids:
    """Some things of every kind, all of them of cases that are restricted to the owner, or of the owner's account."""
    whole = [await house.opened() for _ in range(EACH)]
    full, stopped = whole[0], whole[1]
    child = await house.opened(age_band="6-11")
    found: dict[str, tuple[str, list[str]]] = {"case_id": ("", whole)}

    async def made(case: str, part: str, body: Mapping[str, Any]) -> tuple[str, list[str]]:
        at = f"/v1/cases/{case}/{part}"
        return case, [str((await house.done(OWNER.id, "POST", at, body))["id"]) for _ in range(EACH)]

    found["need_id"] = await made(full, "needs", {"service_type": TYPE})
    found["goal_id"] = await made(full, "goals", {"dimension": "social", "review_on": "2027-03-01"})
    found["meeting_id"] = await made(full, "meetings", {"on": "2027-03-01"})
    found["guardian_id"] = await made(child, "guardians", {"kind": "parent", "countries": ["GT"]})
    incapable = {"assessed_by": PROFESSIONAL.id, "valid_to": "2027-03-01T12:00:00Z"}
    found["incapacity_id"] = await made(child, "incapacities", incapable)

    need = await house.needed(full)
    drafts = [await house.drafted(full, need) for _ in range(2 * EACH)]
    requests = []
    for referral in drafts:
        plea = {"assessor_id": PROFESSIONAL.id, "requested_by": "organisation"}
        requests.append((await house.done(OWNER.id, "POST", f"/v1/referrals/{referral}/exception", plea))["id"])
    word = {"ground": "suicide-risk", "representative_reachable": False, "narrative": "relato"}
    attested = [
        (await house.done(PROFESSIONAL.id, "POST", f"/v1/exceptions/asked/{id}/word", word))["id"]
        for id in requests[EACH:]
    ]
    found |= {
        "referral_id": (full, drafts[:EACH]),
        "request_id": (full, requests[:EACH]),
        "attestation_id": (full, attested),
    }

    need = await house.needed(stopped)
    consents, receipts, notices, received = [], [], [], []
    allowed = {"organization_id": CLINIC, "purpose": PURPOSE, "modality": "written"}
    allowed_fields = allowed | {"fields": ["given_name", "health_condition"]}
    for _ in range(EACH):
        at = f"/v1/cases/{stopped}/consents"
        given = await house.done(OWNER.id, "POST", at, allowed_fields)
        consents.append(given["consent_id"])
        receipts.append(given["receipt_id"])
        received.append(await house.drafted(stopped, need))
        await house.done(OWNER.id, "POST", f"/v1/referrals/{received[-1]}/send")
        stop = await house.done(OWNER.id, "POST", f"/v1/consents/{consents[-1]}/withdrawal")
        notices.append(stop["stop_notice_id"])
    found |= {"consent_id": (stopped, consents), "notice_id": (stopped, notices), "received": (stopped, received)}
    found["receipt_id"] = (stopped, receipts)
    live = await under_way(house, stopped, need, allowed_fields)
    found["referral_id"] = (full, [*drafts[: EACH // 2], *live])
    await house.done(OWNER.id, "PUT", f"/v1/cases/{full}/household", {"case_id": stopped})
    pair = [{"case_id": case, "need_id": await house.needed(case)} for case in (full, stopped)]
    family = {"service_id": CLINIC_SERVICE, "members": pair}
    at = "/v1/referrals/together"
    together = [(await house.done(OWNER.id, "POST", at, family))["together_id"] for _ in range(EACH)]
    found["together_id"] = ("", together)
    said = {"about_id": HOME, "kind": "delay", "words": "tarda"}  # HOME's committee and officer look on too
    by = f"person:{full}"
    voiced = [(await house.done(by, "POST", "/v1/complaints", said))["complaint"]["id"] for _ in range(EACH)]
    found["complaint_id"] = ("", voiced)
    leaving = []
    for case in whole:
        await house.done(
            OWNER.id, "POST", f"/v1/cases/{case}/consents", allowed_fields | {"countries": ["MX"], "purpose": "housing"}
        )
        journey = {"to": "MX", "on": "2027-01-15", "receiver_id": CLINIC}
        planned = await house.done(OWNER.id, "POST", f"/v1/cases/{case}/departure", journey)
        leaving.append(planned["departure"]["id"])
    found["departure_id"] = ("", leaving)
    for case in (*whole, child):
        await house.done(OWNER.id, "PUT", f"/v1/cases/{case}/restriction", {"restricted": True})
    found["enquiry_id"] = (full, await questions(network, full, found["need_id"][1][0]))
    found["stream"] = ("", await streams(network))
    found["message_id"] = ("", await letters(network, drafts[0]))
    return found | {name: ("", made) for name, made in (await accounts_of(network, secrets)).items()}


async def under_way(house: Callers, case: str, need: str, allowed: Mapping[str, Any]) -> list[str]:
    """Referrals of such a case that were sent: every second one was accepted, and hangs full of what follows that."""
    await house.done(OWNER.id, "POST", f"/v1/cases/{case}/consents", allowed)
    sent = []
    for n in range(EACH // 2):
        at = f"/v1/referrals/{await house.drafted(case, need)}"
        sent.append(at.rpartition("/")[2])
        await house.done(OWNER.id, "POST", f"{at}/send")
        if n % 2:
            await house.done(OWNER.id, "POST", f"{at}/opening-code")
            for step in ("accept", "start"):
                await house.done(PROVIDER.id, "POST", f"{at}/steps", {"step": step})
            cost = {"amount": 1250, "currency": "GTQ", "what_for": "transport"}
            await house.done(PROVIDER.id, "POST", f"{at}/costs", cost)
            await house.done(PROVIDER.id, "POST", f"{at}/reports", {"attended": True})
    return sent


async def letters(network: Network, referral: str) -> list[str]:
    """Mails that were written about a referral of such a case."""
    at = datetime.now(UTC)
    desk = Told(CLINIC, "desk@example.org")
    for _ in range(EACH):
        said: dict[str, Any] = {"about": referral, "country": "GT", "at": at, "clock": "decide"}
        await network.write(outbox.put, desk, "remind-provider", **said)
    return [message.id for message in await network.read(messages.page, limit=EACH)]


async def questions(network: Network, case_id: str, need_id: str) -> list[str]:
    """What a clinic was asked about such a case, without being told whose it is."""
    at = datetime.now(UTC)
    made = [
        Enquiry(
            id=f"{n:032x}", case_id=case_id, need_id=need_id, service_id=CLINIC_SERVICE, organization_id=CLINIC,
            asked=Asked(service_type=TYPE, area="GT09"), asked_at=at, asked_by=OWNER.id,
            expires_at=at + timedelta(days=1), answer="can", answered_at=at,
        )
        for n in range(1, EACH + 1)
    ]  # fmt: skip

    async def ask(tx: Tx) -> None:
        for enquiry in made:
            await enquiries.create(tx, enquiry)

    await Patient.of(network).write(ask)
    return [enquiry.id for enquiry in made]


async def streams(network: Network) -> list[str]:
    """The streams of the log that there are by now: of cases, all of them."""

    async def all_(tx: Tx) -> list[str]:
        rows = await tx.run("MATCH (s:Stream) WHERE s.id <> 'mechanism' RETURN s.id AS id ORDER BY id")
        return [str(row["id"]) async for row in rows]

    return (await network.read(all_))[:EACH]


async def accounts_of(network: Network, secrets: Secrets) -> dict[str, list[str]]:
    """Accounts of others, sessions and tokens of the owner's, credentials of somebody's."""
    at = datetime.now(UTC)

    async def make(tx: Tx) -> dict[str, list[str]]:
        made: dict[str, list[str]] = {"account_id": [], "session_id": [], "token_id": []}
        for n in range(EACH):
            someone = Actor(id=f"a-someone-{n}", roles=frozenset({Role.PROVIDER}))
            await (await tx.run("CREATE (:Actor {id: $id, roles: []})", id=someone.id)).consume()
            account = account_of(someone, at=at)
            await accounts.create(tx, account)
            session, token = f"session-{n}-of-owner", f"token-{n}-of-owner"
            hash_of = passwords.hash_of
            await sessions.create(tx, id=session, account_id=f"account-{OWNER.id}", token_hash=hash_of(session), at=at)
            kept = ApiToken(id=token, scopes=frozenset({"case-read"}), created_at=at, valid_to=at + timedelta(days=1))
            await tokens.create(tx, kept, actor_id=OWNER.id, token_hash=hash_of(token))
            for name, id in (("account_id", account.id), ("session_id", session), ("token_id", token)):
                made[name].append(id)
        return made

    async def suspend(tx: Tx) -> list[str]:
        at = date(2026, 1, 1)
        made = [
            Suspension(id=f"suspension-{n}", subject="service", subject_id="nothing", reason="no-staff", valid_from=at)
            for n in range(EACH)
        ]
        await suspensions.upsert(tx, made)
        return [one.id for one in made]

    made = await Patient.of(network).write(make)
    made["suspension_id"] = await Patient.of(network).write(suspend)
    known, others = sorted(EVERYBODY), [f"a-someone-{n}" for n in range(EACH)]
    made["actor_id"] = [*known[::3], *known[1::3], *known[2::3], *others][:EACH]  # of several roles, however few
    made["credential_id"] = [
        await give_credential(network, secrets, "a-stranger", issued=n % 2 == 0) for n in range(EACH)
    ]
    return made


def kind_of(route: Route) -> str:
    """Of what kind the last id in a path is."""
    return "received" if route.path.startswith("/v1/received/") else route.params[-1]


def asked(route: Route, ids: Ids, id: str) -> str:
    """The path with a foreign id, below the case it belongs to."""
    names: dict[str, str] = dict.fromkeys(route.params, MISSING)
    case = ids[kind_of(route)][0]
    if "case_id" in route.params and case:
        names["case_id"] = case
    elif kind_of(route) == "actor_id":
        names["case_id"] = ids["case_id"][1][0]
    return route.to(names | {route.params[-1]: id})


Said = tuple[int, list[tuple[str, str]], bytes]


def said(answer: Response, id: str) -> Said:
    """All of an answer but what differs from one to the next by its nature, and the id that was asked for.

    A page repeats the address it was asked at in its links; what is left of its length is the length of the content.
    """
    kept = [(n, v.replace(id, "…")) for n, v in answer.headers.multi_items() if n.lower() not in NATURE]
    return answer.status_code, sorted(kept), answer.content.replace(id.encode(), b"...")


def asks_who_it_is(route: Route, answer: Said) -> bool:
    """All that nobody is told: to sign in. A page may lead there and back to itself, whatever the id in its address."""
    status, headers, _ = answer
    back = urlencode({"to": route.to(dict.fromkeys(route.params, "ID"))}).replace("ID", "…")
    leads_there = status == 303 and ("location", f"/sign-in?{back}") in headers
    return status == 401 or (leads_there and route.method == "GET" and not route.is_api)


NATURE: Final = ("date", "x-request-id", "content-length")


def the_body(route: Route) -> Any:
    """A body that fits, so that the answer is about the thing and not about the request."""
    return next(bodies(route, KNOWN))


KNOWN: Final = {
    "organization_id": CLINIC,
    "service_id": CLINIC_SERVICE,
    "assessor_id": PROFESSIONAL.id,
    "assessed_by": PROFESSIONAL.id,
    "need_id": MISSING,
    "case_id": MISSING,
    "actor_id": COLLEAGUE.id,
    "subject_id": CLINIC_SERVICE,
    "purpose": PURPOSE,
    "purposes": [PURPOSE],
    "service_type": TYPE,
    "fields": ["given_name"],
    "categories": [],
    "countries": ["GT"],
    "country": "GT",
    "language": "es",
    "guardian_id": None,
    "explained_by": None,
    "notice_version": None,
    "goal_id": None,
    "goal_ids": [],
    "channel": "sms",
    "factors": {},
    "data": {"allergies": "polvo"},
    "held": None,
    "roles": ["provider"],
    "scopes": ["case-read"],
    "worked": [],
    "skills": [],
    "interests": [],
    "schedules": [],
    "areas": None,
}
HEADERS: Final = {"If-Match": '"1"'}


async def test_every_id_in_a_path_is_known_to_this_test(house: Callers, ids: Ids) -> None:
    with_ids = [route for route in routes(house.app) if route.params]
    assert len(with_ids) > 40
    unknown = {str(r) for r in with_ids for name in r.params if name not in ids and name not in PUBLIC}
    assert unknown == set(), "give `ids` foreign ones of this kind"
    assert all(len(set(found)) == EACH for _, found in ids.values())


async def test_what_is_foreign_answers_as_what_is_not_there(house: Callers, ids: Ids) -> None:
    someone = f"person:{await house.opened()}"
    needless = set(THEIRS)
    differ: Counter[tuple[str, str]] = Counter()
    for route in routes(house.app):
        if not route.params or kind_of(route) in PUBLIC:
            continue
        for by in (*LOOKING, someone, NOBODY):
            body = the_body(route)
            nowhere = said(await house.ask(by, route.method, asked(route, ids, MISSING), body, HEADERS), MISSING)
            assert nowhere[0] in (403, 404) or (by == NOBODY and asks_who_it_is(route, nowhere)), (
                by,
                str(route),
                nowhere,
            )
            for id in ids[kind_of(route)][1]:
                there = said(await house.ask(by, route.method, asked(route, ids, id), body, HEADERS), id)
                if there != nowhere and (by, str(route)) in THEIRS:
                    needless.discard((by, str(route)))
                    break
                differ[by, str(route)] += there != nowhere
    assert +differ == Counter()
    assert needless == set(), "an exemption that nobody needs"


async def test_a_part_of_another_case_answers_as_one_that_is_not_there(house: Callers, ids: Ids) -> None:
    """Below a case of one's own, with a need, a goal, a meeting… of another case that one may read too."""
    own = await house.opened()
    below = [r for r in routes(house.app) if len(r.params) == 2 and "case_id" in r.params and kind_of(r) in ids]
    assert len(below) >= 7
    for route in below:
        body = the_body(route)

        async def ask(id: str, route: Route = route, body: Any = body) -> Any:
            path = route.to({"case_id": own, route.params[-1]: id})
            return said(await house.ask(OWNER.id, route.method, path, body, HEADERS), id)

        nowhere = await ask(MISSING)
        assert nowhere[0] == 404, (str(route), nowhere)
        for id in ids[kind_of(route)][1]:
            if id not in (OWNER.id, COLLEAGUE.id):
                assert await ask(id) == nowhere, str(route)


IN_BODIES: Final = {
    ("POST /v1/cases/{case_id}/needs", "goal_id"),
    ("POST /v1/cases/{case_id}/meetings", "goal_ids"),
    ("PUT /v1/cases/{case_id}/meetings/{meeting_id}", "goal_ids"),
    ("POST /v1/cases/{case_id}/referrals", "need_id"),
    ("POST /v1/cases/{case_id}/team", "actor_id"),
    ("POST /v1/cases/{case_id}/consents", "guardian_id"),
    ("PUT /v1/cases/{case_id}/household", "case_id"),
    ("POST /v1/complaints", "case_id"),
    ("POST /v1/complaints", "referral_id"),
    ("POST /v1/referrals/together", "case_id"),
    ("POST /v1/referrals/together", "need_id"),
}
"""Where a body names a thing of a case: by the owner of another organisation, on a case of their own."""
NO_SECRET: Final = {
    ("POST /v1/credentials", "actor_id"): "administrators propose for whom they like: they run all accounts",
    ("POST /v1/cases/{case_id}/refusals", "guardian_id"): "a no counts, whoever speaks it: nothing is looked up",
}
"""Where a body names something that is nobody's secret to whoever may send it."""


def named_in(schema: Any) -> set[str]:
    """The keys of a body, at any depth."""
    match schema:
        case dict():
            own = set(schema.get("properties", ())) if isinstance(schema.get("properties"), dict) else set[str]()
            return own.union(*(named_in(inner) for inner in schema.values()))
        case list():
            return set[str]().union(*(named_in(inner) for inner in schema))
    return set()


async def test_every_id_in_a_body_is_known_to_this_test(house: Callers, ids: Ids) -> None:
    named = {
        (str(route), key)
        for route in routes(house.app)
        for key in named_in(route.body)
        if key.removesuffix("s") in ids.keys() - PUBLIC.keys()
    }
    assert named == IN_BODIES | NO_SECRET.keys(), "name a foreign one in this body, or say why not"


async def test_what_a_body_names_of_others_answers_as_what_is_not_there(house: Callers, ids: Ids) -> None:
    own = await house.opened(by=STRANGER.id)
    pair, another = [
        {"case_id": case, "need_id": await house.needed(case, by=STRANGER.id)}
        for case in (own, await house.opened(by=STRANGER.id))
    ]
    meeting = await house.done(STRANGER.id, "POST", f"/v1/cases/{own}/meetings", {"on": "2027-03-01"})
    mine = pair | {"meeting_id": meeting["id"]}
    for route in routes(house.app):
        for name in sorted(key for path, key in IN_BODIES if path == str(route)):

            async def ask(id: str, route: Route = route, name: str = name) -> Any:
                named = {name: [id] if name.endswith("s") else id}
                given = {"given_by": "guardian", "organization_id": OTHER, "about_id": CLINIC, "unnamed": False}
                known = KNOWN | mine | {"referral_id": None} | given | named | {"members": [another, pair | named]}
                body = next(bodies(route, known))
                return said(await house.ask(STRANGER.id, route.method, route.to(mine), body, HEADERS), id)

            nowhere = await ask(MISSING)
            assert nowhere[0] in (404, 409), (str(route), name, nowhere)
            for id in ids[name.removesuffix("s")][1]:
                if id not in (STRANGER.id, OTHER_PROVIDER.id, OTHER_PROFESSIONAL.id):
                    assert await ask(id) == nowhere, (str(route), name, id)


async def test_the_ids_are_there_for_whom_they_belong_to(house: Callers, ids: Ids) -> None:
    """The other side of the comparison: ids that nobody has would pass all of it."""
    for case in ids["case_id"][1]:
        assert (await house.ask(OWNER.id, "GET", f"/v1/cases/{case}")).status_code == 200
    seen = Counter(
        [(await house.done(OWNER.id, "GET", f"/v1/referrals/{id}"))["status"] for id in ids["referral_id"][1]]
    )
    assert seen == {"draft": EACH / 2, "requested": EACH / 4, "in-progress": EACH / 4}
    for consent in ids["consent_id"][1]:
        assert (await house.ask(OWNER.id, "POST", f"/v1/consents/{consent}/withdrawal")).status_code == 409
    for attestation in ids["attestation_id"][1]:
        told = {"how": "en persona"}
        assert (await house.ask(OWNER.id, "POST", f"/v1/exceptions/{attestation}/told", told)).status_code == 200
    for referral in ids["received"][1]:
        assert (await house.ask("a-provider", "POST", f"/v1/received/{referral}/opening")).status_code == 409
    for notice in ids["notice_id"][1]:
        assert (await house.ask("a-provider", "POST", f"/v1/stop-notices/{notice}/acknowledgement")).is_success
    for enquiry in ids["enquiry_id"][1]:
        answered = await house.ask("a-provider", "POST", f"/v1/enquiries/{enquiry}/answer", {"answer": "can"})
        assert answered.status_code == 200
    for session in ids["session_id"][1]:
        assert (await house.ask(OWNER.id, "DELETE", f"/v1/sessions/{session}")).status_code == 204
    for token in ids["token_id"][1]:
        assert (await house.ask(OWNER.id, "DELETE", f"/v1/tokens/{token}")).status_code == 204
    word = {"ground": "suicide-risk", "representative_reachable": False, "narrative": "relato"}
    for request in ids["request_id"][1]:
        assert (await house.ask(PROFESSIONAL.id, "POST", f"/v1/exceptions/asked/{request}/word", word)).is_success
    full, goals = ids["goal_id"]
    for goal in goals:
        again = {"dimension": "social", "review_on": "2027-03-01"}
        assert (await house.ask(OWNER.id, "PUT", f"/v1/cases/{full}/goals/{goal}", again)).is_success
