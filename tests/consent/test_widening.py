"""Whatever the world: at least k people could be meant by what is asked, or nothing is asked. (R-10, R-35, design §8)"""

from __future__ import annotations

from typing import get_args

from hypothesis import event, given
from hypothesis import strategies as st

from consent.small_numbers import K_SENSITIVE, SENSITIVE, K
from consent.widening import Served, Widened, widen
from graph.model.age import BOUNDS, CHILDREN, AgeBand
from graph.model.enquiry import Somebody
from graph.model.refusal import Reason, Refusal
from graph.seed.vocabulary import lineage as line
from graph.seed.vocabulary import terms

TYPES = ("economic.employment.job-placement", "economic.employment", "social.housing.rent", "social.housing",
         "social.health.care", "psychosocial.counselling")  # fmt: skip
AREAS = {"GT0901": ("GT0901", "GT09", "GT"), "GT0902": ("GT0902", "GT09", "GT"), "GT1301": ("GT1301", "GT13", "GT"),
         "HN0101": ("HN0101", "HN01", "HN")}  # fmt: skip


def lineage(code: str) -> tuple[str, ...]:
    return line("service-types", code)


def below(code: str) -> tuple[str, ...]:
    return tuple(c for c in terms("service-types") if code in lineage(c) and c != code)


TYPE = st.sampled_from([t for t in TYPES if t in terms("service-types")])
LANGUAGE = st.sampled_from(["spa", "quc", "mam"])
SOMEBODY = st.builds(
    Somebody,
    who=st.integers(0, 40).map(str),
    needs=st.frozensets(TYPE, min_size=1, max_size=2),
    areas=st.sampled_from(list(AREAS.values())),
    age_band=st.none() | st.sampled_from(get_args(AgeBand)),
    languages=st.frozensets(LANGUAGE, max_size=2),
    gender=st.sampled_from([None, "female", "male"]),
    nationality=st.sampled_from([None, "GT", "HN"]),
    factors=st.frozensets(st.sampled_from(["lgbti", "disability"]), max_size=1),
)
SERVED = st.builds(
    Served,
    needs=st.frozensets(TYPE, min_size=1),
    genders=st.none() | st.just(frozenset({"female"})),
    any_factor=st.none() | st.just(frozenset({"lgbti"})),
    nationalities=st.none() | st.just(frozenset({"GT"})),
    not_nationalities=st.sampled_from([frozenset(), frozenset({"HN"})]),
    ages=st.sampled_from([None, (18, None), (0, 17), (12, 25)]),
)


def could_be(person: Somebody, found: Widened, served: list[Served]) -> bool:
    """Written a second time, by hand and without the first: might whoever is asked think of this person?"""
    asked = found.asked
    if asked.area not in person.areas:
        return False
    ages = {"0-17": CHILDREN, "18-": set(BOUNDS) - CHILDREN}.get(asked.age_band or "", {asked.age_band})
    if asked.age_band and person.age_band not in ages:
        return False
    if asked.language and asked.language not in person.languages:
        return False
    for service in served:
        if service.genders and person.gender != "female":
            return False
        if service.any_factor and "lgbti" not in person.factors:
            return False
        if service.nationalities and person.nationality != "GT":
            return False
        if service.not_nationalities and person.nationality in (None, "HN"):
            return False
        if service.ages:
            if person.age_band is None:
                return False
            low, high = BOUNDS[person.age_band]
            if low < service.ages[0] or (service.ages[1] is not None and (high is None or high > service.ages[1])):
                return False
    kinds = [n for n in person.needs if n == asked.service_type or n.startswith(asked.service_type + ".")]
    return any(all(n in s.needs for s in served) for n in kinds)


CROWD = st.lists(SOMEBODY, max_size=60) | st.tuples(SOMEBODY, st.integers(1, 30)).map(
    lambda some: [Somebody(**{f: getattr(some[0], f) for f in Somebody.__slots__} | {"who": str(i)}) for i in range(some[1])]
)  # fmt: skip


@given(subject=SOMEBODY, crowd=CROWD, served=st.lists(SERVED, min_size=1, max_size=3), data=st.data())
def test_at_least_k_could_be_meant_or_nothing_is_asked(
    subject: Somebody, crowd: list[Somebody], served: list[Served], data: st.DataObject
) -> None:
    if data.draw(st.booleans()):
        crowd = [*crowd, subject]
    need = data.draw(st.sampled_from(sorted(subject.needs)))
    language = data.draw(st.none() | st.sampled_from(sorted(subject.languages))) if subject.languages else None
    found = widen(subject, need, language, crowd, served, lineage=lineage, below=below)
    if isinstance(found, Refusal):
        event("refused")
        assert found.codes == (Reason.TOO_FEW_PEOPLE,)
        return
    event("asked")
    meant = {p.who for p in crowd if could_be(p, found, served)}
    sensitive = (
        subject.age_band in CHILDREN
        or "lgbti" in subject.factors
        or any(s.any_factor for s in served)
        or any(code in SENSITIVE for t in (need, found.asked.service_type) for code in (*lineage(t), *below(t)))
    )
    assert len(meant) == found.meant >= (K_SENSITIVE if sensitive else K)
    # and what is asked is true of whom it is about
    assert found.asked.area in subject.areas
    assert found.asked.service_type in lineage(need)
    assert found.asked.language in (None, language)


def crowd(n: int, **more: object) -> list[Somebody]:
    told: dict[str, object] = {"needs": frozenset({TYPES[0]}), "areas": AREAS["GT0901"], "age_band": "26-59"}
    told |= {"languages": frozenset({"spa"})} | more
    start = len(str(more)) * 1000
    return [Somebody(who=str(start + i), **told) for i in range(n)]  # type: ignore[arg-type]


SERVES = [Served(needs=frozenset(lineage(TYPES[0])))]


def asked(people: list[Somebody], need: str = TYPES[0], served: list[Served] | None = None) -> Widened | Refusal:
    return widen(people[0], need, "spa", people, served or SERVES, lineage=lineage, below=below)


def test_what_enough_people_share_is_told_as_it_is() -> None:
    found = asked(crowd(K))
    assert isinstance(found, Widened)
    assert (found.asked.area, found.asked.age_band, found.asked.language) == ("GT0901", "26-59", "spa")
    assert found.widened == ()
    assert isinstance(asked(crowd(K - 1)), Refusal)


def test_the_area_is_widened_before_the_age_the_age_before_the_language() -> None:
    near = crowd(1) + crowd(K, areas=AREAS["GT0902"])
    far = crowd(1) + crowd(K, areas=AREAS["GT1301"])
    old = crowd(1) + crowd(K, age_band="60-")
    quc = crowd(1) + crowd(K, languages=frozenset({"quc"}))
    told = []
    for people in (near, far, old, quc):
        found = asked(people)
        assert isinstance(found, Widened)
        told.append((found.asked.area, found.asked.age_band, found.asked.language, found.widened))
    assert told == [
        ("GT09", "26-59", "spa", ("area-widened",)),
        ("GT", "26-59", "spa", ("area-widened",)),
        ("GT0901", "18-", "spa", ("age-widened",)),
        ("GT0901", "26-59", None, ("language-left-out",)),
    ]


def test_a_wider_type_hides_nothing_from_a_service_that_offers_one_thing_only() -> None:
    """Whoever is asked knows what they offer: people with another need cannot be meant."""
    other = next(c for c in below("economic.employment") if c != TYPES[0])
    people = crowd(1) + crowd(K, needs=frozenset({other}))
    assert isinstance(asked(people), Refusal)
    found = asked(people, served=[Served(needs=frozenset(terms("service-types")))])
    assert isinstance(found, Widened)
    assert (found.asked.service_type, found.widened) == ("economic.employment", ("type-widened",))


def test_ten_for_health_children_and_lgbti() -> None:
    health = frozenset({"social.health.care"})
    serves = [Served(needs=frozenset(lineage("social.health.care")))]
    for more, served in (
        ({"needs": health}, serves),
        ({"age_band": "6-11"}, SERVES),
        ({"factors": frozenset({"lgbti"})}, [Served(needs=SERVES[0].needs, any_factor=frozenset({"lgbti"}))]),
    ):
        need = "social.health.care" if "needs" in more else TYPES[0]
        assert isinstance(asked(crowd(K_SENSITIVE, **more), need, served), Widened), more
        no = asked(crowd(K_SENSITIVE - 1, **more), need, served)
        assert isinstance(no, Refusal) and no.reasons[0].places == {"k": "10"}, more


def test_one_person_of_several_cases_is_one() -> None:
    once = crowd(1)
    assert isinstance(asked(once * 20), Refusal)
