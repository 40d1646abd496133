"""Canaries: texts that tests write as values of a person, and nobody else would; and where they may not be seen. (R-21)

How a run is watched for them is `watching`.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from starlette.responses import Response

MARKS: Final = (
    "ZZCANARY",
    "Xiomara Canaria",
    "canary_7731",
    "7731773177317731",
    "canaria-clave-7731",
    "canaria.xiomara",
    "canaria-secreta",
    "canaria.oculta",
)
VARIABLE: Final = "ENLACE_CANARY"
"""One more mark: for the test of this watch itself, so that nobody outside it sees what it planted."""

LOGGING: Final = ("log", "span", "trace", "stdout", "stderr")
"""What the name of a file or of its folder contains if it holds logs or spans."""

SUMMARY: Final = re.compile(rb'<div class="summary" role="alert".*?</div>', re.DOTALL)
"""What says no on a page that comes back to its reader with what they typed: around it stands what they may see anyway."""

MOST_BYTES: Final = 64 * 2**20


class Watch(logging.Handler):
    """What was seen, each with the test that was running."""

    def __init__(self, marks: Iterable[str]) -> None:
        super().__init__(level=logging.NOTSET)
        self.marks = [mark.casefold() for mark in marks]
        self.seen: list[str] = []
        self.base: Path | None = None

    def note(self, where: str, text: str) -> None:
        """Keep the place if the text holds a canary; the text itself is not repeated."""
        told = text.casefold()
        for mark in self.marks:
            if mark in told:
                test = os.environ.get("PYTEST_CURRENT_TEST", "at the end").partition(" ")[0]
                self.seen.append(f"{where} ({test})")
                return

    def emit(self, record: logging.LogRecord) -> None:
        """One log record: its words, and all that travels with it."""
        told = f"{record.getMessage()} {record.exc_text or ''} {record.exc_info and record.exc_info[1]!r}"
        self.note(f"log record of {record.name}", f"{told} {record.__dict__}")

    def answered(self, response: Response) -> None:
        """One answer that says no."""
        if response.status_code >= 400:
            body = bytes(getattr(response, "body", b""))
            if response.headers.get("content-type", "").startswith("text/html"):
                body = b"".join(SUMMARY.findall(body)) or body
            headers = b"\n".join(part for header in response.raw_headers for part in header)
            self.note(f"answer of {response.status_code}", (body + headers).decode("utf-8", errors="replace"))

    def look_in(self, folder: Path) -> None:
        """All files of logs and spans below a folder."""
        for file in files_of_logs(folder):
            try:
                with file.open("rb") as opened:
                    text = opened.read(MOST_BYTES).decode("utf-8", errors="replace")
            except OSError:
                continue  # gone meanwhile
            self.note(f"file {file.relative_to(folder)}", text)


def files_of_logs(folder: Path) -> Iterator[Path]:
    """Files that hold logs or spans, by their name or that of the folder they lie in."""
    for file in folder.rglob("*"):
        near = (file.name + "/" + file.parent.name).casefold()
        if any(word in near for word in LOGGING) and not file.is_symlink() and file.is_file():
            yield file


WATCH: Final = Watch([*MARKS, *filter(None, [os.environ.get(VARIABLE)])])
