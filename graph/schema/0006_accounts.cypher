// Who signs in. A login stands as its blind index, a session and a token as the hash of a random secret.
CREATE CONSTRAINT account_login IF NOT EXISTS FOR (n:Account) REQUIRE n.login IS UNIQUE;
CREATE CONSTRAINT session_token_hash IF NOT EXISTS FOR (n:Session) REQUIRE n.token_hash IS UNIQUE;
CREATE CONSTRAINT api_token_token_hash IF NOT EXISTS FOR (n:ApiToken) REQUIRE n.token_hash IS UNIQUE;
