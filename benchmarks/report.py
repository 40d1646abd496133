"""What a run found, as values, as JSON and as a Markdown page. The words come from whoever shows it."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from importlib.metadata import PackageNotFoundError, version

import psutil

from benchmarks.figures import Figure
from benchmarks.intake import Intake, Updates
from benchmarks.send import AIM, PAIRS, Sends
from benchmarks.send import WAYS as SENDING_WAYS
from benchmarks.users import Users

Say = Callable[..., str]
"""A text by its key, with its places."""

PACKAGES = ("neo4j", "neo4j-rust-ext", "arcadedb-embedded", "fastapi", "uvicorn", "pydantic", "psycopg")
WAYS = ("driver", "round-trip", "recall", "find", "answer", "http")


@dataclass(frozen=True, slots=True)
class Machine:
    """Where it was measured."""

    on: str
    system: str
    processor: str
    cores: int
    memory_gb: float
    python: str
    versions: Mapping[str, str]

    @classmethod
    def here(cls, **servers: str) -> Machine:
        """This machine; `servers` are versions of what is no Python package."""
        found = {}
        for name in PACKAGES:
            try:
                found[name] = version(name)
            except PackageNotFoundError:
                continue
        return cls(
            date.today().isoformat(),  # noqa: DTZ011 - the day on this machine's wall
            f"{platform.system()} {platform.release()}",
            _processor(),
            os.cpu_count() or 0,
            round(psutil.virtual_memory().total / 2**30, 1),
            platform.python_version(),
            found | servers,
        )


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as stream:  # noqa: PTH123 - a file of the kernel's
            return next(line.split(":", 1)[1].strip() for line in stream if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


@dataclass(slots=True)
class Found:
    """What was found on one network."""

    name: str
    services: int
    memory: str = ""
    """Of the embedded engine."""
    intakes: dict[str, Intake] = field(default_factory=dict)
    """By engine."""
    postgres_seconds: float | None = None
    compared: int = 0
    """Candidates that were the same in all stores."""
    stores: tuple[str, ...] = ()
    candidates: Sequence[int] = ()
    """Of each question, on the way to the answer not counted."""
    figures: dict[str, dict[str, Figure]] = field(default_factory=dict)
    """By store and way."""
    again: dict[str, dict[str, Figure]] = field(default_factory=dict)
    """Of the small network: timed once more, in one loop with the large ones."""
    wider: dict[str, dict[str, Figure]] = field(default_factory=dict)
    """Answers about a department and about the country, by store."""

    @property
    def mean_candidates(self) -> float:
        """How many candidates a question finds."""
        return sum(self.candidates) / len(self.candidates) if self.candidates else 0.0

    def of(self, store: str, way: str) -> Figure | None:
        """What was measured, if it was."""
        return self.figures.get(store, {}).get(way)


@dataclass(slots=True)
class Report:
    """Everything that a run found."""

    machine: Machine
    questions: int
    rounds: int
    networks: list[Found] = field(default_factory=list)
    pure: dict[str, Figure] = field(default_factory=dict)
    updates: list[Updates] = field(default_factory=list)
    sends: dict[str, Sends] = field(default_factory=dict)
    """By engine."""
    users: Users | None = None
    missing: dict[str, str] = field(default_factory=dict)
    """Stores that are not there, and why."""

    @property
    def base(self) -> Found:
        """The network that suggestions are held against."""
        return self.networks[0]

    def as_json(self) -> str:
        """All values."""
        return json.dumps(asdict(self), ensure_ascii=False, default=str)

    def markdown(self, say: Say) -> str:
        """A page for people."""
        return "\n".join(self._lines(say)) + "\n"

    def _lines(self, say: Say) -> Iterator[str]:
        m = self.machine
        yield f"# {say('bench.title')}\n"
        yield say("bench.measured", on=m.on, system=m.system, processor=m.processor, cores=m.cores, memory=m.memory_gb)
        yield say("bench.versions", python=m.python, list=", ".join(f"{n} {v}" for n, v in m.versions.items())) + "\n"
        if self.networks:
            yield say("bench.how", questions=self.questions, rounds=self.rounds) + "\n"
        for name, why in self.missing.items():
            yield say("bench.missing", name=name, why=why) + "\n"
        yield from self._aims(say)
        if self.networks:
            yield from self._suggestions(say)
        yield from self._sending(say)
        yield from self._users(say)

    def _suggestions(self, say: Say) -> Iterator[str]:
        yield from _network(self.base, say)
        yield from self._breakdown(say)
        yield from self._growth(say)
        for found in self.networks[1:]:
            yield from _network(found, say)
        yield from self._intake(say)
        if self.updates:
            yield f"## {say('bench.updates')}\n"
            yield from _table(
                [say("bench.callers"), say("bench.per-second"), say("bench.again")],
                [[str(u.callers), f"{u.per_second:,.0f}", str(u.troubles)] for u in self.updates],
            )

    def _aims(self, say: Say) -> Iterator[str]:
        """The aims of the issue, and what came of each."""
        rows = self._aims_of_suggestions(say) if self.networks else []
        for engine, sends in self.sends.items():
            aim = say("bench.aim.send", engine=engine, callers=sends.callers)
            rows.append((aim, 1 / sends.ratio("send", "bare-send"), 1 / AIM, "×"))
        yield f"## {say('bench.aims')}\n"
        yield from _table(
            [say("bench.aim"), say("bench.at-most"), say("bench.found"), ""],
            [
                [aim, f"{limit:.3g}{unit}", f"{value:.2f}{unit}", "✓" if value <= limit else "✗"]
                for aim, value, limit, unit in rows
                if value is not None
            ],
        )

    def _aims_of_suggestions(self, say: Say) -> list[tuple[str, float | None, float, str]]:
        rows: list[tuple[str, float | None, float, str]] = []
        for engine in [store for store in self.base.stores if not store.startswith("postgres")]:
            answer, bare = self.base.of(engine, "answer"), self.base.of(engine, "round-trip")
            rows += [
                (say("bench.aim.postgres", engine=engine), _ratio(answer, self.base.of("postgres", "answer")), 1, "×"),
                (say("bench.aim.round-trips", engine=engine), _ratio(answer, bare), 8, "×"),
                (
                    say("bench.aim.http", engine=engine),
                    _ratio(self.base.of(engine, "http"), self.base.of("postgres", "http")),
                    1,
                    "×",
                ),
            ]
            intake = self.base.intakes.get(engine)
            if intake is not None and intake.services >= 20_000:  # in a small one the start of the program would decide
                aim = say("bench.aim.import", engine=engine, services=f"{intake.services:,}")
                rows.append((aim, intake.seconds, 60 * intake.services / 20_000, " s"))
        for found in self.networks[1:]:
            if found.name == "equal":
                ratio = self._grown(found, "embedded", "answer")
                rows.append((say("bench.aim.equal", services=f"{found.services:,}"), ratio, 1.5, "×"))
        return rows

    def _grown(self, found: Found, store: str, way: str) -> float | None:
        """How many times the small network's figure, both from the same loop."""
        return _ratio(found.of(store, way), self.base.again.get(store, {}).get(way))

    def _growth(self, say: Say) -> Iterator[str]:
        """Every store against itself on the small network."""
        stores = self.base.stores
        rows = []
        for found in self.networks[1:]:
            for way in ("recall", "answer"):
                cells = [self._grown(found, store, way) for store in stores]
                if any(cells):
                    head = f"{say(f'bench.network.{found.name}')}: {say(f'bench.way.{way}')}"
                    rows.append([head, *(f"{cell:.2f}×" if cell else "—" for cell in cells)])
        if rows:
            yield f"## {say('bench.growing')}\n"
            yield from _table([say("bench.against-small"), *stores], rows)

    def _breakdown(self, say: Say) -> Iterator[str]:
        """Where the time of one answer goes on the embedded engine, in medians; differences of medians are rough."""
        of = {way: self.base.of("embedded", way) for way in WAYS}
        bare, recall, find, answer, http = (of[way] for way in WAYS[1:])
        if not (bare and recall and find and answer and self.pure):
            return
        judge, render = self.pure["judge"], self.pure["render"]
        steps = answer.p50 - find.p50 - judge.p50
        parts = [
            ("round-trip", bare.p50),
            ("recall-alone", recall.p50 - bare.p50),
            ("hydrate", find.p50 - recall.p50),
            ("judge", judge.p50),
            ("steps", steps),
            ("render", render.p50),
        ]
        if http:
            parts.append(("http-rest", http.p50 - answer.p50 - render.p50))
        whole = http.p50 if http else answer.p50 + render.p50
        yield f"## {say('bench.where')}\n"
        yield from _table(
            [say("bench.part"), "ms", "%"],
            [[say(f"bench.part.{name}"), f"{ms:.2f}", f"{100 * ms / whole:.0f}"] for name, ms in parts],
        )

    def _sending(self, say: Say) -> Iterator[str]:
        """Whole sends and openings beside the bare transactions, and where the time of one goes."""
        if not self.sends:
            return
        yield f"## {say('bench.send')}\n"
        one = next(iter(self.sends.values()))
        yield say("bench.send.how", callers=one.callers, calls=f"{one.calls:,}") + "\n"
        yield say("bench.send.bare") + "\n"
        share = dict(PAIRS)
        yield from _table(
            [
                *(say(f"bench.send.{head}") for head in ("engine", "way", "per-second")),
                say("bench.p50-p95"),
                *(say(f"bench.send.{head}") for head in ("share", "turns")),
            ],
            [
                [
                    engine,
                    say(f"bench.send.{way}"),
                    f"{sends.ways[way].per_second:,.0f}",
                    f"{sends.ways[way].latency.p50:.1f} / {sends.ways[way].latency.p95:.1f}",
                    *(_shares(sends, way, share[way]) if way in share else ("", "")),
                ]
                for engine, sends in self.sends.items()
                for way in SENDING_WAYS
            ],
        )
        again = ", ".join(f"{engine} {sends.troubles}" for engine, sends in self.sends.items())
        yield say("bench.send.again", list=again) + "\n"
        yield from self._sending_alone(say)

    def _sending_alone(self, say: Say) -> Iterator[str]:
        """One caller alone: milliseconds by who spends them, and by statement."""
        yield f"### {say('bench.send.lone')}\n"
        lone = {f"{engine}: {say(f'bench.send.{way}')}": sends.lone[way] for engine, sends in self.sends.items()
                for way in SENDING_WAYS}  # fmt: skip
        parts = ("waiting", "driver", "crypto", "rest", "whole")
        yield from _table(
            [say("bench.part"), *lone],
            [
                *([say(f"bench.send.{part}"), *(f"{getattr(s, part):.2f}" for s in lone.values())] for part in parts),
                [say("bench.send.statements"), *(str(share.statements) for share in lone.values())],
            ],
        )
        for name, found in lone.items():
            if len(found.each) > 1:
                yield f"- {name}: " + ", ".join(f"`{statement}` {ms:.2f}" for statement, ms in found.each)
        yield ""

    def _users(self, say: Say) -> Iterator[str]:
        """Many people on pages at once, beside one alone."""
        if (found := self.users) is None:
            return
        yield f"## {say('bench.users', users=found.users)}\n"
        yield say("bench.users.how", users=found.users, thinking=f"{found.thinking:g}", load=f"{found.load:.1f}") + "\n"
        yield from _table(
            [say("bench.users.who"), say("bench.users.pages"), say("bench.users.p50-p95"), say("bench.per-second")],
            [
                [say("bench.users.alone"), f"{found.alone.calls:,}", _cell(found.alone), "—"],
                [
                    say("bench.users.together"),
                    f"{found.together.calls:,}",
                    _cell(found.together),
                    f"{found.together.calls / found.seconds:.1f}",
                ],
            ],
        )
        errors = ", ".join(f"{what} ({n})" for what, n in found.errors.items()) or say("bench.users.none")
        yield say("bench.users.ratio", ratio=f"{found.ratio:.2f}", errors=errors) + "\n"
        yield say("bench.users.slowest", list=", ".join(f"`{page}` {ms:.0f}" for page, ms in found.slowest)) + "\n"

    def _intake(self, say: Say) -> Iterator[str]:
        rows = [
            [
                say(f"bench.network.{found.name}"),
                engine,
                f"{intake.services:,}",
                f"{intake.seconds:.0f}",
                f"{intake.services / intake.seconds:,.0f}",
                f"{intake.processor_seconds:.0f}",
                f"{intake.peak_mb:.0f}",
                f"{intake.engine_peak_mb:.0f}" if intake.engine_peak_mb else "—",
            ]
            for found in self.networks
            for engine, intake in found.intakes.items()
        ]
        if rows:
            yield f"## {say('bench.intake')}\n"
            heads = ("network", "engine", "services", "seconds", "per-second", "processor", "peak", "engine-peak")
            yield from _table([say(f"bench.head.{name}") for name in heads], rows)


def _network(found: Found, say: Say) -> Iterator[str]:
    """One network: every store in a column, every way in a row."""
    yield f"## {say(f'bench.network.{found.name}')}: {found.services:,} {say('bench.services')}\n"
    yield say("bench.memory", memory=found.memory)
    ordered = sorted(found.candidates)
    if ordered:
        middle, high = ordered[len(ordered) // 2], ordered[round((len(ordered) - 1) * 0.95)]
        yield say("bench.candidates", mean=f"{found.mean_candidates:.1f}", middle=middle, high=high)
    if found.compared:
        yield say("bench.same", compared=f"{found.compared:,}", stores=", ".join(found.stores))
    yield ""
    rows = []
    for way in WAYS:
        cells = [_cell(found.of(store, way)) for store in found.stores]
        if any(cells):
            rows.append([say(f"bench.way.{way}"), *(cell or "—" for cell in cells)])
    per_candidate = [
        f"{figure.p50 / found.mean_candidates:.3f}" if figure and found.mean_candidates else "—"
        for figure in (found.of(store, "answer") for store in found.stores)
    ]
    rows.append([say("bench.per-candidate"), *per_candidate])
    for level, figures in found.wider.items():
        rows.append([say(f"bench.way.{level}"), *(_cell(figures.get(store)) or "—" for store in found.stores)])
    yield from _table([say("bench.p50-p95"), *found.stores], rows)


def _shares(sends: Sends, whole: str, bare: str) -> tuple[str, str]:
    """How much of the bare transaction's throughput: the middle turn, and all of them."""
    each = sorted(w / b for w, b in zip(sends.turns[whole], sends.turns[bare], strict=True))
    return f"{100 * sends.ratio(whole, bare):.0f} %", f"{100 * each[0]:.0f}–{100 * each[-1]:.0f} %"


def _cell(figure: Figure | None) -> str:
    return f"{figure.p50:.2f} / {figure.p95:.2f}" if figure else ""


def _ratio(one: Figure | None, other: Figure | None) -> float | None:
    return one.p50 / other.p50 if one and other else None


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|---" + "|--:" * (len(head) - 1) + "|"
    for row in rows:
        yield "| " + " | ".join(row) + " |"
    yield ""
