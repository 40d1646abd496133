// What is counted, and what was answered under which key. Keys are opaque: engines quote them in their logs.
CREATE CONSTRAINT demand_key IF NOT EXISTS FOR (n:Demand) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT idempotency_key IF NOT EXISTS FOR (n:Idempotency) REQUIRE n.key IS UNIQUE;
CREATE INDEX idempotency_at IF NOT EXISTS FOR (n:Idempotency) ON (n.at);
