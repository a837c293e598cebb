"""Prepares standard input, output and error, which may be closed, full, or in another encoding than UTF-8."""

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
    """Occupy closed descriptors 0 to 2 and return which: otherwise a database as descriptor 1 would be printed into."""
    closed = set()
    for number, name in enumerate(STREAMS):
        try:
            os.fstat(number)
        except OSError:
            closed.add(name)
            with contextlib.suppress(OSError):
                os.open(os.devnull, os.O_RDWR)  # takes the lowest free number, which is this one
        if getattr(sys, name) is None:
            closed.add(name)
            made = open(os.devnull, "r" if number == 0 else "w", encoding="utf-8")  # noqa: SIM115
            setattr(sys, name, made)
            setattr(sys, f"__{name}__", made)
    return frozenset(closed)


def make_lenient() -> None:
    """Escape characters that a stream's encoding lacks; drop what standard error refuses."""
    codecs.register_error("ralph", _escape)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="ralph")
    if isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr = Quiet(sys.stderr.buffer, encoding=sys.stderr.encoding, errors="ralph", line_buffering=True)


class Quiet(io.TextIOWrapper):
    """A stream that ignores errors, because there is no other place to report them."""

    def write(self, text: str, /) -> int:
        try:
            return super().write(text)
        except (OSError, ValueError, RuntimeError):  # the last: a signal's message inside a write
            return len(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError, ValueError, RuntimeError):
            super().flush()


def flush(stream: TextIO) -> str:
    """Flush the stream; return why that failed, or an empty text. A reader that has left is no failure here."""
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
    """Discard what Python still flushes at exit, after a broken pipe or on a full disk."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _escape(error: UnicodeError) -> tuple[str, int]:
    """Return `\\u00e9` as JSON writes it, so JSON stays valid in any encoding; a lone surrogate becomes `?`."""
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
