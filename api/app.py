"""The server: the only place where faces, network and errors are wired together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import Final

from fastapi import FastAPI

from api import identity, problems
from api.description import describe
from api.scheduler import Clockwork, running
from api.settings import LOOPBACK
from api.ui import pages, security
from api.v1 import (
    access,
    accounts,
    alerts,
    amendments,
    answer_links,
    areas,
    capacity,
    case_plans,
    cases,
    committee,
    complaints,
    consents,
    costs,
    credentials,
    departures,
    disclosures,
    due,
    duplicates,
    enquiries,
    entries_to_verify,
    exceptions,
    exchange,
    feedback,
    gaps,
    indicators,
    jobs,
    log,
    persons,
    proposals,
    referral_steps,
    referrals,
    sessions,
    suggestions,
    suspensions,
    tokens,
    vocabularies,
)
from graph.secrets import Secrets
from graph.server import Server
from graph.store.network import Network

DESCRIPTION: Final = """
**Enlace** joins providers of services for people who return to their country.

Start with `POST /v1/suggestions`: state a need and a place, read who fits, why, and why not.
Codes of service types, factors, papers, languages and countries are listed at `/v1/vocabularies`.
A key you leave out is *unknown* and becomes a question; a list you give is complete.
Errors are problem documents (RFC 9457) in the language of `Accept-Language` (`es`, `en`).
"""


def create_app(
    server: Server,
    *,
    hosts: Collection[str] | None = LOOPBACK,
    by_address: bool = False,
    secrets: Secrets | None = None,
    published_on_loopback: bool = False,
    clockwork: Clockwork | None = None,
) -> FastAPI:
    """The application on one graph server. `hosts` are the names it answers to: this machine's own by default;
    `by_address`: also to the address at which it was reached.

    Without `secrets` nobody signs in, and nothing about a person is read or written. `published_on_loopback`: it runs
    in a container whose port the operator publishes on the host's loopback only. `clockwork`: what is due is done.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with Network.open(server) as network:
            app.state.network = network
            async with running(clockwork, network, secrets):
                yield

    app = FastAPI(
        title="Enlace",
        version="1",
        description=DESCRIPTION,
        lifespan=lifespan,
        openapi_url="/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        telemetry=None,
        redirect_slashes=False,  # it would lead to wherever the request says it came to, unencrypted
    )
    for router in (
        suggestions.router,
        entries_to_verify.router,
        capacity.router,
        gaps.router,
        vocabularies.router,
        areas.router,
    ):
        app.include_router(router, prefix="/v1")
    for router in (cases.router, case_plans.router, persons.router, jobs.router):
        app.include_router(router, prefix="/v1")
    for router in (
        consents.router,
        referrals.router,
        referral_steps.router,
        enquiries.router,
        answer_links.router,
        disclosures.router,
        exchange.router,
        costs.router,
        exceptions.router,
        log.router,
        alerts.router,
        due.router,
        complaints.router,
        feedback.router,
        departures.router,
        committee.router,
        indicators.router,
    ):
        app.include_router(router, prefix="/v1")
    for router in (
        sessions.router,
        accounts.router,
        tokens.router,
        credentials.router,
        suspensions.router,
        access.router,
        amendments.router,
        proposals.router,
        duplicates.router,
    ):
        app.include_router(router, prefix="/v1")
    app.state.identify, app.state.throttle = identity.identify, identity.Throttle()
    app.state.secrets, app.state.published_on_loopback = secrets, published_on_loopback
    pages.install(app)
    problems.install(app, pages.as_page)
    describe(app)
    security.install(app, hosts=hosts, by_address=by_address)  # last, so that it stands before everything else
    return app
