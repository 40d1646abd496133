"""The process in which a workbook is read, with limits of memory and time: whatever it does, the server goes on. (R-02)

`python -m graph.exchange.workbook_process` takes the file from its input and gives the cells as JSON. It gets nothing of
the server: no keys, no connection, no environment but where Python finds its modules. Who starts it is `api.uploaded`.
"""

from __future__ import annotations

import contextlib
import json
import sys
from typing import Final

from graph.exchange.workbook import MOST_BYTES, Refusal, Refused, read

MEMORY: Final = 512 * 1024 * 1024
"""Bytes of address space: Python, its libraries, and a workbook within the limits."""
SECONDS: Final = 10


def main() -> None:
    """The child: cells, or why not."""
    limit()
    content = sys.stdin.buffer.read(MOST_BYTES + 1)
    try:
        sheet = read(content)
        told: dict[str, object] = {"name": sheet.name, "rows": sheet.rows, "formulas": sheet.formulas}
    except Refusal as refusal:
        told = {"refused": refusal.why.value}
    except MemoryError:
        told = {"refused": Refused.INFLATES.value}
    sys.stdout.buffer.write(json.dumps(told).encode())


def limit() -> None:
    """No more memory and time than this, where the system knows how; elsewhere the parent's clock is all there is."""
    try:
        import resource
    except ImportError:
        return
    for what, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, SECONDS), (resource.RLIMIT_FSIZE, 0)):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (most, most))


if __name__ == "__main__":
    main()
