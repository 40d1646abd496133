"""One service with all that hangs on it, for its page in the directory. (R-02, R-03, R-06, R-10)"""

from __future__ import annotations

from typing import Any, Final

from graph.store.errors import NotFound
from graph.store.network import Tx

GET: Final = """
    MATCH (o:Organization)-[:OFFERS]->(s:Service {id: $service_id})
    RETURN properties(s) AS service,
           o {.id, .name, .alternate_name, .description, .website, .email, .actor_category, .translations}
               AS organization,
           [(s)-[:HAS]->(c:ServiceCapacity) | properties(c)] AS capacities,
           [(s)-[:GOVERNED_BY]->(p:Sop) | properties(p)] AS sops,
           [(o)-[:PARTY_TO]->(g:Agreement) | properties(g)] AS agreements,
           [(s)-[:IN_PROGRAM]->(p:Program) | p {.id, .name, .translations}] AS programs,
           [(s)-[:DELIVERED_AT]->(l:Location) | properties(l)] AS locations,
           [(s)-[:COVERS]->(a:Area) | [a.code, a.name, a.level, a.lineage]] AS areas,
           [(s)-[:DELIVERED_AT]->(:Location)-[:IN]->(a:Area) | [a.code, a.name]] AS places,
           [(x:Suspension)-[:STOPS]->(s) | properties(x)] AS own_stops,
           [(x:Suspension)-[:STOPS]->(o) | properties(x)] AS organization_stops,
           [(s)-[:MERGED_INTO]->(k:Service) | k {.id, .name}] AS kept,
           [(o)-[:MERGED_INTO]->(k:Organization) | k {.id, .name}] AS organization_kept
"""


async def get(tx: Tx, service_id: str) -> dict[str, Any]:
    """The service and its surroundings as the graph has them, sealed locations too. NotFound for an unknown one.

    Influence and interest of the organisation are not among them: only the committee reads those. (R-33)
    """
    record = await (await tx.run(GET, service_id=service_id)).single()
    if record is None:
        raise NotFound(service_id)
    return dict(record.data())
