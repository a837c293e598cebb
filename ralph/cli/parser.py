"""The argument parser of every command: what is wrong is one line, with exit code 2."""

from __future__ import annotations

import argparse
import sys
from typing import NoReturn


class Parser(argparse.ArgumentParser):
    """argparse without its usage dump on a mistake, and without guessing at shortened flags."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        kwargs.setdefault("allow_abbrev", False)
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]

    def error(self, message: str) -> NoReturn:
        print(f"ralph: {message}; see {self.prog} --help", file=sys.stderr)
        raise SystemExit(2)
