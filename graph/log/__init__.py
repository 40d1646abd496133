"""The transfer log: canonical form, signatures, commitments. Storing entries is `graph.store.log`."""
