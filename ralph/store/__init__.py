"""The Sacred Timeline in SQLite: an append-only log and the projections made from it."""
