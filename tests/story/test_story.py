"""`enlace story`: its steps by their names, on both engines; a step whose check is left out fails the run. (R-10…R-25)"""

from __future__ import annotations

import json
import os
import pkgutil
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest
import typer

from api.cli.conversation import Conversation
from api.cli.story import command, steps
from api.cli.story.cast import Cast
from api.cli.story.checks import Checks, LeftOut, NotSo, Step, Tale, play
from api.cli.story.line import Answer
from api.cli.story.stage import Stage, stage
from api.cli.story.steps import STEPS
from api.cli.story.steps.leased import says
from api.texts import LANGUAGES, catalogue
from tests.house.tree import CHECKOUT

NAMES: Final = [
    "needs-agreed",
    "consent-partial",
    "previewed",
    "sent",
    "opened",
    "refused-without-consent",
    "exception-attested",
    "withdrawn",
    "gone-list",
    "redirected",
    "confirmed-both",
    "disagreement",
    "follow-up",
    "leased",
    "waiting-list",
    "complaint",
    "border",
    "job-match",
    "reminded",
    "lapsed",
    "next-suggestion",
    "asked-without-identity",
    "chosen",
    "answered-by-link",
]
"""As the issue names them, in its order."""

STATUS: Final = [200, 201, 200, 200, 200, 409, 201, 200, 200, 200, 200, 200, 200, 200, 200, 201, 200, 200, 200, 200, 200, 201, 201, 201]  # fmt: skip


def lines_of(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def assert_tells_the_story(lines: list[dict[str, Any]]) -> None:
    assert [line["step"] for line in lines] == NAMES
    assert [line["status"] for line in lines] == STATUS
    for line, step in zip(lines, STEPS, strict=True):
        assert list(line) == ["step", "request", "status", "checked"]
        assert re.fullmatch(r"(GET|POST|PUT) /v1/[\w/-]+", line["request"])
        assert len(line["checked"]) == len(step.owes) and all(" " in said for said in line["checked"])


def test_the_story_holds_and_a_check_left_out_fails_it(
    cast: Cast, talk: Conversation, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One play on each engine: told to the end; and once more, where each step in turn is not looked at."""
    tale = Tale(cast)
    command.tell(talk, tale, STEPS, as_json=True)
    assert_tells_the_story(lines_of(capsys.readouterr().out))
    cast.first_admin.post(f"/credentials/{tale.kept['credential']}/revocation")
    says(tale, "set", number=20, maximum=1000)  # many plays on one stage use up the clinic's places
    again, whole = Tale(cast), Checks.that
    for step in STEPS:
        left_out = step.owes[-1]

        def that(self: Checks, code: str, holds: bool, /, left_out: str = left_out, **facts: Any) -> None:
            if code != left_out:
                whole(self, code, holds, **facts)

        monkeypatch.setattr(Checks, "that", that)
        with pytest.raises(typer.Exit) as ended:
            command.tell(talk, again, [step], as_json=True)
        said = capsys.readouterr()
        assert (ended.value.exit_code, said.out) == (command.BROKEN, "")
        assert step.name in said.err and left_out in said.err
    cast.first_admin.post(f"/credentials/{again.kept['credential']}/revocation")
    assert not talk.settings.data.exists(), "the data folder is not the story's"


def test_a_graph_that_holds_anything_is_left_alone(
    ready: Stage, talk: Conversation, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit) as ended, stage(talk):
        pytest.fail("it began")
    assert ended.value.exit_code == 2 and "not empty" in capsys.readouterr().err


@pytest.mark.xdist_group("embedded")
def test_the_command_as_it_is_typed_on_an_engine_of_its_own(tmp_path: Path) -> None:
    """No setting, no data folder, no keys: and nothing is left of it."""
    drafts = tmp_path / "drafts"
    drafts.mkdir()
    env = {name: value for name, value in os.environ.items() if not name.startswith(("ENLACE_", "NEO4J_"))}
    env |= {"ENLACE_DATA": str(tmp_path / "data"), "ENLACE_KEYS": str(tmp_path / "keys"), "TMPDIR": str(drafts)}
    line = [sys.executable, "-m", "api.cli", "story", "--json"]
    done = subprocess.run(line, cwd=CHECKOUT, env=env, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert_tells_the_story(lines_of(done.stdout))
    assert not (tmp_path / "data").exists() and not (tmp_path / "keys").exists()
    assert not list(drafts.glob("enlace-story-*"))


ANSWER: Final = Answer("GET /v1/me", 200, {})


def step_of(*made: tuple[str, Any], owes: tuple[str, ...]) -> Step:
    def steps(tale: Tale, checks: Checks) -> Answer:
        for code, holds in made:
            checks.that(code, holds)
        return ANSWER

    return Step("a-step", owes, steps)


NO_CAST: Final[Any] = None


def test_a_step_counts_only_with_every_check_it_owes_and_each_true() -> None:
    tale = Tale(NO_CAST)
    whole = play(step_of(("one", True), ("two", True), owes=("one", "two")), tale)
    assert [held.code for held in whole.held] == ["one", "two"] and whole.answer is ANSWER
    for left_out in (
        step_of(("one", True), owes=("one", "two")),
        step_of(owes=("one",)),
        step_of(owes=()),
        step_of(("one", True), ("two", True), owes=("one",)),
    ):
        with pytest.raises(LeftOut):
            play(left_out, tale)
    for value in (False, None, 1, "yes", [True]):
        with pytest.raises(NotSo):
            play(step_of(("one", value), owes=("one",)), tale)


def test_every_file_of_a_step_is_in_the_story() -> None:
    files = sorted(module.name for module in pkgutil.iter_modules(steps.__path__))
    assert files == sorted(step.name.replace("-", "_") for step in STEPS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_step_and_check_has_its_words_and_no_word_is_left_over(language: Any) -> None:
    words = {key for key in catalogue(language) if key.startswith(("story.step.", "story.check."))}
    owed = {f"story.check.{code}" for step in STEPS for code in step.owes}
    assert words == owed | {f"story.step.{step.name}" for step in STEPS}


def test_the_page_tells_every_step_in_its_order() -> None:
    page = (CHECKOUT / "docs" / "story.md").read_text(encoding="utf-8")
    assert re.findall(r"^## \d+\. `([\w-]+)`", page, re.MULTILINE) == NAMES
