"""The three keys of a house, and the keystore they open: a folder of their own, readable by its owner alone. (R-21)

master.key wraps the keys of persons, signing.key signs the log, index.key blinds what can be looked up. Made once,
together; one that is missing later is never made anew, because what it had wrapped would be lost without a word.
"""

from __future__ import annotations

import base64
import binascii
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from filelock import FileLock

from graph.keystore import KEY_BYTES, Keystore, KeystoreProblem
from graph.log.entry import Signer

MASTER: Final = "master.key"
SIGNING: Final = "signing.key"
INDEX: Final = "index.key"
KEYSTORE: Final = "keystore.sqlite3"


@dataclass(frozen=True, slots=True)
class Secrets:
    """What actions need of what lies outside the graph."""

    keystore: Keystore = field(repr=False)
    signer: Signer
    index_key: bytes = field(repr=False)


def open_secrets(folder: Path) -> Secrets:
    """The secrets of a folder, made on first use. KeystoreProblem says in words what is missing or open to others."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with FileLock(folder / ".lock", timeout=30, mode=0o600):
        names = (MASTER, SIGNING, INDEX)
        if not any((folder / name).exists() for name in (*names, KEYSTORE)):
            for name in names:
                _make(folder / name)
        master, seed, index_key = (_read(folder / name) for name in names)
        keystore = Keystore.open(folder / KEYSTORE, master)
    return Secrets(keystore, Signer.from_seed(seed), index_key)


def lies_within(folder: Path, data: Path) -> bool:
    """Whether the keys would lie in the data folder, where a stolen copy of the data takes them along."""
    return folder.resolve().is_relative_to(data.resolve())


def _make(file: Path) -> None:
    descriptor = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(base64.urlsafe_b64encode(os.urandom(KEY_BYTES)) + b"\n")
        opened.flush()
        os.fsync(opened.fileno())


def _read(file: Path) -> bytes:
    if not file.exists():
        raise KeystoreProblem("secrets.key-missing", path=file, name=file.name)
    if os.name == "posix" and stat.S_IMODE(file.stat().st_mode) & 0o077:
        raise KeystoreProblem("secrets.open-to-others", path=file)
    try:
        key = base64.urlsafe_b64decode(file.read_bytes().strip())
    except binascii.Error:
        key = b""
    if len(key) != KEY_BYTES:
        raise KeystoreProblem("secrets.key-malformed", path=file, name=file.name)
    return key
