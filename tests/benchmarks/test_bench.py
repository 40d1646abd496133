"""The benchmark, very small: that it runs, and that what it compares is the same. Never how quick anything is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.actions.suggestions import Answer, papers
from api.query import Query
from api.texts import text
from benchmarks import cluster, generate, run
from benchmarks.contenders import NotTheSame, assert_same
from benchmarks.postgres import Recalled
from benchmarks.report import Report
from benchmarks.send import WAYS, Sending
from benchmarks.users import Crowd
from graph.model.base import Language
from graph.model.need import Need
from graph.model.offer import Offer
from matching.suggest import suggest
from tests.matching.offers import offer

TINY = run.Plan(
    services=300,
    questions=12,
    rounds=1,
    warm_calls=0,
    grown=False,
    sending=Sending(callers=3, turns=1, each=2, warm=0),
    crowd=Crowd(users=9, thinking=0.1, pages=3, alone=22),
)


def quietly(_: str, **__: Any) -> None:
    """Tell nobody."""


def said(language: Language) -> Any:
    return lambda key, **places: text(key, language, **places)


@pytest.fixture(scope="module")
def report() -> Report:
    return run.run(TINY, tell=quietly)


@pytest.mark.xdist_group("embedded")
def test_a_tiny_run_imports_asks_and_times_the_embedded_engine(report: Report) -> None:
    base = report.base
    assert base.intakes["embedded"].services == base.services == 300
    assert set(base.figures["embedded"]) == {"driver", "round-trip", "recall", "find", "answer", "http"}
    assert all(figure.calls == TINY.questions * TINY.rounds for figure in base.figures["embedded"].values())
    assert any(base.candidates)
    assert [u.callers for u in report.updates] == [1, 8]


@pytest.mark.xdist_group("embedded")
def test_postgresql_finds_the_same_candidates_with_the_same_data(report: Report) -> None:
    if "PostgreSQL" in report.missing:
        pytest.skip(f"no PostgreSQL: {report.missing['PostgreSQL']}")
    assert report.base.stores == ("embedded", "postgres", "postgres-ready")
    assert report.base.compared >= sum(report.base.candidates) > 0


@pytest.mark.xdist_group("embedded")
@pytest.mark.parametrize("language", ["es", "en"])
def test_the_page_has_words_for_everything_in_it(report: Report, language: Language) -> None:
    page = report.markdown(said(language))
    assert said(language)("bench.send") in page
    assert "bench." not in page
    assert "300" in page
    assert json.loads(report.as_json())["networks"][0]["compared"] == report.base.compared


@pytest.mark.xdist_group("embedded")
def test_sends_and_openings_are_timed_beside_the_bare_transactions(report: Report) -> None:
    sends = report.sends["embedded"]
    assert set(sends.ways) == set(WAYS) == set(sends.lone)
    assert all(way.latency.calls == sends.calls == 6 for way in sends.ways.values())
    assert sends.ratio("send", "bare-send") > 0
    names = {way: [name for name, _ in share.each] for way, share in sends.lone.items()}
    assert names["bare-send"] == names["bare-open"] == names["bare-place"] == ["bare"]
    sent = ["referrals.CASE_OF", "cases.BUMP", "matters.GET", "disclosures.CREATE", "timers.SET", "log.WRITE"]
    assert names["send"] == sent
    placed = ["leases.LOCK", "leases.WRITE"]  # after the case's lock: read under its own, and taken
    assert names["place"] == [*sent[:3], *placed, *sent[3:]]
    assert names["open"][1:3] == ["cases.BUMP", "matters.GET"]  # locked first, and read only then


@pytest.mark.xdist_group("embedded")
def test_people_of_every_role_walk_the_pages_of_the_demo_and_nothing_is_refused(report: Report) -> None:
    found = report.users
    assert found is not None
    assert (found.users, found.errors) == (9, {})
    assert found.alone.calls == 22 and found.together.calls == 27
    assert found.ratio > 0 and found.slowest


class Says:
    """A store of one offer, as it is given."""

    def __init__(self, name: str, found: Offer) -> None:
        self.name = name
        self.found = found

    async def find(self, need: Need) -> Recalled:
        return Recalled((self.found,), 0, {})

    async def answer(self, need: Need) -> Answer:
        return Answer(suggest(need, (self.found,), papers()), (), {})

    def ways(self) -> dict[str, Any]:
        return {}


async def test_a_difference_between_stores_is_an_error_and_not_a_figure() -> None:
    queries = [Query.model_validate(need) for need in generate.needs(2)]
    assert await assert_same([Says("one", offer()), Says("other", offer())], queries) == 2
    with pytest.raises(NotTheSame, match="other finds other candidates than one"):
        await assert_same([Says("one", offer()), Says("other", offer(minimum_age=19))], queries)


@pytest.mark.parametrize("growth", ["tenfold", "equal"])
def test_a_network_is_the_same_every_time(tmp_path: Path, growth: generate.Growth) -> None:
    plan = generate.Plan(60, growth, small=20)
    for name in ("one", "two"):
        generate.write(tmp_path / name, plan)
    for file in sorted((tmp_path / "one").iterdir()):
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes()


def test_a_larger_network_of_equal_candidates_begins_like_the_smaller_one() -> None:
    small, large = generate.Plan(100, small=100), generate.Plan(1000, "equal", small=100)
    shared = large.shaped
    first = [d["service_areas"] for d in _some(generate.services(small), shared)]
    assert first == [d["service_areas"] for d in _some(generate.services(large), shared)]
    assert all(len(d["service_areas"]) == 1 for d in list(generate.services(large))[shared:])


def _some(documents: Iterator[Any], count: int) -> list[Any]:
    return [next(documents) for _ in range(count)]


def test_the_division_has_3400_areas_on_three_levels_and_touches_both_within_and_across_departments() -> None:
    areas = list(generate.areas())
    assert len(areas) == 3400
    assert {a["level"] for a in areas} == {0, 1, 2}
    codes = {a["code"] for a in areas}
    pairs = list(generate.adjacency())
    assert len(pairs) == len(set(pairs)) > 9000
    assert {code for pair in pairs for code in pair} == codes - {generate.COUNTRY}
    assert any(one[:4] != other[:4] for one, other in pairs if len(one) == 7)


def test_a_cluster_ends_with_its_folder() -> None:
    try:
        with cluster.cluster() as address:
            assert "host=127.0.0.1" in address
    except cluster.Missing as missing:
        pytest.skip(f"no PostgreSQL: {missing}")
    import psycopg

    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(address, connect_timeout=2)
