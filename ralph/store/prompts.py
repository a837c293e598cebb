"""The sent prompts of all sessions, in a file beside the database: one line of JSON per prompt."""

from __future__ import annotations

import json
import os
from collections.abc import Collection
from pathlib import Path

from ralph.config.private import open_file
from ralph.store.locks import Lock, Locks

MAX_BYTES = 4 * 1024 * 1024
MAX_PROMPTS = 2_000
# Longer prompts are stored only in their timeline.
MAX_PROMPT = 1024 * 1024


class Prompts:
    """A file to which any number of processes append. A file that grows too long is cut to its later half.

    Only the owner can read the file. The deletion of a timeline removes its prompts. Broken lines are skipped. All
    methods may be called in a thread.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> list[str]:
        """Return the prompts, oldest first, each once; an empty list if the file is missing or unreadable."""
        try:
            data = self.path.read_bytes()
        except OSError:
            return []
        latest_first: dict[str, None] = {}
        for line in reversed(data.split(b"\n")):
            prompt, _ = _parts(line)
            if prompt:
                latest_first.setdefault(prompt)
            if len(latest_first) == MAX_PROMPTS:
                break
        return list(reversed(latest_first))

    def append(self, prompt: str, at: str, timeline: str) -> None:
        """Append a prompt. Raises `OSError`."""
        line = json.dumps({"at": at, "timeline": timeline, "prompt": prompt}).encode() + b"\n"
        if len(line) > MAX_PROMPT:
            return
        lock = self._lock()
        try:
            self._write(line)
        finally:
            if lock:
                lock.release()

    def forget(self, timelines: Collection[str]) -> None:
        """Remove the prompts of these deleted timelines. Raises `OSError`.

        Broken lines are removed too, because their timeline is unknown.
        """
        lock = self._lock()
        try:
            if self.path.exists():
                lines = self.path.read_bytes().splitlines(keepends=True)
                kept = [line for line in lines if any(parts := _parts(line)) and parts[1] not in timelines]
                self._replace(b"".join(kept))
        finally:
            if lock:
                lock.release()

    def _lock(self) -> Lock | None:
        return Locks(self.path.parent / "locks").take("prompts", wait=True)

    def _write(self, line: bytes) -> None:
        with open(open_file(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT), "r+b", buffering=0) as file:
            size = file.seek(0, os.SEEK_END)
            if size:
                file.seek(size - 1)
                if file.read(1) != b"\n":  # another process died while it wrote a line
                    line = b"\n" + line
            file.write(line)
        if size + len(line) > MAX_BYTES:
            self._replace(self.path.read_bytes()[-MAX_BYTES // 2 :].partition(b"\n")[2])

    def _replace(self, kept: bytes) -> None:
        """Replace the file by a new one in one step, so that the file always exists."""
        beside = self.path.with_suffix(".new")
        with open(open_file(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), "wb") as file:
            file.write(kept)
        beside.replace(self.path)


def _parts(line: bytes) -> tuple[str, str]:
    """Return the prompt of a line and its timeline; empty texts for a broken line."""
    try:
        made = json.loads(line)
    except (ValueError, RecursionError):
        return "", ""
    if not isinstance(made, dict):
        return "", ""
    prompt = made.get("prompt")
    return prompt if isinstance(prompt, str) and prompt.strip() else "", str(made.get("timeline", ""))
