"""The live output of a tool: shown and stored as it arrives, without the keys of this run."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable

from ralph.core.errors import StoreFailure
from ralph.core.masking import Hiding, Secrets

# The most characters of live output that are stored per call; the call itself continues.
STREAMED_CHARACTERS = 256 * 1024
CUT = "\n[more came, and is not shown]\n"

log = logging.getLogger("ralph.pipeline")


class LiveOutput:
    """The live output of one call. `emit` may be called from any thread; after the call it does nothing."""

    def __init__(self, put: Callable[[str], None], secrets: Secrets) -> None:
        self._put = put
        self._hiding = Hiding(secrets)
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self._room = STREAMED_CHARACTERS
        self._over = False

    def emit(self, text: str) -> None:
        if not isinstance(text, str):
            raise TypeError(f"a piece of output is a text, not {type(text).__name__}")
        if self._over:
            return
        if threading.get_ident() == self._thread:
            self._take(text)
        else:
            self._loop.call_soon_threadsafe(self._take, text)

    def end(self) -> None:
        """Emit the text that was held because it might have been the start of a key."""
        if not self._over:
            self._show(self._hiding.end())
        self._over = True

    def _take(self, text: str) -> None:
        if not self._over:
            self._show(self._hiding.feed(text))

    def _show(self, text: str) -> None:
        shown, self._room = text[: self._room], self._room - len(text)
        try:
            self._put(shown if self._room >= 0 else shown + CUT)
        except StoreFailure as failure:  # the turn meets the failure at its next commit
            log.warning("no more output of this call is streamed: %s", failure)
            self._room = -1
        self._over = self._room < 0
