"""Reading a workbook in a process of its own, with limits of memory and time: whatever it does, the server goes on. (R-02)

`python -m graph.exchange.workbook_process` takes the file from its input and gives the cells as JSON. It gets nothing of
the server: no keys, no connection, no environment but where Python finds its modules.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from typing import Final

from graph.exchange.workbook import MOST_BYTES, Refusal, Refused, Sheet, read

MEMORY: Final = 512 * 1024 * 1024
"""Bytes of address space: Python, its libraries, and a workbook within the limits."""
SECONDS: Final = 10
FEW: Final = asyncio.Semaphore(2)
"""So many at a time: others wait."""


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


async def sheet_of(content: bytes) -> Sheet:
    """The cells of the first sheet. `Refusal` for what is not read, also where its reading came to a bad end."""
    if len(content) > MOST_BYTES:
        raise Refusal(Refused.TOO_LARGE)
    async with FEW:
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "graph.exchange.workbook_process",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        )
        try:
            async with asyncio.timeout(SECONDS):
                answer, _ = await child.communicate(content)
        except TimeoutError:
            raise Refusal(Refused.TIME) from None
        finally:
            if child.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    child.kill()
                await child.wait()
    if child.returncode != 0:
        raise Refusal(Refused.INFLATES)
    told = json.loads(answer)
    if "refused" in told:
        raise Refusal(Refused(told["refused"]))
    return Sheet(told["name"], told["rows"], [(row, column) for row, column in told["formulas"]])


if __name__ == "__main__":
    main()
