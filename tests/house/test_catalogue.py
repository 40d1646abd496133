"""The field catalogue is the only source of what is recorded and sent: nothing of a case stands outside it. (R-10, R-21)"""

from __future__ import annotations

from typing import Final

import pytest

from graph.model.actor import Role
from graph.model.base import Model
from graph.model.case import BestInterests, Case, CaseFactor, ChildView, Goal, Guardianship, Incapacity, Need
from graph.model.follow_up import Assessment, Communication, Meeting
from graph.model.household import Household
from graph.model.job import JobProfile, WorkedAs
from graph.seed.catalogue import CatalogueField, UnknownField, WrongValue, categories, check, fields, sendable
from graph.seed.vocabulary import terms

OF_A_CASE: Final[tuple[type[Model], ...]] = (
    Case, Need, Goal, CaseFactor, Guardianship, BestInterests, ChildView, Incapacity, Household, Meeting,
    Communication, Assessment, JobProfile, WorkedAs,
)  # fmt: skip


def test_every_field_of_a_case_is_in_the_catalogue() -> None:
    there = {f"{noun.__name__}.{field}" for noun in OF_A_CASE for field in noun.model_fields}
    listed = [place for field in fields().values() for place in field.stands_in]
    assert set(listed) == there
    assert len(listed) == len(set(listed)), "a property stands in two fields"


def test_what_may_be_sent_is_the_vocabulary_that_sops_are_checked_against() -> None:
    asked = {t.code: (t.parent, t.es, t.en) for t in terms("record-fields").values() if t.parent}
    assert {c: (fields()[c].category, fields()[c].es, fields()[c].en) for c in sendable()} == asked
    groups = {t.code: (t.es, t.en) for t in terms("record-fields").values() if not t.parent}
    assert groups.items() <= {c.code: (c.es, c.en) for c in categories().values()}.items()


@pytest.mark.parametrize("field", fields().values(), ids=fields())
def test_every_field_is_whole(field: CatalogueField) -> None:
    assert field.category in categories() and field.es and field.en
    assert field.encrypted != bool(field.stands_in), "encrypted, or somewhere in the clear: never both, never neither"
    assert not (field.encrypted and field.kind in {"derived", "area", "age-band"})
    assert field.scheme is not None or field.kind not in {"code", "codes"}
    assert not field.blind or field.encrypted
    assert field.may_be_sent <= (Role.PROVIDER in field.seen_by), "what may be sent may be seen by who receives it"
    assert (Role.PROVIDER in field.seen_by) <= field.may_be_sent, "a provider sees disclosures and nothing else"
    assert not field.seen_by & {Role.ADMIN, Role.COMMITTEE}, "neither administrators nor the committee see a person"


def test_what_could_name_or_find_a_person_is_encrypted() -> None:
    plain = {code for code, field in fields().items() if not field.encrypted and field.kind != "derived"}
    assert plain == {
        "gender", "nationality", "papers_held", "municipality", "languages", "vulnerability_factors", "age_band",
        "job_skills", "job_interests", "job_schedules",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("given_name", ""), ("given_name", 3), ("given_name", "x" * 4001), ("birth_date", "31/12/1990"),
        ("birth_date", 1990), ("interpreter_needed", "yes"), ("gender", ["female"]), ("languages", "spa"),
        ("languages", ["spa", "klingon"]), ("languages", [["spa"]]), ("municipality", ""), ("age_band", "20-30"),
    ],
)  # fmt: skip
def test_a_value_that_a_field_cannot_have_is_refused_without_repeating_it(field: str, value: object) -> None:
    with pytest.raises(WrongValue) as raised:
        check(field, value)
    assert str(raised.value) == field


def test_an_unknown_field_is_refused() -> None:
    for field in ("shoe_size", "file_links", "identity"):
        with pytest.raises(UnknownField, match=field):
            check(field, "x")
