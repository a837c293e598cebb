"""The log file: in the state directory, rotated, with mode 0600, without keys; never on a screen."""

from __future__ import annotations

import contextlib
import logging
import logging.handlers
import os
from io import TextIOWrapper
from pathlib import Path

from ralph.config.private import make_folder, open_file, tighten
from ralph.core.masking import Secrets
from ralph.core.sanitise import escape_unseen

MAX_BYTES = 1_000_000
KEPT_FILES = 2


class Redacting(logging.Formatter):
    """Formats a record and its traceback without any key; terminal control characters are escaped."""

    def __init__(self, secrets: Secrets) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        return escape_unseen(self._secrets.mask(super().format(record)))


class PrivateFile(logging.handlers.RotatingFileHandler):
    """A log file that only its owner can read, never through a link. Write errors are ignored."""

    def _open(self) -> TextIOWrapper:
        descriptor = open_file(self.baseFilename, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        return TextIOWrapper(open(descriptor, "ab"), encoding=self.encoding, errors="backslashreplace")

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - its name in logging
        """Ignore a full disk or a link in the file's place: the log is not worth a message on the screen."""

    def close(self) -> None:
        with contextlib.suppress(OSError):  # the unwritten rest finds no room
            super().close()


def start(path: Path, secrets: Secrets, *, debug: bool) -> logging.Handler:
    """Send ralph's own log to the file; with `debug` the vendors' clients too. The first line creates the file."""
    root = logging.getLogger()
    handler: logging.Handler
    try:
        make_folder(path.parent)
        for name in (path.name, *(f"{path.name}.{number}" for number in range(1, KEPT_FILES + 1))):
            tighten(path.with_name(name))  # an earlier version of ralph left it readable for others
        handler = PrivateFile(path, maxBytes=MAX_BYTES, backupCount=KEPT_FILES, encoding="utf-8", delay=True)
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
    """Close the file. Text that does not fit on a full disk is lost."""
    logging.captureWarnings(False)
    logging.getLogger().removeHandler(handler)
    with contextlib.suppress(OSError):
        handler.close()
