"""Pathways: identity document, then certification, then a job; cut circles; steps that somebody already has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from graph.model.need import Need
from graph.model.offer import Offer
from matching.pathways import Pathway, Search
from matching.suggest import suggest
from tests.matching.offers import PAPERS, need, offer, sop

IDENTITY, CERTIFICATE, JOB = (
    "social.documents.identity",
    "economic.skills.certification",
    "economic.employment.job-placement",
)
JOB_OFFER = offer(service_id="job", requires=frozenset({CERTIFICATE}))
CERTIFIER = offer(service_id="certifier", service_types=(CERTIFICATE,), requires=frozenset({IDENTITY}))
REGISTRY = offer(service_id="registry", service_types=(IDENTITY,))
WORLD = {JOB: [JOB_OFFER], CERTIFICATE: [CERTIFIER], IDENTITY: [REGISTRY]}
NO_PAPERS = need(documents=frozenset())


def ways(asked: Need, world: Mapping[str, Sequence[Offer]]) -> tuple[Pathway, ...]:
    search = Search(suggest(asked, world[JOB], PAPERS), PAPERS)
    for service_type, offers in world.items():
        search.learn(service_type, offers)
    return search.pathways()


def test_the_chain_is_two_steps_deep_each_with_who_offers_it() -> None:
    (way,) = ways(NO_PAPERS, WORLD)
    assert [s.service_type for s in way.steps] == [IDENTITY, CERTIFICATE]
    assert [[j.offer.terms.service_id for j in s.suggested] for s in way.steps] == [["registry"], ["certifier"]]
    assert way.opens == ("job",)
    assert not way.is_cut


def test_a_step_the_person_has_is_skipped() -> None:
    (way,) = ways(need(), WORLD)
    assert [s.service_type for s in way.steps] == [CERTIFICATE]
    both = need(documents=frozenset({"national-identity-document", "skills-certificate"}))
    assert ways(both, WORLD) == ()


def test_a_circle_is_cut_and_said() -> None:
    closed = offer(service_id="registry", service_types=(IDENTITY,), requires=frozenset({CERTIFICATE}))
    (way,) = ways(NO_PAPERS, {**WORLD, IDENTITY: [closed]})
    assert way.is_cut
    assert len(way.steps) == len({s.service_type for s in way.steps})


def test_a_step_nobody_offers_is_shown_as_a_gap_on_the_way() -> None:
    (way,) = ways(NO_PAPERS, {**WORLD, IDENTITY: []})
    assert [bool(s.suggested) for s in way.steps] == [False, True]


def test_a_missing_paper_leads_to_who_issues_it() -> None:
    asks = offer(service_id="job", sops=(sop(documents_any_of=("national-identity-document",)),))
    (way,) = ways(NO_PAPERS, {JOB: [asks], IDENTITY: [REGISTRY]})
    assert [s.service_type for s in way.steps] == [IDENTITY]


def test_what_fails_for_another_reason_opens_by_no_step() -> None:
    closed = offer(service_id="job", requires=frozenset({CERTIFICATE}), status="defunct")
    assert ways(NO_PAPERS, {**WORLD, JOB: [closed]}) == ()


def test_only_the_types_on_the_way_are_looked_up_and_it_ends() -> None:
    asked = []
    search = Search(suggest(NO_PAPERS, [JOB_OFFER], PAPERS), PAPERS)
    while more := search.wanted():
        asked.append(more)
        for service_type in more:
            search.learn(service_type, WORLD[service_type])
    assert asked == [frozenset({CERTIFICATE}), frozenset({IDENTITY})]


def test_papers_not_told_propose_no_detour() -> None:
    assert ways(need(documents=None), WORLD) == ()


def test_of_several_papers_the_one_that_can_be_had_here_is_proposed() -> None:
    """The certificate would do too and comes first by name, but nobody gives it here."""
    asks = offer(service_id="job", sops=(sop(documents_any_of=("skills-certificate", "national-identity-document")),))
    (way,) = ways(NO_PAPERS, {JOB: [asks], IDENTITY: [REGISTRY], CERTIFICATE: []})
    assert [s.service_type for s in way.steps] == [IDENTITY]
