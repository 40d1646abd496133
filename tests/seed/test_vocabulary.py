"""The vocabularies hold together, and every code of the Jordan mapping is one of ours. (R-02, R-30, R-34)"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from graph.model.directory import ActorCategory, CapacityState, Scope, SupportLevel
from graph.seed import vocabulary
from graph.seed.vocabulary import SCHEMES, Scheme, lineage, terms

JORDAN = Path(__file__).parents[3] / "shared" / "data" / "jordan" / "services.json"


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_term_has_both_labels_and_its_source(scheme: Scheme) -> None:
    assert terms(scheme)
    for term in terms(scheme).values():
        assert term.es.strip() and term.en.strip() and term.source.startswith("R-"), term.code


@pytest.mark.parametrize("scheme", SCHEMES)
def test_no_two_terms_of_a_scheme_read_the_same(scheme: Scheme) -> None:
    for language in ("es", "en"):
        labels = [term.label(language).casefold() for term in terms(scheme).values()]
        assert len(set(labels)) == len(labels)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_parents_exist_and_no_term_is_its_own_ancestor(scheme: Scheme) -> None:
    for code in terms(scheme):
        assert len(set(lineage(scheme, code))) == len(lineage(scheme, code)) <= 3


def test_every_vocabulary_file_is_a_scheme() -> None:
    folder = Path(vocabulary.__file__).with_name("vocabulary")
    assert {file.stem for file in folder.glob("*.yaml")} == set(SCHEMES)


def test_a_code_that_stands_twice_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "vocabulary").mkdir()
    row = '- {code: "a", es: "A", en: "A", source: "R-01"}\n'
    (tmp_path / "vocabulary" / "genders.yaml").write_text(row * 2, encoding="utf-8")
    monkeypatch.setattr(vocabulary, "files", lambda _: tmp_path)
    with pytest.raises(ValueError, match="twice"):
        terms.__wrapped__("genders")


def test_prerequisites_exist_and_never_run_in_a_circle() -> None:
    types = terms("service-types")

    def first_needed(code: str, above: tuple[str, ...]) -> None:
        assert code not in above, (*above, code)
        for earlier in types[code].requires:
            assert earlier in types
            first_needed(earlier, (*above, code))

    for code in types:
        first_needed(code, ())


def test_papers_come_from_services_that_exist() -> None:
    sources = {term.code: term.yielded_by for term in terms("papers").values() if term.yielded_by}
    assert set(sources.values()) <= set(terms("service-types"))
    assert sources["national-identity-document"] == "social.documents.identity"
    assert sources["birth-certificate"] == "social.documents.birth-registration"
    assert sources["skills-certificate"] == "economic.skills.certification"


@pytest.mark.parametrize(
    ("scheme", "codes"),
    [
        ("actor-categories", ActorCategory),
        ("capacity-states", CapacityState),
        ("support-levels", SupportLevel),
        ("scopes", Scope),
    ],
)
def test_the_words_of_the_model_are_the_terms_of_its_scheme(scheme: Scheme, codes: Any) -> None:
    assert set(terms(scheme)) == {str(code) for code in codes}


def test_service_types_have_three_dimensions() -> None:
    roots = [term.code for term in terms("service-types").values() if term.parent is None]
    assert roots == ["economic", "social", "psychosocial"]
    assert len(leaves()) >= 60


def leaves() -> set[str]:
    parents = {term.parent for term in terms("service-types").values()}
    return set(terms("service-types")) - {parent for parent in parents if parent}


def test_countries_are_the_whole_of_iso_3166() -> None:
    countries = terms("countries")
    assert len(countries) == 249
    assert list(countries)[:4] == ["GT", "HN", "SV", "MX"]
    assert countries["NO"].es == "Noruega"


def test_record_fields_stand_under_a_category() -> None:
    categories = {t.code for t in terms("record-fields").values() if t.parent is None}
    fields = {t.code: t.parent for t in terms("record-fields").values() if t.parent}
    assert len(fields) >= 25
    assert set(fields.values()) == categories
    assert all(code.isidentifier() for code in fields), "a record field is a field name of the case record"


CODED: dict[tuple[str, ...], Scheme] = {
    ("methods",): "channels",
    ("feedback", "methods"): "channels",
    ("first_response",): "first-responses",
    ("eligibility", "any_factor"): "factors",
    ("eligibility", "documents_any_of"): "papers",
    ("eligibility", "nationality", "in"): "countries",
    ("eligibility", "nationality", "not_in"): "countries",
}


def codes_at(value: Any, path: tuple[str, ...]) -> Iterator[str]:
    """All codes that stand at a path of a document; a list is read item by item."""
    if value is None:
        return
    if path:
        yield from codes_at(value.get(path[0]), path[1:])
    elif isinstance(value, list):
        yield from value
    else:
        yield value


def test_every_code_of_the_jordan_mapping_is_known() -> None:
    if not JORDAN.exists():
        pytest.skip("the Jordan mapping is not beside this checkout (../shared/data/jordan)")
    services = json.loads(JORDAN.read_text(encoding="utf-8"))
    seen: dict[Scheme, set[str]] = {}
    for service in services:
        for path, scheme in CODED.items():
            seen.setdefault(scheme, set()).update(codes_at(service["sop"], path))
        for attribute in service["attributes"]:
            if attribute["link_type"] == "service-type":
                seen.setdefault("service-types", set()).add(attribute["value"])
    assert set(seen) == {*CODED.values(), "service-types"}, "the mapping no longer states some of the codes"
    for scheme, codes in seen.items():
        assert codes and codes <= set(terms(scheme)), (scheme, codes - set(terms(scheme)))
