"""docker-compose.yml and the Dockerfile keep what they promise; containers run only where Docker answers."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from typing import Any

import pytest
import yaml

from tests.house.tree import CHECKOUT

FILE = CHECKOUT / "docker-compose.yml"
COMPOSE: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (CHECKOUT / "Dockerfile").read_text(encoding="utf-8")
PINNED = re.compile(r"^[a-z0-9./-]+:\d+\.\d+\.\d+[\w.-]*$")


def test_neo4j_community_and_enlace_are_there() -> None:
    assert SERVICES.keys() == {"neo4j", "enlace"}
    assert re.fullmatch(r"neo4j:5\.\d+\.\d+-community", SERVICES["neo4j"]["image"])


@pytest.mark.parametrize("name", SERVICES)
def test_images_are_pinned(name: str) -> None:
    assert PINNED.match(SERVICES[name]["image"])


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_has_a_health_check_and_a_volume(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"]
    volumes = [volume.split(":")[0] for volume in SERVICES[name]["volumes"]]
    assert volumes
    assert set(volumes) <= COMPOSE["volumes"].keys(), "named volumes, which outlive a container"


def test_enlace_waits_for_a_healthy_neo4j() -> None:
    assert SERVICES["enlace"]["depends_on"]["neo4j"]["condition"] == "service_healthy"


def test_what_is_published_is_published_on_loopback_only() -> None:
    published = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert published == ["127.0.0.1:8420:8420"]
    assert not any("network_mode" in service for service in SERVICES.values())


def test_the_keys_lie_in_a_volume_of_their_own() -> None:
    """A copy of the data is no copy of the keys."""
    volumes = dict(volume.split(":")[:2] for volume in SERVICES["enlace"]["volumes"])
    keys = SERVICES["enlace"]["environment"]["ENLACE_KEYS"]
    assert keys in volumes.values() and not keys.startswith("/data")
    assert len(volumes) == len(set(volumes.values())) == 2
    assert f"--mode 0700 /data {keys}" in DOCKERFILE


def test_the_graph_is_in_a_network_without_a_way_out() -> None:
    assert SERVICES["neo4j"]["networks"] == ["graph"]
    assert COMPOSE["networks"]["graph"]["internal"] is True


def test_there_is_no_default_password() -> None:
    """Compose itself refuses to start while NEO4J_PASSWORD is not set or empty."""
    used = re.findall(r"\$\{NEO4J_PASSWORD[^}]*\}", FILE.read_text(encoding="utf-8"))
    assert len(used) == 2
    assert all(use.startswith("${NEO4J_PASSWORD:?") for use in used)
    assert "NEO4J_PASSWORD" not in DOCKERFILE


def test_no_password_stands_in_a_command_line() -> None:
    lines = [str(service.get("command", "")) for service in SERVICES.values()]
    checks = [" ".join(service["healthcheck"]["test"]) for service in SERVICES.values()]
    assert not any(re.search(r"-p\s|--password", line) for line in lines + checks)


def test_listening_everywhere_is_said_beside_the_port_that_is_published_on_loopback() -> None:
    """docs/decisions/0020"""
    environment = SERVICES["enlace"]["environment"]
    assert (environment["ENLACE_HOST"], environment["ENLACE_CONTAINER"]) == ("0.0.0.0", "1")
    assert "ENLACE_HOST" not in DOCKERFILE and "ENLACE_CONTAINER" not in DOCKERFILE, (
        "the image alone says no such thing"
    )


def test_settings_that_compose_sets_exist() -> None:
    from api.settings import Settings, variable_of

    known = {variable_of(field) for field in Settings.model_fields}
    assert SERVICES["enlace"]["environment"].keys() <= known


def test_enlace_may_do_nothing_it_need_not() -> None:
    assert SERVICES["enlace"]["read_only"] is True
    assert SERVICES["enlace"]["cap_drop"] == ["ALL"]


def test_the_image_is_pinned_hashed_without_engine_and_without_root() -> None:
    assert re.search(r"^FROM python:3\.\d+\.\d+-slim-\w+$", DOCKERFILE, re.MULTILINE)
    assert "--require-hashes" in DOCKERFILE
    installed = re.findall(r"requirements/(\w+)\.txt", DOCKERFILE)
    assert set(installed) == {"core"}
    users = re.findall(r"^USER (\S+)$", DOCKERFILE, re.MULTILINE)
    assert users and users[-1] not in {"root", "0"}
    assert DOCKERFILE.index("USER ") < DOCKERFILE.index("ENTRYPOINT")


def test_every_package_that_runs_is_in_the_image() -> None:
    ignored = (CHECKOUT / ".dockerignore").read_text(encoding="utf-8")
    for package in ("api", "graph", "matching", "consent"):
        assert f"COPY {package} {package}" in DOCKERFILE
        assert f"!{package}" in ignored.splitlines()


def compose(*arguments: str, password: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "NEO4J_PASSWORD": password}
    return subprocess.run(["docker", "compose", *arguments], cwd=CHECKOUT, env=environ, capture_output=True, text=True)


def has_compose() -> bool:
    return shutil.which("docker") is not None and compose("version", password="").returncode == 0


@pytest.mark.skipif(not has_compose(), reason="docker compose is not on this machine")
def test_compose_understands_the_file_and_asks_for_a_password() -> None:
    assert compose("config", "--quiet", password="una contraseña propia").returncode == 0
    refused = compose("config", "--quiet", password="")
    assert refused.returncode != 0
    assert "NEO4J_PASSWORD" in refused.stderr


def docker_answers() -> bool:
    return has_compose() and subprocess.run(["docker", "info"], capture_output=True).returncode == 0


@pytest.mark.skipif(not docker_answers(), reason="Docker does not answer on this machine")
def test_the_containers_come_up_healthy_and_answer_on_loopback() -> None:
    import urllib.request

    project = ["--project-name", f"enlace-test-{os.getpid()}"]
    try:
        up = compose(
            *project, "up", "--build", "--detach", "--wait", "--wait-timeout", "300", password="contraseña-de-prueba"
        )
        assert up.returncode == 0, up.stderr
        with urllib.request.urlopen("http://127.0.0.1:8420/", timeout=10) as answer:
            assert answer.status == 200
    finally:
        compose(*project, "down", "--volumes", "--remove-orphans", password="contraseña-de-prueba")
