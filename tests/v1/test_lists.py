"""A list gives exactly what its single look-up permits: no more, and no less, for anybody. (R-21, R-25)

Worlds are generated on the real graph; each list of the application is read page by page, and everything that exists is
asked for one by one. A list that this test does not know fails.
"""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from api.actions import passwords
from graph.model.account import ApiToken
from graph.model.actor import Actor, Role
from graph.model.case import Case
from graph.model.complaint import ComplaintKind
from graph.model.enquiry import Asked, Enquiry
from graph.model.entry_note import EntryNote
from graph.model.status_reason import Consequence
from graph.secrets import Secrets
from graph.server import Server
from graph.store import cases, enquiries, entry_notes, records, sessions, tokens
from graph.store.network import Network, Tx
from tests.cast import ADMIN, CLINIC, HOME, NEXT_TOWN, OFFICER, OTHER, OWNER, PROFESSIONAL, PROVIDER, STRANGER, TOWN
from tests.consent.test_who_sees import reads
from tests.everybody import (
    COMMITTEE,
    EVERYBODY,
    OTHER_PROFESSIONAL,
    OTHER_PROVIDER,
    Callers,
    callers,
    set_the_house,
)
from tests.routes import routes
from tests.sending import CLINIC_SERVICE, OTHER_SERVICE, PURPOSE, TYPE, Patient
from tests.sizes import is_full

OTHERS_COMMITTEE: Final = Actor(id="a-committee-other", organization_id=OTHER, roles=frozenset({Role.COMMITTEE}))

WORLDS: Final = 400 if is_full() else 40
NUMBER: Final = "9988 77665 0901"
"""The document number of everybody, so that looking for it finds all cases that may be found."""

NO_THINGS: Final = {
    "/v1/access": "the table itself, for everybody",
    "/v1/alerts": "for one role: tests/store/test_unusual_reading.py acknowledges each as everybody",
    "/v1/amendments": "drafts of rules: tests/v1/test_amendments.py reads list and each one as everybody",
    "/v1/areas": "geography, for everybody",
    "/v1/committee/gaps": "for one role, which decides about each: tests/v1/test_committee.py",
    "/v1/costs": "sums of money by organisation: none of its lines is a thing that could be looked up",
    "/v1/credentials": "for one role, whole: tests/ui/test_account_pages.py",
    "/v1/due": "what is late of things that have lists of their own: each line is looked up in tests/v1/test_due.py",
    "/v1/duplicates": "pairs of the public directory, for one role: tests/v1/test_proposals.py",
    "/v1/exceptions/register": "numbers and months: none of its lines is a thing that could be looked up",
    "/v1/gaps": "numbers that name nobody",
    "/v1/indicators": "numbers that name nobody",
    "/v1/log": "for one role: tests/store/test_log_search.py asks every question, and as everybody",
    "/v1/me": "who asks",
    "/v1/messages": "mails without what they are about; where their links lead, tests/v1/test_due.py tries as everybody",
    "/v1/openapi.json": "the description",
    "/v1/proposals": "changes of the public directory that wait: who decides on which, tests/v1/test_proposals.py",
    "/v1/proposals/mine": "one's own: tests/v1/test_proposals.py",
    "/v1/vocabularies": "codes and their words, for everybody",
}
"""What is read without an id and is no list of things."""

Lists = dict[str, Callable[..., Awaitable[None]]]
KNOWN: Final[Lists] = {}


def of(path: str) -> Callable[[Callable[..., Awaitable[None]]], Callable[..., Awaitable[None]]]:
    """That a test is about this list."""

    def known(test: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
        KNOWN[path] = test
        return test

    return known


@dataclass
class World:
    """Some organisations with people, and cases of theirs. Another world's are not in it."""

    people: list[Actor] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)
    joined: list[tuple[str, str]] = field(default_factory=list)
    """Who works on which case by an edge in the graph: those who left the organisation since, too."""


def world(n: int) -> World:
    """The n-th world; always the same."""
    dice = random.Random(n)
    made = World()
    holders = [f"o-{n}-{k}" for k in range(2)]
    ids = [f"C{n:03}-{k}" for k in range(dice.randint(2, 5))]
    for k, organization in enumerate(holders):
        for j in range(2):
            roles = frozenset({Role.CASE_MANAGER, *([Role.PROVIDER] if dice.random() < 0.2 else [])})
            made.people.append(Actor(id=f"a-{n}-{k}-{j}", organization_id=organization, roles=roles))
    first = made.people[0]
    narrow = {"case-read"} if dice.random() < 0.5 else {"referral-read"}
    made.people.append(first.model_copy(update={"id": f"{first.id}-token", "scopes": frozenset(narrow)}))
    other = frozenset({dice.choice([r for r in Role if r not in (Role.CASE_MANAGER, Role.PERSON)])})
    made.people.append(Actor(id=f"a-{n}-other", organization_id=holders[0], roles=other))
    own = dice.choice(ids)
    made.people.append(Actor(id=f"a-{n}-person", roles=frozenset({Role.PERSON}), case_id=own))
    both = frozenset({Role.PERSON, Role.CASE_MANAGER})
    made.people.append(Actor(id=f"a-{n}-both", organization_id=holders[1], roles=both, case_id=dice.choice(ids)))
    for id in ids:
        holder = dice.choice(holders)
        ours = [p.id for p in made.people if p.organization_id == holder and Role.CASE_MANAGER in p.roles]
        team = frozenset(dice.sample(ours, dice.randint(1, 2)))
        made.joined += [(member, id) for member in sorted(team)]
        if dice.random() < 0.3:  # somebody who worked on it before they changed to the other organisation
            made.joined.append((dice.choice([p.id for p in made.people if p.id not in ours and p.organization_id]), id))
        made.cases.append(
            Case(
                id=id,
                person_id=f"p-{id}",
                stream=f"s-{id}",
                version=1,
                revised=1,
                organization_id=holder,
                team=team,
                country="GT",
                area=TOWN,
                opened_at=datetime(2026, 11, 20, 12, tzinfo=UTC),
                closed_at=datetime(2026, 11, 20, 13, tzinfo=UTC) if dice.random() < 0.3 else None,
                restricted=dice.random() < 0.4,
            )
        )
    return made


PEOPLE: Final = """
    UNWIND $rows AS row
    MERGE (x:Actor {id: row.id})
    SET x.roles = row.roles
    WITH x, row WHERE row.organization IS NOT NULL
    MERGE (o:Organization {id: row.organization})
    MERGE (x)-[:WORKS_FOR]->(o)
"""
JOINED: Final = """
    UNWIND $rows AS row
    MATCH (x:Actor {id: row.member})
    MATCH (c:Case {id: row.case})
    MERGE (x)-[:WORKS_ON]->(c)
"""


async def put(tx: Tx, made: World, *, secrets: Secrets) -> None:
    """Write a world as the application would."""
    rows = [{"id": p.id, "organization": p.organization_id, "roles": sorted(p.roles)} for p in made.people]
    await (await tx.run(PEOPLE, rows=rows)).consume()
    by_id = {p.id: p for p in made.people}
    for case in made.cases:
        secrets.keystore.create(case.person_id)
        await cases.create(tx, case, actor=by_id[min(case.team)])
        number = {"document_number": NUMBER}
        await records.write(tx, case, secrets.keystore, number, index_key=secrets.index_key)
    await (await tx.run(JOINED, rows=[{"member": m, "case": c} for m, c in made.joined])).consume()


@pytest.fixture(scope="module")
def worlds() -> list[World]:
    return [world(n) for n in range(WORLDS)]


@pytest.fixture(scope="module")
async def house(server: Server, network: Network, secrets: Secrets, worlds: list[World]) -> AsyncIterator[Callers]:
    await set_the_house(network, secrets)
    for made in worlds:
        await Patient.of(network).write(put, made, secrets=secrets)
    people = EVERYBODY | {actor.id: actor for actor in (OTHERS_COMMITTEE, *(a for made in worlds for a in made.people))}
    async with callers(server, secrets, people) as asked:
        yield asked


async def pages(house: Callers, by: str, path: str, key: str, size: int, *, by_id: bool = True) -> list[str]:
    """The ids of a list, read page by page."""
    found: list[str] = []
    after: str | None = ""
    while after is not None:
        answer = await house.done(by, "GET", f"{path}{'&' if '?' in path else '?'}limit={size}&after={after}")
        assert len(answer[key]) <= size
        found += [row["id"] for row in answer[key]]
        after = answer["next"]
    assert not by_id or found == sorted(found), "in order"
    assert len(found) == len(set(found)), "nothing twice"
    return sorted(found)


async def test_every_list_is_known_to_this_test(house: Callers) -> None:
    lists = {r.path for r in routes(house.app) if r.method == "GET" and r.is_api and not r.params}
    assert lists == KNOWN.keys() | NO_THINGS.keys(), "compare a new list with its single look-up, or say why not"


@of("/v1/cases")
async def test_cases_are_listed_and_found_exactly_as_they_can_be_read(house: Callers, worlds: list[World]) -> None:
    seen = 0
    for n, made in enumerate(worlds):
        for actor in made.people:
            readable = [
                case.id for case in made.cases if (await house.ask(actor.id, "GET", f"/v1/cases/{case.id}")).is_success
            ]
            assert readable == [case.id for case in made.cases if reads(actor, case)], (n, actor)
            assert await pages(house, actor.id, "/v1/cases", "cases", (1, 2, 50)[n % 3]) == readable, (n, actor)
            mine = {id for id in readable if (actor.id, id) in made.joined}
            if Role.PERSON not in actor.roles:
                assert set(await pages(house, actor.id, "/v1/cases?mine=true", "cases", 50)) == mine, (n, actor)
            sought = {"field": "document_number", "value": NUMBER}
            found = await house.done(actor.id, "POST", "/v1/cases/find", sought)
            managed = [id for id in readable if Role.CASE_MANAGER in actor.roles and is_of(made, id, actor)]
            assert found == managed, (n, actor)
            seen += len(readable)
    assert seen > 2 * len(worlds)


def is_of(made: World, id: str, actor: Actor) -> bool:
    """Whether a case is visible to somebody as a case manager, not only as its person."""
    (case,) = (case for case in made.cases if case.id == id)
    return reads(actor.model_copy(update={"case_id": None}), case)


ALLOWED: Final = {"modality": "written", "fields": ["given_name", "health_condition"], "purpose": PURPOSE}


@dataclass
class Sent:
    """Referrals of one case to two organisations: drafts, sent ones, and such as were stopped."""

    referrals: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    attestations: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
async def sent(house: Callers) -> Sent:
    made = Sent()
    case = await house.opened()
    need = await house.needed(case)
    for organization, service in ((CLINIC, CLINIC_SERVICE), (OTHER, OTHER_SERVICE)):
        for is_withdrawn in (True, False):
            given = await house.done(
                OWNER.id, "POST", f"/v1/cases/{case}/consents", ALLOWED | {"organization_id": organization}
            )
            for is_sent in (True, True, False):
                referral = await house.drafted(case, need, service=service)
                made.referrals.append(referral)
                if is_sent:
                    await house.done(OWNER.id, "POST", f"/v1/referrals/{referral}/send")
            if is_withdrawn:
                stop = await house.done(OWNER.id, "POST", f"/v1/consents/{given['consent_id']}/withdrawal")
                made.notices.append(stop["stop_notice_id"])
    word = {"ground": "suicide-risk", "representative_reachable": False, "narrative": "relato"}
    for n in range(8):
        professional = (PROFESSIONAL, OTHER_PROFESSIONAL)[n % 2].id
        referral = await house.drafted(case, need)
        plea = {"assessor_id": professional, "requested_by": "organisation"}
        made.requests.append((await house.done(OWNER.id, "POST", f"/v1/referrals/{referral}/exception", plea))["id"])
        if n < 4:
            at = f"/v1/exceptions/asked/{made.requests[-1]}/word"
            made.attestations.append((await house.done(professional, "POST", at, word))["id"])
            if n < 3:
                await house.done(OWNER.id, "POST", f"/v1/referrals/{referral}/send")
                made.referrals.append(referral)
    return made


@of("/v1/received")
async def test_what_was_received_is_listed_exactly_as_it_can_be_opened(house: Callers, sent: Sent) -> None:
    """One whose copy is closed is opened with a reason; one that was never received is not there."""
    for by in EVERYBODY:
        there = [
            id
            for id in sent.referrals
            if (await house.ask(by, "POST", f"/v1/received/{id}/opening")).status_code in (200, 409)
        ]
        for size in (1, 2, 50):
            assert await pages(house, by, "/v1/received", "referrals", size) == sorted(there), by
        assert bool(there) == (by in (PROVIDER.id, OTHER_PROVIDER.id))


@of("/v1/stop-notices")
async def test_stop_notices_are_listed_exactly_as_they_can_be_acknowledged(house: Callers, sent: Sent) -> None:
    for by in EVERYBODY:
        listed = [await pages(house, by, "/v1/stop-notices", "stop_notices", size, by_id=False) for size in (1, 50)]
        there = {
            id
            for id in sent.notices
            if (await house.ask(by, "POST", f"/v1/stop-notices/{id}/acknowledgement")).is_success
        }
        assert listed == [sorted(there)] * 2, by
        assert len(there) == (by in (PROVIDER.id, OTHER_PROVIDER.id))
        assert await pages(house, by, "/v1/stop-notices", "stop_notices", 50) == [], (
            "what was acknowledged is listed no more"
        )


@of("/v1/exceptions/asked")
async def test_requests_are_listed_exactly_as_they_can_be_answered(house: Callers, sent: Sent) -> None:
    """`representative_reachable` is refused, so that nothing is attested by asking; what was answered is not there."""
    word = {"ground": "suicide-risk", "representative_reachable": True, "narrative": "relato"}
    for by in EVERYBODY:
        listed = [await pages(house, by, "/v1/exceptions/asked", "requests", size, by_id=False) for size in (1, 50)]
        there = {
            id
            for id in sent.requests
            if (await house.ask(by, "POST", f"/v1/exceptions/asked/{id}/word", word)).status_code == 409
        }
        assert listed == [sorted(there)] * 2, by
        assert len(there) == 2 * (by in (PROFESSIONAL.id, OTHER_PROFESSIONAL.id))


@of("/v1/exceptions/to-review")
async def test_uses_are_listed_exactly_as_they_can_be_reviewed(house: Callers, sent: Sent) -> None:
    """What was attested and never used is no use: it is neither listed nor reviewed, or its use would go unseen later."""
    for by in EVERYBODY:
        listed = {row["id"] for row in await house.done(by, "GET", "/v1/exceptions/to-review")}
        there = {
            id
            for id in sent.attestations
            if (await house.ask(by, "POST", f"/v1/exceptions/{id}/review")).status_code == 200
        }
        assert listed == there, by
        assert len(there) == (3 if by == OFFICER.id else 0)
        assert await house.done(by, "GET", "/v1/exceptions/to-review") == [], "what was reviewed is listed no more"


@of("/v1/accounts")
async def test_accounts_are_listed_exactly_as_they_can_be_changed(house: Callers) -> None:
    accounts_there = [f"account-{id}" for id in EVERYBODY]
    for by in EVERYBODY:
        answer = await house.ask(by, "GET", "/v1/accounts")
        listed = {row["id"] for row in answer.json()} if answer.is_success else set()
        there = set()
        for id in accounts_there:
            roles = {"roles": sorted(EVERYBODY[id.removeprefix("account-")].roles)}
            if (await house.ask(by, "PUT", f"/v1/accounts/{id}/roles", roles)).status_code in (200, 409):
                there.add(id)
        assert listed == there, by
        assert bool(there) == (Role.ADMIN in EVERYBODY[by].roles)


@of("/v1/suspensions")
async def test_suspensions_are_listed_exactly_as_they_can_be_lifted(house: Callers) -> None:
    about = {"subject": "area", "subject_id": NEXT_TOWN, "reason": "violence"}
    vocabulary = (await house.done(COMMITTEE.id, "GET", "/v1/vocabularies"))["vocabularies"]["suspension-reasons"]
    about["reason"] = vocabulary[0]["code"]
    made = [(await house.done(COMMITTEE.id, "POST", "/v1/suspensions", about))["id"] for _ in range(3)]
    await house.done(COMMITTEE.id, "POST", f"/v1/suspensions/{made[0]}/lifting")
    for by in sorted(EVERYBODY, key=COMMITTEE.id.__eq__):
        answer = await house.ask(by, "GET", "/v1/suspensions")
        listed = {row["id"] for row in answer.json()} if answer.is_success else set()
        there = {id for id in made if (await house.ask(by, "POST", f"/v1/suspensions/{id}/lifting")).is_success}
        assert listed == there, by
        assert len(there) == (2 if by == COMMITTEE.id else 0)


@of("/v1/sessions")
async def test_sessions_are_listed_exactly_as_they_can_be_ended(house: Callers, network: Network) -> None:
    at = datetime.now(UTC)
    made = [f"session-{n}" for n in range(4)]

    async def begin(tx: Tx) -> None:
        for n, id in enumerate(made):
            of_whom = (OWNER, STRANGER)[n % 2]
            began = at - timedelta(hours=13) if n >= 2 else at
            account = f"account-{of_whom.id}"
            await sessions.create(tx, id=id, account_id=account, token_hash=passwords.hash_of(id), at=began)

    await Patient.of(network).write(begin)
    await as_owned(house, "/v1/sessions", made, alive=made[:2])


@of("/v1/tokens")
async def test_tokens_are_listed_exactly_as_they_can_be_revoked(house: Callers, network: Network) -> None:
    at = datetime.now(UTC)
    made = [f"token-{n}" for n in range(4)]

    async def issue(tx: Tx) -> None:
        for n, id in enumerate(made):
            of_whom = (OWNER, STRANGER)[n % 2].id
            valid_to = at - timedelta(hours=1) if n >= 2 else at + timedelta(hours=1)
            scopes = frozenset({"case-read"})
            token = ApiToken(id=id, scopes=scopes, created_at=at - timedelta(days=1), valid_to=valid_to)
            await tokens.create(tx, token, actor_id=of_whom, token_hash=passwords.hash_of(id))

    await Patient.of(network).write(issue)
    await as_owned(house, "/v1/tokens", made, alive=made[:2])


async def as_owned(house: Callers, path: str, made: list[str], *, alive: list[str]) -> None:
    """One's own are listed while they are alive, and ended one by one; nobody else's."""
    for by in EVERYBODY:
        listed = {row["id"] for row in await house.done(by, "GET", path)} & set(made)
        there = {id for id in made if (await house.ask(by, "DELETE", f"{path}/{id}")).is_success}
        assert listed == there & set(alive), by
        assert len(listed) == (by in (OWNER.id, STRANGER.id))
        assert {row["id"] for row in await house.done(by, "GET", path)} & set(made) == set()


@of("/v1/complaints")
async def test_complaints_are_listed_exactly_as_they_can_be_followed(house: Callers) -> None:
    """Made by the person, written down for them or left without a name; about each organisation, of each kind."""
    first, second = [await house.opened() for _ in range(2)]
    made = []
    for about in (HOME, CLINIC, OTHER):
        for kind in ComplaintKind:
            said = {"about_id": about, "kind": kind.value, "words": "nadie contesta"}
            ways: list[tuple[str, dict[str, Any]]] = [(f"person:{first}", {}), (STRANGER.id, {"unnamed": True})]
            if about != HOME:
                ways.append((OWNER.id, {"case_id": second}))
            for by, more in ways:
                told = await house.done(by, "POST", "/v1/complaints", said | more)
                made.append(told["complaint"]["id"])
    seen: dict[str, int] = {}
    for by in (*EVERYBODY, OTHERS_COMMITTEE.id, f"person:{first}", f"person:{second}"):
        listed = [row["id"] for row in await house.done(by, "GET", "/v1/complaints")]
        there = {id for id in made if (await house.ask(by, "GET", f"/v1/complaints/{id}")).is_success}
        assert len(set(listed)) == len(listed) and set(listed) & set(made) == there, by
        seen[by] = len(there)
    kinds = len(ComplaintKind)
    assert (seen[f"person:{first}"], seen[f"person:{second}"]) == (3 * kinds, 2 * kinds)
    assert seen[OWNER.id] == 2 * kinds, "what they wrote down"
    assert min(seen[COMMITTEE.id], seen[OTHERS_COMMITTEE.id], seen[OFFICER.id]) > 0
    assert not any(seen[by] for by in (STRANGER.id, PROVIDER.id, OTHER_PROVIDER.id, PROFESSIONAL.id, ADMIN.id))


@of("/v1/enquiries")
async def test_questions_are_listed_exactly_as_they_can_be_answered(house: Callers, network: Network) -> None:
    """A reason that nobody knows is refused, so that nothing is answered by asking; one that ended stays in the list."""
    case = await house.opened()
    need = await house.needed(case)
    at = datetime.now(UTC)
    made = [
        Enquiry(
            id=f"{n:032x}", case_id=case, need_id=need, service_id=service, organization_id=organization,
            asked=Asked(service_type=TYPE, area=TOWN), asked_at=at, asked_by=OWNER.id,
            expires_at=at + timedelta(days=1 - 2 * (n % 3 == 0)),
        )
        for n in range(1, 8)
        for service, organization in [((CLINIC_SERVICE, CLINIC), (OTHER_SERVICE, OTHER))[n % 2]]
    ]  # fmt: skip

    async def put_down(tx: Tx) -> None:
        for enquiry in made:
            await enquiries.create(tx, enquiry)

    await Patient.of(network).write(put_down)
    wrong = {"answer": "cannot", "reason": "no-such-reason"}
    for by in EVERYBODY:
        there = [
            enquiry.id
            for enquiry in made
            if (await house.ask(by, "POST", f"/v1/enquiries/{enquiry.id}/answer", wrong)).status_code == 409
        ]
        for size in (1, 2, 50):
            assert await pages(house, by, "/v1/enquiries", "enquiries", size) == there, by
        assert len(there) == {PROVIDER.id: 3, OTHER_PROVIDER.id: 4}.get(by, 0)


@of("/v1/services/to-verify")
async def test_entries_are_listed_exactly_as_they_can_be_verified(house: Callers, network: Network) -> None:
    """Whoever may verify an entry has in their list what that clears, and whoever may not finds no list."""
    notes = [
        EntryNote(service_id=service, reason=reason, consequence=consequence, since=datetime.now(UTC), count=1)
        for service in (CLINIC_SERVICE, OTHER_SERVICE)
        for reason in ("service-ended", "funds-exhausted")
        for consequence in (Consequence.RE_VERIFY, Consequence.TELL_COMMITTEE)
    ]

    async def put_down(tx: Tx) -> None:
        for note in notes:
            await entry_notes.note(tx, note)

    for by in EVERYBODY:
        await Patient.of(network).write(put_down)
        listed: set[tuple[str, str]] = set()
        if (first := await house.ask(by, "GET", "/v1/services/to-verify")).is_success:
            ids = await pages(house, by, "/v1/services/to-verify", "entries", 1)
            assert ids == [row["id"] for row in first.json()["entries"]]
            listed = {(row["service_id"], row["reason"]) for row in first.json()["entries"]}
        else:
            assert first.status_code == 403
        cleared = set()
        for service in (CLINIC_SERVICE, OTHER_SERVICE):
            said = await house.ask(by, "POST", f"/v1/services/{service}/verification")
            assert said.is_success or said.status_code == 404
            cleared |= {(service, reason) for reason in said.json()["cleared"]} if said.is_success else set()
        assert listed == cleared, by
        assert (await house.ask(by, "GET", "/v1/services/to-verify")).json().get("entries", []) == [], by


@of("/v1/arrivals")
async def test_who_is_expected_is_listed_exactly_as_their_arrival_can_be_confirmed(house: Callers) -> None:
    """Planned, departed, arrived; stopped; or with a consent that was withdrawn since: those are not expected."""
    made: list[tuple[str, str, str]] = []
    for organization in (CLINIC, OTHER):
        for became in ("planned", "departed", "did-not-depart", "withdrawn", "arrived"):
            case = await house.opened()
            at = f"/v1/cases/{case}"
            allowed = ALLOWED | {"organization_id": organization, "countries": ["MX"]}
            consent = (await house.done(OWNER.id, "POST", f"{at}/consents", allowed))["consent_id"]
            journey = {"to": "MX", "on": "2027-01-15", "receiver_id": organization}
            planned = (await house.done(OWNER.id, "POST", f"{at}/departure", journey))["departure"]["id"]
            if became == "withdrawn":
                await house.done(OWNER.id, "POST", f"/v1/consents/{consent}/withdrawal")
            elif became != "planned":
                word = "did-not-depart" if became == "did-not-depart" else "departed"
                await house.done(OWNER.id, "POST", f"{at}/departure/word", {"word": word})
            if became == "arrived":
                by = PROVIDER.id if organization == CLINIC else OTHER_PROVIDER.id
                await house.done(by, "POST", f"/v1/arrivals/{planned}/confirmation")
            made.append((planned, organization, became))
    still = {"planned", "departed", "arrived"}
    for by in EVERYBODY:
        listed = [row["id"] for row in await house.done(by, "GET", "/v1/arrivals")]
        there = {
            id
            for id, _, _ in made
            if (await house.ask(by, "POST", f"/v1/arrivals/{id}/confirmation")).status_code in (200, 409)
        }
        assert len(set(listed)) == len(listed) and set(listed) == there, by
        here = {id for id, whose, became in made if whose == EVERYBODY[by].organization_id and became in still}
        assert there == (here if EVERYBODY[by].roles & {Role.PROVIDER, Role.CASE_MANAGER} else set()), by
    assert sum(became in still for _, _, became in made) == 6
