"""The embedded engine as a process: its command line, its two sockets, how it is asked to stop.

Who may use it and for how long does not belong here: see `graph.embedded`.
"""

from __future__ import annotations

import base64
import contextlib
import errno
import importlib.util
import json
import os
import platform
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import psutil

from graph.server import EngineProblem, Server, is_loopback

USER: Final = "root"
DATABASE: Final = "neo4j"
LOOPBACK: Final = "127.0.0.1"
NEEDED_BYTES: Final = 256 * 1024 * 1024
"""Below this much free space the engine is not started: a full disk in the middle of a write helps nobody."""

UNUSED_JARS: Final = ("arcadedb-mcp", "arcadedb-postgresw", "arcadedb-redisw", "arcadedb-graphql", "arcadedb-console")
"""Doors that we do not use are left out of the class path, so that no setting can open them."""

LOGGING: Final = """\
handlers = java.util.logging.FileHandler
.level = INFO
io.undertow.level = WARNING
org.xnio.level = WARNING
org.jboss.level = WARNING
com.arcadedb.bolt.BoltNetworkExecutor.level = OFF
java.util.logging.FileHandler.pattern = ./log/arcadedb.log
java.util.logging.FileHandler.formatter = com.arcadedb.log.LogFormatter
java.util.logging.FileHandler.limit = 10000000
java.util.logging.FileHandler.count = 10
"""
"""Bounded, and without the part of the engine that quotes refused keys and whole statements."""

JAVA_FLAGS: Final = (
    "--add-exports=java.management/sun.management=ALL-UNNAMED",
    "--add-opens=java.base/java.util.concurrent.atomic=ALL-UNNAMED",
    "--add-opens=java.base/java.nio.channels.spi=ALL-UNNAMED",
    "--add-opens=java.base/java.lang=ALL-UNNAMED",
    "--add-modules=jdk.incubator.vector",
)


@dataclass(frozen=True)
class Running:
    """What the data folder remembers of a started engine; `started` tells a recycled process id from ours."""

    pid: int
    started: float
    bolt_port: int
    http_port: int


@dataclass(frozen=True)
class House:
    """Where the engine keeps its things below the data folder."""

    data: Path

    @property
    def root(self) -> Path:
        """Everything of the engine; readable by its owner only."""
        return self.data / "engine"

    @property
    def log(self) -> Path:
        """The engine's own logs. They may hold refused key values: every search for leaked data includes them."""
        return self.root / "log"

    @property
    def output(self) -> Path:
        """What the process prints: little but why it could not start."""
        return self.log / "output.log"

    @property
    def logging(self) -> Path:
        """What the engine logs, and how much of it is kept."""
        return self.root / "logging.properties"

    @property
    def password_file(self) -> Path:
        """The generated password, mode 0600."""
        return self.root / "password"

    @property
    def note(self) -> Path:
        """Which process serves this folder, mode 0600."""
        return self.data / "engine.json"

    def prepare(self) -> None:
        """Make the folders. Says so if the disk is full or the folder is not ours."""
        try:
            self.log.mkdir(parents=True, exist_ok=True)
            self.root.chmod(0o700)
            free = shutil.disk_usage(self.data).free
        except OSError as error:
            raise folder_problem(error, self.data) from error
        if free < NEEDED_BYTES:
            raise full(self.data, free)

    def make_password(self) -> None:
        """Make a password if there is none."""
        if not self.password_file.exists():
            # The engine keeps the hash of the password it first saw: without the password it is of no use.
            (self.root / "config" / "server-users.jsonl").unlink(missing_ok=True)
            write_private(self.password_file, secrets.token_urlsafe(32))

    def password(self) -> str:
        """The password of this folder's engine."""
        return self.password_file.read_text(encoding="ascii").strip()

    def server(self, running: Running) -> Server:
        """The running engine as everybody else sees it."""
        return Server(f"bolt://{LOOPBACK}:{running.bolt_port}", USER, self.password(), DATABASE, "embedded")

    def remember(self, running: Running) -> None:
        """Write down which process serves this folder."""
        write_private(self.note, json.dumps(asdict(running)))

    def recall(self) -> Running | None:
        """The process that was last written down, if the note can be read."""
        try:
            return Running(**json.loads(self.note.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def forget(self) -> None:
        """No process serves this folder any more."""
        self.note.unlink(missing_ok=True)


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        with open(draft, "w", encoding="utf-8", opener=lambda p, flags: os.open(p, flags, 0o600)) as stream:
            stream.write(text)
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise folder_problem(error, path.parent) from error


def folder_problem(error: OSError, folder: Path) -> EngineProblem:
    """What the operating system says about a folder, in our words."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return full(folder, 0)
    return EngineProblem("engine.folder", folder=folder, reason=error.strerror or type(error).__name__)


def full(folder: Path, free: int) -> EngineProblem:
    """There is not enough room on the disk."""
    return EngineProblem("engine.disk-full", folder=folder, free=free // 2**20, needed=NEEDED_BYTES // 2**20)


def package() -> Path:
    """Where the engine's package lies. Found without importing it: importing would start a JVM in this process."""
    found = importlib.util.find_spec("arcadedb_embedded")
    if found is None or found.origin is None:
        code = "engine.not-installed" if has_wheel() else "engine.no-wheel"
        raise EngineProblem(code, machine=f"{platform.system()} {platform.machine()}")
    return Path(found.origin).parent


def has_wheel() -> bool:
    """Whether the engine's makers publish a package for this kind of machine."""
    system, machine = platform.system(), platform.machine().lower()
    if system == "Linux":
        return machine in ("x86_64", "amd64", "aarch64", "arm64") and platform.libc_ver()[0] == "glibc"
    return (system, machine) in (("Windows", "amd64"), ("Darwin", "arm64"))


def command(house: House, *, memory: str, bolt_port: int, http_port: int) -> list[str]:
    """The whole command line. It holds no secret: the password is read from its file."""
    if not re.fullmatch(r"[1-9]\d*[mMgG]", memory):
        raise EngineProblem("engine.bad-memory", memory=memory)
    home = package()
    java = home / "jre" / "bin" / ("java.exe" if sys.platform == "win32" else "java")
    jars = sorted(str(jar) for jar in (home / "jars").glob("*.jar") if not jar.name.startswith(UNUSED_JARS))
    settings = {
        "server.rootPasswordPath": house.password_file,
        "server.rootPath": house.root,
        "server.databaseDirectory": house.root / "databases",
        "server.defaultDatabases": f"{DATABASE}[{USER}]",
        "server.plugins": "Bolt:com.arcadedb.bolt.BoltProtocolPlugin",
        "server.httpIncomingHost": LOOPBACK,
        "server.httpIncomingPort": http_port,
        "bolt.host": LOOPBACK,
        "bolt.port": bolt_port,
        "txWalFlush": 2,  # without it a commit is not synced to disk
        "server.mode": "production",
    }
    flags = [f"-Darcadedb.{name}={value}" for name, value in settings.items()]
    main = "com.arcadedb.server.ArcadeDBServer"
    log = f"-Djava.util.logging.config.file={house.logging}"
    return [str(java), f"-Xmx{memory}", *JAVA_FLAGS, log, *flags, "-cp", os.pathsep.join(jars), main]


PORTS: Final = range(17000, 32000)
"""Below the ports that systems hand out to outgoing connections: a reader that keeps calling a dead engine is given
such a port as its own sooner or later, and then the engine could not come back to it."""


LINGERING: Final = 3.0
"""Seconds for which a killed engine's threads may still hold its port."""


def free_port(preferred: int | None = None) -> int:
    """A port nobody listens on; the preferred one if it gets free, so that readers find a restarted engine again."""
    end = time.monotonic() + LINGERING
    while preferred and time.monotonic() < end:
        if _is_free(preferred):
            return preferred
        time.sleep(0.05)
    for port in secrets.SystemRandom().sample(PORTS, 50):
        if _is_free(port):
            return port
    raise EngineProblem("engine.no-port")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        if sys.platform != "win32":  # there the option would let two processes share a port
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def start(house: House, *, memory: str, before: Running | None) -> Running:
    """Start the process and write it down before it is ready, so that no kill can leave it unknown."""
    bolt_port = free_port(before.bolt_port if before else None)
    http_port = free_port()
    line = command(house, memory=memory, bolt_port=bolt_port, http_port=http_port)
    write_private(house.logging, LOGGING)
    keep_one_older(house.output)
    try:
        with house.output.open("wb") as output:
            # A session of its own: Ctrl-C in the terminal reaches us, and we stop the engine in order.
            process = subprocess.Popen(
                line, cwd=house.root, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
            )
    except OSError as error:
        raise EngineProblem("engine.cannot-run", program=line[0], reason=error.strerror or "") from error
    CHILDREN.append(process)
    try:
        running = Running(process.pid, psutil.Process(process.pid).create_time(), bolt_port, http_port)
        house.remember(running)
    except BaseException:
        process.kill()  # nobody would know of it
        raise
    return running


CHILDREN: Final[list[subprocess.Popen[bytes]]] = []
"""What this process started, kept so that an ended engine is reaped and never stays as a zombie."""


def keep_one_older(path: Path) -> None:
    """Keep the last run's output beside the new one."""
    if path.exists():
        path.replace(path.with_suffix(".before.log"))


def alive(running: Running, house: House) -> psutil.Process | None:
    """The engine's process, if it is still the one that was written down."""
    for child in CHILDREN:
        child.poll()
    try:
        process = psutil.Process(running.pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        # The start time alone shifts when the clock is set; the command line alone could be hidden from us.
        same = abs(process.create_time() - running.started) < 1 or _serves(process, house)
        return process if same else None
    except psutil.Error:
        return None


def _serves(process: psutil.Process, house: House) -> bool:
    try:
        return f"-Darcadedb.server.rootPath={house.root}" in process.cmdline()
    except psutil.Error:
        return False


def inspect(running: Running, server: Server) -> None:
    """Hold the engine to its word: it listens on loopback only, and offers no door for language models."""
    for host, port in listening(running.pid):
        if not is_loopback(host):
            raise EngineProblem("engine.not-loopback", host=host, port=port)
    if not _mcp_is_off(running, server):
        raise EngineProblem("engine.mcp-on")


def listening(pid: int) -> list[tuple[str, int]]:
    """Address and port of every socket on which the process takes connections."""
    try:
        sockets = psutil.Process(pid).net_connections(kind="inet")
    except psutil.Error:
        return []
    return [(s.laddr.ip, s.laddr.port) for s in sockets if s.status == psutil.CONN_LISTEN]


def has_both_doors(running: Running) -> bool:
    """Whether it is really this process that listens on both ports. The password goes to nobody else."""
    return {running.bolt_port, running.http_port} <= {port for _, port in listening(running.pid)}


def _mcp_is_off(running: Running, server: Server) -> bool:
    try:
        _post(running, server, "/api/v1/mcp", b"{}")
    except urllib.error.HTTPError as error:
        return error.code in (404, 503)
    except OSError:
        return False
    return False


def _post(running: Running, server: Server, path: str, body: bytes) -> None:
    credentials = base64.b64encode(f"{server.user}:{server.password}".encode()).decode()
    headers = {"Authorization": f"Basic {credentials}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"http://{LOOPBACK}:{running.http_port}{path}", body, headers)
    # An opener without proxies: a proxy named in the environment must not see the password.
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=5) as answer:
        answer.read()


def stop(running: Running, house: House, *, patience: float = 30) -> None:
    """Ask the engine to end, wait until it has, and end it by force only when it does not."""
    process = alive(running, house)
    if process is not None:
        ask_to_end(process, running, house)
        if not wait_for_end(running, house, patience):
            with contextlib.suppress(psutil.Error):
                process.kill()
            wait_for_end(running, house, 10)
    house.forget()


def ask_to_end(process: psutil.Process, running: Running, house: House, *, over_http: bool | None = None) -> None:
    """A signal where signals are polite, else a request: on Windows, terminating is killing."""
    if over_http if over_http is not None else sys.platform == "win32":
        with contextlib.suppress(OSError):
            _post(running, house.server(running), "/api/v1/server", b'{"command":"shutdown"}')
    else:
        with contextlib.suppress(psutil.Error):
            process.terminate()


def wait_for_end(running: Running, house: House, patience: float) -> bool:
    """Whether the process is gone before the patience is."""
    end = time.monotonic() + patience
    while alive(running, house) is not None:
        if time.monotonic() >= end:
            return False
        time.sleep(0.05)
    return True
