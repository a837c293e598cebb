"""The settings of a run, from the arguments of the command line."""

from __future__ import annotations

import argparse

from ralph.assembly.run_settings import Flags


def flags_of(given: argparse.Namespace) -> Flags:
    """Return the settings of these arguments; flags that a verb lacks have defaults. The caller adds `--system`."""
    names = ("config", "model", "route", "tool", "format", "max_cost", "yes", "allow", "deny", "dry_run", "offline")
    return Flags(**{name: getattr(given, name) for name in names if hasattr(given, name)})
