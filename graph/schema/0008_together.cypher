// Referrals of one household that were drafted together are found by what they share.
CREATE INDEX referral_together IF NOT EXISTS FOR (n:Referral) ON (n.together_id);
