"""The same network in PostgreSQL, normalised and indexed as one would, and the same recall in one statement.

It answers with the same rows: what it gives back are the store's own offers, judged by the same `matching`. The tree
of types and the division are closure tables, which were quicker here than recursive queries. Lists that nobody joins
(languages, papers, factors) are arrays, as they are properties in the graph.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, LiteralString

import psycopg
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool
from pydantic import TypeAdapter

from api.actions.suggestions import Answer, papers
from benchmarks import generate
from graph.exchange import document, hsds, organizations
from graph.exchange.pieces import Collector
from graph.exchange.register import Register
from graph.model.area import Area
from graph.model.demand import Demand
from graph.model.directory import Agreement, CapacityState, Organization, Service, ServiceCapacity, Suspension
from graph.model.need import Need
from graph.model.offer import Offer, Period, Places, Reach, Stop, Terms
from graph.model.sop import Sop
from graph.seed.vocabulary import lineage, terms
from matching.pathways import Search
from matching.suggest import Suggestions, suggest

TERMS: Final = TypeAdapter(Terms)

SCHEMA: Final = """
    CREATE TABLE service_type (code text PRIMARY KEY, parent text REFERENCES service_type);
    CREATE TABLE type_above (above text, code text REFERENCES service_type, PRIMARY KEY (above, code));
    CREATE TABLE area (code text PRIMARY KEY, parent text REFERENCES area, level smallint NOT NULL, name text NOT NULL);
    CREATE TABLE area_above (code text REFERENCES area, above text, distance smallint, PRIMARY KEY (code, above));
    CREATE TABLE touches (code text REFERENCES area, other text REFERENCES area, PRIMARY KEY (code, other));
    CREATE TABLE organization (id text PRIMARY KEY, name text NOT NULL);
    CREATE TABLE agreement (id text PRIMARY KEY, valid_from date, valid_to date);
    CREATE TABLE party (organization_id text REFERENCES organization, agreement_id text REFERENCES agreement,
                        PRIMARY KEY (organization_id, agreement_id));
    CREATE TABLE service (
        id text PRIMARY KEY, organization_id text NOT NULL REFERENCES organization, name text NOT NULL,
        description text, translations jsonb, status text NOT NULL, languages text[], minimum_age smallint,
        maximum_age smallint, requires text[], assured_date date, level text, also_serves text[] NOT NULL,
        states_coverage boolean NOT NULL);
    CREATE TABLE of_type (service_id text REFERENCES service, code text REFERENCES service_type, place smallint,
                          PRIMARY KEY (service_id, code));
    CREATE TABLE covers (service_id text REFERENCES service, code text REFERENCES area, PRIMARY KEY (service_id, code));
    CREATE TABLE schedule (id text PRIMARY KEY, service_id text REFERENCES service, place smallint,
                           valid_from date, valid_to date);
    CREATE TABLE sop (
        id text PRIMARY KEY, service_id text REFERENCES service, version integer, valid_from date, valid_to date,
        accepts_referrals boolean, eligibility jsonb NOT NULL);
    CREATE TABLE capacity (
        id text PRIMARY KEY, service_id text REFERENCES service, state text NOT NULL, available integer,
        maximum integer, unit text NOT NULL, updated timestamptz NOT NULL, half_life_days integer NOT NULL);
    CREATE TABLE suspension (id text PRIMARY KEY, subject text NOT NULL, subject_id text NOT NULL,
                             reason text NOT NULL, valid_from date NOT NULL, valid_to date);
    CREATE TABLE demand (key text PRIMARY KEY, service_type text NOT NULL, department text NOT NULL,
                         month text NOT NULL, reason text NOT NULL, near_miss boolean NOT NULL);
"""

INDEXES: Final = """
    CREATE INDEX ON area (parent);
    CREATE INDEX ON area_above (above, code);
    CREATE INDEX ON of_type (code, service_id);
    CREATE INDEX ON covers (code, service_id);
    CREATE INDEX ON service (organization_id);
    CREATE INDEX ON service (id) WHERE NOT states_coverage;
    CREATE INDEX ON schedule (service_id);
    CREATE INDEX ON sop (service_id);
    CREATE INDEX ON capacity (service_id);
    CREATE INDEX ON suspension (subject_id);
"""

TERMS_OF: Final = """
        json_build_object(
            'service_id', s.id, 'name', s.name, 'organization_id', o.id, 'organization_name', o.name,
            'status', s.status, 'description', s.description, 'translations', s.translations,
            'service_types', (SELECT json_agg(t.code ORDER BY t.place) FROM of_type t WHERE t.service_id = s.id),
            'windows', (SELECT coalesce(json_agg(json_build_object('valid_from', w.valid_from, 'valid_to', w.valid_to)
                                                 ORDER BY w.place), '[]') FROM schedule w WHERE w.service_id = s.id),
            'languages', s.languages, 'minimum_age', s.minimum_age, 'maximum_age', s.maximum_age,
            'requires', s.requires, 'assured_date', s.assured_date, 'level', s.level, 'also_serves', s.also_serves,
            'sops', (SELECT coalesce(json_agg(json_build_object(
                'version', p.version,
                'period', json_build_object('valid_from', p.valid_from, 'valid_to', p.valid_to),
                'accepts_referrals', p.accepts_referrals,
                'eligibility', p.eligibility)), '[]') FROM sop p WHERE p.service_id = s.id),
            'agreements', (SELECT coalesce(json_agg(json_build_object('valid_from', g.valid_from, 'valid_to', g.valid_to)),
                           '[]') FROM party y JOIN agreement g ON g.id = y.agreement_id WHERE y.organization_id = o.id)
        )::text
"""
"""Everything of a service `s` and its organisation `o` that matching reads, in the shape of `Terms`."""

NEAR: Final = """
    WITH above AS (
        SELECT above AS code, distance FROM area_above WHERE code = %(area)s
    ), beside AS (
        SELECT DISTINCT t.other AS code
        FROM above JOIN area ON area.code = above.code JOIN touches t ON t.code = above.code
        WHERE (area.level >= 1 OR area.code = %(area)s) AND t.other NOT IN (SELECT code FROM above)
    ), near AS (
        SELECT code, 'covers' AS reach, 0 AS rank, distance::int FROM above
        UNION ALL SELECT code, 'touches', 3, NULL FROM beside
        UNION ALL SELECT code, 'part', 2, NULL FROM area_above WHERE above = %(area)s AND code <> %(area)s
"""
"""The areas by which a service can be found, and how each lies to the one asked for."""

STOPS: Final = """
        (SELECT json_agg(json_build_array(x.subject, x.reason, x.valid_from, x.valid_to)) FROM suspension x
         WHERE x.subject_id = ANY (ARRAY[s.id, o.id] || (SELECT array_agg(code) FROM above))
           AND x.valid_from <= %(on)s AND (x.valid_to IS NULL OR x.valid_to >= %(on)s)) AS stops,
"""
"""Suspensions in force of a service `s`, its organisation `o`, or the area asked for."""

FIND: Final = f"""
{NEAR}    ), of_this AS (
        SELECT DISTINCT t.above AS service_type, o.service_id
        FROM type_above t JOIN of_type o ON o.code = t.code WHERE t.above = ANY (%(service_types)s)
    ), found AS (
        SELECT service_type, service_id, n.reach, n.rank, n.distance, CASE WHEN n.reach <> 'part' THEN n.code END AS via
        FROM near n JOIN covers c ON c.code = n.code JOIN of_this USING (service_id)
        UNION ALL
        SELECT service_type, s.id, 'not-stated', 1, NULL, NULL
        FROM of_this JOIN service s ON s.id = of_this.service_id WHERE NOT s.states_coverage
    ), candidate AS (
        SELECT DISTINCT ON (service_type, service_id) * FROM found ORDER BY service_type, service_id, rank, distance, via
    )
    SELECT c.service_type, c.reach, c.via, c.distance, (SELECT name FROM area WHERE code = c.via) AS area,
        {TERMS_OF} AS terms,
{STOPS}        k.state, k.available, k.maximum, k.unit, k.updated, k.half_life_days,
        (SELECT count(*) FROM of_this)::int AS of_type
    FROM candidate c
    JOIN service s ON s.id = c.service_id
    JOIN organization o ON o.id = s.organization_id
    LEFT JOIN LATERAL (SELECT * FROM capacity WHERE service_id = s.id ORDER BY id LIMIT 1) k ON true
"""

READY: Final = f"""
    CREATE TABLE ready (service_id text PRIMARY KEY, terms text NOT NULL);
    INSERT INTO ready SELECT s.id, {TERMS_OF} FROM service s JOIN organization o ON o.id = s.organization_id;
    CREATE TABLE reaches (area text, service_type text, service_id text);
    INSERT INTO reaches
        SELECT DISTINCT c.code, t.above, c.service_id
        FROM covers c JOIN of_type USING (service_id) JOIN type_above t ON t.code = of_type.code
        UNION SELECT DISTINCT a.above || '/', t.above, c.service_id
        FROM covers c JOIN area_above a ON a.code = c.code AND a.distance > 0
        JOIN of_type USING (service_id) JOIN type_above t ON t.code = of_type.code
        UNION SELECT '*', t.above, s.id
        FROM service s JOIN of_type ON of_type.service_id = s.id JOIN type_above t ON t.code = of_type.code
        WHERE NOT s.states_coverage;
    CREATE INDEX ON reaches (service_type, area, service_id);
"""
"""Our own two tricks (docs/decisions/0005) in SQL: texts kept ready, and keys of area and type."""

FIND_READY: Final = f"""
{NEAR}    ), keyed AS (
        SELECT * FROM near WHERE reach <> 'part' UNION ALL SELECT %(area)s || '/', 'part', 2, NULL
        UNION ALL SELECT '*', 'not-stated', 1, NULL
    ), candidate AS (
        SELECT DISTINCT ON (r.service_type, r.service_id) r.service_type, r.service_id, n.reach, n.distance,
               CASE WHEN n.reach IN ('covers', 'touches') THEN n.code END AS via
        FROM keyed n JOIN reaches r ON r.area = n.code AND r.service_type = ANY (%(service_types)s)
        ORDER BY r.service_type, r.service_id, n.rank, n.distance, via
    )
    SELECT c.service_type, c.reach, c.via, c.distance, (SELECT name FROM area WHERE code = c.via) AS area, d.terms,
{STOPS}        k.state, k.available, k.maximum, k.unit, k.updated, k.half_life_days,
        (SELECT count(DISTINCT service_id) FROM type_above t JOIN of_type USING (code)
         WHERE t.above = ANY (%(service_types)s))::int AS of_type
    FROM candidate c
    JOIN service s ON s.id = c.service_id
    JOIN organization o ON o.id = s.organization_id
    JOIN ready d ON d.service_id = s.id
    LEFT JOIN LATERAL (SELECT * FROM capacity WHERE service_id = s.id ORDER BY id LIMIT 1) k ON true
"""

OF_TYPE: Final = "SELECT count(DISTINCT service_id) FROM type_above JOIN of_type USING (code) WHERE above = %s"
ROUND_TRIP: Final = "SELECT 1"


def _offer(row: tuple[Any, ...]) -> Offer:
    _, reach, via, distance, _, text, stops, state, available, maximum, unit, updated, half_life_days, _ = row
    places = None
    if state:
        places = Places(CapacityState(state), available, maximum, unit, updated.astimezone(UTC), half_life_days)
    return Offer(
        TERMS.validate_json(text),
        Reach(reach),
        via_area=via,
        distance=distance,
        places=places,
        stops=tuple(_stop(stop) for stop in stops or ()),
    )


def _stop(row: list[str]) -> Stop:
    subject, reason, valid_from, valid_to = row
    period = Period(
        datetime.fromisoformat(valid_from).date(), datetime.fromisoformat(valid_to).date() if valid_to else None
    )
    return Stop(subject, reason, period)


DEPARTMENT: Final = """
    SELECT above FROM area_above JOIN area ON area.code = above WHERE area_above.code = %s AND level <= 1
    ORDER BY level DESC LIMIT 1
"""
COUNT: Final = """
    INSERT INTO demand VALUES (%(key)s, %(service_type)s, %(department)s, %(month)s, %(reason)s, %(near_miss)s)
    ON CONFLICT (key) DO UPDATE SET reason = excluded.reason, near_miss = excluded.near_miss
"""


@dataclass(frozen=True, slots=True)
class Recalled:
    """What was found for a need: the store's own offers, and what is told beside them."""

    offers: tuple[Offer, ...]
    elsewhere: int
    areas: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Store:
    """One way to ask: each does what the function of the same name does in `graph.store.candidates`."""

    statement: LiteralString

    async def find(self, connection: psycopg.AsyncConnection, need: Need) -> Recalled:
        rows = await self.raw(connection, need, [need.service_type])
        offers = tuple(_offer(row) for row in rows)
        names = {row[2]: row[4] for row in rows if row[2]}
        if rows:
            of_type = rows[0][-1]
        else:  # seldom: nothing was found, so no row could say it
            counted = await connection.execute(OF_TYPE, (need.service_type,), prepare=True)
            (of_type,) = await counted.fetchone() or (0,)
        return Recalled(offers, max(0, of_type - len(offers)), names)

    async def find_steps(
        self, connection: psycopg.AsyncConnection, need: Need, service_types: Iterable[str]
    ) -> dict[str, tuple[Offer, ...]]:
        found: dict[str, list[Offer]] = {service_type: [] for service_type in sorted(service_types)}
        for row in await self.raw(connection, need, list(found)):
            found[row[0]].append(_offer(row))
        return {service_type: tuple(offers) for service_type, offers in found.items()}

    async def raw(
        self, connection: psycopg.AsyncConnection, need: Need, service_types: list[str]
    ) -> list[tuple[Any, ...]]:
        """The rows of the statement as the driver gives them."""
        asked = {"area": need.area, "service_types": service_types, "on": need.on}
        return await (await connection.execute(self.statement, asked, prepare=True)).fetchall()

    async def answer(self, connection: psycopg.AsyncConnection, need: Need) -> Answer:
        """What `api.actions.suggestions.answer` answers, by the same steps."""
        recalled = await self.find(connection, need)
        target = suggest(need, recalled.offers, papers(), elsewhere=recalled.elsewhere)
        search = Search(target, papers())
        while more := search.wanted():
            for service_type, offers in (await self.find_steps(connection, need, more)).items():
                search.learn(service_type, offers)
        return Answer(target, search.pathways(), recalled.areas)


NORMALISED: Final = Store(FIND)
READY_MADE: Final = Store(FIND_READY)
"""With what is derived kept ready, as in the graph: what PostgreSQL would gain by our own tricks."""


async def count_demand(connection: psycopg.AsyncConnection, found: Suggestions, *, at: datetime, pepper: bytes) -> None:
    """What `api.actions.suggestions.count_demand` leaves."""
    gap = found.gap
    if gap is None:
        return
    row = await (await connection.execute(DEPARTMENT, (gap.area,), prepare=True)).fetchone()
    assert row is not None
    unmet = Demand.of(found.need, gap.reason, row[0], near_miss=gap.near_miss, at=at, reference=None, pepper=pepper)
    await connection.execute(COUNT, unmet.model_dump(), prepare=True)


# filling it


@asynccontextmanager
async def connected(address: str) -> AsyncIterator[AsyncConnectionPool]:
    """A pool of connections, for as long as the block lasts."""
    async with AsyncConnectionPool(address, min_size=1, max_size=16, open=False) as pool:
        yield pool


@dataclass(slots=True)
class _Rows:
    """Rows of all tables, kept until they are copied."""

    tables: dict[str, list[tuple[Any, ...]]]

    def add(self, table: str, *row: Any) -> None:
        self.tables.setdefault(table, []).append(row)

    def copy(self, connection: psycopg.Connection) -> None:
        for table, rows in self.tables.items():
            with connection.cursor() as cursor, cursor.copy(_copy_into(table)) as copy:
                for row in rows:
                    copy.write_row(row)
        self.tables.clear()


ORDER: Final = (
    "organization",
    "agreement",
    "party",
    "service",
    "of_type",
    "covers",
    "schedule",
    "sop",
    "capacity",
    "suspension",
)


def _copy_into(table: str) -> LiteralString:
    allowed: dict[str, LiteralString] = {
        name: f"COPY {name} FROM STDIN"
        for name in (*ORDER, "service_type", "type_above", "area", "area_above", "touches")
    }
    return allowed[table]


def load(address: str, folder: Path) -> None:
    """Make the tables and copy a generated network into them, read by the very code that reads imports."""
    with psycopg.connect(address) as connection:
        connection.execute(SCHEMA)
        rows = _Rows({})
        known = _types_and_areas(rows)
        rows.copy(connection)
        with Register() as register:
            reading = hsds.Reading(known, register, datetime.now(UTC))
            for batch in _batches(folder, reading):
                batch.copy(connection)
        connection.execute(INDEXES)
        connection.execute(READY)
        connection.commit()
        connection.autocommit = True
        connection.execute("VACUUM ANALYZE")


def _types_and_areas(rows: _Rows) -> Mapping[str, Area]:
    for code, term in terms("service-types").items():
        rows.add("service_type", code, term.parent)
        for broader in lineage("service-types", code):
            rows.add("type_above", broader, code)
    areas = {
        row["code"]: Area(code=row["code"], name=row["name"], level=row["level"], parent=row["parent"] or None)
        for row in generate.areas()
    }
    for area in areas.values():
        rows.add("area", area.code, area.parent, area.level, area.name)
        above: Area | None = area
        distance = 0
        while above is not None:
            rows.add("area_above", area.code, above.code, distance)
            above, distance = areas[above.parent] if above.parent else None, distance + 1
    for one, other in generate.adjacency():
        rows.add("touches", one, other)
        rows.add("touches", other, one)
    return areas


def _batches(folder: Path, reading: hsds.Reading) -> Iterator[_Rows]:
    rows = _Rows({table: [] for table in ORDER})
    for row in document.rows(folder / "organizations.json", name="organizations.json"):
        entry = organizations.read_organization(row.value, row.place, whole=True)
        assert not isinstance(entry, list), entry
        _organization(rows, entry.organization, [a for a, _ in entry.agreements], [s for s, _ in entry.suspensions])
    for row in document.rows(folder / "suspensions.json", name="suspensions.json"):
        suspension = hsds.read_suspension(row.value, row.place, Collector("suspension", None))
        assert suspension is not None, row
        _suspensions(rows, [suspension])
    yield rows
    rows = _Rows({table: [] for table in ORDER})
    for number, row in enumerate(document.rows(folder / "services.json", name="services.json"), start=1):
        found = hsds.read_service(row.value, row.place, reading)
        assert not isinstance(found, list), found
        _service(rows, found.service)
        _sops(rows, found.sops)
        _capacities(rows, found.capacities)
        _suspensions(rows, found.suspensions)
        if number % 5000 == 0:
            yield rows
            rows = _Rows({table: [] for table in ORDER})
    yield rows


def _organization(
    rows: _Rows, organization: Organization, agreements: Iterable[Agreement], suspensions: Iterable[Suspension]
) -> None:
    rows.add("organization", organization.id, organization.name)
    for agreement in agreements:
        rows.add("agreement", agreement.id, agreement.valid_from, agreement.valid_to)
        for party in agreement.parties:
            rows.add("party", party, agreement.id)
    _suspensions(rows, suspensions)


def _suspensions(rows: _Rows, suspensions: Iterable[Suspension]) -> None:
    for x in suspensions:
        rows.add("suspension", x.id, x.subject, x.subject_id, x.reason, x.valid_from, x.valid_to)


def _service(rows: _Rows, s: Service) -> None:
    rows.add(
        "service",
        s.id,
        s.organization_id,
        s.name,
        s.description,
        Jsonb(s.translations),
        s.status,
        _list(s.languages),
        s.minimum_age,
        s.maximum_age,
        _list(s.requires),
        s.assured_date,
        s.level,
        _list(s.also_serves),
        s.areas is not None,
    )
    for place, code in enumerate(s.service_types):
        rows.add("of_type", s.id, code, place)
    for code in s.areas or ():
        rows.add("covers", s.id, code)
    for place, window in enumerate(s.schedules):
        rows.add("schedule", window.id, s.id, place, window.valid_from, window.valid_to)


def _sops(rows: _Rows, sops: Iterable[Sop]) -> None:
    for sop in sops:
        rows.add(
            "sop",
            sop.id,
            sop.service_id,
            sop.version,
            sop.valid_from,
            sop.valid_to,
            sop.accepts_referrals,
            Jsonb(sop.eligibility.model_dump(by_alias=True)),
        )


def _capacities(rows: _Rows, capacities: Iterable[ServiceCapacity]) -> None:
    for c in capacities:
        rows.add("capacity", c.id, c.service_id, c.state, c.available, c.maximum, c.unit, c.updated, c.half_life_days)


def _list(values: Iterable[str] | None) -> list[str] | None:
    return None if values is None else list(values)
