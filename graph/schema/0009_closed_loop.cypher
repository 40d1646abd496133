// What a referral leaves behind it after the send: places held, what is due, questions, links, words of the person.
CREATE CONSTRAINT lease_id IF NOT EXISTS FOR (n:Lease) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT timer_id IF NOT EXISTS FOR (n:Timer) REQUIRE n.id IS UNIQUE;
CREATE INDEX timer_due IF NOT EXISTS FOR (n:Timer) ON (n.waits_until);
CREATE CONSTRAINT message_id IF NOT EXISTS FOR (n:Message) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT enquiry_id IF NOT EXISTS FOR (n:Enquiry) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT answer_link_id IF NOT EXISTS FOR (n:AnswerLink) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT answer_link_secret IF NOT EXISTS FOR (n:AnswerLink) REQUIRE n.secret_hash IS UNIQUE;
CREATE CONSTRAINT opening_code_id IF NOT EXISTS FOR (n:OpeningCode) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT cost_id IF NOT EXISTS FOR (n:Cost) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT feedback_id IF NOT EXISTS FOR (n:Feedback) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT complaint_id IF NOT EXISTS FOR (n:Complaint) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT departure_id IF NOT EXISTS FOR (n:Departure) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT entry_note_id IF NOT EXISTS FOR (n:EntryNote) REQUIRE n.id IS UNIQUE;
CREATE INDEX entry_note_open IF NOT EXISTS FOR (n:EntryNote) ON (n.open);
CREATE INDEX referral_against_data IF NOT EXISTS FOR (n:Referral) ON (n.against_data);
CREATE CONSTRAINT report_id IF NOT EXISTS FOR (n:Report) REQUIRE n.id IS UNIQUE;
