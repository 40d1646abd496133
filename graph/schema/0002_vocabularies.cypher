// The words of the mechanism. The terms themselves come from graph/seed/vocabulary/*.yaml.
CREATE CONSTRAINT service_type_code IF NOT EXISTS FOR (n:ServiceType) REQUIRE n.code IS UNIQUE;
CREATE CONSTRAINT factor_code IF NOT EXISTS FOR (n:Factor) REQUIRE n.code IS UNIQUE;
CREATE CONSTRAINT paper_code IF NOT EXISTS FOR (n:Paper) REQUIRE n.code IS UNIQUE;
CREATE CONSTRAINT spoken_language_code IF NOT EXISTS FOR (n:SpokenLanguage) REQUIRE n.code IS UNIQUE;
CREATE CONSTRAINT country_code IF NOT EXISTS FOR (n:Country) REQUIRE n.code IS UNIQUE;
CREATE CONSTRAINT vocabulary_scheme IF NOT EXISTS FOR (n:Vocabulary) REQUIRE n.scheme IS UNIQUE;
