"""Runs a program so that it cannot do what nobody allowed: the ladder of sandboxes, their probes, the run."""
