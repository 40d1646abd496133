"""What is somebody else's answers exactly as what is not there: status, headers and body, to the byte. (R-21, R-25)

Every route of the application with an id in its path, as every role, with ids that exist and are foreign, of every
state that things of a kind may be in. Routes come from the application: one whose ids this test does not know fails,
and so does an exemption that nobody needs.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import pytest
from httpx2 import Response

from graph.secrets import Secrets
from graph.server import Server
from graph.store.network import Network
from tests.cast import ADMIN, CLINIC, COLLEAGUE, OFFICER, OTHER, OWNER, PROFESSIONAL, STRANGER
from tests.everybody import (
    COMMITTEE,
    DEPARTMENTAL,
    NOBODY,
    OTHER_PROFESSIONAL,
    OTHER_PROVIDER,
    Callers,
    callers,
    set_the_house,
)
from tests.everything import KNOWN, MISSING, Ids, everything
from tests.routes import Route, bodies, routes
from tests.sizes import is_full

EACH: Final = 20 if is_full() else 4
LOOKING: Final = (
    COLLEAGUE.id,  # of the same organisation; the cases are restricted to their team
    STRANGER.id,
    OTHER_PROVIDER.id,
    OTHER_PROFESSIONAL.id,
    COMMITTEE.id,
    DEPARTMENTAL.id,
    OFFICER.id,
    ADMIN.id,
)
"""One of each role who has nothing to do with what this world holds; the person of another case comes beside them."""

PUBLIC: Final = {
    "service_id": "the directory is everybody's to read",
    "mechanism_id": "mechanisms are everybody's to know",
    "secret": "a link lets anybody in, and the page behind it says whether it leads anywhere (test_by_link)",
}
THEIRS: Final = {
    (ADMIN.id, "PUT /v1/accounts/{account_id}/roles"): "administrators run all accounts",
    (ADMIN.id, "POST /v1/accounts/{account_id}/disabling"): "administrators run all accounts",
    (ADMIN.id, "POST /accounts/{account_id}/roles"): "administrators run all accounts",
    (ADMIN.id, "POST /accounts/{account_id}/disabling"): "administrators run all accounts",
    (ADMIN.id, "POST /accounts/credentials/{credential_id}/issue"): "administrators issue what another one proposed",
    (ADMIN.id, "POST /accounts/credentials/{credential_id}/revocation"): "administrators revoke any credential",
    (ADMIN.id, "POST /v1/credentials/{credential_id}/issue"): "administrators issue what another one proposed",
    (ADMIN.id, "POST /v1/credentials/{credential_id}/revocation"): "administrators revoke any credential",
    (COMMITTEE.id, "GET /committee/gaps/{gap_id}"): "the committee decides about the gaps on its list",
    (COMMITTEE.id, "POST /committee/gaps/{gap_id}"): "the committee decides about the gaps on its list",
    (COMMITTEE.id, "POST /v1/committee/gaps/{gap_id}/decisions"): "the committee decides about the gaps on its list",
    (COMMITTEE.id, "POST /v1/suspensions/{suspension_id}/lifting"): "the committee lifts what it suspended",
    **{
        (by, f"POST {face}/proposals/{{proposal_id}}/{step}"): "who keeps the directory decides on what is proposed"
        for by in (COMMITTEE.id, ADMIN.id)
        for face in ("/v1", "/entry")
        for step in ("approval", "rejection", "undoing")
    },
    **{
        (COMMITTEE.id, f"POST {face}/{{merge_id}}/undoing"): "the committee takes back what it said of two entries"
        for face in ("/v1/duplicates", "/duplicates")
    },
    **{
        (COMMITTEE.id, f"{way}"): "the committee reads and decides on all rules on their way"
        for way in (
            "GET /v1/amendments/{amendment_id}",
            "PUT /v1/amendments/{amendment_id}",
            "POST /v1/amendments/{amendment_id}/submission",
            "POST /v1/amendments/{amendment_id}/withdrawal",
            "POST /v1/amendments/{amendment_id}/difference",
            "POST /v1/amendments/{amendment_id}/publication",
            "GET /committee/publishing/{amendment_id}",
            "GET /committee/publishing/{amendment_id}/edit",
            "POST /committee/publishing/{amendment_id}/edit",
            "POST /committee/publishing/{amendment_id}/submission",
            "POST /committee/publishing/{amendment_id}/withdrawal",
            "POST /committee/publishing/{amendment_id}/difference",
            "POST /committee/publishing/{amendment_id}/publication",
        )
    },
    (COMMITTEE.id, "POST /committee/suspensions/{suspension_id}/lifting"): "the committee lifts what it suspended",
    (OFFICER.id, "GET /v1/log/{stream}"): "the officer reads every stream of the log",
    (OFFICER.id, "GET /officer/log/{stream}"): "the officer reads every stream of the log",
    (OFFICER.id, "GET /officer/alerts/{alert_id}"): "an alert is for officers",
    (OFFICER.id, "POST /officer/alerts/{alert_id}"): "an alert is for officers",
    (OFFICER.id, "POST /v1/alerts/{alert_id}/acknowledgement"): "an alert is for officers",
}
"""Nothing of this kind is foreign to them: the table of rights says so."""


@pytest.fixture(scope="module")
async def house(server: Server, network: Network, secrets: Secrets) -> AsyncIterator[Callers]:
    await set_the_house(network, secrets)
    async with callers(server, secrets) as asked:
        yield asked


@pytest.fixture(scope="module")
async def ids(house: Callers, network: Network, secrets: Secrets) -> Ids:
    """Some things of every kind, all of them of cases that are restricted to the owner, or of the owner's account."""
    return await everything(house, network, secrets, EACH)


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
    back = next(
        (parse_qs(urlsplit(value).query).get("to", [""])[0] for name, value in headers if name == "location"), ""
    )
    path = re.sub(r"{[^}]*}", "[^/]+", route.path)
    leads_there = status == 303 and re.fullmatch(path, back) is not None
    return status == 401 or (leads_there and route.method == "GET" and not route.is_api)


NATURE: Final = ("date", "x-request-id", "content-length")


def the_body(route: Route) -> Any:
    """A body that fits, so that the answer is about the thing and not about the request; a form, where a page takes one."""
    found = list(bodies(route, KNOWN))
    return found[0] if route.is_api else found[-1]


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
    other: list[tuple[str, str, int]] = []
    for route in routes(house.app):
        if not route.params or kind_of(route) in PUBLIC:
            continue
        for by in (*LOOKING, someone, NOBODY):
            body = the_body(route)
            nowhere = said(await house.ask(by, route.method, asked(route, ids, MISSING), body, HEADERS), MISSING)
            if nowhere[0] not in (403, 404) and not (by == NOBODY and asks_who_it_is(route, nowhere)):
                other.append((by, str(route), nowhere[0]))
            for id in ids[kind_of(route)][1]:
                there = said(await house.ask(by, route.method, asked(route, ids, id), body, HEADERS), id)
                if there != nowhere and (by, str(route)) in THEIRS:
                    needless.discard((by, str(route)))
                    break
                differ[by, str(route)] += there != nowhere
    assert other == [], "what is not there is said to be not there before anything else is looked at"
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
    ("POST /v1/log/checks", "stream"): "checked against what the officer holds in hand, who may read every entry",
    (
        "POST /v1/log/checks",
        "request_id",
    ): "a part of the entry that the officer holds in hand: nothing is looked up by it",
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
