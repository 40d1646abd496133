"""Whatever is sent to the served API is answered as its description says, and never with a failure of ours.

Twelve hundred requests in CI, generated from `/v1/openapi.json`: over real HTTP, by everybody's real tokens and by
nobody, some as the description allows and some not. Of what is allowed, every second one comes from somebody who may,
about things that are there: else hardly anything would be granted, and nothing granted would be looked at.

What the description does not allow seldom reaches an engine, so it is tried on the embedded one alone, as are blanks.
"""

from __future__ import annotations

import asyncio
import math
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
import schemathesis
import uvicorn
from httpx2 import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.actions import passwords
from api.app import create_app
from consent.access import Deed
from graph.model.account import ApiToken
from graph.secrets import Secrets, open_secrets
from graph.server import Server
from graph.store import tokens
from graph.store.network import Network, Tx
from tests.cast import CLINIC, OWNER, PROFESSIONAL, TOWN
from tests.conftest import EMBEDDED
from tests.everybody import EVERYBODY, set_the_house
from tests.routes import bodies, routes
from tests.sending import CANARY, CLINIC_SERVICE, PURPOSE, TYPE, Patient
from tests.served import filled
from tests.sizes import is_full

CHECKS: Final = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
IN_ALL: Final = 50_000 if is_full() else 2_000
ON: Final = {"embedded": IN_ALL * 3 // 4, "neo4j": IN_ALL // 4}
MODES: Final = tuple(GenerationMode)
WRONG: Final = GenerationMode.NEGATIVE
KEY: Final = "token-of-{}"

MAY: Final = (
    ("/v1/received", "a-provider"),
    ("/v1/stop-notices", "a-provider"),
    ("/v1/exceptions/asked", "a-professional"),
    ("/v1/exceptions", "a-officer"),
    ("/v1/log", "a-officer"),
    ("/v1/accounts", "a-admin"),
    ("/v1/credentials", "a-admin"),
    ("/v1/suspensions", "a-committee"),
    ("/v1/committee", "a-committee"),
    ("/v1/indicators", "a-committee"),
    ("/", "a-owner"),
)
"""Who may do most of what lies below a path; the first that fits."""

SAYING: Final[Mapping[str, Any]] = {
    "service_type": TYPE,
    "organization_id": CLINIC,
    "purpose": PURPOSE,
    "fields": ["given_name", "health_condition"],
    "categories": [],
    "countries": ["GT"],
    "country": "GT",
    "goal_id": None,
    "goal_ids": [],
    "guardian_id": None,
    "given_by": "self",
    "notice_version": None,
    "language": "es",
    "channel": "sms",
    "data": {"municipality": TOWN, "age_band": "26-59"},
    "factors": {},
    "area": "GT09",
    "department": "GT09",
    "owner_id": CLINIC,
    "re_check_on": "2027-03-01",
    "actor_id": "a-colleague",
    "assessor_id": PROFESSIONAL.id,
    "assessed_by": PROFESSIONAL.id,
    "review_on": "2027-03-01",
    "on": "2026-11-20",
    "valid_to": "2027-03-01T12:00:00Z",
    "field": "document_number",
}
"""Codes and ids that are there, in place of those drawn."""


@contextmanager
def served(server: Server, secrets: Secrets) -> Iterator[str]:
    """The application behind a port of this machine, as `up` serves it; its address."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        config = uvicorn.Config(create_app(server, secrets=secrets), log_level="warning", access_log=False)
        house = uvicorn.Server(config)
        thread = threading.Thread(target=house.run, kwargs={"sockets": [door]}, daemon=True)
        thread.start()
        end = time.monotonic() + 60
        while not house.started and thread.is_alive() and time.monotonic() < end:
            time.sleep(0.02)
        assert house.started
        try:
            yield f"http://127.0.0.1:{door.getsockname()[1]}"
        finally:
            house.should_exit = True
            thread.join(timeout=30)


@dataclass
class Api:
    """The served API: a client, who may sign its requests, and what is there."""

    client: Client
    bearers: list[dict[str, str]]
    there: dict[str, list[str]]
    engine: str
    answered: Counter[int] = field(default_factory=Counter)


@pytest.fixture(scope="module")
def api(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    secrets = open_secrets(tmp_path_factory.mktemp("secrets") / "keys")
    filled(server, tmp_path_factory.mktemp("small network"))

    async def people() -> None:
        async with Network.open(server) as network:
            await set_the_house(network, secrets)
            await Patient.of(network).write(issue)

    asyncio.run(people())
    with served(server, secrets) as address, Client(base_url=address, timeout=60, trust_env=False) as client:
        yield Api(client, [*map(bearer, EVERYBODY), {}], world(client), server.kind)


def bearer(of: str) -> dict[str, str]:
    """How somebody signs a request."""
    return {"Authorization": f"Bearer {KEY.format(of)}"}


async def issue(tx: Tx) -> None:
    """A token for everybody, for all that their roles allow."""
    at = datetime.now(UTC)
    for id in EVERYBODY:
        scopes = frozenset(deed.value for deed in Deed)
        token = ApiToken(id=f"id-of-{id}", scopes=scopes, created_at=at, valid_to=at + timedelta(days=1))
        await tokens.create(tx, token, actor_id=id, token_hash=passwords.hash_of(KEY.format(id)))


def world(client: Client) -> dict[str, list[str]]:
    """One thing of each kind, by the names that paths give them."""

    def done(path: str, body: Any = None, by: str = OWNER.id) -> Any:
        answer = client.post(f"/v1{path}", json=body, headers=bearer(by))
        assert answer.is_success, answer.text
        return answer.json()

    data = {"municipality": TOWN, "age_band": "26-59", "given_name": CANARY, "health_condition": CANARY}
    case = done("/cases", {"data": data})["case_id"]
    need = done(f"/cases/{case}/needs", {"service_type": TYPE})["id"]
    done(f"/cases/{case}/needs/{need}/agreement")
    allowed = {"organization_id": CLINIC, "purpose": PURPOSE, "modality": "written"}
    consent = done(f"/cases/{case}/consents", allowed | {"fields": ["given_name", "health_condition"]})
    wish = {"need_id": need, "service_id": CLINIC_SERVICE, "chosen_because": "person-prefers"}
    sent, draft = (done(f"/cases/{case}/referrals", wish)["referral_id"] for _ in range(2))
    done(f"/referrals/{sent}/send")
    plea = {"assessor_id": PROFESSIONAL.id, "requested_by": "organisation"}
    return {
        "case_id": [case],
        "need_id": [need],
        "goal_id": [done(f"/cases/{case}/goals", {"dimension": "social", "review_on": "2027-03-01"})["id"]],
        "meeting_id": [done(f"/cases/{case}/meetings", {"on": "2027-03-01"})["id"]],
        "referral_id": [sent, draft],
        "consent_id": [consent["consent_id"]],
        "request_id": [done(f"/referrals/{draft}/exception", plea)["id"]],
        "service_id": [CLINIC_SERVICE, "s-rent"],
        "actor_id": [OWNER.id, "a-colleague"],
    }


def operations(api: Api) -> list[tuple[str, str]]:
    """Every operation of the description."""
    paths = api.client.get("/v1/openapi.json").json()["paths"]
    return [(path, method.upper()) for path in paths for method in paths[path]]


def test_whatever_is_sent_is_answered_as_the_description_says(api: Api) -> None:
    schema = schemathesis.openapi.from_dict(api.client.get("/v1/openapi.json").json())
    modes = MODES if api.engine == "embedded" else [mode for mode in MODES if mode is not WRONG]
    every = [(path, method, mode) for path, method in operations(api) for mode in modes]
    assert len(every) > 70 * len(modes)
    bare = [
        (path, method, mode) for path, method, mode in every if mode is WRONG and takes_nothing(schema[path][method])
    ]
    each = math.ceil(ON[api.engine] / (len(every) - len(bare)))
    for path, method, mode in every:
        if (path, method, mode) not in bare:  # where nothing is asked, nothing wrong can be said
            try_out(api, schema[path][method].as_strategy(generation_mode=mode), each, is_wrong=mode is WRONG)
    assert api.answered.total() >= 0.9 * ON[api.engine], api.answered
    kinds = {200, 201, 401, 403, 404, 409} | ({422} if WRONG in modes else set())
    assert kinds <= api.answered.keys(), "every kind of answer was seen"


def takes_nothing(operation: APIOperation[Any, Any, Any, Any]) -> bool:
    """Whether an operation has neither parameters nor a body."""
    given = (operation.path_parameters, operation.query, operation.headers, operation.body)
    return not any(len(parameters) for parameters in given)


def try_out(api: Api, cases: st.SearchStrategy[Case[Any]], each: int, *, is_wrong: bool = False) -> None:
    """So many requests to one operation, by whoever is drawn."""

    @settings(
        max_examples=each,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases, by=st.sampled_from(api.bearers), is_meant=st.booleans(), draw=st.integers(0, 1))
    def one(case: Case[Any], by: dict[str, str], is_meant: bool, draw: int) -> None:
        if is_meant:
            for name in case.path_parameters or ():
                if name in api.there:
                    case.path_parameters[name] = api.there[name][draw % len(api.there[name])]
            if not is_wrong:
                by = bearer(next(id for path, id in MAY if case.path.startswith(path)))
                if isinstance(case.body, dict):
                    case.body |= {name: SAYING[name] for name in case.body.keys() & SAYING.keys()}
        sent = case.as_transport_kwargs(base_url=str(api.client.base_url))
        sent.pop("cookies", None)
        if isinstance(sent.get("data"), bytes):
            sent["content"] = sent.pop("data")
        sent["headers"] = {**dict(sent.get("headers") or {}), **by}
        answer = api.client.request(**sent)
        api.answered[answer.status_code] += 1
        case.validate_response(answer, checks=CHECKS)

    one()


@EMBEDDED
def test_a_blank_is_refused_and_no_failure(api: Api) -> None:
    """What is trimmed away is no value: in every key of every body, and in every name of a path."""
    tried = 0
    known = {**SAYING, **{name: ids[0] for name, ids in api.there.items()}}
    for route in routes(create_app(NOWHERE)):
        if not route.is_api:
            continue
        by = bearer(next(id for path, id in MAY if route.path.startswith(path)))
        body = next(bodies(route, known))
        names: dict[str, str] = {name: str(known.get(name, "0")) for name in route.params}
        told = [key for key, value in body.items() if isinstance(value, str)] if isinstance(body, dict) else []
        requests = [(names, {**body, key: " "}) for key in told] + [({**names, n: "%20"}, body) for n in names]
        for path, said in requests:
            answer = api.client.request(route.method, route.to(path), json=said, headers=by)
            assert answer.status_code < 500, (str(route), answer.text)
            tried += 1
    assert tried > 80


NOWHERE: Final = Server("bolt://127.0.0.1:1", "", "", "neo4j", "neo4j")
"""For reading routes alone: nobody speaks to it."""


def test_a_wrong_description_would_be_found(api: Api) -> None:
    """The checks bite: an answer whose shape the description does not allow is refused by them."""
    document = api.client.get("/v1/openapi.json").json()
    document["components"]["schemas"]["MeOut"]["properties"]["actor_id"] = {"type": "integer"}
    operation = schemathesis.openapi.from_dict(document)["/v1/me"]["GET"]
    with pytest.raises(BaseException, match="Response violates schema"):
        try_out(Api(api.client, api.bearers[:1], {}, api.engine), operation.as_strategy(), 1)
