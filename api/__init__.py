"""Conversations: actions, the JSON face (`v1`), the HTML face (`ui`), the command line."""
