"""What Enlace relies on, put to the proof on any server: `enlace engine check`. (design §2, docs/conformance.md)

Works in labels of its own (`EngineCheck…`) and removes them. No rule of the domain stands here: the races are the
smallest ones that show whether a rule can be kept.
"""
