"""Engines of their own that can be killed and come back to the same folder, on the same port.

What is killed is the process that was started here, by its number and with SIGKILL: nothing in it can say goodbye.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final, Protocol

import psutil

from graph.child import House, free_port
from graph.engine import Server, serve
from graph.server import wait_until_ready
from tests.canaries import WATCH
from tests.engines import HERE, JAVA_FLAGS, Missing, harness_jars


class Mortal(Protocol):
    """An engine that can be killed."""

    server: Server

    def kill(self) -> None: ...

    def come_back(self) -> None: ...


class Embedded:
    """The embedded engine, found again by what the next command would do."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder, self._stack = folder, stack
        self.server = stack.enter_context(serve(folder))

    def kill(self) -> None:
        running = House(self._folder.resolve()).recall()
        assert running is not None
        process = psutil.Process(running.pid)
        process.kill()
        process.wait(10)

    def come_back(self) -> None:
        again = self._stack.enter_context(serve(self._folder))
        assert again == self.server, "callers would not find it again"


class Neo4j:
    """The real Neo4j on a folder that outlives its process."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        java = shutil.which("java")
        if java is None:
            raise Missing("there is no java")
        folder.mkdir(parents=True)
        port = free_port()
        jars = f"{harness_jars()}{os.sep}*"
        self._line = [java, *JAVA_FLAGS, "-cp", jars, str(HERE / "Durable.java"), str(folder), str(port)]
        self._folder = folder
        self.server = Server(f"bolt://127.0.0.1:{port}", "", "", "neo4j", "neo4j")
        stack.callback(self._end)
        self.come_back()

    def _end(self) -> None:
        self.kill()
        WATCH.look_in(self._folder)
        shutil.rmtree(self._folder, ignore_errors=True)  # half a gigabyte

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(10)

    def come_back(self) -> None:
        self._process = subprocess.Popen(
            self._line,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=self._folder,
        )
        said = []
        assert self._process.stdout  # because of PIPE
        for text in self._process.stdout:
            said.append(text)
            if text.startswith("BOLT "):
                break
        else:
            raise Missing("Neo4j did not start: " + "".join(said[-20:]))
        threading.Thread(target=self._process.stdout.read, daemon=True).start()
        wait_until_ready(self.server, within=240)


WAYS: Final[dict[str, Callable[[Path, ExitStack], Mortal]]] = {"embedded": Embedded, "neo4j": Neo4j}


@contextmanager
def mortal(name: str, folder: Path) -> Iterator[Mortal]:
    """An engine of this kind on this folder, ended with the block."""
    with ExitStack() as stack:
        yield WAYS[name](folder, stack)
