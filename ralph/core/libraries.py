"""Imports large libraries completely, one thread at a time.

Some libraries read `sys.modules` while they work: openai asks whether `httpx` is there, and uses a half-imported one.
Two threads that import parts of one package may each get a half-imported package. Neither happens if every thread
imports such a library here.
"""

from __future__ import annotations

import importlib
import sys
import threading
from types import ModuleType

_IMPORTING = threading.RLock()
# What a library imports if it can, and nobody here calls. httpx's command line brings click, pygments and rich: 45 of
# 113 ms, wherever another package has installed click. httpx goes on without it.
_LEFT_OUT = {"httpx": "httpx._main"}


def is_loaded(name: str) -> bool:
    """The module was imported, by whomever, and is whole."""
    spec = getattr(sys.modules.get(name), "__spec__", None)
    return spec is not None and not getattr(spec, "_initializing", False)


def load_libraries(*names: str) -> ModuleType:
    """Import these modules in this order and return the last one. Takes up to 2 s: call it off the event loop.

    Another thread that loads a library waits until all of these are complete.
    """
    with _IMPORTING:
        return [_import(name) for name in names][-1]


def _import(name: str) -> ModuleType:
    part = _LEFT_OUT.get(name)
    if part is None or name in sys.modules:
        return importlib.import_module(name)
    sys.modules[part] = None  # type: ignore[assignment]  # an import of it raises `ImportError`
    try:
        return importlib.import_module(name)
    finally:
        del sys.modules[part]
