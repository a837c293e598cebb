"""Cleans everything that is written to stdout and stderr, whatever code writes it.

argparse, warnings, the logging of last resort and Python's own tracebacks write to `sys.stdout` and `sys.stderr` too,
so these two streams are wrapped. Textual paints its screen past them (`sys.__stderr__`), and cleans it itself
(`ralph/tui/border.py`).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from typing import Any, TextIO, cast

from ralph.core.masking import Secrets
from ralph.core.sanitise import harmless, printable


class CleanStream:
    """A text stream that writes no secrets and no terminal control sequences.

    `content`: the text belongs to a conversation and is not ralph's own. Known keys are hidden in it, but texts that
    only look like keys stay, because an answer may be about keys; in a pipe or a file, invisible characters stay too.
    """

    def __init__(self, stream: TextIO, secrets: Secrets, *, content: bool = False) -> None:
        self.stream = stream
        self.secrets = secrets
        self._content = content

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)

    def write(self, text: str) -> int:
        """Write the cleaned text. Return the length of the original, because the caller's text is all written."""
        if self._content:
            made = self.secrets.hide(text)
            made = printable(made) if self.stream.isatty() else harmless(made)
        else:
            made = printable(self.secrets.mask(text))
        try:
            self.stream.write(made)
        except UnicodeEncodeError:
            encoding = self.stream.encoding or "ascii"
            self.stream.write(made.encode(encoding, "replace").decode(encoding))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for one in lines:
            self.write(one)


def guard(environ: Mapping[str, str] | None = None) -> Secrets:
    """Wrap the process's two streams, once; return the secrets of this run, which may grow."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, CleanStream):
            return stream.secrets
    secrets = Secrets.of(os.environ if environ is None else environ)
    for name in ("stdout", "stderr"):
        if (stream := getattr(sys, name)) is not None:  # a program may be started with a closed stream
            setattr(sys, name, CleanStream(stream, secrets))
    return secrets


def content() -> TextIO:
    """Return stdout for the content of a conversation."""
    out = sys.stdout
    return cast(TextIO, CleanStream(out.stream, out.secrets, content=True)) if isinstance(out, CleanStream) else out
