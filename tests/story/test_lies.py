"""Every check of the story can fail: a server that says something else is found out by exactly that check."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

import pytest

from api.cli.story import checks
from api.cli.story.cast import Cast
from api.cli.story.checks import Checks, Tale, play
from api.cli.story.persons import ALLOWED, FIRST, FOURTH, NOT_ASKED, WITHHELD
from api.cli.story.quick import SERVICE as SILENT
from api.cli.story.steps import STEPS
from api.cli.story.steps.asked_without_identity import ASKED
from api.cli.story.steps.border import ABROAD
from tests.conftest import EMBEDDED
from tests.story.liar import Liar, Lie, Twist, each, entries, let_in, of_body, with_

LOG, GONE, OPENING, SEND = r"GET /log/", r"GET .*/gone$", r"POST /received/.*/opening$", r"POST .*/send$"
REFERRAL, STEPPED, OUTCOME = r"GET /referrals/[^/]+$", r"POST .*/steps$", r"PUT .*/outcome$"
MAILED: Final = r"GET /messages$"
FOLLOWED, REPORTS = r"POST .*/follow-up-send$", r"GET .*/reports$"
QUEUE, PREVIEW, NOTICES = r"GET /received$", r"GET .*/preview$", r"GET /stop-notices$"

COMPLAIN, THERE = r"POST /complaints$", r"POST .*/suggestions$"
PLACES, PLACES_SAID = r"GET /services/.*/capacity$", r"PUT /services/.*/capacity$"

ASKING = r"POST .*/needs/.*/enquiries$"

NOTHING: Final = of_body(lambda _: [])
SOMETHING: Final = of_body(lambda _: [{}])
ELSE: Final = entries(lambda body: body | {"kind": "something-else"})
NOBODY: Final = entries(lambda body: body | {"actor": "nobody"})
ALLOWED_AFTER_ALL: Final = let_in(409)


def without(kind: str) -> Twist:
    """A log in which a kind of entry has another name."""
    return entries(lambda body: body | {"kind": "something-else"} if body["kind"] == kind else body)


def more(field: str, value: Any) -> Twist:
    """A packet with a field too many."""
    return of_body(lambda body: body | {"payload": body["payload"] | {field: value}})


def longer(body: dict[str, Any]) -> dict[str, Any]:
    until = datetime.fromisoformat(body["readable_until"]) + timedelta(days=1)
    return body | {"readable_until": until.isoformat()}


def rows_of(name: str, **members: Any) -> Twist:
    """A page whose rows have other members."""
    return of_body(lambda body: body | {name: [row | members for row in body[name]]})


def at_home(receipt: dict[str, Any]) -> dict[str, Any]:
    """A receipt that names no border."""
    (purpose,) = receipt["pii_processing"]["purposes"]
    return receipt | {"pii_processing": receipt["pii_processing"] | {"purposes": [purpose | {"crossings": []}]}}


def lie(step: str, about: str, twist: Twist, seen_by: str, *seen_too: str) -> Lie:
    return Lie(step, about, twist, seen_by, frozenset(seen_too))


LIES: Final = (
    lie("needs-agreed", r"/suggestions$", ALLOWED_AFTER_ALL, "not-matched-before"),
    lie("needs-agreed", r"/suggestions$", with_(suggested=[]), "matched-after"),
    lie("needs-agreed", LOG, NOBODY, "agreement-stands"),
    lie("needs-agreed", r"GET /cases/[^/]+$", let_in(), "case-hidden"),
    lie("consent-partial", r"/consents$", with_(fields=sorted([*ALLOWED, WITHHELD])), "only-what-was-said"),
    lie("consent-partial", r"/consents$", with_(expires_at="2000-01-01T00:00:00Z"), "ends-by-itself"),
    lie("consent-partial", LOG, ELSE, "consent-stands"),
    lie("consent-partial", GONE, SOMETHING, "nothing-left-yet"),
    lie("consent-partial", r"/withdrawal$", let_in(), "consent-not-theirs"),
    lie("previewed", PREVIEW, more(WITHHELD, FIRST[WITHHELD]), "payload-is-allowed"),
    lie("previewed", PREVIEW, with_(withheld=[]), "withheld-is-named"),
    lie("previewed", PREVIEW, more(NOT_ASKED[0], "x"), "unasked-stays", "payload-is-allowed"),
    lie("previewed", PREVIEW, with_(organization_id="another"), "addressed"),
    lie("previewed", OPENING, let_in(), "draft-is-unseen"),
    lie("previewed", PREVIEW, let_in(), "preview-not-theirs"),
    lie("sent", SEND, with_(fields=["given_name"]), "exactly-the-preview-left", "transfer-stands"),
    lie("sent", SEND, with_(withheld=[]), "withheld-stayed"),
    lie("sent", LOG, ELSE, "transfer-stands"),
    lie("sent", SEND, with_(note=FIRST["given_name"]), "receipt-has-no-values"),
    lie("sent", QUEUE, with_(referrals=[{"id": "another"}]), "in-the-queue", "nobody-else-has-it"),
    lie("sent", OPENING, let_in(), "nobody-else-has-it"),
    lie("sent", SEND, ALLOWED_AFTER_ALL, "sent-once"),
    lie("opened", OPENING, more(WITHHELD, "x"), "packet-is-the-preview", "reading-stands"),
    lie("opened", OPENING, with_(withheld=[]), "more-is-not-hinted-at"),
    lie("opened", LOG, NOBODY, "reading-stands"),
    lie("opened", GONE, each(opened=[]), "sender-sees-who-read"),
    lie("opened", OPENING, let_in(), "only-the-receiver-opens"),
    lie("refused-without-consent", SEND, of_body(lambda b: b | {"reasons": []}, refused=True), "every-reason-said",
        "preview-says-the-same", "attempt-stands"),
    lie("refused-without-consent", SEND,
        of_body(lambda b: b | {"reasons": [r | {"ask": None} for r in b["reasons"]]}, refused=True), "says-what-to-do"),
    lie("refused-without-consent", PREVIEW, ALLOWED_AFTER_ALL, "preview-says-the-same"),
    lie("refused-without-consent", GONE, SOMETHING, "nothing-left"),
    lie("refused-without-consent", OPENING, let_in(), "nothing-to-open"),
    lie("refused-without-consent", LOG, NOBODY, "attempt-stands"),
    lie("exception-attested", r"/exception$",
        lambda a: replace(a, status=201) if a.reasons == ["credential-missing"] else a, "shut-without-credential"),
    lie("exception-attested", r"/credentials/.*/issue$", ALLOWED_AFTER_ALL, "two-administrators"),
    lie("exception-attested", r"/word$", let_in(), "assessor-is-not-who-asks"),
    lie("exception-attested", SEND, of_body(lambda b: b | {"fields": [*b["fields"], "languages"]}),
        "only-emergency-fields-left"),
    lie("exception-attested", SEND, of_body(longer), "seventy-two-hours"),
    lie("exception-attested", OPENING, more("languages", ["quc"]), "receiver-reads-no-more"),
    lie("exception-attested", LOG, without("exception-used"), "exception-stands"),
    lie("exception-attested", r"/exceptions/to-review$", NOTHING, "watched-over"),
    lie("withdrawn", r"/withdrawal$", with_(cancelled=[]), "unstarted-cancelled"),
    lie("withdrawn", r"/withdrawal$", with_(gone=[]), "gone-is-listed"),
    lie("withdrawn", SEND, ALLOWED_AFTER_ALL, "sending-refused"),
    lie("withdrawn", OPENING, ALLOWED_AFTER_ALL, "opening-refused"),
    lie("withdrawn", NOTICES, with_(stop_notices=[]), "stop-notice-there"),
    lie("withdrawn", r"/acknowledgement$", let_in(), "notice-not-theirs"),
    lie("withdrawn", r"/acknowledgement$", with_(in_time=False), "acknowledged"),
    lie("withdrawn", LOG, without("stop-notice"), "withdrawal-stands"),
    lie("gone-list", GONE, each(fields=["given_name"]), "every-copy"),
    lie("gone-list", GONE, of_body(
        lambda rows: [row | {"opened": [o | {"actor_id": "nobody"} for o in row["opened"]]} for row in rows]),
        "who-opened"),
    lie("gone-list", GONE, each(closed_at=None), "closed-by-the-withdrawal"),
    lie("gone-list", LOG, without("reading"), "log-says-the-same"),
    lie("gone-list", GONE, each(note=FIRST["given_name"]), "no-values-listed"),
    lie("gone-list", GONE, let_in(), "list-not-theirs"),
    lie("redirected", STEPPED, ALLOWED_AFTER_ALL, "proposal-names-a-service"),
    lie("redirected", REFERRAL, with_(proposed_service_id="another"), "draft-waits"),
    lie("redirected", REFERRAL, with_(tasks=[]), "person-is-asked"),
    lie("redirected", GONE, each(organization_id="another"), "own-consent-needed"),
    lie("redirected", REFERRAL, let_in(), "draft-hidden"),
    lie("confirmed-both", STEPPED, ALLOWED_AFTER_ALL, "no-step-skipped"),
    lie("confirmed-both", STEPPED, with_(status="cancelled"), "served"),
    lie("confirmed-both", OUTCOME, with_(agreed=False), "both-say-the-same"),
    lie("confirmed-both", LOG, without("outcome-said"), "whole-way-stands"),
    lie("confirmed-both", REFERRAL, let_in(), "life-not-theirs"),
    lie("disagreement", REFERRAL, with_(status="failed"), "both-words-stand"),
    lie("disagreement", OUTCOME, with_(follow_up_id="another"), "somebody-asks-within-a-week"),
    lie("disagreement", LOG, entries(lambda body: body | {"reasons": ["served"]}), "barrier-stands"),
    lie("disagreement", REFERRAL, with_(agreed=False), "clinic-is-not-told"),
    lie("disagreement", OUTCOME, let_in(), "word-is-the-persons"),
    lie("follow-up", FOLLOWED, ALLOWED_AFTER_ALL, "first-yes-is-not-enough"),
    lie("follow-up", FOLLOWED, with_(fields=["telephone"]), "only-the-follow-up-left"),
    lie("follow-up", OPENING, more("telephone", "x"), "each-copy-for-itself"),
    lie("follow-up", REPORTS, each(note=None), "note-for-the-team-alone"),
    lie("follow-up", LOG, without("report-given"), "exchange-stands"),
    lie("follow-up", REPORTS, let_in(), "reports-not-theirs", "note-for-the-team-alone"),
    lie("leased", PLACES_SAID, let_in(403), "places-not-theirs"),
    lie("leased", PREVIEW, with_(place="not-counted"), "place-held"),
    lie("leased", PLACES, with_(leased=0), "counted-at-once"),
    lie("leased", SEND, ALLOWED_AFTER_ALL, "not-given-twice"),
    lie("leased", r"/suggestions$", with_(near_misses=[], ruled_out=[]), "suggestions-know"),
    lie("leased", PLACES, with_(available=0), "given-back"),
    lie("waiting-list", SEND, ALLOWED_AFTER_ALL, "list-is-offered"),
    lie("waiting-list", SEND, with_(place="held"), "waits-without-a-place"),
    lie("waiting-list", STEPPED, ALLOWED_AFTER_ALL, "no-place-no-acceptance"),
    lie("waiting-list", PLACES, with_(in_use=0), "taken-with-the-acceptance"),
    lie("waiting-list", PLACES, with_(available=0), "bed-is-back"),
    lie("complaint", COMPLAIN, of_body(lambda b: b | {"complaint": b["complaint"] | {"says": "pronto"}}),
        "says-who-answers-and-when"),
    lie("complaint", COMPLAIN, ALLOWED_AFTER_ALL, "not-by-its-own"),
    lie("complaint", r"GET /complaints$", of_body(lambda _: [{"id": "another"}]), "unknown-to-the-clinic"),
    lie("complaint", r"/reading$", with_(words="nada"), "committee-reads-it"),
    lie("complaint", r"/told$", with_(answer=None), "answered-with-a-remedy"),
    lie("complaint", LOG, entries(lambda body: body | {"recipient": "x", "kind": "something-else"}),
        "log-names-nobody"),
    lie("complaint", r"GET /complaints/.", let_in(), "complaint-not-theirs", "unknown-to-the-clinic"),
    lie("border", THERE, with_(suggested=[]), "fits-over-there"),
    lie("border", SEND, ALLOWED_AFTER_ALL, "nothing-crosses-unasked", "nothing-sent-or-read-after"),
    lie("border", r"/receipt$", of_body(at_home), "receipt-names-the-border"),
    lie("border", r"GET /arrivals$", each(note=ABROAD["given_name"]), "expected-without-a-name"),
    lie("border", SEND, with_(fields=[]), "crosses-with-consent"),
    lie("border", r"/word$", of_body(lambda b: b | {"cancelled": []} if "cancelled" in b else None),
        "not-departing-stops-all"),
    lie("border", OPENING, ALLOWED_AFTER_ALL, "nothing-sent-or-read-after"),
    lie("border", r"/confirmation$",
        of_body(lambda b: b | {"departure": b["departure"] | {"confirmed_by_both": False}}), "both-sides-saw-it"),
    lie("border", r"GET .*/departure$", let_in(), "journey-not-theirs"),
    lie("job-match", r"GET .*/job-suggestions$", ALLOWED_AFTER_ALL, "no-job-before-agreement"),
    lie("job-match", r"GET .*/job-suggestions$", of_body(lambda b: b | {"to_learn": []}),
        "says-what-to-learn-and-where"),
    lie("job-match", r"/job-candidates$", with_(fitting=[]), "ranked-both-ways"),
    lie("job-match", r"POST /job-suggestions$", let_in(422), "gender-is-not-asked"),
    lie("job-match", r"GET .*/job-profile$", let_in(), "profile-not-theirs"),
    lie("job-match", r"GET .*/job-suggestions$", of_body(lambda b: b | {"suggested": []}), "openings-fit"),
    lie("reminded", REFERRAL, with_(clocks=[]), "clock-is-shown"),
    lie("reminded", MAILED, rows_of("messages", rung="committee"), "told-in-their-order"),
    lie("reminded", MAILED, rows_of("messages", sent_at=None), "committee-sees-them"),
    lie("reminded", MAILED, with_(note=FOURTH["given_name"]), "mails-name-nobody"),
    lie("reminded", MAILED, let_in(403), "list-is-the-committees"),
    lie("lapsed", REFERRAL, with_(owner="person"), "ended-by-the-clock"),
    lie("lapsed", REFERRAL, with_(clocks=[{}]), "no-clock-runs"),
    lie("lapsed", LOG, NOBODY, "lapse-stands"),
    lie("lapsed", MAILED, rows_of("messages", organization_id="another"), "sender-is-told"),
    lie("lapsed", REFERRAL, let_in(), "lapse-not-theirs"),
    lie("next-suggestion", r"GET /due$", with_(items=[]), "waits-for-the-team"),
    lie("next-suggestion", r"/next$", with_(suggested=[]), "somebody-else-fits"),
    lie("next-suggestion", r"/next$",
        of_body(lambda b: b | {"ruled_out": [*b["ruled_out"], {"service": {"id": SILENT}}]}),
        "without-who-was-silent"),
    lie("next-suggestion", r"/next$", let_in(), "next-not-theirs"),
    lie("asked-without-identity", ASKING, ALLOWED_AFTER_ALL, "only-what-is-agreed"),
    lie("asked-without-identity", ASKING, with_(widened=[]), "rare-is-widened"),
    lie("asked-without-identity", r"GET /enquiries$",
        of_body(lambda page: page | {"enquiries": [row | {"case_id": "x"} for row in page["enquiries"]]}), "nobody-is-named"),
    lie("asked-without-identity", LOG, without("ask-first"), "each-question-stands"),
    lie("asked-without-identity", r"GET .*/enquiries$", of_body(lambda rows: [] if isinstance(rows, list) else None),
        "person-can-read"),
    lie("asked-without-identity", r"/choice$", let_in(), "questions-not-theirs"),
    lie("chosen", r"/choice$", ALLOWED_AFTER_ALL, "not-before-it-answered"),
    lie("chosen", r"GET .*/enquiries$", each(answer="can"), "answer-came-back"),
    lie("chosen", r"GET .*/enquiries$", each(state="answered"), "others-are-told"),
    lie("chosen", GONE, SOMETHING, "identity-stays"),
    lie("chosen", r"POST /enquiries/.*/answer$", ALLOWED_AFTER_ALL, "nothing-after-the-choice"),
    lie("answered-by-link", r"GET /answer$", lambda a: replace(a, body=a.body + ASKED["given_name"]), "page-names-nobody"),
    lie("answered-by-link", REFERRAL, of_body(lambda b: b | {"status": "x"} if b["status"] == "requested" else None),
        "looking-changes-nothing"),
    lie("answered-by-link", r"POST /answer$", let_in(409), "decides-once"),
    lie("answered-by-link", r"POST /answer/opening$", lambda a: replace(a, body=ASKED["given_name"]),
        "opens-with-the-code-once"),
    lie("answered-by-link", r"GET .*/opening-code$", each(opener=None), "opener-is-named"),
    lie("answered-by-link", LOG, entries(lambda body: body | {"channel": "enlace"}), "channel-stands"),
    lie("answered-by-link", r"/answer-link$", let_in(), "links-not-theirs"),
)  # fmt: skip


class Going(Checks):
    """Checks that go on after one that does not hold, so that one play shows what a lie changes, and what it does not."""

    made: list[tuple[str, bool]]

    def that(self, code: str, holds: bool, /, **facts: Any) -> None:
        self.__dict__.setdefault("made", []).append((code, holds))
        super().that(code, True, **facts)


def test_every_check_has_a_lie_that_it_must_find_out() -> None:
    owed = {(step.name, code) for step in STEPS for code in step.owes}
    assert {(told.step, told.seen_by) for told in LIES} == owed and len(LIES) == len(owed)


@EMBEDDED
def test_every_lie_is_found_out_by_its_check(cast: Cast, line: Liar, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Going] = []

    def going() -> Going:
        seen.append(Going())
        return seen[-1]

    monkeypatch.setattr(checks, "Checks", going)
    by_step = {step.name: [told for told in LIES if told.step == step.name] for step in STEPS}
    for round_ in range(max(map(len, by_step.values()))):
        tale = Tale(cast)
        for step in STEPS:
            told = by_step[step.name][round_] if round_ < len(by_step[step.name]) else None
            line.lie, line.told = told, 0
            try:
                play(step, tale)
            except IndexError:  # nobody was suggested, so nothing follows: the step begins once more, without the lie
                assert told is not None and told.seen_by in ("matched-after", "openings-fit")
                found = seen.pop()
                line.lie = None
                play(step, tale)
                seen[-1] = found
            broken = {code for code, holds in seen[-1].made if holds is not True}
            assert broken == ({told.seen_by, *told.seen_too} if told else set()), (step.name, told)
            assert told is None or line.told
            if step.name == "previewed":
                tale.kept["preview"] = {field: FIRST[field] for field in ALLOWED}
        line.lie = None
        cast.first_admin.post(f"/credentials/{tale.kept['credential']}/revocation")
        ended = {"step": "cancel", "reason": "changed-plan"}  # its place is free for the next round
        cast.manager.post(f"/referrals/{tale.kept['second-referral']}/steps", ended)
        cast.manager.post(f"/referrals/{tale.kept['chosen-referral']}/steps", ended)
        need = f"/cases/{tale.kept['asked-case']}/needs/{tale.kept['asked-need']}"
        cast.manager.ask("DELETE", f"{need}/agreement")  # so that her language stays rare
