"""The notices, read from `notices/*.yaml`: what a person is shown or read before they answer. (R-11, R-20, R-24)

A wording that was published never changes: its hash stands beside it and is checked at every reading; a change is a
new version. `choose` is the only way to a `NoticeShown`, and a wording that nobody translated cannot be chosen.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from hashlib import sha256
from importlib.resources import files
from types import MappingProxyType
from typing import Final, Literal, Self

import yaml
from pydantic import Field, model_validator

from graph.model.base import Code, Model
from graph.model.consent import NoticeShown
from graph.model.refusal import Denied, Reason, Refusal

PERSON: Final = "sharing"
REPRESENTATIVE: Final = "sharing-representative"
CHILD: Final = "sharing-child"
"""Who is asked: the person, whoever represents them; and a child is told, and asked what they think. (R-20, R-24)"""

PLACES: Final = frozenset({"holder", "organization", "purpose", "until"})
"""What is filled in when a wording is shown. The hash is that of the wording with its places open."""


class Wording(Model):
    """One notice in one language. A placeholder shows where a translation belongs, and is never shown as one."""

    status: Literal["published", "not-translated"] = "published"
    title: str
    text: str
    sha256: str | None = Field(None, description="of what was published; a placeholder has none")

    @property
    def whole(self) -> str:
        """Title and text, as they are hashed."""
        return f"{self.title}\n\n{self.text.strip()}\n"

    @property
    def digest(self) -> str:
        """SHA-256 of the whole, in UTF-8."""
        return sha256(self.whole.encode()).hexdigest()

    @model_validator(mode="after")
    def _unchanged(self) -> Self:
        if self.status == "published" and self.sha256 != self.digest:
            raise ValueError(f"a published wording is not what it was: {self.digest}; a change is a new version")
        if self.status == "not-translated" and self.sha256 is not None:
            raise ValueError("a wording that nobody translated has no hash")
        return self


class NoticeVersion(Model):
    """All languages of one version, from the day on which it is shown."""

    version: int = Field(ge=1)
    valid_from: date
    wordings: Mapping[Code, Wording]


class Notice(Model):
    """A notice with all its versions, the oldest first."""

    id: Code
    for_: Literal["person", "representative", "child"] = Field(alias="for")
    cites: tuple[str, ...]
    versions: tuple[NoticeVersion, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if [v.version for v in self.versions] != list(range(1, len(self.versions) + 1)):
            raise ValueError("versions are numbered from 1 without a hole")
        return self


@cache
def notices() -> Mapping[str, Notice]:
    """All notices by id."""
    folder = files("graph.seed").joinpath("notices")
    texts = [f.read_text(encoding="utf-8") for f in folder.iterdir() if f.name.endswith(".yaml")]
    found = sorted((Notice.model_validate(yaml.safe_load(text)) for text in texts), key=lambda n: n.id)
    return MappingProxyType({notice.id: notice for notice in found})


def wording(id: str, version: int, language: str) -> Wording | None:
    """What somebody was shown once, also long ago: for receipts and for looking up. None: there is no such wording."""
    found = notices().get(id)
    versions = [v for v in found.versions if v.version == version] if found else []
    return versions[0].wordings.get(language) if versions else None


def current(id: str, *, on: date) -> NoticeVersion | None:
    """The version that is shown on a day. None: the notice is unknown, or not yet in use."""
    found = notices().get(id)
    return (
        max((v for v in found.versions if v.valid_from <= on), key=lambda v: v.version, default=None) if found else None
    )


def languages(id: str, *, on: date) -> tuple[Code, ...]:
    """The languages in which a consent can be asked for: those that somebody translated."""
    version = current(id, on=on)
    return tuple(c for c, w in version.wordings.items() if w.status == "published") if version else ()


def choose(id: str, language: str, *, on: date, version: int | None = None) -> NoticeShown | Refusal:
    """The wording a consent is given under, by its hash; refused where nobody translated it. (R-20)

    With `version`, what a screen showed: refused if another version has come into use since.
    """
    now = current(id, on=on)
    known = now.wordings.get(language) if now else None
    if now is None or known is None:
        return _refused(Reason.NOTICE_UNKNOWN, id, language)
    if known.status != "published":
        return _refused(Reason.NOTICE_NOT_TRANSLATED, id, language)
    if version is not None and version != now.version:
        return _refused(Reason.NOTICE_SUPERSEDED, id, language)
    return NoticeShown(id=id, version=now.version, language=language, sha256=known.digest)


def _refused(reason: Reason, notice: str, language: str) -> Refusal:
    return Refusal(reasons=(Denied(reason=reason, places={"notice": notice, "language": language}),))
