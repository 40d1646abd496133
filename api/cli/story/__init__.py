"""`enlace story`: a server of its own, real accounts, and one story played over HTTP with every step looked at twice.

`command` is what is typed, `stage` the server, `line` and `cast` who speaks with it, `checks` what a step must show,
`steps` the story itself: one file a step. In words it stands in docs/story.md.
"""
