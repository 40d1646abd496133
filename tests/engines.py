"""Where the engines of the tests come from: the embedded one, and the real Neo4j without containers.

Neo4j is looked for in this order: `NEO4J_TEST_URI` (with `NEO4J_TEST_USER`, `NEO4J_TEST_PASSWORD`), then Maven Central
with the Java of this machine, then a container where Docker answers. Where none of them works, `Missing` says why.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from filelock import FileLock
from neo4j import GraphDatabase

from graph.engine import EngineProblem, Server, serve
from graph.server import wait_until_ready

HERE: Final = Path(__file__).parent / "neo4j"
CACHE: Final = Path(__file__).parents[1] / ".enlace" / "cache"
JAVA_FLAGS: Final = (
    "-Xmx768m",
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/java.lang=ALL-UNNAMED",
)
IMAGE: Final = "neo4j:5.26-community"


class Missing(Exception):
    """Why there is no Neo4j here."""


@contextmanager
def embedded(folder: Path) -> Iterator[Server]:
    """The embedded engine on a folder of its own, as everybody gets it."""
    with serve(folder, memory="512m") as server:
        yield server


@contextmanager
def neo4j(folder: Path) -> Iterator[Server]:
    """The real Neo4j, by the first way that works."""
    if uri := os.environ.get("NEO4J_TEST_URI"):
        with named(uri) as server:
            yield server
        return
    reasons = []
    for way in (harness, container):
        try:
            with way(folder) as server:
                yield server
            return
        except Missing as missing:
            reasons.append(str(missing))
    raise Missing("no NEO4J_TEST_URI; " + "; ".join(reasons))


@contextmanager
def named(uri: str) -> Iterator[Server]:
    """A server that somebody named. Tests delete its data, so it must hold none but what tests left there."""
    user, password = os.environ.get("NEO4J_TEST_USER", "neo4j"), os.environ.get("NEO4J_TEST_PASSWORD", "")
    with ExitStack() as stack:
        try:
            server = stack.enter_context(serve(CACHE, neo4j_uri=uri, neo4j_user=user, neo4j_password=password))
        except EngineProblem as problem:
            raise Missing(f"NEO4J_TEST_URI: {problem}") from problem
        with GraphDatabase.driver(server.uri, auth=server.auth) as driver:
            found = driver.execute_query(CLAIM, database_=server.database).records
        if not found:
            raise Missing("NEO4J_TEST_URI: that graph holds data that is not the tests'")
        yield server


CLAIM: Final = """
    OPTIONAL MATCH (n)
    WITH count(n) AS nodes, count(CASE WHEN n:TestGraph THEN 1 END) AS ours
    WHERE nodes = 0 OR ours > 0
    MERGE (t:TestGraph {name: 'tests delete everything here'})
    RETURN t.name AS name
"""


@contextmanager
def harness(folder: Path) -> Iterator[Server]:
    """Neo4j's own test harness, in a Java process that ends with us."""
    java = shutil.which("java")
    if java is None:
        raise Missing("there is no java")
    jars = harness_jars()
    folder.mkdir(parents=True, exist_ok=True)
    line = [java, *JAVA_FLAGS, "-cp", f"{jars}{os.sep}*", str(HERE / "Launcher.java"), str(folder)]
    process = subprocess.Popen(
        line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=folder
    )
    assert process.stdout and process.stdin  # because of PIPE
    said: deque[str] = deque(maxlen=20)
    try:
        for text in process.stdout:
            said.append(text)
            if text.startswith("BOLT "):
                break
        else:
            raise Missing("the Neo4j harness did not start: " + "".join(said))
        threading.Thread(target=said.extend, args=(process.stdout,), daemon=True).start()
        server = Server(text.split()[1].rstrip("/"), "", "", "neo4j", "neo4j")
        wait_until_ready(server, within=60)
        yield server
    finally:
        process.kill()  # an orderly end takes ten seconds, and nobody will read this data
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def harness_jars() -> Path:
    """The folder with the harness and all it needs, fetched once by Maven."""
    pom = HERE / "pom.xml"
    jars = CACHE / f"neo4j-{hashlib.sha256(pom.read_bytes()).hexdigest()[:12]}"
    done = jars / "complete"
    if done.exists():
        return jars
    maven = shutil.which("mvn")
    if maven is None:
        raise Missing("there is no mvn to fetch the Neo4j harness")
    jars.mkdir(parents=True, exist_ok=True)
    with FileLock(jars.with_suffix(".lock"), timeout=900):
        if not done.exists():
            goal = ["dependency:copy-dependencies", f"-DoutputDirectory={jars}"]
            fetched = subprocess.run([maven, "-q", "-B", "-f", str(pom), *goal], capture_output=True, text=True)
            if fetched.returncode:
                raise Missing("Maven could not fetch the Neo4j harness: " + fetched.stdout[-400:])
            done.touch()
    return jars


@contextmanager
def container(folder: Path) -> Iterator[Server]:
    """Neo4j in a container, where Docker answers."""
    docker = shutil.which("docker")
    if docker is None or subprocess.run([docker, "info"], capture_output=True).returncode:
        raise Missing("Docker does not answer")
    try:
        from testcontainers.core.container import DockerContainer
    except ImportError:
        raise Missing("testcontainers is not installed") from None
    with DockerContainer(IMAGE).with_env("NEO4J_AUTH", "none").with_exposed_ports(7687) as box:
        host, port = box.get_container_host_ip(), box.get_exposed_port(7687)
        server = Server(f"bolt://{host}:{port}", "", "", "neo4j", "neo4j")
        wait_until_ready(server, within=120)
        yield server
