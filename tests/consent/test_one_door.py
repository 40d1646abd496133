"""Without consent there is one door, and only a valid attestation by another, accredited professional opens it. (R-22)

Every combination of grounds, credentials, senders, representatives, ages and recipients is tried, not a sample.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import product
from typing import Final

import pytest
from hypothesis import given

from consent.decision import Permit, Request, decide
from consent.emergency import permit_without_consent
from consent.minimisation import disclose
from graph.model.actor import Credential, CredentialKind
from graph.model.case import Case, Incapacity
from graph.model.consent import Attestation, ConsentState, Ground, Stage
from graph.model.directory import Suspension
from graph.model.disclosure import Disclosure
from graph.model.refusal import Reason, Refusal
from graph.model.sop import Sop, SopField
from tests.consent.worlds import DAY, NOW, World, case_of, consent_of, everything, made, referral_for
from tests.sizes import worlds

HOUR: Final = timedelta(hours=1)
KINDS: Final[tuple[CredentialKind, ...]] = ("mental-health", "health", "protection")
AGES: Final = (-HOUR, 0 * HOUR, 71 * HOUR, 72 * HOUR - timedelta(microseconds=1), 72 * HOUR, 100 * HOUR)
SOP: Final = Sop(
    id="sop-1",
    service_id="service-1",
    version=1,
    valid_from=NOW.date(),
    fields=(
        SopField(field="given_name", stage="first-contact", required=True, emergency=True),
        SopField(field="health_condition", stage="first-contact", required=False, emergency=True),
        SopField(field="telephone", stage="first-contact", required=True),
        SopField(field="skills", stage="follow-up", required=False, emergency=True),
    ),
)
RECORD: Final = {f: f"value of {f}" for f in ("given_name", "health_condition", "telephone", "skills")}


def asking(case: Case | None = None, *, sop: Sop = SOP, stage: Stage = "first-contact") -> Request:
    case = case or case_of()
    return Request.under(sop, case=case, referral=referral_for(case), stage=stage, countries=frozenset({"GT"}))


def credential(**changes: object) -> Credential:
    values: dict[str, object] = {
        "id": "credential-1",
        "actor_id": "psychologist",
        "kind": "mental-health",
        "issued_by": ("admin-1", "admin-2"),
        "valid_from": NOW - 100 * DAY,
        "valid_to": NOW + 100 * DAY,
    }
    return Credential.model_validate({**values, **changes})


def attestation(**changes: object) -> Attestation:
    values: dict[str, object] = {
        "id": "attestation-1",
        "case_id": "case-1",
        "organization_id": "clinic",
        "ground": Ground.SUICIDE_RISK,
        "requested_by": "organisation",
        "representative_reachable": False,
        "assessor_id": "psychologist",
        "credential_id": "credential-1",
        "assessed_at": NOW - HOUR,
    }
    return Attestation.model_validate({**values, **changes})


@dataclass(frozen=True)
class Held:
    """A state of a credential, and whether it lets its holder attest."""

    changes: dict[str, object]
    is_good: bool


def credentials(assessed_ago: timedelta) -> tuple[Held, ...]:
    """Every state a credential can be in, seen from an assessment so long ago."""
    assessed = NOW - assessed_ago
    return (
        Held({}, True),
        Held({"valid_from": NOW + HOUR}, False),
        Held({"valid_from": assessed + timedelta(microseconds=1)}, False),
        Held({"valid_to": NOW}, False),
        Held({"revoked_at": NOW}, False),
        Held({"revoked_at": assessed - HOUR}, False),
        Held({"revoked_at": NOW + 100 * HOUR}, True),
        Held({"actor_id": "somebody"}, False),
        Held({"id": "credential-2"}, False),
        Held({"issued_by": ("admin-1", "admin-1")}, False),
        Held({"issued_by": ("admin-1", "psychologist")}, False),
        Held({"issued_by": ("psychologist", "admin-2")}, False),
    )


def test_of_all_combinations_only_the_valid_ones_open_it() -> None:
    seen = Counter[bool]()
    grid = product(Ground, KINDS, ("manager", "psychologist"), (False, True), AGES, range(12), (0, 1, 2), (0, 1, 2))
    for ground, kind, sender, reachable, age, state, wrong, stop in grid:
        held = credentials(age)[state]
        word = attestation(
            ground=ground,
            representative_reachable=reachable,
            assessed_at=NOW - age,
            case_id="case-2" if wrong == 1 else "case-1",
            organization_id="shelter" if wrong == 2 else "clinic",
        )
        suspension = Suspension(
            id="s", subject="service", subject_id="service-1", reason="security", valid_from=NOW.date()
        )
        request = replace(
            asking(stage="follow-up" if stop == 1 else "first-contact"), suspensions=(suspension,) if stop == 2 else ()
        )
        answer = permit_without_consent(
            request, word, credential(kind=kind, **held.changes), sender_id=sender, at=NOW, consents=()
        )
        expected = (
            held.is_good
            and (kind == "mental-health" or ground is Ground.OTHER_DANGER_TO_LIFE)
            and sender != "psychologist"
            and not reachable
            and timedelta(0) <= age < timedelta(hours=72)
            and wrong == stop == 0
        )
        assert isinstance(answer, Permit) is expected, (ground, kind, sender, reachable, age, held, wrong, stop, answer)
        seen[expected] += 1
        if isinstance(answer, Permit):
            assert answer.basis.kind == "life-in-danger"
            assert answer.fields == {"given_name", "health_condition"}
            assert answer.until == word.assessed_at + timedelta(hours=72)
    assert seen[True] == 5 * 3 * 2  # 5 pairs of ground and kind, 3 ages, 2 good credentials
    assert seen.total() == 3 * 3 * 2 * 2 * 6 * 12 * 3 * 3


@worlds(ci=1_000, full=10_000)
@given(world=made())
def test_without_a_consent_in_force_no_world_has_a_permit_but_by_the_door(world: World) -> None:
    none = tuple(c for c in world.consents if not c.is_in_force(at=NOW))
    assert isinstance(decide(world.request, none, at=NOW), Refusal)
    found = decide(world.request, world.consents, at=NOW)
    if isinstance(found, Permit):
        assert found.basis.kind == "consent"
        given = {c.id for c in world.consents if c.is_in_force(at=NOW)}
        assert set(found.basis.consent_ids) <= given
        assert found.basis.consent_ids
    shut = permit_without_consent(world.request, None, credential(), sender_id="m", at=NOW, consents=world.consents)
    assert isinstance(shut, Refusal)


def through(word: Attestation, **changes: object) -> tuple[Reason, ...]:
    arguments: dict[str, object] = {"sender_id": "manager", "at": NOW, "consents": ()}
    answer = permit_without_consent(asking(), word, credential(), **{**arguments, **changes})  # type: ignore[arg-type]
    return answer.codes if isinstance(answer, Refusal) else ()


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ({"representative_reachable": True}, Reason.REPRESENTATIVE_REACHABLE),
        ({"assessor_id": "manager"}, Reason.ATTESTED_BY_SENDER),
        ({"assessed_at": NOW - 72 * HOUR}, Reason.ATTESTATION_EXPIRED),
        ({"assessed_at": NOW + HOUR}, Reason.ATTESTATION_NOT_YET),
        ({"case_id": "case-2"}, Reason.ATTESTATION_OTHER_CASE),
        ({"organization_id": "shelter"}, Reason.ATTESTATION_OTHER_RECIPIENT),
        ({"requested_by": "relative"}, Reason.RELATIVE_NOT_STATED),
        ({"credential_id": "credential-9"}, Reason.CREDENTIAL_OF_ANOTHER),
    ],
)
def test_a_shut_door_says_why(word: dict[str, object], reason: Reason) -> None:
    assert reason in through(attestation(**word))
    assert through(attestation(requested_by="relative", relation="sister")) == ()


def test_without_attestation_or_credential_it_says_so() -> None:
    shut = permit_without_consent(asking(), None, None, sender_id="manager", at=NOW, consents=())
    assert isinstance(shut, Refusal)
    assert shut.codes == (Reason.ATTESTATION_MISSING,)
    shut = permit_without_consent(asking(), attestation(), None, sender_id="manager", at=NOW, consents=())
    assert isinstance(shut, Refusal)
    assert shut.codes == (Reason.CREDENTIAL_MISSING,)


def test_a_credential_revoked_between_assessment_and_sending_shuts_it() -> None:
    revoked = credential(revoked_at=NOW - timedelta(minutes=1))
    shut = permit_without_consent(asking(), attestation(), revoked, sender_id="manager", at=NOW, consents=())
    assert isinstance(shut, Refusal)
    assert shut.codes == (Reason.CREDENTIAL_NOT_IN_FORCE,)


def test_what_leaves_is_what_the_sop_marks_for_emergencies_and_a_missing_rest_stops_nothing() -> None:
    found = permit_without_consent(asking(), attestation(), credential(), sender_id="manager", at=NOW, consents=())
    assert isinstance(found, Permit)
    sent = disclose(
        RECORD | {"health_condition": ""},
        SOP,
        found,
        referral=referral_for(case_of()),
        stage="first-contact",
        id="d",
        at=NOW,
        sendable=RECORD.keys(),
    )
    assert isinstance(sent, Disclosure)
    assert dict(sent.payload) == {"given_name": "value of given_name"}  # not the telephone, though it is required
    assert sent.basis.ground is Ground.SUICIDE_RISK


def test_a_permit_of_the_door_lets_nothing_else_out_even_if_it_were_wider() -> None:
    found = permit_without_consent(asking(), attestation(), credential(), sender_id="manager", at=NOW, consents=())
    assert isinstance(found, Permit)
    wider = replace(found, fields=frozenset(RECORD))
    sent = disclose(
        RECORD, SOP, wider, referral=referral_for(case_of()), stage="first-contact", id="d", at=NOW,
        sendable=RECORD.keys(),
    )  # fmt: skip
    assert isinstance(sent, Disclosure)
    assert set(sent.payload) == {"given_name", "health_condition"}


def test_where_the_sop_marks_nothing_the_door_stays_shut() -> None:
    plain = SOP.model_copy(update={"fields": tuple(f.model_copy(update={"emergency": False}) for f in SOP.fields)})
    shut = permit_without_consent(
        asking(sop=plain), attestation(), credential(), sender_id="manager", at=NOW, consents=()
    )
    assert isinstance(shut, Refusal)
    assert shut.codes == (Reason.EMERGENCY_NO_FIELDS,)


def test_a_need_nobody_agreed_to_and_a_consent_withdrawn_do_not_shut_it() -> None:
    case = case_of(needs=())
    withdrawn = consent_of(everything(), state=ConsentState.WITHDRAWN)
    found = permit_without_consent(
        asking(case), attestation(), credential(), sender_id="manager", at=NOW, consents=[withdrawn]
    )
    assert isinstance(found, Permit)


def test_a_no_of_somebody_who_can_decide_stands_against_another_danger_but_not_against_the_two_of_the_mind() -> None:
    no = consent_of(everything(), state=ConsentState.REFUSED)
    for ground, shut in (
        (Ground.OTHER_DANGER_TO_LIFE, (Reason.CONSENT_REFUSED,)),
        (Ground.SUICIDE_RISK, ()),
        (Ground.MENTAL_DISABILITY, ()),
    ):
        assert through(attestation(ground=ground), consents=[no]) == shut
    unable = Incapacity(id="i", assessed_by="doctor", assessed_at=NOW - DAY, valid_to=NOW + DAY)
    for case in (case_of(incapacities=(unable,)), case_of(adult_on=NOW.date() + DAY)):
        word = attestation(ground=Ground.OTHER_DANGER_TO_LIFE)
        found = permit_without_consent(asking(case), word, credential(), sender_id="manager", at=NOW, consents=[no])
        assert isinstance(found, Permit)
