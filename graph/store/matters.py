"""A matter: everything one referral's sending or reading is judged by, read at once under its case's lock. (R-10, R-20)

One statement, so that a send is short while others wait for the case. What each line means is said by its noun's file,
which also makes the value of it. Nothing is written here, and nothing judged.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from graph.keystore import Keystore
from graph.model.actor import Actor
from graph.model.case import Case, Record
from graph.model.consent import Consent
from graph.model.directory import Suspension
from graph.model.referral import Referral
from graph.model.stock import Stock
from graph.store import cases, consents, disclosures, leases, log, recipients, records, referrals
from graph.store.disclosures import Copy
from graph.store.errors import NotFound
from graph.store.mapping import from_properties
from graph.store.network import Tx
from graph.store.recipients import Recipient

# Subqueries, because Neo4j plans each for itself: as one pattern it would plan for a second, whenever statistics change.
GET: Final = (
    """
    MATCH (o:Organization)-[:HOLDS]->(c:Case {id: $id})-[:ABOUT]->(p:Person)
    """
    + cases.SEEN
    + """
    CALL (c) {
        MATCH (r:Referral {id: $referral_id})-[:FOR]->(need:CaseNeed)<-[:HAS]-(c)
        RETURN r, need
    }
    CALL (r) {
        MATCH (requester:Organization)-[:REQUESTED]->(r)-[:ADDRESSED_TO]->(responder:Organization)
        RETURN requester, responder
    }
    CALL (r, responder) {
        MATCH (r)-[:TO]->(s:Service)
        OPTIONAL MATCH (s)<-[:OFFERS]-(offering:Organization)
        RETURN s, coalesce(offering, responder) AS provider
    }
    CALL (c) {
        OPTIONAL MATCH (home:Area {code: c.area})
        OPTIONAL MATCH (stream:Stream {id: c.stream})
        RETURN coalesce(home.lineage, []) AS lineage, stream.latest AS latest
    }
    WITH c, o, p, r, need, requester, responder, s, provider, latest,
         lineage + [s.id, provider.id, responder.id] AS subjects,
         [(s)-[:DELIVERED_AT]->(:Location)-[:IN]->(a:Area) | a.lineage] AS delivered
    CALL (subjects, delivered) {
        MATCH (x:Suspension)
        WHERE x.subject_id IN subjects OR any(codes IN delivered WHERE x.subject_id IN codes)
        RETURN collect(properties(x)) AS stops
    }
    RETURN {
        case: properties(c), organization_id: o.id, person_id: p.id,
        team: [(c)<-[:WORKS_ON]-(w:Actor) WHERE EXISTS { (w)-[:WORKS_FOR]->(o) } | w.id],
        needs: [(c)-[:HAS]->(n:CaseNeed) | properties(n)],
        goals: [(c)-[:PLANS]->(g:Goal) | properties(g)],
        guardians: [(c)<-[:STANDS_FOR]-(y:Guardianship) | properties(y)]
    } AS case, {
        referral: properties(r), case_id: c.id, need_id: need.id, service_id: s.id,
        requester_id: requester.id, responder_id: responder.id
    } AS referral, {
        organization_id: provider.id, status: s.status, delivered: delivered,
        covered: [(s)-[:COVERS]->(b:Area) | b.lineage],
        sops: [(s)-[:GOVERNED_BY]->(k:Sop) | properties(k)],
        agreements: [(provider)-[:PARTY_TO]->(m:Agreement) | properties(m)]
    } AS recipient,
    [(s)-[:HAS]->(places:ServiceCapacity) | properties(places)] AS stocks,
    stops, latest,
    [(c)-[:GAVE]->(v:Consent)-[:TO]->(to:Organization) |
        {consent: properties(v), case_id: c.id, organization_id: to.id}] AS consents,
    [(c)-[:RECORDS]->(d:Datum) WHERE d.field IN $fields |
        {field: d.field, of: d.of, version: d.version, envelope: d.envelope}] AS data,
    [(r)-[:SENT]->(z:Disclosure) |
        {copy: properties(z), referral_id: r.id, organization_id: responder.id}] AS copies
"""
)


@dataclass(frozen=True, slots=True)
class Matter:
    """What stands in the graph about one referral."""

    case: Case
    referral: Referral
    recipient: Recipient
    suspensions: tuple[Suspension, ...]
    """Of the case's area or one above it, of the service, where it is delivered, and of who offers or receives. (R-26)"""
    consents: tuple[Consent, ...]
    copies: tuple[Copy, ...]
    """What has left under this referral, the oldest first."""
    latest: str | None
    """The last instant that the case's log knows."""
    stock: Stock | None
    """The service's places, as they were a moment ago: they have a lock of their own. None: nobody stated any. (R-06)"""
    sealed: tuple[Mapping[str, Any], ...]
    """Envelopes of the fields that were asked for, as they lie there."""

    def now(self, at: datetime) -> datetime:
        """The instant at which something happens in it: later than all that happened to the case already."""
        return log.later(at, self.latest)

    def record(self, keystore: Keystore, fields: Collection[str], *, at: datetime) -> Record:
        """The record of these fields in the clear, for this referral's need: only they are opened."""
        told = records.opened([row for row in self.sealed if row["field"] in fields], self.case, keystore)
        return records.joined(self.case, told, fields, need_id=self.referral.need_id, at=at)


async def get(tx: Tx, case_id: str, referral_id: str, *, actor: Actor | None, fields: Collection[str] = ()) -> Matter:
    """The matter of a referral of a locked case, with these sealed fields, if the case is this actor's to see.

    Without an actor it is for rules alone, as `cases.get_locked`: the right to act comes from elsewhere.
    """
    seen = cases.anybody(case_id) if actor is None else cases.reader(actor)
    result = await tx.run(GET, id=case_id, referral_id=referral_id, fields=sorted(fields), **seen)
    record = await result.single()
    if record is None:
        raise NotFound
    row = dict(record)  # maps as they came: there is no node in it to be taken apart
    referral = referrals.whole(row["referral"])
    copies = [disclosures.whole(copy) for copy in row["copies"]]
    given = [consents.whole(consent) for consent in row["consents"]]
    return Matter(
        case=cases.whole(row["case"]),
        referral=referral,
        recipient=recipients.whole(referral.service_id, row["recipient"]),
        suspensions=tuple(from_properties(Suspension, stop) for stop in row["stops"]),
        consents=tuple(sorted(given, key=lambda consent: consent.id)),
        copies=tuple(sorted(copies, key=lambda copy: (copy.sent_at, copy.id))),
        latest=row["latest"],
        stock=leases.maybe_stock(min(row["stocks"], key=lambda places: str(places["id"]), default=None)),
        sealed=tuple(row["data"]),
    )
