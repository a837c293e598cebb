"""Standard input, output and error as the process got them: closed, full, or of another encoding than UTF-8."""

from __future__ import annotations

import codecs
import contextlib
import io
import os
import sys
from typing import TextIO

STREAMS = ("stdin", "stdout", "stderr")
_SURROGATES = range(0xD800, 0xE000)


def hold_descriptors() -> frozenset[str]:
    """Occupy 0 to 2 where they are closed, and tell which: into a database as descriptor 1 would be printed."""
    closed = set()
    for number, name in enumerate(STREAMS):
        try:
            os.fstat(number)
        except OSError:
            closed.add(name)
            with contextlib.suppress(OSError):
                os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free, which is this one
        if getattr(sys, name) is None:
            closed.add(name)
            made = open(os.devnull, "r" if number == 0 else "w", encoding="utf-8")  # noqa: SIM115
            setattr(sys, name, made)
            setattr(sys, f"__{name}__", made)
    return frozenset(closed)


def make_lenient() -> None:
    """What a stream's encoding cannot hold is escaped, never lost; what standard error does not take is let go."""
    codecs.register_error("ralph", _escape)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="ralph")
    if isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr = Quiet(sys.stderr.buffer, encoding=sys.stderr.encoding, errors="ralph", line_buffering=True)


class Quiet(io.TextIOWrapper):
    """Nobody can be told that nobody can be told."""

    def write(self, text: str, /) -> int:
        try:
            return super().write(text)
        except (OSError, ValueError, RuntimeError):  # the last: a signal's own words in the middle of a write
            return len(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError, ValueError, RuntimeError):
            super().flush()


def flush(stream: TextIO) -> str:
    """Write out what is still in it; why that failed, or nothing. A reader that has left is no failure here."""
    try:
        stream.flush()
    except BrokenPipeError:
        return ""
    except OSError as error:
        return error.strerror or str(error)
    except ValueError:
        return "it is closed"
    return ""


def silence(stream: TextIO) -> None:
    """After a broken pipe or on a full disk: what Python still flushes at its end goes nowhere."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _escape(error: UnicodeError) -> tuple[str, int]:
    """`\\u00e9` as JSON writes it, so that JSON stays whole in any encoding; a lone surrogate becomes `?`."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    made = []
    for letter in error.object[error.start : error.end]:
        if ord(letter) in _SURROGATES:
            made.append("?")
        else:
            units = letter.encode("utf-16-be")
            made.extend(f"\\u{units[n]:02x}{units[n + 1]:02x}" for n in range(0, len(units), 2))
    return "".join(made), error.end
