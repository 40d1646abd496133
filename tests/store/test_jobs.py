"""Job matching on a graph: what goes in comes out, both ways agree, and who may see whom. (R-25, R-35, R-36)"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from api.actions import consents, directory_export, job_candidates, job_profiles, jobs, plans, referrals
from api.actions.case_change import Changed
from api.actions.consents import Allowing
from api.actions.jobs import EMPLOYMENT, ForCase
from api.actions.plans import StatedNeed
from api.actions.referrals import Draft
from api.actions.suggestions import UnknownAreaError
from graph.model.actor import Actor, Role
from graph.model.case import Case
from graph.model.job import JobProfile, WorkedAs
from graph.model.need import Need
from graph.model.refusal import Reason, Refusal
from graph.secrets import Secrets
from graph.seed.catalogue import WrongValue
from graph.store import candidates, cases, seekers, services
from graph.store.errors import Conflict, NotFound
from graph.store.network import Network
from matching.jobs import Seeker
from tests.cast import ADMIN, CAST, COLLEAGUE, NOW, OWNER, PROVIDER, STRANGER, opened, person_of
from tests.job_market import EMPLOYER, OPENINGS, PROFILE, open_the_market
from tests.sending import Patient

AT = NOW + timedelta(hours=1)
ON = NOW.date()


@pytest.fixture(scope="module")
async def market(network: Network, tmp_path_factory: pytest.TempPathFactory) -> Network:
    patient = Patient.of(network)
    await open_the_market(patient, tmp_path_factory.mktemp("job market"))
    return patient


class Desk:
    """A case manager's desk: cases with a profile and an agreed need for work."""

    def __init__(self, network: Network, secrets: Secrets) -> None:
        self.network, self.secrets = network, secrets

    def by(self, actor: Actor = OWNER) -> dict[str, Any]:
        return {"actor": actor, "at": AT, "secrets": self.secrets}

    async def case(
        self, profile: JobProfile | None = PROFILE, *, agreed: bool = True, actor: Actor = OWNER, **data: Any
    ) -> str:
        told = {"languages": ["spa"], "papers_held": [], "given_name": "ZZCANARYZZ"} | data
        done = await opened(self.network, self.secrets, actor=actor, **told)
        need = await self.network.write(
            plans.state_need,
            done.case_id,
            StatedNeed(service_type="economic.employment.job-placement"),
            **self.by(actor),
        )
        assert not isinstance(need, Refusal)
        if agreed:
            await self.network.write(plans.agree_need, done.case_id, need.id, **self.by(actor))
        if profile is not None:
            await self.record(done.case_id, profile, actor=actor)
        return done.case_id

    async def record(self, case_id: str, profile: JobProfile | None, *, actor: Actor = OWNER, **more: Any) -> Any:
        return await self.network.write(job_profiles.record, case_id, profile, **self.by(actor), **more)

    async def openings(self, case_id: str, *, actor: Actor = OWNER) -> ForCase | Refusal:
        found: ForCase | Refusal = await self.network.read(jobs.answer_for_case, case_id, **self.by(actor))
        return found


@pytest.fixture
def desk(market: Network, secrets: Secrets) -> Desk:
    return Desk(market, secrets)


def ids(judged: Any) -> list[str]:
    return [j.offer.terms.service_id for j in judged]


async def test_an_opening_and_what_a_training_teaches_are_kept_and_given_back(market: Network) -> None:
    found = await market.read(services.get, ["j-welder", "c-welding", "c-silent"])
    assert found["j-welder"].opening == OPENINGS["j-welder"]
    assert (found["c-welding"].teaches, found["c-silent"].teaches) == (("welding",), None)
    written = {row["id"]: row for row in (await market.read(directory_export.services)).documents}
    assert written["j-welder"]["opening"] == OPENINGS["j-welder"].model_dump(mode="json", exclude_none=True)
    assert written["c-welding"]["teaches"] == ["welding"] and "teaches" not in written["c-silent"]


async def test_a_profile_is_kept_whole_and_read_by_who_may_read_the_case(desk: Desk) -> None:
    id = await desk.case(PROFILE.model_copy(update={"areas": frozenset({"GT0901-03", "GT13"})}))
    found = await desk.network.write(job_profiles.read, id, **desk.by())
    assert found.profile == PROFILE.model_copy(update={"areas": frozenset({"GT0901", "GT13"}), "stated_at": AT})
    assert (await desk.network.write(job_profiles.read, id, **desk.by(COLLEAGUE))).profile == found.profile
    assert (await desk.network.write(job_profiles.read, id, **desk.by(person_of(id)))).profile == found.profile
    for actor in (STRANGER, PROVIDER, ADMIN, person_of("another")):
        with pytest.raises(NotFound):
            await desk.network.write(job_profiles.read, id, **desk.by(actor))


async def test_a_profile_is_taken_out_again_and_an_old_form_overwrites_nothing(desk: Desk) -> None:
    id = await desk.case()
    read = await desk.network.write(job_profiles.read, id, **desk.by())
    changed = await desk.record(id, None, expected=read.revised)
    assert isinstance(changed, Changed)
    assert changed.entry.body.fields == (
        "job_experience",
        "job_interests",
        "job_profile",
        "job_schedules",
        "job_skills",
    )
    assert (await desk.network.write(job_profiles.read, id, **desk.by())).profile is None
    with pytest.raises(Conflict):
        await desk.record(id, PROFILE, expected=read.revised)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"skills": frozenset({"magic"})}, "job_skills"),
        ({"interests": frozenset({"999"})}, "job_interests"),
        ({"schedules": frozenset({"always"})}, "job_schedules"),
        ({"worked": (WorkedAs(occupation="799"),)}, "job_experience"),
        ({"areas": frozenset({"XX99"})}, "job_areas"),
    ],
)
async def test_an_unknown_code_is_refused_without_repeating_it(desk: Desk, changed: dict[str, Any], field: str) -> None:
    id = await desk.case(None)
    with pytest.raises(WrongValue) as raised:
        await desk.record(id, PROFILE.model_copy(update=changed))
    assert str(raised.value) == field


async def test_openings_for_a_case_fit_or_say_what_is_missing_and_who_teaches_it(desk: Desk) -> None:
    found = await desk.openings(await desk.case())
    assert isinstance(found, ForCase)
    answer = found.answer
    assert ids(answer.suggestions.suggested) == ["j-mason"]
    (near,) = answer.suggestions.near_misses
    assert near.offer.terms.service_id == "j-welder"
    assert [getattr(u.verdict, "reason", None) for u in near.unmet] == [Reason.SKILLS_MISSING]
    assert answer.suggestions.elsewhere == 1, "the opening on the coast"
    welding, plans_ = answer.to_learn
    assert (welding.skill, ids(welding.taught_by), ids(welding.to_ask)) == ("welding", ["c-welding"], ["c-silent"])
    assert plans_.skill == "reading-plans"
    (way,) = answer.pathways
    assert way.opens == ("j-welder",)
    assert [(step.service_type, ids(step.suggested)) for step in way.steps] == [
        ("economic.skills.vocational-training", ["c-welding", "c-silent"])
    ]


async def test_where_the_person_would_work_counts_not_only_where_they_live(desk: Desk) -> None:
    there = PROFILE.model_copy(update={"areas": frozenset({"GT1801"})})
    both = PROFILE.model_copy(update={"areas": frozenset({"GT0901", "GT1801"})})
    for profile, expected in ((there, {"j-coast"}), (both, {"j-mason", "j-coast"})):
        found = await desk.openings(await desk.case(profile))
        assert isinstance(found, ForCase)
        assert set(ids(found.answer.suggestions.suggested)) == expected


async def test_nobody_is_matched_before_they_agreed_or_told_anything(desk: Desk) -> None:
    cases_: tuple[tuple[dict[str, Any], list[Reason]], ...] = (
        ({"agreed": False}, [Reason.NEED_NOT_AGREED]),
        ({"profile": None}, [Reason.JOB_PROFILE_MISSING]),
    )
    for given, reasons in cases_:
        found = await desk.openings(await desk.case(**given))
        assert isinstance(found, Refusal) and list(found.codes) == reasons
    id = await desk.case()
    for actor in (STRANGER, PROVIDER, ADMIN, person_of(id)):
        with pytest.raises(NotFound):
            await desk.openings(id, actor=actor)


async def test_an_unknown_area_is_said_and_everywhere_shows_the_coast(market: Network) -> None:
    need = Need(service_type=EMPLOYMENT, area="GT0901", on=ON, age=30, languages=frozenset({"spa"}))
    seeker = Seeker(need, PROFILE)
    with pytest.raises(UnknownAreaError):
        await market.read(jobs.answer, seeker, ["GT0901", "XX"])
    found = await market.read(jobs.answer, seeker, ["GT0901"], everywhere=True)
    assert "j-coast" in ids(found.suggestions.ruled_out)


@pytest.mark.parametrize("area", ["GT", "GT09", "GT0901", "GT0902", "GT1301", "GT1801"])
async def test_an_opening_seen_from_a_place_is_what_recall_would_find_there(market: Network, area: str) -> None:
    need = Need(service_type=EMPLOYMENT, area=area, on=date(2026, 11, 21))
    recalled = await market.read(candidates.find, need)
    assert recalled is not None
    found = {offer.terms.service_id: offer for offer in recalled.offers}
    for id in OPENINGS:
        seen = await market.read(candidates.see, id, on=need.on)
        assert seen is not None
        offers = await market.read(candidates.offers_from, seen, [area], EMPLOYMENT)
        assert offers[area] == found.get(id, seen.offer), (id, area)
    assert await market.read(candidates.see, "nowhere", on=need.on) is None


async def test_who_of_ones_own_cases_fits_and_what_the_others_lack(desk: Desk) -> None:
    fits = await desk.case(PROFILE.model_copy(update={"skills": frozenset({"welding"})}))
    lacks = await desk.case()
    silent = await desk.case(agreed=False)
    found = await desk.network.read(job_candidates.compare, "j-welder", **desk.by())
    by_case = {c.seeker.key: c for c in (*found.candidates.fitting, *found.candidates.near)}
    assert fits in {c.seeker.key for c in found.candidates.fitting}
    assert lacks in {c.seeker.key for c in found.candidates.near} and silent not in by_case
    missing = by_case[lacks].missing
    assert missing is not None and missing.required == {"welding"}
    for candidate in found.candidates.fitting:  # and the other way round says the same
        answer = await desk.openings(candidate.seeker.key)
        assert isinstance(answer, ForCase) and "j-welder" in ids(answer.answer.suggestions.suggested)


async def test_only_the_team_sees_who_fits_and_an_employer_never(desk: Desk) -> None:
    id = await desk.case()
    employer = Actor(id="a-employer", organization_id=EMPLOYER, roles=frozenset({Role.PROVIDER}))
    for actor in (employer, *(one for one in CAST if Role.CASE_MANAGER not in one.roles), person_of(id)):
        with pytest.raises(NotFound):
            await desk.network.read(job_candidates.compare, "j-mason", **desk.by(actor))
    for actor in (one for one in CAST if Role.CASE_MANAGER in one.roles):
        listed = await desk.network.read(seekers.mine, actor=actor, limit=1000)
        for one in listed:  # the hand-written list is a filter of what can be read one by one
            case: Case = await desk.network.read(cases.get, one.case_id, actor=actor)
            assert actor.id in case.team and case.closed_at is None and case.job_profile == one.profile
        found = await desk.network.read(job_candidates.compare, "j-mason", **desk.by(actor))
        seen = {c.seeker.key for c in (*found.candidates.fitting, *found.candidates.near)}
        assert (id in seen) == (actor is OWNER)
    for service in ("j-exchange", "nowhere"):
        with pytest.raises(NotFound):
            await desk.network.read(job_candidates.compare, service, **desk.by())


async def test_an_employer_is_sent_of_a_profile_what_its_sop_asks_and_the_person_allowed(desk: Desk) -> None:
    id = await desk.case()
    case: Case = await desk.network.read(cases.get, id, actor=OWNER)
    allowed = frozenset({"given_name", "job_skills", "job_interests"})
    allowing = Allowing(fields=allowed, organization_id=EMPLOYER, purpose="employment", modality="written")
    given = await desk.network.write(consents.give, id, allowing, **desk.by())
    assert not isinstance(given, Refusal), given
    drafted = await desk.network.write(
        referrals.draft,
        id,
        Draft(need_id=case.needs[0].id, service_id="j-mason", chosen_because="person-prefers"),
        **desk.by(),
    )
    assert not isinstance(drafted, Refusal), drafted
    packet = await desk.network.write(referrals.preview, drafted.referral_id, **desk.by())
    assert not isinstance(packet, Refusal), packet
    assert dict(packet.payload) == {"given_name": "ZZCANARYZZ", "job_skills": ["bricklaying"]}
    assert packet.withheld == ("job_experience", "job_schedules")
    sent = await desk.network.write(referrals.send, drafted.referral_id, **desk.by())
    assert not isinstance(sent, Refusal), sent
