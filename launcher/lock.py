"""One preparation at a time: a lock of the operating system, which goes away by itself when its holder dies."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def _taken(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _taken(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


@contextmanager
def only_one(path: Path, *, while_waiting: Callable[[], None]) -> Iterator[int]:
    """Holds the lock; gives its descriptor, so that an installer that outlives us can go on holding it."""
    with path.open("a") as file:
        while not _taken(file.fileno()):
            while_waiting()
            time.sleep(0.2)
        yield file.fileno()
