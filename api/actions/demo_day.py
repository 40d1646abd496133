"""A working day of the demo: cases, consents and referrals of people who are nobody, so that every desk has its work. (R-01)

Everything is done by the same actions as on any day, by the demo accounts, at instants of the days before: nothing here
writes what an action would not. It is done once, in a network that holds the demo and no case yet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from api.actions import (
    accounts,
    amendments,
    cases,
    complaints,
    consents,
    credentials,
    enquiries,
    exceptions,
    passwords,
    person_accounts,
    plans,
    referrals,
    second_factor,
    steps,
)
from api.actions.cases import Opening
from api.actions.complaints import Grievance
from api.actions.consents import Allowing
from api.actions.credentials import Proposal
from api.actions.demo_accounts import DemoAccount
from api.actions.enquiries import Asking
from api.actions.exceptions import Plea, Word
from api.actions.person_accounts import NewPersonAccount
from api.actions.plans import StatedNeed
from api.actions.referrals import Draft
from graph.model.actor import Actor, Role
from graph.model.complaint import ComplaintKind
from graph.model.referral import Mark, Step
from graph.model.refusal import Refusal
from graph.model.sop import SopField
from graph.secrets import Secrets
from graph.seed.demo.build import id_of
from graph.store import accounts as kept
from graph.store import actors, counts, sops
from graph.store.network import Network, Tx

CLINIC: Final = "gt-ixchel"
THERAPY: Final = id_of("service", f"{CLINIC}/terapia")
COUNSELLING: Final = "psychosocial.counselling"
SUPPORT: Final = "psychosocial-support"
ASKED_FOR: Final = frozenset({"given_name", "languages", "safe_contact_way", "mental_health_summary"})
"""What the clinic's counselling asks for at first contact."""

RECORD: Final[Mapping[str, Any]] = {
    "municipality": "GT0901",
    "age_band": "26-59",
    "gender": "female",
    "nationality": "GT",
    "languages": ["quc", "spa"],
    "safe_contact_way": "por mensaje, después de las seis",
    "mental_health_summary": "duerme mal desde el retorno",
}


class Unfit(Exception):
    """The demo network and its day do not fit each other any more: an action refused a step of it."""


async def play(network: Network, drawn: Sequence[DemoAccount], *, at: datetime, secrets: Secrets) -> bool:
    """The day, unless somebody has begun to work here; whether it was played."""
    if await network.read(counts.of_cases) or not any(one.role is Role.PERSON for one in drawn):
        return False
    members = [one for one in drawn if one.role is not Role.PERSON]
    people: dict[Role, Actor] = {one.role: await network.read(_actor, one.login, secrets) for one in members}
    admins = [await network.read(_actor, one.login, secrets) for one in drawn if one.role is Role.ADMIN]
    day = Day(network, people, at=at, secrets=secrets)
    await day.credential(admins)
    await day.new_cases()
    await day.questions()
    await day.under_way()
    await day.ended()
    await day.danger()
    await day.rules()
    await day.person(next(one for one in drawn if one.role is Role.PERSON))
    return True


async def _actor(tx: Tx, login: str, secrets: Secrets) -> Actor:
    account = await kept.find(tx, accounts.index_of(login, secrets))
    if account is None:
        raise LookupError("a demo account is not there")
    return await actors.get(tx, account.actor_id)


class Day:
    """Who does what, and when: each step some minutes after the one before, the last ones a moment ago."""

    def __init__(self, network: Network, people: Mapping[Role, Actor], *, at: datetime, secrets: Secrets) -> None:
        self.network, self.people, self.now, self.secrets = network, people, at, secrets
        self.manager, self.clinic = people[Role.CASE_MANAGER], people[Role.PROVIDER]
        self.at = at
        self.cases = 0

    def back(self, **before: float) -> None:
        """The next step was taken so long ago."""
        self.at = self.now - timedelta(**before)

    async def do(self, action: Any, *args: Any, by: Actor | None = None, **more: Any) -> Any:
        """One step by the case manager, or by somebody else."""
        self.at = min(self.at + timedelta(minutes=2), self.now)
        held: dict[str, Any] = {"actor": by or self.manager, "at": self.at, "secrets": self.secrets}
        outcome = await self.network.write(action, *args, **held, **more)
        if isinstance(outcome, Refusal):
            raise Unfit(", ".join(denied.reason.value for denied in outcome.reasons))
        return outcome

    async def credential(self, admins: Sequence[Actor]) -> None:
        """The psychologist may attest: one administrator proposes it, the other issues it."""
        self.back(days=30)
        holder = self.people[Role.PROFESSIONAL]
        proposal = Proposal(actor_id=holder.id, kind="mental-health", valid_to=self.now + timedelta(days=700))
        await self.do(credentials.propose, proposal, by=admins[0])
        await self.do(credentials.issue, proposal.id, by=admins[1])

    async def case(self, **record: Any) -> str:
        """A case of somebody who is nobody."""
        self.cases += 1
        named = {"given_name": f"Persona {self.cases} (ficticia)"}
        opened = await self.do(cases.open_case, Opening(data=dict(RECORD) | named | record))
        return str(opened.case_id)

    async def need(self, case: str, service_type: str = COUNSELLING, *, agreed: bool = True) -> str:
        """A need of theirs, to which they agreed."""
        stated = await self.do(plans.state_need, case, StatedNeed(service_type=service_type))
        if agreed:
            await self.do(plans.agree_need, case, stated.id)
        return str(stated.id)

    async def allow(self, case: str, fields: frozenset[str] = ASKED_FOR) -> str:
        """They allow the clinic to be told."""
        allowing = Allowing(
            organization_id=id_of("organization", CLINIC),
            purpose=SUPPORT,
            modality="spoken-before-witness",
            witness="recepción del centro",
            fields=fields,
        )
        return str((await self.do(consents.give, case, allowing)).consent_id)

    async def draft(self, case: str, need: str) -> str:
        """The clinic was chosen with the person: nothing has left."""
        draft = Draft(need_id=need, service_id=THERAPY, chosen_because="person-prefers")
        return str((await self.do(referrals.draft, case, draft)).referral_id)

    async def sent(self, **record: Any) -> tuple[str, str]:
        """A case whose referral the clinic has: the case and the referral."""
        case = await self.case(**record)
        need = await self.need(case)
        await self.allow(case)
        referral = await self.draft(case, need)
        await self.do(referrals.send, referral)
        return case, referral

    async def step(self, referral: str, step: Step, reason: str | None = None) -> None:
        """The clinic takes a step."""
        await self.do(steps.take, referral, step, reason, by=self.clinic)

    async def new_cases(self) -> None:
        """A need to talk over, one without papers whose way to work is long, and one that waits to be sent."""
        self.back(hours=3)
        await self.need(await self.case(age_band="18-25", gender="male"), agreed=False)
        without_papers = await self.case(gender="male", papers_held=[], occupation="albañil")
        await self.need(without_papers, "economic.employment.job-placement")
        ready = await self.case()
        need = await self.need(ready)
        await self.allow(ready, ASKED_FOR - {"mental_health_summary"})
        await self.draft(ready, need)

    async def questions(self) -> None:
        """Five people of one place need the same, so that one may be asked about without being pointed at."""
        self.back(days=1)
        told = []
        for _ in range(5):
            case = await self.case()
            told.append((case, await self.need(case)))
        case, need = told[0]
        await self.do(enquiries.ask, case, need, Asking(service_ids=(THERAPY,)))

    async def under_way(self) -> None:
        """What the clinic has to answer: one for long, one since today; and what it has begun."""
        self.back(days=9)
        await self.sent()
        self.back(hours=5)
        await self.sent(gender="male", languages=["spa", "mam"])
        self.back(days=6)
        _, referral = await self.sent()
        await self.do(steps.mark, referral, Mark.RECEIVE, by=self.clinic)
        await self.step(referral, Step.ACCEPT)
        self.back(days=4)
        await self.step(referral, Step.START)

    async def ended(self) -> None:
        """Served, where the person has not said how it was; declined, where another has to be found; withdrawn."""
        self.back(days=25)
        _, served = await self.sent()
        await self.step(served, Step.ACCEPT)
        await self.step(served, Step.START)
        self.back(days=3)
        await self.step(served, Step.COMPLETE, "delivered")
        self.back(days=2)
        _, declined = await self.sent(age_band="60-")
        await self.step(declined, Step.REJECT, "language-unavailable")
        self.back(days=2)
        case = await self.case()
        need = await self.need(case)
        consent = await self.allow(case)
        referral = await self.draft(case, need)
        await self.do(referrals.send, referral)
        await self.step(referral, Step.ACCEPT)
        await self.do(consents.withdraw, consent)

    async def danger(self) -> None:
        """A life in danger: one word given and used, which waits for its review, and one that is asked for."""
        professional = self.people[Role.PROFESSIONAL]
        plea = {"assessor_id": professional.id, "requested_by": "organisation"}
        for used in (True, False):
            self.back(hours=20 if used else 1)
            case = await self.case(mental_health_summary="ha dicho que no quiere vivir")
            referral = await self.draft(case, await self.need(case))
            asked = Plea.model_validate(plea)
            await self.do(exceptions.request, referral, asked)
            if used:
                word = Word(ground="suicide-risk", representative_reachable=False, narrative="lo dijo dos veces hoy")
                await self.do(exceptions.attest, asked.id, word, by=professional)
                await self.do(referrals.send, referral)

    async def rules(self) -> None:
        """The clinic handed in rules that ask for one thing more and one thing less: another person is to decide."""
        self.back(days=2)
        held = (await self.network.read(sops.of_services, [THERAPY]))[THERAPY][-1]
        why = "Para avisar si algo ocurre entre dos citas"
        asked = SopField(field="emergency_contact", stage="first-contact", required=True, why_needed=why)
        kept_fields = tuple(f for f in held.fields if f.field != "emergency_contact")
        rules = held.model_copy(update={"fields": (asked, *kept_fields)})
        said = amendments.Draft(sop=rules, starts_on=(self.now + timedelta(days=14)).date(), reason="more-data-needed")
        draft = await self.do(amendments.draft_sop, THERAPY, said, by=self.clinic)
        await self.do(amendments.submit, draft.amendment_id, draft.revision, by=self.clinic)

    async def person(self, drawn: DemoAccount) -> None:
        """Somebody with a way in of their own: what is theirs to say waits for them; and a complaint that waits for an answer."""
        self.back(days=12)
        case, referral = await self.sent(given_name="Persona con cuenta (ficticia)")
        await self.step(referral, Step.ACCEPT)
        await self.step(referral, Step.START)
        new = NewPersonAccount(login=drawn.login, password_hash=await passwords.hashed(drawn.password))
        await self.do(person_accounts.give, case, new)
        await self.network.write(_confirmed, drawn, secrets=self.secrets)
        self.back(days=1)
        await self.step(referral, Step.COMPLETE, "delivered")
        said = Grievance(
            about_id=id_of("organization", CLINIC),
            kind=ComplaintKind.QUALITY,
            words="Esperé tres horas y nadie me avisó.",
            case_id=case,
            referral_id=referral,
        )
        await self.do(complaints.make, said)


async def _confirmed(tx: Tx, drawn: DemoAccount, *, secrets: Secrets) -> None:
    """The demo's person came for the first time already: with the password and the number that were drawn for them."""
    account = await kept.find(tx, accounts.index_of(drawn.login, secrets))
    if account is not None:
        totp = second_factor.sealed(drawn.totp, account_id=account.id, secrets=secrets)
        await kept.save(tx, account.model_copy(update={"totp": totp, "confirmed": True}))
