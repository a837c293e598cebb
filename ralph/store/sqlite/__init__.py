"""The store in one SQLite database: an append-only log, and the projections made from it."""
