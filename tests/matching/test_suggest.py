"""Suggested, near miss, ruled out, gap; and the order, which is public and takes turns."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from graph.model.directory import CapacityState
from graph.model.offer import Period, Reach, SopTerms, Stop
from graph.model.refusal import Reason
from matching.criteria import CRITERIA
from matching.suggest import suggest
from tests.matching.offers import DAY, PAPERS, need, offer, places, sop

FULL = {"places": places(CapacityState.NONE, 0)}


def test_no_rule_unmet_is_suggested_and_one_unmet_is_a_near_miss() -> None:
    found = suggest(
        need(age=12), [offer(minimum_age=0, service_id="a"), offer(service_id="b"), offer(FULL, service_id="c")], PAPERS
    )
    assert [j.offer.terms.service_id for j in found.suggested] == ["a"]
    assert [j.offer.terms.service_id for j in found.near_misses] == ["b"]
    assert [len(j.unmet) for j in found.ruled_out] == [1, 2]
    assert found.reasons == {Reason.AGE_BELOW: 2, Reason.NO_PLACES: 1}
    assert found.gap is None


def test_the_gap_names_what_stands_in_the_way_of_the_nearest() -> None:
    found = suggest(
        need(),
        [
            offer(FULL, service_id="a"),
            offer(FULL, service_id="b", status="defunct"),
            offer({"reach": Reach.TOUCHES}, service_id="c", status="defunct"),
        ],
        PAPERS,
    )
    assert found.gap is not None
    assert (found.gap.reason, found.gap.near_miss) == (Reason.NO_PLACES, True)


def test_a_gap_without_any_service_says_whether_there_is_one_elsewhere() -> None:
    assert suggest(need(), [], PAPERS, elsewhere=2).gap.reason == Reason.COVERAGE_ELSEWHERE  # type: ignore[union-attr]
    assert suggest(need(), [], PAPERS).gap.reason == Reason.NO_SERVICE_OF_TYPE  # type: ignore[union-attr]


def test_order_what_can_be_sent_to_then_places_then_standing_then_nearness() -> None:
    ids = ["best", "farther", "no-agreement", "waiting", "no-sop"]
    offers = [
        offer(service_id="no-sop", sops=(sop(Period(None, None)),)),
        offer({"places": places(CapacityState.WAITING_LIST, 0)}, service_id="waiting"),
        offer(service_id="no-agreement", agreements=()),
        offer({"distance": 2}, service_id="farther"),
        offer(service_id="best"),
    ]
    assert [j.offer.terms.service_id for j in suggest(need(), offers, PAPERS).suggested] == ids


def test_ties_take_turns_so_that_nobody_is_always_first() -> None:
    equal = [offer(service_id=f"s{i}") for i in range(5)]
    first = Counter(
        suggest(need(on=DAY - timedelta(days=d)), equal, PAPERS).suggested[0].offer.terms.service_id for d in range(300)
    )
    assert set(first) == {f"s{i}" for i in range(5)}
    assert max(first.values()) < 2 * 300 / 5


def test_the_same_day_gives_the_same_order_whatever_the_order_of_finding() -> None:
    equal = [offer(service_id=f"s{i}") for i in range(5)]
    assert suggest(need(), equal, PAPERS).suggested == suggest(need(), equal[::-1], PAPERS).suggested


STOPS = [
    Stop(subject, why, Period(date(2026, 1, 1), until))
    for subject in ("area", "organization", "service")
    for why, until in (("no-staff", date(2026, 12, 31)), ("insecurity", date(2026, 12, 1)), ("own-request", None))
]
VERSIONS = [sop(version=v, any_factor=factors) for v in (1, 2) for factors in ((), ("lgbti",), ("disability",))]
ENDED = [Period(None, date(2026, month, 1)) for month in (1, 5, 9)]


@given(
    st.lists(st.sampled_from(STOPS)), st.lists(st.sampled_from(VERSIONS)), st.lists(st.sampled_from(ENDED)), st.data()
)
def test_what_is_said_does_not_depend_on_the_order_in_which_a_store_gives_it(
    stops: list[Stop], sops: list[SopTerms], ended: list[Period], data: st.DataObject
) -> None:
    said = []
    for order in (lambda found: found, lambda found: data.draw(st.permutations(found))):
        one = offer(
            {"stops": tuple(order(stops))},
            sops=tuple(order(sops)),
            agreements=tuple(order(ended)),
            windows=tuple(order(ended)),
        )
        found = suggest(need(), [one], PAPERS)
        said.append([(j.judgements, j.order) for j in (*found.suggested, *found.ruled_out)])
    assert said[0] == said[1]


@given(st.integers(0, 130), st.sampled_from(["female", "male", "other"]), st.sampled_from(["GT", "HN", "SV"]))
def test_who_the_person_is_never_moves_an_offer_that_has_no_rule_about_it(age: int, gender: str, country: str) -> None:
    """R-35: nothing about a person that the provider's rules do not justify enters the order."""
    offers = [offer(service_id=f"s{i}", minimum_age=0, maximum_age=None) for i in range(4)]
    one = suggest(need(age=age, gender=gender, nationality=country), offers, PAPERS)
    other = suggest(need(), offers, PAPERS)
    assert [j.offer for j in one.suggested] == [j.offer for j in other.suggested]
    assert [j.order for j in one.suggested] == [j.order for j in other.suggested]


def test_every_offer_is_judged_by_every_rule() -> None:
    found = suggest(need(), [offer(FULL, status="defunct")], PAPERS)
    assert len(found.ruled_out[0].judgements) == len(CRITERIA) + 1
