"""The framing of the terminal's input: a paste stays a paste whatever is in it, and no byte ends the program."""

from __future__ import annotations

import codecs
import re
import sys
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from textual import events
from textual._xterm_parser import BRACKETED_PASTE_END as END
from textual._xterm_parser import BRACKETED_PASTE_START as START
from textual._xterm_parser import XTermParser
from textual.driver import Driver
from textual.message import Message

from ralph.tui.text import clean_but_tabs

_ESCAPE = re.compile(r"\x1b([@-_]?)")


class Mender:
    """The input of a terminal, piece by piece, with the escapes inside a paste in their 8-bit form (ECMA-48, 5.3).

    Textual 8.2.8 reads the text after an escape inside a paste as keys: Enter would send, and `/quit` would quit.
    """

    def __init__(self) -> None:
        self._inside = False
        self._held = ""
        self._last = ""

    def mend(self, data: str) -> str:
        """Return the mended input so far. An incomplete end of a paste waits for the next call."""
        made = ""
        while data:
            if self._inside:
                part, data = self._of_paste(self._held + data)
            else:
                part, data = self._of_keys(data)
            made += part
        return made

    def _of_keys(self, data: str) -> tuple[str, str]:
        """Pass keys on at once, or Esc would be late. The start of a paste may come in two pieces."""
        before = len(self._last)
        at = (self._last + data).find(START)
        if at < 0:
            self._last = (self._last + data)[1 - len(START) :]
            return data, ""
        self._inside, self._last = True, ""
        end = at + len(START) - before
        return data[:end], data[end:]

    def _of_paste(self, data: str) -> tuple[str, str]:
        text, end, rest = data.partition(END)
        self._inside, self._held = not end, ""
        if not end:
            begun = next((n for n in range(len(END) - 1, 0, -1) if text.endswith(END[:n])), 0)
            text, self._held = text[: len(text) - begun], text[len(text) - begun :]
        return _ESCAPE.sub(lambda found: chr(ord(found[1]) + 0x40) if found[1] else "", text) + end, rest


class WholePastes(XTermParser):
    """Textual's parser after a mender. Widgets get no control characters from a paste."""

    def __init__(self, debug: bool = False) -> None:
        super().__init__(debug)
        self._mender = Mender()

    def feed(self, data: str) -> Iterable[Message]:
        mended = self._mender.mend(data)
        if data and not mended:  # empty input would mean the end
            return
        for event in super().feed(mended):
            yield events.Paste(clean_but_tabs(event.text)) if isinstance(event, events.Paste) else event


def whole_input(driver: type[Driver]) -> type[Driver]:
    """Make a driver read in this way, and return it.

    The module of the driver provides the parser and the decoder, so both are replaced there. The original decoder
    raises at a byte that is not UTF-8, and the program would end.
    """
    module: Any = sys.modules[driver.__module__]
    if hasattr(module, "XTermParser"):
        module.XTermParser = WholePastes
    if hasattr(module, "getincrementaldecoder"):
        module.getincrementaldecoder = _lenient
    return driver


def _lenient(encoding: str) -> Callable[[], codecs.IncrementalDecoder]:
    return partial(codecs.getincrementaldecoder(encoding), errors="replace")
