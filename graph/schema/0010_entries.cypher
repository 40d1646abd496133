// What is proposed of entries of the directory, and which entries are one.
CREATE CONSTRAINT proposal_id IF NOT EXISTS FOR (n:Proposal) REQUIRE n.id IS UNIQUE;
CREATE INDEX proposal_subject IF NOT EXISTS FOR (n:Proposal) ON (n.subject_id);
CREATE INDEX proposal_state IF NOT EXISTS FOR (n:Proposal) ON (n.state);
CREATE CONSTRAINT merge_id IF NOT EXISTS FOR (n:Merge) REQUIRE n.id IS UNIQUE;
