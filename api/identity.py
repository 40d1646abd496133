"""Who is calling: a session's cookie or a bearer token, and how often somebody may try to sign in. (R-25)

Over https the cookie is `__Host-`, Secure; over plain http it works on this machine only, without that prefix. What
somebody may do is the table of `consent.access`; who they are is read from the graph at every request.
"""

from __future__ import annotations

import hashlib
import ipaddress
import time
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import Depends, Request
from fastapi.responses import Response
from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from api.actions import sign_in
from api.dependencies import ActorDep, Identify, LanguageDep, network_of, now
from api.problems import Problem
from api.texts import text
from consent.access import Deed, Forbidden, Nameless, Relation, decide
from graph.model.actor import Actor
from graph.server import is_loopback

COOKIE_HTTPS: Final = "__Host-enlace"
COOKIE_LOOPBACK: Final = "enlace"
BEARER: Final = "bearer "


FORWARDED: Final = frozenset(
    {"forwarded", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-real-ip", "via"}
)
"""Headers by which a proxy tells that it stands in between."""


def is_https(request: Request) -> bool:
    """Whether the connection is encrypted (a proxy in front says so to uvicorn, which says so here)."""
    return request.url.scheme == "https"


def may_sign_in_here(request: Request) -> bool:
    """Encrypted; or from this machine to this machine. A container says that its port is published on loopback only.

    What was forwarded came over a line that nobody here has seen, so it counts as plain unless a proxy that is
    believed says that it was https.
    """
    if is_https(request):
        return True
    if not FORWARDED.isdisjoint(request.headers.keys()):
        return False
    peer = request.client.host if request.client else ""
    is_published: bool = getattr(request.app.state, "published_on_loopback", False)
    return is_loopback(request.url.hostname or "") and (is_published or is_loopback(peer))


def refuse_unencrypted(request: Request) -> None:
    """No secret is taken over a line that others can read; the answer says why."""
    if not may_sign_in_here(request):
        raise Problem("unencrypted")


def session_of(request: Request) -> str | None:
    """The token in the session's cookie; one that came over a line on which it is not taken counts as none."""
    if not may_sign_in_here(request):
        return None
    return request.cookies.get(COOKIE_HTTPS if is_https(request) else COOKIE_LOOPBACK)


async def identify(request: Request) -> Actor | None:
    """Who asks, looked up once in a request: its head and its route need it both."""
    if not hasattr(request.state, "asks"):
        request.state.asks = await _identify(request)
    found: Actor | None = request.state.asks
    return found


async def _identify(request: Request) -> Actor | None:
    """By bearer token where one is given, else by session. A bad token is never made good by a cookie."""
    given = request.headers.get("authorization", "")
    if given:
        if not given.lower().startswith(BEARER) or not may_sign_in_here(request):
            return None
        return await sign_in.by_token(network_of(request), given[len(BEARER) :].strip(), at=now())
    token = session_of(request)
    return await sign_in.by_session(network_of(request), token, at=now()) if token else None


Whoever = Actor | Nameless
"""Somebody who signed in, or nobody by name."""


async def whoever(request: Request) -> Whoever:
    """Who asks, signed in or not. Where nobody can sign in, this machine alone is served, and counts as its owner."""
    state = request.app.state
    if state.secrets is None:
        return Nameless.MACHINE if may_sign_in_here(request) else Nameless.VISITOR
    tell: Identify = state.identify
    return await tell(request) or Nameless.VISITOR


WhoeverDep = Annotated[Whoever, Depends(whoever)]


def begin(response: Response, request: Request, token: str) -> None:
    """Give the session to the browser: no script reads it, no other site sends it, it ends with the browser."""
    secure = is_https(request)
    name = COOKIE_HTTPS if secure else COOKIE_LOOPBACK
    response.set_cookie(name, token, path="/", secure=secure, httponly=True, samesite="lax")


def forget(response: Response, request: Request) -> None:
    """Take the session from the browser."""
    secure = is_https(request)
    name = COOKIE_HTTPS if secure else COOKIE_LOOPBACK
    response.delete_cookie(name, path="/", secure=secure, httponly=True, samesite="lax")


async def in_person(actor: ActorDep, language: LanguageDep) -> Actor:
    """Somebody by session: what concerns how one signs in is no token's business."""
    if actor.scopes is not None:
        raise not_allowed("access-scope", language)
    return actor


InPersonDep = Annotated[Actor, Depends(in_person)]


def may(deed: Deed, *relations: Relation) -> Callable[..., Any]:
    """Whoever may do this by the table, where no thing is concerned whose being there is a secret.

    With relations: whoever may do it to a thing that they stand to in one of them; whether they do, the action finds.

    Whoever has not signed in is told to (401), anybody else why not (403).
    """

    async def asked(actor: WhoeverDep, language: LanguageDep) -> Whoever:
        answers = [decide(actor, deed, relation) for relation in relations or (Relation.NONE,)]
        forbidden = [answer for answer in answers if isinstance(answer, Forbidden)]
        if len(forbidden) == len(answers):
            if isinstance(actor, Nameless):
                raise Problem("not-signed-in")
            raise not_allowed(forbidden[0].reason.value, language)
        return actor

    return asked


AccountManagerDep = Annotated[Actor, Depends(may(Deed.ACCOUNT_MANAGE))]
CredentialIssuerDep = Annotated[Actor, Depends(may(Deed.CREDENTIAL_ISSUE))]
SUSPENDER = may(Deed.SUSPEND)
SuspenderDep = Annotated[Actor, Depends(SUSPENDER)]
PersonFinderDep = Annotated[Actor, Depends(may(Deed.PERSON_FIND))]
MessageReaderDep = Annotated[Actor, Depends(may(Deed.MESSAGES_READ))]
CASE_MANAGER = may(Deed.CASE_OPEN, Relation.OWN)
CaseManagerDep = Annotated[Actor, Depends(CASE_MANAGER)]
ReceiverDep = Annotated[Actor, Depends(may(Deed.REFERRAL_READ, Relation.RECEIVER))]
AssessorDep = Annotated[Actor, Depends(may(Deed.EXCEPTION_ATTEST, Relation.NAMED))]
OFFICER = may(Deed.LOG_READ)
OfficerDep = Annotated[Actor, Depends(OFFICER)]
ReviewerDep = Annotated[Actor, Depends(may(Deed.EXCEPTION_REVIEW))]
AlertReaderDep = Annotated[Actor, Depends(may(Deed.ALERT_READ))]
ComplaintHandlerDep = Annotated[Actor, Depends(may(Deed.COMPLAINT_HANDLE))]
VerifierDep = Annotated[Actor, Depends(may(Deed.ENTRY_VERIFY))]
OwnVerifierDep = Annotated[Actor, Depends(may(Deed.ENTRY_VERIFY, Relation.OWN))]
CostsReaderDep = Annotated[Actor, Depends(may(Deed.COSTS_READ))]
GapKeeperDep = Annotated[Actor, Depends(may(Deed.GAP_DECIDE))]
GapListReaderDep = Annotated[Actor, Depends(may(Deed.GAP_LIST_READ, Relation.NONE, Relation.DEPARTMENT))]
IndicatorReaderDep = Annotated[Actor, Depends(may(Deed.INDICATORS_READ, Relation.OWN, Relation.DEPARTMENT))]
RegisterReaderDep = Annotated[Actor, Depends(may(Deed.REGISTER_READ))]
ProposerDep = Annotated[Actor, Depends(may(Deed.ENTRY_PROPOSE))]
DeciderDep = Annotated[Actor, Depends(may(Deed.ENTRY_DECIDE, Relation.OWN))]
MergerDep = Annotated[Actor, Depends(may(Deed.ENTRIES_MERGE))]
GapsReaderDep = Annotated[Whoever, Depends(may(Deed.GAPS_READ, Relation.NONE, Relation.DEPARTMENT))]


def not_allowed(code: str, language: Any) -> Problem:
    """The no of the table, with its reason in words."""
    words = {"detail": text(f"reason.{code}", language), "ask": text(f"ask.{code}", language)}
    return Problem("not-allowed", reasons=[{"code": code, **words}])


PER_LOGIN_AND_ADDRESS: Final = RateLimitItemPerMinute(5)
PER_LOGIN: Final = RateLimitItemPerHour(60)
PER_ADDRESS: Final = RateLimitItemPerMinute(30)


class Throttle:
    """Attempts to sign in, counted in memory: by login and address, by login, by address. (design §7)

    Whoever tries too often waits; nothing is locked for good, so nobody can shut somebody else out for long. The
    login is kept as a hash. It counts alike for logins that are there and for those that are not.
    """

    def __init__(self) -> None:
        self._limits = MovingWindowRateLimiter(MemoryStorage())

    def attempt(self, login: str, address: str) -> None:
        """Count an attempt; Problem with the seconds to wait when there were too many."""
        who = hashlib.sha256(login.strip().casefold().encode()).hexdigest()
        rules: tuple[tuple[RateLimitItem, tuple[str, ...]], ...] = (
            (PER_LOGIN_AND_ADDRESS, ("both", who, address)),
            (PER_LOGIN, ("login", who)),
            (PER_ADDRESS, ("address", address)),
        )
        for rule, keys in rules:
            if not self._limits.hit(rule, *keys):
                wait = self._limits.get_window_stats(rule, *keys).reset_time - time.time()
                raise Problem("too-many-attempts", headers={"Retry-After": str(max(1, round(wait) + 1))})


def _from_where(address: str) -> str:
    """An address as attempts are counted by it: of IPv6 the network, since one house has more addresses than tries."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((found, 64), strict=False)) if found.version == 6 else address


def attempt(request: Request, login: str) -> datetime:
    """Before any secret is looked at: the line is safe and it was not tried too often. The instant of the attempt."""
    refuse_unencrypted(request)
    throttle: Throttle = request.app.state.throttle
    throttle.attempt(login, _from_where(request.client.host if request.client else ""))
    return now()
