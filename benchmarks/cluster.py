"""A PostgreSQL of our own: in a temporary folder, on a free port of loopback, ended and deleted with the block.

Defaults of the Debian package (fsync on), but as much shared memory as the embedded engine has heap, and statements
planned once. What is in it does not belong here.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

SETTINGS: Final = "-c shared_buffers=512MB -c plan_cache_mode=force_generic_plan"
"""The statement of recall was a millisecond quicker when it was not planned anew each time."""
ACCOUNT: Final = "postgres"
"""Who runs it when we are root, which PostgreSQL refuses; comes with the Debian package."""


class Missing(Exception):
    """Why there is no PostgreSQL here."""


@contextmanager
def cluster() -> Iterator[str]:
    """A fresh cluster; gives its connection string."""
    programs = _programs()
    before = _as_somebody_else()
    folder = Path(tempfile.mkdtemp(prefix="enlace-postgres-"))
    try:
        password = secrets.token_hex(16)
        secret = folder / "password"
        secret.write_text(password, encoding="ascii")
        for path in (folder, secret):
            path.chmod(0o700)
            if before:
                shutil.chown(path, ACCOUNT)
        data = folder / "data"
        make = [*before, f"{programs}/initdb", "-D", str(data), "-U", "enlace", "-A", "scram-sha-256"]
        make += ["--pwfile", str(secret), "-E", "UTF8", "--locale", "C.UTF-8"]
        made = subprocess.run(make, capture_output=True, text=True, cwd=folder)
        if made.returncode:
            raise Missing("initdb failed: " + made.stderr[-300:])
        port = _free_port()
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= {SETTINGS}"
        control = [*before, f"{programs}/pg_ctl", "-D", str(data), "-l", str(folder / "log"), "-w"]
        started = subprocess.run([*control, "-o", options, "start"], stdout=subprocess.DEVNULL, cwd=folder)
        if started.returncode:
            raise Missing("PostgreSQL did not start: " + (folder / "log").read_text(errors="replace")[-300:])
        try:
            yield f"host=127.0.0.1 port={port} user=enlace password={password} dbname=postgres"
        finally:
            subprocess.run([*control, "-m", "fast", "stop"], stdout=subprocess.DEVNULL, cwd=folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path:
    found = shutil.which("initdb")
    places = [Path(found).resolve().parent] if found else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for place in places:
        if (place / "initdb").exists() and (place / "pg_ctl").exists():
            return place
    raise Missing("there is no initdb (Debian: apt install postgresql)")


def _as_somebody_else() -> list[str]:
    """What stands before a command so that it does not run as root."""
    if not hasattr(os, "geteuid") or os.geteuid():
        return []
    try:
        pwd.getpwnam(ACCOUNT)
    except KeyError:
        raise Missing(f"root may not run PostgreSQL, and there is no account {ACCOUNT}") from None
    runuser = shutil.which("runuser")
    if runuser is None:
        raise Missing("root may not run PostgreSQL, and there is no runuser")
    return [runuser, "-u", ACCOUNT, "--"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
