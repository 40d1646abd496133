"""The description of the API: a stranger can build against it, and whatever it allows is answered. (issue: OpenAPI)"""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.served import OURS

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
CASES = 30
"""Of each operation: some hundreds in all."""


def test_it_is_an_openapi_document(client: TestClient) -> None:
    document = client.get("/v1/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert set(document["paths"]) >= {
        "/v1/suggestions",
        "/v1/suggestions/together",
        "/v1/services/{service_id}/capacity",
        "/v1/gaps",
        "/v1/vocabularies",
        "/v1/areas",
    }
    schemathesis.openapi.from_dict(document).validate()


def test_every_operation_says_what_it_does_and_what_can_go_wrong(client: TestClient) -> None:
    document = client.get("/v1/openapi.json").json()
    for path, operations in document["paths"].items():
        for operation in operations.values():
            assert operation["summary"], path
            assert len(operation["description"]) > 40, path
            problem = operation["responses"]["default"]["content"]["application/problem+json"]["schema"]
            assert problem == {"$ref": "#/components/schemas/ProblemOut"}


def test_the_example_of_a_query_is_answered(client: TestClient) -> None:
    document = client.get("/v1/openapi.json").json()
    (example,) = document["components"]["schemas"]["Query"]["examples"]
    assert client.post("/v1/suggestions", json=example).status_code == 200


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/suggestions"),
        ("POST", "/v1/suggestions/together"),
        ("GET", "/v1/services/{service_id}/capacity"),
        ("PUT", "/v1/services/{service_id}/capacity"),
        ("GET", "/v1/gaps"),
        ("GET", "/v1/areas"),
    ],
)
def test_whatever_it_allows_or_not_is_answered_as_it_says(
    client: TestClient, method: str, path: str, mode: GenerationMode
) -> None:
    schema = schemathesis.openapi.from_dict(client.get("/v1/openapi.json").json())

    @settings(
        max_examples=CASES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=schema[path][method].as_strategy(generation_mode=mode))
    def answered(case: Case[Any]) -> None:
        sent = case.as_transport_kwargs(base_url=OURS)
        sent.pop("cookies", None)
        if isinstance(sent.get("data"), bytes):
            sent["content"] = sent.pop("data")
        case.validate_response(client.request(**sent), checks=CHECKS)

    answered()
