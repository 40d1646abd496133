"""One server in a process of its own, on a free port of loopback: Enlace, or FastAPI on PostgreSQL.

The second one takes the same query, judges with the same `matching`, renders with the same `api.answer` and counts
unmet needs too: the store is the only difference (and it has none of Enlace's guards). Where the store is comes on
standard input, because addresses hold passwords.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from api.answer import AnswerOut, render
from api.app import create_app
from api.dependencies import LanguageDep, NowDep
from api.query import Query
from graph.server import Server


def app_on_postgres(address: str) -> FastAPI:
    """The least that answers like `POST /v1/suggestions`."""
    from benchmarks import postgres

    pepper = secrets.token_bytes(32)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with postgres.connected(address) as pool:
            app.state.pool = pool
            yield

    app = FastAPI(lifespan=lifespan, telemetry=None)

    @app.post("/v1/suggestions", response_model=AnswerOut)
    async def suggest(query: Query, request: Request, language: LanguageDep, now: NowDep) -> Any:
        async with request.app.state.pool.connection() as connection:
            answer = await postgres.NORMALISED.answer(connection, query.need(today=now.date()))
        if answer.suggestions.gap:
            async with request.app.state.pool.connection() as connection:
                await postgres.count_demand(connection, answer.suggestions, at=now, pepper=pepper)
        headers = {"Cache-Control": "no-store", "Content-Language": language}
        return JSONResponse(render(answer, query, language), headers=headers)

    return app


@contextmanager
def serving(store: Server | str) -> Iterator[str]:
    """The address of a server on this store, for as long as the block lasts."""
    line = [sys.executable, "-m", "benchmarks.serve"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    with subprocess.Popen(
        line,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parent.parent,
        env=environment,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(json.dumps(store if isinstance(store, str) else asdict(store)) + "\n")
            process.stdin.flush()
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()


def main() -> None:
    """Read where the store is, say the port, serve until told to stop."""
    store = json.loads(sys.stdin.readline())
    app = app_on_postgres(store) if isinstance(store, str) else create_app(Server(**store))
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:  # as `enlace up` does
        listener.bind(("127.0.0.1", 0))
        listener.listen(128)
        sys.stdout.write(f"{listener.getsockname()[1]}\n")
        sys.stdout.flush()
        config = uvicorn.Config(app, log_level="critical", access_log=False, server_header=False)
        uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
