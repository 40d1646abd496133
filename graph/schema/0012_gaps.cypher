// Gaps that the committee has taken up.
CREATE CONSTRAINT gap_id IF NOT EXISTS FOR (n:Gap) REQUIRE n.id IS UNIQUE;
CREATE INDEX gap_closed IF NOT EXISTS FOR (n:Gap) ON (n.closed);
