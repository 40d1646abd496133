"""One key per person, outside the graph: whoever steals the graph reads nothing, and a destroyed key is an erasure.

Keys are wrapped by the master key. Key first, then graph: a key without a person is harmless, the reverse is not.
The engines keep deleted data in their write-ahead logs; a key that never was there cannot be found there. (R-21)
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
CHECK: Final = "check"
"""A row that only the right master key opens, so that a wrong one is noticed at the start."""

SCHEMA: Final = "CREATE TABLE IF NOT EXISTS keys (kind TEXT, id TEXT, wrapped BLOB NOT NULL, PRIMARY KEY (kind, id))"
PERSON: Final = "person"


class KeystoreProblem(Exception):
    """Why the keystore cannot be used. `code` names the text that a person reads."""

    def __init__(self, code: str, /, **places: object) -> None:
        super().__init__(code)
        self.code = code
        self.places = places


class Keystore:
    """The keys of all persons. Safe to use from several threads and several processes."""

    def __init__(self, path: Path, connection: sqlite3.Connection, master: bytes) -> None:
        self._path = path
        self._connection = connection
        self._master = AESGCM(master)
        self._one_at_a_time = threading.Lock()

    @classmethod
    def open(cls, path: Path, master: bytes) -> Self:
        """The keystore of this file, made if it is not there. KeystoreProblem if another master key wrapped it."""
        if len(master) != KEY_BYTES:
            raise KeystoreProblem("secrets.key-malformed", path=path, name="master key")
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))  # SQLite itself would let everybody read it
        connection = sqlite3.connect(path, timeout=10.0, isolation_level=None, check_same_thread=False)
        try:
            # No write-ahead log: it would keep what was deleted. The journal persists so that it can be overwritten.
            for pragma in ("journal_mode=PERSIST", "synchronous=EXTRA", "secure_delete=ON"):
                connection.execute(f"PRAGMA {pragma}").fetchall()
            keystore = cls(path, connection, master)
            keystore._check()
        except sqlite3.DatabaseError:
            connection.close()
            raise KeystoreProblem("secrets.keystore-unreadable", path=path) from None
        except KeystoreProblem:
            connection.close()
            raise
        return keystore

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def create(self, person_id: str) -> bytes:
        """The key of a person, made if there is none yet: asked twice, the same key."""
        with self._writing() as connection:
            known = self._unwrapped(PERSON, person_id)
            if known is not None:
                return known
            key = os.urandom(KEY_BYTES)
            connection.execute("INSERT INTO keys VALUES (?, ?, ?)", (PERSON, person_id, self._wrap(person_id, key)))
            return key

    def key_of(self, person_id: str) -> bytes | None:
        """The key of a person; None if there never was one, or it was destroyed: both look the same."""
        with self._one_at_a_time:
            return self._unwrapped(PERSON, person_id)

    def destroy(self, person_id: str) -> None:
        """Make everything of a person unreadable, for ever: here, in the graph, in its logs and its old copies."""
        with self._writing() as connection:
            connection.execute("DELETE FROM keys WHERE kind = ? AND id = ?", (PERSON, person_id))
        with self._writing():
            self._blank_the_journal()

    def _blank_the_journal(self) -> None:
        """The journal held the page as it was before the deletion. Nobody else writes while we do."""
        journal = self._path.with_name(self._path.name + "-journal")
        if journal.exists():
            with journal.open("r+b") as file:
                file.write(bytes(journal.stat().st_size))
                file.flush()
                os.fsync(file.fileno())

    def _check(self) -> None:
        with self._writing() as connection:
            connection.execute(SCHEMA)
            if self._unwrapped(CHECK, CHECK) is None:
                connection.execute("INSERT INTO keys VALUES (?, ?, ?)", (CHECK, CHECK, self._wrap(CHECK, bytes(32))))

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._one_at_a_time:
            self._connection.execute("BEGIN EXCLUSIVE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def _wrap(self, id: str, key: bytes) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._master.encrypt(nonce, key, id.encode())

    def _unwrapped(self, kind: str, id: str) -> bytes | None:
        row = self._connection.execute("SELECT wrapped FROM keys WHERE kind = ? AND id = ?", (kind, id)).fetchone()
        if row is None:
            return None
        try:
            return self._master.decrypt(row[0][:NONCE_BYTES], row[0][NONCE_BYTES:], id.encode())
        except InvalidTag:
            raise KeystoreProblem("secrets.master-wrong", path=self._path) from None
