"""Who plays: the demo accounts, each signed in with password and number, each with a token of its own. (R-25)

Nobody is let in by another way than over HTTP. Whom the demo does not have is added as an administrator adds them.
"""

from __future__ import annotations

import secrets as dice
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pyotp

from api.actions.demo_accounts import DemoAccount
from api.actions.second_factor import PERIOD
from api.cli.story.line import Answer, Line, Unexpected, User
from api.cli.story.sink import Sink
from graph.model.actor import Role
from graph.seed.demo.build import id_of

HOST: Final = "anfitriona"
HOSTING: Final = "mx-repatriacion"
"""An authority of the country that people leave, member of the regional mechanism."""

OUTSIDER: Final = "ajena"
OUTSIDE: Final = "gt-gremial-altos"
"""An organisation of the same town that has nothing to do with the story: it must see nothing of it."""

TOKEN_LASTS: Final = timedelta(hours=1)

CASE_WORK: Final = (
    "candidates-read departure-plan departure-read "
    "case-open case-read case-record need-agree consent-record consent-withdraw referral-draft referral-preview "
    "referral-send referral-read referral-step outcome-say report-read gone-read exception-request complaint-make complaint-follow "
    "enquiry-ask answer-link"
)
PROVIDING: Final = "places-say referral-read referral-step disclosure-open report-give stop-acknowledge enquiry-answer"

ARRIVING: Final = "departure-read arrival-confirm"

SCOPES: Final[Mapping[str, str]] = {
    "gestora": CASE_WORK,
    "clinica": f"{PROVIDING} {ARRIVING}",
    "psicologa": "exception-attest",
    "admin-uno": "account-manage credential-issue",
    "admin-dos": "credential-issue",
    "proteccion-datos": "log-read exception-review",
    "comite": "register-read messages-read complaint-handle",
    HOST: CASE_WORK,
    OUTSIDER: f"{CASE_WORK} {PROVIDING} {ARRIVING}",
}
"""What each one's token may do: no more than their part, but the outsider's is as wide as can be."""


@dataclass(frozen=True)
class Cast:
    """Those who play, by what they are."""

    manager: User
    clinic: User
    assessor: User
    first_admin: User
    second_admin: User
    officer: User
    committee: User
    outsider: User
    host: User
    mails: Sink
    """What the server mailed to organisations."""


def assemble(line: Line, drawn: Iterable[DemoAccount]) -> Cast:
    """Everybody signs in and takes a token; the outsider and the host side are added first, by an administrator."""
    users = {
        one.login: signed_in(line, one.login, one.password, pyotp.TOTP(one.totp).now())
        for one in drawn
        if one.login in SCOPES
    }
    return Cast(
        manager=users["gestora"],
        clinic=users["clinica"],
        assessor=users["psicologa"],
        first_admin=users["admin-uno"],
        second_admin=users["admin-dos"],
        officer=users["proteccion-datos"],
        committee=users["comite"],
        outsider=_added(line, users["admin-uno"], OUTSIDER, OUTSIDE, Role.CASE_MANAGER, Role.PROVIDER),
        host=_added(line, users["admin-uno"], HOST, HOSTING, Role.CASE_MANAGER),
        mails=line.mails or Sink(0),
    )


def signed_in(line: Line, login: str, password: str, code: str) -> User:
    """Sign in with password and number, take a token, and go on with it alone."""
    begun = _answered(line.request("POST", "/sessions", {"login": login, "password": password, "code": code}), 201)
    session = {"Cookie": begun.cookie.partition(";")[0]}
    me = _answered(line.request("GET", "/me", headers=session), 200).body
    until = datetime.now(UTC) + TOKEN_LASTS
    wish = {"scopes": SCOPES[login].split(), "valid_to": until.isoformat()}
    token = _answered(line.request("POST", "/tokens", wish, headers=session), 201).body["secret"]
    _answered(line.request("DELETE", "/sessions/current", headers=session), 204)
    return User(line, token, actor_id=me["actor_id"], organization_id=me["organization_id"])


def _added(line: Line, admin: User, login: str, organization: str, *roles: Role) -> User:
    """Somebody whom the demo does not have: added, activated, confirmed, signed in."""
    new = {"login": login, "organization_id": id_of("organization", organization), "roles": list(roles)}
    one_time = admin.post("/accounts", new, status=201).body["one_time_password"]
    password = dice.token_urlsafe(15)
    said: dict[str, Any] = {"login": login, "one_time_password": one_time, "password": password}
    device = pyotp.TOTP(_answered(line.request("POST", "/accounts/activation", said), 200).body["secret"])
    now = datetime.now(UTC)
    shown = {"login": login, "password": password, "code": device.at(now)}
    _answered(line.request("POST", "/accounts/confirmation", shown), 204)
    # a number counts once; the next one counts already, because clocks differ
    return signed_in(line, login, password, device.at(now + timedelta(seconds=PERIOD)))


def _answered(answer: Answer, status: int) -> Answer:
    if answer.status != status:
        raise Unexpected(answer, status)
    return answer
