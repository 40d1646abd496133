"""What pages are made of: words from the catalogue alone, a small sheet of styles, and nothing of others unnamed. (R-35)"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Final

from jinja2 import Environment

from tests.house.tree import CHECKOUT

UI: Final = CHECKOUT / "api" / "ui"
TEMPLATES: Final = sorted((UI / "templates").rglob("*.html"))
STATIC: Final = UI / "static"

NAMES: Final = frozenset({"Enlace", "API", "HTTP", "UTC", "XLSX", "CSV", "QR"})
"""The same in every language."""
READ_ALOUD: Final = re.compile(r'\b(?:aria-label|alt|placeholder|title)="([^"]*)"')
LOGIC: Final = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
TAG: Final = re.compile(r"<[^>]*>", re.DOTALL)
ADDRESS: Final = re.compile(r"""[\w-]+="[^"]*"|(?<![\w<])/[\w/-]+""")
"""What a macro puts into a tag of somebody else's; an address that is written out."""
LETTERS: Final = re.compile(r"[^\W\d_]{2,}")


def hard_coded(template: str) -> list[str]:
    """Words that a reader sees or hears and that stand in the template itself."""
    told = LOGIC.sub(" ", template)
    said = [TAG.sub(" ", re.sub(r"<(script|style)\b.*?</\1>", " ", told, flags=re.DOTALL)), *READ_ALOUD.findall(told)]
    plain = [re.sub(r"&\w+;", " ", ADDRESS.sub(" ", text)) for text in said]
    return [word for text in plain for word in LETTERS.findall(text) if word not in NAMES]


def test_every_word_of_a_template_comes_from_the_catalogue() -> None:
    assert len(TEMPLATES) > 40
    found = {str(path.relative_to(UI)): words for path in TEMPLATES if (words := hard_coded(path.read_text("utf-8")))}
    assert not found, found


def test_a_hard_coded_word_would_be_found() -> None:
    assert hard_coded('<p class="note">{{ t("a.b") }} Enlace <b>Casos</b></p>{# a word #}') == ["Casos"]
    assert hard_coded('<a aria-label="Cerrar" href="/casos">{% if x %}→{% endif %}&nbsp;</a>') == ["Cerrar"]


def test_every_template_is_understood() -> None:
    environment = Environment(autoescape=True)
    for path in TEMPLATES:
        environment.parse(path.read_text("utf-8"), str(path))


def test_styles_are_few_and_load_nothing() -> None:
    sheet = (STATIC / "enlace.css").read_bytes()
    assert len(sheet) <= 15_000
    assert not re.search(rb"@import|url\((?!#)", sheet)


def test_what_others_wrote_is_named_with_licence_and_hash() -> None:
    """A file of somebody else's in `static` is the one that the manifest tells, to the byte, and its licence lies beside it."""
    manifest = json.loads((STATIC / "vendored.json").read_text("utf-8"))
    licences = {told["licence_file"] for told in manifest.values()}
    ours = {"enlace.css", "enlace.js", "enlace.svg", "vendored.json"}
    assert {path.name for path in STATIC.iterdir()} == ours | manifest.keys() | licences
    for name, told in manifest.items():
        assert set(told) >= {"name", "version", "licence", "licence_file", "sha256"}
        assert hashlib.sha256((STATIC / name).read_bytes()).hexdigest() == told["sha256"], name
        assert (STATIC / told["licence_file"]).stat().st_size > 200
