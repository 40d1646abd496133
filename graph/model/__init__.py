"""Nouns of the referral mechanism: pure, frozen values. Imports the standard library and pydantic only."""
