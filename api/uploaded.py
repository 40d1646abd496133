"""A workbook that was uploaded, read in a process of its own that is started and ended here. (R-02)

What that process does is `graph.exchange.workbook_process`, what it looks for `graph.exchange.workbook`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from typing import Final

from graph.exchange.workbook import MOST_BYTES, Refusal, Refused, Sheet

SECONDS: Final = 10
FEW: Final = asyncio.Semaphore(2)
"""So many at a time: others wait."""


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
