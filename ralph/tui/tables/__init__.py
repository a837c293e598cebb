"""Saved and known data as lines of tables: pure functions from data to styled text."""
