"""Verdicts on who could help whom. Pure: no driver, no web, no clock."""
