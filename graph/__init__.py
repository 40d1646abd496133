"""The network as a graph: its nouns (`graph.model`), its effects (`graph.store`), the engine it lives in."""
