// What of a signed entry is searched by stands beside its body; alerts of unusual reading.
CREATE INDEX log_entry_at IF NOT EXISTS FOR (n:LogEntry) ON (n.at);
CREATE CONSTRAINT alert_id IF NOT EXISTS FOR (n:Alert) REQUIRE n.id IS UNIQUE;
CREATE INDEX alert_actor IF NOT EXISTS FOR (n:Alert) ON (n.actor_id);
// Entries that were written before: the canonical body has each key once.
MATCH (e:LogEntry) WHERE e.at IS NULL
SET e.at = split(split(e.body, '"at":"')[1], '"')[0],
    e.actor = split(split(e.body, '"actor":"')[1], '"')[0],
    e.role = split(split(e.body, '"role":"')[1], '"')[0],
    e.organization = split(split(e.body, '"organization":"')[1], '"')[0],
    e.recipient = split(split(e.body, '"recipient":"')[1], '"')[0],
    e.purpose = split(split(e.body, '"purpose":"')[1], '"')[0],
    e.basis = split(split(e.body, '"basis":"')[1], '"')[0];
CREATE CONSTRAINT amendment_id IF NOT EXISTS FOR (n:Amendment) REQUIRE n.id IS UNIQUE;
CREATE INDEX amendment_status IF NOT EXISTS FOR (n:Amendment) ON (n.status);
CREATE CONSTRAINT order_id IF NOT EXISTS FOR (n:Order) REQUIRE n.id IS UNIQUE;
