"""The person's own editor: it gets a text and returns the edited text."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shlex
import shutil
import signal
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

from ralph.core.errors import Failure, Kind

# The editors to try if the environment names none; git falls back in the same way.
USUAL = ("vi", "nano")


def choose_editor(environ: Mapping[str, str]) -> list[str]:
    """Return the words of `$VISUAL`, else of `$EDITOR`, else the first usual editor on the path. Raise `Failure`."""
    line = environ.get("VISUAL") or environ.get("EDITOR") or ""
    try:
        words = shlex.split(line)
    except ValueError:
        raise Failure(Kind.CONFIG, f"$VISUAL or $EDITOR is not a command line: {line}") from None
    if not words:
        words = [name for name in USUAL if shutil.which(name, path=environ.get("PATH"))][:1]
    if not words:
        raise Failure(Kind.CONFIG, "no editor is set; say which in the shell, for example  export EDITOR=nano")
    return words


async def edit(text: str, words: list[str], aside: AbstractContextManager[object]) -> str:
    """Return the edited text without its last newline. Raise `Failure`.

    `aside` gives the screen away meanwhile. The event loop runs on, so a turn continues to stream.
    """
    path = _write(text)
    try:
        with aside, _deaf():
            await _run([*words, str(path)], words[0])
        return _read(path)
    finally:
        path.unlink(missing_ok=True)


def _write(text: str) -> Path:
    """Write the text to a new file that nobody else can read."""
    try:
        descriptor, name = tempfile.mkstemp(prefix="ralph-", suffix=".md")
        with open(descriptor, "w", encoding="utf-8", errors="replace") as file:
            file.write(text + "\n")
    except OSError as error:
        raise Failure(Kind.CONFIG, f"a file for the editor cannot be created: {error.strerror or error}") from None
    return Path(name)


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace").removesuffix("\n")
    except OSError as error:
        raise Failure(Kind.CONFIG, f"the text from the editor could not be read: {error.strerror or error}") from None


async def _run(command: list[str], name: str) -> None:
    try:
        with _terminal() as terminal:
            process = await asyncio.create_subprocess_exec(*command, stdout=terminal)
    except OSError as error:
        why = "it is not there" if isinstance(error, FileNotFoundError) else error.strerror or str(error)
        raise Failure(Kind.CONFIG, f"the editor '{name}' cannot be started: {why}; see $VISUAL and $EDITOR") from None
    code = await process.wait()
    if code:
        how = f"ended with code {code}" if code > 0 else "was stopped"
        raise Failure(Kind.CONFIG, f"the editor '{name}' {how}; the text stays as it was")


@contextlib.contextmanager
def _terminal() -> Iterator[int | None]:
    """Yield the file descriptor that the editor paints on: the terminal, even if standard output is a file."""
    if os.isatty(1):
        yield None
        return
    try:
        terminal = os.open("/dev/tty", os.O_RDWR)
    except OSError:  # no terminal at all
        yield None
        return
    try:
        yield terminal
    finally:
        os.close(terminal)


@contextlib.contextmanager
def _deaf() -> Iterator[None]:
    """Ignore Ctrl+C, which belongs to the editor. An editor would inherit SIG_IGN, so a function ignores it."""
    before = signal.signal(signal.SIGINT, lambda number, frame: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
