"""Reads a key from a program: a vault, a keyring, a password manager."""

from __future__ import annotations

import subprocess

from ralph.core.errors import ConfigFailure
from ralph.core.keys import bare_key

KEY_COMMAND_S = 30.0


def run_key_command(name: str, command: tuple[str, ...]) -> str:
    """Return the provider's key. No message contains the program's output. Raises `ConfigFailure`."""
    try:
        done = subprocess.run(command, capture_output=True, timeout=KEY_COMMAND_S, check=True)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        reason = type(error).__name__
        raise ConfigFailure(f"providers.{name}.api_key_command: '{command[0]}' gave no key ({reason})") from None
    wide = done.stdout[:2] in (b"\xff\xfe", b"\xfe\xff")  # some shells of Windows print UTF-16
    key = bare_key(done.stdout.decode("utf-16" if wide else "utf-8", "replace"))
    if not key:
        raise ConfigFailure(f"providers.{name}.api_key_command: '{command[0]}' printed no key")
    return key
