"""The store in one SQLite database: an append-only log, and the projections that are built from it."""
