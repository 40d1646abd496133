// What the person holds: a receipt is found by its own random reference.
CREATE INDEX consent_receipt IF NOT EXISTS FOR (n:Consent) ON (n.receipt_id);
