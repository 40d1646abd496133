"""Reading a page in tests as a browser does: headings, fields of a form, links; and sending a form back."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from fastapi.testclient import TestClient
from httpx2 import Response


@dataclass
class Form:
    """One form: where it goes, what it would send, and which words can be chosen."""

    action: str
    method: str
    values: list[tuple[str, str]] = field(default_factory=list)
    options: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class Page(HTMLParser):
    """What tests ask of a page."""

    def __init__(self, response: Response) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.headings: list[tuple[str, str]] = []
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._open: list[str] = []
        self._select: tuple[str, bool] | None = None
        self.feed(response.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = dict(attrs)
        self.tags.append((tag, has))
        if has.get("id"):
            self.ids.add(str(has["id"]))
        if tag in {"h1", "h2", "h3", "h4"}:
            self.headings.append((tag, ""))
            self._open.append(tag)
        elif tag == "a":
            self.links.append(has.get("href") or "")
        elif tag == "form":
            self.forms.append(Form(has.get("action") or "", has.get("method") or "get"))
        elif tag in {"input", "button", "select", "option"} and self.forms:
            self._field(tag, has)

    def _field(self, tag: str, has: dict[str, str | None]) -> None:
        form, name, value = self.forms[-1], has.get("name") or "", has.get("value") or ""
        if tag == "select":
            self._select = (name, False)
            form.options[name] = []
        elif tag == "option" and self._select:
            form.options[self._select[0]].append(value)
            if "selected" in has:
                form.values.append((self._select[0], value))
        elif tag == "button" and name:
            form.buttons.append((name, value))
        elif tag == "input" and name:
            kind = has.get("type", "text")
            if kind in {"radio", "checkbox"}:
                form.options.setdefault(name, []).append(value)
            if kind not in {"radio", "checkbox"} or "checked" in has:
                form.values.append((name, value))

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1] == tag:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._open:
            level, words = self.headings[-1]
            self.headings[-1] = (level, words + data)

    @property
    def h1(self) -> str:
        (one,) = (words for level, words in self.headings if level == "h1")
        return " ".join(one.split())


def get(client: TestClient, path: str, **headers: str) -> Page:
    response = client.get(path, headers=headers)
    assert response.status_code == 200, (response.status_code, response.text[:400])
    return Page(response)


def send(client: TestClient, form: Form, path: str = "", **changed: Any) -> Response:
    """Send the form as a browser would, with some fields changed; a list sends a field several times."""
    values: dict[str, list[str]] = {}
    for name, value in form.values:
        values.setdefault(name, []).append(value)
    for name, value in changed.items():
        values[name] = [str(v) for v in value] if isinstance(value, list) else [str(value)]
    response: Response = client.post(form.action or path, data=values)
    return response
