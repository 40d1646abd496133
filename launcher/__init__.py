"""From a bare Python to a running command: makes the environment, then hands over to `api.cli`.

Standard library only, and nothing of the house is imported: it runs before anything is installed.
"""
