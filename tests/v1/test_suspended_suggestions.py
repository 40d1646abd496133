"""What the committee suspends is suggested to nobody from the next question on, until it ends or is lifted. (R-26)"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi import Request
from fastapi.testclient import TestClient

from api.app import create_app
from graph.model.actor import Actor, Role
from graph.secrets import open_secrets
from graph.server import Server
from tests.served import HERE, OURS, filled

COMMITTEE = Actor(id="a-committee", organization_id="o-house", roles=frozenset({Role.COMMITTEE}))
NEED = {"service_type": "social.housing.rent", "area": "GT0901"}
SUBJECTS = {"service": "s-rent", "organization": "o-desk", "area": "GT09"}


@pytest.fixture(scope="module")
def client(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    filled(server, tmp_path_factory.mktemp("small network"))

    async def identify(request: Request) -> Actor | None:
        return COMMITTEE if "x-committee" in request.headers else None

    app = create_app(server, secrets=open_secrets(tmp_path_factory.mktemp("keys of suspensions") / "keys"))
    app.state.identify = identify
    with TestClient(app, base_url=OURS, client=HERE, headers={"Sec-Fetch-Site": "same-origin"}) as client:
        yield client


def answer(client: TestClient, **more: Any) -> Any:
    return client.post("/v1/suggestions", json=NEED | more).json()


def suggested(client: TestClient, **more: Any) -> list[str]:
    return [one["service"]["id"] for one in answer(client, **more)["suggested"]]


@pytest.mark.parametrize("subject", SUBJECTS)
def test_it_is_suggested_no_more_and_again_when_lifted(client: TestClient, subject: str) -> None:
    by = {"x-committee": "yes"}
    until = datetime.now(UTC).date() + timedelta(days=3)
    said = {"subject": subject, "subject_id": SUBJECTS[subject], "reason": "disaster", "until": until.isoformat()}
    assert suggested(client) == ["s-rent"]
    stopped = client.post("/v1/suspensions", json=said, headers=by)
    assert stopped.status_code == 201
    found = answer(client)
    assert found["suggested"] == []
    why = found["near_misses"][0]["unmet"][0]
    assert (why["reason"], why["mended_by"]) == (f"{subject}-suspended", "committee")
    assert suggested(client, on=until.isoformat()) == []
    assert suggested(client, on=(until + timedelta(days=1)).isoformat()) == ["s-rent"], "it ends by itself"
    assert client.post(f"/v1/suspensions/{stopped.json()['id']}/lifting", headers=by).status_code == 200
    assert suggested(client) == ["s-rent"]
