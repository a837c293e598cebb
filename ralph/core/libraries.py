"""Imports large libraries completely, one thread at a time.

Some libraries read `sys.modules` while they work: openai asks whether `httpx` is there, and uses a half-imported one.
Two threads that import parts of one package may each get a half-imported package. Neither happens if every thread
imports such a library here.
"""

from __future__ import annotations

import importlib
import threading
from types import ModuleType

_IMPORTING = threading.RLock()


def load_libraries(*names: str) -> ModuleType:
    """Import these modules in this order and return the last one. Takes up to 2 s: call it off the event loop.

    Another thread that loads a library waits until all of these are complete.
    """
    with _IMPORTING:
        return [importlib.import_module(name) for name in names][-1]
