"""Verdicts on what may be told, to whom, on what basis. Pure: no driver, no web, no clock.

What returnees consent to arrives with the case (a later issue). What is decided here already: what of the
directory may leave at all, and how few people a published number may be about.
"""
