"""What can go wrong before Enlace runs, recognised from what the tools say, and told with what to do about it."""

from __future__ import annotations

import errno
import platform
import re
import shutil
import sys
from pathlib import Path
from typing import Any

from launcher.words import Language, say

CANNOT_START = 69
"""Exit code of a start that never reached the command (sysexits' EX_UNAVAILABLE)."""


class Trouble(Exception):
    """A start that cannot go on: a key of the words, and the values that go in."""

    def __init__(self, key: str, **places: Any) -> None:
        super().__init__(key)
        self.key = key
        self.places = places

    def told(self, language: Language, log: Path | None = None) -> str:
        """What is wrong, then what to do."""
        remedy = say(f"{self.key}.do", language, **self.places).replace("\n", "\n      ")
        lines = ["", say(self.key, language, **self.places), f"  {say('what-to-do', language)}: {remedy}"]
        if log is not None and log.is_file() and log.stat().st_size:
            lines.append("  " + say("full-log", language, path=log))
        return "\n".join(lines)


NO_SPACE = ("no space left on device", "[errno 28]", "winerror 112", "disk quota exceeded", "[errno 122]")
NO_WRITING = ("read-only file system", "permission denied", "access is denied", "[errno 13]", "[errno 30]")
CERTIFICATE = ("certificate_verify_failed", "certificate verify failed", "sslerror")
ALTERED = ("do not match the hashes",)
NETWORK = (
    "failed to establish a new connection",
    "newconnectionerror",
    "name resolution",
    "name or service not known",
    "nodename nor servname",
    "getaddrinfo failed",
    "network is unreachable",
    "connection refused",
    "connection reset",
    "connecttimeouterror",
    "readtimeouterror",
    "proxyerror",
    "max retries exceeded",
    "retrying (retry(",
)
FULL = 50_000_000
"""Some tools fail on a full disk without saying so."""

NO_MATCH = re.compile(r"No matching distribution found for ([A-Za-z0-9._-]+)", re.IGNORECASE)


def in_installation(said: str, *, step: str, root: Path) -> Trouble:
    """The trouble behind a failed installation. The causes come before what follows from them."""
    lower = said.lower()

    def speaks_of(signs: tuple[str, ...]) -> bool:
        return any(sign in lower for sign in signs)

    if speaks_of(NO_SPACE):
        return disk_full(root)
    if speaks_of(NO_WRITING):
        return Trouble("not-writable", path=root)
    if speaks_of(ALTERED):
        return Trouble("altered")
    if speaks_of(CERTIFICATE):
        return Trouble("certificate")
    if speaks_of(NETWORK):
        return Trouble("no-network")
    if missing := NO_MATCH.search(said):
        if step == "embedded":
            return Trouble("no-engine", machine=machine())
        return Trouble("no-wheel", name=missing[1].split("==")[0], version=python_version(), machine=machine())
    if shutil.disk_usage(root).free < FULL:
        return disk_full(root)
    return Trouble("install-failed", last="\n".join(f"    {line}" for line in said.strip().splitlines()[-6:]))


def in_file_system(error: OSError, root: Path) -> Trouble | None:
    """The trouble behind a refused write, or None if it is something else."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return disk_full(root)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return Trouble("not-writable", path=error.filename or root)
    return None


def disk_full(root: Path) -> Trouble:
    """With how much is left."""
    return Trouble("disk-full", free=shutil.disk_usage(root).free // 1_000_000, path=root)


def machine() -> str:
    """The machine as packages name it, e.g. `Linux x86_64, glibc 2.31`."""
    library, version = platform.libc_ver() if sys.platform == "linux" else ("", "")
    known = f"{library} {version}".strip() or ("musl" if sys.platform == "linux" else platform.release())
    return f"{platform.system()} {platform.machine()}, {known}"


def python_version() -> str:
    """Major and minor, as in the name of a Debian package."""
    return "{}.{}".format(*sys.version_info)
