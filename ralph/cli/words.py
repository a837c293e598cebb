"""Decodes the words of the command line: bytes that are not UTF-8 reach Python as lone surrogates."""

from __future__ import annotations

import argparse
from typing import TextIO

from ralph.core.unicode import argument

# Arguments that name files, whose names may be any bytes.
PATHS = frozenset({"config", "file"})


def make_text(given: argparse.Namespace, err: TextIO) -> argparse.Namespace:
    """Return the arguments without lone surrogates in shown, stored or sent text; changes are reported on `err`."""
    for name, value in vars(given).items():
        if isinstance(value, str) and name not in PATHS:
            made = argument(value)
            setattr(given, name, made.text)
            if made.note:
                print(f"ralph: the argument '{made.text[:60]}' {made.note}", file=err)
    return given
