// What a send and its undoing leave beside the nouns of 0004.
CREATE CONSTRAINT stop_notice_id IF NOT EXISTS FOR (n:StopNotice) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT exception_request_id IF NOT EXISTS FOR (n:ExceptionRequest) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT credential_proposal_id IF NOT EXISTS FOR (n:CredentialProposal) REQUIRE n.id IS UNIQUE;
CREATE INDEX attestation_credential IF NOT EXISTS FOR (n:Attestation) ON (n.credential_id);
CREATE INDEX suspension_subject IF NOT EXISTS FOR (n:Suspension) ON (n.subject_id);
