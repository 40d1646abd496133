"""Who decides for a child or for somebody who cannot, and that nobody is left without a way. (R-23, R-24)"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from consent.capacity import who_decides
from consent.decision import Permit, Request, decide
from consent.household import Together, go_together
from graph.model.case import BestInterests, Case, ChildView, Guardianship, Incapacity, Need
from graph.model.consent import Consent, ConsentState
from graph.model.refusal import Reason, Refusal
from tests.consent.worlds import DAY, NOW, case_of, consent_of, everything

BOTH: Final = frozenset({"GT", "MX"})


def guardian(id: str = "mother", **changes: Any) -> Guardianship:
    values: dict[str, Any] = {
        "id": id,
        "kind": "parent",
        "countries": BOTH,
        "document": "birth-certificate",
        "valid_from": NOW - 100 * DAY,
    }
    return Guardianship(**{**values, **changes})


def office(id: str = "office", **changes: Any) -> Guardianship:
    return guardian(id, **{"kind": "child-protection-authority", "document": "protective-measure", **changes})


def best(*countries: str, at: datetime = NOW - 3 * DAY) -> tuple[BestInterests, ...]:
    return tuple(BestInterests(id=c, country=c, determined_at=at, determined_by="officer") for c in countries)


def view(*, agrees: bool | None = True, at: datetime = NOW - 4 * DAY) -> ChildView:
    return ChildView(id="view", heard_at=at, heard_by="officer", agrees=agrees)


def child(*guardians: Guardianship, **changes: Any) -> Case:
    values: dict[str, Any] = {
        "guardians": guardians,
        "adult_on": NOW.date() + 1000 * DAY,
        "best_interests": best("GT", "MX"),
        "child_views": (view(),),
    }
    return case_of(**{**values, **changes})


def unable(*guardians: Guardianship, **changes: Any) -> Case:
    found = Incapacity(id="i", assessed_by="doctor", assessed_at=NOW - DAY, valid_to=NOW + DAY)
    return case_of(**{"guardians": guardians, "incapacities": (found,), "best_interests": best("GT", "MX"), **changes})


def by(guardian_id: str, **changes: Any) -> Consent:
    values: dict[str, Any] = {"given_by": "guardian", "guardian_id": guardian_id, "countries": frozenset({"MX"})}
    return consent_of(**{"fields": everything(), **values, **changes})


def asking(case: Case, *countries: str) -> Request:
    return Request(
        case=case,
        organization_id="clinic",
        purpose="health-care",
        stage="first-contact",
        countries=frozenset(countries),
        required=frozenset({"given_name"}),
        optional=frozenset({"telephone"}),
    )


def answer(case: Case, *consents: Consent, countries: tuple[str, ...] = (), at: datetime = NOW) -> tuple[Reason, ...]:
    found = decide(asking(case, *countries), consents, at=at)
    return found.codes if isinstance(found, Refusal) else ()


def kind(case: Case, *countries: str, at: datetime = NOW) -> str:
    return who_decides(case, purpose="health-care", countries=frozenset(countries), at=at).kind


def test_an_adult_decides_alone_and_a_guardian_on_file_changes_nothing() -> None:
    assert kind(case_of()) == "self"
    assert kind(case_of(guardians=(guardian(),))) == "self"
    assert answer(case_of(guardians=(guardian(),)), by("mother")) == (Reason.CONSENT_NOT_BY_DECIDER,)


def test_a_parent_with_a_document_decides_for_a_child_and_the_child_alone_cannot() -> None:
    assert kind(child(guardian())) == "guardians"
    assert answer(child(guardian()), by("mother")) == ()
    assert answer(child(guardian()), consent_of(everything())) == (Reason.CONSENT_NOT_BY_DECIDER,)


def test_without_a_document_nobody_stands_for_a_child_and_the_authority_is_the_way() -> None:
    assert answer(child(guardian(document=None)), by("mother")) == (
        Reason.GUARDIAN_WITHOUT_DOCUMENT,
        Reason.AUTHORITY_NEEDED,
        Reason.CONSENT_NOT_BY_DECIDER,
    )


@pytest.mark.parametrize(
    "case",
    [
        child(),
        child(guardian(barred=True)),
        child(guardian(document=None)),
        child(guardian(valid_to=NOW)),
        child(guardian(purposes=frozenset({"housing"}))),
        child(guardian(), separated=True),
        child(guardian(kind="guardian"), separated=True),
        child(guardian(countries=frozenset({"MX"}))),
    ],
)
def test_a_child_without_anybody_has_a_way_through_the_authority(case: Case) -> None:
    assert kind(case) == "nobody"
    assert Reason.AUTHORITY_NEEDED in answer(case)
    with_office = case.model_copy(update={"guardians": (*case.guardians, office())})
    assert kind(with_office) == "authority"
    assert answer(with_office, by("office")) == ()
    assert answer(with_office, by("mother")) == (Reason.CONSENT_NOT_BY_DECIDER,)


def test_an_authority_without_its_document_stands_for_nobody() -> None:
    assert kind(child(office(document=None))) == "nobody"


def test_beside_a_parent_who_stands_the_authority_does_not_decide_unless_another_is_barred() -> None:
    assert answer(child(guardian(), office()), by("office")) == (Reason.CONSENT_NOT_BY_DECIDER,)
    barred = guardian("father", barred=True)
    assert answer(child(guardian(), barred, office()), by("office")) == ()
    assert answer(child(guardian(), barred, office()), by("mother")) == ()


def test_a_barred_guardian_neither_consents_nor_blocks() -> None:
    case = child(guardian(), guardian("father", barred=True))
    assert answer(case, by("father")) == (Reason.CONSENT_NOT_BY_DECIDER,)
    assert answer(case, by("mother"), by("father", id="no", state=ConsentState.REFUSED)) == ()


def test_the_no_of_one_parent_who_stands_wins_over_the_yes_of_the_other() -> None:
    case = child(guardian(), guardian("father"))
    no = by("father", id="no", state=ConsentState.REFUSED)
    assert answer(case, by("mother"), no) == (Reason.CONSENT_REFUSED,)


def test_across_a_border_somebody_must_stand_in_both_countries() -> None:
    here = guardian(countries=frozenset({"GT"}))
    there = guardian("aunt", kind="guardian", countries=frozenset({"MX"}))
    yes = (by("mother"), by("aunt", id="other"))
    assert answer(child(here), by("mother"), countries=("MX",)) == (
        Reason.AUTHORITY_NEEDED,
        Reason.CONSENT_NOT_ACROSS_BORDER,
    )
    assert answer(child(here, there), *yes, countries=("MX",)) == ()
    assert answer(child(here, there), yes[0], countries=("MX",)) == (Reason.CONSENT_NOT_ACROSS_BORDER,)
    assert answer(child(guardian()), by("mother", countries=frozenset()), countries=("MX",)) == (
        Reason.CONSENT_NOT_ACROSS_BORDER,
    )


def test_across_a_border_only_what_both_allowed_leaves() -> None:
    here, there = guardian(countries=frozenset({"GT"})), guardian("aunt", kind="guardian")
    narrow = frozenset(f for f in everything() if f.field == "given_name")
    case = child(here, there)
    found = decide(asking(case, "MX"), [by("mother"), by("aunt", id="b", fields=narrow)], at=NOW)
    assert isinstance(found, Permit)
    assert found.fields == {"given_name"}
    assert found.basis.consent_ids == ("b", "consent-1")


def test_best_interests_are_determined_for_every_country_and_the_child_was_heard() -> None:
    yes = by("mother")
    assert answer(child(guardian(), best_interests=best("GT")), yes, countries=("MX",)) == (
        Reason.BEST_INTERESTS_MISSING,
    )
    assert answer(child(guardian(), best_interests=best("GT")), yes) == ()
    assert answer(child(guardian(), best_interests=()), yes) == (Reason.BEST_INTERESTS_MISSING,)
    assert answer(child(guardian(), best_interests=best("GT", at=NOW + DAY)), yes) == (Reason.BEST_INTERESTS_MISSING,)
    assert answer(child(guardian(), child_views=()), yes) == (Reason.CHILD_NOT_HEARD,)


def test_a_child_who_said_no_is_not_overruled_before_best_interests_were_looked_at_again() -> None:
    said_no = view(agrees=False, at=NOW - DAY)
    assert answer(child(guardian(), child_views=(view(), said_no)), by("mother")) == (
        Reason.BEST_INTERESTS_BEFORE_VIEW,
    )
    again = best("GT", at=NOW - timedelta(hours=1))
    assert answer(child(guardian(), child_views=(view(), said_no), best_interests=again), by("mother")) == ()
    too_young = view(agrees=None, at=NOW - DAY)
    assert answer(child(guardian(), child_views=(too_young,)), by("mother")) == ()


def test_the_eighteenth_birthday_ends_what_a_guardian_allowed_and_begins_what_the_person_allows() -> None:
    birthday = datetime(2027, 3, 1, tzinfo=UTC)
    case = child(guardian(), adult_on=birthday.date())
    eve = birthday - timedelta(microseconds=1)
    yes = by("mother", expires_at=birthday + 90 * DAY)
    assert answer(case, yes, at=eve) == ()
    assert answer(case, yes, at=birthday) == (Reason.CONSENT_NOT_BY_DECIDER,)
    found = decide(asking(case), [yes], at=NOW)
    assert isinstance(found, Permit)
    assert found.until == birthday
    own = consent_of(everything(), given=birthday, expires_at=birthday + 90 * DAY)
    too_soon = consent_of(everything(), given=eve, expires_at=birthday + 90 * DAY)
    assert answer(case, own, at=birthday) == ()
    assert answer(case, too_soon, at=birthday) == (Reason.CONSENT_NOT_BY_DECIDER,)


def test_who_cannot_decide_is_spoken_for_by_an_appointed_representative_not_by_a_parent_nor_the_childrens_office() -> (
    None
):
    representative = guardian("rep", kind="lawful-representative", document="court-order")
    yes = by("rep", given_by="lawful-representative")
    assert answer(unable(representative), yes) == ()
    assert answer(unable(representative, best_interests=()), yes) == (Reason.BEST_INTERESTS_MISSING,)
    assert answer(unable()) == (Reason.REPRESENTATIVE_NEEDED, Reason.CONSENT_MISSING)
    for other in (guardian(), office()):
        assert kind(unable(other)) == "nobody"
    assert answer(unable(representative), consent_of(everything())) == (Reason.CONSENT_NOT_BY_DECIDER,)


def test_capacity_comes_back_and_with_it_the_persons_own_word() -> None:
    representative = guardian("rep", kind="lawful-representative", document="court-order")
    case = unable(representative)
    later = NOW + DAY
    yes = by("rep", given_by="lawful-representative")
    before, meanwhile = consent_of(everything(), given=NOW - 5 * DAY), consent_of(everything(), given=NOW)
    assert answer(case, yes, at=later) == (Reason.CONSENT_NOT_BY_DECIDER,)
    assert answer(case, before, at=later) == ()
    assert answer(case, meanwhile, at=later) == (Reason.CONSENT_NOT_BY_DECIDER,)


def test_what_was_allowed_for_a_child_ends_at_18_also_where_the_same_one_goes_on_representing_them() -> None:
    birthday = datetime(2026, 11, 20, tzinfo=UTC)
    representative = guardian("rep", kind="guardian", document="court-order")
    case = unable(representative, adult_on=birthday.date())
    assert answer(case, by("rep", given=birthday - timedelta(hours=1))) == (Reason.CONSENT_EXPIRED,)
    found = decide(asking(case), [by("rep", given=birthday + timedelta(hours=1))], at=NOW)
    assert isinstance(found, Permit)
    assert found.until == NOW + DAY  # when the assessment that they cannot decide ends


def test_a_consent_from_before_somebody_became_guardian_does_not_count() -> None:
    new = guardian("aunt", kind="guardian", valid_from=NOW - timedelta(hours=1))
    assert answer(child(new), by("aunt")) == (Reason.CONSENT_NOT_BY_DECIDER,)
    assert answer(child(new), by("aunt", given=NOW)) == ()


def test_a_family_is_carried_by_those_who_said_yes_and_each_answer_is_their_own() -> None:
    mother, father, sister = (
        case_of(id=f"case-{n}", needs=(Need(id="need-1", service_type="social.housing", agreed_at=NOW - DAY),))
        for n in "abc"
    )
    consents = [
        consent_of(everything(), id="1", case_id="case-a"),
        consent_of(everything(), id="2", case_id="case-b", state=ConsentState.REFUSED),
    ]
    verdicts = {c.id: decide(asking(c), consents, at=NOW) for c in (mother, father, sister)}
    together = go_together(verdicts, stays_together=False)
    assert isinstance(together, Together)
    assert set(together.carried) == {"case-a"}
    assert {id: no.codes for id, no in together.left_out.items()} == {
        "case-b": (Reason.CONSENT_REFUSED,),
        "case-c": (Reason.CONSENT_MISSING,),
    }
    no = go_together(verdicts, stays_together=True)
    assert isinstance(no, Refusal)
    (missing,) = no.reasons
    assert missing.reason is Reason.DECISION_MISSING
    assert missing.places == {"cases": ("case-b", "case-c")}, "whose, and not why"


def test_a_family_in_which_nobody_said_yes_goes_nowhere_however_it_stays() -> None:
    verdicts = {"case-a": decide(asking(case_of(id="case-a")), [], at=NOW)}
    for stays_together in (True, False):
        assert isinstance(go_together(verdicts, stays_together=stays_together), Refusal)


def test_what_one_adult_of_a_household_allowed_says_nothing_about_another() -> None:
    other = replace(asking(case_of(id="case-b")))
    assert isinstance(decide(other, [consent_of(everything(), case_id="case-a")], at=NOW), Refusal)
