"""What ever left of either person: every copy, to whom, and who opened it. (R-20, R-21)"""

from __future__ import annotations

from typing import Any

from api.cli.story.checks import Checks, Step, Tale
from api.cli.story.line import Answer
from api.cli.story.persons import EMERGENCY, FIRST, SECOND, tells_of


def _play(tale: Tale, checks: Checks) -> Answer:
    manager, clinic = tale.cast.manager, tale.cast.clinic
    first = manager.get(f"/cases/{tale.kept['case']}/gone")
    second = manager.get(f"/cases/{tale.kept['second-case']}/gone")
    left = [(row["referral_id"], sorted(row["fields"]), row["organization_id"]) for row in [*first.body, *second.body]]
    checks.that(
        "every-copy",
        left
        == [
            (tale.kept["referral"], sorted(tale.kept["preview"]), clinic.organization_id),
            (tale.kept["second-referral"], list(EMERGENCY), clinic.organization_id),
        ],
        n=len(left),
    )
    by = {reading["actor_id"] for row in [*first.body, *second.body] for reading in row["opened"]}
    checks.that("who-opened", by == {clinic.actor_id} and all(row["opened"] for row in [*first.body, *second.body]))
    closed = [row["closed_at"] is not None for row in [*first.body, *second.body]]
    checks.that("closed-by-the-withdrawal", closed == [True, False])
    told = {
        "first": _log(tale.entries(tale.kept["stream"])),
        "second": _log(tale.entries(tale.kept["second-stream"])),
    }
    checks.that("log-says-the-same", told == {"first": _list(first.body), "second": _list(second.body)})
    checks.that("no-values-listed", not tells_of(first, FIRST) and not tells_of(second, SECOND))
    shut = clinic.tries("GET", f"/cases/{tale.kept['case']}/gone").status == 404
    checks.that("list-not-theirs", shut and not tale.outsider_sees(("GET", f"/cases/{tale.kept['case']}/gone")))
    return first


def _list(copies: list[dict[str, Any]]) -> list[tuple[str, list[str]]]:
    """Each copy with the instants of its readings, as the list tells it."""
    return [(row["disclosure_id"], [reading["at"] for reading in row["opened"]]) for row in copies]


def _log(entries: list[dict[str, Any]]) -> list[tuple[str, list[str]]]:
    """The same, as the log tells it."""
    return [
        (
            sent["disclosure"],
            [e["at"] for e in entries if e["kind"] == "reading" and e["disclosure"] == sent["disclosure"]],
        )
        for sent in entries
        if sent["kind"] == "transfer"
    ]


STEP = Step(
    "gone-list",
    (
        "every-copy",
        "who-opened",
        "closed-by-the-withdrawal",
        "log-says-the-same",
        "no-values-listed",
        "list-not-theirs",
    ),
    _play,
)
