"""The ledger: what is owed, by append-only double entries."""
