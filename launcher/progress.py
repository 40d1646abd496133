"""Tells a waiting person what is being done and for how long: one living line on a terminal, few lines elsewhere.

Everything goes to standard error, so that the output of a command can be piped.
"""

from __future__ import annotations

import shutil
import sys
import time
from typing import Final, TextIO

from launcher.words import Language, say

QUIET_SECONDS: Final = 15.0
"""How long a log may stay silent before a line says that work goes on."""


class Progress:
    """One start of the launcher, as seen by the person before it."""

    def __init__(self, language: Language, stream: TextIO | None = None) -> None:
        self.language = language
        self._stream = stream or sys.stderr
        self._is_live = self._stream.isatty()
        self._began = time.monotonic()
        self._last_line = self._began
        self._step = ""
        self._detail = ""
        self._percent = ""

    @property
    def elapsed(self) -> int:
        """Whole seconds since the beginning."""
        return int(time.monotonic() - self._began)

    def step(self, text: str) -> None:
        """The next thing begins."""
        if self._is_live and self._step:
            self.line(self._head())
        self._clear()
        self._step, self._detail, self._percent = text, "", ""
        if self._is_live:
            self.tick()
        else:
            self.line(self._head())

    def detail(self, text: str) -> None:
        """What of it is being done now."""
        self._detail, self._percent = text, ""
        self.tick()

    def part(self, percent: int) -> None:
        """How much of it has come."""
        self._percent = f" {percent} %"
        self.tick()

    def tick(self) -> None:
        """Show that time passes. Call it often."""
        if self._is_live:
            width = shutil.get_terminal_size().columns - 1
            text = self._head() + (f": {self._detail}{self._percent}" if self._detail else "")
            self._stream.write("\r" + text[:width].ljust(width))
            self._stream.flush()
        elif time.monotonic() - self._last_line > QUIET_SECONDS:
            still = say("still", self.language, elapsed=self.elapsed)
            self.line(f"        {still}: {self._detail}{self._percent}" if self._detail else f"        {still}")

    def line(self, text: str) -> None:
        """A line that stays."""
        self._clear()
        self._stream.write(text + "\n")
        self._stream.flush()
        self._last_line = time.monotonic()

    def _head(self) -> str:
        return f"[{self.elapsed:>3} s] {self._step}"

    def _clear(self) -> None:
        if self._is_live:
            self._stream.write("\r" + " " * (shutil.get_terminal_size().columns - 1) + "\r")
