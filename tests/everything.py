"""One world that holds something of every kind, in every state that things of a kind may be in. (R-21, R-25)

What is in it is the owner's, who works at home, or the clinic's, who received some of it: theirs to see, and foreign to
all the others. For tests that try every route and every page. A kind of thing that is new goes in here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any, Final

from api.actions import outbox, passwords
from graph.model.account import ApiToken
from graph.model.actor import Actor, Role
from graph.model.alert import Alert, Unusual
from graph.model.directory import Suspension
from graph.model.enquiry import Asked, Enquiry
from graph.secrets import Secrets
from graph.seed.vocabulary import terms
from graph.store import accounts, alerts, enquiries, messages, sessions, suspensions, tokens
from graph.store.contacts import Told
from graph.store.network import Network, Tx
from tests.cast import CLINIC, COLLEAGUE, DEPARTMENT, HOME, OWNER, PROFESSIONAL, PROVIDER
from tests.everybody import COMMITTEE, EVERYBODY, Callers, account_of, give_credential
from tests.sending import CLINIC_SERVICE, NO_SOP_SERVICE, PURPOSE, TYPE, Patient

MISSING: Final = "0" * 32

Ids = Mapping[str, tuple[str, list[str]]]
"""By the name of a parameter: the case the things belong to, and the things."""


async def everything(house: Callers, network: Network, secrets: Secrets, each: int) -> Ids:
    """So many of every kind (at least four), all of cases that are restricted to the owner, or of the owner's account."""
    whole = [await house.opened() for _ in range(each)]
    full, stopped = whole[0], whole[1]
    child = await house.opened(age_band="6-11")
    found: dict[str, tuple[str, list[str]]] = {"case_id": ("", whole)}

    async def made(case: str, part: str, body: Mapping[str, Any]) -> tuple[str, list[str]]:
        at = f"/v1/cases/{case}/{part}"
        return case, [str((await house.done(OWNER.id, "POST", at, body))["id"]) for _ in range(each)]

    found["need_id"] = await made(full, "needs", {"service_type": TYPE})
    found["goal_id"] = await made(full, "goals", {"dimension": "social", "review_on": "2027-03-01"})
    found["meeting_id"] = await made(full, "meetings", {"on": "2027-03-01"})
    found["guardian_id"] = await made(child, "guardians", {"kind": "parent", "countries": ["GT"]})
    incapable = {"assessed_by": PROFESSIONAL.id, "valid_to": "2027-03-01T12:00:00Z"}
    found["incapacity_id"] = await made(child, "incapacities", incapable)

    need = await house.needed(full)
    drafts = [await house.drafted(full, need) for _ in range(2 * each)]
    requests = []
    for referral in drafts:
        plea = {"assessor_id": PROFESSIONAL.id, "requested_by": "organisation"}
        requests.append((await house.done(OWNER.id, "POST", f"/v1/referrals/{referral}/exception", plea))["id"])
    word = {"ground": "suicide-risk", "representative_reachable": False, "narrative": "relato"}
    attested = [
        (await house.done(PROFESSIONAL.id, "POST", f"/v1/exceptions/asked/{id}/word", word))["id"]
        for id in requests[each:]
    ]
    found |= {
        "referral_id": (full, drafts[:each]),
        "request_id": (full, requests[:each]),
        "attestation_id": (full, attested),
    }

    need = await house.needed(stopped)
    consents, receipts, notices, received = [], [], [], []
    allowed = {"organization_id": CLINIC, "purpose": PURPOSE, "modality": "written"}
    allowed_fields = allowed | {"fields": ["given_name", "health_condition"]}
    for _ in range(each):
        at = f"/v1/cases/{stopped}/consents"
        given = await house.done(OWNER.id, "POST", at, allowed_fields)
        consents.append(given["consent_id"])
        receipts.append(given["receipt_id"])
        received.append(await house.drafted(stopped, need))
        await house.done(OWNER.id, "POST", f"/v1/referrals/{received[-1]}/send")
        stop = await house.done(OWNER.id, "POST", f"/v1/consents/{consents[-1]}/withdrawal")
        notices.append(stop["stop_notice_id"])
    found |= {"consent_id": (stopped, consents), "notice_id": (stopped, notices), "received": (stopped, received)}
    found["receipt_id"] = (stopped, receipts)
    live = await under_way(house, stopped, need, allowed_fields, each)
    found["referral_id"] = (full, [*drafts[: each // 2], *live])
    await house.done(OWNER.id, "PUT", f"/v1/cases/{full}/household", {"case_id": stopped})
    pair = [{"case_id": case, "need_id": await house.needed(case)} for case in (full, stopped)]
    family = {"service_id": CLINIC_SERVICE, "members": pair}
    at = "/v1/referrals/together"
    together = [(await house.done(OWNER.id, "POST", at, family))["together_id"] for _ in range(each)]
    found["together_id"] = ("", together)
    said = {"about_id": HOME, "kind": "delay", "words": "tarda"}  # HOME's committee and officer look on too
    by = f"person:{full}"
    voiced = [(await house.done(by, "POST", "/v1/complaints", said))["complaint"]["id"] for _ in range(each)]
    found["complaint_id"] = ("", voiced)
    leaving = []
    for case in whole:
        await house.done(
            OWNER.id, "POST", f"/v1/cases/{case}/consents", allowed_fields | {"countries": ["MX"], "purpose": "housing"}
        )
        journey = {"to": "MX", "on": "2027-01-15", "receiver_id": CLINIC}
        planned = await house.done(OWNER.id, "POST", f"/v1/cases/{case}/departure", journey)
        leaving.append(planned["departure"]["id"])
    found["departure_id"] = ("", leaving)
    for case in (*whole, child):
        await house.done(OWNER.id, "PUT", f"/v1/cases/{case}/restriction", {"restricted": True})
    found["enquiry_id"] = (full, await questions(network, full, found["need_id"][1][0], each))
    found["stream"] = ("", await streams(network, each))
    found["gap_id"] = ("", await gaps_of(house, each))
    found["amendment_id"] = ("", await amended(house, each))
    found["proposal_id"] = ("", await proposed(house, each))
    found["merge_id"] = ("", await told_of_pairs(house, each))
    found["alert_id"] = ("", await alerts_of(network, each))
    found["message_id"] = ("", await letters(network, drafts[0], each))
    return found | {name: ("", made) for name, made in (await accounts_of(network, secrets, each)).items()}


async def alerts_of(network: Network, each: int) -> list[str]:
    """Alerts of what the owner read: half of them looked into."""
    at = datetime.now(UTC)
    made = [
        Alert(
            id=f"{n:032x}", actor_id=OWNER.id, organization_id=HOME, role="case-manager", why=frozenset({Unusual.IN_AN_HOUR}),
            persons=70, hour=70, usual=10, raised_at=at, latest_at=at, acknowledged_at=at if n % 2 else None,
        )
        for n in range(1, each + 1)
    ]  # fmt: skip

    async def put_down(tx: Tx) -> None:
        for alert in made:
            await alerts.create(tx, alert)

    await Patient.of(network).write(put_down)
    return [alert.id for alert in made]


async def under_way(house: Callers, case: str, need: str, allowed: Mapping[str, Any], each: int) -> list[str]:
    """Referrals of such a case that were sent: every second one was accepted, and hangs full of what follows that."""
    await house.done(OWNER.id, "POST", f"/v1/cases/{case}/consents", allowed)
    sent = []
    for n in range(each // 2):
        at = f"/v1/referrals/{await house.drafted(case, need)}"
        sent.append(at.rpartition("/")[2])
        await house.done(OWNER.id, "POST", f"{at}/send")
        if n % 2:
            await house.done(OWNER.id, "POST", f"{at}/opening-code")
            for step in ("accept", "start"):
                await house.done(PROVIDER.id, "POST", f"{at}/steps", {"step": step})
            cost = {"amount": 1250, "currency": "GTQ", "what_for": "transport"}
            await house.done(PROVIDER.id, "POST", f"{at}/costs", cost)
            await house.done(PROVIDER.id, "POST", f"{at}/reports", {"attended": True})
    return sent


async def proposed(house: Callers, each: int) -> list[str]:
    """Changes proposed of the clinic's entry: waiting, approved, rejected, withdrawn."""
    made = []
    for n in range(each):
        asked = {"subject": "service", "subject_id": CLINIC_SERVICE, "stated": {"email": f"clinic{n}@example.org"}}
        id = (await house.done(OWNER.id, "POST", "/v1/proposals", asked))["id"]
        made.append(id)
        at = f"/v1/proposals/{id}"
        match n % 4:
            case 1:
                await house.done(PROVIDER.id, "POST", f"{at}/approval")
            case 2:
                await house.done(PROVIDER.id, "POST", f"{at}/rejection", {"reason": "not-so"})
            case 3:
                await house.done(OWNER.id, "POST", f"{at}/withdrawal")
    return made


async def told_of_pairs(house: Callers, each: int) -> list[str]:
    """Words about pairs of entries: told apart, merged and parted again."""
    pair = {"subject": "service", "kept_id": CLINIC_SERVICE, "gone_id": NO_SOP_SERVICE}
    made = []
    for n in range(each):
        said = await house.done(COMMITTEE.id, "POST", "/v1/duplicates", pair | {"same": n % 2 == 1})
        made.append(said["id"])
        if n % 2:
            await house.done(COMMITTEE.id, "POST", f"/v1/duplicates/{said['id']}/undoing")
    return made


async def amended(house: Callers, each: int) -> list[str]:
    """Changes of the clinic's rules: drafted, handed in, taken back, and one that holds already."""
    asked = {"field": "given_name", "stage": "first-contact", "required": True, "why_needed": "para llamar"}
    said = {"sop": {"fields": [asked]}, "starts_on": f"{datetime.now(UTC).year + 1}-03-01", "reason": "review"}
    at = f"/v1/services/{CLINIC_SERVICE}/amendments"
    made = [(await house.done(PROVIDER.id, "POST", at, said))["amendment_id"] for _ in range(each)]
    for n, id in enumerate(made):
        if n % 4 in (1, 3):
            await house.done(PROVIDER.id, "POST", f"/v1/amendments/{id}/submission", {"revision": 1})
        if n % 4 == 2:
            await house.done(PROVIDER.id, "POST", f"/v1/amendments/{id}/withdrawal")
    await house.done("a-committee", "POST", f"/v1/amendments/{made[3]}/difference")
    await house.done("a-committee", "POST", f"/v1/amendments/{made[3]}/publication", {"revision": 1})
    return [str(id) for id in made]


async def gaps_of(house: Callers, each: int) -> list[str]:
    """Gaps that the committee took up: some are closed."""
    on = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
    said = {"department": DEPARTMENT, "remedy": "watch", "owner_id": CLINIC, "re_check_on": on}
    made = []
    for service_type in islice(terms("service-types"), each):
        gap = await house.done("a-committee", "POST", "/v1/committee/gaps", said | {"service_type": service_type})
        made.append(str(gap["gap_id"]))
    closing = {key: value for key, value in said.items() if key != "department"} | {"version": 1, "closes": True}
    await house.done("a-committee", "POST", f"/v1/committee/gaps/{made[-1]}/decisions", closing)
    return made


async def letters(network: Network, referral: str, each: int) -> list[str]:
    """Mails that were written about a referral of such a case."""
    at = datetime.now(UTC)
    desk = Told(CLINIC, "desk@example.org")
    for _ in range(each):
        said: dict[str, Any] = {"about": referral, "country": "GT", "at": at, "clock": "decide"}
        await network.write(outbox.put, desk, "remind-provider", **said)
    return [message.id for message in await network.read(messages.page, limit=each)]


async def questions(network: Network, case_id: str, need_id: str, each: int) -> list[str]:
    """What a clinic was asked about such a case, without being told whose it is."""
    at = datetime.now(UTC)
    made = [
        Enquiry(
            id=f"{n:032x}", case_id=case_id, need_id=need_id, service_id=CLINIC_SERVICE, organization_id=CLINIC,
            asked=Asked(service_type=TYPE, area="GT09"), asked_at=at, asked_by=OWNER.id,
            expires_at=at + timedelta(days=1), answer="can", answered_at=at,
        )
        for n in range(1, each + 1)
    ]  # fmt: skip

    async def ask(tx: Tx) -> None:
        for enquiry in made:
            await enquiries.create(tx, enquiry)

    await Patient.of(network).write(ask)
    return [enquiry.id for enquiry in made]


async def streams(network: Network, each: int) -> list[str]:
    """The streams of the log that there are by now: of cases, all of them."""

    async def all_(tx: Tx) -> list[str]:
        rows = await tx.run("MATCH (s:Stream) WHERE s.id <> 'mechanism' RETURN s.id AS id ORDER BY id")
        return [str(row["id"]) async for row in rows]

    return (await network.read(all_))[:each]


async def accounts_of(network: Network, secrets: Secrets, each: int) -> dict[str, list[str]]:
    """Accounts of others, sessions and tokens of the owner's, credentials of somebody's."""
    at = datetime.now(UTC)

    async def make(tx: Tx) -> dict[str, list[str]]:
        made: dict[str, list[str]] = {"account_id": [], "session_id": [], "token_id": []}
        for n in range(each):
            someone = Actor(id=f"a-someone-{n}", roles=frozenset({Role.PROVIDER}))
            await (await tx.run("CREATE (:Actor {id: $id, roles: []})", id=someone.id)).consume()
            account = account_of(someone, at=at)
            await accounts.create(tx, account)
            session, token = f"session-{n}-of-owner", f"token-{n}-of-owner"
            hash_of = passwords.hash_of
            await sessions.create(tx, id=session, account_id=f"account-{OWNER.id}", token_hash=hash_of(session), at=at)
            kept = ApiToken(id=token, scopes=frozenset({"case-read"}), created_at=at, valid_to=at + timedelta(days=1))
            await tokens.create(tx, kept, actor_id=OWNER.id, token_hash=hash_of(token))
            for name, id in (("account_id", account.id), ("session_id", session), ("token_id", token)):
                made[name].append(id)
        return made

    async def suspend(tx: Tx) -> list[str]:
        at = date(2026, 1, 1)
        made = [
            Suspension(id=f"suspension-{n}", subject="service", subject_id="nothing", reason="no-staff", valid_from=at)
            for n in range(each)
        ]
        await suspensions.upsert(tx, made)
        return [one.id for one in made]

    made = await Patient.of(network).write(make)
    made["suspension_id"] = await Patient.of(network).write(suspend)
    known, others = sorted(EVERYBODY), [f"a-someone-{n}" for n in range(each)]
    made["actor_id"] = [*known[::3], *known[1::3], *known[2::3], *others][:each]  # of several roles, however few
    made["credential_id"] = [
        await give_credential(network, secrets, "a-stranger", issued=n % 2 == 0) for n in range(each)
    ]
    return made


KNOWN: Final = {
    "organization_id": CLINIC,
    "service_id": CLINIC_SERVICE,
    "assessor_id": PROFESSIONAL.id,
    "assessed_by": PROFESSIONAL.id,
    "need_id": MISSING,
    "case_id": MISSING,
    "actor_id": COLLEAGUE.id,
    "subject_id": CLINIC_SERVICE,
    "purpose": PURPOSE,
    "purposes": [PURPOSE],
    "service_type": TYPE,
    "fields": ["given_name"],
    "field": "given_name",
    "categories": [],
    "countries": ["GT"],
    "country": "GT",
    "language": "es",
    "guardian_id": None,
    "explained_by": None,
    "notice_version": None,
    "goal_id": None,
    "goal_ids": [],
    "channel": "sms",
    "factors": {},
    "data": {"allergies": "polvo"},
    "held": None,
    "roles": ["provider"],
    "scopes": ["case-read"],
    "worked": [],
    "skills": [],
    "interests": [],
    "schedules": [],
    "areas": None,
}
"""What fits in a body, by the name of its key."""
