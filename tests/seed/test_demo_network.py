"""The demo network: fictional, plausible, uneven as life is, and the same every time. (R-02, R-06, R-26, R-31, R-32)"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import pytest

from graph.model.directory import ActorCategory, CapacityState, Scope, Service, ServiceCapacity
from graph.seed.demo.build import DemoNetwork, Member, Offered, network
from graph.seed.vocabulary import Scheme, lineage, terms

DAY = date(2026, 11, 21)
LATER = date(2028, 7, 3)


@cache
def demo(today: date = DAY) -> DemoNetwork:
    return network(today)


def members() -> tuple[Member, ...]:
    return demo().members


def offered() -> Iterator[Offered]:
    for member in members():
        yield from member.services


def services() -> list[Service]:
    return [each.service for each in offered()]


def area_parents() -> dict[str, str]:
    import csv
    from importlib.resources import files

    text = files("graph.seed.areas").joinpath("areas.csv").read_text(encoding="utf-8")
    return {row["code"]: row["parent"] for row in csv.DictReader(text.splitlines())}


def area_lineage(code: str, parents: dict[str, str]) -> tuple[str, ...]:
    return (code, *area_lineage(parents[code], parents)) if parents[code] else (code,)


def leaf_types() -> set[str]:
    parents = {term.parent for term in terms("service-types").values()}
    return set(terms("service-types")) - {parent for parent in parents if parent}


def test_it_is_as_large_as_it_says() -> None:
    assert len(members()) >= 64
    assert len(services()) >= 260
    offered_types = {code for service in services() for code in service.service_types}
    assert len(offered_types & leaf_types()) >= 45
    assert {lineage("service-types", code)[-1] for code in offered_types} == {"economic", "social", "psychosocial"}


def test_all_eight_categories_of_actors_take_part() -> None:
    found = Counter(member.organization.actor_category for member in members())
    assert set(found) == set(ActorCategory)
    assert min(found.values()) >= 3


def test_it_lies_in_four_countries_and_works_at_three_scopes() -> None:
    parents = area_parents()
    countries = Counter(area_lineage(area, parents)[-1] for s in services() for area in s.areas or ())
    assert set(countries) == {"GT", "HN", "SV", "MX"}
    assert min(countries.values()) >= 30
    assert {mechanism.scope for mechanism in demo().mechanisms} == set(Scope)
    assert {service.level for service in services()} == {"individual", "community", "structural"}


def test_coordination_climbs_from_local_to_international() -> None:
    by_id = {mechanism.id: mechanism for mechanism in demo().mechanisms}
    for mechanism in by_id.values():
        assert mechanism.members and mechanism.lead_organization_id in mechanism.members
        above = by_id[mechanism.part_of] if mechanism.part_of else None
        expected = {Scope.LOCAL: Scope.NATIONAL, Scope.NATIONAL: Scope.INTERNATIONAL, Scope.INTERNATIONAL: None}
        assert (above.scope if above else None) == expected[mechanism.scope]


def test_every_organisation_says_that_it_is_a_demo() -> None:
    for member in members():
        english = member.organization.translations["en"]["name"]
        assert member.organization.name.endswith("(demo)") and english.endswith("(demo)")
    for mechanism in demo().mechanisms:
        assert mechanism.name.endswith("(demo)")


def test_no_two_services_have_the_same_text() -> None:
    seen: Counter[str] = Counter()
    for service in services():
        english = service.translations["en"]
        assert service.description
        for text in (service.name, service.description, english["name"], english["description"]):
            assert len(text) > 10
            seen[text.casefold()] += 1
    assert [text for text, times in seen.items() if times > 1] == []


def test_descriptions_read_as_sentences_in_both_languages() -> None:
    for service in services():
        for text in (service.description or "", service.translations["en"]["description"]):
            assert text[0].isupper() or text[0] in "¿¡«“", text
            assert text.endswith(".") and 40 <= len(text) <= 320, text


def test_nobody_can_be_called_or_written_to() -> None:
    numbers = [phone.number for service in services() for phone in service.phones]
    mails = [service.email for service in services()] + [member.organization.email for member in members()]
    for each in offered():
        for sop in each.sops:
            for contact in sop.contacts:
                assert contact.address
                (numbers if contact.channel == "telephone" else mails).append(contact.address)
    assert numbers and all(re.fullmatch(r"\+(502|503|504|52) 0000-\d{4}", number or "") for number in numbers)
    assert mails and all(mail and mail.endswith(".example.org") for mail in mails)


def test_contacts_are_functions() -> None:
    from graph.seed.demo.entries import skeletons

    functions = {contact.es for contact in skeletons().contacts.values()}
    assert {contact.name for each in offered() for sop in each.sops for contact in sop.contacts} == functions


def test_every_code_is_known() -> None:
    areas = area_parents()
    for each in offered():
        service = each.service
        known("service-types", service.service_types, service.requires or ())
        known("languages", service.languages or ())
        known("also-serves", service.also_serves)
        known("skills", service.teaches or ())
        assert set(service.areas or ()) <= set(areas)
        assert {location.area for location in service.locations if location.area} <= set(areas)
        for capacity in each.capacities:
            known("capacity-units", [capacity.unit])
            known("updaters", [capacity.updated_by])
        for stop in each.suspensions:
            known("suspension-reasons", [stop.reason])
        for sop in each.sops:
            rules = sop.eligibility
            known("channels", sop.methods, sop.feedback.methods, (contact.channel for contact in sop.contacts))
            known("factors", rules.any_factor)
            known("papers", rules.documents_any_of)
            known("genders", rules.genders or ())
            known("countries", (rules.nationality.in_ or ()) if rules.nationality else ())
            known("record-fields", (asked.field for asked in sop.fields))
            known("first-responses", [sop.first_response] if sop.first_response else [])
            known("payers", [sop.costs.payer] if sop.costs.payer else [])
            known("follow-up-duties", sop.follow_up)
            known("kept-documents", sop.documents_kept)
            known("shared-arrangements", sop.costs.shared_arrangements)
    for stop in demo().suspensions:
        assert stop.subject_id in areas
        known("suspension-reasons", [stop.reason])


def known(scheme: Scheme, *codes: Iterator[str] | tuple[str, ...] | list[str]) -> None:
    stated = {code for some in codes for code in some}
    assert stated <= set(terms(scheme)), (scheme, stated - set(terms(scheme)))


def test_employers_state_openings_that_shut_nobody_out_and_trainings_lead_to_them() -> None:
    private = {m.organization.id for m in members() if m.organization.actor_category is ActorCategory.PRIVATE_SECTOR}
    jobs = [each for each in offered() if each.service.opening is not None]
    assert len(jobs) >= 12
    asked: set[str] = set()
    for each in jobs:
        service, opening = each.service, each.service.opening
        assert opening is not None and service.organization_id in private
        assert "economic.employment.opening" in service.service_types
        known("occupations", [opening.occupation])
        known("skills", opening.skills_required, opening.skills_desired)
        known("work-schedules", [opening.schedule] if opening.schedule else [])
        assert [capacity.unit for capacity in each.capacities] == ["vacancy"]
        assert service.maximum_age is None
        for sop in each.sops:
            rules = sop.eligibility
            assert rules.nationality is None and not rules.any_factor and len(rules.genders or ()) == 3
        asked.update(opening.skills_required)
    taught = {skill for service in services() for skill in service.teaches or ()}
    assert len(asked & taught) >= 5 and asked - taught, "some skills can be learnt in the network, some cannot"


def test_a_field_that_is_asked_for_is_no_category() -> None:
    fields = {asked.field for each in offered() for sop in each.sops for asked in sop.fields}
    assert len(fields) >= 25
    assert all(terms("record-fields")[field].parent for field in fields)


def test_sops_in_force_hold_all_six_elements() -> None:
    whole = [sop for each in offered() for sop in each.sops if sop.is_in_force(on=DAY)]
    assert len(whole) >= 200
    for sop in whole:
        assert {asked.stage for asked in sop.fields} == {"first-contact", "follow-up"}
        assert all(asked.why_needed and asked.translations["en"]["why_needed"] for asked in sop.fields)
        assert sop.how_provided and sop.consent_wording and "(demo)" in sop.consent_wording
        assert sop.contacts and all(c.availability and c.response_time for c in sop.contacts)
        assert sop.clocks.receive and sop.clocks.decide and sop.clocks.start and sop.clocks.report
        assert sop.follow_up and sop.documents_kept and sop.costs.payer
        assert set(sop.translations["en"]) == {"how_provided", "consent_wording"}


def test_sop_versions_follow_one_another() -> None:
    versioned = [each.sops for each in offered() if len(each.sops) > 1]
    assert len(versioned) >= 3
    for one, two in versioned:
        assert (one.version, two.version) == (1, 2)
        assert one.valid_to is not None and one.valid_to + timedelta(days=1) == two.valid_from
        assert one.fields != two.fields


def test_ids_are_never_used_twice() -> None:
    ids = Counter(
        id
        for member in members()
        for id in (
            member.organization.id,
            *(a.id for a in member.agreements),
            *(p.id for p in member.programs),
            *(s.service.id for s in member.services),
            *(sop.id for s in member.services for sop in s.sops),
            *(c.id for s in member.services for c in s.capacities),
        )
    )
    assert max(ids.values()) == 1


def test_the_same_day_gives_the_same_network() -> None:
    assert network(DAY) == network(DAY)


def test_another_day_moves_only_what_is_counted_back_from_it() -> None:
    def still(found: DemoNetwork) -> list[object]:
        return [
            (
                m.organization,
                m.memberships,
                m.programs,
                m.suspensions,
                [(s.service, s.sops, s.suspensions) for s in m.services],
            )
            for m in found.members
        ]

    assert still(demo(LATER)) == still(demo())
    assert demo(LATER).mechanisms == demo().mechanisms
    assert demo(LATER) != demo()


# -- uneven as life is


def test_prerequisites_make_chains_at_least_two_deep() -> None:
    needs: dict[str, set[str]] = defaultdict(set)
    for service in services():
        for code in service.service_types:
            needs[code] |= set(service.requires or ())

    def depth(code: str, above: frozenset[str]) -> int:
        return 0 if code in above else max((1 + depth(c, above | {code}) for c in needs[code]), default=0)

    assert "economic.skills.certification" in needs["economic.employment.job-placement"]
    assert "social.documents.identity" in needs["economic.skills.certification"]
    assert "social.documents.birth-registration" in needs["social.documents.identity"]
    assert depth("economic.employment.job-placement", frozenset()) >= 3
    assert sum(depth(code, frozenset()) >= 2 for code in leaf_types()) >= 8


def covering(service_type: str, area: str) -> list[Service]:
    lines = area_lineage(area, area_parents())
    return [s for s in services() if service_type in s.service_types and set(s.areas or lines) & set(lines)]


@pytest.mark.parametrize(
    ("service_type", "area"),
    [
        ("psychosocial.mental-health", "GT17"),  # Petén
        ("psychosocial.mental-health", "HN09"),  # Gracias a Dios
        ("social.housing.emergency-shelter", "HN15"),  # Olancho
        ("economic.skills.vocational-training", "SV03"),  # Sonsonate
        ("psychosocial.substance-use", "GT01"),
        ("economic.finance.debt", "MX07"),
        ("social.housing.repair", "HN05"),
    ],
)
def test_some_departments_have_nobody_for_a_need(service_type: str, area: str) -> None:
    assert service_type in terms("service-types")
    assert covering(service_type, area) == []


def test_the_bay_islands_have_only_what_comes_from_the_capital() -> None:
    assert not [s for s in services() if any(area.startswith("HN11") for area in s.areas or ())]
    assert covering("social.documents.birth-registration", "HN1101")


def test_some_needs_hang_on_one_provider() -> None:
    by_type: dict[str, set[str]] = defaultdict(set)
    for service in services():
        for code in service.service_types:
            by_type[code].add(service.organization_id)
    assert len([code for code, owners in by_type.items() if len(owners) == 1]) >= 3
    assert len({s.organization_id for s in covering("psychosocial.trafficking", "GT09")}) == 1


def capacities() -> list[ServiceCapacity]:
    return [capacity for each in offered() for capacity in each.capacities]


@pytest.mark.parametrize("today", [DAY, LATER])
def test_places_are_fresh_and_stale_whenever_the_demo_is_loaded(today: date) -> None:
    ages: Counter[str] = Counter()
    for each in (s for m in demo(today).members for s in m.services):
        for capacity in each.capacities:
            days = (today - capacity.updated.date()).days
            assert days >= 1
            ages[
                "fresh" if days <= capacity.half_life_days else "stale" if days > 2 * capacity.half_life_days else "old"
            ] += 1
        if not each.capacities:
            ages["unstated"] += 1
    assert ages["fresh"] >= 120 and ages["stale"] >= 10 and ages["old"] >= 10 and ages["unstated"] >= 10


def test_every_state_of_capacity_occurs() -> None:
    assert {capacity.state for capacity in capacities()} == set(CapacityState)
    assert {capacity.turnover for capacity in capacities()} == {"reusable", "consumed"}
    full = [capacity for capacity in capacities() if capacity.available == 0]
    assert len(full) >= 15 and any(not capacity.keeps_waiting_list for capacity in full)


@pytest.mark.parametrize("today", [DAY, LATER])
def test_agreements_hold_end_soon_or_have_ended(today: date) -> None:
    seen: Counter[str] = Counter()
    for member in demo(today).members:
        if not member.agreements:
            seen["none"] += 1
        for agreement in member.agreements:
            assert agreement.valid_to is not None and member.organization.id in agreement.parties
            left = (agreement.valid_to - today).days
            seen["expired" if left < 0 else "soon" if left <= 30 else "in force"] += 1
            if agreement.budget_ceiling is not None:
                assert agreement.spent is not None and agreement.currency
                seen["spent out"] += agreement.spent >= agreement.budget_ceiling * 95 // 100
    assert seen["in force"] >= 30 and seen["expired"] >= 5 and seen["soon"] >= 3 and seen["none"] >= 8
    assert seen["spent out"] >= 4


@pytest.mark.parametrize("today", [DAY, LATER])
def test_some_services_have_no_sop_or_one_that_ended(today: date) -> None:
    seen: Counter[str] = Counter()
    for each in offered():
        if not each.sops:
            seen["missing"] += 1
        elif any(sop.is_in_force(on=today) for sop in each.sops):
            seen["in force"] += 1
        else:
            seen["ended" if each.sops[0].has_dates else "undated"] += 1
    assert seen["in force"] >= 200 and seen["missing"] >= 15 and seen["ended"] >= 2 and seen["undated"] >= 4


def test_shelters_are_sealed_and_say_nothing_of_where_they_are() -> None:
    sealed = [(s, location) for s in services() for location in s.locations if location.sealed]
    kinds = {code for service, _ in sealed for code in service.service_types}
    assert {"psychosocial.women-safe-space", "psychosocial.trafficking", "social.housing.emergency-shelter"} <= kinds
    assert any(service.maximum_age == 17 for service, _ in sealed), "a shelter for children"
    for _, location in sealed:
        assert location.latitude is None and location.longitude is None
        assert location.name == "Lugar reservado"
        assert len(location.area or "") == 4, "a department, never a municipality"


def test_an_area_an_organisation_and_a_service_are_suspended() -> None:
    stops = [
        *demo().suspensions,
        *(stop for member in members() for stop in member.suspensions),
        *(stop for each in offered() for stop in each.suspensions),
    ]
    for today in (DAY, LATER):
        assert {stop.subject for stop in stops if stop.is_in_force(on=today)} == {"area", "organization", "service"}
    assert any(not stop.is_in_force(on=DAY) for stop in stops), "one that was lifted"


def test_indigenous_languages_are_served() -> None:
    speakers = Counter(code for service in services() for code in service.languages or ())
    for code in ("quc", "kek", "mam", "cak", "tzo", "tzh", "yua", "cab", "miq"):
        assert speakers[code] >= 2, code


def test_rules_of_age_gender_nationality_papers_and_factors_occur() -> None:
    rules = [sop.eligibility for each in offered() for sop in each.sops]
    assert any(s.minimum_age for s in services()) and any(s.maximum_age for s in services())
    assert any(r.genders == ("female",) for r in rules) and any(r.genders == ("male",) for r in rules)
    assert any(r.nationality for r in rules)
    assert any(r.documents_any_of for r in rules)
    assert any(r.any_factor and not r.scored for r in rules) and any(r.any_factor and r.scored for r in rules)
    assert sum(bool(r.open_to_all) for r in rules) > 100


def test_much_is_open_to_the_host_community() -> None:
    assert sum("host-community" in service.also_serves for service in services()) >= 40


def test_what_is_not_stated_stays_open() -> None:
    assert any(service.areas is None for service in services())
    assert any(service.minimum_age is None and service.maximum_age is None for service in services())
    assert any(service.requires is None for service in services())
    assert any(service.languages is None for service in services())
    assert any(sop.eligibility.open_to_all is None for each in offered() for sop in each.sops)
    assert any(sop.eligibility.genders is None for each in offered() for sop in each.sops)


def test_some_are_closed_for_now_or_take_no_referrals() -> None:
    assert {service.status for service in services()} == {"active", "temporarily closed"}
    assert [each for each in offered() for sop in each.sops if not sop.accepts_referrals]


def test_nobody_is_referred_to_what_works_on_structures() -> None:
    structural = [each for each in offered() if each.service.level == "structural"]
    assert len(structural) >= 6
    taking = [each for each in structural if any(sop.accepts_referrals for sop in each.sops)]
    assert [each.service.name for each in taking] == ["Secretaría de la mesa nacional de casos complejos"]


def test_work_is_not_for_children() -> None:
    for service in services():
        if service.service_types[0].startswith("economic.") and service.minimum_age is not None:
            assert service.minimum_age >= 12, service.name


def test_programmes_have_budgets() -> None:
    programs = [program for member in members() for program in member.programs]
    assert len(programs) >= 6
    assert all(p.budget and p.spent is not None and p.spent <= p.budget and p.currency for p in programs)
    paid = {id for service in services() for id in service.programs}
    assert paid and paid <= {program.id for program in programs}


def test_people_are_advised_before_they_leave() -> None:
    for code in ("social.departure.return-counselling", "social.departure.consular"):
        assert [s for s in covering(code, "MX07") if s.languages]


def test_the_page_about_the_demo_counts_right() -> None:
    page = (Path(__file__).parents[2] / "docs" / "demo.md").read_text(encoding="utf-8")
    agreements = [member.agreements for member in members()]
    ended = [found for found in agreements if any((a.valid_to or DAY) < DAY for a in found)]
    host = [service for service in services() if "host-community" in service.also_serves]
    for words in (
        f"{len(members())} fictional organisations",
        f"{len(services())} services",
        f"{len(ended)} organisations have an agreement that ended and {agreements.count(())} have none",
        f"{sum(len(member.programs) for member in members())} programmes",
        f"{len(host)} services are open to the host community",
    ):
        assert words in page
