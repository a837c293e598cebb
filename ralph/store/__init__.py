"""The Sacred Timeline in SQLite: an append-only log and the projections that are built from it."""
