"""The log file: in the state directory, rotated, without keys; never on a screen."""

from __future__ import annotations

import contextlib
import logging
import logging.handlers
import re
from collections.abc import Iterable
from pathlib import Path

MAX_BYTES = 1_000_000
KEPT_FILES = 2

# What keys look like where they are not known: bearer tokens, sk-…, gsk_…, hf_…, key=….
_KEYS = re.compile(
    r"(?i)((?:authorization['\"]?\s*[:=]\s*['\"]?)?bearer\s+|x?-?api[-_]key['\"]?\s*[:=]\s*['\"]?)[^\s'\",}]+|"
    r"\b(?:sk|gsk|hf|pk|xai)[-_][A-Za-z0-9_-]{6,}"
)


class Redacting(logging.Formatter):
    """Formats a record, traceback and all, and takes out every key that it knows or that looks like one."""

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")
        self._secrets = sorted({s for s in secrets if len(s) >= 6}, key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return _KEYS.sub(lambda m: (m[1] or "") + "***", text)


class LogFile(logging.handlers.RotatingFileHandler):
    """A log that cannot be written any more (a full disk, a folder that is gone) is no reason to stop."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        """Python would print a traceback on stderr."""

    def close(self) -> None:
        with contextlib.suppress(OSError):  # what was not written yet finds no room
            super().close()


def start(path: Path, secrets: Iterable[str], *, debug: bool) -> logging.Handler:
    """Send ralph's own log to the file; with `debug` the vendors' clients too. Makes no file before the first line."""
    root = logging.getLogger()
    handler: logging.Handler
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handler = LogFile(path, maxBytes=MAX_BYTES, backupCount=KEPT_FILES, encoding="utf-8", delay=True)
    except OSError:
        handler = logging.NullHandler()  # a log that cannot be written is no reason to stop
    handler.setFormatter(Redacting(secrets))
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger("ralph").setLevel(logging.DEBUG if debug else logging.INFO)
    if debug:
        for vendor in ("anthropic", "openai", "httpx", "httpx2"):
            logging.getLogger(vendor).setLevel(logging.DEBUG)
    logging.captureWarnings(True)
    return handler


def stop(handler: logging.Handler) -> None:
    """Close the file."""
    logging.captureWarnings(False)
    logging.getLogger().removeHandler(handler)
    handler.close()
