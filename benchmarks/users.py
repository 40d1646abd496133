"""A hundred people at work at once, each walking as one of the roles from page to page, beside one of them alone.

The house is the one that `enlace up` starts: the demo network with its working day, in a process of its own over real
HTTP. Whoever walks begins at Today, follows a link of the page they read, thinks, and goes on; some state a need or look
something up. Users of one role share one sign-in, for a device's number counts once. What alone and in the crowd is
walked is drawn from the same dice, so that the same pages are compared.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx2
import pyotp

from benchmarks.figures import Figure
from benchmarks.intake import ROOT

LINK: Final = re.compile(r'<a [^>]*?href="(/[^"#]*)')
"""Links of this house on a page."""
LEFT_OUT: Final = ("/v1", "/static", "/sign-in", "/sign-out", "/access", "/problems", "/account", "/sessions")
"""Where nobody goes in the middle of work."""
FILES: Final = re.compile(r"/file|/workbook|\.(csv|xlsx)|lang=")
SEARCHES: Final = ("alquiler", "medico", "trabajo", "albergue", "documentos")
NEED: Final = {"need": "social.housing.rent", "department": "GT09"}


@dataclass(frozen=True, slots=True)
class Crowd:
    """How many, how long they think, and how many pages each reads."""

    users: int = 100
    thinking: float = 5.0
    pages: int = 16
    alone: int = 400
    """Pages that one user alone reads, without thinking."""


@dataclass(slots=True)
class Users:
    """What came of it."""

    users: int
    thinking: float
    alone: Figure
    together: Figure
    seconds: float
    errors: Mapping[str, int]
    """Answers that nobody should get, and calls without an answer."""
    slowest: list[tuple[str, float]] = field(default_factory=list)
    """Pages by the p95 of the crowd, the slowest first."""
    load: float = 0.0
    """What else the machine was doing when this began: processes that wanted a processor."""

    @property
    def ratio(self) -> float:
        """The p95 of the crowd against that of one alone."""
        return self.together.p95 / self.alone.p95


class NotThere(Exception):
    """The house did not begin."""


@contextmanager
def house(folder: Path) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """`enlace up` on a folder of its own: its address, and the demo accounts."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("ENLACE_", "NEO4J_"))}
    environment |= {"PYTHONPATH": str(ROOT), "ENLACE_KEYS": str(folder / "keys")}
    line = [sys.executable, "-m", "api.cli", "--data", str(folder / "data"), "--lang", "en", "up", "--port", "0"]
    said = folder / "up.log"
    with (
        said.open("w", encoding="utf-8") as log,
        subprocess.Popen(line, stdout=log, stderr=log, cwd=ROOT, env=environment) as up,
    ):
        try:
            end = time.monotonic() + 300
            while not (found := re.search(r"http://127\.0\.0\.1:\d+", said.read_text(encoding="utf-8"))):
                if up.poll() is not None or time.monotonic() > end:
                    raise NotThere(said.read_text(encoding="utf-8")[-400:])
                time.sleep(0.2)
            accounts = json.loads((folder / "keys" / "demo-accounts.json").read_text(encoding="utf-8"))
            while httpx2.get(found[0], trust_env=False, timeout=60).status_code != 200:
                time.sleep(0.2)
            yield found[0], accounts
        finally:
            up.terminate()


async def signed_in(address: str, account: Mapping[str, str]) -> dict[str, str]:
    """The session of an account, as its browser holds it."""
    said = {"login": account["login"], "password": account["password"], "code": pyotp.TOTP(account["totp"]).now()}
    async with httpx2.AsyncClient(base_url=address, trust_env=False, timeout=60) as client:
        answer = await client.post("/v1/sessions", json=said)
        if answer.status_code != 201:
            raise NotThere(f"{account['role']}: {answer.status_code} {answer.text[:200]}")
        return dict(client.cookies)


@dataclass(slots=True)
class Walk:
    """One user: where they are, and what they met."""

    client: httpx2.AsyncClient
    cookies: Mapping[str, str]
    dice: random.Random
    at: str = "/"
    links: list[str] = field(default_factory=list)
    seconds: list[tuple[str, float]] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)

    async def page(self) -> None:
        """One page; the next one is a link of it."""
        form, at = None, self.at
        chance = self.dice.random()
        if chance < 0.08:
            form, at = NEED, "/suggestions"
        elif chance < 0.16:
            at = f"/directory?q={self.dice.choice(SEARCHES)}"
        held = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"Cookie": held, "Accept-Language": self.dice.choice(("es", "en")), "Sec-Fetch-Site": "same-origin"}
        began = time.perf_counter()
        try:
            answer = await self.client.request("POST" if form else "GET", at, data=form, headers=headers)
        except httpx2.HTTPError as error:
            self.errors[type(error).__name__] += 1
            return
        self.seconds.append((shape(at), time.perf_counter() - began))
        if answer.status_code not in (200, 303):
            self.errors[f"{answer.status_code} {shape(at)}"] += 1
        found = [a for a in LINK.findall(answer.text) if not a.startswith(LEFT_OUT) and not FILES.search(a)]
        self.links = found or self.links
        self.at = self.dice.choice(self.links or ["/"]).replace("&amp;", "&")


def shape(at: str) -> str:
    """An address without what it is about."""
    path = at.partition("?")[0]
    return re.sub(r"/(?=[^/]*\d)[^/]{8,}", "/…", path)


async def walked(address: str, sessions: list[dict[str, str]], crowd: Crowd) -> tuple[list[Walk], list[Walk], float]:
    """One alone, role after role; then all of them at once."""
    limits = httpx2.Limits(max_connections=crowd.users)
    async with httpx2.AsyncClient(base_url=address, trust_env=False, timeout=60, limits=limits) as client:
        alone = [Walk(client, session, random.Random(n)) for n, session in enumerate(sessions)]
        for _ in range(-(-crowd.alone // len(alone))):
            for walk in alone:
                await walk.page()
        together = [Walk(client, sessions[n % len(sessions)], random.Random(n)) for n in range(crowd.users)]

        async def user(walk: Walk) -> None:
            await asyncio.sleep(walk.dice.uniform(0, crowd.thinking))
            for _ in range(crowd.pages):
                await walk.page()
                await asyncio.sleep(walk.dice.uniform(0.5, 1.5) * crowd.thinking)

        began = time.perf_counter()
        await asyncio.gather(*map(user, together))
        return alone, together, time.perf_counter() - began


def measure(folder: Path, crowd: Crowd) -> Users:
    """From nothing to the figures."""
    load = os.getloadavg()[0]
    with house(folder) as (address, accounts):

        async def run() -> tuple[list[Walk], list[Walk], float]:
            sessions = [await signed_in(address, account) for account in accounts]
            warm = Crowd(users=len(sessions), thinking=0.0, pages=8, alone=len(sessions))
            await walked(address, [*sessions, {}], warm)
            return await walked(address, [*sessions, {}], crowd)

        alone, together, seconds = asyncio.run(run())
    taken = [one for walk in together for one in walk.seconds]
    by_page: dict[str, list[float]] = {}
    for page, took in taken:
        by_page.setdefault(page, []).append(took)
    slowest = sorted(((page, Figure.of(took).p95) for page, took in by_page.items()), key=lambda one: -one[1])
    return Users(
        users=crowd.users,
        thinking=crowd.thinking,
        alone=Figure.of([took for walk in alone for _, took in walk.seconds]),
        together=Figure.of([took for _, took in taken]),
        seconds=seconds,
        errors=dict(sum((walk.errors for walk in (*alone, *together)), Counter[str]())),
        slowest=slowest[:8],
        load=load,
    )
